/** What is changed in a lab before it is audited. */
import { native } from '../../node/keys/native.ts'
import { printHex } from '../../protocol/bytes.ts'
import type { Head } from '../../protocol/codec/statement.ts'
import { printCosignerName } from '../../protocol/log/cosignature.ts'
import { printEquivocation } from '../../protocol/log/equivocation-file.ts'
import { proveCosigner, proveSameSize } from '../../protocol/log/equivocation-maker.ts'
import { printNote, SIGNATURE_TYPE } from '../../protocol/log/note.ts'
import { type Cosigners, type LogInBytes } from './bundles.ts'
import { LATELY, shownOf, type AuditedLab, type ShownLeaf, type ShownLog } from './audited-lab.ts'

export function at(
  { lab, shown }: AuditedLab,
  number: number,
): { readonly log: LogInBytes; readonly shown: ShownLog } {
  const one = shown[number]
  if (one === undefined) throw new Error('bug: a log that is shown')
  return { log: lab.log(number), shown: one }
}

/** All that a log holds by now, under a head that these confirmed. */
export function reheaded(made: AuditedLab, number: number, by: Parameters<LogInBytes['head']>[1]): void {
  const { log } = at(made, number)
  made.shown[number] = shownOf(log, log.head(log.leaves.length, by))
}

export function cosigners(one: number, other: number, time: number) {
  return [...new Set([one, other])].map((number) => [number, time] as const)
}

export function altered(
  made: AuditedLab,
  number: number,
  index: number,
  change: (leaf: ShownLeaf) => ShownLeaf,
): void {
  const { shown } = at(made, number)
  shown.leaves = shown.leaves.map((leaf, place) => (place === index ? change(leaf) : leaf))
}

export function flipped(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, place) => (place === bytes.length - 40 ? byte ^ 1 : byte))
}

/** The third member's mirror cosigned two trees of one size of the first one's log. */
export function convictMirror(made: AuditedLab): void {
  const { log } = at(made, 0)
  const key = made.lab.log(2).keystore.signer('mirror').publicKey
  const subject = {
    name: printCosignerName(made.lab.log(2).domain, 'mirror'),
    type: SIGNATURE_TYPE.cosignature,
    key,
  }
  addProof(made, log.origin, 'cosigner', proveCosigner(native, { subject, ...twoTrees(log, [[2, LATELY]]) }))
}

/** Two heads of one size over two trees, of which the log has the first. */
export function twoTrees(log: LogInBytes, by: Cosigners): { readonly a: Uint8Array; readonly b: Uint8Array } {
  const a = printNote(log.head(5, by).note)
  const kept = [...log.leaves]
  log.leaves.push(...log.leaves.splice(3, 1))
  const b = printNote(log.head(5, by).note)
  log.leaves.splice(0, kept.length, ...kept)
  return { a, b }
}

export function addProof(
  made: AuditedLab,
  origin: string,
  kind: 'size' | 'cosigner',
  proven: ReturnType<typeof proveSameSize>,
): void {
  if (!proven.ok) throw new Error(`bug: two trees (${proven.fault})`)
  const file = printEquivocation(native, proven.value)
  made.proofs.push({ view: { id: printHex(native.sha256(file)), origin, kind }, file })
}

/** The first member goes on in a second epoch, which says where the first one ends. */
export function closeAt(made: AuditedLab, previous: Head): void {
  const { file, part } = at(made, 0).log.second(previous)
  const { checkpoint, note } = file.signed
  const bytes = printNote(note)
  made.shown.push({
    origin: checkpoint.origin,
    note: bytes,
    history: [bytes],
    leaves: [{ bytes: file.entry, part }],
    state: 'ok',
    why: 'it is new',
  })
}

export function readOnly(code: string): AuditedLab['status'] {
  const why = 'our own log is ahead elsewhere: another member holds 21 entries of it'
  return { state: 'read-only', readOnly: { since: '2026-11-23T09:00:00.000Z', code, why } }
}

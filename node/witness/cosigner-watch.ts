/**
 * Watches what other cosigners state: two verified lines of one key for one log that exclude each other are a proof
 * against that key, whether the log signed either head or not. It strikes the cosigner, never the log. DESIGN §4.6.
 *
 * Of each key and log the last few statements are known, the largest sizes and of one size the first and last time:
 * a cosigner that never goes back makes no two that contradict each other, however many are left out.
 */
import { equal, printHex } from '../../protocol/bytes.ts'
import type { CosignedHead, CosignerKey } from '../../protocol/log/cosigned-head.ts'
import { nameOf } from '../../protocol/log/cosigned-head.ts'
import type { Checkpoint } from '../../protocol/log/checkpoint.ts'
import type { Contradiction, PrefixProof } from '../../protocol/log/equivocation-maker.ts'
import { compareHeads } from '../../protocol/log/equivocation.ts'
import { printNote, SIGNATURE_TYPE, type NoteSignature } from '../../protocol/log/note.ts'
import type { Logs } from '../store/logs.ts'

export type WatchParts = {
  readonly logs: Pick<Logs, 'get' | 'rootAt' | 'consistencyProof'>
  /** Takes a contradiction in as evidence, if it is one. */
  readonly accuse: (two: Contradiction & { readonly prefix?: PrefixProof }) => Promise<unknown>
}

type Stated = {
  readonly domain: string
  readonly checkpoint: Checkpoint
  readonly text: string
  readonly time: number
  readonly line: NoteSignature
}

/** Statements known of one key for one log. A coalition of 256 has 512 keys for each of its logs. */
const STATED_MAX = 4

export class CosignerWatch {
  private readonly parts: WatchParts
  // By origin and key. Written by `learn` only.
  private readonly stated = new Map<string, readonly Stated[]>()

  constructor(parts: WatchParts) {
    this.parts = parts
  }

  /** Takes in lines that were verified and stored before. */
  learn(head: CosignedHead): void {
    for (const { one, place } of statementsOf(head)) this.keep(place, one)
  }

  /** Compares verified lines with what is known of their keys, and takes them in. */
  async look(head: CosignedHead): Promise<void> {
    for (const { key, one, place } of statementsOf(head)) {
      const known = this.stated.get(place) ?? []
      if (known.some((other) => isSame(other, one))) continue
      for (const other of known) await this.compare(key, other, one)
      this.keep(place, one)
    }
  }

  /** The last statement that is known of each key of a member for each log, as notes with its line alone. */
  statedBy(domain: string): readonly Uint8Array[] {
    return [...this.stated.values()].flatMap((known) => {
      const last = known.at(-1)
      return last?.domain === domain ? [noteOf(last)] : []
    })
  }

  private async compare({ key, ...of }: CosignerKey, a: Stated, b: Stated): Promise<void> {
    const order = compareHeads(a.checkpoint, b.checkpoint)
    // The same head again, at whatever time, is what every witness may state.
    if (order === 0) return
    const [small, large] = order < 0 ? [a, b] : [b, a]
    const subject = { name: nameOf(of), type: SIGNATURE_TYPE.cosignature, key }
    const two = { subject, a: noteOf(small), b: noteOf(large) }
    if (small.checkpoint.size === large.checkpoint.size || small.time > large.time)
      return void (await this.parts.accuse(two))
    const prefix = await this.prefixOf(small.checkpoint, large.checkpoint)
    if (prefix !== undefined) await this.parts.accuse({ ...two, prefix })
  }

  /** That the larger head is of the tree held here, of which the smaller is none: undefined where that is not so. */
  private async prefixOf(small: Checkpoint, large: Checkpoint): Promise<PrefixProof | undefined> {
    const { logs } = this.parts
    const log = logs.get(small.origin)
    if (log === undefined || large.size > log.edge.size) return undefined
    const prefixRoot = await logs.rootAt(log, small.size)
    if (prefixRoot === undefined || equal(prefixRoot, small.root)) return undefined
    const root = await logs.rootAt(log, large.size)
    if (root === undefined || !equal(root, large.root)) return undefined
    const proof = small.size === 0 ? [] : await logs.consistencyProof(log, small.size, large.size)
    return { prefixRoot, proof }
  }

  private keep(place: string, one: Stated): void {
    const known = this.stated.get(place) ?? []
    if (known.some((other) => isSame(other, one))) return
    const all = [...known, one].toSorted(
      (a, b) => compareHeads(a.checkpoint, b.checkpoint) || a.time - b.time,
    )
    this.stated.set(place, all.length > STATED_MAX ? all.toSpliced(leastOf(all), 1) : all)
  }
}

/** The statement that tells least: one between two of its head, or else that of the smallest head. */
function leastOf(all: readonly Stated[]): number {
  const between = all.findIndex((one, at) => {
    const [before, after] = [all[at - 1], all[at + 1]]
    return before?.text === one.text && after?.text === one.text
  })
  return Math.max(0, between)
}

function statementsOf({ checkpoint, text, cosignatures }: CosignedHead) {
  return cosignatures.map(({ domain, role, key, time, line }) => ({
    key: { domain, role, key },
    one: { domain, checkpoint, text, time, line },
    place: `${checkpoint.origin} ${line.name} ${printHex(key)}`,
  }))
}

function isSame(a: Stated, b: Stated): boolean {
  return a.time === b.time && a.text === b.text
}

/** The head with the cosigner's line alone: nothing else counts. */
function noteOf({ text, line }: Stated): Uint8Array {
  return printNote({ text, signatures: [line] })
}

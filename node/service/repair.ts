/**
 * Making damaged logs whole again from what other members hold. DESIGN §4.1 and §4.2: nothing replaces what is stored
 * before it is proven under a head that the log's own key signed, and our own log is never taken for shorter than
 * the newest head of it that anybody can show: signing on top of less would prove us a forger.
 */
import { verifySignature } from '../../protocol/identity/signature.ts'
import { keysInForce } from '../../protocol/identity/keystate.ts'
import type { PublicKey } from '../../protocol/identity/key.ts'
import { parseSignedCheckpoint, verifyCheckpoint, type Checkpoint } from '../../protocol/log/checkpoint.ts'
import { checkFirstEntry } from '../../protocol/log/entry.ts'
import { native, verifyMany } from '../keys/native.ts'
import { NodeError } from '../errors.ts'
import { rootKeyOf } from '../../protocol/governance/charter.ts'
import type { CandorNode } from '../node.ts'
import { isOurs } from '../log/own-log.ts'
import { bundlesOf } from '../store/check.ts'
import { readEntries, readPart } from '../store/entries.ts'
import { openLog, readState } from '../store/log.ts'
import { keyOf } from '../store/prefixes.ts'
import { forgetSalvage } from '../store/salvage.ts'
import { rebuild, type Rebuilt } from '../store/rebuild.ts'

export type Repaired =
  | { readonly kind: 'whole'; readonly size: number; readonly fetched: number; readonly written: number }
  | { readonly kind: 'not'; readonly why: string; readonly fix?: string }

type Target = { readonly head: Checkpoint; readonly note: Uint8Array | undefined }

export async function repairLog(node: CandorNode, origin: string): Promise<Repaired> {
  const { logs, database, charter, origin: own } = node.opened
  const rootKey = rootKeyOf(charter, origin)
  if (rootKey === undefined) return { kind: 'not', why: 'the charter names nobody who may write it' }
  const number = logs.numberOf(origin) ?? (await logs.ensure(origin)).number
  const before = logs.get(origin)
  const signed = await signedHeads(node, origin, number, rootKey)
  const found = targetOf(node, origin, number, signed)
  if (found.kind === 'not') return found
  const rebuilt = await rebuild({
    primitives: native,
    store: database,
    number,
    origin,
    rootKey,
    ...found.target,
    verify: async (checked) => {
      const jobs = checked.map(({ entry, signer }) => {
        return { key: signer, message: entry.toBeSigned, signature: entry.signature }
      })
      return (await verifyMany(jobs)).every(Boolean)
    },
    candidates: (from) => node.network.refetcher.runs(origin, from, found.target.head.size),
  })
  if (rebuilt.kind !== 'whole') return { kind: 'not', ...whyNot(rebuilt, origin === own) }
  const log = await openLog(native, database, number, origin, rootKey)
  logs.replace(before, log)
  for (let bundle = 0; bundle < bundlesOf(log); bundle++) await logs.check(log, bundle)
  const left = logs.damages.errorOf(origin)
  if (left !== undefined) return { kind: 'not', why: left.message }
  if (origin === own) {
    await forgetSalvage(database)
    node.recovery.repaired(newestOf(signed.local)?.head.size ?? 0)
  }
  return { kind: 'whole', size: log.edge.size, fetched: rebuilt.fetched, written: rebuilt.written }
}

function whyNot(rebuilt: Exclude<Rebuilt, { kind: 'whole' }>, isOwn: boolean): { why: string; fix: string } {
  const fix = isOwn
    ? 'candor peers, and the same again when more members are connected; if nobody has it: candor log recover'
    : 'candor peers, and the same again when more members are connected'
  if (rebuilt.kind === 'contradicts') return { why: 'what was found does not lead to its signed head', fix }
  const { from, count } = rebuilt
  return { why: `nobody who is connected has entries ${from} to ${from + count - 1}`, fix }
}

/** What the log is to become. Ours: all that was ever signed; another's: what we held, or the newest that is shown. */
function targetOf(
  node: CandorNode,
  origin: string,
  number: number,
  { local, elsewhere }: SignedHeads,
): { readonly kind: 'found'; readonly target: Target } | { readonly kind: 'not'; readonly why: string } {
  const isOwn = origin === node.opened.origin
  const held = newestOf(local)
  const newest = newestOf([...local, ...elsewhere])
  if (!isOwn) {
    const target = held ?? newest
    return target === undefined
      ? { kind: 'not', why: 'no member shows a signed head of it' }
      : { kind: 'found', target }
  }
  const state = storedState(node, origin, number)
  // Entries that were written and maybe signed: what they come to must not be forgotten.
  if (held === undefined && state !== undefined && state.head.size > (newest?.head.size ?? 0))
    return { kind: 'found', target: state }
  return newest === undefined
    ? { kind: 'not', why: 'neither this database nor any connected member has a signed head of it' }
    : { kind: 'found', target: newest }
}

function storedState(node: CandorNode, origin: string, number: number): Target | undefined {
  try {
    const state = readState(node.opened.database.getSync(keyOf('state', { log: number })))
    return state === undefined || state.size === 0
      ? undefined
      : { head: { origin, ...state }, note: undefined }
  } catch (error) {
    if (error instanceof NodeError && error.code === 'STORE_DAMAGED') return undefined
    throw error
  }
}

type SignedHeads = { readonly local: readonly Target[]; readonly elsewhere: readonly Target[] }

/** Heads of this log that its own key signed: those stored here, and those that other members show. */
async function signedHeads(
  node: CandorNode,
  origin: string,
  number: number,
  rootKey: PublicKey,
): Promise<SignedHeads> {
  const { database, logs, origin: own } = node.opened
  const told = await node.network.refetcher.heads(own)
  const mine = [
    logs.get(origin)?.complete,
    stored(() => database.getSync(keyOf('complete', { log: number }))),
  ]
  const size = Math.max(0, ...told.map((note) => headIn(note, origin)?.size ?? 0))
  const key = await logKeyOf(node, origin, number, rootKey, size)
  const signed = (notes: readonly (Uint8Array | undefined)[]) =>
    notes.flatMap((note): readonly Target[] => {
      const read = note === undefined ? undefined : parseSignedCheckpoint(note)
      if (read?.ok !== true || read.value.checkpoint.origin !== origin) return []
      const isGood =
        origin === own
          ? isOurs(node.opened, read.value)
          : key !== undefined && verifyCheckpoint(native, read.value, key).ok
      return isGood ? [{ head: read.value.checkpoint, note }] : []
    })
  return { local: signed(mine), elsewhere: signed(told) }
}

/** The log key that leaf 0 declares, from wherever a valid leaf 0 is. */
async function logKeyOf(
  node: CandorNode,
  origin: string,
  number: number,
  rootKey: PublicKey,
  size: number,
): Promise<PublicKey | undefined> {
  const { logs, database } = node.opened
  const held = logs.get(origin)?.keys
  if (held !== undefined) return keysInForce(held, 'log', 0)[0]?.key
  const view = { number, size: Number.MAX_SAFE_INTEGER, tail: [] }
  const bytes = stored(
    () =>
      readEntries(database, view, 0, 1)[0] ?? database.getSync(keyOf('tail', { log: number }, { index: 0 })),
  )
  const part = stored(() => readPart(database, number, 0))
  const here = bytes === undefined ? undefined : keyIn(origin, rootKey, bytes, part ?? null)
  if (here !== undefined || size === 0) return here
  for await (const run of node.network.refetcher.runs(origin, 0, size)) {
    for await (const chunk of run) {
      const [first] = chunk.entries
      const key = first === undefined ? undefined : keyIn(origin, rootKey, first, chunk.parts[0] ?? null)
      if (key !== undefined) return key
      break
    }
  }
  return undefined
}

function keyIn(
  origin: string,
  rootKey: PublicKey,
  bytes: Uint8Array,
  part: Parameters<typeof checkFirstEntry>[4],
): PublicKey | undefined {
  const first = checkFirstEntry(native, origin, rootKey, bytes, part)
  if (!first.ok) return undefined
  const { entry, signer, keys } = first.value
  if (!verifySignature(native, signer, entry.toBeSigned, entry.signature)) return undefined
  return keysInForce(keys, 'log', 0)[0]?.key
}

function headIn(note: Uint8Array, origin: string): Checkpoint | undefined {
  const read = parseSignedCheckpoint(note)
  return read.ok && read.value.checkpoint.origin === origin ? read.value.checkpoint : undefined
}

function newestOf(targets: readonly Target[]): Target | undefined {
  return targets.toSorted((a, b) => b.head.size - a.head.size)[0]
}

function stored<T>(read: () => T | undefined): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof NodeError && error.code === 'STORE_DAMAGED') return undefined
    throw error
  }
}

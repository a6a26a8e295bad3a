/** A member's log whose last entry erases something, whole and as it is held. */
import { leafHash } from '../../protocol/log/merkle.ts'
import { appendLeaf, EMPTY_EDGE } from '../../protocol/log/merkle.ts'
import type { Target } from '../../protocol/codec/statement.ts'
import { parseEntry } from '../../protocol/codec/statement.ts'
import type { Value } from '../../protocol/codec/cbor.ts'
import type { Database } from '../../node/store/database.ts'
import { native } from '../../node/keys/native.ts'
import type { Content } from '../../node/log/composer.ts'
import type { KeyValue } from '../../node/ports.ts'
import type { NewEntry } from '../../node/store/extension.ts'
import { Logs } from '../../node/store/logs.ts'
import { makeSignedLog, type SignedLeaf, type SignedLog } from './signed-log.ts'

export const ERASED_INDEX = 2

type Erase = { readonly index?: number; readonly tiers?: readonly Value[]; readonly on?: Partial<Target> }

/** An `erase` of an entry of this log; `on` says what its target is instead. */
export function eraseOf(origin: string, leaves: readonly SignedLeaf[], erase: Erase = {}): Content {
  const { index = ERASED_INDEX, tiers = ['public'], on = {} } = erase
  const leaf = leafHash(native, leaves[index]?.bytes ?? new Uint8Array(0))
  return {
    kind: 'erase',
    on: { origin, index, leaf, ...on },
    public: { tiers, basis: 'published_by_mistake' },
  }
}

/** `size` entries, the last of which erases one of those before it. */
export function makeErasedLog(size: number, erase: Erase = {}): Promise<SignedLog> {
  return makeSignedLog(size - 1, (origin, leaves) => eraseOf(origin, leaves, erase))
}

/** Entries as a log grows by them. */
export function entriesOf(leaves: readonly SignedLeaf[]): readonly NewEntry[] {
  return leaves.map(({ bytes, part }) => {
    const entry = parseEntry(bytes)
    if (!entry.ok) throw new Error('bug: an entry of the test')
    return { entry: entry.value, leaf: leafHash(native, bytes), part }
  })
}

/** Stores the leaves in runs of these lengths, the rest in one. */
export async function hold(
  log: SignedLog,
  store: KeyValue | Database,
  ...runs: readonly number[]
): Promise<Logs> {
  const logs = new Logs(native, store)
  let held = await logs.ensure(log.origin)
  let { edge } = { edge: EMPTY_EDGE }
  const ends = [...runs.map((_, at) => runs.slice(0, at + 1).reduce((a, b) => a + b, 0)), log.leaves.length]
  for (const end of ends) {
    const added = entriesOf(log.leaves.slice(held.edge.size, end))
    if (added.length === 0) continue
    edge = added.reduce((tree, { leaf }) => appendLeaf(native, tree, leaf), edge)
    const bytes = log.noteOf(log.leaves.slice(0, end))
    held = await logs.extend(held, added, { edge, keys: undefined, note: { kind: 'complete', bytes } })
  }
  return logs
}

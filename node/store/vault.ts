/**
 * What our own entries commit to and nobody else may read: per entry the openings, tier secrets and documents of
 * its partner and research part. Entries appended together share one sealed value, because sealing and writing
 * each alone would cost more than signing it.
 */
import { encode, parse, type Value } from '../../protocol/codec/cbor.ts'
import { isList } from '../../protocol/codec/value.ts'
import type { KeyValue, Operation, Sealer } from '../ports.ts'
import { keyOf, numberAt } from './prefixes.ts'

/** Opening, then tier secret and document where the part is not absent. */
export type KeptPart = readonly Value[]

export type Kept = { readonly partner: KeptPart; readonly research: KeptPart }

/** Entries that share a value, and bytes beyond which a new one begins. */
const RUN_ENTRIES_MAX = 64
const RUN_BYTES_MAX = 65_536

/** Seals what entries from `from` on keep, in runs of neighbours. */
export function vaultOperations(
  sealer: Sealer,
  log: number,
  from: number,
  kept: readonly Kept[],
): readonly Operation[] {
  const operations: Operation[] = []
  let run: Uint8Array[] = []
  let bytes = 0
  const flush = (end: number) => {
    if (run.length === 0) return
    const key = keyOf('vault', { log }, { index: end - run.length })
    operations.push({ type: 'put', key, value: sealer.seal(key, encode(run)) })
    run = []
    bytes = 0
  }
  for (const [offset, { partner, research }] of kept.entries()) {
    const one = encode([partner, research])
    if (run.length === RUN_ENTRIES_MAX || bytes + one.length > RUN_BYTES_MAX) flush(from + offset)
    run.push(one)
    bytes += one.length
  }
  flush(from + kept.length)
  return operations
}

/** What one of our entries keeps, or undefined where this node never knew it or has erased it. */
export async function readVault(
  store: KeyValue,
  sealer: Sealer,
  log: number,
  index: number,
): Promise<Kept | undefined> {
  const bounds = { gte: keyOf('vault', { log }), lt: keyOf('vault', { log }, { index: index + 1 }) }
  for await (const [key, sealed] of store.iterate({ ...bounds, reverse: true, limit: 1 })) {
    const run = parse(sealer.open(key, sealed))
    const one = run.ok && isList(run.value) ? run.value[index - numberAt(key, 5, 6)] : undefined
    const kept = one instanceof Uint8Array ? parse(one) : undefined
    if (kept?.ok !== true || !isList(kept.value)) return undefined
    const [partner, research] = kept.value
    return partner !== undefined && research !== undefined && isList(partner) && isList(research)
      ? { partner, research }
      : undefined
  }
  return undefined
}

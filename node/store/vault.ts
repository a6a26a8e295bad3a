/**
 * What our own entries commit to and nobody else may read: per entry the openings, tier secrets and documents of
 * its partner and research part. Entries appended together share one sealed value, because sealing and writing
 * each alone would cost more than signing it.
 */
import { encode, parse, type Value } from '../../protocol/codec/cbor.ts'
import { isList } from '../../protocol/codec/value.ts'
import { NodeError } from '../errors.ts'
import type { KeyValue, Operation, Sealer } from '../ports.ts'
import { after, keyOf, numberAt } from './prefixes.ts'

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

/** The part of a tier that was erased: unlike an absent one, not even its opening is left. */
const ERASED: KeptPart = []

/** Takes the parts of these tiers out of what an entry of ours keeps; none when nothing is kept. */
export async function eraseOperations(
  store: KeyValue,
  sealer: Sealer,
  place: { readonly log: number; readonly index: number },
  tiers: readonly string[],
): Promise<readonly Operation[]> {
  const found = await runOf(store, sealer, place.log, place.index)
  if (found === undefined) return []
  const { key, run, at } = found
  const kept = keptOf(run[at])
  if (kept === undefined) return []
  const left: Kept = {
    partner: tiers.includes('partner') ? ERASED : kept.partner,
    research: tiers.includes('research') ? ERASED : kept.research,
  }
  const changed = run.with(at, encode([left.partner, left.research]))
  return [{ type: 'put', key, value: sealer.seal(key, encode(changed)) }]
}

/** What one of our entries keeps, or undefined where this node never knew it or has erased it. */
export async function readVault(
  store: KeyValue,
  sealer: Sealer,
  log: number,
  index: number,
): Promise<Kept | undefined> {
  const found = await runOf(store, sealer, log, index)
  return found === undefined ? undefined : keptOf(found.run[found.at])
}

/** What all our entries keep. A value that does not open keeps nothing: nobody can ever be given anything of it. */
export async function* allKept(store: KeyValue, sealer: Sealer): AsyncGenerator<Kept> {
  const start = keyOf('vault')
  for await (const [key, sealed] of store.iterate({ gte: start, lt: after(start) })) {
    for (const one of runIn(sealer, key, sealed)) {
      const kept = keptOf(one)
      if (kept !== undefined) yield kept
    }
  }
}

function runIn(sealer: Sealer, key: Uint8Array, sealed: Uint8Array): readonly Value[] {
  try {
    const run = parse(sealer.open(key, sealed))
    return run.ok && isList(run.value) ? run.value : []
  } catch (error) {
    if (error instanceof NodeError && error.code === 'STORE_DAMAGED') return []
    throw error
  }
}

/** The run of neighbours that an entry is kept in, and its place there. */
async function runOf(
  store: KeyValue,
  sealer: Sealer,
  log: number,
  index: number,
): Promise<{ readonly key: Uint8Array; readonly run: readonly Value[]; readonly at: number } | undefined> {
  const bounds = { gte: keyOf('vault', { log }), lt: keyOf('vault', { log }, { index: index + 1 }) }
  for await (const [key, sealed] of store.iterate({ ...bounds, reverse: true, limit: 1 })) {
    const run = parse(sealer.open(key, sealed))
    const at = index - numberAt(key, 5, 6)
    return run.ok && isList(run.value) && at < run.value.length ? { key, run: run.value, at } : undefined
  }
  return undefined
}

function keptOf(one: Value | undefined): Kept | undefined {
  const kept = one instanceof Uint8Array ? parse(one) : undefined
  if (kept?.ok !== true || !isList(kept.value)) return undefined
  const [partner, research] = kept.value
  return partner !== undefined && research !== undefined && isList(partner) && isList(research)
    ? { partner, research }
    : undefined
}

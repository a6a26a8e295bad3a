/**
 * Retention of the audit trail: what the policy keeps for so many days is deleted afterwards, request by request. Content,
 * case and the openings of its leaves in our logs go; the leaf hash of each entry stays, so that the trail and the heads of it
 * that were logged still verify. Spec 06 §11.
 */
import { printHex } from '../../protocol/bytes.ts'
import { isSigned, parseAccess } from '../../protocol/access/signed.ts'
import { statementsIn } from '../../protocol/audit/trail-steps.ts'
import { parse } from '../../protocol/codec/cbor.ts'
import { parseEntry } from '../../protocol/codec/statement.ts'
import { isCount, isMap } from '../../protocol/codec/value.ts'
import { native } from '../keys/native.ts'
import type { KeyValue, Sealer } from '../ports.ts'
import { erasingRow } from '../store/forgetting.ts'
import type { Logs } from '../store/logs.ts'
import { after, keyOf, numberAt } from '../store/prefixes.ts'
import { eraseOperations, readVault } from '../store/vault.ts'
import type { AskedCases } from './asked.ts'
import type { Cases } from './cases.ts'
import { accessLeaves } from './leaves.ts'
import { SPACE } from './space.ts'
import type { Trail } from './trail.ts'

const DAY_SECONDS = 86_400

export type PruningParts = {
  readonly store: KeyValue
  readonly sealer: Sealer
  readonly logs: Logs
  readonly trail: Trail
  readonly cases: Cases
  readonly asked: AskedCases
  readonly domain: string
  /** Does something to a request while nothing else is done to it. */
  readonly alone: (id: Uint8Array, work: () => Promise<void>) => Promise<void>
  /** False for somebody without a log, whose trail no head in one binds. */
  readonly isKept: boolean
}

/** What one request left in the trail; statements by their names. */
type Kept = {
  readonly id: Uint8Array
  readonly indexes: number[]
  lastAt: number
  readonly statements: string[]
}
type Place = { readonly log: number; readonly index: number; readonly issuedAt: number }

/** Deletes what is older than so many days and over. How many entries that were. */
export async function pruneTrail(parts: PruningParts, now: number, days: number): Promise<number> {
  const cutoff = now - days * DAY_SECONDS
  const bound = parts.isKept ? await boundOf(parts, cutoff) : parts.trail.head().size
  const over: Kept[] = []
  for (const kept of await requestsIn(parts.trail))
    if (
      kept.lastAt <= cutoff &&
      kept.indexes.every((index) => index < bound) &&
      (await isOver(parts, kept, now))
    )
      over.push(kept)
  if (over.length === 0) return 0
  const places = await placesOf(parts, over)
  let count = 0
  for (const kept of over) {
    const leaves = kept.statements.flatMap((name) => places.get(name) ?? [])
    if (leaves.some(({ issuedAt }) => issuedAt > cutoff)) continue
    await parts.alone(kept.id, () => pruneRequest(parts, kept, leaves))
    count += kept.indexes.length
  }
  return count
}

/** How many entries lie below a head of the trail that was logged by then: they are provably as old. */
async function boundOf({ store, logs }: PruningParts, cutoff: number): Promise<number> {
  const start = keyOf('disclosure', { byte: SPACE.head })
  let bound = 0
  for await (const [key, value] of store.iterate({ gte: start, lt: after(start) })) {
    const origin = logs.originOf(numberAt(key, 2, 4))
    const log = origin === undefined ? undefined : logs.get(origin)
    const [bytes] = log === undefined ? [] : logs.entries(log, numberAt(key, 6, 6), 1)
    const [entry, size] = [bytes && parseEntry(bytes), parse(value)]
    if (entry?.ok !== true || !size.ok || !isCount(size.value)) continue
    if (entry.value.header.issuedAt <= cutoff) bound = Math.max(bound, size.value)
  }
  return bound
}

async function requestsIn(trail: Trail): Promise<Iterable<Kept>> {
  const found = new Map<string, Kept>()
  for await (const { index, entry } of trail.entries()) {
    const name = printHex(entry.request)
    const kept = found.get(name) ?? { id: entry.request, indexes: [], lastAt: 0, statements: [] }
    kept.indexes.push(index)
    kept.lastAt = Math.max(kept.lastAt, entry.at)
    kept.statements.push(...statementsIn(entry).map(nameOf))
    found.set(name, kept)
  }
  return found.values()
}

/** Nothing can be asked, fetched or held on it any more. */
async function isOver({ store, cases, asked }: PruningParts, { id }: Kept, now: number): Promise<boolean> {
  // A deposit can be released or erased long after it was made; what led to that is told as long as it is known.
  for (const byte of [SPACE.deposit, SPACE.kept])
    if ((await store.get(keyOf('disclosure', { byte }, id))) !== undefined) return false
  const [owned, own] = [await cases.get(id), await asked.get(id)]
  for (const one of [owned, own]) {
    const signed = one && parseAccess(one.request)
    if (signed?.ok === true && isSigned(signed.value, 'request') && signed.value.statement.expires > now)
      return false
  }
  if (owned?.offered && owned.state !== 'revoked' && owned.offered.until > now) return false
  // What was opened is deleted first, with the files that came with it, when the grant ends.
  return own === undefined || (own.state !== 'opened' && (own.revocation !== null || (own.until ?? 0) <= now))
}

/** Where these statements stand in our logs, by name. */
async function placesOf(
  parts: PruningParts,
  over: readonly Kept[],
): Promise<ReadonlyMap<string, readonly Place[]>> {
  const { store, sealer, logs, domain } = parts
  const wanted = new Set(over.flatMap(({ statements }) => statements))
  const places = new Map<string, Place[]>()
  for (const log of logs.all().filter(({ origin }) => origin.startsWith(`${domain}/`))) {
    for await (const { index, entry } of accessLeaves(logs, { origin: log.origin, size: log.edge.size })) {
      const document = (await readVault(store, sealer, log.number, index))?.research[2]
      const access = isMap(document) ? document['access'] : undefined
      const name = access instanceof Uint8Array ? nameOf(access) : undefined
      if (name === undefined || !wanted.has(name)) continue
      const place = { log: log.number, index, issuedAt: entry.header.issuedAt }
      places.set(name, [...(places.get(name) ?? []), place])
    }
  }
  return places
}

/**
 * First what opens its leaves, one at a time because neighbours rest in one value; then, at once, all the rest. A kill in
 * between is made good the next time, when the request is found in the trail again.
 */
async function pruneRequest(
  parts: PruningParts,
  { id, indexes }: Kept,
  leaves: readonly Place[],
): Promise<void> {
  const { store, sealer, trail, cases, asked } = parts
  for (const { log, index } of leaves) {
    const rows = await eraseOperations(store, sealer, { log, index }, ['research'])
    if (rows.length > 0) await store.batch([...rows, erasingRow('sealed', log, index)], 'durable')
  }
  const gone = [...(await trail.pruning(indexes)), ...(await cases.remove(id)), ...asked.remove(id)]
  await trail.append([], gone)
}

function nameOf(bytes: Uint8Array): string {
  return printHex(native.sha256(bytes))
}

/**
 * What is published goes into escrow by itself while the operator has it so: entries of ours from the moment it was turned
 * on. How far that is done stands in one batch with each deposit, so a crash neither leaves one out nor makes it twice.
 */
import { encode } from '../../protocol/codec/cbor.ts'
import { readMarking } from '../../protocol/access/marking.ts'
import { isCount, isMap } from '../../protocol/codec/value.ts'
import { documentOf } from '../../protocol/log/entry.ts'
import { parseEntry } from '../../protocol/codec/statement.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import { heldPart } from '../disclosure/release.ts'
import { SPACE } from '../disclosure/space.ts'
import type { Operation } from '../ports.ts'
import { keyOf } from '../store/prefixes.ts'
import { readVault } from '../store/vault.ts'
import { makeDeposit, type Deposited } from './depositing.ts'
import { escrowIn } from './deposits.ts'
import type { Desk, EscrowSettings } from './parts.ts'
import { rowIn } from './rows.ts'

const PLACE = keyOf('disclosure', { byte: SPACE.escrowed })

/** Entries looked at in one round; the rest comes with the next. */
const ROUND_ENTRIES = 64

type Place = { readonly log: number; readonly next: number }

/** Escrow begins where our log stands when it is turned on, and begins anew when it was off in between. */
export async function openEscrow(desk: Desk): Promise<void> {
  const { settings, store } = desk.parts
  if (settings === undefined) return store.batch([{ type: 'del', key: PLACE }], 'durable')
  if ((await placeOf(desk)) === undefined) await store.batch(startOf(desk), 'durable')
}

/** Deposits of what was published since. Throws what `makeDeposit` throws; then it goes on from there. */
export async function depositPublished(desk: Desk): Promise<void> {
  const { settings, logs, origin, store } = desk.parts
  const own = logs.get(origin)
  if (settings === undefined || own === undefined) return
  const place = await placeOf(desk)
  // There was no log of ours when this node started: everything in it is new.
  if (place === undefined) return store.batch([placeRow({ log: own.number, next: 0 })], 'durable')
  // What is left of an epoch that ended comes first.
  const before = place.log === own.number ? undefined : logs.originOf(place.log)
  const log = (before === undefined ? undefined : logs.get(before)) ?? own
  const end = Math.min(log.edge.size, place.next + ROUND_ENTRIES)
  for (let index = place.next; index < end; index++)
    await depositEntry(desk, settings, log.origin, index, log.number)
  if (log !== own && end === log.edge.size)
    await store.batch([placeRow({ log: own.number, next: 0 })], 'durable')
}

async function depositEntry(
  desk: Desk,
  settings: EscrowSettings,
  origin: string,
  index: number,
  log: number,
): Promise<void> {
  const done = placeRow({ log, next: index + 1 })
  const found: Deposited[] = []
  for (const what of await partsAt(desk, origin, index))
    if (settings.tiers.includes(what.tier) && !isForNamed(desk, what) && !(await isDeposited(desk, what)))
      found.push(what)
  for (const [at, what] of found.entries())
    await makeDeposit(desk, what, settings, at === found.length - 1 ? [done] : [])
  if (found.length === 0) await desk.parts.store.batch([done], 'buffered')
}

/** What is marked RED is for recipients that a person named; holders are named by a setting, so a person has to say it. */
function isForNamed({ parts }: Desk, { on, part }: Deposited): boolean {
  const log = parts.logs.get(on.origin)
  const open = log && parts.logs.part(log, on.index)
  return [open && documentOf(open), part.document].some(
    (document) => isMap(document) && readMarking(document['policy'])?.tlp === 'RED',
  )
}

/** A crash or a full disk may fall between two parts of one entry. */
async function isDeposited({ deposits }: Desk, { on, tier }: Deposited): Promise<boolean> {
  for (const id of deposits.about(on.leaf)) {
    const one = await deposits.get(id)
    if (one !== undefined && escrowIn(one.signed).statement.tier === tier) return true
  }
  return false
}

/** The restricted parts of an entry of ours as the vault holds them. Leaves that account for disclosures are none. */
export async function partsAt({ parts }: Desk, origin: string, index: number): Promise<readonly Deposited[]> {
  const { logs, primitives, store, sealer } = parts
  const log = logs.get(origin)
  const [bytes] = log === undefined ? [] : logs.entries(log, index, 1)
  const entry = bytes && parseEntry(bytes)
  if (log === undefined || bytes === undefined || entry?.ok !== true) return []
  if (entry.value.statement.kind === 'access') return []
  const kept = await readVault(store, sealer, log.number, index)
  const on = { origin, index, leaf: leafHash(primitives, bytes) }
  return (['partner', 'research'] as const).flatMap((tier) => {
    const part = heldPart(kept?.[tier])
    return part === undefined ? [] : [{ on, entry: entry.value, tier, part }]
  })
}

async function placeOf({ parts }: Desk): Promise<Place | undefined> {
  const bytes = await parts.store.get(PLACE)
  const { log, next } = (bytes && rowIn(bytes)) ?? {}
  return isCount(log) && isCount(next) ? { log, next } : undefined
}

function startOf({ parts }: Desk): readonly Operation[] {
  const log = parts.logs.get(parts.origin)
  return log === undefined ? [] : [placeRow({ log: log.number, next: log.edge.size })]
}

function placeRow({ log, next }: Place): Operation {
  return { type: 'put', key: PLACE, value: encode({ v: 1, log, next }) }
}

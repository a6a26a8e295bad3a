/**
 * What became of records whose parts we were given: their authors retract, correct, supersede or erase them in the
 * open, and each holder of a receipt marks or deletes its copy and says so, signed. So reach is a number. Spec 06 §4.
 *
 * Invariant: that something is erased is signed when nothing of it is left on the disk: first `letGo`, then the files and
 * old bytes go, then `heed`. Each step begins from what the disk holds, so that a kill anywhere costs a repetition.
 */
import { equal, printHex } from '../../protocol/bytes.ts'
import type { AckState, Change } from '../../protocol/access/receipt.ts'
import type { Request } from '../../protocol/access/request.ts'
import { accessId, parseAccess } from '../../protocol/access/signed.ts'
import { parseEntry, type Target } from '../../protocol/codec/statement.ts'
import type { Value } from '../../protocol/codec/cbor.ts'
import type { Tier } from '../../protocol/codec/part.ts'
import { isList, isMap } from '../../protocol/codec/value.ts'
import { documentOf } from '../../protocol/log/entry.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import type { KeyValue } from '../ports.ts'
import { after, keyOf, numberAt } from '../store/prefixes.ts'
import type { Logs } from '../store/logs.ts'
import type { AskedCase, AskedState } from './asked.ts'
import type { Reader } from './reader.ts'
import { stateAccess } from './statements.ts'

/** Kinds by which an author changes what it said before, and what a holder of a part does about it. */
export const CHANGES: Readonly<Record<string, AckState>> = {
  retract: 'marked',
  correction: 'marked',
  supersede: 'marked',
  erase: 'erased',
}

export type FoundChange = { readonly kind: string; readonly entry: Target }

/** An erasure is about the tiers it names; everything else about the record. */
function isAbout(kind: string, document: Value | undefined, tier: Tier): boolean {
  if (kind !== 'erase') return true
  const tiers = isMap(document) ? document['tiers'] : undefined
  return isList(tiers) && tiers.includes(tier)
}

/** What the author of an entry stated on it since, in the order of its log. */
export async function changesOf(
  reader: Pick<Reader['parts'], 'logs' | 'primitives'>,
  store: KeyValue,
  { on: target, tier }: Pick<Request, 'on' | 'tier'>,
): Promise<readonly FoundChange[]> {
  const { logs, primitives } = reader
  const prefix = keyOf('target', target.leaf)
  const found: FoundChange[] = []
  for await (const [key] of store.iterate({ gte: prefix, lt: after(prefix) })) {
    const origin = logs.originOf(numberAt(key, prefix.length, 4))
    const index = numberAt(key, prefix.length + 4, 6)
    // Only its author's word changes a record (DESIGN §5); of an older epoch it is still the same author.
    if (origin === undefined || domainOf(origin) !== domainOf(target.origin)) continue
    const [bytes] = bytesAt(logs, origin, index)
    const entry = bytes && parseEntry(bytes)
    if (bytes === undefined || entry?.ok !== true || CHANGES[entry.value.statement.kind] === undefined)
      continue
    const log = logs.get(origin)
    const part = log && logs.part(log, index)
    if (!isAbout(entry.value.statement.kind, part && documentOf(part), tier)) continue
    const change = { origin, index, leaf: leafHash(primitives, bytes) }
    found.push({ kind: entry.value.statement.kind, entry: change })
  }
  return found
}

/**
 * Deletes what an author erased, and signs nothing: also for a node that may not speak now. It acknowledges, by `heed`, when
 * it may. True when something was deleted.
 */
export function letGo(reader: Reader, store: KeyValue, id: Uint8Array): Promise<boolean> {
  return inTurn(reader, id, async (one) => {
    if (one.receipt === null || OVER.has(one.state)) return false
    const asked = reader.madeOf(one).signed.statement
    const changes = await changesOf(reader.parts, store, asked)
    const erasure = changes.find(({ kind, entry }) => CHANGES[kind] === 'erased' && !isHeard(one, entry.leaf))
    if (erasure === undefined) return false
    const { cases } = reader.parts
    // Due at once: what is not acknowledged yet is looked at as soon as it is gone and we may speak.
    const next: AskedCase = { ...one, state: 'erased', tries: 0, nextAt: 0 }
    const entry = reader.entry(next, 'heard', null, { erased: erasure.entry.leaf })
    await reader.write([entry], [cases.put(next), ...cases.eraseRelease(next)])
    return true
  })
}

/** With these nothing stays of what was received, or it is on its way out. */
export const OVER: ReadonlySet<AskedState> = new Set(['revoked', 'ended', 'erased'])

/** Acknowledges what is new about one request of ours. What is to be deleted first and is not gone yet has to wait. */
export function heed(reader: Reader, store: KeyValue, id: Uint8Array): Promise<void> {
  return inTurn(reader, id, async (one) => {
    if (one.grantId === null || one.receipt === null) return
    const asked = reader.madeOf(one).signed.statement
    for (const { kind, entry } of await changesOf(reader.parts, store, asked)) {
      const current = await reader.caseOf(id)
      if (!isHeard(current, entry.leaf))
        await acknowledge(reader, current, { entry }, entry.leaf, CHANGES[kind] ?? 'noted')
    }
    const now = await reader.caseOf(id)
    const name = now.revocation === null ? undefined : idOf(reader, now.revocation)
    if (name !== undefined && !isHeard(now, name))
      await acknowledge(reader, now, { revocation: name }, name, 'erased')
  })
}

function isHeard({ heard }: AskedCase, name: Uint8Array): boolean {
  return heard.some((known) => equal(known, name))
}

function inTurn<T>(reader: Reader, id: Uint8Array, work: (one: AskedCase) => Promise<T>): Promise<T> {
  return reader.turns.take(printHex(id), async () => work(await reader.caseOf(id)))
}

/** Deletes what was given for a time that is over. True when it was. */
export function expire(reader: Reader, id: Uint8Array): Promise<boolean> {
  return inTurn(reader, id, async (one) => {
    // Without its key a ciphertext is of no use after the end either: none comes any more.
    if (one.state !== 'opened' && one.state !== 'received') return false
    if (one.until === null || reader.now() < one.until) return false
    const { cases } = reader.parts
    const next: AskedCase = { ...one, state: 'ended', why: 'grant-ended', nextAt: Number.MAX_SAFE_INTEGER }
    const entry = reader.entry(next, 'heard', null, { ended: one.until })
    await reader.write([entry], [cases.put(next), ...cases.eraseRelease(one)])
    return true
  })
}

async function acknowledge(
  reader: Reader,
  one: AskedCase,
  of: Change,
  name: Uint8Array,
  state: AckState,
): Promise<void> {
  const { primitives, signer, cases, unlogged } = reader.parts
  const { network, from } = reader.madeOf(one).signed.statement
  if (one.grantId === null) return
  // Also of what was let go for another reason: whoever reads this statement may rely on it.
  if (state === 'erased' && !(await cases.isGone(one))) return
  const { bytes } = stateAccess(primitives, signer(), {
    kind: 'ack',
    network,
    at: reader.now(),
    from,
    grant: one.grantId,
    of,
    state,
  })
  const next: AskedCase = {
    ...one,
    state: state === 'erased' && one.state !== 'revoked' ? 'erased' : one.state,
    acks: [...one.acks, bytes],
    heard: [...one.heard, name],
    owed: { ...one.owed, acks: one.owed.acks + 1 },
    tries: 0,
    nextAt: 0,
  }
  await reader.write(
    [reader.entry(next, 'answered', bytes, { state })],
    [cases.put(next), ...unlogged.put(bytes)],
  )
}

function bytesAt(logs: Logs, origin: string, index: number): readonly Uint8Array[] {
  const log = logs.get(origin)
  return log === undefined || index >= log.edge.size ? [] : logs.entries(log, index, 1)
}

function idOf(reader: Reader, bytes: Uint8Array): Uint8Array | undefined {
  const signed = parseAccess(bytes)
  return signed.ok ? accessId(reader.parts.primitives, signed.value) : undefined
}

function domainOf(origin: string): string {
  return origin.slice(0, origin.indexOf('/'))
}

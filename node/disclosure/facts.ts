/**
 * What a decision rests on, gathered from what this node holds: who asks, what is asked for, the policy, the time.
 * Nothing is decided here; `protocol/access/decide.ts` does. Spec 06 §5.
 */
import { equal } from '../../protocol/bytes.ts'
import type { DecisionFacts } from '../../protocol/access/decide.ts'
import {
  combineMarkings,
  printTerms,
  readMarking,
  RESTRICTED_MARKING,
  type Marking,
} from '../../protocol/access/marking.ts'
import type { DisclosurePolicy } from '../../protocol/access/policy.ts'
import type { Request } from '../../protocol/access/request.ts'
import { isForged, requesterOf, signerOfRequest, type Requester } from '../../protocol/access/requester.ts'
import type { Signed } from '../../protocol/access/signed.ts'
import type { Value } from '../../protocol/codec/cbor.ts'
import { flatten, type Path } from '../../protocol/codec/items.ts'
import { parseEntry, type Entry, type Target } from '../../protocol/codec/statement.ts'
import { isList, isMap } from '../../protocol/codec/value.ts'
import type { PublicKey } from '../../protocol/identity/key.ts'
import { parseOrigin } from '../../protocol/log/checkpoint.ts'
import { documentOf } from '../../protocol/log/entry.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import { openLogOf } from '../log/epochs.ts'
import type { Sealer } from '../ports.ts'
import { readVault } from '../store/vault.ts'
import { accreditationAt, type AccreditationSource } from './accreditations.ts'
import { heldPart, isBelow, type HeldPart } from './release.ts'

export type FactsParts = AccreditationSource & {
  readonly sealer: Sealer
  readonly domain: string
  readonly policy: () => DisclosurePolicy
  readonly isFresh: () => boolean
}

/** What is asked for, as it is held here. */
export type Subject = {
  readonly entry: Entry
  readonly part: HeldPart | undefined
  readonly facts: DecisionFacts['record']
  /** The terms that hold, to be shown to whoever accepted others. */
  readonly terms: Uint8Array
}

export type Asking = {
  readonly requester: Requester
  readonly signer: PublicKey | undefined
  /** No honest requester says this. An unproven claim alone may be one that we have not heard the reason for yet. */
  readonly isForged: boolean
}

/** Who signed a request, by the logs that are held. Seconds since 1970. */
export async function askingOf(parts: FactsParts, signed: Signed<Request>, now: number): Promise<Asking> {
  const { primitives, logs, charter } = parts
  const { from, accreditation: named } = signed.statement
  const accreditation = named === null ? undefined : await accreditationAt(parts, named, now)
  const party = from === null ? undefined : parseOrigin(from)
  // Of a member only its open log speaks: keys of a closed epoch are not in force.
  const held = party?.ok === true ? openLogOf(logs, party.value.domain) : undefined
  const log =
    held?.keys === undefined || held.origin !== from ? undefined : { keys: held.keys, size: held.edge.size }
  const facts = { signed, charter, log, accreditation }
  return {
    requester: requesterOf(primitives, facts),
    signer: signerOfRequest(primitives, facts),
    isForged: isForged(primitives, facts),
  }
}

/** Undefined where the entry is none of ours, or of a kind whose parts are not given this way. */
export async function subjectOf(parts: FactsParts, request: Request): Promise<Subject | undefined> {
  const { logs, primitives, sealer, store } = parts
  const found = entryAt(parts, request.on)
  const log = logs.get(request.on.origin)
  if (found === undefined || log === undefined) return undefined
  const { entry, document } = found
  const kept = await readVault(store, sealer, log.number, request.on.index)
  const part = request.tier === 'research' ? kept?.research : kept?.partner
  const held = heldPart(part)
  const markings = [markingOf(document), markingOf(held?.document) ?? RESTRICTED_MARKING].filter(
    (one) => one !== undefined,
  )
  const terms = termsOf(markings, request, held)
  const items = held === undefined ? [] : flatten(held.document)
  const facts = {
    part:
      held !== undefined ? ('held' as const) : part?.length === 1 ? ('absent' as const) : ('erased' as const),
    sectors: sectorsOf(document),
    markings,
    terms: primitives.sha256(terms),
    has: (path: Path) => items.some((item) => isBelow(item.path, path)),
  }
  return { entry, part: held, facts, terms }
}

/** A record of ours with its public document. Leaves that only account for disclosures have no part to ask for. */
function entryAt(
  { logs, primitives, domain }: FactsParts,
  on: Target,
): { readonly entry: Entry; readonly document: Value | undefined } | undefined {
  const log = logs.get(on.origin)
  if (log === undefined || !on.origin.startsWith(`${domain}/`) || on.index >= log.edge.size) return undefined
  const [bytes] = logs.entries(log, on.index, 1)
  if (bytes === undefined || !equal(leafHash(primitives, bytes), on.leaf)) return undefined
  const entry = parseEntry(bytes)
  if (!entry.ok || entry.value.statement.kind === 'access') return undefined
  const part = logs.part(log, on.index)
  return { entry: entry.value, document: part && documentOf(part) }
}

function markingOf(document: Value | undefined): Marking | undefined {
  return isMap(document) ? readMarking(document['policy']) : undefined
}

/** Without a marking nothing is allowed, so its terms do not matter. */
function termsOf(markings: readonly Marking[], { tier }: Request, part: HeldPart | undefined): Uint8Array {
  const text = isMap(part?.document) && tier === 'research' ? part.document['data_use_terms'] : ''
  const marking = combineMarkings(markings) ?? { tlp: 'RED' }
  return printTerms(marking, typeof text === 'string' ? text : '')
}

function sectorsOf(document: Value | undefined): readonly string[] {
  const sectors = isMap(document) ? document['sectors'] : undefined
  return isList(sectors) ? sectors.filter((sector) => typeof sector === 'string') : []
}

/** Our own requests for detail, as the local API makes and shows them. */
import { parseHex, printBase32, printHex } from '../../protocol/bytes.ts'
import {
  combineMarkings,
  printTerms,
  readMarking,
  RESTRICTED_MARKING,
} from '../../protocol/access/marking.ts'
import { checkRelease, parseRelease, type Believed } from '../../protocol/access/release.ts'
import { sortPaths } from '../../protocol/access/fields.ts'
import { isSigned, parseAccess } from '../../protocol/access/signed.ts'
import { parse, type Value } from '../../protocol/codec/cbor.ts'
import { parseEntry, type Target } from '../../protocol/codec/statement.ts'
import { isMap } from '../../protocol/codec/value.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import { termIds } from '../../protocol/record/vocabulary.ts'
import { PURPOSES } from '../../protocol/record/vocabulary/marking.ts'
import { isCountItem, withoutCount } from '../../protocol/redaction/count.ts'
import { redactionSentence } from '../../protocol/redaction/redaction.ts'
import type { AskedView, ReceivedView, RequestOptions, TermsView } from '../api/access-service.ts'
import { changesOf } from '../disclosure/changes.ts'
import type { AskedCase } from '../disclosure/asked.ts'
import { stateAccess } from '../disclosure/statements.ts'
import { NodeError } from '../errors.ts'
import { native } from '../keys/native.ts'
import { openLogOf } from '../log/epochs.ts'
import type { CandorNode } from '../node.ts'
import { ownAccreditation } from './accrediting.ts'
import { findRecord, type Reader } from './records.ts'
import type { Stated } from './statements.ts'
import { domainOf, jsonOf, timeView } from './view.ts'

const DAY_SECONDS = 86_400
/** Days after which a request that nobody answered is over. */
const EXPIRY_DAYS = 30

export async function requestDetail(
  node: CandorNode,
  records: Reader,
  options: RequestOptions,
): Promise<AskedView> {
  const { disclosure, opened, clock, random } = node
  const target = await versionOf(records, options)
  const isMember = opened.role === 'member'
  const owner = openLogOf(opened.logs, domainOf(target.log.origin))
  const box = disclosure.boxKey()
  if (owner === undefined) throw new NodeError('NOT_FOUND', 'the log of its author is not held here')
  if (owner.origin === opened.origin)
    throw new NodeError('USAGE', 'this record is our own', { fix: 'candor show' })
  if (box === undefined) throw new NodeError('KEY_NOT_IN_FORCE', 'no box key in force lies in this keystore')
  const purpose = termIds(PURPOSES).find((id) => id === options.purpose)
  if (purpose === undefined)
    throw new NodeError('USAGE', `a purpose is one of ${termIds(PURPOSES).join(', ')}`)
  const now = Math.floor(clock.now() / 1_000)
  const { justification, recipients } = options
  node.outgoing.checkWords({ justification, recipients })
  const made = await disclosure.reader.make({
    kind: 'request',
    network: opened.charter.networkId,
    at: now,
    from: isMember ? opened.origin : null,
    // A member asks for partner parts as a partner; for anything else it takes an accreditation.
    accreditation:
      isMember && options.tier === 'partner'
        ? null
        : await ownAccreditation(node, { tier: options.tier, purpose }),
    peer: node.nodeKey(),
    box,
    owner: owner.origin,
    on: targetOf(target),
    tier: options.tier,
    items: options.items === undefined ? null : sortPaths(options.items),
    purpose,
    justification,
    recipients,
    until: now + options.days * DAY_SECONDS,
    terms: termsAccepted(target, options.terms),
    nonce: random.bytes(16),
    expires: now + EXPIRY_DAYS * DAY_SECONDS,
  })
  return askedView(node, await disclosure.fetch(made.id))
}

export async function listRequests(node: CandorNode): Promise<readonly AskedView[]> {
  const views: AskedView[] = []
  for await (const one of node.disclosure.asked.all()) views.push(await askedView(node, one))
  return views.toSorted((a, b) => (a.at < b.at ? -1 : 1))
}

export async function showRequest(node: CandorNode, typed: string): Promise<AskedView> {
  return askedView(node, await findAsked(node, typed))
}

/** Asks again where that can help, and shows what was received, checked anew. */
export async function fetchDetail(node: CandorNode, typed: string): Promise<ReceivedView> {
  const { reader, asked } = node.disclosure
  const { id } = await findAsked(node, typed)
  // Whoever reads it now learns now that it was revoked, if the owner can be reached.
  await reader.pursue(id, 'now')
  const one = await node.disclosure.settle(id)
  const bytes = one.state === 'opened' ? await asked.release(id) : undefined
  if (bytes === undefined) {
    const why = one.why === null ? '' : `: ${one.why}`
    throw new NodeError('NOT_FOUND', `nothing was received for this request (it is ${one.state}${why})`, {
      fix: `candor request show ${printHex(id).slice(0, 12)}`,
    })
  }
  const checked = believe(node, one, bytes)
  if (checked === undefined) throw new NodeError('STORE_DAMAGED', 'the part that is stored here is damaged')
  return receivedView(await askedView(node, one), checked)
}

export async function appeal(node: CandorNode, typed: string, reason: string): Promise<AskedView> {
  const { reader, asked, unlogged } = node.disclosure
  const one = await findAsked(node, typed)
  const denial = one.denial === null ? undefined : parseAccess(one.denial)
  if (denial?.ok !== true) throw new NodeError('CONFLICT', 'only a denial can be appealed against')
  if (one.appeal !== null) throw new NodeError('CONFLICT', 'this denial was appealed against already')
  node.outgoing.checkWords({ reason })
  const { network, from } = reader.madeOf(one).signed.statement
  const { bytes } = stateAccess(native, node.keys.signer('statement'), {
    kind: 'appeal',
    network,
    at: reader.now(),
    from,
    denial: native.sha256(denial.value.toBeSigned),
    reason,
  })
  const next = { ...one, appeal: bytes, owed: { ...one.owed, appeal: true }, tries: 0, nextAt: 0 }
  const entry = reader.entry(next, 'answered', bytes, { appeal: true })
  await reader.write([entry], [asked.put(next), ...unlogged.put(bytes)])
  return askedView(node, await reader.pursue(one.id))
}

async function versionOf(records: Reader, { record, author, version }: RequestOptions): Promise<Stated> {
  const versions = await findRecord(records, record, author)
  const found =
    version === undefined
      ? versions.at(-1)
      : versions.find(({ entry }) => entry.statement.version === version)
  if (found !== undefined) return found
  throw new NodeError('NOT_FOUND', 'no record has this id', { fix: 'candor search WORDS' })
}

function targetOf({ log, index, entry }: Stated): Target {
  return { origin: log.origin, index, leaf: leafHash(native, entry.bytes) }
}

/** Those that follow from what is public, unless others were read and accepted. */
function termsAccepted({ document }: Stated, typed: string | undefined): Uint8Array {
  if (typed !== undefined) {
    const digest = parseHex(typed)
    if (!digest.ok || digest.value.length !== 32)
      throw new NodeError('USAGE', 'terms are named by 64 hexadecimal digits')
    return digest.value
  }
  const open = readMarking(document?.['policy'])
  const marking = combineMarkings(open === undefined ? [RESTRICTED_MARKING] : [open, RESTRICTED_MARKING])
  return native.sha256(printTerms(marking ?? RESTRICTED_MARKING, ''))
}

export async function findAsked(node: CandorNode, typed: string): Promise<AskedCase> {
  const found: AskedCase[] = []
  if (!/^[0-9a-f]{6,64}$/.test(typed))
    throw new NodeError('USAGE', 'a request is named by at least six of its hexadecimal digits', {
      fix: 'candor request list',
    })
  for await (const one of node.disclosure.asked.all()) if (printHex(one.id).startsWith(typed)) found.push(one)
  const [one, second] = found
  if (one === undefined)
    throw new NodeError('NOT_FOUND', 'no such request was made here', { fix: 'candor request list' })
  if (second !== undefined) throw new NodeError('AMBIGUOUS_ID', 'more than one request begins like this')
  return one
}

function believe(node: CandorNode, one: AskedCase, bytes: Uint8Array): Believed | undefined {
  const { signed: request } = node.disclosure.reader.madeOf(one)
  const grant = parseAccess(one.grant ?? new Uint8Array(0))
  const { on } = request.statement
  const log = node.opened.logs.get(on.origin)
  const [held] = log === undefined ? [] : node.opened.logs.entries(log, on.index, 1)
  const entry = held && parseEntry(held)
  const release = parseRelease(bytes)
  if (entry?.ok !== true || !release.ok || !grant.ok || !isSigned(grant.value, 'grant')) return undefined
  const checked = checkRelease(native, { entry: entry.value, request, grant: grant.value }, release.value)
  return checked.ok ? checked.value : undefined
}

function receivedView(request: AskedView, checked: Believed): ReceivedView {
  const of = `the ${request.tier} part of ${request.record} version ${request.version}`
  switch (checked.kind) {
    case 'whole': {
      const document = isMap(checked.document) ? withoutCount(checked.document) : checked.document
      const verdict = `all of ${of}: nothing was withheld`
      return { request, kind: 'whole', document: jsonOf(document), verdict }
    }
    case 'items': {
      const verdict = `${checked.items.length} items as they were committed to in ${of}; that they are the only values of their paths is not shown`
      return { request, kind: 'items', items: itemsOf(checked.items), verdict }
    }
    case 'redaction':
      return {
        request,
        kind: 'redaction',
        items: itemsOf(checked.items),
        verdict: redactionSentence(of, checked.report),
      }
  }
}

/** Without the count, which its author did not write. */
function itemsOf(items: readonly { path: readonly (string | number)[]; value: Value }[]) {
  return items.filter((item) => !isCountItem(item)).map(itemView)
}

function itemView({ path, value }: { path: readonly (string | number)[]; value: Value }) {
  return { path, value: jsonOf(value) }
}

async function askedView(node: CandorNode, one: AskedCase): Promise<AskedView> {
  const { statement } = node.disclosure.reader.madeOf(one).signed
  const { on } = statement
  const log = node.opened.logs.get(on.origin)
  const [bytes] = log === undefined ? [] : node.opened.logs.entries(log, on.index, 1)
  const entry = bytes && parseEntry(bytes)
  const about = entry?.ok === true ? entry.value.statement : undefined
  const changes = await changesOf(node.disclosure.reader.parts, node.opened.database, statement)
  return {
    id: printHex(one.id),
    state: one.state,
    owner: one.owner,
    record: about === undefined ? 'unknown' : printBase32(about.record),
    version: about?.version ?? 0,
    tier: statement.tier,
    items: statement.items,
    purpose: statement.purpose,
    justification: statement.justification,
    recipients: statement.recipients,
    days: Math.round((statement.until - statement.at) / DAY_SECONDS),
    at: timeView(one.at * 1_000),
    changes: changes.map(({ kind, entry: { index } }) => `${kind} (entry ${index})`),
    owed: one.owed.acks,
    over: one.until !== null && one.until <= node.disclosure.reader.now(),
    ...(one.why === null ? {} : { why: one.why }),
    ...noteOf(one),
    ...(one.until === null ? {} : { until: timeView(one.until * 1_000) }),
    ...(one.terms === null ? {} : { terms: termsView(one.terms) }),
  }
}

/** The sentence that came with the end of it: of a revocation, or of a denial. */
function noteOf({ denial, revocation }: AskedCase): { readonly note?: string } {
  const signed = parseAccess(revocation ?? denial ?? new Uint8Array(0))
  if (!signed.ok || !('note' in signed.value.statement)) return {}
  const { note } = signed.value.statement
  return note === null ? {} : { note }
}

function termsView(bytes: Uint8Array): TermsView {
  const read = parse(bytes)
  const { marking, text } = read.ok && isMap(read.value) ? read.value : {}
  const digest = printHex(native.sha256(bytes))
  return {
    digest,
    marking: marking === undefined ? null : jsonOf(marking),
    text: typeof text === 'string' ? text : '',
  }
}

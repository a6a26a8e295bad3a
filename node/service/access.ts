/** Requests for detail that came to this node, as the local API shows and decides them. */
import { unreachable } from '../../protocol/assert.ts'
import { printBase32, printBase64, printHex } from '../../protocol/bytes.ts'
import { policyDigest } from '../../protocol/access/policy.ts'
import { isSigned, parseAccess } from '../../protocol/access/signed.ts'
import type { Value } from '../../protocol/codec/cbor.ts'
import { parseEntry } from '../../protocol/codec/statement.ts'
import { parseOrigin } from '../../protocol/log/checkpoint.ts'
import { termIds, type Vocabulary } from '../../protocol/record/vocabulary.ts'
import { ACCESS_END_REASONS, DENIAL_REASONS } from '../../protocol/record/vocabulary/access.ts'
import type {
  AccessService,
  CaseView,
  PolicyView,
  RequesterView,
  RulingOptions,
  TrailPage,
  TrailView,
} from '../api/access-service.ts'
import { accreditationAt } from '../disclosure/accreditations.ts'
import type { Case, ReleaseForm } from '../disclosure/cases.ts'
import { isUnconfirmed } from '../disclosure/files.ts'
import { requestOf } from '../disclosure/gate.ts'
import { readPolicy } from '../disclosure/policy-file.ts'
import { revoke, rule, type Ruling } from '../disclosure/person.ts'
import { NodeError } from '../errors.ts'
import { native } from '../keys/native.ts'
import type { CandorNode } from '../node.ts'
import { appeal, fetchDetail, listRequests, requestDetail, showRequest } from './asking.ts'
import { disclosureFileOf } from './disclosure-file.ts'
import { eraseRecord } from './erasing.ts'
import { trailFileOf } from './trail-file.ts'
import { previewRedaction, writePartner } from './redacting.ts'
import { rulesOf } from './redaction-rules.ts'
import { reachOf } from './reach.ts'
import type { Reader } from './records.ts'
import { jsonOf, timeView } from './view.ts'

const DAY_SECONDS = 86_400

export function accessServiceOf(node: CandorNode, records: Reader): AccessService {
  const { disclosure } = node
  return {
    requestDetail: (options) => requestDetail(node, records, options),
    requests: () => listRequests(node),
    request: (id) => showRequest(node, id),
    fetchDetail: (id) => fetchDetail(node, id),
    appeal: (id, reason) => appeal(node, id, reason),
    cases: (state) => listCases(node, state),
    case: async (id) => caseView(node, await findCase(node, id)),
    rule: async (id, options) => {
      const { id: found } = await findCase(node, id)
      await rule(disclosure.gate, found, options.by, rulingOf(node, options))
      return caseView(node, await findCase(node, printHex(found)))
    },
    revoke: async (id, reason, note, by) => {
      const { id: found } = await findCase(node, id)
      const why = termOf(ACCESS_END_REASONS, reason)
      node.outgoing.checkWords({ note: note ?? null })
      await revoke(disclosure.gate, found, {
        reason: why,
        note: note ?? null,
        ...(by === undefined ? {} : { by }),
      })
      return caseView(node, await findCase(node, printHex(found)))
    },
    trail: (from, count) => trailPage(node, from, count),
    erase: (record, options) => eraseRecord(node, records, record, options),
    trailFile: () => trailFileOf(node),
    disclosureFile: (selection) => disclosureFileOf(node, records, selection),
    previewRedaction: (id, options) => previewRedaction(node, records, id, options),
    writePartner: (draft, rules) => writePartner(node, draft, rules),
    reach: (record) => reachOf(node, records, record),
    disclosurePolicy: async () => policyView(node),
    checkDisclosurePolicy: async (text) => {
      const policy = readPolicy(text, 'the policy')
      return { text, digest: printHex(policyDigest(native, policy)), rules: policy.rules.length }
    },
    putDisclosurePolicy: async (text) => {
      disclosure.policy.put(text)
      return policyView(node)
    },
  }
}

function rulingOf(node: CandorNode, options: RulingOptions): Ruling {
  switch (options.outcome) {
    case 'allow': {
      const now = Math.floor(node.clock.now() / 1_000)
      const until = options.days === undefined ? undefined : now + options.days * DAY_SECONDS
      const form = formOf(options.rules)
      if (form.kind === 'redaction') node.outgoing.checkWords({ rules: form.rules })
      return { outcome: 'allow', form, until, mark: options.mark === true }
    }
    case 'deny':
      node.outgoing.checkWords({ note: options.note ?? null })
      return {
        outcome: 'deny',
        reason: termOf(DENIAL_REASONS, options.reason),
        note: options.note ?? null,
      }
    default:
      return unreachable(options)
  }
}

function formOf(rules: unknown): ReleaseForm {
  if (rules === undefined) return { kind: 'whole' }
  return { kind: 'redaction', rules: rulesOf(rules).map((one): Value => ({ ...one })) }
}

function termOf<const V extends Vocabulary>(of: V, typed: string) {
  const found = termIds(of).find((id) => id === typed)
  if (found !== undefined) return found
  throw new NodeError('USAGE', `a reason is one of ${termIds(of).join(', ')}`)
}

async function listCases(node: CandorNode, state: string | undefined): Promise<readonly CaseView[]> {
  const views: CaseView[] = []
  for await (const one of node.disclosure.cases.all()) {
    if (state === undefined || one.state === state) views.push(await caseView(node, one))
  }
  return views.toSorted((a, b) => (a.at < b.at ? -1 : 1))
}

async function findCase(node: CandorNode, typed: string): Promise<Case> {
  if (!/^[0-9a-f]{6,64}$/.test(typed))
    throw new NodeError('USAGE', 'a request is named by at least six of its hexadecimal digits', {
      fix: 'candor access log',
    })
  const found: Case[] = []
  for await (const one of node.disclosure.cases.all()) if (printHex(one.id).startsWith(typed)) found.push(one)
  const [one, second] = found
  if (one === undefined)
    throw new NodeError('NOT_FOUND', 'no such request came here', { fix: 'candor access log' })
  if (second !== undefined) throw new NodeError('AMBIGUOUS_ID', 'more than one request begins like this')
  return one
}

export async function caseView(node: CandorNode, one: Case): Promise<CaseView> {
  const { statement } = requestOf(one)
  const about = entryOf(node, statement.on.origin, statement.on.index)
  const appealed = one.appeal === null ? undefined : parseAccess(one.appeal)
  const reason = reasonOf(one)
  return {
    id: printHex(one.id),
    state: one.state,
    at: timeView(one.at * 1_000),
    requester: await requesterView(node, one),
    record: about === undefined ? 'unknown' : printBase32(about.record),
    version: about?.version ?? 0,
    tier: statement.tier,
    items: statement.items,
    purpose: statement.purpose,
    justification: statement.justification,
    recipients: statement.recipients,
    until: timeView(statement.until * 1_000),
    acks: one.acks.length,
    ...(one.files.length === 0
      ? {}
      : {
          files: {
            sent: one.files.length,
            unconfirmed: one.files.filter((file) => !file.isConfirmed).length,
          },
        }),
    ...(one.offered === null ? {} : { grantUntil: timeView(one.offered.until * 1_000) }),
    ...(reason === undefined ? {} : { reason }),
    ...(appealed?.ok === true && isSigned(appealed.value, 'appeal')
      ? { appeal: appealed.value.statement.reason }
      : {}),
  }
}

export async function requesterView(node: CandorNode, one: Case): Promise<RequesterView> {
  const { from, accreditation } = requestOf(one).statement
  const keyId = printHex(one.requester)
  const party = from === null ? undefined : parseOrigin(from)
  if (party?.ok === true) return { name: party.value.domain, kind: 'member', keyId }
  const source = node.disclosure.gate.parts
  const held =
    accreditation === null
      ? undefined
      : await accreditationAt(source, accreditation, node.disclosure.gate.now())
  return held === undefined
    ? { name: 'unknown', kind: 'unknown', keyId }
    : { name: held.accreditation.body, kind: 'researcher', keyId }
}

function reasonOf(one: Case): string | undefined {
  const bytes = one.revocation ?? one.denial
  const signed = bytes === null ? undefined : parseAccess(bytes)
  if (signed?.ok !== true) return undefined
  return 'reason' in signed.value.statement ? signed.value.statement.reason : undefined
}

function entryOf(node: CandorNode, origin: string, index: number) {
  const log = node.opened.logs.get(origin)
  const [bytes] = log === undefined ? [] : node.opened.logs.entries(log, index, 1)
  const entry = bytes && parseEntry(bytes)
  return entry?.ok === true ? entry.value.statement : undefined
}

async function trailPage(node: CandorNode, from: number, count: number): Promise<TrailPage> {
  const { size, root } = node.disclosure.trail.head()
  const entries: TrailView[] = []
  const { cases } = node.disclosure
  for await (const { index, entry } of node.disclosure.trail.entries(from)) {
    if (entries.length === count) break
    const { side, step, at, request, facts } = entry
    const view = { index, side, step, at: timeView(at * 1_000), request: printHex(request) }
    const isOpen = step === 'sent' && isUnconfirmed(entry, await cases.get(entry.request))
    entries.push({ ...view, facts: jsonOf(facts), ...(isOpen ? { unconfirmed: true } : {}) })
  }
  return { size, root: printBase64(root), entries }
}

function policyView(node: CandorNode): PolicyView {
  const { policy } = node.disclosure
  const fault = policy.fault()
  const rules = policy.policy()
  return {
    text: policy.text(),
    digest: printHex(policyDigest(native, rules)),
    rules: rules.rules.length,
    ...(fault === undefined ? {} : { fault: fault.message }),
  }
}

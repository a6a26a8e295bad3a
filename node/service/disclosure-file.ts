/**
 * All disclosures that concern one record, one party, one purpose or a text, as a file for whoever has a right to know:
 * a regulator, a data subject, a court. JSON lines: what was selected, then one line for each request, with every signed statement as
 * it was signed and the entries of the audit trail about it. Content keys and disclosed parts are not in it. Spec 06 §13.
 */
import { equal, printBase64, printHex } from '../../protocol/bytes.ts'
import { printTrailEntry } from '../../protocol/access/trail.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import { termIds } from '../../protocol/record/vocabulary.ts'
import { PURPOSES } from '../../protocol/record/vocabulary/marking.ts'
import type { DisclosureSelection } from '../api/access-service.ts'
import type { Case } from '../disclosure/cases.ts'
import { isUnconfirmed } from '../disclosure/files.ts'
import { requestOf } from '../disclosure/gate.ts'
import { NodeError } from '../errors.ts'
import { native } from '../keys/native.ts'
import type { CandorNode } from '../node.ts'
import { caseView } from './access.ts'
import { findRecord, type Reader } from './records.ts'
import { statementAt } from './statements.ts'
import { jsonOf, textAt, timeView } from './view.ts'

const SCHEMA = 'candor.disclosures@1'

/** Every part of the selection must fit; nothing selected is a mistake and not everything. */
export async function disclosureFileOf(
  node: CandorNode,
  records: Reader,
  selection: DisclosureSelection,
): Promise<string> {
  const fits = await selectorOf(node, records, selection)
  const found: Case[] = []
  for await (const one of node.disclosure.cases.all()) if (await fits(one)) found.push(one)
  found.sort((a, b) => a.at - b.at)
  const steps = await trailOf(node, found)
  const { origin } = node.opened
  const { size, root } = node.disclosure.trail.head()
  const head = {
    schema: SCHEMA,
    origin,
    side: 'owner',
    at: timeView(node.clock.now()),
    selection,
    disclosures: found.length,
    trail: { size, root: printBase64(root) },
  }
  const lines = await Promise.all(found.map((one) => lineOf(node, one, steps.get(printHex(one.id)) ?? [])))
  return [head, ...lines].map((line) => `${JSON.stringify(line)}\n`).join('')
}

type Selector = (one: Case) => Promise<boolean>

async function selectorOf(
  node: CandorNode,
  records: Reader,
  { record, party, purpose, matching }: DisclosureSelection,
): Promise<Selector> {
  const selectors: Selector[] = []
  if (record !== undefined) {
    const versions = await findRecord(records, record, node.opened.member.domain)
    if (versions.length === 0) throw new NodeError('NOT_FOUND', 'no record of ours has this id')
    const leaves = versions.map(({ entry }) => leafHash(native, entry.bytes))
    selectors.push(async (one) => leaves.some((leaf) => equal(leaf, requestOf(one).statement.on.leaf)))
  }
  if (party !== undefined) {
    selectors.push(async (one) => {
      const { requester, recipients } = await caseView(node, one)
      return [requester.name, requester.keyId, ...recipients].some((name) => folded(name) === folded(party))
    })
  }
  if (purpose !== undefined) {
    if (!termIds(PURPOSES).some((id) => id === purpose))
      throw new NodeError('USAGE', `a purpose is one of ${termIds(PURPOSES).join(', ')}`)
    selectors.push(async (one) => requestOf(one).statement.purpose === purpose)
  }
  if (matching !== undefined) {
    selectors.push(async (one) => {
      const texts = [titleOf(node, one), requestOf(one).statement.justification]
      return texts.some((text) => folded(text).includes(folded(matching)))
    })
  }
  if (selectors.length === 0)
    throw new NodeError('USAGE', 'say which: a record, a party, a purpose or a text that matches')
  return async (one) => {
    for (const fits of selectors) if (!(await fits(one))) return false
    return true
  }
}

function folded(text: string): string {
  return text.normalize('NFKC').trim().toLowerCase()
}

/** The entries of the trail about these requests, oldest first. */
async function trailOf(node: CandorNode, cases: readonly Case[]): Promise<ReadonlyMap<string, object[]>> {
  const steps = new Map<string, object[]>(cases.map(({ id }) => [printHex(id), []]))
  const byId = new Map(cases.map((one) => [printHex(one.id), one]))
  for await (const { index, entry } of node.disclosure.trail.entries()) {
    if (entry.side !== 'owner') continue
    const { step, at, facts } = entry
    const bytes = printBase64(printTrailEntry(entry))
    const unconfirmed = isUnconfirmed(entry, byId.get(printHex(entry.request))) ? { unconfirmed: true } : {}
    steps
      .get(printHex(entry.request))
      ?.push({ index, step, at: timeView(at * 1_000), facts: jsonOf(facts), ...unconfirmed, entry: bytes })
  }
  return steps
}

async function lineOf(node: CandorNode, one: Case, trail: readonly object[]): Promise<object> {
  const { on } = requestOf(one).statement
  const { request, denial, terms, offered, receipt, revocation, appeal, acks } = one
  const printed = (bytes: Uint8Array | null | undefined) => (bytes ? printBase64(bytes) : null)
  return {
    ...(await caseView(node, one)),
    on: { origin: on.origin, index: on.index, leaf: printHex(on.leaf), title: titleOf(node, one) },
    trail,
    signed: {
      key: printBase64(one.signer),
      request: printBase64(request),
      denial: printed(denial),
      terms: printed(terms),
      grant: printed(offered?.grant),
      receipt: printed(receipt),
      revocation: printed(revocation),
      acks: acks.map(printBase64),
      appeal: printed(appeal),
    },
  }
}

function titleOf(node: CandorNode, one: Case): string {
  const { logs } = node.opened
  const { origin, index } = requestOf(one).statement.on
  const log = logs.get(origin)
  const stated = log && statementAt(logs, log, index)
  return stated?.document === undefined ? '' : textAt(stated.document, 'title')
}

/** Escrow as the local API shows and does it. */
import { equal, printBase32, printHex } from '../../protocol/bytes.ts'
import type { Escrow } from '../../protocol/access/escrow.ts'
import { DAY_SECONDS, releaseRefusal, silentSince } from '../../protocol/access/escrow-rules.ts'
import { believeWhole, parseRelease } from '../../protocol/access/release.ts'
import { isSigned, parseAccess } from '../../protocol/access/signed.ts'
import { isMap } from '../../protocol/codec/value.ts'
import { withoutCount } from '../../protocol/redaction/count.ts'
import { reaches } from '../../protocol/redaction/publication.ts'
import type { EscrowOptions, EscrowService, EscrowView, RecoveredView } from '../api/escrow-service.ts'
import { makeDeposit } from '../escrow/depositing.ts'
import { escrowIn, type Deposit } from '../escrow/deposits.ts'
import type { Kept } from '../escrow/kept.ts'
import { boxKeyOf, entryAt } from '../escrow/members.ts'
import { nowOf, type EscrowSettings } from '../escrow/parts.ts'
import { partsAt } from '../escrow/publishing.ts'
import { recover } from '../escrow/recovering.ts'
import { checkTerms, expectWithin } from '../escrow/settings.ts'
import { release, silenceOf } from '../escrow/sharing.ts'
import { NodeError } from '../errors.ts'
import { native } from '../keys/native.ts'
import type { CandorNode } from '../node.ts'
import { findRecord, type Reader } from './records.ts'
import { domainOf, jsonOf, timeView } from './view.ts'

type Found = { readonly ours: Deposit } | { readonly kept: Kept }

export function escrowServiceOf(node: CandorNode, records: Reader): EscrowService {
  const { desk } = node.escrow
  const viewOf = async (id: Uint8Array) => view(node, await findEscrow(node, printHex(id)))
  return {
    escrows: async () => {
      const [deposits, trouble] = [await listEscrows(node), node.escrow.trouble()]
      const { settings } = desk.parts
      return {
        deposits,
        ...(settings === undefined ? {} : { settings }),
        ...(trouble === undefined ? {} : { trouble }),
      }
    },
    escrow: async (id) => view(node, await findEscrow(node, id)),
    addEscrow: async (record, options) => {
      expectSigning(node)
      return addEscrow(node, records, record, options)
    },
    releaseEscrow: async (typed, options) => {
      expectSigning(node)
      const { id } = await keptOf(node, typed)
      node.outgoing.checkWords({ reason: options.reason })
      await release(desk, id, options)
      return viewOf(id)
    },
    recoverEscrow: async (typed, options) => {
      expectSigning(node)
      const { id } = await keptOf(node, typed)
      node.outgoing.checkWords({ reason: options.reason })
      await recover(desk, id, options)
      return viewOf(id)
    },
    recoveredPart: (id) => recoveredPart(node, id),
  }
}

/** Nothing is stated while the log may not grow: our keys may be in force no more, or lie elsewhere, too. */
function expectSigning(node: CandorNode): void {
  const readOnly = node.readOnly()
  if (readOnly !== undefined) throw readOnly.error
}

/** Every restricted part of every version of a record that is not in escrow on the same terms. */
async function addEscrow(
  node: CandorNode,
  records: Reader,
  typed: string,
  options: EscrowOptions,
): Promise<readonly EscrowView[]> {
  const { desk } = node.escrow
  const terms = termsOf(node, options)
  const versions = await findRecord(records, typed, node.opened.member.domain)
  if (versions.length === 0)
    throw new NodeError('NOT_FOUND', 'no record of ours has this id', { fix: 'candor list' })
  const made: EscrowView[] = []
  let parts = 0
  for (const { log, index } of versions) {
    const found = (await partsAt(desk, log.origin, index)).filter(({ tier }) => terms.tiers.includes(tier))
    parts += found.length
    for (const what of found) {
      if (await isInEscrow(node, what.on.leaf, what.tier, terms)) continue
      made.push(await view(node, { ours: await makeDeposit(desk, what, terms) }))
    }
  }
  if (parts === 0)
    throw new NodeError('NOT_FOUND', `this record has no ${terms.tiers.join(' or ')} part here`, {
      fix: 'candor show',
    })
  if (made.length === 0)
    throw new NodeError('CONFLICT', 'it is in escrow on these terms already', { fix: 'candor escrow list' })
  node.escrow.tick()
  return made
}

function termsOf(node: CandorNode, options: EscrowOptions): EscrowSettings {
  const { parts } = node.escrow.desk
  const { settings } = parts
  const holders = options.holders ?? settings?.holders
  const threshold = options.threshold ?? settings?.threshold
  const afterDays = options.afterDays ?? settings?.afterDays
  if (holders === undefined || threshold === undefined || afterDays === undefined)
    throw new NodeError('USAGE', 'escrow is off: say who holds, how many open it, and after how many days', {
      fix: 'candor escrow add --help',
    })
  const tiers = options.tiers ?? settings?.tiers ?? ['partner', 'research']
  checkTerms(parts, { holders, threshold, afterDays }, 'USAGE')
  const limit = node.opened.configuration.publishing?.maxTier ?? 'research'
  if (options.tiers !== undefined) expectWithin(options.tiers, limit, 'NOT_ALLOWED')
  return { holders, threshold, afterDays, tiers: tiers.filter((tier) => reaches(limit, tier)) }
}

/** Whether a deposit of just these holders, with the box keys that they have now, stands for this part. */
async function isInEscrow(
  node: CandorNode,
  leaf: Uint8Array,
  tier: string,
  { holders, threshold, afterDays }: EscrowSettings,
): Promise<boolean> {
  const { desk } = node.escrow
  for (const id of desk.deposits.about(leaf)) {
    const one = await desk.deposits.get(id)
    const said = one && escrowIn(one.signed).statement
    if (said === undefined || said.tier !== tier || said.threshold !== threshold) continue
    if (said.afterDays !== afterDays || said.holders.length !== holders.length) continue
    const isSame = said.holders.every(({ domain, box }) => {
      const current = boxKeyOf(desk.parts, domain)
      return holders.includes(domain) && current !== undefined && equal(current, box)
    })
    if (isSame) return true
  }
  return false
}

async function recoveredPart(node: CandorNode, typed: string): Promise<RecoveredView> {
  const { desk } = node.escrow
  const one = await keptOf(node, typed)
  const bytes = one.state === 'recovered' ? await desk.kept.recovered(one.id) : undefined
  if (bytes === undefined)
    throw new NodeError('NOT_FOUND', 'this part is not recovered', {
      fix: `candor escrow show ${printHex(one.id).slice(0, 12)}`,
    })
  const { on, tier } = escrowIn(one.signed).statement
  const [entry, released] = [entryAt(desk.parts, on), parseRelease(bytes)]
  const believed =
    typeof entry !== 'string' && released.ok && released.value.kind === 'whole'
      ? believeWhole(native, entry, tier, released.value)
      : undefined
  if (believed?.ok !== true) throw new NodeError('STORE_DAMAGED', 'the part that is stored here is damaged')
  const { document } = believed.value
  const escrow = await view(node, { kept: one })
  const of = `the ${tier} part of ${escrow.record} version ${escrow.version} of ${escrow.owner}`
  return {
    escrow,
    document: jsonOf(isMap(document) ? withoutCount(document) : document),
    verdict: `all of ${of}, recovered with ${escrow.threshold} shares: it is what its author committed to`,
  }
}

async function listEscrows(node: CandorNode): Promise<readonly EscrowView[]> {
  const { deposits, kept } = node.escrow.desk
  const views: EscrowView[] = []
  for await (const ours of deposits.all()) views.push(await view(node, { ours }))
  for await (const one of kept.all()) views.push(await view(node, { kept: one }))
  return views.toSorted((a, b) => (a.at < b.at ? -1 : 1))
}

async function findEscrow(node: CandorNode, typed: string): Promise<Found> {
  if (!/^[0-9a-f]{6,64}$/.test(typed))
    throw new NodeError('USAGE', 'a deposit is named by at least six of its hexadecimal digits', {
      fix: 'candor escrow list',
    })
  const { deposits, kept } = node.escrow.desk
  const found: Found[] = []
  for await (const ours of deposits.all()) if (printHex(ours.id).startsWith(typed)) found.push({ ours })
  for await (const one of kept.all()) if (printHex(one.id).startsWith(typed)) found.push({ kept: one })
  const [first, second] = found
  if (first === undefined)
    throw new NodeError('NOT_FOUND', 'no such deposit is known here', { fix: 'candor escrow list' })
  if (second !== undefined) throw new NodeError('AMBIGUOUS_ID', 'more than one deposit begins like this')
  return first
}

async function keptOf(node: CandorNode, typed: string): Promise<Kept> {
  const found = await findEscrow(node, typed)
  if ('kept' in found) return found.kept
  throw new NodeError('CONFLICT', 'this deposit is our own: we have the part itself', {
    fix: 'candor escrow list',
  })
}

async function view(node: CandorNode, found: Found): Promise<EscrowView> {
  const signed = 'ours' in found ? found.ours.signed : found.kept.signed
  const { statement } = escrowIn(signed)
  const entry = entryAt(node.escrow.desk.parts, statement.on)
  const about = typeof entry === 'string' ? undefined : entry.statement
  const common = {
    owner: domainOf(statement.owner),
    record: about === undefined ? 'unknown' : printBase32(about.record),
    version: about?.version ?? 0,
    tier: statement.tier,
    threshold: statement.threshold,
    afterDays: statement.afterDays,
    at: timeView(statement.at * 1_000),
  }
  return 'ours' in found
    ? { ...common, ...oursView(found.ours) }
    : { ...common, ...keptView(node, found.kept, statement) }
}

type Rest = Omit<EscrowView, 'owner' | 'record' | 'version' | 'tier' | 'threshold' | 'afterDays' | 'at'>

function oursView({ id, isErased, holders }: Deposit): Rest {
  const isHeld = holders.every(({ state }) => state === 'held')
  return {
    id: printHex(id),
    side: 'ours',
    state: isErased ? 'erased' : isHeld ? 'held' : 'waiting',
    holders: holders.map(({ domain, state, why }) => ({ domain, state, ...(why === null ? {} : { why }) })),
    called: [],
    released: [],
    shares: 0,
  }
}

function keptView(node: CandorNode, one: Kept, statement: Escrow): Rest {
  const { desk } = node.escrow
  const { domain } = desk.parts
  const facts = silenceOf(desk, one)
  const since = silentSince(facts)
  const refusal = releaseRefusal(statement, facts, nowOf(desk))
  const isGathering = one.state === 'held' && one.recall !== null
  const stateOf = (of: string) => {
    if (of === domain) return 'own'
    if (one.gathered.some((share) => share.domain === of)) return 'gathered'
    const why = one.answers.find((answer) => answer.domain === of)?.why
    return why ?? (isGathering ? 'not reached' : 'holder')
  }
  const silence = {
    since: timeView(since * 1_000),
    until: timeView((since + statement.afterDays * DAY_SECONDS) * 1_000),
  }
  return {
    id: printHex(one.id),
    side: 'kept',
    state: isGathering ? 'recovering' : one.state,
    ...(one.why === null ? {} : { why: one.why }),
    holders: statement.holders.map((holder) => ({ domain: holder.domain, state: stateOf(holder.domain) })),
    silence: refusal === undefined ? silence : { ...silence, refusal },
    called: one.called.map((call) => ({
      domain: call.domain,
      at: timeView(call.at * 1_000),
      reason: reasonIn(call.recall),
    })),
    released: one.released.map((release) => ({ ...release, at: timeView(release.at * 1_000) })),
    shares: one.share === null ? 0 : 1 + one.gathered.length,
  }
}

function reasonIn(recall: Uint8Array): string {
  const signed = parseAccess(recall)
  return signed.ok && isSigned(signed.value, 'escrow-recall') ? signed.value.statement.reason : ''
}

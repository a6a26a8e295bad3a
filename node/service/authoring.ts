/** What a member writes: drafts, publications and attestations. Everything is checked before it is stored. */
import { printBase32 } from '../../protocol/bytes.ts'
import type { Target } from '../../protocol/codec/statement.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import { contradictionsOf } from '../../protocol/record/contradiction.ts'
import { parseContent, type RecordContent } from '../../protocol/record/content.ts'
import { isKind, KINDS } from '../../protocol/record/kinds.ts'
import type { PublishOptions } from '../api/check-service.ts'
import type { DraftView, NewContent, PublishedView } from '../api/service.ts'
import { NodeError } from '../errors.ts'
import { native } from '../keys/native.ts'
import type { Published } from '../log/publisher.ts'
import type { CandorNode } from '../node.ts'
import type { Draft, Held } from '../store/drafts.ts'
import { withConfirmed } from './checking.ts'
import { dropDraft, findDraft } from './drafting.ts'
import { findRecord, type Reader } from './records.ts'
import { domainOf, headView, jsonOf, textAt, timeView } from './view.ts'

/** Drafts that a list shows. */
const DRAFTS_MAX = 10_000

export async function addDraft(node: CandorNode, content: NewContent): Promise<DraftView> {
  const checked = checkContent(content)
  if (KINDS[checked.kind].on === 'required')
    throw new NodeError('BAD_INPUT', `a statement of kind ${checked.kind} is about another`, {
      fix: 'candor attest RECORD KIND',
    })
  const draft: Draft = { record: node.random.bytes(16), version: 1, createdAt: node.clock.now(), ...checked }
  await node.drafts.put(draft)
  return draftView(draft, undefined)
}

export async function listDrafts(node: CandorNode): Promise<readonly DraftView[]> {
  const held = new Map((await node.drafts.held()).map(({ record, until }) => [printBase32(record), until]))
  const views: DraftView[] = []
  for await (const draft of node.drafts.all()) {
    views.push(draftView(draft, held.get(printBase32(draft.record))))
    if (views.length === DRAFTS_MAX) break
  }
  return views
}

export async function showDraft(node: CandorNode, typed: string): Promise<DraftView> {
  const draft = await findDraft(node, typed)
  const held = (await node.drafts.held()).find(({ record }) => Buffer.compare(record, draft.record) === 0)
  return draftView(draft, held?.until)
}

export async function publishDraft(
  node: CandorNode,
  typed: string,
  holdSeconds: number | undefined,
  options: PublishOptions = {},
  token?: string,
): Promise<PublishedView> {
  const { record } = await findDraft(node, typed)
  return publish(
    node,
    record,
    { ...options, holdSeconds: holdSeconds ?? node.opened.configuration.holdSeconds },
    token,
  )
}

type Publishing = PublishOptions & { readonly holdSeconds: number }

/** The one way of a draft to the log: what was answered and who publishes is noted on it, then the gate decides. */
async function publish(
  node: CandorNode,
  record: Uint8Array,
  { holdSeconds, tier, confirmed = [], by = 'whoever published' }: Publishing,
  token: string | undefined,
): Promise<PublishedView> {
  const person = node.outgoing.personOf(token)
  await node.drafts.alone(record, async (draft) => {
    const answered = withConfirmed(node, draft, confirmed, person?.name ?? by)
    const next =
      person === undefined
        ? answered
        : {
            ...answered,
            approvals: [...(answered.approvals ?? []), node.outgoing.approval(answered, 'publish', person)],
          }
    node.outgoing.admit(next, tier)
    if (next !== draft) await node.drafts.put(next)
  })
  return publishedView(node, await node.publisher.publishDraft(record, holdSeconds))
}

export async function cancelDraft(node: CandorNode, typed: string): Promise<DraftView> {
  const draft = await findDraft(node, typed)
  if (!(await node.drafts.cancel(draft.record))) {
    throw new NodeError('NOT_FOUND', 'this draft is not in the outbox', { fix: 'candor outbox' })
  }
  return draftView(draft, undefined)
}

export type Attesting = {
  readonly record: string
  readonly author: string | undefined
  readonly content: NewContent
  readonly token?: string | undefined
}

/** States something about the newest version of a record, at once. */
export async function attest(
  node: CandorNode,
  reader: Reader,
  { record: typed, author, content, token }: Attesting,
): Promise<PublishedView> {
  const { kind, ...tiers } = checkContent(content)
  if (kind === 'erase')
    throw new NodeError('USAGE', 'whoever states an erasure deletes first', { fix: `candor erase ${typed}` })
  if (KINDS[kind].on !== 'required')
    throw new NodeError('BAD_INPUT', `a statement of kind ${kind} is about no other`)
  const target = (await findRecord(reader, typed, author)).at(-1)
  if (target === undefined)
    throw new NodeError('NOT_FOUND', 'no record has this id', { fix: 'candor search WORDS' })
  const { origin } = target.log
  if (KINDS[kind].countsFrom === 'target-author' && domainOf(origin) !== node.opened.member.domain) {
    throw new NodeError('NOT_ALLOWED', `only ${domainOf(origin)} can state a ${kind} about its record`, {
      fix: `candor attest ${typed} dispute --reason TEXT`,
    })
  }
  const on: Target = { origin, index: target.index, leaf: leafHash(native, target.entry.bytes) }
  return stateNow(node, { kind, on, ...tiers }, token)
}

type Statement = Pick<Draft, 'kind' | 'on' | 'public' | 'partner' | 'research'>

/** What is not written as a draft passes the gate, too; what somebody can answer there stays as a draft to be looked at. */
export async function stateNow(
  node: CandorNode,
  statement: Statement,
  token: string | undefined,
): Promise<PublishedView> {
  const record = node.random.bytes(16)
  const draft: Draft = { record, version: 1, createdAt: node.clock.now(), ...statement }
  await node.drafts.put(draft)
  try {
    return await publish(node, record, { holdSeconds: 0 }, token)
  } catch (error) {
    if (!(error instanceof NodeError && KEPT_AS_DRAFT.has(error.code))) await dropDraft(node, record)
    throw error
  }
}

/** Refusals of the gate, which somebody can answer. */
const KEPT_AS_DRAFT: ReadonlySet<string> = new Set(['LINT_REFUSED', 'CONFIRMATION_NEEDED'])

export function checkContent({ kind, public: open, partner, research }: NewContent): RecordContent {
  // What a node observed, it states by itself: nobody says it for the node.
  if (!isKind(kind) || kind === 'observed') {
    const known = Object.keys(KINDS).filter((name) => name !== 'observed')
    throw new NodeError('BAD_INPUT', `a member cannot state this kind: known are ${known.join(', ')}`)
  }
  const parsed = parseContent(kind, {
    public: open,
    ...(partner === undefined ? {} : { partner }),
    ...(research === undefined ? {} : { research }),
  })
  const found = parsed.ok ? contradictionsOf(parsed.value) : parsed.problems
  if (parsed.ok && found.length === 0) return parsed.value
  const problems = found
    .slice(0, 10)
    .map(({ tier, path, message }) => `${tier}${path === '' ? '' : `.${path}`} ${message}`)
  throw new NodeError('BAD_INPUT', problems.join('; '))
}

function publishedView(node: CandorNode, published: Published | Held): PublishedView {
  const record = printBase32(published.record)
  if ('until' in published) return { state: 'held', record, until: timeView(published.until) }
  const { index, head } = published
  return { state: 'logged', record, origin: node.opened.origin, index, head: headView(head) }
}

function draftView(draft: Draft, heldUntil: number | undefined): DraftView {
  return {
    id: printBase32(draft.record),
    kind: draft.kind,
    version: draft.version,
    title: textAt(draft.public, 'title'),
    createdAt: timeView(draft.createdAt),
    public: jsonOf(draft.public),
    ...(heldUntil === undefined ? {} : { heldUntil: timeView(heldUntil) }),
    ...(draft.partner === undefined ? {} : { partner: jsonOf(draft.partner) }),
    ...(draft.research === undefined ? {} : { research: jsonOf(draft.research) }),
  }
}

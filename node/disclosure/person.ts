/** What a person decides: on requests that a rule left to one, and when a grant ends before its time. Spec 06 §5. */
import { assert } from '../../protocol/assert.ts'
import { compare, printHex } from '../../protocol/bytes.ts'
import { decide } from '../../protocol/access/decide.ts'
import type { AccessEndReason, DenialReason } from '../../protocol/access/grant.ts'
import { NodeError } from '../errors.ts'
import type { Case, ReleaseForm } from './cases.ts'
import type { Release } from '../../protocol/access/release.ts'
import type { MarkedFile } from '../../protocol/dataset/marked.ts'
import { askingOf, subjectOf } from './facts.ts'
import { filesIn } from './files.ts'
import { makeRelease } from './release.ts'
import { requestOf, type Gate } from './gate.ts'
import { stateAccess } from './statements.ts'

export type Ruling =
  | {
      readonly outcome: 'allow'
      readonly form: ReleaseForm
      /** Earlier than the policy would let it last, in seconds since 1970. */
      readonly until: number | undefined
      /** Whether the files that it names are made for this reader alone, with rows that tell a leak. */
      readonly mark?: boolean
    }
  | { readonly outcome: 'deny'; readonly reason: DenialReason; readonly note: string | null }

/**
 * Decides a case that waits for a person. What would be denied to anybody now stays denied: a person can only choose
 * where the rules ask, never above them.
 */
export function rule(gate: Gate, id: Uint8Array, by: string, ruling: Ruling): Promise<void> {
  return gate.turns.take(printHex(id), async () => {
    const one = await caseOf(gate, id)
    if (one.state !== 'asked') throw new NodeError('CONFLICT', 'this request is decided already')
    if (ruling.outcome === 'deny') {
      const facts = { by, outcome: 'deny', reason: ruling.reason }
      await gate.deny(one, [gate.entry(one, 'ruled', null, facts)], ruling.reason, ruling.note, null)
      return
    }
    await allow(gate, one, by, ruling)
  })
}

async function allow(
  gate: Gate,
  one: Case,
  by: string,
  ruling: Extract<Ruling, { outcome: 'allow' }>,
): Promise<void> {
  const request = requestOf(one)
  const { parts } = gate
  const subject = await subjectOf(parts, request.statement)
  const { requester } = await askingOf(parts, request, gate.now())
  if (subject?.part === undefined) throw new NodeError('NOT_FOUND', 'the part is no longer held')
  const decision = decide({
    request: request.statement,
    requester,
    peer: one.peer,
    owner: { network: parts.charter.networkId, domain: parts.domain },
    record: subject.facts,
    policy: parts.policy(),
    answered: false,
    recent: 0,
    fresh: parts.isFresh(),
    now: gate.now(),
  })
  if (decision.kind !== 'ask' && decision.kind !== 'allow') {
    const why = 'reason' in decision ? decision.reason : 'the node has not heard enough of the others lately'
    throw new NodeError('NOT_ALLOWED', `it cannot be granted now: ${why}`, { fix: 'candor access show' })
  }
  if (ruling.form.kind === 'redaction' && request.statement.items !== null) {
    throw new NodeError('BAD_INPUT', 'single items were asked for; they are given or denied, not redacted')
  }
  const until = Math.min(decision.until, ruling.until ?? decision.until)
  if (until <= gate.now()) throw new NodeError('BAD_INPUT', 'a grant ends after it begins')
  const facts = { by, outcome: 'allow', until }
  const ruled = gate.entry(one, 'ruled', null, facts)
  const release = makeRelease(parts.primitives, subject.part, request.statement.items, ruling.form)
  const marked = ruling.mark === true && release !== undefined ? await markAll(gate, one, release) : undefined
  const terms = { until, form: ruling.form }
  await gate.offer(one, [ruled], request, subject, marked === undefined ? terms : { ...terms, marked })
}

/** A copy for this reader of each file that the part hands over, in the order in which a grant names them. */
async function markAll(gate: Gate, one: Case, release: Release): Promise<readonly MarkedFile[] | undefined> {
  const roots = filesIn(release).flatMap(({ content }) => content?.root ?? [])
  const marked: MarkedFile[] = []
  for (const root of roots.toSorted(compare)) marked.push(await gate.parts.mark(root, one.id))
  return marked.length === 0 ? undefined : marked
}

export type Ending = {
  readonly reason: AccessEndReason
  readonly note: string | null
  /** Who decided; named in the trail and nowhere else. */
  readonly by?: string
}

/** Ends a grant. Before the key left nothing leaves any more; after it the reader is told and must acknowledge. */
export function revoke(gate: Gate, id: Uint8Array, { reason, note, by }: Ending): Promise<void> {
  return gate.turns.take(printHex(id), async () => {
    const one = await caseOf(gate, id)
    if (one.state === 'revoked') return
    if (one.offered === null) throw new NodeError('CONFLICT', 'nothing was granted on this request')
    const { primitives, charter, origin, trail, cases, unlogged } = gate.parts
    const { bytes: revocation } = stateAccess(primitives, gate.parts.signer(), {
      kind: 'revocation',
      network: charter.networkId,
      at: gate.now(),
      owner: origin,
      to: one.requester,
      grant: one.offered.grantId,
      reason,
      note,
    })
    const next: Case = { ...one, state: 'revoked', revocation }
    const entry = gate.entry(next, 'revoked', revocation, by === undefined ? { reason } : { reason, by })
    await trail.append([entry], [...cases.put(next), ...unlogged.put(revocation)])
  })
}

async function caseOf(gate: Gate, id: Uint8Array): Promise<Case> {
  const one = await gate.parts.cases.get(id)
  if (one === undefined)
    throw new NodeError('NOT_FOUND', 'no such request came here', { fix: 'candor access log' })
  assert(one.id.length === 32, 'a case is named by its request')
  return one
}

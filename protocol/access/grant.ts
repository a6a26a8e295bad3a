/**
 * What the owner of a record answers: a grant, a denial, and later the revocation of a grant. DESIGN §6, spec 06 §4.
 *
 * A grant names the commitment and, by their digest, every leaf that is handed over: what was given under which
 * terms can be shown to a third party, and an owner that shows two readers different things signs both.
 */
import type { Value } from '../codec/cbor.ts'
import type { Tier } from '../codec/part.ts'
import { printTarget, type Target } from '../codec/statement.ts'
import { hasKeys, isCount, isList, type MapValue } from '../codec/value.ts'
import { ITEMS_MAX } from '../limits.ts'
import { printMarked, readMarked, type MarkedFile } from '../dataset/marked.ts'
import { fault, ok, type Result } from '../result.ts'
import type { TermId } from '../record/vocabulary.ts'
import { ACCESS_END_REASONS, DENIAL_REASONS } from '../record/vocabulary/access.ts'
import { commonOf, hashOf, noteOf, originOf, targetOf, termOf, tierOf, type Common } from './fields.ts'

export type DenialReason = TermId<typeof DENIAL_REASONS>
export type AccessEndReason = TermId<typeof ACCESS_END_REASONS>

/** The leaves handed over: how many, and SHA-256 over their hashes in the order of their places in the tree. */
export type Leaves = { readonly count: number; readonly digest: Uint8Array }

type Answer = Common & {
  /** The log of the owner. */
  readonly owner: string
  /** Key id of the requester. */
  readonly to: Uint8Array
}

export type Grant = Answer & {
  readonly kind: 'grant'
  readonly request: Uint8Array
  readonly on: Target
  readonly tier: Tier
  /** The commitment of that entry for this tier. */
  readonly commitment: Uint8Array
  readonly leaves: Leaves
  /** When the right to hold and use it ends, in seconds since 1970. */
  readonly until: number
  readonly terms: Uint8Array
  /** Files that were made for this reader. */
  readonly marked?: readonly MarkedFile[]
}

export type Denial = Answer & {
  readonly kind: 'denial'
  readonly request: Uint8Array
  readonly reason: DenialReason
  readonly note: string | null
}

export type Revocation = Answer & {
  readonly kind: 'revocation'
  readonly grant: Uint8Array
  readonly reason: AccessEndReason
  readonly note: string | null
}

export type GrantFault = 'grant-shape' | 'denial-shape' | 'revocation-shape'

const ANSWER_KEYS = ['v', 'kind', 'network', 'at', 'owner', 'to']

export function printGrant(grant: Grant): Value {
  const { on, leaves, marked, ...rest } = grant
  const printed = { ...rest, v: 1, on: printTarget(on), leaves: [leaves.count, leaves.digest] }
  return marked === undefined ? printed : { ...printed, marked: printMarked(marked) }
}

export function printDenial(denial: Denial): Value {
  return { ...denial, v: 1 }
}

export function printRevocation(revocation: Revocation): Value {
  return { ...revocation, v: 1 }
}

export function readGrant(value: MapValue): Result<Grant, GrantFault> {
  const answer = answerOf(value)
  const keys = ['request', 'on', 'tier', 'commitment', 'leaves', 'until', 'terms']
  const { marked, ...others } = value
  if (answer === undefined || !hasKeys(others, ...ANSWER_KEYS, ...keys)) return fault('grant-shape')
  const [request, commitment] = [hashOf(value['request']), hashOf(value['commitment'])]
  const [on, tier] = [targetOf(value['on'], answer.network), tierOf(value['tier'])]
  const [leaves, terms] = [leavesOf(value['leaves']), hashOf(value['terms'])]
  const { until } = value
  if (request === undefined || commitment === undefined || on === undefined) return fault('grant-shape')
  if (tier === undefined || tier === 'public' || leaves === undefined || terms === undefined)
    return fault('grant-shape')
  if (!isCount(until) || until <= answer.at) return fault('grant-shape')
  const grant: Grant = { kind: 'grant', ...answer, request, on, tier, commitment, leaves, until, terms }
  if (marked === undefined) return ok(grant)
  const files = readMarked(marked)
  return files === undefined ? fault('grant-shape') : ok({ ...grant, marked: files })
}

export function readDenial(value: MapValue): Result<Denial, GrantFault> {
  const answer = answerOf(value)
  if (answer === undefined || !hasKeys(value, ...ANSWER_KEYS, 'request', 'reason', 'note'))
    return fault('denial-shape')
  const [request, reason] = [hashOf(value['request']), termOf(DENIAL_REASONS, value['reason'])]
  const note = noteOf(value['note'])
  if (request === undefined || reason === undefined || note === undefined) return fault('denial-shape')
  return ok({ kind: 'denial', ...answer, request, reason, note })
}

export function readRevocation(value: MapValue): Result<Revocation, GrantFault> {
  const answer = answerOf(value)
  if (answer === undefined || !hasKeys(value, ...ANSWER_KEYS, 'grant', 'reason', 'note'))
    return fault('revocation-shape')
  const [grant, reason] = [hashOf(value['grant']), termOf(ACCESS_END_REASONS, value['reason'])]
  const note = noteOf(value['note'])
  if (grant === undefined || reason === undefined || note === undefined) return fault('revocation-shape')
  return ok({ kind: 'revocation', ...answer, grant, reason, note })
}

function answerOf(value: MapValue): Answer | undefined {
  const common = commonOf(value)
  if (common === undefined) return undefined
  const [owner, to] = [originOf(value['owner'], common.network), hashOf(value['to'])]
  return owner === undefined || to === undefined ? undefined : { ...common, owner, to }
}

function leavesOf(value: Value | undefined): Leaves | undefined {
  if (!isList(value) || value.length !== 2) return undefined
  const [count, hash] = value
  const digest = hashOf(hash)
  return isCount(count) && count <= ITEMS_MAX && digest !== undefined ? { count, digest } : undefined
}

/**
 * A detail request: who asks the owner of a record for which part of it, for what and on which terms. It names
 * the peer that will fetch the answer and the key to seal it to, so that nobody else can make use of it.
 * DESIGN §6, spec 06 §3.
 */
import type { Value } from '../codec/cbor.ts'
import type { Path } from '../codec/items.ts'
import type { Tier } from '../codec/part.ts'
import { printTarget, type Target } from '../codec/statement.ts'
import { hasKeys, isBytes, isCount, isList, type MapValue } from '../codec/value.ts'
import { isLabel } from '../identity/member.ts'
import { RECIPIENTS_MAX, REQUEST_SECONDS_MAX } from '../limits.ts'
import { fault, ok, type Result } from '../result.ts'
import type { TermId } from '../record/vocabulary.ts'
import { PURPOSES } from '../record/vocabulary/marking.ts'
import { commonOf, hashOf, originOf, partyOf, pathsOf, targetOf, termOf, textOf, tierOf } from './fields.ts'
import type { Common } from './fields.ts'

export type Purpose = TermId<typeof PURPOSES>

export type Request = Common & {
  readonly kind: 'request'
  /** The log of the member that asks, or null for somebody without a log. */
  readonly from: string | null
  /** The accreditation it rests on. */
  readonly accreditation: Target | null
  /** Ed25519 key of the libp2p node that will fetch the answer. */
  readonly peer: Uint8Array
  /** X25519 key to which the answer is sealed. */
  readonly box: Uint8Array
  /** The log of the owner, in its newest epoch. */
  readonly owner: string
  /** The entry whose part is asked for. */
  readonly on: Target
  readonly tier: Tier
  /** Beginnings of paths, or null for the whole part. */
  readonly items: readonly Path[] | null
  readonly purpose: Purpose
  readonly justification: string
  /** Organisations that will read it. Nobody named is nobody. */
  readonly recipients: readonly string[]
  /** Until when it is wanted, in seconds since 1970. */
  readonly until: number
  /** Digest of the terms accepted (§5 of the specification). */
  readonly terms: Uint8Array
  /** 16 random bytes: asking again is another request. */
  readonly nonce: Uint8Array
  /** When the request ends unanswered. */
  readonly expires: number
}

export type RequestFault = 'request-shape' | 'request-party' | 'request-target' | 'request-times'

const KEYS = [
  'v',
  'kind',
  'network',
  'at',
  'from',
  'accreditation',
  'peer',
  'box',
  'owner',
  'on',
  'tier',
  'items',
  'purpose',
  'justification',
  'recipients',
  'until',
  'terms',
  'nonce',
  'expires',
]

export function printRequest(request: Request): Value {
  const { accreditation, on } = request
  return {
    ...request,
    v: 1,
    accreditation: accreditation && printTarget(accreditation),
    on: printTarget(on),
  }
}

export function readRequest(value: MapValue): Result<Request, RequestFault> {
  const common = commonOf(value)
  if (common === undefined || !hasKeys(value, ...KEYS)) return fault('request-shape')
  const { network, at } = common
  const [from, owner] = [partyOf(value['from'], network), originOf(value['owner'], network)]
  const [peer, box] = [hashOf(value['peer']), hashOf(value['box'])]
  const named = value['accreditation']
  const accreditation = named === null ? null : targetOf(named, network)
  if (from === undefined || owner === undefined || accreditation === undefined) return fault('request-party')
  if (peer === undefined || box === undefined) return fault('request-party')
  const on = targetOf(value['on'], network)
  const wanted = wantedOf(value)
  if (on === undefined || wanted === undefined) return fault('request-target')
  const [purpose, justification] = [termOf(PURPOSES, value['purpose']), textOf(value['justification'])]
  const [recipients, terms] = [recipientsOf(value['recipients']), hashOf(value['terms'])]
  const { nonce, until, expires } = value
  if (purpose === undefined || justification === undefined || recipients === undefined)
    return fault('request-shape')
  if (terms === undefined || !isBytes(nonce, 16)) return fault('request-shape')
  if (!isCount(until) || !isCount(expires)) return fault('request-times')
  if (until <= at || expires <= at || expires - at > REQUEST_SECONDS_MAX) return fault('request-times')
  const who = { from, accreditation, peer, box, owner } as const
  const what = { on, ...wanted, purpose, justification, recipients } as const
  return ok({ kind: 'request', ...common, ...who, ...what, until, terms, nonce, expires })
}

function wantedOf(value: MapValue): Pick<Request, 'tier' | 'items'> | undefined {
  const tier = tierOf(value['tier'])
  if (tier === undefined) return undefined
  if (value['items'] === null) return { tier, items: null }
  const items = pathsOf(value['items'])
  // The public part is always read whole.
  return items === undefined || tier === 'public' ? undefined : { tier, items }
}

function recipientsOf(value: Value | undefined): readonly string[] | undefined {
  if (!isList(value) || value.length > RECIPIENTS_MAX) return undefined
  const labels = value.filter(isLabel)
  return labels.length === value.length && new Set(labels).size === labels.length ? labels : undefined
}

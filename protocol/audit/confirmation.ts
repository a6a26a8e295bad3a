/**
 * Who confirmed a head, by the keys that the audited logs of the other members declare, and what that says of time.
 * Nothing here is the word of the host that the bytes came from. DESIGN §4.5 and §4.7, spec 03 §10 and §13.
 */
import { equal } from '../bytes.ts'
import type { CharterState } from '../governance/charter.ts'
import { standingOf } from '../governance/standing.ts'
import { keysInForce, type KeyState } from '../identity/keystate.ts'
import { parseSignedCheckpoint, verifyCheckpoint } from '../log/checkpoint.ts'
import {
  confirmedAt,
  cosignersOf,
  isQuorumHead,
  readCosigned,
  type CosignedHead,
  type MemberKey,
} from '../log/cosigned-head.ts'
import { quorum, type CosignerRole } from '../log/cosignature.ts'
import { existedBy, type DatedHead } from '../log/time.ts'
import type { Primitives } from '../primitives.ts'

export type Confirmation = {
  /** Other members that could confirm it, and how many of their mirrors a quorum takes; none of nobody. */
  readonly others: number
  readonly needed: number
  /** Domains, in order. */
  readonly mirrors: readonly string[]
  readonly witnesses: readonly string[]
  readonly isQuorum: boolean
  /** When the last of a quorum confirmed it; seconds since 1970. */
  readonly at: number | undefined
}

/** Up to this size the entries existed by this time, if no more mirrors lie than a coalition of this size stands. */
export type ExistedBy = { readonly size: number; readonly time: number }

/** The cosigner keys of members whose cosignatures count, from the key states of their open logs. */
export function cosignerKeys(
  charter: CharterState,
  states: ReadonlyMap<string, KeyState>,
): readonly MemberKey[] {
  const counting = [...states].filter(([domain]) => standingOf(charter, domain) === 'member')
  return counting.flatMap(([domain, state]) => {
    const of = (role: CosignerRole) =>
      keysInForce(state, role, Number.MAX_SAFE_INTEGER).map(({ key }) => ({ domain, role, key }))
    return [...of('mirror'), ...of('witness')]
  })
}

export function othersOf({ document }: CharterState, origin: string): number {
  return document.members.filter(({ domain }) => !origin.startsWith(`${domain}/`)).length
}

export function confirmHead(
  primitives: Primitives,
  note: Uint8Array,
  keys: readonly MemberKey[],
  others: number,
): Confirmation {
  const signed = parseSignedCheckpoint(note)
  const none = { others, needed: others === 0 ? 0 : quorum(others) }
  if (!signed.ok) return { ...none, mirrors: [], witnesses: [], isQuorum: false, at: undefined }
  const head = readCosigned(primitives, signed.value, keys)
  return {
    ...none,
    mirrors: domainsOf(head, 'mirror'),
    witnesses: domainsOf(head, 'witness'),
    isQuorum: isQuorumHead(head, others),
    at: confirmedAt(head, others),
  }
}

/** What these cosigned heads of one log say of time: those that the audited tree really had at their size. */
export function timeBounds(
  primitives: Primitives,
  notes: readonly Uint8Array[],
  log: { readonly keys: KeyState; readonly rootAt: (size: number) => Uint8Array | undefined },
  keys: readonly MemberKey[],
  others: number,
): readonly ExistedBy[] {
  const heads = notes.flatMap((note): readonly DatedHead[] => {
    const signed = parseSignedCheckpoint(note)
    if (!signed.ok || signed.value.checkpoint.origin !== log.keys.origin) return []
    const { size, root } = signed.value.checkpoint
    const own = log.rootAt(size)
    const isSigned = keysInForce(log.keys, 'log', 0).some(
      ({ key }) => verifyCheckpoint(primitives, signed.value, key).ok,
    )
    if (!isSigned || own === undefined || !equal(own, root)) return []
    const head = readCosigned(primitives, signed.value, keys)
    return [{ size, times: [...cosignersOf(head, 'mirror').values()] }]
  })
  return heads.flatMap(({ size }): readonly ExistedBy[] => {
    const bound = existedBy(heads, size - 1, others)
    return bound === undefined ? [] : [{ size: bound.size, time: bound.time }]
  })
}

function domainsOf(head: CosignedHead, role: CosignerRole): readonly string[] {
  return [...cosignersOf(head, role).keys()].toSorted()
}

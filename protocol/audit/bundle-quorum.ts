/**
 * Who confirmed a statement in a bundle and what that says of time, by the charter's members or by a policy's witnesses.
 * The smallest head that is confirmed and covers the statement counts: the others add nothing. Spec 03 §10, §11 and §13.
 */
import { printHex } from '../bytes.ts'
import type { CharterState } from '../governance/charter.ts'
import { keyId } from '../identity/key.ts'
import { repeatedKeys } from '../identity/repeated.ts'
import type { KeyState } from '../identity/keystate.ts'
import type { Convicted } from '../governance/accountable.ts'
import type { SignedCheckpoint } from '../log/checkpoint.ts'
import { cosignersOf, isQuorumHead, readCosigned, type MemberKey } from '../log/cosigned-head.ts'
import { quorum } from '../log/cosignature.ts'
import { judgeByPolicy, type PolicyVerdictFault } from '../log/policy-judge.ts'
import type { Policy } from '../log/policy.ts'
import { existedBy, notBefore, type TimeBound } from '../log/time.ts'
import type { Primitives } from '../primitives.ts'
import { cosignerKeys, othersOf, outsideOn } from './confirmation.ts'

export type CosignedBy = { readonly name: string; readonly time: number }

/** `unwitnessed`: nobody else has to confirm it, so nobody else is known to have seen it. */
export type QuorumState = 'met' | 'not-met' | 'unwitnessed'

export type QuorumCheck = {
  readonly state: QuorumState
  /** The size of the head that this is said of; 0 where no head covers the statement. */
  readonly size: number
  readonly cosigned: readonly CosignedBy[]
  /** How many mirrors of how many other members the charter asks for; a policy has groups instead. */
  readonly needed: number | undefined
  readonly others: number | undefined
  readonly fault: PolicyVerdictFault | undefined
}

export type TimeCheck = {
  readonly existedBy: TimeBound | undefined
  readonly notBefore: TimeBound | undefined
}

export type Confirmation = { readonly quorum: QuorumCheck; readonly time: TimeCheck }

/** Confirms the entry at an index from the heads that are proven to belong to one history. */
export type Confirmer = (heads: readonly SignedCheckpoint[], index: number) => Confirmation

const NO_TIME: TimeCheck = { existedBy: undefined, notBefore: undefined }
const NO_HEAD = { size: 0, cosigned: [] }
/** A policy may be a tree of groups, of which these numbers say nothing. */
const UNKNOWN = { needed: undefined, others: undefined }

/** The mirrors of the other members, with whatever outside witnesses the charter asks for besides. */
export function confirmByCharter(
  primitives: Primitives,
  charter: CharterState,
  keys: readonly MemberKey[],
  origin: string,
): Confirmer {
  const others = othersOf(charter, origin)
  const needed = others === 0 ? 0 : quorum(others)
  const stateOf = (isMet: boolean): QuorumState => (others === 0 ? 'unwitnessed' : isMet ? 'met' : 'not-met')
  const known = { needed, others, fault: undefined }
  const judge = once((head: SignedCheckpoint): QuorumCheck => {
    const cosigned = readCosigned(primitives, head, keys)
    const outside = outsideOn(primitives, charter, head)
    const hasOutside = outside === undefined || outside.cosigned.length >= outside.needed
    const isMet = isQuorumHead(cosigned, others) && hasOutside
    const mirrors = [...cosignersOf(cosigned, 'mirror')].map(([name, time]) => ({ name, time }))
    return { state: stateOf(isMet), size: head.checkpoint.size, cosigned: mirrors, ...known }
  })
  return (heads, index) => {
    const judged = heads.map(judge)
    const found = best(judged, index) ?? { state: stateOf(false), ...NO_HEAD, ...known }
    if (others === 0) return { quorum: found, time: NO_TIME }
    const dated = judged.map(({ size, cosigned }) => ({ size, times: cosigned.map(({ time }) => time) }))
    const time = { existedBy: existedBy(dated, index, others), notBefore: notBefore(dated, index, others) }
    return { quorum: found, time }
  }
}

/** The witnesses of a policy. Their latest time is a bound as long as one of them is honest: no number of others is known. */
export function confirmByPolicy(primitives: Primitives, policy: Policy): Confirmer {
  const judge = once((head: SignedCheckpoint): QuorumCheck => {
    const verdict = judgeByPolicy(primitives, policy, head)
    const { size } = head.checkpoint
    if (!verdict.ok) return { state: 'not-met', size, cosigned: [], ...UNKNOWN, fault: verdict.fault }
    const cosigned = verdict.value.cosigned.map(({ witness, time }) => ({ name: witness.name, time }))
    return { state: verdict.value.quorum, size, cosigned, ...UNKNOWN, fault: undefined }
  })
  return (heads, index) => {
    const judged = heads.map(judge)
    const none: QuorumCheck = { state: 'not-met', ...NO_HEAD, ...UNKNOWN, fault: undefined }
    const found = best(judged, index) ?? none
    const isDated = found.state === 'met' && found.cosigned.length > 0
    const bound = { time: Math.max(...found.cosigned.map(({ time }) => time)), size: found.size }
    return { quorum: found, time: { existedBy: isDated ? bound : undefined, notBefore: undefined } }
  }
}

/**
 * The cosigner keys of the members, by their newest logs. A key that two of them declare counts for neither, and a
 * cosigner that is convicted of two histories does not count.
 */
export function memberKeys(
  primitives: Primitives,
  charter: CharterState,
  states: readonly KeyState[],
  convicted: readonly Convicted[],
): readonly MemberKey[] {
  const newest = new Map<string, KeyState>()
  for (const state of states) {
    const { domain, epoch } = state.epoch
    if ((newest.get(domain)?.epoch.epoch ?? 0) < epoch) newest.set(domain, state)
  }
  const repeated = new Set(repeatedKeys([...newest.values()]).map((one) => printHex(one.keyId)))
  return cosignerKeys(charter, newest).filter(({ domain, role, key }) => {
    const isStruck = convicted.some(
      (one) => one.kind === 'cosigner' && one.domain === domain && one.role === role,
    )
    return !isStruck && !repeated.has(printHex(keyId(primitives, key)))
  })
}

/** The smallest head that is confirmed and covers the entry; where none is, the one that most confirmed. */
function best(judged: readonly QuorumCheck[], index: number): QuorumCheck | undefined {
  const covering = judged.filter(({ size }) => size > index).toSorted((a, b) => a.size - b.size)
  const enough = covering.find(({ state }) => state === 'met')
  return enough ?? covering.toSorted((a, b) => b.cosigned.length - a.cosigned.length)[0]
}

/** Many statements stand under one head; its signatures are checked once. */
function once(judge: (head: SignedCheckpoint) => QuorumCheck): (head: SignedCheckpoint) => QuorumCheck {
  const known = new Map<SignedCheckpoint, QuorumCheck>()
  return (head) => {
    const check = known.get(head) ?? judge(head)
    known.set(head, check)
    return check
  }
}

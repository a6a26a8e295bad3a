/** The keys whose lines are verified: those that members' own logs declare, and those of the charter's outside witnesses. */
import { equal } from '../../protocol/bytes.ts'
import type { OutsideWitness } from '../../protocol/governance/charter.ts'
import { keysInForce, type KeyState } from '../../protocol/identity/keystate.ts'
import type { CosignerKey, MemberKey } from '../../protocol/log/cosigned-head.ts'

export type KeysParts = {
  /** Domains of the voting members, our own included. */
  readonly members: readonly string[]
  /** Witnesses outside that the charter names: their lines are kept beside those of members, and never in their place. */
  readonly outside: readonly OutsideWitness[]
  /** The key state of the open log of a member, as far as it is held. */
  readonly keysOf: (domain: string) => KeyState | undefined
}

export type Counting = (state: KeyState, role: MemberKey['role']) => readonly MemberKey['key'][]

export function cosignerKeys(
  { members, outside, keysOf }: KeysParts,
  counting: Counting,
): readonly CosignerKey[] {
  const declared = members.flatMap((domain): readonly CosignerKey[] => {
    const state = keysOf(domain)
    if (state === undefined) return []
    const of = (role: MemberKey['role']) => counting(state, role).map((key) => ({ domain, role, key }))
    return [...of('mirror'), ...of('witness')]
  })
  // One key, one cosigner: a key that a member declares too would speak for both.
  const isOneOwners = ({ key }: OutsideWitness) => !declared.some((other) => equal(other.key, key))
  const beside = outside
    .filter(isOneOwners)
    .map(({ name, key }): CosignerKey => ({ domain: name, role: 'outside', key }))
  return [...declared, ...beside]
}

export function inForce(state: KeyState, role: MemberKey['role']) {
  return keysInForce(state, role, Number.MAX_SAFE_INTEGER).map(({ key }) => key)
}

/** A line that was verified while its key was in force stays good when the key is retired, not when it is revoked. */
export function ever(state: KeyState, role: MemberKey['role']) {
  return [...state.keys.values()]
    .filter(({ purpose, revoked }) => purpose === role && revoked === undefined)
    .map(({ key }) => key)
}

/** Every key that was ever declared: what a stored line may have been verified under. */
export function declared(state: KeyState, role: MemberKey['role']) {
  return [...state.keys.values()].filter(({ purpose }) => purpose === role).map(({ key }) => key)
}

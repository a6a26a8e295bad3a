/** The keys whose lines are verified: those that members' own logs declare, and those of the charter's outside witnesses. */
import { equal } from '../../protocol/bytes.ts'
import type { OutsideWitness } from '../../protocol/governance/charter.ts'
import { keysInForce, type KeyRecord, type KeyState } from '../../protocol/identity/keystate.ts'
import type { CosignerKey, MemberKey } from '../../protocol/log/cosigned-head.ts'

export type KeysParts = {
  /** Domains of the voting members, our own included. */
  readonly members: readonly string[]
  /** Witnesses outside that the charter names: their lines are kept beside those of members, and never in their place. */
  readonly outside: readonly OutsideWitness[]
  /** The key states of a member's epochs, as far as they are held; undefined of one whose word counts no more. */
  readonly keysOf: (domain: string) => EpochKeys | undefined
}

export type EpochKeys = {
  /** Of the epoch that is open. */
  readonly open: KeyState
  /** Of all epochs, that one included. */
  readonly all: readonly KeyState[]
}

export type Counting = (keys: EpochKeys, role: MemberKey['role']) => readonly MemberKey['key'][]

export function cosignerKeys(
  { members, outside, keysOf }: KeysParts,
  counting: Counting,
): readonly CosignerKey[] {
  const declared = members.flatMap((domain): readonly CosignerKey[] => {
    const states = keysOf(domain)
    if (states === undefined) return []
    const of = (role: MemberKey['role']) => counting(states, role).map((key) => ({ domain, role, key }))
    return [...of('mirror'), ...of('witness')]
  })
  // One key, one cosigner: a key that a member declares too would speak for both.
  const isOneOwners = ({ key }: OutsideWitness) => !declared.some((other) => equal(other.key, key))
  const beside = outside
    .filter(isOneOwners)
    .map(({ name, key }): CosignerKey => ({ domain: name, role: 'outside', key }))
  return [...declared, ...beside]
}

export function inForce({ open }: EpochKeys, role: MemberKey['role']) {
  return keysInForce(open, role, Number.MAX_SAFE_INTEGER).map(({ key }) => key)
}

/**
 * A line that was verified here while its key was in force stays good when the key is retired, or left behind in an epoch that
 * was closed; not when any epoch revoked it.
 */
export function ever(keys: EpochKeys, role: MemberKey['role']) {
  const revoked = recordsOf(keys, role).filter((record) => record.revoked !== undefined)
  return declared(keys, role).filter((key) => !revoked.some((record) => equal(record.key, key)))
}

/** Every key that was ever declared: what a stored line may have been verified under. */
export function declared(keys: EpochKeys, role: MemberKey['role']) {
  const all = recordsOf(keys, role).map(({ key }) => key)
  return all.filter((key, at) => all.findIndex((other) => equal(other, key)) === at)
}

function recordsOf({ all }: EpochKeys, role: MemberKey['role']): readonly KeyRecord[] {
  return all.flatMap(({ keys }) => [...keys.values()].filter(({ purpose }) => purpose === role))
}

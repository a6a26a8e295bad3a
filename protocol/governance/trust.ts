/**
 * The trust policy that a charter and its members' key states amount to: whose heads count, and whose cosignatures
 * under them. What an auditor hands to any C2SP verifier. DESIGN §4.5, spec 03 §11.
 */
import { equal } from '../bytes.ts'
import { fault, ok, type Result } from '../result.ts'
import type { PublicKey } from '../identity/key.ts'
import { keysInForce, type KeyState } from '../identity/keystate.ts'
import { parseOrigin } from '../log/checkpoint.ts'
import { printCosignerName, quorum } from '../log/cosignature.ts'
import { SIGNATURE_TYPE } from '../log/note.ts'
import { NO_QUORUM, type Policy, type PolicyGroup, type PolicyWitness } from '../log/policy.ts'
import type { CharterState } from './charter.ts'
import { standingOf } from './standing.ts'

/** A log of one epoch as far as it was read: the key state that the entries below `size` make. */
export type KnownKeys = { readonly state: KeyState; readonly size: number }

type Part = { readonly witnesses: readonly PolicyWitness[]; readonly groups: readonly PolicyGroup[] }

const NOTHING: Part = { witnesses: [], groups: [] }

/**
 * The policy for one log, or for all known ones. For one, the mirrors are those of the other members. For all, they
 * are every member's, and a verifier has to leave out the log's own: ours does, a stranger's may not. Outside
 * witnesses that the charter names are a group of their own, needed besides the mirrors.
 *
 * Refused when mirror keys of too few members are known for any head to meet it.
 */
export function policyOf(
  charter: CharterState,
  known: readonly KnownKeys[],
  origin: string | undefined,
): Result<Policy, 'policy-mirrors'> {
  const own = origin === undefined ? undefined : domainOf(origin)
  const others = charter.document.members.map(({ domain }) => domain).filter((domain) => domain !== own)
  // For all logs, the fewest that any one of them needs: a member's own mirror is among those named and does not count.
  const n = own === undefined ? others.length - 1 : others.length
  const mirrors = mirrorGroup(charter, known, others, n)
  if (mirrors === undefined) return fault('policy-mirrors')
  const outside = outsideGroup(charter)
  const required = [mirrors, outside].flatMap(({ groups }) => groups.at(-1)?.name ?? [])
  const logs = known.flatMap(({ state, size }) =>
    keysInForce(state, 'log', size).map(({ key }) => ({
      key: { name: state.origin, type: SIGNATURE_TYPE.ed25519, key },
    })),
  )
  const all = { name: 'quorum', threshold: required.length, members: required }
  return ok({
    logs: logs.filter(({ key }) => origin === undefined || key.name === origin),
    witnesses: [...mirrors.witnesses, ...outside.witnesses],
    groups: [...mirrors.groups, ...outside.groups, ...(required.length > 1 ? [all] : [])],
    quorum: required.length > 1 ? all.name : (required[0] ?? NO_QUORUM),
  })
}

/** k of the mirrors of n others, of whom suspended ones do not count. With n = 0 there is nobody to ask. */
function mirrorGroup(
  charter: CharterState,
  known: readonly KnownKeys[],
  domains: readonly string[],
  n: number,
): Part | undefined {
  const { document } = charter
  if (n === 0) return NOTHING
  const keysOf = new Map(document.members.map(({ domain }) => [domain, mirrorKeys(known, domain)]))
  const all = [...keysOf.values(), document.outside?.witnesses.map(({ key }) => key) ?? []].flat()
  // A key that two declare would count twice, so it counts for neither (DESIGN §3: one owner, one purpose).
  const isOneOwners = (key: PublicKey) => all.filter((other) => equal(other, key)).length === 1
  const counting = domains.filter((domain) => standingOf(charter, domain) === 'member')
  const parts = counting.flatMap((domain) => mirrorOf(domain, keysOf.get(domain)?.filter(isOneOwners) ?? []))
  const threshold = quorum(n)
  if (parts.length < threshold) return undefined
  const members = parts.map(({ name }) => name)
  return {
    witnesses: parts.flatMap(({ witnesses }) => witnesses),
    groups: [...parts.flatMap(({ groups }) => groups), { name: 'mirrors', threshold, members }],
  }
}

/** The mirror keys in force in a member's newest log. */
function mirrorKeys(known: readonly KnownKeys[], domain: string): readonly PublicKey[] {
  const newest = known
    .filter(({ state }) => domainOf(state.origin) === domain)
    .toSorted((a, b) => epochOf(a.state.origin) - epochOf(b.state.origin))
    .at(-1)
  return newest === undefined ? [] : keysInForce(newest.state, 'mirror', newest.size).map(({ key }) => key)
}

/** A member's mirror; with two keys while one replaces the other, either of them, so that it counts once. */
function mirrorOf(domain: string, keys: readonly PublicKey[]): readonly (Part & { name: string })[] {
  if (keys.length === 0) return []
  const name = printCosignerName(domain, 'mirror')
  const witnesses = keys.map((key, index) => ({
    name: keys.length === 1 ? name : `${name}/${index + 1}`,
    key: { name, type: SIGNATURE_TYPE.cosignature, key },
  }))
  const either = { name, threshold: 1, members: witnesses.map((one) => one.name) }
  return [{ name, witnesses, groups: keys.length === 1 ? [] : [either] }]
}

function outsideGroup(charter: CharterState): Part {
  const { outside } = charter.document
  if (outside === undefined) return NOTHING
  const witnesses = outside.witnesses.map(({ name, key, url }) => ({
    // Apart from the names of members and groups, whatever strangers call themselves.
    name: `outside/${name}`,
    key: { name, type: SIGNATURE_TYPE.cosignature, key },
    url,
  }))
  const members = witnesses.map(({ name }) => name)
  return { witnesses, groups: [{ name: 'outside', threshold: outside.needed, members }] }
}

function domainOf(origin: string): string | undefined {
  const read = parseOrigin(origin)
  return read.ok ? read.value.domain : undefined
}

function epochOf(origin: string): number {
  const read = parseOrigin(origin)
  return read.ok ? read.value.epoch : 0
}

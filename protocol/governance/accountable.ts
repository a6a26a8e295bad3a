/**
 * Whose key a proof of equivocation convicts, if anybody's. The proof itself shows only that some key signed two
 * things that exclude each other; it counts when that key is in force, for this purpose, for a member of this
 * network. So nobody can freeze an honest member with keys of their own, retired keys or another network's notes.
 * DESIGN §4.6, spec 04 §8.
 */
import { equal } from '../bytes.ts'
import { keysInForce, type KeyState } from '../identity/keystate.ts'
import { parseOrigin } from '../log/checkpoint.ts'
import { printCosignerName, type CosignerRole } from '../log/cosignature.ts'
import type { CosignedAs } from '../log/cosigned-head.ts'
import type { ProvenEquivocation } from '../log/equivocation.ts'
import { fault, ok, type Result } from '../result.ts'
import { memberOf, speakerOf, type CharterState } from './charter.ts'

/**
 * A log, frozen unless its closing protects it (`JudgedEpoch`), or a cosigner whose lines count no more; `domain` of an
 * outside witness is its name.
 */
export type Convicted =
  | { readonly kind: 'log'; readonly origin: string; readonly domain: string }
  | { readonly kind: 'cosigner'; readonly role: CosignedAs; readonly domain: string }

/**
 * `key-not-declared`: leaf 0 names another log key, which never changes. `key-not-in-force`: a cosigner's key that is
 * retired, revoked or not held here. `key-not-known-yet`: the log that declares it is not held here. `clock-outside`: an
 * outside witness whose times alone contradict its sizes.
 */
export type AccountFault =
  'not-a-member' | 'key-not-declared' | 'key-not-in-force' | 'key-not-known-yet' | 'clock-outside'

export type Accounts = {
  readonly charter: CharterState
  /** The key state of a log, where it is held, with the number of entries that it stands above. */
  readonly logs: readonly { readonly origin: string; readonly keys: KeyState; readonly size: number }[]
  /** Whether a later epoch closed this one at a head that a quorum confirmed: keys that only it declares convict no cosigner. */
  readonly isClosed: (origin: string) => boolean
}

export function convict(accounts: Accounts, proven: ProvenEquivocation): Result<Convicted, AccountFault> {
  return proven.kind === 'cosigner' ? convictCosigner(accounts, proven) : convictLog(accounts, proven)
}

function convictLog(
  { charter, logs }: Accounts,
  { origin, subject }: ProvenEquivocation,
): Result<Convicted, AccountFault> {
  const speaker = speakerOf(charter, origin)
  if (speaker === undefined) return fault('not-a-member')
  const log = logs.find((one) => one.origin === origin)
  if (log === undefined) return fault('key-not-known-yet')
  // The log key of an epoch is declared by leaf 0 and never changes within it.
  const [key] = keysInForce(log.keys, 'log', 0)
  if (key === undefined || !equal(key.key, subject.key)) return fault('key-not-declared')
  return ok({ kind: 'log', origin, domain: speaker.domain })
}

function convictCosigner(
  { charter, logs, isClosed }: Accounts,
  proven: ProvenEquivocation,
): Result<Convicted, AccountFault> {
  const { origin, subject } = proven
  const isOutside = charter.document.outside?.witnesses.some(
    ({ name, key }) => name === subject.name && equal(key, subject.key),
  )
  if (isOutside === true) return convictOutside(charter, proven)
  const [domain, role] = cosignerOf(subject.name)
  if (domain === undefined || role === undefined || memberOf(charter, domain) === undefined)
    return fault('not-a-member')
  // What it cosigned must be of this network too: a key serves one network.
  if (speakerOf(charter, origin) === undefined) return fault('not-a-member')
  const declaring = logs.filter((log) => domainOf(log.origin) === domain && !isClosed(log.origin))
  if (declaring.length === 0) return fault('key-not-known-yet')
  const isDeclared = declaring.some(({ keys, size }) =>
    keysInForce(keys, role, size).some(({ key }) => equal(key, subject.key)),
  )
  return isDeclared ? ok({ kind: 'cosigner', role, domain }) : fault('key-not-in-force')
}

/**
 * Of a stranger's witness we know only the rules of C2SP, which let a clock be set back: two trees convict it, a time
 * that fits no size does not. Of members more is asked (spec 03 §12).
 */
function convictOutside(
  charter: CharterState,
  { origin, subject, sizes, commonSizeMax }: ProvenEquivocation,
): Result<Convicted, AccountFault> {
  if (speakerOf(charter, origin) === undefined) return fault('not-a-member')
  // Two sizes that may have all of the smaller in common: what contradicts is the times.
  if (sizes[0] < sizes[1] && commonSizeMax === sizes[0]) return fault('clock-outside')
  return ok({ kind: 'cosigner', role: 'outside', domain: subject.name })
}

function cosignerOf(name: string): readonly [string | undefined, CosignerRole | undefined] {
  const [domain] = name.split('/')
  const role = (['witness', 'mirror'] as const).find(
    (one) => domain !== undefined && name === printCosignerName(domain, one),
  )
  return [domain, role]
}

function domainOf(origin: string): string | undefined {
  const read = parseOrigin(origin)
  return read.ok ? read.value.domain : undefined
}

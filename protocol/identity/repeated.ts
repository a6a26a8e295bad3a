/**
 * A key belongs to one organisation and has one purpose in a network (DESIGN §3). Within one log that is a rule of
 * validity; between logs it can only be found, because no log can know what another one will declare.
 */
import { printHex } from '../bytes.ts'
import { parseOrigin } from '../log/checkpoint.ts'
import type { KeyPurpose } from './epoch.ts'
import type { KeyId } from './key.ts'
import type { KeyState } from './keystate.ts'

export type DeclaredAt = {
  readonly origin: string
  readonly index: number
  readonly purpose: KeyPurpose | 'root'
}

/** One key, where it is first declared and where it is declared again against the rule. */
export type RepeatedKey = { readonly keyId: KeyId; readonly first: DeclaredAt; readonly again: DeclaredAt }

/**
 * Keys that two of these logs declare for two purposes or for two members. A member takes its keys along into its
 * next epoch, each for the same purpose; only the log key is another one each time.
 */
export function repeatedKeys(states: readonly KeyState[]): readonly RepeatedKey[] {
  const seen = new Map<string, DeclaredAt>()
  const repeated: RepeatedKey[] = []
  for (const state of states) {
    for (const [keyId, declared] of declarations(state)) {
      const first = seen.get(printHex(keyId))
      if (first === undefined) seen.set(printHex(keyId), declared)
      else if (!isTakenAlong(first, declared)) repeated.push({ keyId, first, again: declared })
    }
  }
  return repeated
}

function declarations({ origin, rootId, keys }: KeyState): readonly (readonly [KeyId, DeclaredAt])[] {
  const declared = [...keys.values()].map(({ keyId, purpose, addedAt }) => {
    return [keyId, { origin, index: addedAt, purpose }] as const
  })
  return [[rootId, { origin, index: 0, purpose: 'root' }], ...declared]
}

function isTakenAlong(first: DeclaredAt, again: DeclaredAt): boolean {
  return domainOf(first) === domainOf(again) && first.purpose === again.purpose && first.purpose !== 'log'
}

function domainOf({ origin }: DeclaredAt): string {
  const read = parseOrigin(origin)
  return read.ok ? read.value.domain : origin
}

/**
 * What a member is in the coalition, as one function of the state of the charter. Affiliates and suspension come
 * with decisions, which extend that state; whoever asks is ready for them.
 */
import { memberOf, type CharterState } from './charter.ts'

export type Standing = 'member' | 'affiliate' | 'suspended' | 'none'

export function standingOf(state: CharterState, domain: string): Standing {
  return memberOf(state, domain) === undefined ? 'none' : 'member'
}

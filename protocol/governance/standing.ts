/**
 * What a party is in the coalition, as one function of the state of the charter. Decisions will extend that state;
 * whoever asks is ready for them.
 */
import { memberOf, partyOf, type CharterState } from './charter.ts'

export type Standing = 'member' | 'affiliate' | 'suspended' | 'none'

export function standingOf(state: CharterState, domain: string): Standing {
  if (partyOf(state, domain) === undefined) return 'none'
  if (state.document.suspended?.includes(domain) === true) return 'suspended'
  return memberOf(state, domain) === undefined ? 'affiliate' : 'member'
}

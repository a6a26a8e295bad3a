/** Why access is denied or ends, and what a reader did after hearing of a change. DESIGN §6, spec 06. */
import { vocabulary } from '../vocabulary.ts'

/** Reasons of signed denials. All but the last six are found by `decide`; those a rule or a person gives. */
export const DENIAL_REASONS = vocabulary({
  id: 'candor/denial-reason',
  version: 1,
  open: 'none',
  terms: [
    { id: 'no_standing', label: 'Neither a partner nor accredited' },
    { id: 'member_suspended', label: 'The membership is suspended' },
    { id: 'accreditation_needed', label: 'This tier is for accredited researchers' },
    { id: 'accreditation_incomplete', label: 'Too few accreditors stand behind the accreditation' },
    { id: 'accreditation_not_yet', label: 'The accreditation has not begun' },
    { id: 'accreditation_expired', label: 'The accreditation has ended' },
    { id: 'accreditation_revoked', label: 'The accreditation was revoked' },
    { id: 'accreditation_suspended', label: 'The accreditation is suspended' },
    { id: 'scope_tier', label: 'The accreditation does not cover this tier' },
    { id: 'scope_purpose', label: 'The accreditation does not cover this purpose' },
    { id: 'scope_sector', label: 'The accreditation does not cover this sector' },
    { id: 'no_recipients', label: 'No recipient is named: an empty audience is nobody' },
    { id: 'until_past', label: 'The time asked for is over' },
    { id: 'terms_not_accepted', label: 'Other terms were accepted than those that hold' },
    { id: 'marking_recipients', label: 'The marking does not allow these recipients' },
    { id: 'marking_not_yet', label: 'The marking does not allow it yet' },
    { id: 'marking_ended', label: 'The marking no longer allows it' },
    { id: 'no_rule', label: 'No rule of the owner allows it' },
    { id: 'part_absent', label: 'The record has no such part' },
    { id: 'part_erased', label: 'The part was erased' },
    { id: 'items_unknown', label: 'The part has no such items' },
    { id: 'policy', label: 'A rule of the owner forbids it' },
    { id: 'conflict_of_interest', label: 'Conflict of interest' },
    { id: 'investigation', label: 'Investigation under way' },
    { id: 'legal', label: 'Legal reasons' },
    { id: 'insufficient_justification', label: 'The justification does not carry the request' },
    { id: 'declined', label: 'Declined by a person' },
  ],
})

/** Why a grant or an accreditation ends before its time. */
export const ACCESS_END_REASONS = vocabulary({
  id: 'candor/access-end-reason',
  version: 1,
  open: 'none',
  terms: [
    { id: 'terms_broken', label: 'Terms were broken' },
    { id: 'leak', label: 'Content was found where it must not be' },
    { id: 'key_lost', label: 'A key was lost or taken' },
    { id: 'standing_lost', label: 'The recipient no longer has the standing' },
    { id: 'purpose_ended', label: 'The purpose is fulfilled or given up' },
    { id: 'record_withdrawn', label: 'The record was withdrawn or erased' },
    { id: 'under_review', label: 'Under review' },
    { id: 'legal', label: 'Legal reasons' },
    { id: 'mistake', label: 'Given by mistake' },
  ],
})

/** What a reader says it did when it heard of a retraction, correction, erasure or revocation. */
export const ACK_STATES = vocabulary({
  id: 'candor/ack-state',
  version: 1,
  open: 'none',
  terms: [
    { id: 'noted', label: 'Heard of it' },
    { id: 'marked', label: 'Marked every copy' },
    { id: 'erased', label: 'Deleted every copy and opening' },
  ],
})

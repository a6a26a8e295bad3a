/** What members say about records: sightings, links, and why something is taken back. */
import { vocabulary } from '../vocabulary.ts'

export const SIGHTINGS = vocabulary({
  id: 'candor/sighting',
  version: 1,
  open: 'none',
  terms: [
    { id: 'seen', label: 'Seen' },
    { id: 'reproduced', label: 'Reproduced' },
    { id: 'not_reproduced', label: 'Not reproduced' },
    { id: 'exploited', label: 'Exploited' },
    { id: 'not_affected', label: 'Not affected' },
    { id: 'fixed', label: 'Fixed' },
    { id: 'fix_ineffective', label: 'The fix does not work' },
  ],
})

/** Typed, signed and never transitive: following them to closure joins cases that have nothing in common. */
export const LINK_RELATIONS = vocabulary({
  id: 'candor/link-relation',
  version: 1,
  open: 'none',
  terms: [
    { id: 'same-event', label: 'The same event' },
    { id: 'overlaps', label: 'Overlaps with' },
    { id: 'part-of', label: 'Part of' },
    { id: 'variant-of', label: 'Variant of' },
    { id: 'same-cause', label: 'Has the same cause as' },
    { id: 'derived-from', label: 'Derived from' },
    { id: 'duplicate-of', label: 'Duplicate of' },
  ],
})

/** On what basis parts of a record are deleted everywhere. */
export const ERASURE_BASES = vocabulary({
  id: 'candor/erasure-basis',
  version: 1,
  open: 'none',
  terms: [
    { id: 'data_subject', label: 'A person asked for it' },
    { id: 'legal_order', label: 'A court or an authority ordered it' },
    { id: 'third_party', label: 'It was of somebody else' },
    { id: 'safety', label: 'It endangers people' },
    { id: 'published_by_mistake', label: 'Published by mistake' },
    { id: 'retention_ended', label: 'The time for which it was kept is over' },
  ],
})

export const RETRACTION_REASONS = vocabulary({
  id: 'candor/retraction-reason',
  version: 1,
  open: 'other',
  terms: [
    { id: 'factual_error', label: 'It is wrong' },
    { id: 'not_an_incident', label: 'It is not an incident' },
    { id: 'duplicate', label: 'It is a duplicate' },
    { id: 'published_by_mistake', label: 'Published by mistake' },
    { id: 'legal', label: 'Legal reasons' },
  ],
})

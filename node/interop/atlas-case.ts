/** What a case study of ATLAS says besides its texts: kind, date, parties, references, and the procedure as a timeline. */
import type { Value } from '../../protocol/codec/cbor.ts'
import type { MapValue } from '../../protocol/codec/value.ts'
import { daysOf } from '../../protocol/record/date.ts'
import { TIMELINE_MAX } from '../../protocol/record/incident-restricted.ts'
import { CLASSIFICATIONS_MAX, REFERENCES_MAX } from '../../protocol/record/shared-fields.ts'
import { cutText } from '../../protocol/record/summary.ts'
import { labelOf } from '../../protocol/record/vocabulary.ts'
import { ATLAS_TECHNIQUES } from '../../protocol/record/vocabulary/atlas.ts'
import { fitList, fitNames, isAddress, listField, type Mapping } from './mapping.ts'
import { isOriginal, listAt, oneLine, plainText, textAt, type Original } from './original.ts'

const STEP_LENGTH_MAX = 4_000

export function factsOf(mapping: Mapping, original: Original): { public: MapValue; partner: MapValue } {
  const timeline = timelineOf(mapping, original)
  return {
    public: {
      kind: kindOf(mapping, original),
      occurred: occurredOf(mapping, original),
      ...partiesOf(mapping, original),
      ...techniquesOf(mapping, timeline),
      ...referencesOf(mapping, original),
    },
    partner: listField('timeline', timeline),
  }
}

/** An exercise is one; an "incident" of ATLAS is an attack that really happened. */
function kindOf(mapping: Mapping, original: Original): string {
  const type = textAt(original, 'case-study-type')
  const note = type === 'exercise' ? undefined : 'ATLAS does not say whom it harmed'
  mapping.set('case-study-type', type === 'exercise' ? 'direct' : 'approximate', 'kind', note)
  return type === 'exercise' ? 'exercise' : 'harm_event'
}

/** ATLAS writes a full date and says how much of it is meant; the record holds only that much. */
function occurredOf(mapping: Mapping, original: Original): MapValue {
  const text = textAt(original, 'incident-date')
  const granularity = textAt(original, 'incident-date-granularity') ?? 'DATE'
  const shape = GRANULARITIES.get(granularity)
  if (text === undefined || shape === undefined || daysOf(text, 'day') === undefined)
    return { precision: 'unknown', basis: 'occurred' }
  mapping.set('incident-date', 'direct', 'occurred.start')
  mapping.set('incident-date-granularity', 'direct', 'occurred.precision')
  return { start: text.slice(0, shape.length), precision: shape.precision, basis: 'occurred' }
}

const GRANULARITIES: ReadonlyMap<string, { precision: string; length: number }> = new Map([
  ['DATE', { precision: 'day', length: 10 }],
  ['MONTH', { precision: 'month', length: 7 }],
  ['YEAR', { precision: 'year', length: 4 }],
])

function partiesOf(mapping: Mapping, original: Original): MapValue {
  const parties = ['target', 'actor', 'reporter'].flatMap((role): Value[] => {
    const text = textAt(original, role)
    if (text === undefined) return []
    mapping.set(role, 'direct', 'parties')
    return fitNames(mapping, role, [text]).map((name) => ({ role, name }))
  })
  return listField('parties', parties)
}

function timelineOf(mapping: Mapping, original: Original): readonly MapValue[] {
  const steps = listAt(original, 'procedure').filter(isOriginal)
  if (steps.length > 0) mapping.set('procedure', 'direct', 'timeline')
  const timeline = steps.flatMap((step): MapValue[] => {
    const text = cutText(plainText(textAt(step, 'description') ?? ''), STEP_LENGTH_MAX)
    if (text.text === '') mapping.cut('procedure', 'without steps that have no description')
    if (text.text === '') return []
    if (text.partial) mapping.cut('procedure', `steps cut to ${STEP_LENGTH_MAX} characters`)
    const tactic = identifier(mapping, step, 'tactic')
    const technique = identifier(mapping, step, 'technique')
    return [{ ...tactic, ...technique, text: text.text }]
  })
  return fitList(mapping, 'procedure', timeline, TIMELINE_MAX)
}

/** Only resolved identifiers: `AML.TA0003`, `AML.T0043.001`, or of ATT&CK without the prefix. */
function identifier(mapping: Mapping, step: Original, key: 'tactic' | 'technique'): MapValue {
  const text = textAt(step, key)
  if (text === undefined) return {}
  if (/^(?:AML\.)?TA?\d{4}(?:\.\d{3})?$/u.test(text)) return { [key]: text }
  mapping.cut('procedure', `without a ${key} that this version cannot resolve`)
  return {}
}

/** The techniques alone are public: they are what others search for; the steps stay with partners. */
function techniquesOf(mapping: Mapping, timeline: readonly MapValue[]): MapValue {
  const ids = new Set(timeline.flatMap(({ technique }) => (typeof technique === 'string' ? [technique] : [])))
  const all = [...ids].map((id) => {
    const label = labelOf(ATLAS_TECHNIQUES, id)
    return { scheme: 'mitre-atlas/technique', id, ...(label === undefined ? {} : { label }) }
  })
  return listField('classifications', fitList(mapping, 'procedure', all, CLASSIFICATIONS_MAX))
}

function referencesOf(mapping: Mapping, original: Original): MapValue {
  const all = listAt(original, 'references').filter(isOriginal)
  if (all.length > 0) mapping.set('references', 'direct', 'references')
  const usable = all.filter((reference) => isAddress(textAt(reference, 'url') ?? ''))
  if (usable.length < all.length) mapping.cut('references', 'without those that are no http(s) address')
  const references = fitList(mapping, 'references', usable, REFERENCES_MAX).map((reference) => {
    const label = cutText(oneLine(textAt(reference, 'title') ?? ''), 400).text
    return { url: textAt(reference, 'url') ?? '', ...(label === '' ? {} : { label }) }
  })
  return listField('references', references)
}

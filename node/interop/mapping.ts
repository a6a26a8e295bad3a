/**
 * Building a record from an original while keeping account of every field: what was carried over as it is, in
 * part, by judgement, or not at all. The account travels in `source.mapping`.
 */
import type { Value } from '../../protocol/codec/cbor.ts'
import type { MapValue } from '../../protocol/codec/value.ts'
import { lengthOf, NAME_LENGTH_MAX, URL_LENGTH_MAX } from '../../protocol/record/field.ts'
import {
  DESCRIPTION_LENGTH_MAX,
  SUMMARY_LENGTH_MAX,
  TITLE_LENGTH_MAX,
} from '../../protocol/record/incident-public.ts'
import { NARRATIVE_LENGTH_MAX } from '../../protocol/record/incident-restricted.ts'
import { MAPPINGS_MAX } from '../../protocol/record/shared-fields.ts'
import { cutAtSentence, cutText } from '../../protocol/record/summary.ts'
import { isEmpty, oneLine, plainText, type Original } from './original.ts'

export type MappingStatus = 'direct' | 'partial' | 'approximate' | 'unmapped'

type Account = { readonly status: MappingStatus; readonly to?: string; readonly note?: string }

/** Keys of one object that get an account. Real ones have a dozen; a hostile one could have a million. */
const KEYS_MAX = 256

/** The account of one original. Written only by the importer that reads it. */
export class Mapping {
  private readonly accounts = new Map<string, Account>()

  set(field: string, status: MappingStatus, to?: string, note?: string): void {
    this.accounts.set(field, {
      status,
      ...(to === undefined ? {} : { to }),
      ...(note === undefined ? {} : { note }),
    })
  }

  /** Says that some of a field was left out. What was approximate or unmapped stays so. */
  cut(field: string, note: string): void {
    const account = this.accounts.get(field)
    const status = account === undefined || account.status === 'direct' ? 'partial' : account.status
    this.set(field, status, account?.to, note)
  }

  /** Every field that says something and has no account yet is unmapped: nothing is dropped in silence. */
  rest(of: Original, prefix = ''): void {
    for (const [key, value] of Object.entries(of).slice(0, KEYS_MAX)) {
      const field = `${prefix}${key}`
      const known = [...this.accounts.keys()].some((name) => name === field || name.startsWith(`${field}.`))
      if (!known && !isEmpty(value)) this.set(field, 'unmapped')
    }
  }

  list(): readonly Value[] {
    const all = [...this.accounts].map(([field, account]): Value => {
      const name = cutText(oneLine(field), 120).text
      return { field: name === '' ? '?' : name, ...account }
    })
    if (all.length <= MAPPINGS_MAX) return all
    const note = `${all.length - MAPPINGS_MAX + 1} more fields`
    return [...all.slice(0, MAPPINGS_MAX - 1), { field: '…', status: 'unmapped', note }]
  }
}

/** The texts of a record: title, summary, description and, when even that is too short, the partner narrative. */
export type Texts = {
  readonly public: MapValue
  readonly narrative?: string
}

export type TextFields = { readonly title: string; readonly description: string | undefined }

/** Fits title and description into the lengths of a record and says what it cost. `fields` names them in the original. */
export function fitTexts(
  mapping: Mapping,
  texts: TextFields,
  fields: { title: string; description: string },
): Texts {
  const title = cutText(oneLine(texts.title), TITLE_LENGTH_MAX)
  mapping.set(fields.title, 'direct', 'title')
  if (title.partial) mapping.cut(fields.title, `cut to ${TITLE_LENGTH_MAX} characters`)
  const whole = plainText(texts.description ?? '')
  if (whole === '') {
    mapping.set(fields.description, 'unmapped', undefined, 'empty: the title stands for it')
    return { public: { title: title.text, summary: title.text } }
  }
  const summary = cutAtSentence(whole, SUMMARY_LENGTH_MAX)
  const base = { title: title.text, summary: summary.text }
  mapping.set(fields.description, 'direct', 'summary')
  if (!summary.partial) return { public: base }
  const description = cutAtSentence(whole, DESCRIPTION_LENGTH_MAX)
  const published = { ...base, summary_partial: true, description: description.text }
  mapping.set(fields.description, 'direct', 'summary, description')
  if (!description.partial) return { public: published }
  const narrative = cutText(whole, NARRATIVE_LENGTH_MAX)
  mapping.set(
    fields.description,
    'direct',
    'summary, description, narrative',
    'whole in the partner narrative',
  )
  if (narrative.partial) mapping.cut(fields.description, `cut to ${NARRATIVE_LENGTH_MAX} characters`)
  return { public: published, narrative: narrative.text }
}

/** Names as a record may hold them: one line each, bounded, none twice. */
export function fitNames(mapping: Mapping, field: string, names: readonly string[]): readonly string[] {
  const fitted = names.map((name) => cutText(oneLine(name), NAME_LENGTH_MAX))
  if (fitted.some((name) => name.partial)) mapping.cut(field, `names cut to ${NAME_LENGTH_MAX} characters`)
  return [...new Set(fitted.map((name) => name.text).filter((name) => name !== ''))]
}

/** The first `max` items, and a mark when there were more. */
export function fitList<T>(mapping: Mapping, field: string, items: readonly T[], max: number): readonly T[] {
  if (items.length > max) mapping.cut(field, `the first ${max} of ${items.length}`)
  return items.slice(0, max)
}

/** An address as a reference may hold it. */
export function isAddress(text: string): boolean {
  return lengthOf(text) <= URL_LENGTH_MAX && /^https?:\/\/[^\s/][^\s\p{Cc}\p{Surrogate}]*$/u.test(text)
}

/** `{[key]: items}` when there are any: an empty list says nothing and is left out. */
export function listField(key: string, items: readonly Value[]): MapValue {
  return items.length === 0 ? {} : { [key]: items }
}

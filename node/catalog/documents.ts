/** What the catalogue knows of a statement: taken from its public part, whoever wrote it and however well. */
import type { MapValue } from '../../protocol/codec/value.ts'
import { isList, isMap } from '../../protocol/codec/value.ts'
import type { Value } from '../../protocol/codec/cbor.ts'

export type CatalogDocument = {
  readonly log: number
  readonly index: number
  /** 26 base32 characters. */
  readonly record: string
  readonly author: string
  readonly version: number
  readonly kind: string
  readonly status: string
  readonly title: string
  readonly summary: string
  /** Further words to find it by. */
  readonly text: string
  /** ISO 8601, as precise as is known; empty when unknown. */
  readonly occurred: string
  readonly sectors: readonly string[]
  readonly harms: readonly string[]
}

const WORDS_LENGTH_MAX = 4_000

export function describeIncident(
  place: Pick<CatalogDocument, 'log' | 'index' | 'record' | 'author' | 'version'>,
  document: MapValue,
): CatalogDocument {
  const text = (value: Value | undefined) => (typeof value === 'string' ? value : '')
  const texts = (value: Value | undefined) =>
    isList(value) ? value.filter((item) => typeof item === 'string') : []
  const fields = (value: Value | undefined, key: string) =>
    isList(value)
      ? value.flatMap((item) => (isMap(item) && typeof item[key] === 'string' ? [item[key]] : []))
      : []
  const occurred = document['occurred']
  const words = [
    text(document['description']),
    ...fields(document['systems'], 'name'),
    ...fields(document['parties'], 'name'),
  ]
  return {
    ...place,
    kind: text(document['kind']),
    status: text(document['status']),
    title: text(document['title']),
    summary: text(document['summary']),
    text: words.join(' ').slice(0, WORDS_LENGTH_MAX),
    occurred: isMap(occurred) ? text(occurred['start']) : '',
    sectors: texts(document['sectors']),
    harms: fields(document['harms'], 'type'),
  }
}

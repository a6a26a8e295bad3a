/** What the catalogue knows of a statement: taken from its public part, whoever wrote it and however well. */
import type { Value } from '../../protocol/codec/cbor.ts'
import type { MapValue } from '../../protocol/codec/value.ts'
import { isList, isMap } from '../../protocol/codec/value.ts'
import type { Occurred } from './moments.ts'
import { cutTo } from './words.ts'

/** Where a statement stands, and what it is a version of. */
export type Place = {
  readonly log: number
  readonly index: number
  /** 16 bytes. */
  readonly record: Uint8Array
  /** The domain of the member whose log it is. */
  readonly author: string
  readonly version: number
  readonly statementKind: string
}

export type CatalogRow = Place & {
  readonly kind: string
  readonly status?: string
  readonly title: string
  readonly summary: string
  readonly occurred?: Occurred
  readonly sectors: readonly string[]
  readonly harms: readonly string[]
  /** What the statement is about, where it is about another one. */
  readonly target?: { readonly record: Uint8Array; readonly kind: string }
}

/** A row to be, with further words to find it by; the words are indexed and not kept. */
export type CatalogDocument = CatalogRow & { readonly text: string }

/** UTF-16 units kept of what a row shows. The schema allows half as many; a row never fills a page by itself. */
const TITLE_LENGTH_MAX = 400
const SUMMARY_LENGTH_MAX = 800
export const TERM_LENGTH_MAX = 128
const SECTORS_MAX = 16
const HARMS_MAX = 32

/** The row of a document, cut to its bounds: rows of other members' records are as long as they wish. */
export function rowOf(document: CatalogDocument): CatalogRow {
  const { text: _, status, occurred, target, ...rest } = document
  const terms = (all: readonly string[], max: number) =>
    [...new Set(all.filter((term) => term.length <= TERM_LENGTH_MAX))].slice(0, max)
  return {
    ...rest,
    kind: cutTo(rest.kind, TERM_LENGTH_MAX),
    title: cutTo(rest.title, TITLE_LENGTH_MAX),
    summary: cutTo(rest.summary, SUMMARY_LENGTH_MAX),
    sectors: terms(rest.sectors, SECTORS_MAX),
    harms: terms(rest.harms, HARMS_MAX),
    ...(status === undefined ? {} : { status: cutTo(status, TERM_LENGTH_MAX) }),
    ...(occurred === undefined || occurred.start.length > TERM_LENGTH_MAX ? {} : { occurred }),
    ...(target === undefined ? {} : { target }),
  }
}

export function describeIncident(place: Place, document: MapValue): CatalogDocument {
  const status = textOf(document['status'])
  const occurred = occurredOf(document['occurred'])
  const words = [
    textOf(document['description']),
    ...fieldsOf(document['systems'], 'name'),
    ...fieldsOf(document['parties'], 'name'),
  ]
  return {
    ...place,
    kind: textOf(document['kind']),
    title: textOf(document['title']),
    summary: textOf(document['summary']),
    text: words.join(' '),
    sectors: textsOf(document['sectors']),
    harms: fieldsOf(document['harms'], 'type'),
    ...(status === '' ? {} : { status }),
    ...(occurred === undefined ? {} : { occurred }),
  }
}

function occurredOf(value: Value | undefined): Occurred | undefined {
  if (!isMap(value)) return undefined
  const { start, end, precision } = value
  if (typeof start !== 'string') return undefined
  return {
    start,
    ...(typeof end === 'string' ? { end } : {}),
    ...(typeof precision === 'string' ? { precision } : {}),
  }
}

function textOf(value: Value | undefined): string {
  return typeof value === 'string' ? value : ''
}

function textsOf(value: Value | undefined): readonly string[] {
  return isList(value) ? value.filter((item) => typeof item === 'string') : []
}

function fieldsOf(value: Value | undefined, key: string): readonly string[] {
  if (!isList(value)) return []
  return value.flatMap((item) => (isMap(item) && typeof item[key] === 'string' ? [item[key]] : []))
}

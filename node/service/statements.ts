/** Reading statements of any log from the store: entries with their documents and the marks they carry. */
import { isMap, type MapValue } from '../../protocol/codec/value.ts'
import { parseEntry, type Entry } from '../../protocol/codec/statement.ts'
import type { PublicPart } from '../../protocol/codec/part.ts'
import { documentOf } from '../../protocol/log/entry.ts'
import { readContent } from '../../protocol/record/content.ts'
import { marksOfPlace } from '../log/epochs.ts'
import { keyOf, numberAt, after } from '../store/prefixes.ts'
import type { KeyValue } from '../ports.ts'
import type { HeldLog } from '../store/log.ts'
import type { Logs } from '../store/logs.ts'

export type Stated = {
  readonly log: HeldLog
  readonly index: number
  readonly entry: Entry
  readonly part: PublicPart | undefined
  /** The public part, when it is a document. */
  readonly document: MapValue | undefined
  /** Why a reader should hesitate: an unknown kind, a schema problem, a part that is not held. */
  readonly marks: readonly string[]
}

export function statementAt(logs: Logs, log: HeldLog, index: number): Stated | undefined {
  const [bytes] = logs.entries(log, index, 1)
  const entry = bytes === undefined ? undefined : parseEntry(bytes)
  if (entry?.ok !== true) return undefined
  if (bytes === undefined || !logs.isAt(log, index, bytes)) return undefined
  const held = logs.part(log, index)
  // A part that is not the one that was committed to is not shown.
  const part = held !== undefined && logs.fits(log, index, entry.value, held) ? held : undefined
  const erased = held === undefined ? erasedMarks(logs, log, index) : []
  const described = describe(log, index, entry.value, part)
  const stated = erased.length === 0 ? described : { ...described, marks: erased }
  const place = marksOfPlace(logs, log, index, entry.value.header.keyId)
  return { ...stated, marks: [...place, ...stated.marks] }
}

/** What is shown in the place of an erased part; nothing for one that was not erased. */
export function erasedMarks(logs: Logs, log: HeldLog, index: number): readonly string[] {
  const by = logs.erasedBy(log, index)
  if (by === undefined) return []
  const part = logs.part(log, by)
  const document = part === undefined ? undefined : documentOf(part)
  const basis = isMap(document) ? document['basis'] : undefined
  const why = typeof basis === 'string' ? `${basis.replaceAll('_', ' ')}, ` : ''
  return [`its public part was erased (${why}by entry ${by})`]
}

export function describe(log: HeldLog, index: number, entry: Entry, part: PublicPart | undefined): Stated {
  const value = part === undefined ? undefined : documentOf(part)
  const document = isMap(value) ? value : undefined
  return { log, index, entry, part, document, marks: marksOf(entry, part, document) }
}

/** Statements whose record id lies in a range, in the order of record id, log and index. */
export async function* statementsAbout(
  store: KeyValue,
  logs: Logs,
  range: { readonly first: Uint8Array; readonly last: Uint8Array },
): AsyncGenerator<Stated> {
  const bounds = { gte: keyOf('record', range.first), lt: after(keyOf('record', range.last)) }
  for await (const [key] of store.iterate(bounds)) {
    const stated = statedAt(logs, numberAt(key, 17, 4), numberAt(key, 21, 6))
    if (stated !== undefined) yield stated
  }
}

/** Statements that act on the entry with this leaf hash. */
export async function* statementsOn(store: KeyValue, logs: Logs, leaf: Uint8Array): AsyncGenerator<Stated> {
  const prefix = keyOf('target', leaf)
  for await (const [key] of store.iterate({ gte: prefix, lt: after(prefix) })) {
    const stated = statedAt(logs, numberAt(key, prefix.length, 4), numberAt(key, prefix.length + 4, 6))
    if (stated !== undefined) yield stated
  }
}

function statedAt(logs: Logs, number: number, index: number): Stated | undefined {
  const origin = logs.originOf(number)
  const log = origin === undefined ? undefined : logs.get(origin)
  return log === undefined ? undefined : statementAt(logs, log, index)
}

function marksOf(
  entry: Entry,
  part: PublicPart | undefined,
  document: MapValue | undefined,
): readonly string[] {
  if (part === undefined) return ['its public part is not held here']
  const { kind } = entry.statement
  if (kind === 'epoch' || kind === 'key') return []
  // Leaves that account for disclosures say nothing in public, and accreditations are judged where they are used.
  if (kind === 'access' && part.mediaType === '') return []
  if (kind === 'accreditation') return document === undefined ? ['its public part is not a document'] : []
  if (document === undefined) return ['its public part is not a document']
  const read = readContent(kind, document)
  switch (read.state) {
    case 'known':
      return []
    case 'unknown-kind':
      return ['a kind of statement that this version does not know']
    case 'schema-problems':
      return read.problems
        .slice(0, 5)
        .map(({ path, message }) => `${path === '' ? 'the document' : path} ${message}`)
  }
}

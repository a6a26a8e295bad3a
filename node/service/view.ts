/** Views of what the store holds, as the API shows them. */
import { printBase32, printBase64, printHex } from '../../protocol/bytes.ts'
import type { Value } from '../../protocol/codec/cbor.ts'
import { isList, isMap, type MapValue } from '../../protocol/codec/value.ts'
import { statementId, type Entry } from '../../protocol/codec/statement.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import { parseOrigin, parseSignedCheckpoint, type Checkpoint } from '../../protocol/log/checkpoint.ts'
import { native } from '../keys/native.ts'
import type { HeldLog } from '../store/log.ts'
import type { HeadView, StatementView } from '../api/service.ts'

/** A document as JSON: bytes become base64url. */
export function jsonOf(value: Value): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64url')
  if (isList(value)) return value.map(jsonOf)
  if (isMap(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, jsonOf(item)]))
  return value
}

export function headView({ origin, size, root }: Checkpoint): HeadView {
  return { origin, size, root: printBase64(root) }
}

/** The newest head of a log whose entries are all held. */
export function completeHead(log: HeldLog): Checkpoint | undefined {
  const read = log.complete === undefined ? undefined : parseSignedCheckpoint(log.complete)
  return read?.ok === true ? read.value.checkpoint : undefined
}

export function domainOf(origin: string): string {
  const read = parseOrigin(origin)
  return read.ok ? read.value.domain : origin
}

export function statementView(
  entry: Entry,
  index: number,
  document: unknown,
  marks: readonly string[],
): StatementView {
  const { header, statement } = entry
  return {
    author: domainOf(header.issuer),
    origin: header.issuer,
    index,
    kind: statement.kind,
    record: printBase32(statement.record),
    version: statement.version,
    issuedAt: timeView(header.issuedAt * 1_000),
    statementId: printHex(statementId(native, entry)),
    leaf: printHex(leafHash(native, entry.bytes)),
    keyId: printHex(header.keyId),
    document,
    marks,
  }
}

export function timeView(millis: number): string {
  const date = new Date(millis)
  return Number.isNaN(date.getTime()) ? 'unknown' : date.toISOString()
}

/** A text field of a document that somebody else wrote, or nothing. */
export function textAt(document: MapValue, key: string): string {
  const value = document[key]
  return typeof value === 'string' ? value : ''
}

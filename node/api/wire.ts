/**
 * What a verifier checks, as deterministic CBOR: entries, public parts, notes and proofs, byte for byte as they
 * are stored. Read strictly, because the reader trusts nothing that comes from the node it checks.
 */
import { encode, parse, type Value } from '../../protocol/codec/cbor.ts'
import { hasKeys, isBytes, isCount, isList, isMap, type MapValue } from '../../protocol/codec/value.ts'
import { NodeError } from '../errors.ts'
import type { EntriesView, EvidenceView } from './service.ts'

export const CBOR_MEDIA_TYPE = 'application/cbor'

/** Bytes of entries and parts in one answer, so that it stays below what a CBOR value may have. */
const ENTRIES_BYTES_MAX = 900_000

type PartView = EntriesView['parts'][number]

/** As many of these entries as fit one answer, and at least one. */
export function printEntries({ from, entries, parts }: EntriesView): Uint8Array {
  let bytes = 0
  let count = 0
  for (const [at, entry] of entries.entries()) {
    const part = parts[at] ?? null
    bytes += entry.length + (part === null ? 0 : part[2].length + 128)
    if (count > 0 && bytes > ENTRIES_BYTES_MAX) break
    count += 1
  }
  return encode({ from, entries: entries.slice(0, count), parts: parts.slice(0, count) })
}

export function readEntries(bytes: Uint8Array): EntriesView {
  const value = mapOf(bytes, 'from', 'entries', 'parts')
  const { from, entries, parts } = value
  if (!isCount(from) || !isList(entries) || !isList(parts) || entries.length !== parts.length) throw strange()
  return { from, entries: entries.map(bytesOf), parts: parts.map(partOf) }
}

export function printEvidence(evidence: EvidenceView): Uint8Array {
  const { origin, index, entry, part, note, proof } = evidence
  return encode({ origin, index, entry, part, note, proof })
}

export function readEvidence(bytes: Uint8Array): EvidenceView {
  const { origin, index, entry, part, note, proof } = mapOf(
    bytes,
    'origin',
    'index',
    'entry',
    'part',
    'note',
    'proof',
  )
  if (typeof origin !== 'string' || !isCount(index) || part === undefined || !isList(proof)) throw strange()
  return {
    origin,
    index,
    entry: bytesOf(entry),
    part: partOf(part),
    note: bytesOf(note),
    proof: hashesOf(proof),
  }
}

export function printList(items: readonly Uint8Array[]): Uint8Array {
  return encode(items)
}

export function readList(bytes: Uint8Array): readonly Uint8Array[] {
  const read = parse(bytes)
  if (!read.ok || !isList(read.value)) throw strange()
  return read.value.map(bytesOf)
}

/** A proof: hashes of 32 bytes. */
export function readHashes(bytes: Uint8Array): readonly Uint8Array[] {
  return hashesOf(readList(bytes))
}

function hashesOf(value: readonly Value[]): readonly Uint8Array[] {
  const hashes = value.filter((hash) => isBytes(hash, 32))
  if (hashes.length !== value.length) throw strange()
  return hashes
}

function partOf(value: Value): PartView {
  if (value === null) return null
  if (!isList(value) || value.length !== 3) throw strange()
  const [opening, mediaType, bytes] = value
  if (typeof mediaType !== 'string') throw strange()
  return [bytesOf(opening), mediaType, bytesOf(bytes)]
}

function bytesOf(value: Value | undefined): Uint8Array {
  if (!(value instanceof Uint8Array)) throw strange()
  return value
}

function mapOf(bytes: Uint8Array, ...keys: readonly string[]): MapValue {
  const read = parse(bytes)
  if (!read.ok || !isMap(read.value) || !hasKeys(read.value, ...keys)) throw strange()
  return read.value
}

function strange(): NodeError {
  return new NodeError('IO_FAILED', 'the node answered something that is not an answer of its API')
}

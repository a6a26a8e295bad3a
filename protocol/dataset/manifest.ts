/**
 * The manifest of a data set, as the research part of an incident lists it: strictly read before anything of it is
 * fetched, stored or exported. Spec 11 §1.
 */
import { parseHex, printHex } from '../bytes.ts'
import type { Value } from '../codec/cbor.ts'
import type { DisclosedItem } from '../codec/items.ts'
import { isCount, isList, isMap, type MapValue } from '../codec/value.ts'
import { FILE_BYTES_MAX, MANIFEST_BYTES_MAX, MANIFEST_FILES_MAX } from '../limits.ts'
import { fault, ok, type Result } from '../result.ts'
import { areApart, isManifestPath } from './path.ts'

export type ManifestFile = {
  readonly path: string
  readonly bytes: number
  /** SHA-256 of the file; null where it was not disclosed. */
  readonly digest: Uint8Array | null
  /** What it takes to fetch the file; null where it is only described, or its key was not disclosed. */
  readonly content: FileContent | null
}

/** Root of the tree over the blocks, and the key under which they travel. */
export type FileContent = { readonly root: Uint8Array; readonly key: Uint8Array }

export type ManifestFault =
  'manifest-shape' | 'manifest-count' | 'manifest-path' | 'manifest-duplicate' | 'manifest-bytes'

/** Reads the value of `manifest` in a research part. */
export function readManifest(value: Value | undefined): Result<readonly ManifestFile[], ManifestFault> {
  if (!isList(value)) return fault('manifest-shape')
  if (value.length === 0 || value.length > MANIFEST_FILES_MAX) return fault('manifest-count')
  const files: ManifestFile[] = []
  for (const row of value) {
    const read = fileOf(row)
    if (!read.ok) return read
    files.push(read.value)
  }
  if (!areApart(files.map(({ path }) => path))) return fault('manifest-duplicate')
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  return bytes <= MANIFEST_BYTES_MAX ? ok(files) : fault('manifest-bytes')
}

/**
 * The files of a manifest of which only some items were disclosed, by their places in it. A row of which path or
 * length is missing names no file and is left out.
 */
export function manifestOfItems(
  items: readonly DisclosedItem[],
): Result<readonly ManifestFile[], ManifestFault> {
  const rows = new Map<number, { [key: string]: Value }>()
  for (const { path, value } of items) {
    const [part, place, field, ...rest] = path
    if (part !== 'manifest' || typeof place !== 'number' || typeof field !== 'string') continue
    if (rest.length > 0) return fault('manifest-shape')
    const row = rows.get(place) ?? {}
    row[field] = value
    rows.set(place, row)
  }
  const named = [...rows.values()].filter((row) => row['path'] !== undefined && row['bytes'] !== undefined)
  return readManifest(named)
}

/** `sha256:` and hexadecimal digits, as digests stand in records. */
export function printDigest(digest: Uint8Array): string {
  return DIGEST + printHex(digest)
}

const DIGEST = 'sha256:'
const FIELDS: ReadonlySet<string> = new Set([
  'path',
  'digest',
  'bytes',
  'root',
  'key',
  'schema',
  'rows',
  'licence',
])

function fileOf(row: Value): Result<ManifestFile, ManifestFault> {
  if (!isMap(row) || !Object.keys(row).every((key) => FIELDS.has(key))) return fault('manifest-shape')
  const { path, bytes } = row
  if (typeof path !== 'string' || !isCount(bytes)) return fault('manifest-shape')
  if (!isManifestPath(path)) return fault('manifest-path')
  if (bytes > FILE_BYTES_MAX) return fault('manifest-bytes')
  const [digest, root, key] = [digestAt(row, 'digest'), digestAt(row, 'root'), keyAt(row)]
  if (digest === undefined || root === undefined || key === undefined) return fault('manifest-shape')
  return ok({ path, bytes, digest, content: root === null || key === null ? null : { root, key } })
}

/** Null where there is none, undefined where what is there is no digest. */
function digestAt(row: MapValue, field: string): Uint8Array | null | undefined {
  const value = row[field]
  if (value === undefined) return null
  return typeof value === 'string' && value.startsWith(DIGEST)
    ? bytesOf32(value.slice(DIGEST.length))
    : undefined
}

function keyAt(row: MapValue): Uint8Array | null | undefined {
  const value = row['key']
  if (value === undefined) return null
  return typeof value === 'string' ? bytesOf32(value) : undefined
}

function bytesOf32(text: string): Uint8Array | undefined {
  const read = parseHex(text)
  return read.ok && read.value.length === 32 ? read.value : undefined
}

/**
 * What an importer reads and what it says: files as streams in, one event per record out.
 *
 * Invariants: a bad record never stops the rest; every record that is left out is named with a reason; no more
 * than one bounded file or row is held in memory.
 */
import type { RecordContent } from '../../protocol/record/content.ts'

export type Upload = {
  /** As the person named it, relative to what was imported. Shown, never opened. */
  readonly path: string
  /** Size as announced. Not trusted: reading stops at the bound. */
  readonly bytes: number
  readonly body: AsyncIterable<Uint8Array>
}

export type ImportEvent =
  | {
      readonly kind: 'record'
      /** `scheme:id` in the catalogue it came from. */
      readonly externalId: string
      /** SHA-256 over the original without its volatile fields: same digest, same version. */
      readonly digest: Uint8Array
      readonly content: RecordContent
      /** SPDX identifier. */
      readonly licence: string
      readonly publishable: boolean
    }
  | { readonly kind: 'skipped'; readonly name: string; readonly reason: string }
  /** A file that holds no records of this catalogue: a licence, a list of techniques. Named, not counted. */
  | { readonly kind: 'ignored'; readonly name: string; readonly reason: string }

/** Bytes of one JSON file. The largest real one has 40 KB. */
export const JSON_BYTES_MAX = 16 * 1024 * 1024

/** Bytes of one YAML file. A release of ATLAS has 0.4 MB; parsing one megabyte can take seconds. */
export const YAML_BYTES_MAX = 1024 * 1024

/** Records of one import, so that the identifiers seen fit in memory. */
export const RECORDS_MAX = 5_000_000

/** Characters of one text in an original. A longer one is no record of an incident; cutting it would hide that. */
export const FIELD_LENGTH_MAX = 65_536

/** Reads a file whole, or says that it is longer than allowed. */
export async function readWhole(upload: Upload, bytesMax: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of upload.body) {
    length += chunk.length
    if (length > bytesMax) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Text of UTF-8 bytes, without a byte order mark; or undefined. */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** Why bytes are no UTF-8, in words that help. */
export function describeEncoding(bytes: Uint8Array): string {
  const [first, second] = bytes
  const utf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)
  return utf16 ? 'is UTF-16: save it as UTF-8' : 'is not UTF-8'
}

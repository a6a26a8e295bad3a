/**
 * What a grant says of files that were made for its reader: the one with the root `root` is the committed file with
 * the root `base` and a few rows inserted, which no other copy has. Spec 11 §5.
 */
import { compare, equal } from '../bytes.ts'
import type { Value } from '../codec/cbor.ts'
import { isBytes, isCount, isList } from '../codec/value.ts'
import { FILE_BYTES_MAX, MARKED_FILES_MAX } from '../limits.ts'
import type { ManifestFile } from './manifest.ts'

export type MarkedFile = { readonly base: Uint8Array; readonly root: Uint8Array; readonly bytes: number }

export function printMarked(files: readonly MarkedFile[]): Value {
  return files.map(({ base, root, bytes }) => [base, root, bytes])
}

/** In the order of their bases, none twice: one choice has one spelling. */
export function readMarked(value: Value): readonly MarkedFile[] | undefined {
  if (!isList(value) || value.length === 0 || value.length > MARKED_FILES_MAX) return undefined
  const files = value.map(markedOf).filter((file) => file !== undefined)
  const isAscending = files.every((file, index) => {
    const before = files[index - 1]
    return before === undefined || compare(before.base, file.base) < 0
  })
  return files.length === value.length && isAscending ? files : undefined
}

/** A file that can be fetched under a grant. */
export type GrantedContent = {
  readonly path: string
  readonly root: Uint8Array
  readonly bytes: number
  readonly key: Uint8Array
  /** True when rows were inserted for this reader, which whoever shows or exports the file should say. */
  readonly isMarked: boolean
}

/**
 * The files that a grant gives: those of the released manifest that have root and key, where one was made for the
 * reader in its place. Holder and reader both derive them so.
 */
export function grantedFiles(
  manifest: readonly ManifestFile[],
  marked: readonly MarkedFile[] = [],
): readonly GrantedContent[] {
  return manifest.flatMap(({ path, bytes, content }): readonly GrantedContent[] => {
    if (content === null) return []
    const { root, key } = content
    const made = marked.find(({ base }) => equal(base, root))
    return made === undefined
      ? [{ path, root, bytes, key, isMarked: false }]
      : [{ path, root: made.root, bytes: made.bytes, key, isMarked: true }]
  })
}

function markedOf(value: Value): MarkedFile | undefined {
  if (!isList(value) || value.length !== 3) return undefined
  const [base, root, bytes] = value
  if (!isBytes(base, 32) || !isBytes(root, 32) || !isCount(bytes)) return undefined
  return bytes <= FILE_BYTES_MAX ? { base, root, bytes } : undefined
}

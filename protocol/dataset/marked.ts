/**
 * What a grant says of files that were made for its reader: the one with the root `root` is the committed file with
 * the root `base` and a few rows inserted, which no other copy has. Spec 11 §5.
 */
import { compare } from '../bytes.ts'
import type { Value } from '../codec/cbor.ts'
import { isBytes, isCount, isList } from '../codec/value.ts'
import { FILE_BYTES_MAX, MARKED_FILES_MAX } from '../limits.ts'

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

function markedOf(value: Value): MarkedFile | undefined {
  if (!isList(value) || value.length !== 3) return undefined
  const [base, root, bytes] = value
  if (!isBytes(base, 32) || !isBytes(root, 32) || !isCount(bytes)) return undefined
  return bytes <= FILE_BYTES_MAX ? { base, root, bytes } : undefined
}

/**
 * Paths of a manifest: where a file would lie below a directory of the reader's choice. Spec 11 §1.
 *
 * Whoever wrote the manifest is not trusted. No path leaves the directory, names a device, hides a character or means
 * one thing on one system and another on the next; and no two of a manifest become one file anywhere.
 */
import { bytesOfText } from '../bytes.ts'
import { MANIFEST_NAME_BYTES_MAX, MANIFEST_PATH_LENGTH_MAX, MANIFEST_PATH_NAMES_MAX } from '../limits.ts'

export function isManifestPath(path: string): boolean {
  if (path.length === 0 || path.length > MANIFEST_PATH_LENGTH_MAX) return false
  if (FORBIDDEN.test(path) || path !== path.normalize('NFC')) return false
  const names = path.split('/')
  return names.length <= MANIFEST_PATH_NAMES_MAX && names.every(isName)
}

/** True when no path is another one, or its directory, on a system that does not tell cases or forms apart. */
export function areApart(paths: readonly string[]): boolean {
  const files = new Set(paths.map(folded))
  if (files.size !== paths.length) return false
  return [...files].every((path) => directoriesOf(path).every((directory) => !files.has(directory)))
}

/** Control, format, private, unassigned and lone surrogate characters; separators but the space; what systems reserve. */
const FORBIDDEN = /[\p{C}\p{Zl}\p{Zp}]|[^\P{Zs} ]|[\\:*?"<>|]/u

/** Device names of Windows, whatever extension follows. */
const DEVICE = /^(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?:\.|$)/i

function isName(name: string): boolean {
  if (name === '' || bytesOfText(name).length > MANIFEST_NAME_BYTES_MAX) return false
  return !/^ |[ .]$/.test(name) && !DEVICE.test(name)
}

/** Upper and then lower case comes close to Unicode's full case folding: ß and ẞ, ſ and s, Σ and ς are one. */
function folded(path: string): string {
  return path.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC')
}

function directoriesOf(path: string): readonly string[] {
  const names = path.split('/')
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join('/'))
}

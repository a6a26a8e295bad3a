/** What a member hands over that wants some requests not to be seen: a whole trail without them, and no head that tells. */
import { printHex } from '../../protocol/bytes.ts'
import type { TrailFile, TrailLeaf } from '../../protocol/audit/trail-file.ts'
import { headOf } from './honest-trails.ts'

/** The file without these requests, which are named in hexadecimal: what is left is numbered anew, nothing gone is opened. */
export function cutTrail(file: TrailFile, isLeft: (request: string) => boolean): TrailFile {
  const lines = file.lines.filter((line) => line.kind === 'entry' && isLeft(printHex(line.entry.request)))
  const leaves = file.leaves.flatMap((leaf): readonly TrailLeaf[] => {
    const line = leaf.kind === 'statement' ? file.lines[leaf.entry] : undefined
    const entry = line === undefined ? -1 : lines.indexOf(line)
    return leaf.kind !== 'statement' || entry < 0 ? [] : [{ ...leaf, entry }]
  })
  return { ...file, lines, ...headOf(lines), leaves }
}

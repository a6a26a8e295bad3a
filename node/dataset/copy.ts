/** One copy of a file: its directory, and what its head says. Written only by `DataSets`. */
import { join } from 'node:path'
import { parseHex, printHex } from '../../protocol/bytes.ts'
import { systemRandom } from '../keys/random.ts'
import type { BlockPlace } from './block-file.ts'
import type { Head } from './head.ts'

export const COPY_BYTES = 16

export type CopyFiles = {
  readonly directory: string
  readonly head: string
  readonly blocks: string
  readonly leaves: string
  readonly have: string
}

export type Copy<H extends Head = Head> = {
  readonly id: Uint8Array
  readonly files: CopyFiles
  readonly head: H
}

export function newCopyId(): Uint8Array {
  return systemRandom.bytes(COPY_BYTES)
}

/** A copy's directory has a random name: one made from a root would let who sees the disk test a guess. */
export function filesOf(parent: string, id: Uint8Array): CopyFiles {
  const directory = join(parent, printHex(id))
  return {
    directory,
    head: join(directory, 'head'),
    blocks: join(directory, 'blocks'),
    leaves: join(directory, 'leaves'),
    have: join(directory, 'have'),
  }
}

/** The id of a copy by the name of its directory; undefined for what is none of ours. */
export function copyIdOf(name: string): Uint8Array | undefined {
  const read = parseHex(name)
  return read.ok && read.value.length === COPY_BYTES ? read.value : undefined
}

export function blocksPlace({ files, head }: Copy): BlockPlace {
  return { path: files.blocks, contentKey: head.contentKey, bytes: head.bytes }
}

export function leavesPlace({ files, head }: Copy): BlockPlace {
  return { path: files.leaves, contentKey: head.contentKey, bytes: head.bytes }
}

export function isKind<K extends Head['kind']>(
  copy: Copy,
  kind: K,
): copy is Copy<Extract<Head, { kind: K }>> {
  return copy.head.kind === kind
}

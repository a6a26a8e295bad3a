/**
 * What a keystore remembers of its own use, in a file beside the keys: whether it ever signed a head, and how
 * often a node was started with it. The database is what backups bring back, so it cannot be the one to say.
 * Spec 04 §6.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { encode, parse } from '../../protocol/codec/cbor.ts'
import { hasKeys, isCount, isMap } from '../../protocol/codec/value.ts'
import { readFileBounded, writeFileDurably } from './files.ts'

export type Memory = {
  /** Set durably before the first head is signed. */
  readonly signed: 'never' | 'ever'
  /** Starts of a node with these keys. The database counts them too: the two differ after a restore. */
  readonly starts: number
}

const MEMORY = 'memory'
const MEMORY_BYTES_MAX = 64

/** A file that is missing is that of a new keystore. One that cannot be read has signed: the safe side. */
export function readMemory(directory: string): Memory {
  const path = join(directory, MEMORY)
  if (!existsSync(path)) return { signed: 'never', starts: 0 }
  const read = parse(readFileBounded(path, MEMORY_BYTES_MAX))
  if (!read.ok || !isMap(read.value) || !hasKeys(read.value, 'v', 'signed', 'starts')) return UNREADABLE
  const { v, signed, starts } = read.value
  if (v !== 1 || !isCount(starts) || typeof signed !== 'boolean') return UNREADABLE
  return { signed: signed ? 'ever' : 'never', starts }
}

export function writeMemory(directory: string, { signed, starts }: Memory): void {
  writeFileDurably(join(directory, MEMORY), encode({ v: 1, signed: signed === 'ever', starts }), 0o600)
}

const UNREADABLE: Memory = { signed: 'ever', starts: 0 }

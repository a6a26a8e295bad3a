/** Data sets in a directory of a test's own, and files made of a marker that can be searched for on a disk. */
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DataSets } from '../../node/dataset/data-sets.ts'
import { readAll } from '../../node/dataset/reader.ts'
import type { Copy } from '../../node/dataset/copy.ts'
import { sealerOf } from '../../node/keys/vault.ts'

/** What no sealed byte may ever spell. */
export const MARKER = 'PATIENT-0042-OVERDOSE'

/** Lines with the marker in each, of exactly so many bytes. */
export function markedFile(bytes: number, seed = 0): Buffer {
  const lines: string[] = []
  for (let length = 0, i = 0; length < bytes; i++) {
    const line = `${i},${MARKER},${seed},${(i * 7_919 + seed) % 1_000_003}\n`
    lines.push(line)
    length += line.length
  }
  return Buffer.from(lines.join('')).subarray(0, bytes)
}

export const VAULT_KEY = randomBytes(32)

export function dataSetsIn(directory: string, vaultKey: Uint8Array = VAULT_KEY): DataSets {
  const sets = new DataSets(directory, sealerOf(vaultKey))
  sets.open()
  return sets
}

/** In chunks that fit no block. */
export async function* inChunks(file: Uint8Array, chunk = 300_007): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.length; at += chunk) {
    yield file.subarray(at, at + chunk)
    await Promise.resolve()
  }
}

export async function contentOf(sets: DataSets, copy: Copy): Promise<Buffer> {
  const reader = await sets.reader(copy)
  const blocks: Uint8Array[] = []
  try {
    for await (const block of readAll(copy, reader)) blocks.push(block)
  } finally {
    await reader.close()
  }
  return Buffer.concat(blocks)
}

/** Every file below a directory that holds these bytes, in any place. */
export function filesHolding(directory: string, text: string | Uint8Array): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile() && readFileSync(path).includes(Buffer.from(text)))
}

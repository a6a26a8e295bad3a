/** Makes the vector file of spec 11. `node dist/test/support/dataset-vectors.js --write` writes it. */
import { createCipheriv, createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { encode } from '../../protocol/codec/cbor.ts'
import { makeBlockTree } from '../../protocol/dataset/blocks.ts'
import { printMarked } from '../../protocol/dataset/marked.ts'
import { printBlobAnswer, printBlobRequest } from '../../protocol/dataset/message.ts'
import { blockPlace } from '../../protocol/dataset/stream.ts'
import { BLOCK_BYTES } from '../../protocol/limits.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import { portable } from '../../protocol/primitives.ts'
import { hex } from './notation.ts'
import { counting } from './statements.ts'

/** A file of n bytes in which byte i is i mod 251, so that no two blocks are alike. */
export function sampleFile(bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => index % 251)
}

export function leavesOf(file: Uint8Array): readonly Uint8Array[] {
  const leaves: Uint8Array[] = []
  for (let at = 0; at < file.length; at += BLOCK_BYTES) {
    leaves.push(leafHash(portable, file.subarray(at, at + BLOCK_BYTES)))
  }
  return leaves
}

export const CONTENT_KEY = counting(32, 0x30)
export const GRANT_ID = counting(32, 0x70)

const SIZES = [0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 3 * BLOCK_BYTES, 5 * BLOCK_BYTES + 7]

export function datasetVectors(): string {
  const files = SIZES.map((bytes) => {
    const file = sampleFile(bytes)
    const leaves = leavesOf(file)
    const tree = makeBlockTree(portable, leaves)
    return {
      bytes,
      sha256: createHash('sha256').update(file).digest('hex'),
      leaves: leaves.map(hex),
      root: hex(tree.root),
      proofs: leaves.map((_, index) => tree.prove(index).map(hex)),
    }
  })
  const file = sampleFile(BLOCK_BYTES + 1)
  const root = makeBlockTree(portable, leavesOf(file)).root
  const nonce = counting(12, 0xb0)
  const cipher = createCipheriv('aes-256-gcm', CONTENT_KEY, nonce).setAAD(blockPlace(1))
  const sealed = cipher.update(file.subarray(BLOCK_BYTES))
  cipher.final()
  const tag = counting(16, 0)
  const vectors = {
    description:
      'Data sets of spec 11. Byte i of each file is i mod 251. Bytes are hexadecimal; messages are deterministic CBOR.',
    files,
    sealing: {
      contentKey: hex(CONTENT_KEY),
      index: 1,
      nonce: hex(nonce),
      aad: hex(blockPlace(1)),
      block: hex(file.subarray(BLOCK_BYTES)),
      sealed: hex(sealed),
      tag: hex(cipher.getAuthTag()),
    },
    messages: {
      request: hex(printBlobRequest({ grant: GRANT_ID, root, from: 1, count: 1 })),
      block: hex(printBlobAnswer({ t: 'block', index: 1, nonce, tag, proof: [counting(32, 9)] })),
      end: hex(printBlobAnswer({ t: 'end', reason: 'refused' })),
      marked: hex(encode(printMarked([{ base: root, root: counting(32, 1), bytes: BLOCK_BYTES + 40 }]))),
    },
  }
  return `${JSON.stringify(vectors, undefined, 1)}\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv.includes('--write')) {
  writeFileSync('test/vectors/dataset.json', datasetVectors())
}

/** A log that forked, and a mirror that stood behind both branches: notes and proof files of either history. */
import assert from 'node:assert/strict'
import { native } from '../../node/keys/native.ts'
import { bytesOfText } from '../../protocol/bytes.ts'
import { parseSignedCheckpoint, type Checkpoint } from '../../protocol/log/checkpoint.ts'
import { parseEquivocation, printEquivocation } from '../../protocol/log/equivocation-file.ts'
import {
  verifyEquivocation,
  type Equivocation,
  type EquivocationFault,
} from '../../protocol/log/equivocation.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import { printNote, SIGNATURE_TYPE } from '../../protocol/log/note.ts'
import { printProofFile } from '../../protocol/log/proof-file.ts'
import type { Result } from '../../protocol/result.ts'
import {
  cosignatureOf,
  LOG_KEY,
  noteOf,
  ORIGIN,
  signedBytes,
  testCosigner,
  type TestCosigner,
} from './notes.ts'
import { consistencyOf, pathOf, rootOf, treeOf, type ReferenceTree } from './tree.ts'

export const LEAVES = 24
export const entryOf = (i: number, branch: string) =>
  bytesOfText(i < 10 ? `entry ${i}` : `entry ${i} ${branch}`)
export const treeFor = (branch: string) =>
  treeOf(Array.from({ length: LEAVES }, (_, i) => leafHash(native, entryOf(i, branch))))
/** Two histories that share their first ten entries. */
export const [LEFT, RIGHT] = [treeFor('left'), treeFor('right')]
export const LOG = { name: ORIGIN, type: SIGNATURE_TYPE.ed25519, key: LOG_KEY.key }
export const MIRROR = testCosigner(1, 'mirror')
export const COSIGNER = { name: MIRROR.name, type: SIGNATURE_TYPE.cosignature, key: MIRROR.key }
export const TIME = 1_700_000_000

export function headOf(tree: ReferenceTree, size: number): Checkpoint {
  return { origin: ORIGIN, size, root: rootOf(tree, 0n, BigInt(size)) }
}

export function signed(tree: ReferenceTree, size: number): Uint8Array {
  return signedBytes(headOf(tree, size))
}

export function withCosignature(bytes: Uint8Array, cosigner: TestCosigner, time: number): Uint8Array {
  const note = noteOf(bytes)
  return printNote({ ...note, signatures: [...note.signatures, cosignatureOf(cosigner, note, time)] })
}

/** A head with one line, the cosigner's. */
export function cosigned(
  tree: ReferenceTree,
  size: number,
  time: number,
  cosigner: TestCosigner = MIRROR,
): Uint8Array {
  const note = noteOf(signed(tree, size))
  return printNote({ ...note, signatures: [cosignatureOf(cosigner, note, time)] })
}

export function forkedTree(small: number, large: number) {
  return {
    a: signed(LEFT, small),
    b: signed(RIGHT, large),
    prefixRoot: rootOf(RIGHT, 0n, BigInt(small)),
    proof: consistencyOf(RIGHT, BigInt(small), BigInt(large)),
  }
}

export function leafFile(tree: ReferenceTree, branch: string, index: number, size: number): Uint8Array {
  const read = parseSignedCheckpoint(signed(tree, size))
  assert.ok(read.ok)
  const proof = pathOf(tree, BigInt(index), 0n, BigInt(size))
  return printProofFile({ entry: entryOf(index, branch), index, proof, signed: read.value })
}

export function nameless(name: string): Uint8Array {
  return native.sha256(Uint8Array.of(...bytesOfText(`${name}\n`), 1, ...LOG_KEY.key)).slice(0, 4)
}

/** The proof as a reader of its file has it. */
export function made(result: Result<Equivocation, EquivocationFault>): Equivocation {
  assert.ok(result.ok)
  const read = parseEquivocation(native, printEquivocation(native, result.value))
  assert.ok(read.ok)
  return read.value
}

export function proves(result: Result<Equivocation, EquivocationFault>) {
  const proven = verifyEquivocation(native, made(result))
  assert.ok(proven.ok)
  return proven.value
}

export function refuses(result: Result<unknown, string>, fault: string, name?: string): void {
  assert.equal(result.ok ? 'ok' : result.fault, fault, name)
}

/** Our own vectors, `test/vectors/log`: what another implementation reads is what this one does. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { bytesOfText, parseHex, printHex } from '../../../protocol/bytes.ts'
import { admitKey, type PublicKey } from '../../../protocol/identity/key.ts'
import { parseSignedCheckpoint, verifyCheckpoint } from '../../../protocol/log/checkpoint.ts'
import { verifyCosignature } from '../../../protocol/log/cosignature.ts'
import { appendLeaf, edgeRoot, EMPTY_EDGE, leafHash, type Edge } from '../../../protocol/log/merkle.ts'
import { parseVerifierKey, printNote } from '../../../protocol/log/note.ts'
import { parseProofFile, printProofFile, verifyProofFile } from '../../../protocol/log/proof-file.ts'
import { verifyConsistency, verifyInclusion } from '../../../protocol/log/proof.ts'
import { parseTilePath, printTilePath } from '../../../protocol/log/tile.ts'
import { portable } from '../../../protocol/primitives.ts'
import { equivocationVectors } from '../../support/equivocation-vectors.ts'
import { policyVectors } from '../../support/policy-vectors.ts'
import {
  bigTreeVectors,
  headVectors,
  proofFileVectors,
  tilePathVectors,
  treeVectors,
  type BigTreeVectors,
  type HeadCase,
  type HeadVectors,
  type ProofFileVectors,
  type TilePathVectors,
  type TreeVectors,
} from '../../support/log-vectors.ts'

const GENERATED = {
  'tree.json': treeVectors,
  'big-tree.json': bigTreeVectors,
  'tile-path.json': tilePathVectors,
  'head.json': headVectors,
  'proof-file.json': proofFileVectors,
  'equivocation.json': equivocationVectors,
  'policy.json': policyVectors,
} as const

describe('the vectors of the log', () => {
  before(() => {
    if (process.env['CANDOR_WRITE_VECTORS'] !== '1') return
    for (const [file, make] of Object.entries(GENERATED)) writeFileSync(pathOf(file), print(make()))
  })

  for (const [file, make] of Object.entries(GENERATED)) {
    it(`are those that the reference makes: ${file}`, () => {
      assert.equal(readFileSync(pathOf(file), 'utf8'), print(make()))
    })
  }

  it('hold the roots and proofs of a tree', () => {
    const { entries, leaves, roots, inclusion, consistency } = read<TreeVectors>('tree.json')
    let edge: Edge = EMPTY_EDGE
    assert.equal(printHex(edgeRoot(portable, edge)), roots[0])
    for (const [i, entry] of entries.entries()) {
      const leaf = leafHash(portable, bytes(entry))
      assert.equal(printHex(leaf), leaves[i])
      edge = appendLeaf(portable, edge, leaf)
      assert.equal(printHex(edgeRoot(portable, edge)), roots[i + 1])
    }
    for (const { index, size, proof } of inclusion) {
      const [leaf, root] = [bytes(leaves[index]), bytes(roots[size])]
      assert.ok(verifyInclusion(portable, { leaf, index, size, root, proof: proof.map(bytes) }).ok)
    }
    for (const { oldSize, size, proof } of consistency) {
      const [oldRoot, root] = [bytes(roots[oldSize]), bytes(roots[size])]
      assert.ok(verifyConsistency(portable, { oldSize, oldRoot, size, root, proof: proof.map(bytes) }).ok)
    }
  })

  it('hold proofs of trees near 2^31 and 2^53', () => {
    for (const one of read<BigTreeVectors>('big-tree.json').cases) {
      const [oldSize, size, index] = [Number(one.oldSize), Number(one.size), Number(one.inclusion.index)]
      const [oldRoot, root, leaf] = [bytes(one.oldRoot), bytes(one.root), bytes(one.inclusion.leaf)]
      const proof = one.inclusion.proof.map(bytes)
      assert.ok(verifyInclusion(portable, { leaf, index, size, root, proof }).ok, `leaf ${index} of ${size}`)
      const claim = { oldSize, oldRoot, size, root, proof: one.consistency.map(bytes) }
      assert.ok(verifyConsistency(portable, claim).ok, `${oldSize} to ${size}`)
    }
  })

  it('hold the paths of tiles', () => {
    const { valid, invalid } = read<TilePathVectors>('tile-path.json')
    for (const { path, ...tile } of valid) {
      assert.equal(printTilePath(tile), path)
      assert.deepEqual(parseTilePath(path), { ok: true, value: tile })
    }
    for (const path of invalid) assert.deepEqual(parseTilePath(path), { ok: false, fault: 'tile-path' }, path)
  })

  it('hold heads, and what they are to a reader that knows the keys', () => {
    const vectors = read<HeadVectors>('head.json')
    const mirror = keyOf(vectors.mirrorVkey)
    assert.deepEqual(keyOf(vectors.logVkey).key, bytes(vectors.logKey))
    for (const one of vectors.cases) {
      assert.deepEqual(
        judge(one, keyOf(vectors.logVkey).key, mirror),
        { head: one.head, mirror: one.mirror },
        one.name,
      )
    }
  })

  it('hold proof files, and what they prove', () => {
    const { logVkey, cases } = read<ProofFileVectors>('proof-file.json')
    for (const { name, file, result } of cases) {
      const parsed = parseProofFile(bytesOfText(file))
      if (parsed.ok) assert.deepEqual(printProofFile(parsed.value), bytesOfText(file), name)
      const verified = parsed.ok ? verifyProofFile(portable, parsed.value, keyOf(logVkey).key) : parsed
      assert.equal(verified.ok ? 'ok' : verified.fault, result, name)
    }
  })
})

function judge(
  { note }: HeadCase,
  logKey: PublicKey,
  mirror: { readonly name: string; readonly key: PublicKey },
): { head: string; mirror: string | undefined } {
  const signed = parseSignedCheckpoint(bytesOfText(note))
  if (!signed.ok) return { head: signed.fault, mirror: undefined }
  assert.deepEqual(printNote(signed.value.note), bytesOfText(note))
  const head = verifyCheckpoint(portable, signed.value, logKey)
  if (!head.ok) return { head: head.fault, mirror: undefined }
  const cosigned = verifyCosignature(portable, mirror, signed.value.note)
  return { head: 'ok', mirror: cosigned.ok ? 'ok' : cosigned.fault }
}

function keyOf(vkey: string): { readonly name: string; readonly key: PublicKey } {
  const parsed = parseVerifierKey(portable, vkey)
  assert.ok(parsed.ok)
  const admitted = admitKey(parsed.value.key)
  assert.ok(admitted.ok)
  return { name: parsed.value.name, key: admitted.value }
}

function bytes(hex: string | undefined): Uint8Array {
  const read = parseHex(hex ?? '?')
  assert.ok(read.ok)
  return read.value
}

function read<T>(file: string): T {
  const vectors: T = JSON.parse(readFileSync(pathOf(file), 'utf8'))
  return vectors
}

function print(vectors: unknown): string {
  return `${JSON.stringify(vectors, null, 1)}\n`
}

function pathOf(file: string): string {
  return `test/vectors/log/${file}`
}

/**
 * The 518 probes of transparency-dev/merkle: proofs made and broken by people who have not seen this code. On 510
 * our verdict is theirs. The other eight, in `STRICTER`, they accept and we refuse on purpose; the lists are exact,
 * so that a ninth, or one that we come to accept, fails here.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseHex, printHex } from '../../../protocol/bytes.ts'
import { appendLeaf, edgeRoot, EMPTY_EDGE, leafHash, type Edge } from '../../../protocol/log/merkle.ts'
import { verifyConsistency, verifyInclusion } from '../../../protocol/log/proof.ts'
import { verifySubtreeConsistency, verifySubtreeInclusion } from '../../../protocol/log/subtree.ts'
import { sharedOrSkip } from '../../support/shared.ts'
import { primitives } from '../../support/tree.ts'

const STRICTER = {
  inclusion: [],
  // Both roots are the same 12 bytes: a text, not a SHA-256. Every root of ours has 32.
  consistency: ['additional/sizes-are-equal-one-and-proof-is-empty.json'],
  subtreeinclusion: [],
  // The first as above. The others: no leaves at all pass for a part of any tree, a random root included. An empty
  // tree proves nothing, so size 0 stands outside proofs (spec 03 §3.4).
  subtreeconsistency: [
    'additional/sizes-are-equal-one-and-proof-is-empty.json',
    'additional/subtree-is-empty-sizes-are-equal-one-subtree-root-valid-proof-is-empty.json',
    'additional/subtree-is-empty-sizes-are-equal-one-subtree-root-valid-tree-root-random-proof-is-empty.json',
    'additional/subtree-is-empty-sizes-are-equal-zero-subtree-root-valid-proof-is-empty.json',
    'additional/subtree-is-empty-sizes-are-equal-zero-subtree-root-valid-tree-root-random-proof-is-empty.json',
    'additional/subtree-is-empty-subtree-root-valid-proof-is-empty.json',
    'additional/subtree-is-empty-subtree-root-valid-tree-root-random-proof-is-empty.json',
  ],
} as const

type Probe = {
  readonly [name in 'leafIdx' | 'treeSize' | 'size1' | 'size2' | 'size' | 'start' | 'end']: number
} & { readonly [name in 'root' | 'root1' | 'root2' | 'leafHash']: string } & {
  readonly proof: readonly string[] | null
  readonly wantErr: boolean
}

describe('the probes of transparency-dev', () => {
  it('are answered alike on all 98 inclusion proofs', function () {
    compare(this, 'inclusion', 98, (probe, proof) => {
      const { leafIdx: index, treeSize: size } = probe
      const [leaf, root] = [bytes(probe.leafHash), bytes(probe.root)]
      return verifyInclusion(primitives, { leaf, index, size, root, proof }).ok
    })
  })

  it('are answered alike on 97 of 98 consistency proofs, and stricter on one', function () {
    compare(this, 'consistency', 98, (probe, proof) => {
      const { size1: oldSize, size2: size } = probe
      const [oldRoot, root] = [bytes(probe.root1), bytes(probe.root2)]
      return verifyConsistency(primitives, { oldSize, oldRoot, size, root, proof }).ok
    })
  })

  it('are answered alike on all 204 inclusion proofs in subtrees', function () {
    compare(this, 'subtreeinclusion', 204, (probe, proof) => {
      const { leafIdx: index, start, end } = probe
      const [leaf, root] = [bytes(probe.leafHash), bytes(probe.root)]
      return verifySubtreeInclusion(primitives, { start, end, leaf, index, root, proof }).ok
    })
  })

  it('are answered alike on 111 of 118 consistency proofs of subtrees, and stricter on seven', function () {
    compare(this, 'subtreeconsistency', 118, (probe, proof) => {
      const { start, end, size } = probe
      const [subtreeRoot, root] = [bytes(probe.root1), bytes(probe.root2)]
      return verifySubtreeConsistency(primitives, { start, end, subtreeRoot, size, root, proof }).ok
    })
  })

  it('come with the roots of the eight leaves of Certificate Transparency', function () {
    const file = sharedOrSkip(this, 'vectors', 'merkle', 'roots.json')
    const vectors: { leaves_hex: string[]; roots_hex_by_size: string[] } = JSON.parse(
      readFileSync(file, 'utf8'),
    )
    let edge: Edge = EMPTY_EDGE
    const roots = [printHex(edgeRoot(primitives, edge))]
    for (const hex of vectors.leaves_hex) {
      const entry = parseHex(hex)
      assert.ok(entry.ok)
      edge = appendLeaf(primitives, edge, leafHash(primitives, entry.value))
      roots.push(printHex(edgeRoot(primitives, edge)))
    }
    assert.deepEqual(roots, vectors.roots_hex_by_size)
  })
})

function compare(
  context: Mocha.Context,
  folder: keyof typeof STRICTER,
  count: number,
  verify: (probe: Probe, proof: readonly Uint8Array[]) => boolean,
): void {
  const directory = sharedOrSkip(context, 'vectors', 'merkle', 'testdata', folder)
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.json'),
  )
  assert.equal(files.length, count)
  const accepted: string[] = []
  const refused: string[] = []
  for (const file of files) {
    const probe: Probe = JSON.parse(readFileSync(join(directory, file), 'utf8'))
    const isAccepted = verify(probe, (probe.proof ?? []).map(bytes))
    if (isAccepted && probe.wantErr) accepted.push(file)
    if (!isAccepted && !probe.wantErr) refused.push(file)
  }
  assert.deepEqual(accepted, [], 'accepted against the probes')
  assert.deepEqual(refused.toSorted(), STRICTER[folder], 'refused against the probes')
}

/** The probes hold hashes of wrong lengths as well, in plain base64. */
function bytes(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, 'base64'))
}

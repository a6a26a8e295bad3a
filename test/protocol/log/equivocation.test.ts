import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { native } from '../../../node/keys/native.ts'
import { printEquivocation } from '../../../protocol/log/equivocation-file.ts'
import {
  proveCosigner,
  proveLeaf,
  proveSameSize,
  proveTree,
} from '../../../protocol/log/equivocation-maker.ts'
import { equivocationId, verifyEquivocation, type Equivocation } from '../../../protocol/log/equivocation.ts'
import { emptyRoot } from '../../../protocol/log/merkle.ts'
import { printNote } from '../../../protocol/log/note.ts'
import { noteOf, ORIGIN, signedBytes, testCosigner } from '../../support/notes.ts'
import { consistencyOf, rootOf } from '../../support/tree.ts'
import {
  LEAVES,
  LEFT,
  RIGHT,
  LOG,
  MIRROR,
  COSIGNER,
  TIME,
  signed,
  withCosignature,
  cosigned,
  forkedTree,
  leafFile,
  proves,
  refuses,
} from '../../support/forked.ts'

describe('an equivocation proof', () => {
  it('shows two heads of one size, in whatever order and with whatever lines they came', () => {
    const [a, b] = [signed(LEFT, 12), withCosignature(signed(RIGHT, 12), testCosigner(2, 'witness'), TIME)]
    const [one, other] = [
      proveSameSize(native, { subject: LOG, a, b }),
      proveSameSize(native, { subject: LOG, a: b, b: a }),
    ]
    const proven = proves(one)
    assert.deepEqual(proven.sizes, [12, 12])
    assert.equal(proven.commonSizeMax, 11)
    assert.equal(proven.origin, ORIGIN)
    assert.equal(proven.times, undefined)
    assert.ok(other.ok && one.ok)
    const ids = [one, other].map(({ value }) => equivocationId(native, printEquivocation(native, value)))
    assert.deepEqual(ids[0], ids[1])
  })

  it('shows a head that the next one does not continue', () => {
    const proven = proves(proveTree(native, { subject: LOG, ...forkedTree(12, 20) }))
    assert.deepEqual(proven.sizes, [12, 20])
    assert.equal(proven.commonSizeMax, 11)
    assert.deepEqual(proven.heads[1].root, rootOf(RIGHT, 0n, 20n))
  })

  it('shows a head of size 0 that is not the empty tree', () => {
    const a = signedBytes({ origin: ORIGIN, size: 0, root: new Uint8Array(32).fill(1) })
    const empty = { prefixRoot: emptyRoot(native), proof: [] }
    const proven = proves(proveTree(native, { subject: LOG, a, b: signed(LEFT, 3), ...empty }))
    assert.equal(proven.commonSizeMax, 0)
    const honest = signedBytes({ origin: ORIGIN, size: 0, root: emptyRoot(native) })
    refuses(
      proveTree(native, { subject: LOG, a: honest, b: signed(LEFT, 3), ...empty }),
      'equivocation-consistent',
    )
    refuses(
      proveTree(native, { subject: LOG, a, b: signed(LEFT, 3), prefixRoot: rootOf(LEFT, 0n, 1n), proof: [] }),
      'root-mismatch',
    )
    refuses(
      proveTree(native, {
        subject: LOG,
        a,
        b: signed(LEFT, 3),
        prefixRoot: emptyRoot(native),
        proof: [emptyRoot(native)],
      }),
      'proof-length',
    )
    assert.equal(proves(proveSameSize(native, { subject: LOG, a, b: honest })).commonSizeMax, 0)
  })

  it('shows two entries at one index, and that what lies below may be shared', () => {
    const [a, b] = [leafFile(LEFT, 'left', 14, 20), leafFile(RIGHT, 'right', 14, 17)]
    const proven = proves(proveLeaf(native, { subject: LOG, a, b }))
    assert.deepEqual(proven.sizes, [17, 20])
    assert.equal(proven.commonSizeMax, 14)
  })

  it('shows a cosigner behind two histories', () => {
    const [a, b] = [cosigned(LEFT, 12, TIME), cosigned(RIGHT, 12, TIME + 1)]
    proves(proveCosigner(native, { subject: COSIGNER, a, b }))
    const { prefixRoot, proof } = forkedTree(12, 20)
    const two = { subject: COSIGNER, a: cosigned(LEFT, 12, TIME), b: cosigned(RIGHT, 20, TIME + 1) }
    const proven = proves(proveCosigner(native, two, { prefixRoot, proof }))
    assert.deepEqual(proven.times, [TIME, TIME + 1])
  })

  it('shows a cosigner that went back in size, from its latest line for the smaller head', () => {
    const early = withCosignature(signed(LEFT, 12), MIRROR, TIME)
    const again = withCosignature(early, MIRROR, TIME + 10)
    const two = { subject: COSIGNER, a: again, b: cosigned(LEFT, 20, TIME + 5) }
    const proven = proves(proveCosigner(native, two))
    assert.deepEqual(proven.times, [TIME + 10, TIME + 5])
    assert.equal(proven.commonSizeMax, 12)
    refuses(proveCosigner(native, { ...two, a: early }), 'equivocation-consistent')
    refuses(proveCosigner(native, { ...two, b: cosigned(LEFT, 20, TIME + 10) }), 'equivocation-consistent')
  })

  it('is not spoiled by a bad line that somebody wrote in the name of the key', () => {
    const note = noteOf(signed(LEFT, 12))
    const [line] = note.signatures
    assert.ok(line)
    for (const byte of [0, 255]) {
      const bad = { ...line, bytes: line.bytes.fill(byte, 0, 8) }
      const a = printNote({ ...note, signatures: [bad, ...noteOf(signed(LEFT, 12)).signatures] })
      proves(proveSameSize(native, { subject: LOG, a, b: signed(RIGHT, 12) }))
    }
  })
})

describe('an honest log or cosigner', () => {
  it('is never proven guilty, whatever is put together from what it signed', () => {
    const heads = Array.from({ length: LEAVES }, (_, i) => signed(LEFT, i + 1))
    const seen = Array.from({ length: LEAVES }, (_, i) => cosigned(LEFT, i + 1, TIME + (i >> 1)))
    const hashes = Array.from({ length: LEAVES }, (_, i) => rootOf(LEFT, BigInt(i), BigInt(i) + 1n))
    const nodes = [
      ...hashes,
      ...hashes.map((_, i) => rootOf(LEFT, 0n, BigInt(i) + 1n)),
      rootOf(RIGHT, 0n, 12n),
    ]
    const picked = fc.record({
      kind: fc.constantFrom('size' as const, 'tree' as const, 'cosigner' as const),
      a: fc.nat(LEAVES - 1),
      b: fc.nat(LEAVES - 1),
      prefix: fc.option(fc.nat(nodes.length - 1), { nil: undefined }),
      proof: fc.option(fc.array(fc.nat(nodes.length - 1), { maxLength: 6 }), { nil: undefined }),
    })
    fc.assert(
      fc.property(picked, ({ kind, a, b, prefix, proof }) => {
        const notes = kind === 'cosigner' ? seen : heads
        const [noteA, noteB] = [notes[a], notes[b]]
        assert.ok(noteA && noteB)
        const real = a < b ? consistencyOf(LEFT, BigInt(a + 1), BigInt(b + 1)) : []
        const claim: Equivocation = {
          kind,
          subject: kind === 'cosigner' ? COSIGNER : LOG,
          a: noteA,
          b: noteB,
          prefixRoot: prefix === undefined ? undefined : nodes[prefix],
          proof: proof === undefined ? real : proof.flatMap((at) => nodes[at] ?? []),
        }
        assert.ok(!verifyEquivocation(native, claim).ok)
      }),
      { numRuns: 500 },
    )
  })

  it('is never proven guilty from proof files of its entries', () => {
    const any = fc.tuple(fc.nat(LEAVES - 1), fc.nat(LEAVES - 1), fc.nat(LEAVES - 1))
    fc.assert(
      fc.property(any, ([i, m, n]) => {
        const index = Math.min(i, m, n)
        const a = leafFile(LEFT, 'left', index, Math.min(m, n) + 1)
        const b = leafFile(LEFT, 'left', index, Math.max(m, n) + 1)
        refuses(
          verifyEquivocation(native, { kind: 'leaf', subject: LOG, a, b, prefixRoot: undefined, proof: [] }),
          'equivocation-consistent',
        )
      }),
    )
  })

  it('is never proven guilty as a cosigner that goes on in size and in time', () => {
    const steps = fc.array(fc.record({ more: fc.nat(3), later: fc.nat(2) }), { minLength: 2, maxLength: 6 })
    fc.assert(
      fc.property(steps, (path) => {
        let [size, time] = [1, TIME]
        const notes = path.map(({ more, later }) => {
          size = Math.min(LEAVES, size + more)
          time += later
          return cosigned(LEFT, size, time)
        })
        for (const a of notes) {
          for (const b of notes) assert.ok(!proveCosigner(native, { subject: COSIGNER, a, b }).ok)
        }
      }),
      { numRuns: 25 },
    )
  })
})

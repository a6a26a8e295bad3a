import assert from 'node:assert/strict'
import { native } from '../../../node/keys/native.ts'
import { bytesOfText } from '../../../protocol/bytes.ts'
import { printOrigin } from '../../../protocol/log/checkpoint.ts'
import { parseEquivocation, printEquivocation } from '../../../protocol/log/equivocation-file.ts'
import {
  proveCosigner,
  proveLeaf,
  proveSameSize,
  proveTree,
} from '../../../protocol/log/equivocation-maker.ts'
import {
  verifyEquivocation,
  type Equivocation,
  type EquivocationFault,
} from '../../../protocol/log/equivocation.ts'
import { printNote } from '../../../protocol/log/note.ts'
import { NETWORK_ID, noteOf, ORIGIN, signedBytes, testCosigner, testKey } from '../../support/notes.ts'
import { rootOf } from '../../support/tree.ts'
import {
  LEFT,
  RIGHT,
  LOG,
  MIRROR,
  COSIGNER,
  TIME,
  headOf,
  signed,
  withCosignature,
  cosigned,
  forkedTree,
  leafFile,
  nameless,
  made,
  refuses,
} from '../../support/forked.ts'

describe('an equivocation proof is refused', () => {
  const tree = made(proveTree(native, { subject: LOG, ...forkedTree(12, 20) }))
  const size = made(proveSameSize(native, { subject: LOG, a: signed(LEFT, 12), b: signed(RIGHT, 12) }))
  const [leafA, leafB] = [leafFile(RIGHT, 'right', 14, 17), leafFile(LEFT, 'left', 14, 20)]
  const leaf = made(proveLeaf(native, { subject: LOG, a: leafA, b: leafB }))
  const cosigner = made(
    proveCosigner(native, { subject: COSIGNER, a: cosigned(LEFT, 12, TIME), b: cosigned(RIGHT, 12, TIME) }),
  )

  it('for anything but two heads that exclude each other', () => {
    const cases: readonly (readonly [string, Equivocation, EquivocationFault])[] = [
      ['the same note twice', { ...size, b: size.a }, 'equivocation-consistent'],
      ['a and b swapped', { ...size, a: size.b, b: size.a }, 'equivocation-order'],
      ['a tree with a and b swapped', { ...tree, a: tree.b, b: tree.a }, 'equivocation-order'],
      [
        'two sizes called one',
        { ...tree, kind: 'size', prefixRoot: undefined, proof: [] },
        'equivocation-consistent',
      ],
      [
        'one size called two',
        { ...size, kind: 'tree', prefixRoot: rootOf(LEFT, 0n, 12n) },
        'equivocation-prefix',
      ],
      ['a tree without prefix root', { ...tree, prefixRoot: undefined }, 'equivocation-prefix'],
      ['one size with a prefix root', { ...size, prefixRoot: rootOf(LEFT, 0n, 12n) }, 'equivocation-prefix'],
      ['one size with a proof', { ...size, proof: tree.proof }, 'equivocation-prefix'],
      ['leaves with a prefix root', { ...leaf, prefixRoot: rootOf(LEFT, 0n, 12n) }, 'equivocation-prefix'],
      ['cosigned heads with a proof alone', { ...cosigner, proof: tree.proof }, 'equivocation-prefix'],
      ['a hash fewer', { ...tree, proof: tree.proof.slice(1) }, 'proof-length'],
      ['another prefix root', { ...tree, prefixRoot: rootOf(LEFT, 0n, 11n) }, 'root-mismatch'],
      ['the prefix root of a itself', { ...tree, prefixRoot: rootOf(LEFT, 0n, 12n) }, 'root-mismatch'],
      ['a short prefix root', { ...tree, prefixRoot: new Uint8Array(31) }, 'proof-hash'],
      ['two indices', { ...leaf, a: leafFile(RIGHT, 'right', 13, 17) }, 'equivocation-consistent'],
      ['one entry', { ...leaf, a: leafFile(LEFT, 'left', 14, 17) }, 'equivocation-consistent'],
      ['an entry that is not there', { ...leaf, a: leafFile(RIGHT, 'left', 14, 17) }, 'root-mismatch'],
      ['notes where proof files belong', { ...leaf, a: size.a }, 'proof-file-header'],
      ['a note that is none', { ...size, a: new Uint8Array(0) }, 'note-shape'],
      ['no checkpoint', { ...size, a: bytesOfText(`a\n\n— x AAAAAAA=\n`) }, 'checkpoint-lines'],
    ]
    for (const [name, claim, fault] of cases) refuses(verifyEquivocation(native, claim), fault, name)
  })

  it('for signatures of any other key', () => {
    const thief = testKey(9)
    const stolen = { ...LOG, key: thief.key }
    const forged = signedBytes(headOf(RIGHT, 12), thief)
    refuses(proveSameSize(native, { subject: LOG, a: signed(LEFT, 12), b: forged }), 'equivocation-lines')
    refuses(proveSameSize(native, { subject: stolen, a: signed(LEFT, 12), b: forged }), 'equivocation-lines')
    const [theirs] = noteOf(size.b).signatures
    assert.ok(theirs)
    const renamed = { ...noteOf(size.a), signatures: [theirs] }
    refuses(verifyEquivocation(native, { ...size, a: printNote(renamed) }), 'equivocation-signature')
    refuses(
      verifyEquivocation(native, { ...size, subject: { ...LOG, name: `x${ORIGIN}` } }),
      'equivocation-lines',
    )
  })

  it('for notes of two logs, two epochs or two networks under one key', () => {
    for (const change of [
      { domain: 'log.example', networkId: NETWORK_ID, epoch: 2 },
      { domain: 'log.example', networkId: 'a'.repeat(52), epoch: 1 },
      { domain: 'other.example', networkId: NETWORK_ID, epoch: 1 },
    ]) {
      const b = signedBytes({ ...headOf(RIGHT, 12), origin: printOrigin(change) })
      refuses(proveSameSize(native, { subject: LOG, a: signed(LEFT, 12), b }), 'equivocation-lines')
      const both = { subject: COSIGNER, a: size.a, b: withCosignature(b, MIRROR, TIME) }
      refuses(proveCosigner(native, { ...both, a: cosigned(LEFT, 12, TIME) }), 'equivocation-origin')
    }
    // The log's key under another name is not the log.
    const name = 'log.example/else'
    const lineOf = (bytes: Uint8Array) => {
      const note = noteOf(bytes)
      return printNote({
        ...note,
        signatures: note.signatures.map((line) => ({ ...line, name, keyId: nameless(name) })),
      })
    }
    const claim = { ...size, subject: { ...LOG, name }, a: lineOf(size.a), b: lineOf(size.b) }
    refuses(verifyEquivocation(native, claim), 'equivocation-subject')
  })

  it('for a key of the wrong type or a name beyond all bounds', () => {
    refuses(verifyEquivocation(native, { ...size, subject: COSIGNER }), 'equivocation-subject')
    refuses(
      verifyEquivocation(native, { ...cosigner, subject: { ...COSIGNER, type: 1 } }),
      'equivocation-subject',
    )
    refuses(verifyEquivocation(native, { ...cosigner, kind: 'size' }), 'equivocation-subject')
    const long = { ...COSIGNER, name: 'x'.repeat(256) }
    refuses(verifyEquivocation(native, { ...cosigner, subject: long }), 'equivocation-subject')
  })

  it('for a line too many, none, or one that is no cosignature', () => {
    const witness = testCosigner(2, 'witness')
    refuses(
      verifyEquivocation(native, { ...size, a: withCosignature(size.a, witness, TIME) }),
      'equivocation-lines',
    )
    refuses(
      verifyEquivocation(native, { ...cosigner, a: cosigned(LEFT, 12, TIME, witness) }),
      'equivocation-lines',
    )
    const note = noteOf(cosigner.a)
    const lines = (change: (bytes: Uint8Array) => Uint8Array) =>
      printNote({
        ...note,
        signatures: note.signatures.map((line) => ({ ...line, bytes: change(line.bytes) })),
      })
    refuses(
      verifyEquivocation(native, { ...cosigner, a: lines((bytes) => bytes.slice(1)) }),
      'cosignature-length',
    )
    refuses(
      verifyEquivocation(native, { ...cosigner, a: lines((bytes) => bytes.with(0, 1)) }),
      'cosignature-time',
    )
    refuses(
      verifyEquivocation(native, { ...cosigner, a: lines((bytes) => bytes.with(7, 1)) }),
      'equivocation-signature',
    )
  })

  it('with any bit of its file turned', () => {
    for (const claim of [size, tree, leaf, cosigner]) {
      const bytes = printEquivocation(native, claim)
      for (let at = 0; at < bytes.length; at += 11) {
        const mutant = bytes.with(at, (bytes[at] ?? 0) ^ (1 << (at % 7)))
        const read = parseEquivocation(native, mutant)
        assert.ok(!read.ok || !verifyEquivocation(native, read.value).ok, `${claim.kind} ${at}`)
      }
    }
  })

  it('with any bit of its notes turned', () => {
    for (const claim of [size, tree, cosigner]) {
      for (let bit = 0; bit < claim.a.length * 8; bit++) {
        const [at, mask] = [Math.floor(bit / 8), 1 << (bit % 8)]
        const a = claim.a.with(at, (claim.a[at] ?? 0) ^ mask)
        assert.ok(!verifyEquivocation(native, { ...claim, a }).ok, `${claim.kind} ${at}`)
      }
    }
  })
})

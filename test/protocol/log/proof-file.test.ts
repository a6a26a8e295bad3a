import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { bytesOfText, printBase64 } from '../../../protocol/bytes.ts'
import {
  ENTRY_BYTES_MAX,
  NOTE_BYTES_MAX,
  PROOF_FILE_BYTES_MAX,
  PROOF_HASHES_MAX,
} from '../../../protocol/limits.ts'
import { parseSignedCheckpoint } from '../../../protocol/log/checkpoint.ts'
import { verifyCosignatures } from '../../../protocol/log/cosignature.ts'
import { leafHash } from '../../../protocol/log/merkle.ts'
import { printNote } from '../../../protocol/log/note.ts'
import {
  parseProofFile,
  printProofFile,
  verifyProofFile,
  type ProofFile,
} from '../../../protocol/log/proof-file.ts'
import {
  cosignatureOf,
  LOG_KEY,
  noteOf,
  ORIGIN,
  signedBytes,
  testCosigner,
  testKey,
} from '../../support/notes.ts'
import { pathOf, primitives, rootOf, treeOf } from '../../support/tree.ts'

const ENTRIES = Array.from({ length: 11 }, (_, i) => bytesOfText(`entry ${i}`))
const TREE = treeOf(ENTRIES.map((entry) => leafHash(primitives, entry)))
const MIRROR = testCosigner(1, 'mirror')
const FILE = fileFor(6)
const TEXT = new TextDecoder().decode(printProofFile(FILE))

describe('a proof file', () => {
  it('proves an entry under the key of its log', () => {
    for (let index = 0; index < ENTRIES.length; index++) {
      const read = parseProofFile(printProofFile(fileFor(index)))
      assert.ok(read.ok)
      const verified = verifyProofFile(primitives, read.value, LOG_KEY.key)
      assert.ok(verified.ok)
      assert.equal(verified.value.checkpoint.size, ENTRIES.length)
      assert.deepEqual(verified.value.leaf, leafHash(primitives, read.value.entry))
    }
  })

  it('carries the cosignatures of its head', () => {
    const read = parseProofFile(bytesOfText(TEXT))
    assert.ok(read.ok)
    const cosigned = verifyCosignatures(primitives, [MIRROR], read.value.signed.note)
    assert.ok(cosigned.ok && cosigned.value.length === 1)
  })

  it('prints back to the same bytes, or is refused', () => {
    const edits = fc.record({
      at: fc.nat(TEXT.length),
      remove: fc.nat(3),
      insert: fc.constantFrom('', '\n', ' ', '0', '=', 'A', 'é'),
    })
    fc.assert(
      fc.property(edits, ({ at, remove, insert }) => {
        const bytes = bytesOfText(TEXT.slice(0, at) + insert + TEXT.slice(at + remove))
        const read = parseProofFile(bytes)
        if (read.ok) assert.deepEqual(printProofFile(read.value), bytes)
      }),
      { numRuns: 500 },
    )
  })

  it('does not verify with another entry, index, proof or key', () => {
    const wrong: readonly (readonly [ProofFile, string])[] = [
      [{ ...FILE, entry: bytesOfText('entry 7') }, 'root-mismatch'],
      [{ ...FILE, index: 7 }, 'root-mismatch'],
      [{ ...FILE, index: 11 }, 'index-outside'],
      [{ ...FILE, proof: FILE.proof.slice(1) }, 'proof-length'],
      [{ ...FILE, proof: FILE.proof.toReversed() }, 'root-mismatch'],
    ]
    for (const [file, fault] of wrong) {
      assert.deepEqual(verifyProofFile(primitives, file, LOG_KEY.key), { ok: false, fault })
    }
    const other = verifyProofFile(primitives, FILE, testKey(2).key)
    assert.deepEqual(other, { ok: false, fault: 'head-unsigned' })
  })

  it('is refused with the fault of the line that is wrong', () => {
    const [entry, hash] = [printBase64(FILE.entry), printBase64(FILE.proof[0] ?? new Uint8Array(0))]
    refused(TEXT.replace('@v1', '@v2'), 'proof-file-header')
    refused(`\n${TEXT}`, 'proof-file-header')
    refused(TEXT.replace(`extra ${entry}\n`, ''), 'proof-file-entry')
    refused(TEXT.replace(`extra ${entry}`, `extra  ${entry}`), 'proof-file-entry')
    refused(TEXT.replace(entry, ''), 'proof-file-entry')
    refused(TEXT.replace(entry, `${entry}=`), 'proof-file-entry')
    refused(TEXT.replace(entry, printBase64(new Uint8Array(ENTRY_BYTES_MAX + 1))), 'proof-file-entry')
    for (const index of ['06', '-6', '6 ', '', '9007199254740992']) {
      refused(TEXT.replace('index 6', `index ${index}`), 'proof-file-index')
    }
    refused(TEXT.replace('index 6', 'Index 6'), 'proof-file-index')
    refused(TEXT.replace(hash, hash.slice(0, -1)), 'proof-file-hash')
    refused(TEXT.replace(hash, printBase64(new Uint8Array(31))), 'proof-file-hash')
    refused(TEXT.replace(hash, `${hash}\n`.repeat(PROOF_HASHES_MAX).trimEnd()), 'proof-file-hash')
    refused(TEXT.replace('\n\n', '\n'), 'proof-file-hash')
    refused(TEXT.slice(0, TEXT.indexOf('\n\n')), 'proof-file-shape')
    refused(TEXT.replace(`\n11\n`, '\n011\n'), 'checkpoint-size')
    refused(TEXT.trimEnd(), 'note-shape')
  })

  it('is refused when it is not UTF-8', () => {
    const bytes = Uint8Array.of(...bytesOfText(TEXT), 0xff)
    assert.deepEqual(parseProofFile(bytes), { ok: false, fault: 'proof-file-utf8' })
  })

  it('has room for the longest entry, proof and note, and is refused when longer', () => {
    const longest = { ...FILE, entry: new Uint8Array(ENTRY_BYTES_MAX), index: Number.MAX_SAFE_INTEGER }
    const proof = Array.from({ length: PROOF_HASHES_MAX }, () => new Uint8Array(32))
    const bytes = printProofFile({ ...longest, proof })
    assert.ok(parseProofFile(bytes).ok)
    const note = printNote(FILE.signed.note).length
    assert.ok(bytes.length - note + NOTE_BYTES_MAX <= PROOF_FILE_BYTES_MAX)
    const longer = new Uint8Array(PROOF_FILE_BYTES_MAX + 1)
    assert.deepEqual(parseProofFile(longer), { ok: false, fault: 'proof-file-too-long' })
  })

  it('is never written for an entry that nobody would read', () => {
    const entry = new Uint8Array(ENTRY_BYTES_MAX + 1)
    assert.throws(() => printProofFile({ ...FILE, entry }), /bug: an entry has a size limit/)
  })
})

function fileFor(index: number): ProofFile {
  const size = BigInt(ENTRIES.length)
  const note = noteOf(signedBytes({ origin: ORIGIN, size: ENTRIES.length, root: rootOf(TREE, 0n, size) }))
  const cosigned = { ...note, signatures: [...note.signatures, cosignatureOf(MIRROR, note, 1_700_000_000)] }
  const signed = parseSignedCheckpoint(printNote(cosigned))
  const entry = ENTRIES[index]
  assert.ok(signed.ok && entry)
  return { entry, index, proof: pathOf(TREE, BigInt(index), 0n, size), signed: signed.value }
}

function refused(text: string, fault: string): void {
  assert.deepEqual(parseProofFile(bytesOfText(text)), { ok: false, fault }, text.slice(0, 200))
}

import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { bytesOfText } from '../../../protocol/bytes.ts'
import { parseOrigin } from '../../../protocol/log/checkpoint.ts'
import {
  cosignatureMessage,
  parseCosignature,
  printCosignature,
  printCosignerName,
  quorum,
  verifyCosignature,
  verifyCosignatures,
} from '../../../protocol/log/cosignature.ts'
import { noteKeyId, SIGNATURE_TYPE, type Note, type NoteSignature } from '../../../protocol/log/note.ts'
import { cosignatureOf, NETWORK_ID, noteOf, ORIGIN, signedBytes, testCosigner } from '../../support/notes.ts'
import { primitives } from '../../support/tree.ts'

const HEAD = { origin: ORIGIN, size: 7, root: new Uint8Array(32).fill(5) }
const NOTE = noteOf(signedBytes(HEAD))
const MIRRORS = [1, 2, 3].map((n) => testCosigner(n, 'mirror'))
const WITNESS = testCosigner(1, 'witness')
const TIME = 1_700_000_000

describe('a quorum', () => {
  it('is floor(2n/3) + 1 of n others', () => {
    assert.deepEqual(
      Array.from({ length: 11 }, (_, n) => quorum(n)),
      [1, 1, 2, 3, 3, 4, 5, 5, 6, 7, 7],
    )
  })

  it('shares an honest member with any other while fewer than a third are not', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), (n) => {
        const faulty = Math.floor((n - 1) / 3)
        assert.ok(2 * quorum(n) - n > faulty)
        assert.ok(quorum(n) <= n)
      }),
    )
  })

  it('is not counted of anything but a count', () => {
    for (const n of [-1, 0.5, Number.NaN]) assert.throws(() => quorum(n), /bug: members are counted/)
  })
})

describe('a cosignature', () => {
  it('signs a header that no origin can be, a time and the three lines', () => {
    const message = new TextDecoder().decode(cosignatureMessage(NOTE.text, TIME))
    assert.equal(message, `cosignature/v1\ntime ${TIME}\n${NOTE.text}`)
    assert.throws(() => cosignatureMessage(NOTE.text, 0.5), /bug: a time/)
  })

  it('comes under a name that is no origin', () => {
    assert.equal(printCosignerName('a.example', 'mirror'), 'a.example/candor/mirror')
    assert.ok(!parseOrigin(printCosignerName('a.example', 'witness')).ok)
    assert.ok(!parseOrigin(`cosignature/v1/candor/${NETWORK_ID}/1`).ok)
  })

  it('prints back to the same bytes, for any time up to 2^53 − 1', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.uint8Array({ minLength: 64, maxLength: 64 }), (time, signature) => {
        const bytes = printCosignature(time, signature)
        assert.deepEqual(parseCosignature(bytes), { ok: true, value: { time, signature } })
        assert.equal(new DataView(bytes.buffer).getBigUint64(0), BigInt(time))
      }),
    )
  })

  it('verifies under its key and says when', () => {
    const [mirror] = MIRRORS
    assert.ok(mirror)
    const note = withLines(cosignatureOf(mirror, NOTE, TIME))
    const read = verifyCosignature(primitives, mirror, note)
    assert.ok(read.ok && read.value.time === TIME)
  })

  it('is absent when only others cosigned, even under its name', () => {
    const line = cosignatureOf(WITNESS, NOTE, TIME)
    const lines = [
      { ...line, keyId: Uint8Array.of(1, 2, 3, 4) },
      { ...line, name: 'x' },
    ]
    assert.deepEqual(verifyCosignature(primitives, WITNESS, withLines(...lines)), {
      ok: false,
      fault: 'cosignature-absent',
    })
    const plain = { ...line, keyId: noteKeyId(primitives, WITNESS.name, SIGNATURE_TYPE.ed25519, WITNESS.key) }
    assert.deepEqual(verifyCosignature(primitives, WITNESS, withLines(plain)), {
      ok: false,
      fault: 'cosignature-absent',
    })
  })

  it('is refused with a changed bit, time or text, or of another length', () => {
    const line = cosignatureOf(WITNESS, NOTE, TIME)
    const flipped = (at: number) => ({ ...line, bytes: line.bytes.with(at, (line.bytes[at] ?? 0) ^ 1) })
    for (const at of [7, 8, 40, 71]) isRefused(withLines(flipped(at)), 'cosignature-invalid')
    isRefused(withLines(line, flipped(70)), 'cosignature-invalid')
    const other = noteOf(signedBytes({ ...HEAD, size: 8 }))
    isRefused({ ...other, signatures: [line] }, 'cosignature-invalid')
    isRefused(withLines({ ...line, bytes: line.bytes.slice(1) }), 'cosignature-length')
    isRefused(withLines({ ...line, bytes: line.bytes.with(0, 1) }), 'cosignature-time')
  })

  it('counts from the earlier of two times', () => {
    const lines = [cosignatureOf(WITNESS, NOTE, TIME + 5), cosignatureOf(WITNESS, NOTE, TIME)]
    const read = verifyCosignature(primitives, WITNESS, withLines(...lines))
    assert.ok(read.ok && read.value.time === TIME)
  })
})

describe('the cosignatures of a head', () => {
  it('are those of the cosigners one knows, each once', () => {
    const [first, second] = MIRRORS
    assert.ok(first && second)
    const lines = [first, second, WITNESS, first].map((cosigner) => cosignatureOf(cosigner, NOTE, TIME))
    const read = verifyCosignatures(primitives, MIRRORS, withLines(...lines))
    assert.ok(read.ok)
    assert.deepEqual(
      read.value.map(({ cosigner }) => cosigner.name),
      [first.name, second.name],
    )
    assert.ok(read.value.length < quorum(MIRRORS.length))
  })

  it('are none on a head that nobody else confirmed', () => {
    assert.deepEqual(verifyCosignatures(primitives, MIRRORS, NOTE), { ok: true, value: [] })
  })

  it('are refused with a bad line of a cosigner one knows, and not of another', () => {
    const line = cosignatureOf(WITNESS, NOTE, TIME)
    const bad = { ...line, bytes: line.bytes.with(20, (line.bytes[20] ?? 0) ^ 1) }
    assert.deepEqual(verifyCosignatures(primitives, [...MIRRORS, WITNESS], withLines(bad)), {
      ok: false,
      fault: 'cosignature-invalid',
    })
    assert.ok(verifyCosignatures(primitives, MIRRORS, withLines(bad)).ok)
  })

  it('are refused when one key stands under two names: it would count twice', () => {
    const twin = { name: 'twin.example/candor/mirror', key: WITNESS.key }
    assert.deepEqual(verifyCosignatures(primitives, [WITNESS, twin], NOTE), {
      ok: false,
      fault: 'cosigner-repeated',
    })
  })

  it('do not pass for the signature of the log', () => {
    assert.notDeepEqual(cosignatureMessage(NOTE.text, TIME), bytesOfText(NOTE.text))
  })
})

function withLines(...lines: readonly NoteSignature[]): Note {
  return { text: NOTE.text, signatures: [...NOTE.signatures, ...lines] }
}

function isRefused(note: Note, fault: string): void {
  assert.deepEqual(verifyCosignature(primitives, WITNESS, note), { ok: false, fault })
}

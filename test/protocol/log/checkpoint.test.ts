import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { bytesOfText, printBase64 } from '../../../protocol/bytes.ts'
import {
  parseCheckpoint,
  parseCount,
  parseOrigin,
  parseSignedCheckpoint,
  printCheckpoint,
  printOrigin,
  printSignedCheckpoint,
  linesUnder,
  verifyCheckpoint,
  type SignedCheckpoint,
} from '../../../protocol/log/checkpoint.ts'
import { emptyRoot } from '../../../protocol/log/merkle.ts'
import { printNote, type NoteSignature } from '../../../protocol/log/note.ts'
import { LOG_KEY, NETWORK_ID, ORIGIN, signedBytes, testKey } from '../../support/notes.ts'
import { primitives } from '../../support/tree.ts'

const ROOT = new Uint8Array(32).fill(5)
const HEAD = { origin: ORIGIN, size: 7, root: ROOT }
const ROOT64 = printBase64(ROOT)

describe('an origin', () => {
  const origins = fc.record(
    {
      domain: fc.constantFrom('a.example', 'x-1.y.example', `${'a'.repeat(63)}.${'b'.repeat(63)}`),
      networkId: fc.constant(NETWORK_ID),
      epoch: fc.integer({ min: 1, max: 999_999_999 }),
    },
    { noNullPrototype: true },
  )

  it('prints back to the same text', () => {
    fc.assert(
      fc.property(
        origins,
        (origin) => void assert.deepEqual(parseOrigin(printOrigin(origin)), { ok: true, value: origin }),
      ),
    )
  })

  it('is refused unless it is a domain, candor, a network and an epoch', () => {
    const wrong = [
      '',
      'cosignature/v1',
      'A.example/candor/N/1',
      'a_b.example/candor/N/1',
      'é.example/candor/N/1',
      '-a.example/candor/N/1',
      'a-.example/candor/N/1',
      'a..example/candor/N/1',
      '.example/candor/N/1',
      'example/candor/N/1',
      'a.example./candor/N/1',
      `${'a'.repeat(64)}.example/candor/N/1`,
      `${'a'.repeat(63)}.${'b'.repeat(64)}/candor/N/1`,
      `${'a.'.repeat(63)}bb/candor/N/1`,
      'a.example/candour/N/1',
      'a.example/candor/N/0',
      'a.example/candor/N/01',
      'a.example/candor/N/-1',
      'a.example/candor/N/1.0',
      'a.example/candor/N/1000000000',
      'a.example/candor/N/',
      'a.example/candor/N',
      'a.example/candor/N/1/',
      'a.example/candor/N/1 ',
      'a.example/candor/N/1\n',
      'a.example/candor/N+/1',
      'a.example/candor/witness',
    ]
    for (const text of wrong) refusedOrigin(text.replace('N', NETWORK_ID))
  })

  it('is refused with a network id that is not the base32 of 32 bytes', () => {
    const wrong = [
      NETWORK_ID.slice(1),
      `${NETWORK_ID}a`,
      NETWORK_ID.toUpperCase(),
      `${NETWORK_ID.slice(0, 51)}b`,
      `1${NETWORK_ID.slice(1)}`,
    ]
    for (const id of wrong) refusedOrigin(`a.example/candor/${id}/1`)
  })
})

describe('a size or an index', () => {
  it('is decimal without leading zeros up to 2^53 − 1', () => {
    for (const count of [0, 1, 10, 2 ** 32, Number.MAX_SAFE_INTEGER])
      assert.equal(parseCount(String(count)), count)
    for (const text of [
      '',
      '00',
      '01',
      '-1',
      '+1',
      ' 1',
      '1 ',
      '1.0',
      '1e3',
      '0x7',
      '٣',
      '9007199254740992',
      '9'.repeat(17),
    ]) {
      assert.equal(parseCount(text), undefined, text)
    }
  })
})

describe('a checkpoint', () => {
  it('is exactly three lines', () => {
    assert.equal(printCheckpoint(HEAD), `${ORIGIN}\n7\n${ROOT64}\n`)
  })

  it('prints back to the same text', () => {
    const heads = fc.record(
      {
        origin: fc.constant(ORIGIN),
        size: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
        root: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      },
      { noNullPrototype: true },
    )
    fc.assert(
      fc.property(
        heads,
        (head) => void assert.deepEqual(parseCheckpoint(printCheckpoint(head)), { ok: true, value: head }),
      ),
    )
  })

  it('is refused with more, fewer or unfinished lines', () => {
    const lines = [ORIGIN, '7', ROOT64]
    refused(lines.join('\n'), 'checkpoint-lines')
    refused(`${lines.slice(0, 2).join('\n')}\n`, 'checkpoint-lines')
    refused(`${lines.join('\n')}\nextension\n`, 'checkpoint-lines')
    refused(`${lines.join('\n')}\n\n`, 'checkpoint-lines')
    refused('', 'checkpoint-lines')
  })

  it('is refused with another origin, size or root than the grammar allows', () => {
    refused(`cosignature/v1\n7\n${ROOT64}\n`, 'checkpoint-origin')
    refused(`${ORIGIN} \n7\n${ROOT64}\n`, 'checkpoint-origin')
    refused(`${ORIGIN}\n07\n${ROOT64}\n`, 'checkpoint-size')
    refused(`${ORIGIN}\n9007199254740992\n${ROOT64}\n`, 'checkpoint-size')
    refused(`${ORIGIN}\n\n${ROOT64}\n`, 'checkpoint-size')
    const roots = [
      '',
      ROOT64.slice(0, -1),
      `${ROOT64} `,
      ROOT64.replace('U=', 'V='),
      ROOT64.replace('BQ', '-_'),
      printBase64(ROOT.slice(1)),
      printBase64(new Uint8Array(33)),
    ]
    for (const root of roots) refused(`${ORIGIN}\n7\n${root}\n`, 'checkpoint-root')
  })
})

describe('a signed checkpoint', () => {
  it('verifies under its log key, and prints back to the same bytes', () => {
    const bytes = signedBytes(HEAD)
    const signed = read(bytes)
    assert.deepEqual(verifyCheckpoint(primitives, signed, LOG_KEY.key), { ok: true, value: HEAD })
    assert.deepEqual(printNote(signed.note), bytes)
  })

  it('ignores lines of unknown keys, even under its own name', () => {
    const signed = withLines((own) => [
      { name: 'x.example', keyId: own.keyId, bytes: own.bytes },
      { name: own.name, keyId: Uint8Array.of(1, 2, 3, 4), bytes: own.bytes },
      own,
    ])
    assert.ok(verifyCheckpoint(primitives, signed, LOG_KEY.key).ok)
  })

  it('has the lines of its own key, and no others that stand in its name', () => {
    const signed = withLines((own) => [
      { name: own.name, keyId: Uint8Array.of(1, 2, 3, 4), bytes: own.bytes },
      own,
      { ...own, name: 'x.example' },
    ])
    assert.deepEqual(linesUnder(primitives, signed, LOG_KEY.key), read(signedBytes(HEAD)).note.signatures)
  })

  it('is refused unsigned, or signed by another key', () => {
    const other = read(signedBytes(HEAD, testKey(2)))
    assert.deepEqual(verifyCheckpoint(primitives, other, LOG_KEY.key), { ok: false, fault: 'head-unsigned' })
  })

  it('is refused with a bad signature by its own key, even beside a good one', () => {
    const bad = (own: NoteSignature) => ({ ...own, bytes: own.bytes.with(9, (own.bytes[9] ?? 0) ^ 1) })
    const short = (own: NoteSignature) => ({ ...own, bytes: own.bytes.slice(1) })
    for (const lines of [
      (own: NoteSignature) => [bad(own)],
      (own: NoteSignature) => [own, bad(own)],
      (own: NoteSignature) => [own, short(own)],
      // More lines of one key than are read, be they good.
      (own: NoteSignature) => [own, own, own],
    ]) {
      assert.deepEqual(verifyCheckpoint(primitives, withLines(lines), LOG_KEY.key), {
        ok: false,
        fault: 'head-signature',
      })
    }
  })

  it('is refused with any change of its text', () => {
    const text = new TextDecoder().decode(signedBytes(HEAD))
    const changed = read(bytesOfText(text.replace('\n7\n', '\n8\n')))
    assert.deepEqual(verifyCheckpoint(primitives, changed, LOG_KEY.key), {
      ok: false,
      fault: 'head-signature',
    })
  })

  it('has size 0 with the empty root only', () => {
    const empty = { ...HEAD, size: 0, root: emptyRoot(primitives) }
    assert.ok(verifyCheckpoint(primitives, read(signedBytes(empty)), LOG_KEY.key).ok)
    const wrong = read(signedBytes({ ...HEAD, size: 0 }))
    assert.deepEqual(verifyCheckpoint(primitives, wrong, LOG_KEY.key), {
      ok: false,
      fault: 'head-empty-root',
    })
  })

  it('is never made of what nobody could read', () => {
    for (const head of [
      { ...HEAD, origin: 'cosignature/v1' },
      { ...HEAD, size: 2 ** 53 },
      { ...HEAD, root: ROOT.slice(1) },
    ]) {
      assert.throws(
        () => printSignedCheckpoint(primitives, head, LOG_KEY.key, LOG_KEY.sign),
        /bug: a head that nobody can read/,
      )
    }
  })

  it('is refused with the fault of its note or of its text', () => {
    const text = new TextDecoder().decode(signedBytes(HEAD))
    assert.deepEqual(parseSignedCheckpoint(bytesOfText(text.trimEnd())), { ok: false, fault: 'note-shape' })
    assert.deepEqual(parseSignedCheckpoint(bytesOfText(text.replace('\n7\n', '\n7\nmore\n'))), {
      ok: false,
      fault: 'checkpoint-lines',
    })
  })
})

function read(bytes: Uint8Array): SignedCheckpoint {
  const signed = parseSignedCheckpoint(bytes)
  assert.ok(signed.ok)
  return signed.value
}

/** The signed head with other signature lines, made from its own. */
function withLines(lines: (own: NoteSignature) => readonly NoteSignature[]): SignedCheckpoint {
  const { note } = read(signedBytes(HEAD))
  const [own] = note.signatures
  assert.ok(own)
  return read(printNote({ text: note.text, signatures: lines(own) }))
}

function refused(text: string, fault: string): void {
  assert.deepEqual(parseCheckpoint(text), { ok: false, fault }, text)
}

function refusedOrigin(text: string): void {
  assert.deepEqual(parseOrigin(text), { ok: false, fault: 'checkpoint-origin' }, text)
}

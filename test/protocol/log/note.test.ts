import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { bytesOfText, printBase64, printHex } from '../../../protocol/bytes.ts'
import { NOTE_BYTES_MAX, SIGNATURES_MAX } from '../../../protocol/limits.ts'
import {
  noteKeyId,
  parseNote,
  parseSignatureLine,
  parseVerifierKey,
  printNote,
  printSignatureLine,
  printVerifierKey,
  SIGNATURE_TYPE,
} from '../../../protocol/log/note.ts'
import { LOG_KEY } from '../../support/notes.ts'
import { primitives } from '../../support/tree.ts'

const LINE = `— a.example/x ${printBase64(new Uint8Array(68).fill(9))}\n`

describe('a note', () => {
  it('prints back to the bytes it was read from, or is refused', () => {
    const anyText = fc
      .array(fc.constantFrom('\n', '\n\n', '— ', 'a', ' ', '+', 'é', LINE, 'AAAAAAA='))
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(anyText, (text) => {
        const bytes = bytesOfText(text)
        const note = parseNote(bytes)
        if (note.ok) assert.deepEqual(printNote(note.value), bytes)
      }),
      { numRuns: 1000 },
    )
  })

  it('splits at the last blank line, so that a text may hold others', () => {
    const text = `one\n\ntwo\n\n${LINE.trimEnd()} \n`
    const note = parseNote(bytesOfText(`${text}\n${LINE}`))
    assert.ok(note.ok)
    assert.equal(note.value.text, text)
    assert.equal(note.value.signatures.length, 1)
  })

  it('is read with 16 signatures and with as many as the limit, not with one more', () => {
    const short = `— a ${printBase64(new Uint8Array(5))}\n`
    assert.ok(parseNote(bytesOfText(`t\n\n${LINE.repeat(16)}`)).ok)
    const most = parseNote(bytesOfText(`t\n\n${short.repeat(SIGNATURES_MAX)}`))
    assert.ok(most.ok && most.value.signatures.length === SIGNATURES_MAX)
    refused(`t\n\n${short.repeat(SIGNATURES_MAX + 1)}`, 'note-signature-count')
  })

  it('is read at 64 KiB and not one byte longer', () => {
    const rest = `\n\n${LINE}`
    const longest = 'x'.repeat(NOTE_BYTES_MAX - bytesOfText(rest).length)
    assert.ok(parseNote(bytesOfText(longest + rest)).ok)
    refused(`x${longest}${rest}`, 'note-too-long')
  })

  it('is refused when it is not UTF-8', () => {
    for (const wrong of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x80]]) {
      const bytes = Uint8Array.of(...wrong, ...bytesOfText(`\n\n${LINE}`))
      assert.deepEqual(parseNote(bytes), { ok: false, fault: 'note-utf8' })
    }
  })

  it('is refused with a control character other than a newline', () => {
    for (const control of ['\r', '\t', '\0', '\u001f']) refused(`a${control}b\n\n${LINE}`, 'note-control')
    assert.ok(parseNote(bytesOfText(`a\u007fb\n\n${LINE}`)).ok)
  })

  it('is refused without a blank line or a last newline', () => {
    for (const text of ['', 'a', 'a\n', `a\n${LINE}`, `a\n\n${LINE.trimEnd()}`]) refused(text, 'note-shape')
  })

  it('is refused with a signature line that is not exactly one', () => {
    const wrong = [
      '', // no line at all
      '\n',
      'a\n',
      LINE.replace('—', '-'),
      LINE.replace('— ', '—  '),
      LINE.replace('— ', '—'),
      LINE.replace('a.example/x', ''),
      LINE.replace('a.', 'a+'),
      LINE.replace('a.', 'a b'),
      LINE.replace('a.', 'a\u00a0b'),
      LINE.replace('a.', 'a\u0085b'),
      LINE.replace('a.', 'a\u2028b'),
      LINE.replace('\n', ' \n'),
      LINE.replace('CQ', 'C Q'),
      LINE.replace('=\n', '\n'),
      LINE.replace('k=\n', 'l=\n'), // non-zero bits behind the last byte
      LINE.replace('CQ', '-_'),
      `— a ${printBase64(new Uint8Array(4))}\n`, // a key id and nothing behind it
      '— a =\n',
      `${LINE}x\n`,
    ]
    for (const lines of wrong) {
      const read = parseNote(bytesOfText(`t\n\n${lines}`))
      const isRefused = !read.ok && (read.fault === 'note-signature-line' || read.fault === 'note-shape')
      assert.ok(isRefused, JSON.stringify(lines))
    }
    refused(`t\n\n${LINE.replace('—', '-')}`, 'note-signature-line')
  })

  it('allows in a name what is no white space', () => {
    const line = LINE.trimEnd().replace('a.', 'a\ufeffé')
    const read = parseSignatureLine(line)
    assert.ok(read)
    assert.equal(printSignatureLine(read), `${line}\n`)
  })
})

describe('a verifier key', () => {
  const vkey = { name: 'a.example/x', type: SIGNATURE_TYPE.ed25519, key: LOG_KEY.key }
  const text = printVerifierKey(primitives, vkey)

  it('names its key by the first bytes of SHA-256(name, newline, type, key)', () => {
    const id = primitives
      .sha256(Uint8Array.of(...bytesOfText('a.example/x\n'), 1, ...LOG_KEY.key))
      .slice(0, 4)
    assert.deepEqual(noteKeyId(primitives, vkey.name, 1, LOG_KEY.key), id)
    assert.ok(text.startsWith(`a.example/x+${printHex(id)}+A`))
    assert.notDeepEqual(noteKeyId(primitives, vkey.name, 4, LOG_KEY.key), id)
  })

  it('prints back to the same text', () => {
    assert.deepEqual(parseVerifierKey(primitives, text), { ok: true, value: vkey })
  })

  it('is refused when anything in it is not exact', () => {
    const [, id = '', key = ''] = text.split('+')
    const wrong = [
      '',
      text.replace('a.', 'b.'),
      text.replace('a.', 'a b.'),
      text.replace(id, id.toUpperCase() === id ? '00000000' : id.toUpperCase()),
      text.replace(id, id.slice(1)),
      `${text}=`,
      ` ${text}`,
      text.replace(key, printBase64(new Uint8Array(32))),
      text.replace(key, ''),
    ]
    for (const candidate of wrong) {
      assert.deepEqual(
        parseVerifierKey(primitives, candidate),
        { ok: false, fault: 'verifier-key' },
        candidate,
      )
    }
  })
})

function refused(text: string, fault: string): void {
  assert.deepEqual(parseNote(bytesOfText(text)), { ok: false, fault })
}

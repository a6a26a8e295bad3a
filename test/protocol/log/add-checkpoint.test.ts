import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  ADD_CHECKPOINT_BYTES_MAX,
  parseAddCheckpoint,
  parseCosignatureLines,
  printAddCheckpoint,
  printCosignatureLines,
} from '../../../protocol/log/add-checkpoint.ts'
import { cosignatureOf, noteOf, ORIGIN, signedBytes, testCosigner } from '../../support/notes.ts'

const NOTE = signedBytes({ origin: ORIGIN, size: 7, root: new Uint8Array(32).fill(5) })
const HASH = 'BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU='
const text = (...lines: readonly string[]) => Buffer.from(lines.join('\n'))
const body = (head: string) => Buffer.concat([text(head), NOTE])

describe('an add-checkpoint request', () => {
  it('is the old size, the proof, a blank line and the head, as C2SP tlog-witness has it', () => {
    const proof = [new Uint8Array(32).fill(5)]
    const printed = printAddCheckpoint({ oldSize: 3, proof, note: NOTE })
    assert.equal(Buffer.from(printed).toString(), `old 3\n${HASH}\n\n${Buffer.from(NOTE).toString()}`)
    assert.deepEqual(parseAddCheckpoint(printed), { ok: true, value: { oldSize: 3, proof, note: NOTE } })
  })

  it('has no proof from nothing', () => {
    const printed = printAddCheckpoint({ oldSize: 0, proof: [], note: NOTE })
    assert.ok(Buffer.from(printed).toString().startsWith(`old 0\n\n${ORIGIN}\n`))
  })

  it('prints back to the same bytes', () => {
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.array(hash, { maxLength: 63 }), (oldSize, proof) => {
        const printed = printAddCheckpoint({ oldSize, proof, note: NOTE })
        const read = parseAddCheckpoint(printed)
        assert.ok(read.ok)
        assert.deepEqual(printAddCheckpoint(read.value), printed)
      }),
    )
  })

  const refused: readonly [string, Uint8Array, string][] = [
    ['nothing', text(''), 'add-shape'],
    ['no blank line', text('old 3'), 'add-shape'],
    ['another word', body('size 3\n\n'), 'add-shape'],
    ['a size with a leading zero', body('old 03\n\n'), 'add-old'],
    ['a negative size', body('old -3\n\n'), 'add-old'],
    ['a size above 2^53 − 1', body('old 9007199254740992\n\n'), 'add-old'],
    ['a hash that is too short', body('old 3\nBQUF\n\n'), 'add-hash'],
    [
      'a hash with a tail that does not re-encode',
      body(`old 3\n${HASH.replace('U=', 'V=')}\n\n`),
      'add-hash',
    ],
    ['64 hashes', body(`old 3\n${`${HASH}\n`.repeat(64)}\n`), 'add-hash'],
    ['bytes that are no text', Buffer.concat([text('old 3\n\n'), Buffer.from([0xff])]), 'add-utf8'],
    ['more than its bound', new Uint8Array(ADD_CHECKPOINT_BYTES_MAX + 1), 'add-too-long'],
  ]
  for (const [name, bytes, fault] of refused)
    it(`is refused with ${name}`, () => assert.deepEqual(parseAddCheckpoint(bytes), { ok: false, fault }))
})

describe('the lines of a witness', () => {
  const lines = [1, 2].map((n) => cosignatureOf(testCosigner(n, 'witness'), noteOf(NOTE), 1_700_000_000))

  it('print and parse', () => {
    const printed = printCosignatureLines(lines)
    assert.deepEqual(parseCosignatureLines(printed), { ok: true, value: lines })
  })

  for (const [name, bytes] of [
    ['nothing', text('')],
    ['no end of line', text('— a.example/candor/witness AAAAAAAA')],
    ['a line that is none', text('409', '')],
    ['an empty line', text('', '')],
    ['no text', Uint8Array.of(0xff, 0x0a)],
  ] as const)
    it(`are refused with ${name}`, () => assert.equal(parseCosignatureLines(bytes).ok, false))
})

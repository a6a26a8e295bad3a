import assert from 'node:assert/strict'
import fc from 'fast-check'
import { encode } from '../../../protocol/codec/cbor.ts'
import { EQUIVOCATION_BYTES_MAX } from '../../../protocol/limits.ts'
import type { Chunk } from '../../../protocol/sync/chunk.ts'
import {
  parseAnswer,
  parseNews,
  parseRequest,
  printAnswer,
  printNews,
  printRequest,
  type Answer,
  type News,
  type Request,
} from '../../../protocol/sync/message.ts'

const HASH = new Uint8Array(32).fill(7)
const NOTE = new Uint8Array(80).fill(9)
const ORIGIN = `a.example/candor/${'a'.repeat(52)}/1`
const PROOF = new Uint8Array(EQUIVOCATION_BYTES_MAX)

const REQUESTS: readonly Request[] = [
  { t: 'frontier', digest: HASH, own: ORIGIN, struck: HASH },
  { t: 'range', origin: ORIGIN, from: 0, size: 1 },
  { t: 'prefix', origin: ORIGIN, from: 1, size: 2 },
  { t: 'evidence', subject: HASH },
  { t: 'cosigned', have: [] },
  { t: 'stated', domain: 'a.example' },
  { t: 'cosigned', have: [[ORIGIN, 3, 2, HASH]] },
]

const CHUNK = { from: 0, entries: [NOTE], parts: [null], proof: [HASH] }
const PART = { opening: HASH, mediaType: '', bytes: NOTE }
const ERASURE = { of: 1, index: 3, entry: NOTE, part: PART, proof: [HASH] }
const ERASED = { from: 0, entries: [NOTE, NOTE, NOTE], parts: [PART, null, null], proof: [] }
const ANSWERS: readonly Answer[] = [
  { t: 'heads', same: true, notes: [], seen: null, struck: [], cosigned: HASH },
  { t: 'heads', same: false, notes: [NOTE], seen: NOTE, struck: [HASH], cosigned: HASH },
  { t: 'entries', chunk: CHUNK },
  { t: 'entries', chunk: { ...ERASED, erasures: [ERASURE, { ...ERASURE, of: 2 }] } },
  { t: 'prefix', root: HASH, proof: [HASH, HASH] },
  { t: 'evidence', proof: PROOF },
  { t: 'cosigned', note: NOTE },
  { t: 'end', reason: 'done' },
]

const NEWS: readonly News[] = [
  { t: 'news', note: NOTE, chunk: null },
  { t: 'news', note: NOTE, chunk: CHUNK },
  { t: 'evidence', proof: PROOF },
]

describe('messages between nodes', () => {
  it('read as they were printed', () => {
    for (const request of REQUESTS)
      assert.deepEqual(parseRequest(printRequest(request)), { ok: true, value: request })
    for (const answer of ANSWERS)
      assert.deepEqual(parseAnswer(printAnswer(answer)), { ok: true, value: answer })
    for (const news of NEWS) assert.deepEqual(parseNews(printNews(news)), { ok: true, value: news })
  })

  const ERASURES: readonly (readonly [string, readonly object[]])[] = [
    ['none at all', []],
    ['of a part that is there', [{ ...ERASURE, of: 0 }]],
    ['of an entry that is not', [{ ...ERASURE, of: 3 }]],
    ['one part twice', [ERASURE, ERASURE]],
    ['in another order', [{ ...ERASURE, of: 2 }, ERASURE]],
    ['with an entry that is too long', [{ ...ERASURE, entry: new Uint8Array(4_097) }]],
    ['with a hash that is none', [{ ...ERASURE, proof: [HASH.slice(1)] }]],
  ]
  for (const [name, erasures] of ERASURES) {
    it(`are refused with erasures ${name}`, () => {
      const chunk = { ...ERASED, erasures } as Chunk
      assert.deepEqual(parseAnswer(printAnswer({ t: 'entries', chunk })), {
        ok: false,
        fault: 'message-shape',
      })
    })
  }

  const shapeless = { ok: false, fault: 'message-shape' }
  const requests = [
    { t: 'frontier', digest: HASH, own: ORIGIN },
    { t: 'cosigned', have: [[ORIGIN, 3, 2]] },
    { t: 'cosigned', have: [['', 3, 2, HASH]] },
    { t: 'cosigned', have: [[ORIGIN, -3, 2, HASH]] },
    { t: 'cosigned', have: [[ORIGIN, 3, 2, NOTE]] },
    { t: 'cosigned', have: ORIGIN },
    { t: 'cosigned' },
    { t: 'stated' },
    { t: 'stated', domain: '' },
    { t: 'stated', domain: 'a.example', more: 1 },
    { t: 'frontier', digest: HASH, own: '', struck: HASH },
    { t: 'frontier', digest: HASH, own: ORIGIN, struck: NOTE },
    { t: 'range', origin: ORIGIN, from: 1, size: 1 },
    { t: 'prefix', origin: ORIGIN, from: 0, size: 2 },
    { t: 'prefix', origin: ORIGIN, from: 2, size: 2 },
    { t: 'evidence', subject: NOTE },
    { t: 'evidence', subject: HASH, more: 1 },
    { t: 'other' },
  ]
  for (const request of requests) {
    it(`refuse the request ${JSON.stringify(Object.values(request).map(String)).slice(0, 90)}`, () => {
      assert.deepEqual(parseRequest(encode(request)), shapeless)
    })
  }

  const answers = [
    { t: 'heads', same: false, notes: [] },
    { t: 'heads', same: false, notes: [], seen: 'x', struck: [] },
    { t: 'heads', same: false, notes: [], seen: null, struck: [NOTE] },
    { t: 'heads', same: false, notes: [], seen: null, struck: Array.from({ length: 4_097 }, () => HASH) },
    { t: 'prefix', root: NOTE, proof: [] },
    { t: 'prefix', root: HASH, proof: [NOTE] },
    { t: 'prefix', root: HASH, proof: Array.from({ length: 65 }, () => HASH) },
    { t: 'evidence', proof: new Uint8Array(EQUIVOCATION_BYTES_MAX + 1) },
    { t: 'evidence', proof: 'text' },
    { t: 'end', reason: 'tired' },
  ]
  for (const [at, answer] of answers.entries()) {
    it(`refuse the answer ${at}: ${answer.t}`, () => assert.deepEqual(parseAnswer(encode(answer)), shapeless))
  }

  it('never throw on bytes of anybody', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const parse of [parseRequest, parseAnswer, parseNews]) parse(bytes)
      }),
    )
  })
})

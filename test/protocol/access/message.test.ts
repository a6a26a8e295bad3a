import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  parseAccessAnswer,
  parseAccessMessage,
  printAccessAnswer,
  printAccessMessage,
  type AccessAnswer,
  type AccessMessage,
} from '../../../protocol/access/message.ts'
import { parseTrailEntry, printTrailEntry, type TrailEntry } from '../../../protocol/access/trail.ts'
import { encode, type Value } from '../../../protocol/codec/cbor.ts'
import { CIPHERTEXT_BYTES_MAX, TERMS_BYTES_MAX } from '../../../protocol/limits.ts'
import { counting } from '../../support/statements.ts'
import { bitFlips } from '../../support/values.ts'

const ID = counting(32, 0x21)
const SIGNED = counting(300, 0x22)
const OFFER = { ciphertext: counting(32, 1), length: 4_112, keyCommitment: counting(32, 2) }

const MESSAGES: readonly AccessMessage[] = [
  { kind: 'request', signed: SIGNED },
  { kind: 'receipt', signed: SIGNED },
  { kind: 'ack', signed: SIGNED },
  { kind: 'appeal', signed: SIGNED },
  { kind: 'confirm', request: ID },
  { kind: 'state', request: ID },
]

const ANSWERS: readonly AccessAnswer[] = [
  { kind: 'public' },
  { kind: 'pending' },
  { kind: 'wait' },
  { kind: 'noted' },
  { kind: 'granted', grant: SIGNED, offer: OFFER },
  { kind: 'denied', denial: SIGNED, terms: null },
  { kind: 'denied', denial: SIGNED, terms: counting(40, 3) },
  { kind: 'revoked', revocation: SIGNED },
  { kind: 'key', sealed: counting(80, 4) },
  { kind: 'refused', reason: 'other-peer' },
]

const ENTRY: TrailEntry = {
  side: 'owner',
  step: 'offered',
  at: 1_800_000_000,
  request: ID,
  statement: SIGNED,
  facts: { length: 4_112 },
}

describe('messages of access/1', () => {
  for (const message of MESSAGES) {
    it(`reads ${message.kind} as it was written`, () => {
      assert.deepEqual(parseAccessMessage(printAccessMessage(message)), { ok: true, value: message })
    })
  }
  for (const answer of ANSWERS) {
    it(`reads the answer ${answer.kind} as it was written`, () => {
      assert.deepEqual(parseAccessAnswer(printAccessAnswer(answer)), { ok: true, value: answer })
    })
  }

  const refusedMessages: readonly (readonly [string, Value])[] = [
    ['another version', { v: 2, kind: 'state', request: ID }],
    ['an unknown kind', { v: 1, kind: 'give', request: ID }],
    ['a field too many', { v: 1, kind: 'state', request: ID, more: 1 }],
    ['a field of another kind', { v: 1, kind: 'request', request: ID }],
    ['a short id', { v: 1, kind: 'confirm', request: counting(31, 1) }],
    ['a statement that is too long', { v: 1, kind: 'request', signed: new Uint8Array(16_385) }],
    ['a list', [1]],
  ]
  for (const [name, value] of refusedMessages) {
    it(`refuses a message with ${name}`, () => {
      assert.deepEqual(parseAccessMessage(encode(value)), { ok: false, fault: 'access-message-shape' })
    })
  }

  const offer = (length: number): Value => [OFFER.ciphertext, length, OFFER.keyCommitment]
  const refusedAnswers: readonly (readonly [string, Value])[] = [
    [
      'a ciphertext that is too long',
      { v: 1, kind: 'granted', grant: SIGNED, offer: offer(CIPHERTEXT_BYTES_MAX + 1) },
    ],
    ['an offer of two', { v: 1, kind: 'granted', grant: SIGNED, offer: [OFFER.ciphertext, 1] }],
    [
      'terms that are too long',
      { v: 1, kind: 'denied', denial: SIGNED, terms: new Uint8Array(TERMS_BYTES_MAX + 1) },
    ],
    ['a key of 79 bytes', { v: 1, kind: 'key', sealed: counting(79, 1) }],
    ['words for a reason', { v: 1, kind: 'refused', reason: 'Because I say so' }],
    ['a name that objects inherit', { v: 1, kind: 'toString' }],
  ]
  for (const [name, value] of refusedAnswers) {
    it(`refuses an answer with ${name}`, () => {
      assert.deepEqual(parseAccessAnswer(encode(value)), { ok: false, fault: 'access-message-shape' })
    })
  }

  it('never takes altered or random bytes for what prints otherwise', () => {
    for (const flipped of bitFlips(printAccessAnswer(ANSWERS[4] ?? { kind: 'wait' }))) {
      const read = parseAccessAnswer(flipped)
      if (read.ok) assert.deepEqual(printAccessAnswer(read.value), flipped)
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const read = parseAccessMessage(bytes)
        if (read.ok) assert.deepEqual(printAccessMessage(read.value), bytes)
      }),
    )
    assert.deepEqual(parseAccessMessage(Uint8Array.of(0xff)), { ok: false, fault: 'access-message-cbor' })
  })
})

describe('entries of the audit trail', () => {
  it('read as they were written', () => {
    for (const entry of [ENTRY, { ...ENTRY, side: 'reader', step: 'opened', statement: null } as const])
      assert.deepEqual(parseTrailEntry(printTrailEntry(entry)), { ok: true, value: entry })
  })

  const entry = { v: 1, ...ENTRY }
  const refused: readonly (readonly [string, Value])[] = [
    ['a step of the other side', { ...entry, side: 'reader' }],
    ['no such side', { ...entry, side: 'both' }],
    ['a time below zero', { ...entry, at: -1 }],
    ['a short request id', { ...entry, request: counting(16, 1) }],
    ['a statement that is no bytes', { ...entry, statement: 'text' }],
    ['facts that are no map', { ...entry, facts: [] }],
    ['a field too many', { ...entry, more: null }],
  ]
  for (const [name, value] of refused) {
    it(`are refused with ${name}`, () => {
      assert.deepEqual(parseTrailEntry(encode(value)), { ok: false, fault: 'trail-shape' })
    })
  }

  it('are refused when they are no CBOR', () => {
    assert.deepEqual(parseTrailEntry(Uint8Array.of(0xff)), { ok: false, fault: 'trail-cbor' })
  })
})

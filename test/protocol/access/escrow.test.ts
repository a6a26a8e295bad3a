import assert from 'node:assert/strict'
import {
  depositRefusal,
  releaseRefusal,
  silentSince,
  type DepositFacts,
  type SilenceFacts,
} from '../../../protocol/access/escrow-rules.ts'
import type { Escrow } from '../../../protocol/access/escrow.ts'
import {
  parseEscrowAnswer,
  parseEscrowMessage,
  printEscrowAnswer,
  printEscrowMessage,
  type EscrowAnswer,
  type EscrowMessage,
} from '../../../protocol/access/escrow-message.ts'
import { encode } from '../../../protocol/codec/cbor.ts'
import { NOW } from '../../support/access-facts.ts'
import { ESCROW_STATEMENTS } from '../../support/escrow-cases.ts'
import { counting, NETWORK_ID } from '../../support/statements.ts'

const DAY = 86_400

function deposit(): Escrow {
  const found = ESCROW_STATEMENTS.map(([, statement]) => statement).find(({ kind }) => kind === 'escrow')
  if (found?.kind !== 'escrow') throw new Error('bug: there is a deposit')
  return found
}

const GOOD: DepositFacts = {
  network: NETWORK_ID,
  owner: 'member',
  holders: ['member', 'member', 'suspended', 'member'],
  isOpenLog: true,
  isProven: true,
  signature: 'good',
  own: deposit().holders[0],
  entry: { commitment: deposit().commitment },
  isErased: false,
  held: { deposits: 0, bytes: 0 },
}

describe('a deposit', () => {
  it('is held where nothing speaks against it', () => {
    assert.equal(depositRefusal(deposit(), GOOD), undefined)
  })

  const refusals: readonly (readonly [string, Partial<DepositFacts>, string])[] = [
    ['of another network', { network: 'b'.repeat(52) }, 'other-network'],
    ['of an affiliate', { owner: 'affiliate' }, 'no-standing'],
    ['of a suspended member', { owner: 'suspended' }, 'no-standing'],
    ['of a stranger', { owner: 'none' }, 'no-standing'],
    ['in the name of a closed log', { isOpenLog: false }, 'owner-moved'],
    ['that another brings', { isProven: false }, 'other-peer'],
    ['under a key that is not known', { signature: 'unknown' }, 'key-unknown'],
    ['that is forged', { signature: 'forged' }, 'key-unknown'],
    ['for others', { own: undefined }, 'not-named'],
    ['with a stranger among its holders', { holders: ['member', 'none'] }, 'holder-unknown'],
    ['with an affiliate among its holders', { holders: ['member', 'affiliate'] }, 'holder-unknown'],
    ['about an entry that is not here', { entry: 'missing' }, 'not-held'],
    ['about another entry', { entry: 'other' }, 'no-such-entry'],
    ['with another commitment', { entry: { commitment: counting(32, 0x99) } }, 'other-commitment'],
    ['with no commitment', { entry: { commitment: undefined } }, 'other-commitment'],
    ['of an erased part', { isErased: true }, 'part-erased'],
    ['beyond 4,096', { held: { deposits: 4_096, bytes: 0 } }, 'too-many'],
    ['beyond 256 MiB', { held: { deposits: 1, bytes: 268_435_456 - 4_111 } }, 'too-many'],
  ]
  for (const [name, changes, reason] of refusals) {
    it(`${name} is refused: ${reason}`, () => {
      assert.equal(depositRefusal(deposit(), { ...GOOD, ...changes }), reason)
    })
  }

  it('that just fits is held', () => {
    const held = { deposits: 4_095, bytes: 268_435_456 - 4_112 }
    assert.equal(depositRefusal(deposit(), { ...GOOD, held }), undefined)
  })
})

describe('a share', () => {
  const silent: SilenceFacts = {
    confirmedAt: NOW - 90 * DAY,
    heldAt: NOW - 100 * DAY,
    isConnected: false,
    isFresh: true,
  }
  const table: readonly (readonly [string, Partial<SilenceFacts>, string | undefined])[] = [
    ['goes at the instant the time is over', {}, undefined],
    ['stays a second before', { confirmedAt: NOW - 90 * DAY + 1 }, 'owner-heard'],
    ['stays while the owner is connected, however old its heads', { isConnected: true }, 'owner-connected'],
    ['stays where the deposit came later than the last head', { heldAt: NOW - 89 * DAY }, 'owner-heard'],
    ['goes where no head was ever confirmed and the deposit is old', { confirmedAt: undefined }, undefined],
    ['stays with a node that hears nobody', { isFresh: false }, 'not-fresh'],
    ['stays where heads are of the future', { confirmedAt: NOW + DAY }, 'owner-heard'],
  ]
  for (const [name, changes, refusal] of table) {
    it(name, () => {
      assert.equal(releaseRefusal({ afterDays: 90 }, { ...silent, ...changes }, NOW), refusal)
    })
  }

  it('goes the later the longer the owner said', () => {
    for (const afterDays of [14, 89, 90]) assert.equal(releaseRefusal({ afterDays }, silent, NOW), undefined)
    assert.equal(releaseRefusal({ afterDays: 91 }, silent, NOW), 'owner-heard')
    assert.equal(silentSince(silent), NOW - 90 * DAY)
  })
})

describe('messages of escrow/1', () => {
  const [signed, share] = [counting(200, 1), counting(81, 2)]
  const messages: readonly EscrowMessage[] = [
    { kind: 'deposit', signed, share },
    { kind: 'recall', signed },
    { kind: 'state', escrow: counting(32, 3) },
  ]
  const answers: readonly EscrowAnswer[] = [
    { kind: 'send' },
    { kind: 'pending' },
    { kind: 'wait' },
    { kind: 'kept', ack: signed },
    { kind: 'share', release: signed, sealed: share },
    { kind: 'refused', reason: 'part-erased' },
  ]

  it('print and parse to the same', () => {
    for (const message of messages)
      assert.deepEqual(parseEscrowMessage(printEscrowMessage(message)), { ok: true, value: message })
    for (const answer of answers)
      assert.deepEqual(parseEscrowAnswer(printEscrowAnswer(answer)), { ok: true, value: answer })
  })

  it('are refused when anything is missing, too many or of another kind', () => {
    const shape = { ok: false, fault: 'escrow-message-shape' }
    for (const one of [
      { v: 2, kind: 'recall', signed },
      { v: 1, kind: 'recall' },
      { v: 1, kind: 'recall', signed, share },
      { v: 1, kind: 'recall', signed: counting(16_385, 0) },
      { v: 1, kind: 'deposit', signed, share: counting(80, 0) },
      { v: 1, kind: 'deposit', signed },
      { v: 1, kind: 'state', escrow: counting(31, 0) },
      { v: 1, kind: 'send' },
      [1],
      null,
    ])
      assert.deepEqual(parseEscrowMessage(encode(one)), shape)
    for (const one of [
      { v: 1, kind: 'send', ack: signed },
      { v: 1, kind: 'kept' },
      { v: 1, kind: 'share', release: signed, sealed: counting(82, 0) },
      { v: 1, kind: 'share', sealed: share },
      { v: 1, kind: 'refused', reason: 'No, thank you.' },
      { v: 1, kind: 'recall', signed },
      { v: 2, kind: 'wait' },
      [],
    ])
      assert.deepEqual(parseEscrowAnswer(encode(one)), shape)
    for (const parse of [parseEscrowMessage, parseEscrowAnswer])
      assert.deepEqual(parse(Uint8Array.of(0xff)), { ok: false, fault: 'escrow-message-cbor' })
  })
})

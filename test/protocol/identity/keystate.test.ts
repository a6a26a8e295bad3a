import assert from 'node:assert/strict'
import fc from 'fast-check'
import { printHex } from '../../../protocol/bytes.ts'
import type { Value } from '../../../protocol/codec/cbor.ts'
import type { KeyPurpose } from '../../../protocol/identity/epoch.ts'
import {
  applyKeyEvent,
  keysInForce,
  signerAt,
  suspectSince,
  type KeyState,
} from '../../../protocol/identity/keystate.ts'
import { KEYS_MAX } from '../../../protocol/limits.ts'
import { portable } from '../../../protocol/primitives.ts'
import { adding, declared, openState, originOf, PURPOSE_BYTES, ROOT_BYTE } from '../../support/declared.ts'

const apply = (state: KeyState, index: number, document: Value) =>
  applyKeyEvent(portable, state, index, document)
const after = (state: KeyState, index: number, document: Value): KeyState => {
  const next = apply(state, index, document)
  assert.ok(next.ok, next.ok ? '' : next.fault)
  return next.value
}
const idOf = (purpose: KeyPurpose, byte: number) => declared(purpose, byte).keyId
const inForce = (state: KeyState, purpose: KeyPurpose, index: number) =>
  keysInForce(state, purpose, index).map(({ keyId }) => printHex(keyId))

const OPEN = openState()
const OLD = idOf('statement', PURPOSE_BYTES.statement)
const NEW = declared('statement', 20)

describe('the keys of a log', () => {
  it('overlap while one replaces the other', () => {
    const added = after(OPEN, 10, adding(NEW))
    const retired = after(added, 20, { v: 1, retire: OLD })
    const [old, young] = [printHex(OLD), printHex(NEW.keyId)]
    assert.deepEqual(inForce(retired, 'statement', 9), [old])
    assert.deepEqual(inForce(retired, 'statement', 11), [old, young])
    assert.deepEqual(inForce(retired, 'statement', 21), [young])
    assert.deepEqual(signerAt(retired, 'incident', NEW.keyId, 11), { ok: true, value: NEW.key })
    assert.deepEqual(signerAt(retired, 'incident', OLD, 21), { ok: false, fault: 'key-not-in-force' })
    assert.ok(signerAt(retired, 'incident', OLD, 19).ok)
  })

  it('are not in force below the statement that declares them', () => {
    const added = after(OPEN, 10, adding(NEW))
    assert.deepEqual(signerAt(added, 'incident', NEW.keyId, 9), { ok: false, fault: 'key-not-in-force' })
  })

  it('can be revoked backwards: what was logged since is suspect, what comes after is refused', () => {
    const added = after(OPEN, 10, adding(NEW))
    const revoked = after(added, 30, { v: 1, revoke: [NEW.keyId, 15] })
    assert.equal(suspectSince(revoked, NEW.keyId, 14), undefined)
    assert.equal(suspectSince(revoked, NEW.keyId, 15), 15)
    assert.equal(suspectSince(revoked, OLD, 20), undefined)
    assert.equal(suspectSince(revoked, idOf('witness', 77), 20), undefined)
    assert.deepEqual(signerAt(revoked, 'incident', NEW.keyId, 31), { ok: false, fault: 'key-not-in-force' })
    assert.deepEqual(inForce(revoked, 'statement', 31), [printHex(OLD)])
  })

  it('never become less suspect by a second revocation', () => {
    const added = after(OPEN, 10, adding(NEW))
    const once = after(added, 30, { v: 1, revoke: [NEW.keyId, 15] })
    const later = after(once, 40, { v: 1, revoke: [NEW.keyId, 35] })
    const earlier = after(later, 41, { v: 1, revoke: [NEW.keyId, 12] })
    assert.equal(suspectSince(later, NEW.keyId, 16), 15)
    assert.equal(suspectSince(earlier, NEW.keyId, 12), 12)
    assert.equal(earlier.keys.get(printHex(NEW.keyId))?.revoked?.at, 30)
  })

  it('stay retired where they were retired first', () => {
    const added = after(OPEN, 10, adding(NEW))
    const twice = after(after(added, 20, { v: 1, retire: OLD }), 25, { v: 1, retire: OLD })
    assert.equal(twice.keys.get(printHex(OLD))?.retiredAt, 20)
  })

  it('are given to no kind of statement but their own', () => {
    const state = OPEN
    const refused = { ok: false, fault: 'key-purpose' }
    assert.deepEqual(signerAt(state, 'incident', idOf('witness', PURPOSE_BYTES.witness), 1), refused)
    assert.deepEqual(signerAt(state, 'key', OLD, 1), refused)
    assert.deepEqual(signerAt(state, 'epoch', OLD, 1), refused)
    assert.deepEqual(signerAt(state, 'incident', NEW.keyId, 1), { ok: false, fault: 'key-unknown' })
    assert.ok(signerAt(state, 'key', state.rootId, 1).ok)
  })
})

describe('a key event', () => {
  const shape = { ok: false, fault: 'key-event-shape' }
  const cases: readonly [string, Value][] = [
    ['a list', [1]],
    ['of another version', { v: 2, retire: OLD }],
    ['that says nothing', { v: 1 }],
    ['that says two things', { v: 1, retire: OLD, add: 1 }],
    ['of an unknown kind', { v: 1, renew: OLD }],
    ['that retires a text', { v: 1, retire: 'a' }],
    ['that revokes without an index', { v: 1, revoke: [OLD] }],
    ['that revokes from below zero', { v: 1, revoke: [OLD, -1] }],
    ['that revokes from above itself', { v: 1, revoke: [OLD, 11] }],
  ]
  for (const [name, document] of cases) {
    it(`is refused when it is one ${name}`, () => assert.deepEqual(apply(OPEN, 10, document), shape))
  }

  it('never takes the last statement key or the last node key', () => {
    const last = { ok: false, fault: 'key-event-last' }
    const node = idOf('node', PURPOSE_BYTES.node)
    for (const id of [OLD, node]) {
      assert.deepEqual(apply(OPEN, 10, { v: 1, retire: id }), last)
      assert.deepEqual(apply(OPEN, 10, { v: 1, revoke: [id, 3] }), last)
    }
    const revoked = after(after(OPEN, 10, adding(NEW)), 11, { v: 1, revoke: [OLD, 2] })
    assert.deepEqual(apply(revoked, 12, { v: 1, retire: NEW.keyId }), last)
  })

  it('may take the last witness, mirror or box key', () => {
    for (const purpose of ['witness', 'mirror', 'box'] as const) {
      const id = idOf(purpose, PURPOSE_BYTES[purpose])
      assert.deepEqual(inForce(after(OPEN, 10, { v: 1, retire: id }), purpose, 11), [])
    }
  })

  it('touches neither the log key nor a key that was never declared', () => {
    const target = { ok: false, fault: 'key-event-target' }
    const log = idOf('log', PURPOSE_BYTES.log)
    assert.deepEqual(apply(OPEN, 10, adding(declared('log', 21))), target)
    assert.deepEqual(apply(OPEN, 10, { v: 1, retire: log }), target)
    assert.deepEqual(apply(OPEN, 10, { v: 1, revoke: [log, 0] }), target)
    assert.deepEqual(apply(OPEN, 10, { v: 1, retire: NEW.keyId }), target)
  })

  it('declares no key twice, neither for another purpose nor after it was retired', () => {
    const repeated = { ok: false, fault: 'declaration-repeated' }
    const retired = after(after(OPEN, 10, adding(NEW)), 11, { v: 1, retire: OLD })
    assert.deepEqual(apply(retired, 12, adding(declared('statement', PURPOSE_BYTES.statement))), repeated)
    assert.deepEqual(apply(retired, 12, adding(declared('witness', PURPOSE_BYTES.statement))), repeated)
    assert.deepEqual(apply(retired, 12, adding(declared('mirror', ROOT_BYTE))), repeated)
  })

  it('needs the proof that its owner holds the key, for this very log', () => {
    const elsewhere = declared('statement', 20, originOf(2))
    const possession = { ok: false, fault: 'declaration-possession' }
    assert.deepEqual(apply(OPEN, 10, adding(elsewhere)), possession)
    assert.deepEqual(apply(OPEN, 10, adding({ ...NEW, possession: null })), possession)
  })

  it('is refused once a log has declared as many keys as it may', () => {
    const state = OPEN
    const one = [...state.keys.values()][0]
    assert.ok(one !== undefined)
    const many = new Map(state.keys)
    for (let i = many.size; i < KEYS_MAX; i++) many.set(String(i), one)
    const refused = { ok: false, fault: 'key-event-many' }
    assert.deepEqual(apply({ ...state, keys: many }, 10, adding(NEW)), refused)
  })

  /** Any run of events that the rules accept, on three keys of two purposes. */
  const pool = [declared('statement', 30), declared('statement', 31), declared('witness', 32)]
  const ids = [OLD, ...pool.map(({ keyId }) => keyId)]
  const event = fc.oneof(
    fc.constantFrom(...pool).map(adding),
    fc.constantFrom(...ids).map((id): Value => ({ v: 1, retire: id })),
    fc.tuple(fc.constantFrom(...ids), fc.nat(40)).map((revoke): Value => ({ v: 1, revoke })),
  )

  it('leaves a statement key in force and what was in force before as it was, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), (events) => {
        let state = OPEN
        for (const [at, document] of events.entries()) {
          const index = at + 1
          const next = apply(state, index, document)
          if (!next.ok) continue
          for (const id of ids) {
            const before = signerAt(state, 'incident', id, index)
            // A retirement or an addition says nothing about what stands below it.
            if (!('revoke' in Object(document))) {
              for (let i = 0; i < index; i++)
                assert.deepEqual(
                  signerAt(next.value, 'incident', id, i).ok,
                  signerAt(state, 'incident', id, i).ok,
                )
            }
            // A revocation turns no refusal into a signature.
            if (!before.ok)
              assert.ok(!signerAt(next.value, 'incident', id, index).ok || 'add' in Object(document))
          }
          state = next.value
          assert.ok(keysInForce(state, 'statement', index + 1).length > 0)
        }
      }),
      { numRuns: 60 },
    )
  })
})

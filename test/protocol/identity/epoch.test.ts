import assert from 'node:assert/strict'
import { isMap } from '../../../protocol/codec/value.ts'
import { printEpoch, readEpoch, type EpochDocument } from '../../../protocol/identity/epoch.ts'
import { EXPLANATION_BYTES_MAX } from '../../../protocol/limits.ts'
import { portable } from '../../../protocol/primitives.ts'
import { declared, epochDocument, headAt, originOf, valueOf } from '../../support/declared.ts'
import { testKey } from '../../support/notes.ts'

const proof = new Uint8Array(32).fill(7)
const read = (document: EpochDocument) => readEpoch(portable, originOf(document.epoch), valueOf(document))

describe('an epoch document', () => {
  const good: readonly [string, EpochDocument][] = [
    ['the first of a log', epochDocument(1)],
    ['one that follows a head', epochDocument(2, { previous: headAt(1, 40) })],
    ['one that leaves out a lost epoch', epochDocument(4, { previous: headAt(1, 40) })],
    [
      'one that answers a fork',
      epochDocument(2, { previous: headAt(1, 40), because: { proof, text: 'Two machines wrote it.' } }),
    ],
    [
      'one after a loss of everything',
      epochDocument(2, { because: { proof: null, text: 'The disk and its copies are lost.' } }),
    ],
  ]
  for (const [name, document] of good) {
    it(`is read back as it was printed: ${name}`, () => {
      const found = read(document)
      assert.ok(found.ok)
      assert.deepEqual(found.value, document)
      assert.deepEqual(printEpoch(found.value), printEpoch(document))
    })
  }

  const previous = headAt(1, 40)
  const refused: readonly [string, string, EpochDocument][] = [
    ['declaration-previous', 'a first epoch that follows a head', epochDocument(1, { previous })],
    [
      'declaration-previous',
      'a first epoch that explains itself',
      epochDocument(1, { because: { proof: null, text: 'x' } }),
    ],
    ['declaration-previous', 'a later one that follows nothing and says nothing', epochDocument(2)],
    ['declaration-previous', 'one that follows itself', epochDocument(2, { previous: headAt(2, 40) })],
    ['declaration-previous', 'one that follows a later one', epochDocument(2, { previous: headAt(3, 40) })],
    [
      'declaration-previous',
      'one that follows the log of somebody else',
      epochDocument(2, { previous: { ...previous, origin: originOf(1, 'other.example') } }),
    ],
    [
      'declaration-previous',
      'one that follows no log at all',
      epochDocument(2, { previous: { ...previous, origin: 'log.example' } }),
    ],
    ['declaration-shape', 'an empty closing head', epochDocument(2, { previous: { ...previous, size: 0 } })],
    [
      'declaration-shape',
      'a proof id of 31 bytes',
      epochDocument(2, { previous, because: { proof: proof.slice(1), text: 'x' } }),
    ],
    [
      'declaration-shape',
      'an explanation that says nothing',
      epochDocument(2, { previous, because: { proof, text: '' } }),
    ],
    [
      'declaration-shape',
      'an explanation without end',
      epochDocument(2, { previous, because: { proof, text: 'é'.repeat(EXPLANATION_BYTES_MAX / 2 + 1) } }),
    ],
    ['declaration-repeated', 'the root key as a statement key', epochDocument(1, { root: testKey(2).key })],
    [
      'declaration-repeated',
      'one key for two purposes',
      epochDocument(1, { keys: [...epochDocument(1).keys, declared('witness', 4)] }),
    ],
    [
      'declaration-incomplete',
      'two log keys',
      epochDocument(1, { keys: [...epochDocument(1).keys, declared('log', 11)] }),
    ],
    [
      'declaration-possession',
      'a key that was proven for another epoch',
      epochDocument(2, { previous, keys: epochDocument(1).keys }),
    ],
  ]
  for (const [fault, name, document] of refused) {
    it(`is refused with ${fault}: ${name}`, () => {
      assert.deepEqual(read(document), { ok: false, fault })
    })
  }

  for (const purpose of ['log', 'statement', 'node'] as const) {
    it(`is refused without a ${purpose} key`, () => {
      const keys = epochDocument(1).keys.filter((key) => key.purpose !== purpose)
      assert.deepEqual(read(epochDocument(1, { keys })), { ok: false, fault: 'declaration-incomplete' })
    })
  }

  it('has one text: `because` is absent where there is nothing to explain', () => {
    const value = valueOf(epochDocument(1))
    assert.ok(isMap(value))
    const found = readEpoch(portable, originOf(1), { ...value, because: null })
    assert.deepEqual(found, { ok: false, fault: 'declaration-shape' })
  })
})

import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { encode } from '../../../protocol/codec/cbor.ts'
import { PUBLIC_PART_BYTES_MAX } from '../../../protocol/limits.ts'
import { readContent } from '../../../protocol/record/content.ts'
import {
  OBSERVED_AS,
  OBSERVED_HEADS_MAX,
  observedDocuments,
  observedHeads,
  type ObservedHead,
} from '../../../protocol/record/observed.ts'
import { NETWORK_ID } from '../../support/notes.ts'

const domainOf = (i: number, length = 9) =>
  `${String(i).padStart(4, '0')}.`.padEnd(length - 2, 'x').concat('.e')
const headOf = (i: number, by: readonly string[] = []): ObservedHead => ({
  origin: `${domainOf(i)}/candor/${NETWORK_ID}/1`,
  size: i + 1,
  root: new Uint8Array(32).fill(i),
  as: 'mirror',
  by,
})

describe('an observed statement', () => {
  it('says its heads, what the author is to each, and whose cosignatures it saw', () => {
    const heads = fc.uniqueArray(
      fc.record({
        i: fc.nat(9_999),
        as: fc.constantFrom(...OBSERVED_AS),
        by: fc.uniqueArray(fc.nat(99), { maxLength: 5 }),
      }),
      { selector: ({ i }) => i, maxLength: 80 },
    )
    fc.assert(
      fc.property(heads, (given) => {
        const stated = given
          .map(({ i, as, by }) => ({ ...headOf(i, by.map((n) => domainOf(n)).toSorted()), as }))
          .toSorted((a, b) => (a.origin < b.origin ? -1 : 1))
        const documents = observedDocuments(stated.toReversed())
        assert.equal(documents.length, Math.ceil(stated.length / OBSERVED_HEADS_MAX))
        for (const document of documents) assert.equal(readContent('observed', document).state, 'known')
        assert.deepEqual(
          documents.flatMap((document) => observedHeads(document) ?? []),
          stated,
        )
      }),
    )
  })

  it('fits a public part when 256 members with the longest names cosigned every head', () => {
    const by = Array.from({ length: 256 }, (_, i) => domainOf(i, 127))
    const heads = Array.from({ length: OBSERVED_HEADS_MAX }, (_, i) => ({
      ...headOf(i, by),
      origin: `${domainOf(i, 127)}/candor/${NETWORK_ID}/999999999`,
      size: Number.MAX_SAFE_INTEGER,
    }))
    const [document, ...rest] = observedDocuments(heads)
    assert.ok(document && rest.length === 0)
    assert.equal(readContent('observed', document).state, 'known')
    const { length } = encode(document)
    assert.ok(length <= PUBLIC_PART_BYTES_MAX, `${length} bytes`)
  })

  it('is none when it counts past its cosigners or is another document', () => {
    const [document] = observedDocuments([headOf(1, ['a.example'])])
    assert.ok(document && observedHeads(document))
    const { cosigners: _, ...without } = document
    assert.equal(observedHeads(without), undefined)
    assert.equal(observedHeads({ title: 'x' }), undefined)
    assert.equal(observedHeads(null), undefined)
  })
})

import assert from 'node:assert/strict'
import { printHex } from '../../../protocol/bytes.ts'
import { portable } from '../../../protocol/primitives.ts'
import { VOCABULARIES } from '../../../protocol/record/vocabularies.ts'
import { labelOf, vocabularyDigest } from '../../../protocol/record/vocabulary.ts'
import { SECTORS } from '../../../protocol/record/vocabulary/sector.ts'
import { SIGHTINGS } from '../../../protocol/record/vocabulary/attestation.ts'
import { readVectors } from '../../support/vectors.ts'

describe('vocabularies', () => {
  it('have the digests that are written down: a changed term is a new version', () => {
    const { digests } = readVectors<{ digests: Record<string, string> }>('record/vocabulary.json')
    const found = VOCABULARIES.map((of) => [
      `${of.id}@${of.version}`,
      printHex(vocabularyDigest(portable, of)),
    ])
    assert.deepEqual(Object.fromEntries(found), digests)
  })

  it('name each of their terms once, with a label', () => {
    for (const of of VOCABULARIES) {
      assert.equal(new Set(of.terms.map((term) => term.id)).size, of.terms.length, of.id)
      for (const { id, label } of of.terms) assert.match(`${id} ${label}`, /^[\w+.-]+ \S.*$/u, of.id)
    }
  })

  it('have an id each', () => {
    assert.equal(new Set(VOCABULARIES.map((of) => of.id)).size, VOCABULARIES.length)
  })

  it('begin with the five founding sectors, and cover every section of ISIC', () => {
    assert.deepEqual(
      SECTORS.terms.slice(0, 5).map((term) => term.id),
      ['technology', 'finance', 'health', 'transport', 'public-sector'],
    )
    const sections = SECTORS.terms.flatMap((term): readonly string[] => term.isic)
    assert.equal(sections.toSorted().join(''), 'ABCDEFGHIJKLMNOPQRSTU')
  })
})

describe('labelOf', () => {
  it('reads a text of one’s own only where the vocabulary is open', () => {
    assert.equal(labelOf(SECTORS, 'health'), 'Health and social care')
    assert.equal(labelOf(SECTORS, 'other:veterinary'), 'veterinary')
    assert.equal(labelOf(SIGHTINGS, 'other:heard'), undefined)
    assert.equal(labelOf(SIGHTINGS, 'heard'), undefined)
  })
})

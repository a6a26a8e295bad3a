import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { codecVectors } from '../../support/codec-vectors.ts'

describe('the vector files of spec 01', () => {
  for (const [name, text] of codecVectors()) {
    it(`${name} is what this code makes, byte for byte`, () => {
      assert.equal(readFileSync(`test/vectors/${name}`, 'utf8'), text)
    })
  }
})

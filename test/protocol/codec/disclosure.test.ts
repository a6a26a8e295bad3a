import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  parseDisclosure,
  printDisclosure,
  verifyDisclosure,
  type DisclosureCommitmentFault,
  type DisclosureShapeFault,
} from '../../../protocol/codec/disclosure.ts'
import { disclose, disclosedRoot, flatten, makeItemTree } from '../../../protocol/codec/items.ts'
import { commit, placeOf } from '../../../protocol/codec/part.ts'
import { portable } from '../../../protocol/primitives.ts'
import { DOCUMENT, OPENING, TIER_SECRET } from '../../support/item-cases.ts'
import { bytes, hex } from '../../support/notation.ts'
import { counting, headerFor, STATEMENT } from '../../support/statements.ts'
import { bitFlips, documents, mutants } from '../../support/values.ts'
import { readVectors } from '../../support/vectors.ts'

type Fault = DisclosureShapeFault | DisclosureCommitmentFault
type Vectors = {
  readonly root: string
  readonly disclosures: readonly { readonly name: string; readonly disclosure: string }[]
  readonly refused: readonly { readonly name: string; readonly disclosure: string; readonly fault: Fault }[]
}

const vectors = readVectors<Vectors>('items.json')
const tree = makeItemTree(portable, TIER_SECRET, flatten(DOCUMENT))

/** An entry whose partner part is the document of the vectors. */
const header = headerFor(STATEMENT)
const place = placeOf({ header, statement: STATEMENT }, 'partner')
const [open, , research] = STATEMENT.parts
const committed = commit(portable, OPENING, place, tree.content)
const entry = { header, statement: { ...STATEMENT, parts: [open, committed, research] as const } }

function faultOf(printed: Uint8Array, opening = OPENING): Fault | undefined {
  const read = parseDisclosure(printed)
  if (!read.ok) return read.fault
  const verified = verifyDisclosure(portable, entry, 'partner', { opening, disclosure: read.value })
  return verified.ok ? undefined : verified.fault
}

describe('parseDisclosure and verifyDisclosure', () => {
  for (const { name, disclosure } of vectors.disclosures) {
    it(`accept a disclosure of ${name}`, () => {
      assert.equal(faultOf(bytes(disclosure)), undefined)
      const read = parseDisclosure(bytes(disclosure))
      assert.ok(read.ok)
      assert.deepEqual(disclosedRoot(portable, read.value), { ok: true, value: bytes(vectors.root) })
    })
  }

  for (const { name, disclosure, fault } of vectors.refused) {
    it(`refuse ${name}: ${fault}`, () => assert.equal(faultOf(bytes(disclosure)), fault))
  }

  it('refuse what is no CBOR of the profile', () => {
    assert.equal(faultOf(bytes('ff')), 'disclosure-cbor')
  })

  it('refuse a wrong opening, a short one, and the same items at another tier', () => {
    const printed = printDisclosure(disclose(portable, tree, () => true))
    assert.equal(faultOf(printed, counting(32, 0)), 'part-commitment')
    assert.equal(faultOf(printed, OPENING.slice(1)), 'part-opening')
    const read = parseDisclosure(printed)
    assert.ok(read.ok)
    const opened = { opening: OPENING, disclosure: read.value }
    for (const tier of ['public', 'research'] as const)
      assert.deepEqual(verifyDisclosure(portable, entry, tier, opened), {
        ok: false,
        fault: 'part-commitment',
      })
  })

  it('have an example of every fault', () => {
    const all: Record<Fault, true> = {
      'disclosure-cbor': true,
      'disclosure-shape': true,
      'items-length': true,
      'items-order': true,
      'items-salt': true,
      'items-path': true,
      'items-value': true,
      'items-duplicate-path': true,
      'items-contradiction': true,
      'items-siblings': true,
      'items-root': true,
      'part-opening': true,
      'part-commitment': true,
    }
    const elsewhere: readonly Fault[] = ['disclosure-cbor', 'part-opening', 'items-root']
    const provoked = new Set([...vectors.refused.map((one) => one.fault), ...elsewhere])
    assert.deepEqual([...provoked].sort(), Object.keys(all).sort())
  })

  it('refuse every flipped bit: salt, path, value, index, sibling, length and shape', () => {
    for (const chosen of ['narrative', 'timeline', 'indicators'])
      for (const flipped of bitFlips(
        printDisclosure(disclose(portable, tree, ([first]) => first === chosen)),
      ))
        assert.notEqual(faultOf(flipped), undefined, hex(flipped))
  })

  it('are undone by printDisclosure, and refuse damaged bytes without an exception', () => {
    fc.assert(
      fc.property(documents, fc.infiniteStream(fc.boolean()), fc.nat(), (document, picks, seed) => {
        const whole = makeItemTree(portable, TIER_SECRET, flatten(document))
        const disclosure = disclose(portable, whole, () => picks.next().value === true)
        const printed = printDisclosure(disclosure)
        assert.deepEqual(parseDisclosure(printed), { ok: true, value: disclosure })
        for (const mutant of mutants(printed, seed, 20)) {
          const read = parseDisclosure(mutant)
          if (!read.ok || hex(mutant) === hex(printed)) continue
          const root = disclosedRoot(portable, read.value)
          assert.notDeepEqual(root, { ok: true, value: whole.content.root })
        }
      }),
      { numRuns: 50 },
    )
  })
})

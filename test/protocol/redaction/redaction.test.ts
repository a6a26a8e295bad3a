import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { parseEntry } from '../../../protocol/codec/statement.ts'
import { flatten } from '../../../protocol/codec/items.ts'
import { encode } from '../../../protocol/codec/cbor.ts'
import { portable } from '../../../protocol/primitives.ts'
import { withCount, withoutCount } from '../../../protocol/redaction/count.ts'
import {
  isTruthful,
  parseRedaction,
  printRedaction,
  redact,
  redactionSentence,
  verifyRedaction,
  type Choice,
  type Redaction,
} from '../../../protocol/redaction/redaction.ts'
import { OPENING } from '../../support/item-cases.ts'
import { bytes, hex } from '../../support/notation.ts'
import { COUNTED, entryWith, RESEARCH, TREE, treeOf } from '../../support/redaction-cases.ts'
import {
  CONCEALED,
  MALFORMED_REDACTIONS,
  REDACTION,
  redactionVectorText,
  REFUSED_REDACTIONS,
} from '../../support/redaction-vectors.ts'
import { counting } from '../../support/statements.ts'
import { documents } from '../../support/values.ts'
import { readVectors } from '../../support/vectors.ts'

type Vectors = {
  readonly accepted: readonly {
    readonly entry: string
    readonly redaction: string
    readonly sentence: string
  }[]
  readonly refused: readonly { readonly name: string; readonly fault: string; readonly redaction: string }[]
}
const vectors = readVectors<Vectors>('redaction.json')
const verify = (redaction: Redaction, entry = entryWith(TREE), opening = OPENING) =>
  verifyRedaction(portable, entry, 'research', { opening, redaction })
const withholding = { rule: 'x', transform: 'suppress', reason: 'trade_secret' } as const

describe('a redaction', () => {
  it('is that of the vectors, byte for byte', () => {
    assert.equal(readFileSync('test/vectors/redaction.json', 'utf8'), redactionVectorText())
  })

  it('reads from its bytes, verifies, and says in words what it proves', () => {
    for (const { entry, redaction, sentence } of vectors.accepted) {
      const [read, of] = [parseRedaction(bytes(redaction)), parseEntry(bytes(entry))]
      assert.ok(read.ok && of.ok)
      assert.equal(hex(printRedaction(read.value)), redaction)
      const report = verify(read.value, of.value)
      assert.ok(report.ok)
      assert.equal(redactionSentence('the record', report.value), sentence)
    }
  })

  it('reads as «14 of 19 items, 5 withheld (3 trade_secret, 2 personal_data)»', () => {
    const names: Readonly<Record<string, Choice>> = {
      samples: { ...withholding, path: 'named' },
      reproduction: { ...withholding, path: 'hidden' },
      contact: { ...withholding, reason: 'personal_data', path: 'named' },
    }
    const report = verify(redact(portable, TREE, ([first]) => names[String(first)] ?? 'show'))
    assert.ok(report.ok)
    assert.equal(
      redactionSentence('record abcdef', report.value),
      'a faithful redaction of record abcdef: 14 of 19 items, 5 withheld (3 trade_secret, 2 personal_data)',
    )
  })

  for (const [name, fault, redaction] of REFUSED_REDACTIONS)
    it(`is refused with ${name}: ${fault}`, () => assert.deepEqual(verify(redaction), { ok: false, fault }))

  for (const [name, fault, value] of MALFORMED_REDACTIONS)
    it(`is refused as ${name}: ${fault}`, () =>
      assert.deepEqual(parseRedaction(encode(value)), { ok: false, fault }))

  it('is refused in the vectors with the faults that stand there', () => {
    for (const { name, fault, redaction } of vectors.refused) {
      const read = parseRedaction(bytes(redaction))
      const found = read.ok ? verify(read.value) : read
      assert.deepEqual(found, { ok: false, fault }, name)
    }
  })

  it('is refused when it is no CBOR, and with another opening', () => {
    assert.deepEqual(parseRedaction(Uint8Array.of(0xff)), { ok: false, fault: 'redaction-cbor' })
    assert.deepEqual(verify(REDACTION, entryWith(TREE), counting(32, 0)), {
      ok: false,
      fault: 'part-commitment',
    })
    assert.deepEqual(verify(REDACTION, entryWith(TREE), counting(31, 0)), {
      ok: false,
      fault: 'part-opening',
    })
  })

  it('that hides an item passes only where no count was committed, and then says so', () => {
    assert.deepEqual(verify(CONCEALED), { ok: false, fault: 'redaction-count' })
    const tree = treeOf(RESEARCH)
    const shown = redact(portable, tree, () => 'show')
    const [first] = shown.items
    assert.ok(first)
    const leaves = tree.leaves.map((leaf, index) =>
      index === first.index ? { hash: leaf.hash, salt: leaf.salt } : leaf,
    )
    const report = verify(
      redact(portable, { ...tree, leaves }, () => 'show'),
      entryWith(tree),
    )
    assert.ok(report.ok)
    assert.match(redactionSentence('it', report.value), /18 items, none withheld; .* more may be hidden$/)
  })

  it('of a count that is no count is refused', () => {
    for (const value of ['19', -1, null]) {
      const tree = treeOf({ ...RESEARCH, $items: value })
      assert.deepEqual(
        verify(
          redact(portable, tree, () => 'show'),
          entryWith(tree),
        ),
        { ok: false, fault: 'redaction-count' },
      )
    }
  })

  it('verifies for any document and any choice, and tells nothing of what is withheld', () => {
    fc.assert(
      fc.property(
        documents,
        fc.infiniteStream(
          fc.constantFrom<Choice>(
            'show',
            { ...withholding, path: 'named' },
            { ...withholding, path: 'hidden' },
          ),
        ),
        (document, choices) => {
          const tree = treeOf(withCount({ document }))
          const redaction = redact(portable, tree, () => choices.next().value)
          const report = verify(redaction, entryWith(tree))
          assert.ok(report.ok)
          assert.equal(report.value.total, flatten({ document }).length)
          assert.ok(isTruthful(tree, redaction))
          const printed = hex(printRedaction(redaction))
          for (const { index } of redaction.withheld)
            assert.ok(!printed.includes(hex(tree.leaves[index]?.salt ?? new Uint8Array())))
        },
      ),
    )
  })

  it('whose stated leaves are not what it says shows to whoever holds the tree', () => {
    const [first, ...rest] = REDACTION.withheld
    const decoy = TREE.leaves.findIndex(({ item }) => item === undefined)
    assert.ok(first && decoy >= 0)
    assert.ok(isTruthful(TREE, REDACTION))
    assert.ok(!isTruthful(TREE, { ...REDACTION, withheld: [{ ...first, index: decoy }, ...rest] }))
    assert.ok(!isTruthful(TREE, { ...REDACTION, withheld: [{ ...first, path: ['elsewhere'] }, ...rest] }))
  })
})

describe('the count', () => {
  it('counts everything but itself and can be taken off again', () => {
    assert.equal(COUNTED['$items'], 19)
    assert.deepEqual(withCount(COUNTED), COUNTED)
    assert.deepEqual(withoutCount(COUNTED), RESEARCH)
  })
})

/** Makes the vector file of spec 06 §9. `node dist/test/support/redaction-vectors.js --write` writes it. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { encode, type Value } from '../../protocol/codec/cbor.ts'
import {
  disclose,
  flatten,
  makeItemTree,
  type Disclosure,
  type ItemTree,
} from '../../protocol/codec/items.ts'
import { portable } from '../../protocol/primitives.ts'
import { printConflict, type ConflictFault, type ItemConflict } from '../../protocol/redaction/conflict.ts'
import {
  chooseByRules,
  printRedaction,
  redact,
  redactionSentence,
  verifyRedaction,
  type Redaction,
  type RedactionFault,
} from '../../protocol/redaction/redaction.ts'
import { OPENING, TIER_SECRET } from './item-cases.ts'
import { hex, jsonOfValue } from './notation.ts'
import { COUNTED, entryWith, PARTNER, RESEARCH, RULES, TREE, treeOf } from './redaction-cases.ts'
import { counting } from './statements.ts'

export const REDACTION = redact(portable, TREE, chooseByRules(RULES))
export const UNCOUNTED = redact(portable, treeOf(RESEARCH), chooseByRules(RULES))
const hidden = redact(portable, TREE, (path) =>
  path[0] === 'samples'
    ? { rule: 'samples', transform: 'suppress', reason: 'trade_secret', path: 'hidden' }
    : 'show',
)

/** The same tree to somebody who knows nothing of some of its leaves. */
function without(tree: ItemTree, isUnknown: (leaf: ItemTree['leaves'][number]) => boolean): ItemTree {
  const leaves = tree.leaves.map((leaf) => (isUnknown(leaf) ? { hash: leaf.hash, salt: leaf.salt } : leaf))
  return { ...tree, leaves }
}

/** An owner that passes over one item in silence: its leaf looks like a decoy. */
export const CONCEALED = redact(
  portable,
  without(TREE, ({ item }) => item?.path[0] === 'data_use_terms'),
  chooseByRules(RULES),
)

const [firstItem] = REDACTION.items
const [firstWithheld] = REDACTION.withheld
if (firstItem === undefined || firstWithheld === undefined) throw new Error('bug: nothing redacted')

const changed = (changes: Partial<Redaction>): Redaction => ({ ...REDACTION, ...changes })
const stating = (changes: object): Redaction =>
  changed({ withheld: [{ ...firstWithheld, ...changes }, ...REDACTION.withheld.slice(1)] })

export const REFUSED_REDACTIONS: readonly (readonly [string, RedactionFault, Redaction])[] = [
  ['an item hidden without saying so', 'redaction-count', CONCEALED],
  [
    'a count that was changed',
    'part-commitment',
    changed({
      items: REDACTION.items.map((item) => (item.path[0] === '$items' ? { ...item, value: 18 } : item)),
    }),
  ],
  [
    'an item that was changed',
    'part-commitment',
    changed({ items: REDACTION.items.map((item) => (item === firstItem ? { ...item, value: 'x' } : item)) }),
  ],
  ['a withheld leaf that was changed', 'part-commitment', stating({ leaf: counting(32, 0) })],
  [
    'withheld leaves in the wrong order',
    'redaction-order',
    changed({ withheld: REDACTION.withheld.toReversed() }),
  ],
  ['a leaf stated twice', 'redaction-order', changed({ withheld: [firstWithheld, ...REDACTION.withheld] })],
  [
    'a leaf both shown and withheld',
    'redaction-order',
    changed({
      withheld: [...REDACTION.withheld, { ...firstWithheld, path: null, index: firstItem.index }].sort(
        (a, b) => a.index - b.index,
      ),
    }),
  ],
  [
    'a leaf outside the tree',
    'redaction-order',
    changed({ withheld: [...REDACTION.withheld, { ...firstWithheld, index: 32 }] }),
  ],
  ['a withheld path that is shown', 'redaction-path', stating({ path: firstItem.path })],
  ['a withheld path stated twice', 'redaction-path', stating({ path: REDACTION.withheld[1]?.path ?? null })],
  ['a withheld path above another', 'redaction-path', stating({ path: ['timeline'] })],
  ['a withheld count', 'redaction-path', stating({ path: ['$items'] })],
  ['items in the wrong order', 'items-order', changed({ items: REDACTION.items.toReversed() })],
  ['a tree of 24', 'items-length', changed({ length: 24 })],
  ['a sibling too many', 'items-siblings', changed({ siblings: [...REDACTION.siblings, counting(32, 0)] })],
  ['a sibling too few', 'items-siblings', changed({ siblings: REDACTION.siblings.slice(1) })],
]

const value = {
  v: 1,
  length: 16,
  items: [],
  withheld: [],
  siblings: [counting(32, 0)],
}
const stated = (...fields: Value[]): Value => ({ ...value, withheld: [fields] })
export const MALFORMED_REDACTIONS: readonly (readonly [string, 'redaction-shape', Value])[] = [
  ['a list', 'redaction-shape', [value]],
  ['another version', 'redaction-shape', { ...value, v: 2 }],
  ['a field too many', 'redaction-shape', { ...value, note: 1 }],
  ['a length that is text', 'redaction-shape', { ...value, length: '16' }],
  ['a withheld leaf of five fields', 'redaction-shape', stated(0, counting(32, 0), null, 'a', 'suppress')],
  ['a leaf of 31 bytes', 'redaction-shape', stated(0, counting(31, 0), null, 'a', 'suppress', 'privilege')],
  ['a rule in capitals', 'redaction-shape', stated(0, counting(32, 0), null, 'A', 'suppress', 'privilege')],
  ['an unknown transform', 'redaction-shape', stated(0, counting(32, 0), null, 'a', 'blur', 'privilege')],
  ['an unknown reason', 'redaction-shape', stated(0, counting(32, 0), null, 'a', 'suppress', 'shame')],
  ['a path that is text', 'redaction-shape', stated(0, counting(32, 0), 'a', 'a', 'suppress', 'privilege')],
  ['a negative place', 'redaction-shape', stated(-1, counting(32, 0), null, 'a', 'suppress', 'privilege')],
]

/** A part with two stories for one path. */
const doubleTree = makeItemTree(portable, TIER_SECRET, [
  ...flatten(RESEARCH),
  { path: ['narrative'], value: 'Nothing happened.' },
])
const stories = doubleTree.leaves.flatMap(({ item }) => (item?.path[0] === 'narrative' ? [item.value] : []))
function story(number: number): Disclosure {
  return disclose(
    portable,
    without(doubleTree, ({ item }) => item?.value !== stories[number]),
    () => true,
  )
}

export const CONFLICT: ItemConflict = {
  entry: entryWith(doubleTree).bytes,
  tier: 'research',
  opening: OPENING,
  a: story(0),
  b: story(1),
}

export const REFUSED_CONFLICTS: readonly (readonly [string, ConflictFault, ItemConflict])[] = [
  [
    'two that say the same of different paths',
    'conflict-none',
    { ...CONFLICT, a: disclose(portable, doubleTree, ([first]) => first === 'contact'), b: story(1) },
  ],
  ['one with another opening', 'part-commitment', { ...CONFLICT, opening: counting(32, 0) }],
  ['one of another tier', 'part-commitment', { ...CONFLICT, tier: 'partner' }],
  [
    'one with a value that was changed',
    'part-commitment',
    { ...CONFLICT, b: { ...CONFLICT.b, items: CONFLICT.b.items.map((item) => ({ ...item, value: 'x' })) } },
  ],
  ['one of another entry', 'part-commitment', { ...CONFLICT, entry: entryWith(TREE).bytes }],
  ['one without an entry', 'entry-envelope', { ...CONFLICT, entry: new Uint8Array(0) }],
]

export function redactionVectorText(): string {
  const entry = entryWith(TREE)
  const uncounted = entryWith(treeOf(RESEARCH))
  const accepted = [
    { name: 'by rules', entry, redaction: REDACTION },
    { name: 'with hidden paths', entry, redaction: hidden },
    { name: 'of a part without a count', entry: uncounted, redaction: UNCOUNTED },
  ]
  const vectors = {
    description: 'Redactions and conflicts of spec 06 §9, for the research part. Bytes are hexadecimal.',
    opening: hex(OPENING),
    tierSecret: hex(TIER_SECRET),
    research: jsonOfValue(COUNTED),
    rules: RULES,
    partner: jsonOfValue(PARTNER),
    accepted: accepted.map(({ name, entry: of, redaction }) => {
      const report = verifyRedaction(portable, of, 'research', { opening: OPENING, redaction })
      if (!report.ok) throw new Error(`bug: ${report.fault}`)
      return {
        name,
        entry: hex(of.bytes),
        redaction: hex(printRedaction(redaction)),
        report: report.value,
        sentence: redactionSentence('the record', report.value),
      }
    }),
    refused: [
      ...REFUSED_REDACTIONS.map(([name, fault, redaction]) => ({
        name,
        fault,
        redaction: hex(printRedaction(redaction)),
      })),
      ...MALFORMED_REDACTIONS.map(([name, fault, redaction]) => ({
        name,
        fault,
        redaction: hex(encode(redaction)),
      })),
    ],
    conflict: hex(printConflict(CONFLICT)),
    refusedConflicts: REFUSED_CONFLICTS.map(([name, fault, conflict]) => ({
      name,
      fault,
      conflict: hex(printConflict(conflict)),
    })),
  }
  return `${JSON.stringify(vectors, null, 1)}\n`
}

const isProgram = process.argv[1] === fileURLToPath(import.meta.url)
if (isProgram && process.argv[2] === '--write')
  writeFileSync('test/vectors/redaction.json', redactionVectorText())

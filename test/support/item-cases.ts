/** A document of items and disclosures that must be refused, for `test/vectors/items.json`. */
import type { Value } from '../../protocol/codec/cbor.ts'
import type { DisclosureCommitmentFault, DisclosureShapeFault } from '../../protocol/codec/disclosure.ts'
import { disclose, flatten, makeItemTree, type Disclosure } from '../../protocol/codec/items.ts'
import { portable } from '../../protocol/primitives.ts'
import { counting } from './statements.ts'

export const TIER_SECRET = counting(32, 0x91)
export const OPENING = counting(32, 0x51)

export const DOCUMENT: Value = {
  narrative: 'The model answered for the wrong patient.',
  timeline: [
    { at: '2026-01-02', text: 'Deployed' },
    { at: '2026-02-03', text: 'Noticed', technique: 'AML.T0043' },
  ],
  controls: [],
  indicators: { hash: Uint8Array.of(0xde, 0xad), count: 3, '0': null },
  contact: {},
  exercised: false,
}

const tree = makeItemTree(portable, TIER_SECRET, flatten(DOCUMENT))
const timeline = disclose(portable, tree, ([first]) => first === 'timeline')

const items = (disclosure: Disclosure): Value[] =>
  disclosure.items.map(({ index, salt, path, value }) => [index, salt, path, value])
const shape = (changes: Record<string, Value>): Value => ({
  length: timeline.length,
  items: items(timeline),
  siblings: timeline.siblings,
  ...changes,
})

const SALT = counting(16, 0)
/** Items that nobody has to find in a tree: they are refused before any hash. */
const made = (...pairs: readonly (readonly [path: Value, value: Value])[]): Value =>
  shape({ items: pairs.map(([path, value], index) => [index, SALT, path, value]) })

type Case = readonly [name: string, value: Value, fault: DisclosureShapeFault | DisclosureCommitmentFault]

export const REFUSED_DISCLOSURES: readonly Case[] = [
  ['a list', [timeline.length, items(timeline), timeline.siblings], 'disclosure-shape'],
  ['an unknown key', shape({ note: 1 }), 'disclosure-shape'],
  ['a length that is text', shape({ length: '16' }), 'disclosure-shape'],
  ['an item of three', shape({ items: [[0, SALT, ['a']]] }), 'disclosure-shape'],
  ['a negative index', shape({ items: [[-1, SALT, ['a'], 1]] }), 'disclosure-shape'],
  ['a salt that is text', shape({ items: [[0, 'salt', ['a'], 1]] }), 'disclosure-shape'],
  ['a path that is text', shape({ items: [[0, SALT, 'a', 1]] }), 'disclosure-shape'],
  ['a step that is null', shape({ items: [[0, SALT, [null], 1]] }), 'disclosure-shape'],
  ['a sibling of 31 bytes', shape({ siblings: [counting(31, 0)] }), 'disclosure-shape'],
  ['a tree of 8', shape({ length: 8 }), 'items-length'],
  ['a tree of 24', shape({ length: 24 }), 'items-length'],
  ['a tree of 65,536', shape({ length: 65_536 }), 'items-length'],
  ['items in the wrong order', shape({ items: items(timeline).toReversed() }), 'items-order'],
  ['an item twice', shape({ items: [...items(timeline), ...items(timeline)] }), 'items-order'],
  ['an index outside the tree', shape({ items: [[16, SALT, ['a'], 1]] }), 'items-order'],
  ['a salt of 15 bytes', shape({ items: [[0, SALT.slice(1), ['a'], 1]] }), 'items-salt'],
  ['a salt of 32 bytes', shape({ items: [[0, counting(32, 0), ['a'], 1]] }), 'items-salt'],
  ['a path of 33 steps', made([Array.from({ length: 33 }, () => 'a'), 1]), 'items-path'],
  ['a negative step', made([[-1], 1]), 'items-path'],
  ['the step __proto__', made([['a', '__proto__'], 1]), 'items-path'],
  ['a filled map as value', made([['a'], { b: 1 }]), 'items-value'],
  ['a filled list as value', made([['a'], [1]]), 'items-value'],
  ['a path twice', made([['a'], 1], [['a'], 2]), 'items-duplicate-path'],
  ['a value above another', made([['a'], 1], [['a', 'b'], 2]), 'items-contradiction'],
  ['a value below another', made([['a', 0, 'b'], 1], [['a'], 2]), 'items-contradiction'],
  ['a list that is a map', made([['a', 0], 1], [['a', 'b'], 2]), 'items-contradiction'],
  ['a document that is a list and a map', made([[0], 1], [['b'], 2]), 'items-contradiction'],
  ['a missing sibling', shape({ siblings: timeline.siblings.slice(1) }), 'items-siblings'],
  ['a sibling too many', shape({ siblings: [...timeline.siblings, counting(32, 0)] }), 'items-siblings'],
  ['siblings swapped', shape({ siblings: timeline.siblings.toReversed() }), 'part-commitment'],
  ['a made-up item', made([['narrative'], 'Nothing happened.']), 'items-siblings'],
  [
    'a longer tree',
    shape({ length: 32, siblings: [...timeline.siblings, counting(32, 0)] }),
    'part-commitment',
  ],
]

import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Value } from '../../../protocol/codec/cbor.ts'
import {
  checkWholePart,
  disclose,
  disclosedRoot,
  flatten,
  makeItemTree,
  unflatten,
  type DisclosureFault,
  type Item,
  type Path,
} from '../../../protocol/codec/items.ts'
import { ITEMS_MAX } from '../../../protocol/limits.ts'
import { leafHash, nodeHash } from '../../../protocol/log/merkle.ts'
import { portable } from '../../../protocol/primitives.ts'
import { DOCUMENT, TIER_SECRET } from '../../support/item-cases.ts'
import { bytes, hex, jsonOfValue, valueOfJson } from '../../support/notation.ts'
import { counting } from '../../support/statements.ts'
import { documents, values } from '../../support/values.ts'
import { readVectors } from '../../support/vectors.ts'
import { encode } from '../../../protocol/codec/cbor.ts'

type Vectors = {
  readonly document: unknown
  readonly tierSecret: string
  readonly leaves: readonly {
    readonly path?: Path
    readonly value?: unknown
    readonly salt: string
    readonly hash: string
  }[]
  readonly length: number
  readonly root: string
}

const vectors = readVectors<Vectors>('items.json')
const secrets = fc.uint8Array({ minLength: 32, maxLength: 32 })
const treeOf = (document: Value, secret = TIER_SECRET) => makeItemTree(portable, secret, flatten(document))
const items = (...pairs: readonly (readonly [Path, Value])[]): readonly Item[] =>
  pairs.map(([path, value]) => ({ path, value }))

describe('flatten and unflatten', () => {
  it('are inverses for every value', () => {
    fc.assert(fc.property(values, (value) => assert.deepEqual(unflatten(flatten(value)), value)))
  })

  it('do not depend on the order of the items', () => {
    fc.assert(
      fc.property(documents, (document) => {
        assert.deepEqual(unflatten(flatten(document).toReversed()), document)
      }),
    )
  })

  it('name scalars and empty containers, and nothing above them', () => {
    const found = flatten({ a: [{ b: 1 }, []], c: {}, '0': null })
    const names = new Map(found.map(({ path, value }) => [JSON.stringify(path), value]))
    const expected = new Map<string, Value>([
      ['["a",0,"b"]', 1],
      ['["a",1]', []],
      ['["c"]', {}],
      ['["0"]', null],
    ])
    assert.deepEqual(names, expected)
  })

  const none: readonly [string, readonly Item[]][] = [
    ['no items', []],
    ['a path twice', items([['a'], 1], [['a'], 2])],
    ['a value above another', items([['a'], 1], [['a', 'b'], 2])],
    ['a list that is a map', items([['a', 0], 1], [['a', 'b'], 2])],
    ['a list with a gap', items([['a', 0], 1], [['a', 2], 2])],
    ['a filled map as value', items([['a'], { b: 1 }])],
    ['a step that is __proto__', items([['__proto__', 'polluted'], 1])],
    ['a path of 33 steps', items([Array.from({ length: 33 }, () => 'a'), 1])],
    ['a path of 100,000 steps', items([Array.from({ length: 100_000 }, () => 0), 1])],
    ['a fraction as step', items([['a', 0.5], 1])],
  ]
  for (const [name, given] of none) {
    it(`have no document for ${name}`, () => assert.equal(unflatten(given), undefined))
  }

  it('put 32,768 items together in time that does not grow with their square', () => {
    const document = { a: Array.from({ length: ITEMS_MAX }, (_, index) => index) }
    assert.deepEqual(unflatten(flatten(document)), document)
  })
})

describe('makeItemTree', () => {
  it('makes the tree of the vectors', () => {
    const tree = treeOf(valueOfJson(vectors.document), bytes(vectors.tierSecret))
    const leaves = tree.leaves.map(({ hash, item, salt }) => ({
      ...(item && { path: item.path, value: jsonOfValue(item.value) }),
      salt: hex(salt),
      hash: hex(hash),
    }))
    assert.deepEqual(leaves, vectors.leaves)
    assert.equal(hex(tree.content.root), vectors.root)
    assert.equal(tree.content.length, vectors.length)
  })

  it('is the RFC 6962 tree over [salt, path, value] and over [salt] of decoys', () => {
    const { leaves, content } = treeOf(DOCUMENT)
    let level = leaves.map(({ item, salt }) =>
      leafHash(portable, encode(item === undefined ? [salt] : [salt, item.path, item.value])),
    )
    while (level.length > 1)
      level = level.flatMap((hash, index) => {
        const right = level[index + 1]
        return index % 2 === 0 && right !== undefined ? [nodeHash(portable, hash, right)] : []
      })
    assert.deepEqual(level.map(hex), [hex(content.root)])
  })

  it('orders leaves by hash and pads to a power of two of at least 16, so that a count does not show', () => {
    for (const [count, length] of [
      [1, 16],
      [2, 16],
      [15, 16],
      [16, 16],
      [17, 32],
      [32, 32],
      [33, 64],
    ] as const) {
      const tree = treeOf(Array.from({ length: count }, (_, index) => index))
      assert.equal(tree.content.length, length)
      assert.equal(tree.leaves.filter((leaf) => leaf.item !== undefined).length, count)
      const hashes = tree.leaves.map((leaf) => hex(leaf.hash))
      assert.deepEqual(hashes, hashes.toSorted())
      assert.equal(new Set(hashes).size, length)
      assert.equal(new Set(tree.leaves.map((leaf) => hex(leaf.salt))).size, length)
      assert.ok(tree.leaves.every((leaf) => leaf.salt.length === 16))
    }
  })

  it('puts an item at any place, by the secret alone', () => {
    const places = new Set<number>()
    for (let first = 0; first < 200; first++)
      places.add(treeOf({ a: 1 }, counting(32, first)).leaves.findIndex((leaf) => leaf.item !== undefined))
    assert.equal(places.size, 16)
  })

  it('shares no leaf between two secrets or two values', () => {
    fc.assert(
      fc.property(values, secrets, (document, secret) => {
        const ours = new Set(treeOf(document).leaves.map((leaf) => hex(leaf.hash)))
        fc.pre(hex(secret) !== hex(TIER_SECRET))
        assert.ok(treeOf(document, secret).leaves.every((leaf) => !ours.has(hex(leaf.hash))))
      }),
      { numRuns: 20 },
    )
  })

  it('throws on a short secret and on too many items', () => {
    assert.throws(() => makeItemTree(portable, counting(31, 0), []), /^Error: bug: /)
    const many = Array.from({ length: ITEMS_MAX + 1 }, (_, index) => ({ path: [index], value: 0 }))
    assert.throws(() => makeItemTree(portable, TIER_SECRET, many), /^Error: bug: /)
  })
})

describe('disclose and disclosedRoot', () => {
  it('lead from any subset of any document to the committed root', () => {
    fc.assert(
      fc.property(documents, secrets, fc.infiniteStream(fc.boolean()), (document, secret, picks) => {
        const tree = treeOf(document, secret)
        const disclosure = disclose(portable, tree, () => picks.next().value === true)
        const root = disclosedRoot(portable, disclosure)
        assert.ok(root.ok)
        assert.equal(hex(root.value), hex(tree.content.root))
      }),
    )
  })

  it('say nothing but the root and the length when nothing is chosen', () => {
    const tree = treeOf(DOCUMENT)
    const disclosure = disclose(portable, tree, () => false)
    assert.deepEqual(disclosure, { length: 16, items: [], siblings: [tree.content.root] })
  })

  it('never show salt or hash of an item that was not chosen, nor of a decoy', () => {
    const tree = treeOf(DOCUMENT)
    const disclosure = disclose(portable, tree, ([first]) => first === 'timeline')
    const shown = new Set(disclosure.items.map((item) => hex(item.salt)))
    const hidden = tree.leaves.filter(({ item }) => item?.path[0] !== 'timeline')
    assert.equal(shown.size + hidden.length, tree.leaves.length)
    assert.ok(hidden.every((leaf) => !shown.has(hex(leaf.salt))))
  })
})

describe('checkWholePart', () => {
  const whole = flatten(DOCUMENT)
  const { content } = treeOf(DOCUMENT)
  const check = (given: readonly Item[], secret = TIER_SECRET, committed = content) => {
    const checked = checkWholePart(portable, committed, secret, given)
    return checked.ok ? undefined : checked.fault
  }

  it('accepts the whole part in any order, and nothing less or more', () => {
    fc.assert(
      fc.property(documents, secrets, fc.nat(), (document, secret, drop) => {
        const all = flatten(document)
        const { content: committed } = treeOf(document, secret)
        assert.equal(check(all, secret, committed), undefined)
        assert.equal(check(all.toReversed(), secret, committed), undefined)
        const fewer = all.toSpliced(drop % all.length, 1)
        assert.notEqual(check(fewer, secret, committed), undefined)
        assert.notEqual(check([...all, { path: ['one more'], value: 1 }], secret, committed), undefined)
      }),
      { numRuns: 50 },
    )
  })

  it('refuses a part that was committed with two values for one path', () => {
    const twice = [...whole, { path: ['narrative'], value: 'Another story.' }]
    const { content: committed } = makeItemTree(portable, TIER_SECRET, twice)
    assert.equal(check(twice, TIER_SECRET, committed), 'items-duplicate-path')
    assert.equal(check(whole, TIER_SECRET, committed), 'items-root')
  })

  const faults: readonly { name: string; fault: DisclosureFault; act: () => DisclosureFault | undefined }[] =
    [
      { name: 'another secret', fault: 'items-root', act: () => check(whole, counting(32, 0)) },
      { name: 'a short secret', fault: 'items-length', act: () => check(whole, counting(31, 0)) },
      { name: 'an item less', fault: 'items-root', act: () => check(whole.slice(1)) },
      { name: 'no items', fault: 'items-contradiction', act: () => check([]) },
      {
        name: 'a tree of another length',
        fault: 'items-length',
        act: () => check(whole, TIER_SECRET, { ...content, length: 32 }),
      },
      {
        name: 'the root of another kind of tree',
        fault: 'items-root',
        act: () => check(whole, TIER_SECRET, { ...content, mediaType: 'application/octet-stream' }),
      },
      { name: 'a list with a gap', fault: 'items-contradiction', act: () => check(items([['a', 1], 1])) },
      {
        name: 'a value above another',
        fault: 'items-contradiction',
        act: () => check(items([['a'], 1], [['a', 'b'], 1])),
      },
      { name: 'a filled value', fault: 'items-value', act: () => check(items([['a'], [1]])) },
      { name: 'the step __proto__', fault: 'items-path', act: () => check(items([['__proto__'], 1])) },
    ]
  for (const { name, fault, act } of faults) it(`refuses ${name}: ${fault}`, () => assert.equal(act(), fault))
})

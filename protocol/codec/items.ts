/**
 * Items: a restricted part as a salted Merkle tree over path → value, so that its owner can disclose any
 * subset and a reader verifies that each item is what was committed. DESIGN §2, spec 01 §6.
 *
 * Leaves are ordered by hash and padded with decoys to a power of two of at least 16: neither the number of
 * items nor an item's place tells anything. A subset proves that items were committed, not that they are the
 * only values of their paths; the tier secret, handed over, proves the whole.
 */
import { assert } from '../assert.ts'
import { bytesOfText, compare, concat, equal } from '../bytes.ts'
import { DOMAINS } from '../identity/domains.ts'
import { CBOR_DEPTH_MAX, ITEMS_MAX } from '../limits.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'
import { encode, FORBIDDEN_KEY, type Value } from './cbor.ts'
import { isTreeLength, paddedLength, rootOfHashes, rootOfLeaves, siblingsOf } from './leaves.ts'
import { ITEMS_MEDIA_TYPE, type PartContent } from './part.ts'
import { isCount, isList, isMap } from './value.ts'

/** Keys and array indices from the document's root to a scalar or an empty container. */
export type Path = readonly (string | number)[]

export type Item = { readonly path: Path; readonly value: Value }

/** An item with what proves it: its place in the ordered tree and its salt. */
export type DisclosedItem = Item & { readonly index: number; readonly salt: Uint8Array }

export type Disclosure = {
  /** Leaves of the tree, decoys included. */
  readonly length: number
  /** In increasing order of index, each path once. */
  readonly items: readonly DisclosedItem[]
  /** Roots of the subtrees that hold no disclosed item, left to right, as a depth-first walk meets them. */
  readonly siblings: readonly Uint8Array[]
}

export type DisclosureFault =
  | 'items-length'
  | 'items-order'
  | 'items-salt'
  | 'items-path'
  | 'items-value'
  | 'items-duplicate-path'
  | 'items-contradiction'
  | 'items-siblings'
  | 'items-root'

type Leaf = { readonly hash: Uint8Array; readonly item?: Item; readonly salt: Uint8Array }

/** A part's tree: its leaves in order. Held by the owner only. */
export type ItemTree = { readonly leaves: readonly Leaf[]; readonly content: PartContent }

const SALT_BYTES = 16
const SALT_DOMAIN = bytesOfText(DOMAINS.itemSalt)
const DECOY_DOMAIN = bytesOfText(DOMAINS.itemDecoy)
const LEAF_PREFIX = Uint8Array.of(0)

/** The items of a document. Their order means nothing: the tree orders leaves by hash. */
export function flatten(document: Value): readonly Item[] {
  const items: Item[] = []
  collect(document, [], items)
  return items
}

/** The one document that has exactly these items, or undefined when there is none. */
export function unflatten(items: readonly Item[]): Value | undefined {
  return items.every(({ path, value }) => isPath(path) && isLeaf(value)) ? gather(items) : undefined
}

/** Builds the tree of a part from its items and the tier secret (32 random bytes, fresh for this part). */
export function makeItemTree(primitives: Primitives, secret: Uint8Array, items: readonly Item[]): ItemTree {
  assert(
    secret.length === 32 && items.length <= ITEMS_MAX,
    'a tier secret has 32 bytes, a part at most 32,768 items',
  )
  const leaves = items.map((item) => itemLeaf(primitives, secret, item))
  const length = paddedLength(items.length)
  for (let i = items.length; i < length; i++) leaves.push(decoyLeaf(primitives, secret, i))
  leaves.sort((a, b) => compare(a.hash, b.hash))
  const root = rootOfHashes(
    primitives,
    leaves.map((leaf) => leaf.hash),
  )
  return { leaves, content: { mediaType: ITEMS_MEDIA_TYPE, root, length } }
}

/** What proves the chosen items, and nothing else about the part. */
export function disclose(
  primitives: Primitives,
  tree: ItemTree,
  chosen: (path: Path) => boolean,
): Disclosure {
  const items: DisclosedItem[] = []
  tree.leaves.forEach(({ item, salt }, index) => {
    if (item !== undefined && chosen(item.path)) items.push({ ...item, index, salt })
  })
  const known = new Set(items.map((item) => item.index))
  const hashes = tree.leaves.map((leaf) => leaf.hash)
  return { length: tree.leaves.length, items, siblings: siblingsOf(primitives, hashes, known) }
}

/** The root that a disclosure leads to. Compare it, through the commitment, with the statement's. */
export function disclosedRoot(
  primitives: Primitives,
  disclosure: Disclosure,
): Result<Uint8Array, DisclosureFault> {
  const { length, items, siblings } = disclosure
  const wrong = disclosedFault(length, items)
  if (wrong !== undefined) return fault(wrong)
  const known = items.map((item) => ({ index: item.index, hash: itemHash(primitives, item) }))
  const root = rootOfLeaves(primitives, length, known, siblings)
  return root === undefined ? fault('items-siblings') : ok(root)
}

/** What is wrong with disclosed items before any hash is made. */
export function disclosedFault(length: number, items: readonly DisclosedItem[]): DisclosureFault | undefined {
  if (!isTreeLength(length)) return 'items-length'
  let last = -1
  for (const { index, salt } of items) {
    if (!Number.isSafeInteger(index) || index <= last || index >= length) return 'items-order'
    if (salt.length !== SALT_BYTES) return 'items-salt'
    last = index
  }
  return faultOf(items)
}

/** The leaf of a disclosed item. */
export function itemHash(primitives: Primitives, item: Omit<DisclosedItem, 'index'>): Uint8Array {
  return hashLeaf(primitives, [item.salt, item.path, item.value])
}

/** Checks that a tier secret and items are the whole part: nothing withheld, no path twice, one document. */
export function checkWholePart(
  primitives: Primitives,
  content: PartContent,
  secret: Uint8Array,
  items: readonly Item[],
): Result<true, DisclosureFault> {
  if (items.length > ITEMS_MAX || secret.length !== 32) return fault('items-length')
  const disagreement = faultOf(items)
  if (disagreement !== undefined) return fault(disagreement)
  if (unflatten(items) === undefined) return fault('items-contradiction')
  const { mediaType, root, length } = makeItemTree(primitives, secret, items).content
  if (length !== content.length) return fault('items-length')
  return equal(root, content.root) && mediaType === content.mediaType ? ok(true) : fault('items-root')
}

/** What keeps items from standing in one document, the ones not seen included. */
export function faultOf(items: readonly Item[]): DisclosureFault | undefined {
  const paths = new Set<string>()
  const containers = new Map<string, string>()
  for (const { path, value } of items) {
    if (!isPath(path)) return 'items-path'
    if (!isLeaf(value)) return 'items-value'
    const name = JSON.stringify(path)
    if (paths.has(name)) return 'items-duplicate-path'
    paths.add(name)
    // Each prefix of a path is a container: a map when text follows it, a list when an index does.
    for (const [depth, key] of path.entries()) {
      const container = JSON.stringify(path.slice(0, depth))
      if ((containers.get(container) ?? typeof key) !== typeof key) return 'items-contradiction'
      containers.set(container, typeof key)
    }
  }
  for (const name of paths) if (containers.has(name)) return 'items-contradiction'
  return undefined
}

/** A path that a document of the profile can have; hostile paths are longer, or `__proto__`. */
function isPath(path: Path): boolean {
  return (
    path.length <= CBOR_DEPTH_MAX &&
    path.every((key) => (typeof key === 'string' ? key !== FORBIDDEN_KEY : isCount(key)))
  )
}

/** A filled container as a value would state the paths below it a second time. */
function isLeaf(value: Value): boolean {
  if (isList(value)) return value.length === 0
  return !isMap(value) || Object.keys(value).length === 0
}

function collect(value: Value, path: Path, items: Item[]): void {
  if (isLeaf(value)) items.push({ path, value })
  else if (isList(value)) value.forEach((item, index) => collect(item, [...path, index], items))
  else if (isMap(value)) for (const [key, item] of Object.entries(value)) collect(item, [...path, key], items)
}

/** Puts together items of checked paths; each call takes one step down them. */
function gather(items: readonly Item[]): Value | undefined {
  const [only] = items
  if (only === undefined) return undefined
  if (items.length === 1 && only.path.length === 0) return only.value
  const groups = new Map<string | number, Item[]>()
  for (const { path, value } of items) {
    const [key, ...rest] = path
    if (key === undefined) return undefined
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [{ path: rest, value }])
    else group.push({ path: rest, value })
  }
  return assemble(groups)
}

function assemble(groups: ReadonlyMap<string | number, readonly Item[]>): Value | undefined {
  const entries: [string | number, Value][] = []
  for (const [key, group] of groups) {
    const value = gather(group)
    if (value === undefined) return undefined
    entries.push([key, value])
  }
  if (entries.every(([key]) => typeof key === 'string')) return Object.fromEntries(entries)
  const list = entries.toSorted(([a], [b]) => Number(a) - Number(b))
  return list.every(([key], index) => key === index) ? list.map(([, value]) => value) : undefined
}

function itemLeaf(primitives: Primitives, secret: Uint8Array, item: Item): Leaf {
  const salt = derive(primitives, secret, SALT_DOMAIN, encode(item.path))
  return { hash: itemHash(primitives, { ...item, salt }), item, salt }
}

function decoyLeaf(primitives: Primitives, secret: Uint8Array, number: number): Leaf {
  const salt = derive(primitives, secret, DECOY_DOMAIN, encode(number))
  return { hash: hashLeaf(primitives, [salt]), salt }
}

function derive(
  primitives: Primitives,
  secret: Uint8Array,
  domain: Uint8Array,
  bytes: Uint8Array,
): Uint8Array {
  return primitives.hmacSha256(secret, concat(domain, bytes)).slice(0, SALT_BYTES)
}

function hashLeaf(primitives: Primitives, value: Value): Uint8Array {
  return primitives.sha256(concat(LEAF_PREFIX, encode(value)))
}

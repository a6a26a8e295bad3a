/**
 * The state of an unfinished audit as a file of the auditor's own: what it was bound to, and a checksum against damage.
 * Nobody else's file is ever read as one, and none is sent. Spec 08 §6.
 */
import { concat, equal } from '../bytes.ts'
import { branded } from '../brand.ts'
import { encode, parse, type Value } from '../codec/cbor.ts'
import { hasKeys, isBytes, isCount, isList, isMap } from '../codec/value.ts'
import type { KeyId } from '../identity/key.ts'
import { CBOR_BYTES_MAX } from '../limits.ts'
import { edgeRoot, HASH_BYTES } from '../log/merkle.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'
import { MARKED_MAX } from './judgement.ts'
import type { LogReport } from './report.ts'
import { STATE_ROOTS_MAX, type AuditState } from './resume.ts'

/** What a state is good for: the same program under the same charter. */
export type StateBinding = {
  readonly tool: string
  /** SHA-256 of the charter's bytes. */
  readonly charter: Uint8Array
}

export type StateFileFault =
  | 'state-checksum'
  | 'state-shape'
  /** Written by another version, or under another charter. */
  | 'state-binding'
  /** The subtrees are not those of a tree of that size and root. */
  | 'state-edge'

const FORMAT = 'candor/audit-state@v1'

export function printStateFile(
  primitives: Primitives,
  { tool, charter }: StateBinding,
  state: AuditState,
): Uint8Array {
  const { origin, edge, root, counts, lastUse, marked, roots } = state
  const body = encode({
    format: FORMAT,
    tool,
    charter,
    origin,
    size: edge.size,
    root,
    edge: edge.hashes,
    counts: countsValue(counts),
    lastUse: lastUse.map(({ id, index }) => [id, index]),
    marked: marked.map((one) => [one.index, one.leaf, countsValue(one.counts)]),
    roots: [...roots].map(([size, hash]) => [size, hash]),
  })
  return concat(body, primitives.sha256(body))
}

export function parseStateFile(
  primitives: Primitives,
  { tool, charter }: StateBinding,
  bytes: Uint8Array,
): Result<AuditState, StateFileFault> {
  if (bytes.length > CBOR_BYTES_MAX + HASH_BYTES) return fault('state-shape')
  const body = bytes.subarray(0, -HASH_BYTES)
  if (!equal(primitives.sha256(body), bytes.subarray(-HASH_BYTES))) return fault('state-checksum')
  const read = parse(body)
  if (!read.ok || !isMap(read.value) || !hasKeys(read.value, ...KEYS)) return fault('state-shape')
  const value = read.value
  const { format, tool: by, charter: under, origin, size, root } = value
  const isOurs = format === FORMAT && by === tool && isBytes(under, HASH_BYTES) && equal(under, charter)
  if (!isOurs) return fault('state-binding')
  const hashes = listOf(value['edge'], 64, (one) => (isBytes(one, HASH_BYTES) ? one : undefined))
  const counts = countsOf(value['counts'])
  const lastUse = listOf(value['lastUse'], CBOR_BYTES_MAX, useOf)
  const marked = listOf(value['marked'], MARKED_MAX, markedOf)
  const roots = listOf(value['roots'], STATE_ROOTS_MAX, rootOf)
  if (typeof origin !== 'string' || !isCount(size) || !isBytes(root, HASH_BYTES)) return fault('state-shape')
  if (hashes === undefined || counts === undefined || lastUse === undefined) return fault('state-shape')
  if (marked === undefined || roots === undefined) return fault('state-shape')
  const edge = { size, hashes }
  if (hashes.length !== onesIn(size) || !equal(edgeRoot(primitives, edge), root)) return fault('state-edge')
  return ok({ origin, edge, root, counts, lastUse, marked, roots: new Map(roots) })
}

const KEYS = [
  'format',
  'tool',
  'charter',
  'origin',
  'size',
  'root',
  'edge',
  'counts',
  'lastUse',
  'marked',
  'roots',
] as const

type Counts = LogReport['counts']

function countsValue({ entries, signatures, parts }: Counts): readonly Value[] {
  return [entries, signatures, parts]
}

function countsOf(value: Value | undefined): Counts | undefined {
  if (!isList(value) || value.length !== 3) return undefined
  const [entries, signatures, parts] = value
  return isCount(entries) && isCount(signatures) && isCount(parts)
    ? { entries, signatures, parts }
    : undefined
}

function useOf(value: Value): AuditState['lastUse'][number] | undefined {
  if (!isList(value) || value.length !== 2) return undefined
  const [id, index] = value
  return isBytes(id, HASH_BYTES) && isCount(index) ? { id: branded<KeyId>(id), index } : undefined
}

function markedOf(value: Value): AuditState['marked'][number] | undefined {
  if (!isList(value) || value.length !== 3) return undefined
  const [index, leaf, rest] = value
  const counts = countsOf(rest)
  return isCount(index) && isBytes(leaf, HASH_BYTES) && counts !== undefined
    ? { index, leaf, counts }
    : undefined
}

function rootOf(value: Value): readonly [number, Uint8Array] | undefined {
  if (!isList(value) || value.length !== 2) return undefined
  const [size, root] = value
  return isCount(size) && isBytes(root, HASH_BYTES) ? [size, root] : undefined
}

function listOf<T>(
  value: Value | undefined,
  max: number,
  read: (item: Value) => T | undefined,
): readonly T[] | undefined {
  if (!isList(value) || value.length > max) return undefined
  const items: T[] = []
  for (const one of value) {
    const item = read(one)
    if (item === undefined) return undefined
    items.push(item)
  }
  return items
}

/** How many perfect subtrees make a tree of this size. */
function onesIn(size: number): number {
  return size.toString(2).replaceAll('0', '').length
}

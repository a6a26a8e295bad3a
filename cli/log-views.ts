/**
 * Two views of one log: which is a prefix of which, or where they part. A view is a signed head with whatever stands
 * behind it: a node that holds the log, published files, or nothing.
 */
import { checkedPrimitives, NodeError } from '../node/api/client.ts'
import { equal } from '../protocol/bytes.ts'
import type { CharterState } from '../protocol/governance/charter.ts'
import { parseSignedCheckpoint, verifyCheckpoint, type SignedCheckpoint } from '../protocol/log/checkpoint.ts'
import { appendLeaves, EMPTY_EDGE, edgeRoot, leafHash, type Edge } from '../protocol/log/merkle.ts'
import { logKeyOf } from './log-key.ts'
import type { LeafSource } from './leaf-source.ts'

export type LogViewOf = {
  readonly name: string
  readonly signed: SignedCheckpoint
  /** The entries below the head, where the view has them. */
  readonly source: LeafSource | undefined
}

export type Relation = 'same' | 'a-before-b' | 'b-before-a' | 'split' | 'unknown'

export type LogDifference = {
  readonly origin: string
  readonly relation: Relation
  readonly a: { readonly name: string; readonly size: number }
  readonly b: { readonly name: string; readonly size: number }
  /** The first entry that differs, where both sides have entries. */
  readonly splitAt: number | undefined
  /** Of a split whose place is not known: the smaller size. */
  readonly between: number
  /** `a` or `b` where that head is not signed by the log's key. */
  readonly signed: 'both' | 'unchecked' | 'a' | 'b'
}

export function viewOf(name: string, note: Uint8Array, source: LeafSource | undefined): LogViewOf {
  const signed = parseSignedCheckpoint(note)
  if (!signed.ok) throw new NodeError('BAD_INPUT', `${name} is no checkpoint (${signed.fault})`)
  return { name, signed: signed.value, source }
}

export async function compareViews(
  a: LogViewOf,
  b: LogViewOf,
  charter: CharterState | undefined,
): Promise<LogDifference> {
  const [headA, headB] = [a.signed.checkpoint, b.signed.checkpoint]
  const { origin } = headA
  if (origin !== headB.origin) throw new NodeError('CONFLICT', 'these are heads of two different logs')
  const { relation, splitAt } = await relate(a, b)
  return {
    origin,
    relation,
    a: { name: a.name, size: headA.size },
    b: { name: b.name, size: headB.size },
    splitAt,
    between: Math.min(headA.size, headB.size),
    signed: await signers(a, b, charter),
  }
}

async function relate(
  a: LogViewOf,
  b: LogViewOf,
): Promise<{ relation: Relation; splitAt: number | undefined }> {
  const [headA, headB] = [a.signed.checkpoint, b.signed.checkpoint]
  const isSame = headA.size === headB.size && equal(headA.root, headB.root)
  if (isSame) return { relation: 'same', splitAt: undefined }
  const isLonger = headA.size > headB.size
  const [shorter, longer] = isLonger ? [b, a] : [a, b]
  const small = shorter.signed.checkpoint
  if (small.size !== longer.signed.checkpoint.size) {
    const edge = await edgeBelow(longer, small.size)
    if (edge === undefined) return { relation: 'unknown', splitAt: undefined }
    if (equal(edgeRoot(checkedPrimitives(), edge), small.root))
      return { relation: isLonger ? 'b-before-a' : 'a-before-b', splitAt: undefined }
  }
  return { relation: 'split', splitAt: await firstDifference(shorter, longer) }
}

/** The tree of the first entries of a view whose entries lead to its own head; undefined where they do not. */
async function edgeBelow({ source, signed }: LogViewOf, size: number): Promise<Edge | undefined> {
  const primitives = checkedPrimitives()
  const head = signed.checkpoint
  let edge = EMPTY_EDGE
  let found: Edge | undefined
  if (source === undefined) return undefined
  while (edge.size < head.size) {
    const until = edge.size < size ? size : head.size
    const entries = await source.entries(edge.size, Math.min(512, until - edge.size))
    if (entries.length === 0) return undefined
    edge = appendLeaves(
      primitives,
      edge,
      entries.map((entry) => leafHash(primitives, entry)),
    )
    if (edge.size === size) found = edge
  }
  return equal(edgeRoot(primitives, edge), head.root) ? found : undefined
}

async function firstDifference(a: LogViewOf, b: LogViewOf): Promise<number | undefined> {
  const size = Math.min(a.signed.checkpoint.size, b.signed.checkpoint.size)
  if (a.source === undefined || b.source === undefined) return undefined
  for (let at = 0; at < size;) {
    const count = Math.min(512, size - at)
    const [left, right] = [await a.source.entries(at, count), await b.source.entries(at, count)]
    const both = Math.min(left.length, right.length)
    if (both === 0) return undefined
    for (let i = 0; i < both; i++) {
      const [one, other] = [left[i], right[i]]
      if (one === undefined || other === undefined || !equal(one, other)) return at + i
    }
    at += both
  }
  return undefined
}

async function signers(
  a: LogViewOf,
  b: LogViewOf,
  charter: CharterState | undefined,
): Promise<LogDifference['signed']> {
  const source = a.source ?? b.source
  if (charter === undefined || source === undefined) return 'unchecked'
  const [bytes] = await source.entries(0, 1)
  const [part] = await source.parts(0, 1)
  const key = bytes === undefined ? '' : logKeyOf(charter, source.origin, { bytes, part: part ?? null })
  if (typeof key === 'string') return 'unchecked'
  const primitives = checkedPrimitives()
  if (!verifyCheckpoint(primitives, a.signed, key).ok) return 'a'
  return verifyCheckpoint(primitives, b.signed, key).ok ? 'both' : 'b'
}

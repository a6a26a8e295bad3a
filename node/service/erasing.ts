/**
 * Erasing parts of a record of ours: the statement that says so, and in one batch with it the deletion of bytes, openings
 * and tier secrets here. Whoever holds copies deletes them when it hears of that: of a restricted part the holders of
 * receipts, of a public one every member. DESIGN §2.
 */
import { printBase32 } from '../../protocol/bytes.ts'
import { isErasable } from '../../protocol/log/entry.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import type { ErasureOptions, ErasureView } from '../api/access-service.ts'
import { eraseParts, type ErasureParts } from '../disclosure/erasing.ts'
import { NodeError } from '../errors.ts'
import { native } from '../keys/native.ts'
import type { CandorNode } from '../node.ts'
import { checkContent } from './authoring.ts'
import { findRecord, type Reader } from './records.ts'
import type { Stated } from './statements.ts'

/** One record at a time: two versions may be kept in one sealed value, and each erasure rewrites it. */
export function eraseRecord(
  node: CandorNode,
  records: Reader,
  typed: string,
  options: ErasureOptions,
): Promise<ErasureView> {
  return node.disclosure.gate.turns.take('erase', () => eraseNow(node, records, typed, options))
}

async function eraseNow(
  node: CandorNode,
  records: Reader,
  typed: string,
  { tiers, basis }: ErasureOptions,
): Promise<ErasureView> {
  const versions = await findRecord(records, typed, node.opened.member.domain)
  const [first] = versions
  if (first === undefined)
    throw new NodeError('NOT_FOUND', 'no record of ours has this id', { fix: 'candor list' })
  const { public: document } = checkContent({ kind: 'erase', public: { tiers, basis } })
  if (tiers.includes('public')) for (const version of versions) expectErasable(node, version)
  const left = versions.filter((version) => !isDone(node, version, tiers))
  if (left.length === 0) throw new NodeError('CONFLICT', 'the public part of this record was erased before')
  const { gate } = node.disclosure
  const parts: ErasureParts = {
    gate,
    files: node.forgotten,
    publish: (contents) => node.publisher.publish(contents),
  }
  for (const version of left) {
    const { log, index, entry } = version
    const on = { origin: log.origin, index, leaf: leafHash(native, entry.bytes) }
    await eraseParts(parts, { on, log: log.number, tiers, basis, public: document })
  }
  // Deposits of it that still wait for holders go with it; the holders hear of it from the log.
  await node.escrow.heedErasures()
  await node.disclosure.free()
  return { record: printBase32(first.entry.statement.record), versions: left.length, tiers }
}

/** What an `erase` of a public part would not count for is refused before anything is signed. Spec 03 §7.1. */
function expectErasable(node: CandorNode, { log, index, entry }: Stated): void {
  const { kind } = entry.statement
  if (!isErasable(kind))
    throw new NodeError('NOT_ALLOWED', `the public part of a statement of kind ${kind} is never erased`)
  if (log.origin !== node.opened.origin)
    throw new NodeError(
      'NOT_ALLOWED',
      `entry ${index} stands in ${log.origin}, which a later epoch closed: nothing more can be stated in it`,
    )
}

function isDone(node: CandorNode, { log, index }: Stated, tiers: readonly string[]): boolean {
  return tiers.every((tier) => tier === 'public') && node.opened.logs.erasedBy(log, index) !== undefined
}

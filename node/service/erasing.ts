/**
 * Erasing parts of a record of ours: the statement that says so, and in one batch with it the deletion of bytes, openings
 * and tier secrets here. Whoever holds copies deletes them when it hears of that: of a restricted part the holders of
 * receipts, of a public one every member. DESIGN §2.
 */
import { equal, printBase32 } from '../../protocol/bytes.ts'
import { isErasable } from '../../protocol/log/entry.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import type { ErasureOptions, ErasureView } from '../api/access-service.ts'
import type { Case } from '../disclosure/cases.ts'
import { requestOf } from '../disclosure/gate.ts'
import { NodeError } from '../errors.ts'
import { native } from '../keys/native.ts'
import type { Content } from '../log/composer.ts'
import type { CandorNode } from '../node.ts'
import type { Operation } from '../ports.ts'
import { forgetErased, erasingRow } from '../store/forgetting.ts'
import { isMap } from '../../protocol/codec/value.ts'
import { readManifest } from '../../protocol/dataset/manifest.ts'
import { heldPart } from '../disclosure/release.ts'
import { eraseOperations, readVault } from '../store/vault.ts'
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
  const { kind, public: document } = checkContent({ kind: 'erase', public: { tiers, basis } })
  if (tiers.includes('public')) for (const version of versions) expectErasable(node, version)
  const left = versions.filter((version) => !isDone(node, version, tiers))
  if (left.length === 0) throw new NodeError('CONFLICT', 'the public part of this record was erased before')
  const roots: Uint8Array[] = []
  for (const version of left) {
    roots.push(...(await filesOf(node, version)))
    const operations = await operationsFor(node, version, tiers)
    const { log, index, entry } = version
    const on = { origin: log.origin, index, leaf: leafHash(native, entry.bytes) }
    const content: Content = { kind, on, public: document, alongside: () => operations }
    await node.publisher.publish([content])
  }
  if (tiers.includes('research')) for (const root of roots) forgetFile(node, root)
  await forget(node)
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

/** Deletes what the vault keeps, and the content keys of what was offered of it: nothing sealed can be opened later. */
async function operationsFor(
  node: CandorNode,
  { log, index, entry }: Stated,
  tiers: readonly string[],
): Promise<readonly Operation[]> {
  const { database } = node.opened
  const { cases } = node.disclosure
  const operations = [...(await eraseOperations(database, node.sealer, { log: log.number, index }, tiers))]
  // So that a kill before the files are freed is made good at the next start.
  if (operations.length > 0) operations.push(erasingRow('sealed', log.number, index))
  const leaf = leafHash(native, entry.bytes)
  for await (const one of cases.all()) {
    const { on, tier } = requestOf(one).statement
    if (one.offered === null || !tiers.includes(tier) || !equal(on.leaf, leaf)) continue
    operations.push(...cases.put(withoutKey(one)))
  }
  return operations
}

/** Roots of the files that the research part of an entry of ours names. */
async function filesOf(node: CandorNode, { log, index }: Stated): Promise<readonly Uint8Array[]> {
  const kept = await readVault(node.opened.database, node.sealer, log.number, index)
  const document = heldPart(kept?.research)?.document
  const manifest = readManifest(isMap(document) ? document['manifest'] : undefined)
  return manifest.ok ? manifest.value.flatMap(({ content }) => content?.root ?? []) : []
}

function forgetFile(node: CandorNode, root: Uint8Array): void {
  const copy = node.dataSets.own(root)
  if (copy !== undefined) node.dataSets.erase(copy)
}

const NO_KEY = new Uint8Array(32)

function withoutKey(one: Case): Case {
  return one.offered === null ? one : { ...one, offered: { ...one.offered, contentKey: NO_KEY } }
}

/** What was overwritten leaves the files, too. */
async function forget(node: CandorNode): Promise<void> {
  await forgetErased(node.opened.database, 'sealed')
}

/**
 * Erasing restricted parts of a record of ours: the statement that says so, and in one batch with it the deletion of
 * bytes, openings and tier secrets here. Holders of receipts delete theirs when they hear of it and say so. DESIGN §2.
 */
import { equal, printBase32 } from '../../protocol/bytes.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import type { ErasureOptions, ErasureView } from '../api/access-service.ts'
import type { Case } from '../disclosure/cases.ts'
import { requestOf } from '../disclosure/gate.ts'
import { NodeError } from '../errors.ts'
import { native } from '../keys/native.ts'
import type { Content } from '../log/composer.ts'
import type { CandorNode } from '../node.ts'
import type { Operation } from '../ports.ts'
import { after, keyOf } from '../store/prefixes.ts'
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
  const roots: Uint8Array[] = []
  for (const version of versions) {
    roots.push(...(await filesOf(node, version)))
    const operations = await operationsFor(node, version, tiers)
    const { log, index, entry } = version
    const on = { origin: log.origin, index, leaf: leafHash(native, entry.bytes) }
    const content: Content = { kind, on, public: document, alongside: () => operations }
    await node.publisher.publish([content])
  }
  if (tiers.includes('research')) for (const root of roots) forgetFile(node, root)
  await forget(node)
  return { record: printBase32(first.entry.statement.record), versions: versions.length, tiers }
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
  const { database } = node.opened
  await database.compact(keyOf('vault'), after(keyOf('vault')))
  await database.compact(keyOf('disclosure'), after(keyOf('disclosure')))
}

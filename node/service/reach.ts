/** How far a retraction, correction or erasure has reached: of those who hold a receipt, who acknowledged it. */
import { equal, printBase32 } from '../../protocol/bytes.ts'
import { isSigned, parseAccess } from '../../protocol/access/signed.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import type { ReachView } from '../api/access-service.ts'
import type { Case } from '../disclosure/cases.ts'
import { changesOf, type FoundChange } from '../disclosure/changes.ts'
import { requestOf } from '../disclosure/gate.ts'
import { NodeError } from '../errors.ts'
import { native } from '../keys/native.ts'
import type { CandorNode } from '../node.ts'
import { requesterView } from './access.ts'
import { findRecord, type Reader } from './records.ts'
import type { Stated } from './statements.ts'

export async function reachOf(node: CandorNode, records: Reader, typed: string): Promise<ReachView> {
  const versions = await findRecord(records, typed, node.opened.member.domain)
  const newest = versions.at(-1)
  if (newest === undefined) throw new NodeError('NOT_FOUND', 'no record of ours has this id')
  const leaves = versions.map(({ entry }) => leafHash(native, entry.bytes))
  const holders: Case[] = []
  for await (const one of node.disclosure.cases.all()) {
    const { on } = requestOf(one).statement
    // Whoever signed a receipt may hold it, whether or not it says that it opened it.
    if (one.receipt !== null && leaves.some((leaf) => equal(leaf, on.leaf))) holders.push(one)
  }
  const changes = await changesFor(node, holders)
  const missing = holders.filter(
    (one) => !(changes.get(one) ?? []).every((change) => hasAcknowledged(one, change)),
  )
  const copies = copiesOf(node, versions)
  return {
    ...(copies === undefined ? {} : { copies }),
    record: printBase32(newest.entry.statement.record),
    holders: holders.length,
    acknowledged: holders.length - missing.length,
    changes: countsOf(changes),
    missing: await Promise.all(missing.map((one) => requesterView(node, one))),
  }
}

/**
 * Who deleted an erased public part. Every member held it, and none has to say so once more: its mirror's cosignature on a
 * head above the entry that erased it says that this entry was taken in, and that deletes in the same write. Spec 03 §7.1.
 */
function copiesOf({ opened }: CandorNode, versions: readonly Stated[]): ReachView['copies'] {
  const { logs, cosigned, charter, member } = opened
  const [last] = versions
    .map(({ log, index }) => ({ origin: log.origin, by: logs.erasedBy(log, index) ?? -1 }))
    .toSorted((a, b) => b.by - a.by)
  if (last === undefined || last.by < 0) return undefined
  const { newest, quorum } = cosigned.get(last.origin) ?? {}
  const above = [newest, quorum].flatMap((head) =>
    head !== undefined && head.checkpoint.size > last.by ? head.cosignatures : [],
  )
  const said = new Set(above.filter(({ role }) => role === 'mirror').map(({ domain }) => domain))
  const others = charter.document.members.map(({ domain }) => domain).filter((one) => one !== member.domain)
  return {
    index: last.by,
    erased: others.filter((domain) => said.has(domain)),
    open: others.filter((domain) => !said.has(domain)),
  }
}

async function changesFor(
  node: CandorNode,
  holders: readonly Case[],
): Promise<ReadonlyMap<Case, readonly FoundChange[]>> {
  const found = new Map<Case, readonly FoundChange[]>()
  for (const one of holders) {
    const { statement } = requestOf(one)
    found.set(one, await changesOf(node.disclosure.reader.parts, node.opened.database, statement))
  }
  return found
}

function hasAcknowledged(one: Case, { entry }: FoundChange): boolean {
  return one.acks.some((bytes) => {
    const signed = parseAccess(bytes)
    if (!signed.ok || !isSigned(signed.value, 'ack')) return false
    const { of } = signed.value.statement
    return 'entry' in of && equal(of.entry.leaf, entry.leaf)
  })
}

function countsOf(changes: ReadonlyMap<Case, readonly FoundChange[]>): ReachView['changes'] {
  const counts = new Map<number, { kind: string; index: number; acknowledged: number }>()
  for (const [one, found] of changes) {
    for (const change of found) {
      const { index } = change.entry
      const count = counts.get(index) ?? { kind: change.kind, index, acknowledged: 0 }
      counts.set(index, {
        ...count,
        acknowledged: count.acknowledged + (hasAcknowledged(one, change) ? 1 : 0),
      })
    }
  }
  return [...counts.values()].toSorted((a, b) => a.index - b.index)
}

/**
 * The audit trail of this node as a file for a mandated auditor, with what opens every `access` leaf of its logs. Nobody
 * else is given it: those leaves show recipients of one another. Spec 06 §11.
 */
import { printHex } from '../../protocol/bytes.ts'
import { printTrailEntry } from '../../protocol/access/trail.ts'
import {
  printTrailFile,
  type NamedLog,
  type TrailLeaf,
  type TrailLine,
} from '../../protocol/audit/trail-file.ts'
import { statementsIn } from '../../protocol/audit/trail-steps.ts'
import type { Value } from '../../protocol/codec/cbor.ts'
import { isBytes, isCount, isList, isMap } from '../../protocol/codec/value.ts'
import { edgeRoot } from '../../protocol/log/merkle.ts'
import { native } from '../keys/native.ts'
import type { CandorNode } from '../node.ts'
import { accessLeaves } from '../disclosure/leaves.ts'
import type { KeyValue } from '../ports.ts'
import { readVault } from '../store/vault.ts'

type TrailNode = Pick<CandorNode, 'disclosure' | 'clock' | 'sealer'> & {
  readonly opened: Pick<CandorNode['opened'], 'logs' | 'origin'> & {
    readonly database: KeyValue
    readonly member: { readonly domain: string }
  }
}

export async function trailFileOf(node: TrailNode): Promise<string> {
  const { disclosure, opened, clock } = node
  await disclosure.logOverdue()
  // In this order: what a log holds below its head then stands in the trail below its own.
  const at = Math.floor(clock.now() / 1_000)
  const logs = namedLogs(node)
  const { size, root } = disclosure.trail.head()
  const lines: TrailLine[] = []
  const places = new Map<string, number>()
  for await (const { index, line } of disclosure.trail.lines()) {
    // What is added meanwhile comes with the next file.
    if (index === size) break
    if ('leaf' in line) {
      lines.push({ kind: 'pruned', leaf: line.leaf })
      continue
    }
    lines.push({ kind: 'entry', bytes: printTrailEntry(line.entry), entry: line.entry })
    for (const bytes of statementsIn(line.entry)) places.set(nameOf(bytes), index)
  }
  const leaves: TrailLeaf[] = []
  for (const named of logs) {
    for await (const place of accessLeaves(opened.logs, named)) {
      const leaf = await leafOf(node, place, places)
      if (leaf !== undefined) leaves.push(leaf)
    }
  }
  const { retention } = disclosure.policy.policy()
  return printTrailFile({ origin: opened.origin, size, root, at, retention, logs, leaves, lines })
}

/** Our logs of all epochs, as far as they go. */
function namedLogs({ opened }: TrailNode): readonly NamedLog[] {
  const own = opened.logs.all().filter(({ origin }) => origin.startsWith(`${opened.member.domain}/`))
  return own
    .filter(({ edge }) => edge.size > 0)
    .map(({ origin, edge }) => ({ origin, size: edge.size, root: edgeRoot(native, edge) }))
}

/** What opens this leaf; undefined where this node does not have it any more. */
async function leafOf(
  { opened, sealer }: TrailNode,
  { origin, index }: { readonly origin: string; readonly index: number },
  places: ReadonlyMap<string, number>,
): Promise<TrailLeaf | undefined> {
  const kept = await readVault(opened.database, sealer, opened.logs.numberOf(origin) ?? 0, index)
  if (kept === undefined) return undefined
  if (kept.research.length === 0) return { kind: 'pruned', origin, index }
  const [opening, secret, document] = kept.research
  if (!isBytes(opening, 32) || !isBytes(secret, 32) || !isMap(document)) return undefined
  const head = headOf(document['trail'])
  if (head !== undefined) return { kind: 'head', origin, index, ...head, opening, secret }
  const { access } = document
  const entry = access instanceof Uint8Array ? places.get(nameOf(access)) : undefined
  return entry === undefined ? undefined : { kind: 'statement', origin, index, entry, opening, secret }
}

function headOf(value: Value | undefined): { readonly size: number; readonly root: Uint8Array } | undefined {
  const [size, root] = value !== undefined && isList(value) ? value : []
  return isCount(size) && isBytes(root, 32) ? { size, root } : undefined
}

function nameOf(bytes: Uint8Array): string {
  return printHex(native.sha256(bytes))
}

/** The audit trail of this node as a file for a mandated auditor. Spec 06 §11. */
import { printTrailEntry } from '../../protocol/access/trail.ts'
import { printTrailFile, type LoggedHead, type TrailFile } from '../../protocol/audit/trail-file.ts'
import { parse } from '../../protocol/codec/cbor.ts'
import { isBytes, isCount } from '../../protocol/codec/value.ts'
import { appendLeaves, edgeRoot, EMPTY_EDGE, leafHash } from '../../protocol/log/merkle.ts'
import { SPACE } from '../disclosure/space.ts'
import { native } from '../keys/native.ts'
import type { CandorNode } from '../node.ts'
import { after, keyOf, numberAt } from '../store/prefixes.ts'
import { readVault } from '../store/vault.ts'

export async function trailFileOf(node: CandorNode): Promise<string> {
  const { trail } = node.disclosure
  const { size, root } = trail.head()
  const entries: TrailFile['entries'][number][] = []
  const roots = [edgeRoot(native, EMPTY_EDGE)]
  let edge = EMPTY_EDGE
  for await (const { entry } of trail.entries()) {
    // What is added meanwhile comes with the next file.
    if (entries.length === size) break
    const bytes = printTrailEntry(entry)
    entries.push({ bytes, entry })
    edge = appendLeaves(native, edge, [leafHash(native, bytes)])
    roots.push(edgeRoot(native, edge))
  }
  const logged = await loggedHeads(node, (of) => roots[of])
  return printTrailFile({ origin: node.opened.origin, size, root, logged, entries })
}

async function loggedHeads(
  node: CandorNode,
  rootAt: (size: number) => Uint8Array | undefined,
): Promise<readonly LoggedHead[]> {
  const { database, logs } = node.opened
  const start = keyOf('disclosure', { byte: SPACE.head })
  const found: LoggedHead[] = []
  for await (const [key, value] of database.iterate({ gte: start, lt: after(start) })) {
    const [log, index] = [numberAt(key, 2, 4), numberAt(key, 6, 6)]
    const origin = logs.originOf(log)
    const size = parse(value)
    const [opening, secret] = (await readVault(database, node.sealer, log, index))?.research ?? []
    if (origin === undefined || !size.ok || !isCount(size.value)) continue
    const root = rootAt(size.value)
    if (root === undefined || !isBytes(opening, 32) || !isBytes(secret, 32)) continue
    found.push({ origin, index, size: size.value, root, opening, secret })
  }
  return found
}

/**
 * What to think of a head whose entries do not continue what is held: either its sender gave other bytes, or its
 * author signed two histories. The sender can tell: it shows which tree its head continues. If that is another one
 * than ours, both heads and its answer are the proof; if it cannot, it pays. DESIGN §4.6, spec 04 §8.
 */
import type { Connection } from '@libp2p/interface'
import { equal } from '../../protocol/bytes.ts'
import { keysInForce } from '../../protocol/identity/keystate.ts'
import { parseSignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { verifyConsistency } from '../../protocol/log/proof.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import type { Evidence } from '../evidence/evidence.ts'
import { ask } from '../net/ask.ts'
import type { Logs } from '../store/logs.ts'
import { subjectOf } from './contradiction.ts'

export type DoubtParts = {
  readonly primitives: Primitives
  readonly logs: Logs
  readonly evidence: Pick<Evidence, 'consider' | 'frozen'>
  readonly protocol: string
  readonly own: { readonly origin: string }
}

/**
 * `open`: we hold no signed head that the doubted one could be compared with. `ours`: it contradicts our own copy of our own
 * log. A database from a backup may hold heads that nobody else ever saw: we do not accuse ourselves with them.
 */
export type Explained = 'forked' | 'lie' | 'open' | 'ours'

type Claim = Parameters<Evidence['consider']>[0]

/** Asks the peer that gave this head what it continues. Throws what `ask` throws. */
export async function explain(
  { primitives, logs, evidence, protocol, own }: DoubtParts,
  connection: Connection,
  note: Uint8Array,
  signal: AbortSignal,
): Promise<Explained> {
  const signed = parseSignedCheckpoint(note)
  if (!signed.ok) return 'lie'
  const { origin, size, root } = signed.value.checkpoint
  const log = logs.get(origin)
  // Without anything held there is no other history to continue.
  if (log === undefined || log.edge.size === 0) return 'lie'
  const ours = log.complete ?? log.pending
  const held = ours === undefined ? undefined : parseSignedCheckpoint(ours)
  const [logKey] = log.keys === undefined ? [] : keysInForce(log.keys, 'log', 0)
  if (ours === undefined || held?.ok !== true || logKey === undefined) return 'open'
  const from = held.value.checkpoint.size
  if (from === 0 || from > size) return 'open'
  if (from === size && equal(root, held.value.checkpoint.root)) return 'lie'
  const two = { subject: subjectOf(origin, logKey.key), a: ours, b: note }
  const source = 'a peer that holds another history'
  const accuse = async (claim: Claim): Promise<Explained> => {
    if (origin === own.origin) return 'ours'
    const added = await evidence.consider(claim, source)
    return added === undefined || added.kind === 'refused' ? 'open' : 'forked'
  }
  if (from === size) return accuse(two)
  const prefix = await askPrefix(connection, protocol, { origin, from, size }, signal)
  if (prefix === undefined) return 'lie'
  const claim = { oldSize: from, oldRoot: prefix.root, size, root, proof: prefix.proof }
  if (!verifyConsistency(primitives, claim).ok) return 'lie'
  // It continues the very head we hold: so what the peer gave before were not the entries between the two.
  if (equal(prefix.root, held.value.checkpoint.root)) return 'lie'
  return accuse({ ...two, prefix: { prefixRoot: prefix.root, proof: prefix.proof } })
}

async function askPrefix(
  connection: Connection,
  protocol: string,
  place: { readonly origin: string; readonly from: number; readonly size: number },
  signal: AbortSignal,
) {
  for await (const answer of ask(connection, protocol, { t: 'prefix', ...place }, signal)) {
    return answer.t === 'prefix' ? answer : undefined
  }
  return undefined
}

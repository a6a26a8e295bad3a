/**
 * What a bundle tells against somebody, compared with what this node holds: proofs that it carries, heads of a log that exclude those
 * held here, an entry in the place of another, and lines of cosigners that contradict themselves. Each becomes a proof file and has
 * the consequences of any other (DESIGN §4.6, spec 04 §8). Nothing else of a bundle is taken in: it brings no entries.
 *
 * Of heads of our own log the cosigners’ lines alone are looked at: a node does not accuse itself, and recovery alone asks how far its log goes (spec 04 §6).
 */
import { equal, printHex } from '../protocol/bytes.ts'
import type { Bundle } from '../protocol/audit/bundle.ts'
import { parseSignedCheckpoint, type SignedCheckpoint } from '../protocol/log/checkpoint.ts'
import { isLineOf } from '../protocol/log/equivocation.ts'
import { printEquivocation } from '../protocol/log/equivocation-file.ts'
import { proveLeaf } from '../protocol/log/equivocation-maker.ts'
import { printNote } from '../protocol/log/note.ts'
import { printProofFile, type ProofFile } from '../protocol/log/proof-file.ts'
import { keysInForce } from '../protocol/identity/keystate.ts'
import type { Primitives } from '../protocol/primitives.ts'
import type { Logs } from './store/logs.ts'
import type { Cosigned } from './sync/cosigned.ts'
import { subjectOf } from './sync/contradiction.ts'
import type { Verifier } from './sync/verifier.ts'
import type { Evidence, Held } from './evidence/evidence.ts'

export type BundledParts = {
  readonly primitives: Primitives
  readonly logs: Logs
  readonly evidence: Evidence
  readonly verifier: Pick<Verifier, 'receive'>
  readonly cosigned: Pick<Cosigned, 'add' | 'heed'>
  readonly ownOrigin: string
}

export type Bundled = {
  /** All that is held against the logs and cosigners in the bundle, oldest first. */
  readonly proofs: readonly Held[]
  /** Heads that agree with what is held; that are kept until their entries come; and what says nothing here. */
  readonly heads: { readonly agree: number; readonly wait: number; readonly passedOver: number }
}

const SOURCE = 'a bundle given to this node'

/** Takes in what a bundle tells against somebody. A proof that is new freezes what it convicts before this answers. */
export async function considerBundle(parts: BundledParts, bundle: Bundle): Promise<Bundled> {
  const { evidence } = parts
  const found = new Set<string>()
  for (const file of bundle.equivocations) {
    const added = await evidence.add(file, SOURCE)
    if (added.kind !== 'refused') found.add(printHex(added.held.id))
  }
  const notes = notesOf(bundle)
  const heads = { agree: 0, wait: 0, passedOver: 0 }
  for (const one of notes) heads[await consider(parts, one)] += 1
  for (const { file } of [...bundle.keys, ...bundle.proofs.map((file) => ({ file }))])
    await considerEntry(parts, file)
  const proofs = evidence.list().filter((held) => found.has(printHex(held.id)) || isAbout(parts, held, notes))
  return { proofs, heads }
}

/** Every head in a bundle, each once. There are as many as its maker met, and each costs a signature. */
function notesOf({ proofs, keys, consistency }: Bundle): readonly SignedCheckpoint[] {
  const all = [
    ...proofs.map(({ signed }) => signed),
    ...keys.map(({ file }) => file.signed),
    ...consistency.flatMap(({ from, to }) => [from, to]),
  ]
  return [...new Map(all.map((one) => [Buffer.from(printNote(one.note)).toString(), one])).values()]
}

/** As gossip does with a head that comes without entries. */
async function consider(
  { verifier, cosigned, ownOrigin }: BundledParts,
  { checkpoint, note: parsed }: SignedCheckpoint,
): Promise<keyof Bundled['heads']> {
  const note = printNote(parsed)
  const { kind } =
    checkpoint.origin === ownOrigin ? { kind: 'ours' as const } : await verifier.receive(note, null)
  if (kind === 'stored' || kind === 'held') {
    await cosigned.add(note)
    return 'agree'
  }
  await cosigned.heed(note)
  return kind === 'behind' ? 'wait' : 'passedOver'
}

/** Another entry than ours in one place is a proof, whichever head it stands under: two proof files. */
async function considerEntry(parts: BundledParts, theirs: ProofFile): Promise<void> {
  const { primitives, logs, evidence, ownOrigin } = parts
  const { origin } = theirs.signed.checkpoint
  const log = logs.get(origin)
  const ours = log?.complete === undefined ? undefined : parseSignedCheckpoint(log.complete)
  const [logKey] = log?.keys === undefined ? [] : keysInForce(log.keys, 'log', 0)
  if (log === undefined || ours?.ok !== true || logKey === undefined || origin === ownOrigin) return
  if (evidence.frozen(origin) !== undefined) return
  const { index } = theirs
  const { size } = ours.value.checkpoint
  const [entry] = index < size ? logs.entries(log, index, 1) : []
  if (entry === undefined || equal(entry, theirs.entry)) return
  const proof = await logs.inclusionProof(log, index, size)
  const two = [{ entry, index, proof, signed: ours.value }, theirs] as const
  const [a, b] = [printProofFile(two[0]), printProofFile(two[1])]
  // It verifies both: an entry that is not under a head of the log’s own key proves nothing.
  const made = proveLeaf(primitives, { subject: subjectOf(origin, logKey.key), a, b })
  if (made.ok) await evidence.add(printEquivocation(primitives, made.value), SOURCE)
}

function isAbout(
  { primitives }: BundledParts,
  { convicted, proven }: Held,
  notes: readonly SignedCheckpoint[],
): boolean {
  if (convicted.kind === 'log') return notes.some(({ checkpoint }) => checkpoint.origin === convicted.origin)
  return notes.some(({ note }) => note.signatures.some((line) => isLineOf(primitives, proven.subject, line)))
}

/** Proofs of equivocation as the API shows them. */
import { printBase64, printHex } from '../../protocol/bytes.ts'
import type { Convicted } from '../../protocol/governance/accountable.ts'
import { parseBundleFile } from '../../protocol/audit/bundle.ts'
import type { Checkpoint } from '../../protocol/log/checkpoint.ts'
import { printVerifierKey } from '../../protocol/log/note.ts'
import type { AddedBundleView, AddedProofView, HeadView, ProofView } from '../api/service.ts'
import { NodeError, type ErrorCode } from '../errors.ts'
import { considerBundle } from '../bundled.ts'
import type { Evidence, EvidenceFault, Held } from '../evidence/evidence.ts'
import { native } from '../keys/native.ts'
import type { CandorNode } from '../node.ts'
import { timeView } from './view.ts'

/** Letters of an id that are asked for at least: a few of them are typed, never chosen for anybody. */
const ID_LETTERS_MIN = 6

export function listProofs(evidence: Evidence): readonly ProofView[] {
  return evidence.list().map((held) => heldView(evidence, held))
}

export function findProof(evidence: Evidence, id: string): Held {
  if (!/^[0-9a-f]{6,64}$/.test(id)) {
    throw new NodeError('USAGE', `the id of a proof is ${ID_LETTERS_MIN} to 64 hexadecimal digits`)
  }
  const [found, ...others] = evidence.list().filter((held) => printHex(held.id).startsWith(id))
  if (others.length > 0) throw new NodeError('AMBIGUOUS_ID', 'more than one proof begins so')
  if (found !== undefined) return found
  throw new NodeError('NOT_FOUND', 'this node holds no such proof', { fix: 'candor evidence list' })
}

export async function addProof(
  evidence: Evidence,
  bytes: Uint8Array,
  { checkOnly }: { readonly checkOnly: boolean },
): Promise<AddedProofView> {
  if (checkOnly) {
    const checked = evidence.check(bytes)
    if (checked.ok) return { state: 'checked', proof: proofView(evidence, checked.value) }
    throw refusal(checked.fault)
  }
  const added = await evidence.add(bytes, 'given to this node')
  if (added.kind === 'refused') throw refusal(added.fault)
  return { state: added.kind, proof: heldView(evidence, added.held) }
}

/** Compares a bundle with what this node holds. Throws BUNDLE_INVALID. */
export async function addBundle(
  { opened, network }: CandorNode,
  bytes: Uint8Array,
): Promise<AddedBundleView> {
  const { logs, evidence, cosigned, origin: ownOrigin } = opened
  const read = parseBundleFile(bytes)
  if (!read.ok) throw new NodeError('BUNDLE_INVALID', `the file is no bundle (${read.fault})`)
  const known = new Set(evidence.list())
  const parts = { primitives: native, logs, evidence, cosigned, verifier: network.verifier, ownOrigin }
  const { proofs, heads } = await considerBundle(parts, read.value)
  const views = proofs.map((held): AddedProofView => {
    return { state: known.has(held) ? 'known' : 'new', proof: heldView(evidence, held) }
  })
  return { proofs: views, heads }
}

function refusal(fault: EvidenceFault): NodeError {
  const [code, message] = SENTENCES[fault] ?? [
    'EVIDENCE_INVALID',
    'it does not prove that two histories were signed',
  ]
  return new NodeError(code, `${message} (${fault}); nothing was changed`)
}

const SENTENCES: { readonly [fault in EvidenceFault]?: readonly [ErrorCode, string] } = {
  'not-a-member': ['EVIDENCE_KEY', 'what it convicts is no log or cosigner of a member of this network'],
  'key-not-declared': ['EVIDENCE_KEY', 'its key is not the one that the log declares'],
  'key-not-in-force': ['EVIDENCE_KEY', 'its key is not, or no more, in force for what it signed'],
  'key-not-known-yet': ['EVIDENCE_KEY', 'the log that declares its key is not held here yet'],
  'clock-outside': ['EVIDENCE_KEY', 'an outside witness may have set its clock back; its trees agree'],
}

export function heldView(evidence: Evidence, held: Held): ProofView {
  return { ...proofView(evidence, held), since: timeView(held.at), source: held.source }
}

function proofView(
  evidence: Evidence,
  { id, proven, convicted }: Pick<Held, 'id' | 'proven' | 'convicted'>,
): ProofView {
  const { kind, subject, origin, heads, commonSizeMax, times } = proven
  return {
    id: printHex(id),
    kind,
    convicts: convictsView(convicted),
    ...(convicted.kind === 'log' ? { freezes: !evidence.isProtected(convicted.origin) } : {}),
    domain: convicted.domain,
    subject: printVerifierKey(native, subject),
    origin,
    heads: [headView(heads[0]), headView(heads[1])],
    commonSizeMax,
    ...(times === undefined ? {} : { times }),
  }
}

function convictsView(convicted: Convicted): ProofView['convicts'] {
  return convicted.kind === 'log' ? 'log' : convicted.role
}

function headView({ origin, size, root }: Checkpoint): HeadView {
  return { origin, size, root: printBase64(root) }
}

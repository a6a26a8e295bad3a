/** `candor evidence`: proofs that a key signed two histories, held by the node, in a file or in what a bundle shows. */
import { checkedPrimitives, NodeError, type ProofView } from '../../node/api/client.ts'
import { parseBundleFile } from '../../protocol/audit/bundle.ts'
import { printBase64, printHex } from '../../protocol/bytes.ts'
import { parseEquivocation } from '../../protocol/log/equivocation-file.ts'
import {
  equivocationId,
  verifyEquivocation,
  type ProvenEquivocation,
} from '../../protocol/log/equivocation.ts'
import { printVerifierKey } from '../../protocol/log/note.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { readInput, writeOutput } from '../files.ts'
import { faint, marked } from '../look.ts'
import type { Commands } from '../program.ts'
import { renderAdded, renderBundled, renderProof, renderProofs } from '../render/evidence.ts'
import { safe, safeLines } from '../safe.ts'

const ID = 'the id of a proof, or its first six digits or more'

export function addEvidence({ group, context }: Commands): void {
  const evidence = group('evidence').description('proofs of two histories: list, show, export, check, add')
  evidence
    .command('list')
    .description('the proofs this node holds, and whom they are against')
    .action(async (_options: object, command) => {
      const at = context(command)
      const proofs = await at.client.evidenceList()
      await at.answer('evidence-list', proofs, () => renderProofs(at.look, proofs))
    })
  evidence
    .command('show')
    .description('both branches: the two heads, and how much they share')
    .argument('<id>', ID)
    .action(async (id: string, _options: object, command) => {
      const at = context(command)
      const proof = await heldProof(at, id)
      await at.answer('evidence', proof, () => renderProof(at.look, proof))
    })
  evidence
    .command('export')
    .description('the proof as a file that anybody can check, also without Candor')
    .argument('<id>', ID)
    .option('-o, --out <file>', 'a new file; the proof is printed without it')
    .action(async (id: string, { out }: { out?: string }, command) => exportProof(context(command), id, out))
  evidence
    .command('check')
    .description('what a file proves; checked here, nothing is changed')
    .argument('<file>', 'a proof file')
    .action(async (file: string, _options: object, command) => checkFile(context(command), file))
  evidence
    .command('add')
    .description(
      'hand a proof, or a bundle to look through, to the node: what is convicted is frozen, and the other members are told',
    )
    .argument('<file>', 'a proof file, or a .candor-bundle')
    .action(async (file: string, _options: object, command) => addFile(context(command), file))
}

async function heldProof(at: Context, id: string): Promise<ProofView> {
  // The node finds the one that is meant; its file is what the view is made of there.
  const file = await at.client.evidenceFile(id)
  const whole = printHex(equivocationId(checkedPrimitives(), file))
  const proof = (await at.client.evidenceList()).find((one) => one.id === whole)
  if (proof !== undefined) return proof
  throw new NodeError('NOT_FOUND', 'this node holds no such proof', { fix: 'candor evidence list' })
}

async function exportProof(at: Context, id: string, out: string | undefined): Promise<void> {
  const file = await at.client.evidenceFile(id)
  const text = Buffer.from(file).toString('utf8')
  if (out !== undefined) writeOutput(out, file)
  const data = { id: printHex(equivocationId(checkedPrimitives(), file)), file: text, out: out ?? null }
  await at.answer('evidence-file', data, () =>
    out === undefined ? safeLines(text.trimEnd()) : [marked(at.look, 'ok', `written to ${safe(out)}`)],
  )
}

/** The signatures and hashes are checked in this process; whose key it is only a node knows. */
async function checkFile(at: Context, path: string): Promise<void> {
  const bytes = readInput(path)
  const proven = proofIn(bytes)
  const judged = await at.client.addEvidence(bytes, { checkOnly: true }).then(
    ({ proof }) => ({ proof, why: undefined }),
    (error: unknown) => {
      if (!(error instanceof NodeError)) throw error
      return { proof: undefined, why: error }
    },
  )
  const { proof, why } = judged
  at.setExit(why?.code === 'EVIDENCE_KEY' ? EXIT.key : EXIT.splitView)
  const data = { ...claimView(bytes, proven), convicts: proof?.convicts ?? null, why: why?.message ?? null }
  await at.answer('evidence-check', data, () =>
    proof === undefined ? renderClaim(at, proven, why) : renderProof(at.look, proof),
  )
}

function renderClaim(
  at: Context,
  { origin, subject, heads }: ProvenEquivocation,
  why: NodeError | undefined,
) {
  return [
    marked(at.look, 'fail', `The key of ${safe(subject.name)} signed two histories`),
    `  log     ${safe(origin)}`,
    ...heads.map(({ size, root }, side) => `  head ${'AB'[side]}  size ${size}, root ${printBase64(root)}`),
    marked(at.look, 'warn', `Whom that convicts is not known: ${safe(why?.message ?? 'no node was asked')}`),
    faint(at.look, '  the proof is about this key, whoever holds it'),
  ]
}

async function addFile(at: Context, path: string): Promise<void> {
  const bytes = readInput(path)
  if (parseBundleFile(bytes).ok) return addBundle(at, bytes)
  proofIn(bytes)
  const { state, proof } = await at.client.addEvidence(bytes)
  at.setExit(EXIT.splitView)
  await at.answer('evidence-added', { state, proof }, () => renderAdded(at.look, { state, proof }))
}

/** What contradicts itself in a bundle, or with what the node holds, is made into proofs there. */
async function addBundle(at: Context, bytes: Uint8Array): Promise<void> {
  const added = await at.client.addBundle(bytes)
  if (added.proofs.length > 0) at.setExit(EXIT.splitView)
  await at.answer('evidence-of-bundle', added, () => renderBundled(at.look, added))
}

/** What the file proves by itself, or EVIDENCE_INVALID. */
function proofIn(bytes: Uint8Array): ProvenEquivocation {
  const primitives = checkedPrimitives()
  const claim = parseEquivocation(primitives, bytes)
  const proven = claim.ok ? verifyEquivocation(primitives, claim.value) : claim
  if (proven.ok) return proven.value
  throw new NodeError(
    'EVIDENCE_INVALID',
    `the file does not prove that two histories were signed (${proven.fault})`,
  )
}

function claimView(bytes: Uint8Array, { kind, origin, subject, heads, commonSizeMax }: ProvenEquivocation) {
  const primitives = checkedPrimitives()
  return {
    id: printHex(equivocationId(primitives, bytes)),
    kind,
    origin,
    subject: printVerifierKey(primitives, subject),
    heads: heads.map(({ size, root }) => ({ origin, size, root: printBase64(root) })),
    commonSizeMax,
  }
}

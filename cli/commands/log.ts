/** `candor log`: the signed head of a log, and the proof that a record is under it. */
import { checkedPrimitives, NodeError, type EvidenceView } from '../../node/api/client.ts'
import { printBase64, printHex } from '../../protocol/bytes.ts'
import { parseSignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import { verifyInclusion } from '../../protocol/log/proof.ts'
import { printProofFile } from '../../protocol/log/proof-file.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { faint, marked } from '../look.ts'
import { writeOutput } from '../files.ts'
import type { Commands } from '../program.ts'
import { addLogDiff } from './log-diff.ts'
import { addLogShow } from './log-show.ts'
import { addExportTiles } from './mirror.ts'
import { renderLogs } from '../render/status.ts'
import { safe } from '../safe.ts'
import { addPolicy } from './policy.ts'
import { addRecover } from './recover.ts'

export function addLog({ group, context }: Commands): void {
  const log = group('log').description('logs: list, head, show, proof, diff, policy, export-tiles, recover')
  log
    .command('list')
    .description('the logs this node holds')
    .action(async (_options: object, command) => {
      const at = context(command)
      const logs = await at.client.logs()
      await at.answer('log-list', logs, () => renderLogs(at.look, logs))
    })
  log
    .command('head')
    .description("the signed head of a log (C2SP checkpoint); the member's own unless another is named")
    .argument('[domain]', 'the member whose log it is')
    .action(async (domain: string | undefined, _options: object, command) => {
      const at = context(command)
      const note = await at.client.head(domain)
      const read = parseSignedCheckpoint(note)
      if (!read.ok) throw new NodeError('STORE_DAMAGED', `the node's head is no checkpoint (${read.fault})`)
      const { origin, size, root } = read.value.checkpoint
      const text = Buffer.from(note).toString('utf8')
      const data = { origin, size, root: printBase64(root), note: text }
      await at.answer('log-head', data, () => text.trimEnd().split('\n').map(safe))
    })
  log
    .command('proof')
    .description('the proof that a record is in its log, checked here')
    .argument('<id>', 'a record id, or its first six letters or more')
    .option('--author <domain>', 'where two members use one id')
    .option('-o, --output <file>', 'the proof of its newest version as a C2SP .tlog-proof file')
    .action(async (id: string, { author, output }: { author?: string; output?: string }, command) => {
      const at = context(command)
      const found = await at.client.evidence(id, author)
      for (const evidence of found) await prove(at, evidence)
      const newest = found.at(-1)
      if (output !== undefined && newest !== undefined) await writeProof(at, newest, output)
    })
  addLogShow(log, context)
  addLogDiff(log, context)
  addPolicy(log, context)
  addExportTiles(log, context)
  addRecover(log, context)
}

async function prove(at: Context, { origin, index, entry, note, proof }: EvidenceView): Promise<void> {
  const primitives = checkedPrimitives()
  const head = parseSignedCheckpoint(note)
  if (!head.ok) throw new NodeError('STORE_DAMAGED', `the node's head is no checkpoint (${head.fault})`)
  const { size, root } = head.value.checkpoint
  const leaf = leafHash(primitives, entry)
  const holds =
    verifyInclusion(primitives, { leaf, index, size, root, proof }).ok &&
    head.value.checkpoint.origin === origin
  if (!holds) at.setExit(EXIT.invalid)
  const hashes = proof.map(printBase64)
  const data = {
    origin,
    index,
    leaf: printHex(leaf),
    size,
    root: printBase64(root),
    hashes,
    holds,
    entry: printBase64(entry),
    note: Buffer.from(note).toString('utf8'),
  }
  await at.answer('log-proof', data, () => [
    marked(
      at.look,
      holds ? 'ok' : 'fail',
      `entry ${index} ${holds ? 'is' : 'is NOT'} under the head of size ${size}`,
    ),
    `  origin ${safe(origin)}`,
    `  leaf   ${printBase64(leaf)}`,
    ...hashes.map((hash, level) => `  ${String(level).padStart(4)}   ${hash}`),
    `  root   ${printBase64(root)}`,
    faint(at.look, `  the head's signature is not checked here: ${at.typed('candor verify ID')}`),
  ])
}

/** The file that strangers' verifiers read (spec 03 §8), with the cosignatures that are known for its head. */
async function writeProof(at: Context, { origin, index, entry, note, proof }: EvidenceView, file: string) {
  const [bare, cosigned] = [parseSignedCheckpoint(note), parseSignedCheckpoint(await at.client.head(origin))]
  if (!bare.ok) throw new NodeError('STORE_DAMAGED', `the node's head is no checkpoint (${bare.fault})`)
  // The head may have moved on since: then the cosignatures are those of another one.
  const isSame = cosigned.ok && cosigned.value.note.text === bare.value.note.text
  const signed = isSame ? cosigned.value : bare.value
  writeOutput(file, printProofFile({ entry, index, proof, signed }))
  await at.note(`wrote ${file}`)
}

/** An auditor's key: made and used in processes of their own, because this one holds no private keys. */
import { resolve } from 'node:path'
import { checkReport } from '../protocol/audit/report-signature.ts'
import { parseBase64, printHex } from '../protocol/bytes.ts'
import { parseVerifierKey } from '../protocol/log/note.ts'
import { checkedPrimitives, NodeError } from '../node/api/client.ts'
import type { Command } from 'commander'
import { usage, type Context } from './context.ts'
import { EXIT } from './exit-codes.ts'
import { readInput, writeOutput } from './files.ts'
import { marked } from './look.ts'
import type { Commands } from './program.ts'
import { hiddenLine } from './prompt.ts'
import { safe } from './safe.ts'
import { actOfNode, readPassphrase, withPassphrase, type Passphrase } from './spawn-node.ts'

type SignOptions = { readonly auditor: string; readonly output: string; readonly passphraseFile?: string }
type CheckOptions = { readonly signature: string; readonly key: string }
type Options = {
  readonly auditor: string
  readonly name: string
  readonly passphrase: boolean
  readonly passphraseFile?: string
}

export function addAuditorKey(key: Command, context: Commands['context']): void {
  key
    .command('new')
    .description('an auditor’s key, in a file of its own: it signs reports and nothing else')
    .requiredOption('--auditor <file>', 'where to write it')
    .option('--name <name>', 'what the signature line names, such as audit.example/auditor', 'auditor')
    .option('--passphrase-file <file>', 'seal it under the passphrase in this file')
    .option('--no-passphrase', 'leave it to the permissions of the file')
    .action(async (options: Options, command) => {
      const at = context(command)
      const file = resolve(options.auditor)
      const words = ['auditor-key', '--file', file, '--name', options.name]
      const made = await actOfNode(words, await passphraseOf(at, options))
      const data = {
        file,
        name: options.name,
        keyId: String(made['keyId']),
        verifierKey: String(made['verifierKey']),
      }
      await at.answer('auditor-key', data, () => [
        marked(at.look, 'ok', `wrote an auditor’s key to ${file}`),
        `  key id ${data.keyId}`,
        `  ${data.verifierKey}`,
        'Hand the second line to whoever is to check your reports, over a channel they trust.',
      ])
    })
}

export function addReportSignatures(key: Command, context: Commands['context']): void {
  key
    .command('sign')
    .description('sign a report with an auditor’s key: a signed note over its SHA-256, beside it')
    .argument('<report>', 'the file to sign')
    .requiredOption('--auditor <file>', 'the key, from `candor key new --auditor`')
    .requiredOption('-o, --output <file>', 'where to write the signature')
    .option('--passphrase-file <file>', 'read the passphrase of the key from a file')
    .action(async (path: string, options: SignOptions, command) => {
      const at = context(command)
      const { auditor: file, output, passphraseFile } = options
      const key = { file, ...(passphraseFile === undefined ? {} : { passphraseFile }) }
      writeOutput(output, await signWith(at, key, readInput(path)))
      await at.answer('report-signature', { report: path, file: output }, () => [
        marked(at.look, 'ok', `wrote the signature on ${path} to ${output}`),
      ])
    })
  key
    .command('check')
    .description('check an auditor’s signature on a report')
    .argument('<report>', 'the file that was signed')
    .requiredOption('--signature <file>', 'the signature beside it')
    .requiredOption('--key <vkey>', 'the auditor’s key as you know it, such as auditor+1f2e3d4c+AbC…')
    .action(async (path: string, { signature, key: vkey }: CheckOptions, command) => {
      const at = context(command)
      const primitives = checkedPrimitives()
      const verifier = parseVerifierKey(primitives, vkey)
      if (!verifier.ok) throw usage('--key takes a verifier key: NAME+8 hexadecimal digits+base64')
      const checked = checkReport(primitives, verifier.value, readInput(path), readInput(signature))
      if (!checked.ok) at.setExit(EXIT.invalid)
      const data = {
        report: path,
        verifierKey: vkey,
        valid: checked.ok,
        fault: checked.ok ? null : checked.fault,
      }
      await at.answer('report-checked', data, () => [
        checked.ok
          ? marked(at.look, 'ok', `${safe(verifier.value.name)} signed exactly this report`)
          : marked(at.look, 'fail', `this is no signature of that key on this report (${checked.fault})`),
      ])
    })
}

/** The detached signature of an auditor's key on a report (spec 02 §8). */
async function signWith(
  at: Context,
  key: { readonly file: string; readonly passphraseFile?: string },
  report: Uint8Array,
): Promise<Uint8Array> {
  const digest = printHex(checkedPrimitives().sha256(report))
  const words = ['auditor-sign', '--file', resolve(key.file), '--digest', digest]
  const signed = await withPassphrase(at, key.passphraseFile, (passphrase) => actOfNode(words, passphrase))
  const note = parseBase64(String(signed['note']))
  if (note.ok) return note.value
  throw new NodeError('IO_FAILED', 'candor-node ended without a signature')
}

async function passphraseOf(at: Context, options: Options): Promise<Passphrase> {
  if (options.passphraseFile !== undefined) return readPassphrase(options.passphraseFile)
  if (!options.passphrase) return undefined
  if (!at.mayAsk) throw usage('say how the key is protected: --passphrase-file FILE or --no-passphrase')
  const first = await hiddenLine(at.io, 'Passphrase for the key:')
  if ((await hiddenLine(at.io, 'Once more:')) !== first) throw usage('the two passphrases differ')
  return first
}

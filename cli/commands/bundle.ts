/** `candor bundle`: one file that shows some records to somebody without a node, and what such a file holds. */
import type { Command } from 'commander'
import { checkedPrimitives, NodeError } from '../../node/api/client.ts'
import { checkBundle } from '../../protocol/audit/bundle-check.ts'
import { findingsOfBundle, verdictOfBundle } from '../../protocol/audit/bundle-verdict.ts'
import { printBundleFile } from '../../protocol/audit/bundle.ts'
import { parseSignedCheckpoint, type SignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { readBundle } from '../bundle-file.ts'
import { makeBundle } from '../bundle-maker.ts'
import { placesOfMember, placesOfRecords, placesSince, type Places } from '../bundle-places.ts'
import { usage, type Context } from '../context.ts'
import { readInput, writeOutput } from '../files.ts'
import type { Commands } from '../program.ts'
import { Progress } from '../progress.ts'
import { contentOfBundle, renderContent, renderMade } from '../render/bundle-content.ts'
import { digestOf, trustOfNode } from '../trust.ts'

type CreateOptions = {
  readonly output: string
  readonly author?: string
  readonly org?: string
  readonly since?: string
}

export function addBundle({ group, context }: Commands): void {
  const bundle = group('bundle').description(
    'proofs in one file, to be verified without a node: create, inspect',
  )
  addCreate(bundle, context)
  bundle
    .command('inspect')
    .description('what a bundle holds, as it says itself: nothing is verified')
    .argument('<file>', 'a .candor-bundle')
    .action(async (file: string, _options: object, command) => {
      const at = context(command)
      const { bytes, bundle: read } = readBundle(file)
      const content = contentOfBundle(bytes, read)
      await at.answer('bundle-content', content, () => renderContent(at.look, content, at.typed))
    })
}

function addCreate(bundle: Command, context: Commands['context']): void {
  bundle
    .command('create')
    .description('everything that shows some records, or the entries of a log, in one file')
    .argument('[ids...]', 'record ids, or their first six letters or more')
    .option('--author <domain>', 'where two members use one id')
    .option('--org <domain>', 'every entry of this member instead')
    .option('--since <file>', 'every entry of a log above this head instead (`candor log head`)')
    .requiredOption('-o, --output <file>', 'where to write it')
    .action(async (ids: readonly string[], options: CreateOptions, command) => {
      const { org, since } = options
      if ([ids.length > 0, org !== undefined, since !== undefined].filter(Boolean).length !== 1)
        throw usage('say what to show: record ids, --org DOMAIN or --since HEAD')
      await create(context(command), ids, options)
    })
}

async function create(at: Context, ids: readonly string[], options: CreateOptions): Promise<void> {
  const { client } = at
  const since = options.since === undefined ? undefined : headIn(options.since)
  const progress = new Progress(at)
  const { entries: onProgress } = progress
  try {
    const places = await placesOf(at, ids, options, since)
    const made = await makeBundle(client, { places, since, onProgress })
    const bytes = printBundleFile(made)
    // As its reader would, so that nobody carries away a file that shows less than they think.
    const checked = checkBundle(checkedPrimitives(), made, (await trustOfNode(client)).trust)
    progress.done()
    writeOutput(options.output, bytes)
    const verdict = verdictOfBundle(checked)
    const codes = [...new Set(findingsOfBundle(checked).map(({ code }) => code))]
    const counts = { statements: made.proofs.length, bytes: bytes.length }
    const policy = made.policy === null ? null : digestOf(made.policy)
    const data = {
      file: options.output,
      digest: digestOf(bytes),
      ...counts,
      policy,
      verdict,
      findings: codes,
    }
    await at.answer('bundle', data, () => renderMade(at.look, data, at.typed))
  } finally {
    progress.done()
  }
}

function placesOf(
  { client }: Context,
  ids: readonly string[],
  { author, org }: CreateOptions,
  since: SignedCheckpoint | undefined,
): Promise<Places> {
  if (since !== undefined) return placesSince(client, since)
  return org === undefined ? placesOfRecords(client, ids, author) : placesOfMember(client, org)
}

/** The head in a file, as `candor log head` prints it. */
export function headIn(file: string): SignedCheckpoint {
  const read = parseSignedCheckpoint(readInput(file))
  if (read.ok) return read.value
  throw new NodeError('BAD_INPUT', `${file} holds no signed head (${read.fault})`, { fix: 'candor log head' })
}

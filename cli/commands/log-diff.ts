/** `candor log diff`: two views of one log, and which of them continues the other. */
import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { clientOf, NodeError, socketIn, type Client } from '../../node/api/client.ts'
import { NOTE_BYTES_MAX } from '../../protocol/limits.ts'
import { isDomain, parseOrigin, parseSignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { parseTreeIndex, directoryOf, TREE_INDEX_BYTES_MAX } from '../../protocol/log/tree-index.ts'
import { charterOf } from '../audit.ts'
import { usage, type Context } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { readInput } from '../files.ts'
import { nodeSource } from '../leaf-source.ts'
import { compareViews, viewOf, type LogViewOf } from '../log-views.ts'
import type { Commands } from '../program.ts'
import { renderDifference } from '../render/log.ts'
import { INDEX } from '../tree/mirror.ts'
import { readerOf, within, type TreeReader } from '../tree/reader.ts'
import { treeSource } from '../tree/source.ts'

type Options = { readonly log?: string; readonly charter?: string }

export function addLogDiff(log: Command, context: Commands['context']): void {
  log
    .command('diff')
    .description('two views of one log: which continues the other, or where they part')
    .argument(
      '<a>',
      'a checkpoint file, published logs (folder or URL), a home, or a member as this node holds it',
    )
    .argument('<b>', 'the same')
    .option('--log <domain>', 'whose log, where a side holds several')
    .option('--charter <file>', 'the charter as you know it, instead of the node’s own copy')
    .action(async (a: string, b: string, options: Options, command: Command) => {
      const at = context(command)
      const domain = options.log ?? [a, b].map(domainNamed).find((one) => one !== undefined)
      const views = [await findView(at, a, domain), await findView(at, b, domain)] as const
      const charter = await charterFor(at, options.charter)
      const difference = await compareViews(...views, charter)
      at.setExit(exitOf(difference))
      await at.answer('log-diff', difference, () => renderDifference(at.look, difference))
    })
}

function exitOf({ relation, signed }: Awaited<ReturnType<typeof compareViews>>): number {
  if (relation === 'unknown') return EXIT.incomplete
  if (signed === 'a' || signed === 'b') return EXIT.invalid
  if (relation !== 'split') return EXIT.ok
  // Only two signatures of one key prove that its owner told two stories.
  return signed === 'both' ? EXIT.splitView : EXIT.invalid
}

async function charterFor({ client }: Context, file: string | undefined) {
  if (file !== undefined) return charterOf(readInput(file))
  try {
    return charterOf(await client.charter())
  } catch (error) {
    if (error instanceof NodeError && error.code === 'NODE_UNREACHABLE') return undefined
    throw error
  }
}

async function findView(at: Context, place: string, domain: string | undefined): Promise<LogViewOf> {
  if (/^https?:\/\//.test(place)) return publishedView(readerOf(place), place, domain)
  const isThere = existsSync(place)
  if (isThere && !statSync(place).isDirectory()) return viewOf(place, readInput(place), undefined)
  if (isThere && existsSync(join(place, 'api.sock'))) {
    return nodeView(clientOf({ socket: socketIn(resolve(place)) }), place, domain)
  }
  if (isThere) return publishedView(readerOf(place), place, domain)
  if (domainNamed(place) === undefined)
    throw new NodeError('NOT_FOUND', `${place} is no file, folder, URL or member`)
  return nodeView(at.client, place, place)
}

async function nodeView(client: Client, name: string, named: string | undefined): Promise<LogViewOf> {
  const note = await client.head(named)
  const read = parseSignedCheckpoint(note)
  return viewOf(name, note, read.ok ? nodeSource(client, read.value.checkpoint.origin) : undefined)
}

/** One published log, or the one of this member among several. */
async function publishedView(tree: TreeReader, name: string, domain: string | undefined): Promise<LogViewOf> {
  const own = await tree.read('checkpoint', NOTE_BYTES_MAX)
  const reader = own === undefined ? within(tree, await directoryIn(tree, domain)) : tree
  const note = own ?? (await reader.read('checkpoint', NOTE_BYTES_MAX))
  const read = note === undefined ? undefined : parseSignedCheckpoint(note)
  if (note === undefined || read?.ok !== true)
    throw new NodeError('NOT_FOUND', `${name} holds no published log`)
  return viewOf(name, note, await treeSource(reader, read.value.checkpoint.origin))
}

async function directoryIn(tree: TreeReader, domain: string | undefined): Promise<string> {
  const bytes = await tree.read(INDEX, TREE_INDEX_BYTES_MAX)
  const index = bytes === undefined ? undefined : parseTreeIndex(bytes)
  const origins = index?.ok === true ? index.value.origins : []
  const matching = origins.filter((origin) => domain === undefined || origin.startsWith(`${domain}/`))
  const newest = matching.at(-1)
  if (newest === undefined) throw new NodeError('NOT_FOUND', `${tree.name} holds no such log`)
  if (domain === undefined && matching.length > 1)
    throw usage('several logs are published there: say which with --log DOMAIN')
  return directoryOf(newest) ?? ''
}

function domainNamed(text: string): string | undefined {
  if (existsSync(text)) return undefined
  const origin = parseOrigin(text)
  if (origin.ok) return text
  return isDomain(text) ? text : undefined
}

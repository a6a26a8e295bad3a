/** A directory with the published trees of a coalition's logs: which they are, and one pass over them. Spec 10 §2. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { NodeError, type Client } from '../../node/api/client.ts'
import { assert } from '../../protocol/assert.ts'
import { bytesOfText } from '../../protocol/bytes.ts'
import type { CharterState } from '../../protocol/governance/charter.ts'
import { directoryOf, parseTreeIndex, printTreeIndex, type TreeIndex } from '../../protocol/log/tree-index.ts'
import { charterOf } from '../audit.ts'
import { codeOf } from '../files.ts'
import { exportLog, type Exported, type Exporter } from './export.ts'
import { TreeFiles } from './files.ts'

export const INDEX = 'index'
export const CHARTER = 'charter.candor'

export type MirrorOptions = {
  readonly client: Client
  readonly directory: string
  /** Members whose logs are published; all of them where none is named. */
  readonly domain: string | undefined
  readonly onProgress: Exporter['onProgress']
}

export type Mirrored = {
  readonly logs: readonly Exported[]
  /** Logs that were left as they are, and why; the others are published all the same. */
  readonly failed: readonly { readonly origin: string; readonly error: NodeError }[]
}

/** Brings every log in the directory up to what the node holds. */
export async function mirrorOnce({
  client,
  directory,
  domain,
  onProgress,
}: MirrorOptions): Promise<Mirrored> {
  const bytes = await client.charter()
  const charter = charterOf(bytes)
  const files = new TreeFiles(directory)
  const index = await openTree(files, charter, bytes)
  const held = await client.logs()
  const wanted = held.filter((log) => log.size > 0 && (domain === undefined || log.domain === domain))
  if (wanted.length === 0) {
    throw new NodeError('NOT_FOUND', 'this node holds no such log', { fix: 'candor log list' })
  }
  const logs: Exported[] = []
  const failed: { origin: string; error: NodeError }[] = []
  for (const { origin } of wanted) {
    const name = directoryOf(origin)
    assert(name !== undefined, 'a held log has an origin')
    try {
      logs.push(await exportLog({ client, charter, onProgress }, origin, join(directory, name)))
    } catch (error) {
      if (!(error instanceof NodeError) || error.code === 'NODE_UNREACHABLE') throw error
      failed.push({ origin, error })
    }
  }
  const origins = new Set([...index.origins, ...logs.map(({ origin }) => origin)])
  await writeIndex(files, { networkId: charter.networkId, origins: sorted([...origins]) })
  return { logs, failed }
}

/** What the directory is of. An empty one becomes this coalition's; nothing of anybody else's is touched. */
async function openTree(files: TreeFiles, charter: CharterState, bytes: Uint8Array): Promise<TreeIndex> {
  const { networkId } = charter
  const held = await files.read(INDEX)
  if (held === undefined) {
    const names = (await namesIn(files.directory)).filter((name) => name !== `${INDEX}.new`)
    if (names.length > 0) {
      throw new NodeError('CONFLICT', `${files.directory} is not empty and holds no published logs`)
    }
  }
  const index =
    held === undefined ? ({ ok: true, value: { networkId, origins: [] } } as const) : parseTreeIndex(held)
  if (!index.ok) throw new NodeError('CONFLICT', `${files.directory}/${INDEX} is damaged (${index.fault})`)
  if (index.value.networkId !== networkId) {
    throw new NodeError('CONFLICT', `${files.directory} holds the logs of another coalition`)
  }
  await writeIndex(files, index.value)
  await files.write(CHARTER, bytes)
  return index.value
}

async function writeIndex(files: TreeFiles, index: TreeIndex): Promise<void> {
  await files.write(INDEX, bytesOfText(printTreeIndex(index)))
  await files.sync()
}

function sorted(origins: readonly string[]): readonly string[] {
  return origins.toSorted((a, b) => ((directoryOf(a) ?? '') < (directoryOf(b) ?? '') ? -1 : 1))
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw new NodeError('IO_FAILED', `${directory} cannot be read (${codeOf(error)})`, { cause: error })
  }
}

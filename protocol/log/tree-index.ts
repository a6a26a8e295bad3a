/**
 * The `index` of a published tree: whose coalition it is, and which directory holds which log. Spec 10 §2.
 *
 * A directory is named `log-<domain>-<epoch>`: lower-case letters, digits, dots and hyphens, never a name that a
 * file system keeps for itself, and different for every log of one network.
 */
import { textOfBytes } from '../bytes.ts'
import { LOGS_MAX } from '../limits.ts'
import { fault, ok, type Result } from '../result.ts'
import { parseOrigin } from './checkpoint.ts'

export type TreeIndex = {
  readonly networkId: string
  /** In the order of their directories. */
  readonly origins: readonly string[]
}

export type TreeIndexFault = 'tree-index' | 'tree-index-origin' | 'tree-index-order'

const HEADER = 'candor/tiles@v1'

/** A line is a directory of 142 characters at most and an origin of 255. */
export const TREE_INDEX_BYTES_MAX = 512 * LOGS_MAX

/** Undefined for a text that is no origin. */
export function directoryOf(origin: string): string | undefined {
  const read = parseOrigin(origin)
  return read.ok ? `log-${read.value.domain}-${read.value.epoch}` : undefined
}

export function printTreeIndex({ networkId, origins }: TreeIndex): string {
  return [HEADER, networkId, ...origins.map((origin) => `${directoryOf(origin)} ${origin}`), ''].join('\n')
}

export function parseTreeIndex(bytes: Uint8Array): Result<TreeIndex, TreeIndexFault> {
  const text = bytes.length > TREE_INDEX_BYTES_MAX ? undefined : textOfBytes(bytes)
  if (text?.ok !== true) return fault('tree-index')
  const [header, networkId, ...lines] = text.value.split('\n')
  if (header !== HEADER || networkId === undefined || lines.pop() !== '') return fault('tree-index')
  if (!parseOrigin(`a.example/candor/${networkId}/1`).ok || lines.length > LOGS_MAX)
    return fault('tree-index')
  const origins: string[] = []
  let last = ''
  for (const line of lines) {
    const [directory = '', origin = '', ...rest] = line.split(' ')
    const read = parseOrigin(origin)
    if (!read.ok || read.value.networkId !== networkId || rest.length > 0) return fault('tree-index-origin')
    if (directoryOf(origin) !== directory) return fault('tree-index-origin')
    if (directory <= last) return fault('tree-index-order')
    last = directory
    origins.push(origin)
  }
  return ok({ networkId, origins })
}

/** Auditing published logs from their files alone: every log that the index names, ended as its author ended it. Spec 10 §5. */
import { NodeError } from '../../node/api/client.ts'
import type { CharterState } from '../../protocol/governance/charter.ts'
import { CBOR_BYTES_MAX } from '../../protocol/limits.ts'
import { directoryOf, parseTreeIndex, TREE_INDEX_BYTES_MAX } from '../../protocol/log/tree-index.ts'
import { auditLog, charterOf, endsOf, type AuditedLog, type Auditor } from '../audit.ts'
import { readInput } from '../files.ts'
import type { TreeFault } from './check.ts'
import { CHARTER, INDEX } from './mirror.ts'
import { readerOf, within, type TreeReader } from './reader.ts'
import { treeSource, type TreeSource } from './source.ts'

/** A published file that is not what it should be, from the directory of all logs on, and the log it is of. */
export type OriginFault = TreeFault & { readonly origin: string }

export type OpenTree = {
  /** Where it is, as it was named. */
  readonly name: string
  readonly charter: CharterState
  readonly charterBytes: Uint8Array
  /** Whether the charter came with the tree. */
  readonly isCharterTheirs: boolean
  readonly origins: readonly string[]
  readonly reader: TreeReader
}

/** Reads what a tree is of. Throws NOT_FOUND, BAD_INPUT, CHARTER_INVALID, or CONFLICT for another coalition's. */
export async function openTree(place: string, charterFile: string | undefined): Promise<OpenTree> {
  const reader = readerOf(place)
  const isCharterTheirs = charterFile === undefined
  const charterBytes = isCharterTheirs ? await whole(reader, CHARTER, CBOR_BYTES_MAX) : readInput(charterFile)
  const charter = charterOf(charterBytes)
  const index = parseTreeIndex(await whole(reader, INDEX, TREE_INDEX_BYTES_MAX))
  if (!index.ok) throw new NodeError('BAD_INPUT', `${reader.name}/${INDEX} is not an index (${index.fault})`)
  const { origins, networkId } = index.value
  if (networkId !== charter.networkId) {
    throw new NodeError('CONFLICT', `${reader.name} holds the logs of another coalition than this charter's`)
  }
  return { name: reader.name, charter, charterBytes, isCharterTheirs, origins, reader }
}

export type AuditedTree = {
  readonly audited: readonly AuditedLog[]
  readonly files: readonly OriginFault[]
}

export async function auditTree(
  { reader, charter, origins }: OpenTree,
  auditor: Omit<Auditor, 'charter' | 'states'>,
): Promise<AuditedTree> {
  // Each is opened again to be audited: its tiles are compared from the first entry on, once.
  const openings = await Promise.all(origins.map((origin) => openLog(reader, origin)))
  const ends = await endsOf(
    charter,
    openings.filter((one) => one !== undefined),
  )
  const audited: AuditedLog[] = []
  const files: OriginFault[] = []
  for (const origin of origins) {
    const source = await openLog(reader, origin)
    if (source === undefined) {
      files.push(inTree(origin, { file: 'checkpoint', why: 'it is missing' }))
      continue
    }
    audited.push(await auditLog({ ...auditor, charter }, source, 'all', ends.get(origin)))
    files.push(...source.faults.map((fault) => inTree(origin, fault)))
  }
  return { audited, files }
}

/** Undefined for a log without a checkpoint. */
async function openLog(reader: TreeReader, origin: string): Promise<TreeSource | undefined> {
  try {
    return await treeSource(within(reader, directoryOf(origin) ?? ''), origin)
  } catch (error) {
    if (error instanceof NodeError && error.code === 'NOT_FOUND') return undefined
    throw error
  }
}

export function inTree(origin: string, { file, why }: TreeFault): OriginFault {
  return { origin, file: `${directoryOf(origin) ?? ''}/${file}`, why }
}

async function whole(reader: TreeReader, path: string, bytesMax: number): Promise<Uint8Array> {
  const bytes = await reader.read(path, bytesMax)
  if (bytes !== undefined) return bytes
  throw new NodeError('NOT_FOUND', `${reader.name} has no ${path}`)
}

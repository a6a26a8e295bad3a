/** `candor verify --tiles`: audits published logs from their files alone, in this process. Spec 10 §5. */
import { NodeError } from '../../node/api/client.ts'
import { parties } from '../../protocol/governance/charter.ts'
import { CBOR_BYTES_MAX } from '../../protocol/limits.ts'
import { verdictOfLogs, type LogReport } from '../../protocol/audit/report.ts'
import { parseOrigin } from '../../protocol/log/checkpoint.ts'
import { printPartsPath } from '../../protocol/log/parts-bundle.ts'
import { TILE_WIDTH } from '../../protocol/log/tile.ts'
import { directoryOf, parseTreeIndex, TREE_INDEX_BYTES_MAX } from '../../protocol/log/tree-index.ts'
import { auditLog, charterOf, type Auditor } from '../audit.ts'
import type { Context } from '../context.ts'
import { readInput } from '../files.ts'
import { Progress } from '../progress.ts'
import { renderAudit } from '../render/audit.ts'
import type { TreeFault } from '../tree/check.ts'
import { CHARTER, INDEX } from '../tree/mirror.ts'
import { readerOf, within, type TreeReader } from '../tree/reader.ts'
import { treeSource } from '../tree/source.ts'
import { EXITS, reportView, worse } from './verify.ts'

export async function verifyTiles(
  at: Context,
  place: string,
  charterFile: string | undefined,
): Promise<void> {
  const reader = readerOf(place)
  const bytes =
    charterFile === undefined ? await whole(reader, CHARTER, CBOR_BYTES_MAX) : readInput(charterFile)
  const charter = charterOf(bytes)
  const index = parseTreeIndex(await whole(reader, INDEX, TREE_INDEX_BYTES_MAX))
  if (!index.ok) throw new NodeError('BAD_INPUT', `${reader.name}/${INDEX} is not an index (${index.fault})`)
  const { origins, networkId } = index.value
  if (networkId !== charter.networkId) {
    throw new NodeError('CONFLICT', `${reader.name} holds the logs of another coalition than this charter's`)
  }
  const progress = new Progress(at)
  const onProgress = (origin: string, done: number, size: number) =>
    progress.at(() => `${origin.split('/')[0] ?? ''}: ${done} of ${size} entries`)
  const reports: LogReport[] = []
  const files: TreeFault[] = []
  try {
    for (const origin of origins) {
      const found = await verifyLog({ charter, home: at.home, onProgress }, reader, origin)
      if (found.report !== undefined) reports.push(found.report)
      files.push(...found.files)
    }
  } finally {
    progress.done()
  }
  const published = new Set(origins.map(domainOf))
  const missing = parties(charter)
    .map(({ domain }) => domain)
    .filter((one) => !published.has(one))
  const found = worse(verdictOfLogs(reports), missing.length > 0)
  const verdict = files.length > 0 && found !== 'split-view' ? 'invalid' : found
  const charterFrom = charterFile === undefined ? 'tiles' : 'file'
  const from = { charterFrom, cosignersFrom: 'logs', networkId } as const
  const audit = { verdict, ...from, reports, statements: [], missing, files }
  at.setExit(EXITS[verdict])
  await at.answer('verified', { ...audit, reports: reports.map(reportView) }, () =>
    renderAudit(at.look, audit),
  )
}

async function verifyLog(auditor: Auditor, tree: TreeReader, origin: string) {
  const directory = directoryOf(origin) ?? ''
  const inTree = ({ file, why }: TreeFault) => ({ file: `${directory}/${file}`, why })
  try {
    const source = await treeSource(within(tree, directory), origin)
    const { report } = await auditLog(auditor, source, 'all')
    return { report, files: [...source.faults, ...partFaults(report)].map(inTree) }
  } catch (error) {
    if (!(error instanceof NodeError) || error.code !== 'NOT_FOUND') throw error
    return { report: undefined, files: [inTree({ file: 'checkpoint', why: 'it is missing' })] }
  }
}

/** What an audit found wrong with a part, by the file it stands in. */
function partFaults({ findings, head }: LogReport): readonly TreeFault[] {
  return findings.flatMap(({ code, index }) => {
    if (index === undefined || head === undefined || !code.startsWith('part-') || code === 'part-missing')
      return []
    const bundle = Math.floor(index / TILE_WIDTH)
    const width = Math.min(TILE_WIDTH, head.size - bundle * TILE_WIDTH)
    return [
      { file: printPartsPath(bundle, width), why: `the part of entry ${index} is not its own (${code})` },
    ]
  })
}

async function whole(reader: TreeReader, path: string, bytesMax: number): Promise<Uint8Array> {
  const bytes = await reader.read(path, bytesMax)
  if (bytes !== undefined) return bytes
  throw new NodeError('NOT_FOUND', `${reader.name} holds no published logs: there is no ${path}`)
}

function domainOf(origin: string): string | undefined {
  const read = parseOrigin(origin)
  return read.ok ? read.value.domain : undefined
}

/** `candor verify --tiles`: audits published logs from their files alone, in this process. Spec 10 §5. */
import { parties } from '../../protocol/governance/charter.ts'
import { verdictOfLogs, type LogReport } from '../../protocol/audit/report.ts'
import { parseOrigin } from '../../protocol/log/checkpoint.ts'
import { printPartsPath } from '../../protocol/log/parts-bundle.ts'
import { TILE_WIDTH } from '../../protocol/log/tile.ts'
import { seenTogether } from '../audit.ts'
import { withCosigners } from '../confirmed.ts'
import type { Context } from '../context.ts'
import { Progress } from '../progress.ts'
import { renderAudit } from '../render/audit.ts'
import { auditTree, inTree, openTree, type OriginFault } from '../tree/audit.ts'
import { EXITS, reportView, worse } from './verify.ts'

type Options = { readonly charter?: string; readonly jobs?: number }

export async function verifyTiles(at: Context, place: string, { charter: file, jobs }: Options) {
  const tree = await openTree(place, file)
  const { charter, origins } = tree
  const progress = new Progress(at)
  const threads = jobs === undefined ? {} : { jobs }
  const { audited, files: found } = await auditTree(tree, {
    home: at.home,
    onProgress: progress.entries,
    ...threads,
  }).finally(() => progress.done())
  const reports = withCosigners(charter, audited, seenTogether(audited))
  const files = [...found, ...reports.flatMap(partFaults)].map(({ file, why }) => ({ file, why }))
  const published = new Set(origins.map(domainOf))
  const missing = parties(charter)
    .map(({ domain }) => domain)
    .filter((one) => !published.has(one))
  const judged = worse(verdictOfLogs(reports), missing.length > 0)
  const verdict = files.length > 0 && judged !== 'split-view' ? 'invalid' : judged
  const charterFrom = file === undefined ? 'tiles' : 'file'
  const from = { charterFrom, cosignersFrom: 'logs', networkId: charter.networkId } as const
  const audit = { verdict, ...from, reports, statements: [], missing, files }
  at.setExit(EXITS[verdict])
  await at.answer('verified', { ...audit, reports: reports.map(reportView) }, () =>
    renderAudit(at.look, audit),
  )
}

/** What an audit found wrong with a part, by the file it stands in. */
function partFaults({ origin, findings, head }: LogReport): readonly OriginFault[] {
  return findings.flatMap(({ code, index }) => {
    if (index === undefined || head === undefined || !code.startsWith('part-') || code === 'part-missing')
      return []
    const bundle = Math.floor(index / TILE_WIDTH)
    const width = Math.min(TILE_WIDTH, head.size - bundle * TILE_WIDTH)
    const why = `the part of entry ${index} is not its own (${code})`
    return [inTree(origin, { file: printPartsPath(bundle, width), why })]
  })
}

function domainOf(origin: string): string {
  const read = parseOrigin(origin)
  return read.ok ? read.value.domain : origin
}

/** `candor audit`: every log of the coalition that a node holds, checked in this process, as a report. */
import { resolve } from 'node:path'
import { checkedPrimitives } from '../../node/api/client.ts'
import { auditLog, charterOf, endsOf, seenTogether, type AuditedLog, type Auditor } from '../audit.ts'
import { reportOf, type AuditReport } from '../audit-report.ts'
import { askHost, askStore } from '../audit-places.ts'
import { auditStates } from '../audit-states.ts'
import { usage, type Context } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { readInput, writeOutput } from '../files.ts'
import { nodeSource } from '../leaf-source.ts'
import { marked } from '../look.ts'
import { jobsOf, repeated } from '../options.ts'
import type { Commands } from '../program.ts'
import { Progress } from '../progress.ts'
import { htmlReport } from '../render/audit-html.ts'
import { renderReport } from '../render/audit-report.ts'
import { auditTrails, trailLines } from '../trails.ts'
import { auditTree, openTree } from '../tree/audit.ts'
import { safeJsonLines } from '../safe.ts'
import { VERSION } from '../version.ts'
import { EXITS } from './verify.ts'

type Options = {
  readonly charter?: string
  readonly tiles?: string
  readonly jobs?: number
  readonly html?: string
  readonly output?: string
  readonly fresh?: true
  readonly trails?: readonly string[]
}

export function addAudit({ group, context }: Commands): void {
  group('audit')
    .description('check every log this node holds, or of --tiles, and write a report of it')
    .option('--charter <file>', 'the charter as you know it, instead of the node’s own copy')
    .option(
      '--jobs <count>',
      'threads that judge; the processors of this machine when nothing is said',
      jobsOf,
    )
    .option('--tiles <place>', 'a folder or URL of published logs, without a node')
    .option('--trails <file>', 'audit trails that members handed over, instead of logs; repeatable', repeated)
    .option('--fresh', 'begin anew, whatever an audit that was cut short has checked')
    .option('--html <file>', 'the report as one page that stands alone')
    .option('-o, --output <file>', 'the report as JSON')
    .action(async (options: Options, command) => {
      const at = context(command)
      if (options.trails !== undefined) return compareTrails(at, options.trails)
      if (options.tiles !== undefined && options.fresh === true)
        throw usage('--fresh is for the logs of a node: an audit of published files always begins anew')
      const report = await audit(at, options)
      at.setExit(EXITS[report.verdict])
      if (options.html !== undefined) writeOutput(options.html, Buffer.from(htmlReport(report), 'utf8'))
      if (options.output !== undefined)
        writeOutput(options.output, Buffer.from(`${safeJsonLines(report)}\n`, 'utf8'))
      await at.answer('audit', report, () => [
        ...renderReport(at.look, report),
        ...[options.html, options.output].flatMap((file) =>
          file === undefined ? [] : ['', marked(at.look, 'ok', `wrote the report to ${file}`)],
        ),
      ])
    })
}

async function compareTrails(at: Context, files: readonly string[]): Promise<void> {
  const report = await auditTrails(at.client, files)
  at.setExit(report.findings.length === 0 ? EXIT.ok : EXIT.invalid)
  await at.answer('audit-trails', report, () => trailLines(report))
}

async function audit(at: Context, options: Options): Promise<AuditReport> {
  const progress = new Progress(at)
  const isKept = options.tiles === undefined
  const off = progress.onInterruption(
    `interrupted: the same command ${isKept ? 'goes on where this one was; --fresh begins anew' : 'begins anew'}`,
  )
  try {
    return await (options.tiles === undefined
      ? auditNode(at, options, progress.entries)
      : auditFiles(at, options.tiles, options, progress.entries))
  } finally {
    off()
    progress.done()
  }
}

type OnProgress = Auditor['onProgress']

async function auditNode(at: Context, options: Options, onProgress: OnProgress): Promise<AuditReport> {
  const { charter: file } = options
  const charterBytes = file === undefined ? await at.client.charter() : readInput(file)
  const charter = charterOf(charterBytes)
  const states = auditStates(at.home, { tool: VERSION, charter: checkedPrimitives().sha256(charterBytes) })
  if (options.fresh === true) states.end()
  const auditor: Auditor = { charter, home: at.home, onProgress, states, ...threadsOf(options) }
  const held = (await at.client.logs()).filter(({ size }) => size > 0)
  const sources = held.map(({ origin }) => nodeSource(at.client, origin))
  const ends = await endsOf(charter, sources)
  const audited: AuditedLog[] = []
  for (const source of sources) audited.push(await auditLog(auditor, source, 'all', ends.get(source.origin)))
  states.end()
  return reportOf({
    now: Date.now(),
    tool: VERSION,
    charter,
    charterBytes,
    charterFrom: file === undefined ? 'the node under audit' : resolve(file),
    isCharterTheirs: file === undefined,
    source: { kind: 'node', said: await askStore(at.client, onProgress), host: await askHost(at.client) },
    audited,
    reports: seenTogether(audited),
  })
}

/** Published logs, without a node. Nothing is kept to go on with: their tiles are compared from the first entry on. */
async function auditFiles(
  at: Context,
  place: string,
  options: Options,
  onProgress: OnProgress,
): Promise<AuditReport> {
  const { charter: file } = options
  const tree = await openTree(place, file)
  const { charter, charterBytes, isCharterTheirs, name } = tree
  const { audited, files } = await auditTree(tree, { home: at.home, onProgress, ...threadsOf(options) })
  return reportOf({
    now: Date.now(),
    tool: VERSION,
    charter,
    charterBytes,
    charterFrom: file === undefined ? `${name}, the tree under audit` : resolve(file),
    isCharterTheirs,
    source: { kind: 'tree', name, files },
    audited,
    reports: seenTogether(audited),
  })
}

function threadsOf({ jobs }: Options) {
  return jobs === undefined ? {} : { jobs }
}

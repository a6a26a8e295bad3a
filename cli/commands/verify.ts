/** `candor verify`: checks a record, or every log, in this process; the node only hands over bytes. */
import { printHex } from '../../protocol/bytes.ts'
import { statementId } from '../../protocol/codec/statement.ts'
import { verdictOfLogs, type LogReport, type Verdict } from '../../protocol/audit/report.ts'
import { checkedPrimitives, type Client, type StatementView } from '../../node/api/client.ts'
import { auditLog, charterOf, endsOf, seenTogether, type AuditedLog, type Auditor } from '../audit.ts'
import { usage, type Context } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { readInput } from '../files.ts'
import { nodeSource } from '../leaf-source.ts'
import type { Commands } from '../program.ts'
import { Progress } from '../progress.ts'
import { verifyTiles } from './verify-tiles.ts'
import { renderAudit, type CheckedStatement } from '../render/audit.ts'

type Options = {
  readonly tiles?: string
  readonly charter?: string
  readonly all?: true
  readonly author?: string
}

export const EXITS: Readonly<Record<Verdict, number>> = {
  verified: EXIT.ok,
  incomplete: EXIT.incomplete,
  key: EXIT.key,
  invalid: EXIT.invalid,
  'split-view': EXIT.splitView,
}

export function addVerify({ group, context }: Commands): void {
  group('verify')
    .description('check a record or --all logs, from their bytes, in this process')
    .argument('[id]', 'a record id, or its first six letters or more')
    .option('--all', 'every log of every member')
    .option('--tiles <place>', 'a folder or URL of published logs, without a node')
    .option('--charter <file>', 'the charter as you know it, instead of the node’s own copy')
    .option('--author <domain>', 'where two members use one id')
    .action(async (id: string | undefined, options: Options, command) => {
      const at = context(command)
      const { tiles } = options
      if (tiles !== undefined) {
        if (id !== undefined || options.all === true) throw usage('--tiles verifies all that is published')
        return verifyTiles(at, tiles, options.charter)
      }
      if ((id === undefined) === (options.all !== true))
        throw usage('say what to verify: a record id, or --all')
      await verify(at, id, options)
    })
}

async function verify(
  at: Context,
  id: string | undefined,
  { charter: file, author }: Options,
): Promise<void> {
  const charter = charterOf(file === undefined ? await at.client.charter() : readInput(file))
  const progress = new Progress(at)
  const onProgress = (origin: string, done: number, size: number) =>
    progress.at(() => `${origin.split('/')[0] ?? ''}: ${done} of ${size} entries`)
  const auditor: Auditor = { charter, home: at.home, onProgress }
  try {
    const { reports, statements } =
      id === undefined ? await verifyAll(at.client, auditor) : await verifyOne(at.client, auditor, id, author)
    const held = new Set(reports.map(({ domain }) => domain))
    const missing =
      id === undefined
        ? charter.document.members.map(({ domain }) => domain).filter((domain) => !held.has(domain))
        : []
    const isFound = statements.every(({ isVerified }) => isVerified)
    const verdict = worse(verdictOfLogs(reports), missing.length > 0 || !isFound)
    progress.done()
    at.setExit(EXITS[verdict])
    const charterFrom = file === undefined ? 'node' : 'file'
    const audit = {
      verdict,
      charterFrom,
      networkId: charter.networkId,
      reports,
      statements,
      missing,
      files: [],
    } as const
    await at.answer('verified', { ...audit, reports: reports.map(reportView) }, () =>
      renderAudit(at.look, audit),
    )
  } finally {
    progress.done()
  }
}

async function verifyAll(client: Client, auditor: Auditor) {
  const audited: AuditedLog[] = []
  const { sources, ends } = await logsOf(client, auditor)
  for (const source of sources) {
    audited.push(await auditLog(auditor, source, 'all', ends.get(source.origin)))
  }
  return { reports: seenTogether(audited), statements: [] }
}

/** The logs of this node, and where those end that their authors have closed. */
async function logsOf(client: Client, { charter }: Auditor) {
  const held = (await client.logs()).filter(({ size }) => size > 0)
  const sources = held.map(({ origin }) => nodeSource(client, origin))
  return { sources, ends: await endsOf(charter, sources) }
}

/** The versions of a record and everything stated about it, each in the log of its author. */
async function verifyOne(client: Client, auditor: Auditor, id: string, author: string | undefined) {
  const { versions, attestations } = await client.record(id, author)
  const claimed = [...versions, ...attestations]
  const reports: LogReport[] = []
  const statements: CheckedStatement[] = []
  const { ends } = await logsOf(client, auditor)
  for (const origin of new Set(claimed.map((one) => one.origin))) {
    const here = claimed.filter((one) => one.origin === origin)
    const scope = new Set(here.map(({ index }) => index))
    const { report, judged } = await auditLog(auditor, nodeSource(client, origin), scope, ends.get(origin))
    reports.push(report)
    for (const statement of here) {
      const { kind, author: by, index, version } = statement
      statements.push({ kind, author: by, index, version, isVerified: isThat(judged.get(index), statement) })
    }
  }
  return { reports, statements }
}

/** Whether the judged entry is the statement that the node showed. */
function isThat(entry: Parameters<typeof statementId>[1] | undefined, shown: StatementView): boolean {
  return entry !== undefined && printHex(statementId(checkedPrimitives(), entry)) === shown.statementId
}

export function worse(verdict: Verdict, isIncomplete: boolean): Verdict {
  return verdict === 'verified' && isIncomplete ? 'incomplete' : verdict
}

export function reportView({ head, ...report }: LogReport) {
  const root = head === undefined ? undefined : Buffer.from(head.root).toString('base64')
  return { ...report, head: head === undefined ? null : { origin: head.origin, size: head.size, root } }
}

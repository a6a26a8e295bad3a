/** `candor verify`: checks a record, or every log, in this process; the node only hands over bytes. */
import { printHex } from '../../protocol/bytes.ts'
import { statementId } from '../../protocol/codec/statement.ts'
import type { LogEnd } from '../../protocol/audit/ending.ts'
import { type CharterState, parties } from '../../protocol/governance/charter.ts'
import { printNote } from '../../protocol/log/note.ts'
import {
  verdictOfLogs,
  type AuditVerdict,
  type LogReport,
  type Verdict,
} from '../../protocol/audit/report.ts'
import { checkedPrimitives, type Client, type StatementView } from '../../node/api/client.ts'
import { cosignerProofs } from '../audit-places.ts'
import { auditLog, charterOf, endsOf, seenTogether, type AuditedLog, type Auditor } from '../audit.ts'
import { withCosigners } from '../confirmed.ts'
import { statesOfOthers } from '../cosigner-keys.ts'
import { usage, type Context } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { explainBundle, proofsOf } from '../explain.ts'
import { readInput } from '../files.ts'
import { nodeSource, type LeafSource } from '../leaf-source.ts'
import { jobsOf } from '../options.ts'
import type { Commands } from '../program.ts'
import { Progress } from '../progress.ts'
import { headIn } from './bundle.ts'
import { verifyBundle } from './verify-bundle.ts'
import { verifyTiles } from './verify-tiles.ts'
import { renderAudit, type CheckedStatement } from '../render/audit.ts'
import { renderExplained, viewOfExplained } from '../render/explain.ts'

type Options = {
  readonly tiles?: string
  readonly charter?: string
  readonly jobs?: number
  readonly all?: true
  readonly author?: string
  readonly org?: string
  readonly since?: string
  readonly bundle?: string
  readonly trust?: string
  readonly offline?: true
  readonly explain?: true
}

export const EXITS: Readonly<Record<AuditVerdict, number>> = {
  verified: EXIT.ok,
  'read-only': EXIT.aheadElsewhere,
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
    .option(
      '--jobs <count>',
      'threads that judge; the processors of this machine when nothing is said',
      jobsOf,
    )
    .option('--author <domain>', 'where two members use one id')
    .option('--org <domain>', 'every log of this member')
    .option('--since <file>', 'a head that you verified before: its log must continue it')
    .option('--bundle <file>', 'what a bundle shows, without a node')
    .option('--trust <policy>', 'for --bundle: a charter or policy file, or sha256:HASH of the policy inside')
    .option('--offline', 'for --bundle: ask no node for anything')
    .option('--explain', 'each hash step of a record or a bundle, to be repeated with other tools')
    .action(async (id: string | undefined, options: Options, command) => {
      const at = context(command)
      const { tiles, bundle } = options
      if (bundle !== undefined) {
        const others = [id, options.all, options.org, options.author, tiles, options.jobs]
        if (others.some((one) => one !== undefined)) throw usage('--bundle verifies all that is in the file')
        return verifyBundle(at, bundle, options)
      }
      if ([options.trust, options.offline].some((one) => one !== undefined))
        throw usage('--trust and --offline are for --bundle FILE')
      if (options.explain === true && id === undefined) throw usage('--explain is for a record or a bundle')
      if (tiles !== undefined) {
        const others = [id, options.all, options.org, options.since]
        if (others.some((one) => one !== undefined)) throw usage('--tiles verifies all that is published')
        return verifyTiles(at, tiles, options)
      }
      if ([id, options.all, options.org].filter((one) => one !== undefined).length !== 1)
        throw usage('say what to verify: a record id, --org DOMAIN or --all')
      await verify(at, id, options)
    })
}

async function verify(at: Context, id: string | undefined, options: Options): Promise<void> {
  const { charter: file, author, org, since, explain, jobs } = options
  const charter = charterOf(file === undefined ? await at.client.charter() : readInput(file))
  const progress = new Progress(at)
  const { entries: onProgress } = progress
  const earlier = since === undefined ? {} : { since: printNote(headIn(since).note) }
  const threads = jobs === undefined ? {} : { jobs }
  const auditor: Auditor = { charter, home: at.home, onProgress, ...earlier, ...threads }
  try {
    const { reports, statements, places } =
      id === undefined
        ? await verifyAll(at.client, auditor, org)
        : await verifyOne(at.client, auditor, id, author)
    const explained = explain === true ? explainBundle(await proofsOf(at.client, places)) : []
    const missing = id === undefined ? missingOf(charter, reports, org) : []
    const isFound = statements.every(({ isVerified }) => isVerified)
    const verdict = worse(verdictOfLogs(reports), missing.length > 0 || !isFound)
    progress.done()
    at.setExit(EXITS[verdict])
    const charterFrom = file === undefined ? 'node' : 'file'
    const { networkId } = charter
    const cosignersFrom = id === undefined && org === undefined ? 'logs' : 'proofs'
    const found = { verdict, reports, statements, missing, files: [] }
    const audit = { ...found, charterFrom, cosignersFrom, networkId } as const
    const steps = explain === true ? { explained: viewOfExplained(explained) } : {}
    await at.answer('verified', { ...audit, reports: reports.map(reportView), ...steps }, () => [
      ...renderAudit(at.look, audit),
      ...renderExplained(at.look, explained),
    ])
  } finally {
    progress.done()
  }
}

/** Members of the charter of whom no log was found; of the one that was asked for, if one was. */
function missingOf(charter: CharterState, reports: readonly LogReport[], org: string | undefined) {
  const held = new Set(reports.map(({ domain }) => domain))
  return parties(charter)
    .map(({ domain }) => domain)
    .filter((domain) => !held.has(domain) && (org === undefined || domain === org))
}

async function verifyAll(client: Client, auditor: Auditor, org: string | undefined) {
  const audited: AuditedLog[] = []
  const { sources, ends } = await logsOf(client, auditor)
  for (const source of sources) {
    if (org !== undefined && !source.origin.startsWith(`${org}/`)) continue
    audited.push(await auditLog(auditor, source, 'all', ends.get(source.origin)))
  }
  const rest = sources.filter(({ origin }) => !audited.some(({ report }) => report.origin === origin))
  return {
    reports: await confirmed({ client, auditor, ends }, audited, seenTogether(audited), rest),
    statements: [],
    places: [],
  }
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
  const { sources, ends } = await logsOf(client, auditor)
  const audited: AuditedLog[] = []
  for (const origin of new Set(claimed.map((one) => one.origin))) {
    const here = claimed.filter((one) => one.origin === origin)
    const scope = new Set(here.map(({ index }) => index))
    const one = await auditLog(auditor, nodeSource(client, origin), scope, ends.get(origin))
    const { report, judged } = one
    audited.push(one)
    reports.push(report)
    for (const statement of here) {
      const { kind, author: by, index, version } = statement
      statements.push({ kind, author: by, index, version, isVerified: isThat(judged.get(index), statement) })
    }
  }
  const rest = sources.filter(({ origin }) => !reports.some((report) => report.origin === origin))
  const places = claimed.map(({ origin, index }) => {
    return { origin, index, note: audited.find(({ report }) => report.origin === origin)?.note }
  })
  return { reports: await confirmed({ client, auditor, ends }, audited, reports, rest), statements, places }
}

/**
 * The same reports with the members whose mirrors confirmed each head. Their keys stand in their own logs, of which the
 * others are not read for it: what is wrong in those is not asked here.
 */
async function confirmed(
  { client, auditor, ends }: Asked,
  audited: readonly AuditedLog[],
  reports: readonly LogReport[],
  rest: readonly LeafSource[],
): Promise<readonly LogReport[]> {
  const origins = rest.map(({ origin }) => origin)
  const others = await statesOfOthers(client, auditor, origins, (origin) => !ends.has(origin))
  const proofs = await cosignerProofs(client)
  return withCosigners(auditor.charter, audited, reports, { others, proofs })
}

type Asked = {
  readonly client: Client
  readonly auditor: Auditor
  readonly ends: ReadonlyMap<string, LogEnd>
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

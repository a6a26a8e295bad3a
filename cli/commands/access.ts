/** `candor access`: requests for detail that came to us, what was decided, and the trail of it. */
import { userInfo } from 'node:os'
import type { Command } from 'commander'
import type { CaseView } from '../../node/api/client.ts'
import { usage, type Context } from '../context.ts'
import { secondsOf } from '../duration.ts'
import { readInput, writePrivate } from '../files.ts'
import { marked } from '../look.ts'
import type { Commands } from '../program.ts'
import { renderCase, renderCases, renderPolicy, renderPolicyCheck, renderTrail } from '../render/access.ts'
import { renderReach } from '../render/reach.ts'
import { readRules } from '../rules-file.ts'
import { safe } from '../safe.ts'
import { addExportOf } from './access-export.ts'

const ID = 'the id of a request, or its first six digits or more'
const DAY_SECONDS = 86_400
/** Entries of the trail that are shown; the file has all. */
const TRAIL_SHOWN = 1_000

export function addAccess(commands: Commands): void {
  const { group, context } = commands
  const access = group('access').description(
    'requests that came to us: inbox, show, grant, deny, revoke, log, trail, export, policy',
  )
  addViews(access, context)
  addDecisions(access, context)
  access
    .command('trail')
    .description('the audit trail; with -o as a file for a mandated auditor')
    .option('-o, --out <file>', 'a new file')
    .action(async ({ out }: { out?: string }, command) => trail(context(command), out))
  addExportOf(access, context)
  access
    .command('policy')
    .description('the policy of disclosure: show it, check a file, or put one in force')
    .option('--check <file>', 'check this file and change nothing')
    .option('--set <file>', 'check this file and put it in force')
    .action(async (options: PolicyOptions, command) => policy(context(command), options))
}

export function addReach({ group, context }: Commands): void {
  group('reach')
    .description('how many of those who hold a part of a record of ours acknowledged what became of it')
    .argument('<record>', 'a record id, or its first six letters or more')
    .action(async (record: string, _options: object, command) => {
      const at = context(command)
      const view = await at.client.reach(record)
      await at.answer('reach', view, () => renderReach(at.look, view))
    })
}

function addViews(access: Command, context: Commands['context']): void {
  access
    .command('inbox')
    .description('requests that wait for a person')
    .action(async (_options: object, command) => list(context(command), 'asked'))
  access
    .command('log')
    .description('all requests that came to us, and what became of each')
    .option('--state <state>', 'asked, denied, offered, receipted, confirmed or revoked')
    .action(async ({ state }: { state?: string }, command) => list(context(command), state))
  access
    .command('show')
    .description('one request, whole')
    .argument('<id>', ID)
    .action(async (id: string, _options: object, command) => {
      const at = context(command)
      await answer(at, await at.client.case(id))
    })
}

type PolicyOptions = { readonly check?: string; readonly set?: string }

type GrantOptions = {
  readonly for?: string
  readonly redact?: string
  readonly as?: string
  readonly mark?: true
}

function addDecisions(access: Command, context: Commands['context']): void {
  access
    .command('grant')
    .description('let through what waits for a person, whole or redacted by rules')
    .argument('<id>', ID)
    .option('--for <time>', 'how long at most, in whole days')
    .option('--redact <file>', 'rules of redaction (YAML): what is withheld, by which rule, for what reason')
    .option('--mark', 'make the files it names for this reader alone, with rows that tell a leak')
    .option('--as <name>', 'who decides; your user name when nothing is said')
    .action(async (id: string, options: GrantOptions, command) => {
      const at = context(command)
      const days = options.for === undefined ? {} : { days: daysOf(options.for) }
      const rules = options.redact === undefined ? {} : { rules: await readRules(options.redact) }
      const mark = options.mark === true ? { mark: true } : {}
      const ruling = { outcome: 'allow', by: who(options.as), ...days, ...rules, ...mark } as const
      await answer(at, await at.client.rule(id, ruling))
    })
  access
    .command('deny')
    .description('deny what waits for a person; the reason is signed and sent')
    .argument('<id>', ID)
    .requiredOption(
      '--reason <reason>',
      'declined, conflict_of_interest, investigation, legal, insufficient_justification …',
    )
    .option('--note <text>', 'a sentence for the requester')
    .option('--as <name>', 'who decides; your user name when nothing is said')
    .action(async (id: string, options: { reason: string; note?: string; as?: string }, command) => {
      const at = context(command)
      const { reason, note } = options
      const by = who(options.as)
      await answer(
        at,
        await at.client.rule(id, { outcome: 'deny', by, reason, ...(note === undefined ? {} : { note }) }),
      )
    })
  access
    .command('revoke')
    .description('end a grant before its time; whoever holds the part must delete it and say so')
    .argument('<id>', ID)
    .requiredOption(
      '--reason <reason>',
      'terms_broken, leak, key_lost, standing_lost, record_withdrawn, mistake …',
    )
    .option('--note <text>', 'a sentence for the holder')
    .option('--as <name>', 'who decides; your user name when nothing is said')
    .action(async (id: string, options: { reason: string; note?: string; as?: string }, command) => {
      const at = context(command)
      await answer(at, await at.client.revoke(id, options.reason, options.note, who(options.as)))
    })
}

async function list(at: Context, state: string | undefined): Promise<void> {
  const views = await at.client.cases(state)
  await at.answer('cases', views, () => renderCases(at.look, views))
}

function answer(at: Context, view: CaseView): Promise<void> {
  return at.answer('case', view, () => renderCase(at.look, view))
}

async function policy(at: Context, { check, set }: PolicyOptions): Promise<void> {
  if (check !== undefined && set !== undefined) throw usage('--check or --set, not both')
  const textIn = (path: string) => Buffer.from(readInput(path)).toString('utf8')
  if (check !== undefined) {
    const view = await at.client.checkDisclosurePolicy(textIn(check))
    await at.answer('disclosure-policy-check', view, () => renderPolicyCheck(at.look, view))
    return
  }
  const view =
    set === undefined ? await at.client.disclosurePolicy() : await at.client.putDisclosurePolicy(textIn(set))
  await at.answer('disclosure-policy', view, () => renderPolicy(at.look, view))
}

async function trail(at: Context, out: string | undefined): Promise<void> {
  if (out !== undefined) {
    writePrivate(out, await at.client.trailFile())
    await at.answer('trail-file', { out }, () => [
      marked(at.look, 'ok', `written to ${safe(out)}`),
      '  whoever has it sees every request, its justification and its statements: for a mandated auditor only',
    ])
    return
  }
  const page = await at.client.trail(0, TRAIL_SHOWN)
  await at.answer('trail', page, () => renderTrail(at.look, page))
}

function who(name: string | undefined): string {
  return name ?? userInfo().username
}

function daysOf(time: string): number {
  const days = secondsOf(time) / DAY_SECONDS
  if (Number.isInteger(days) && days > 0) return days
  throw usage('a whole number of days, such as 30d')
}

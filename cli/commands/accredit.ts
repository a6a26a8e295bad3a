/** `candor accredit`: who vouches for a researcher, for what and how long. Members that the charter names accredit. */
import type { Command } from 'commander'
import type { AccreditationView, Application } from '../../node/api/client.ts'
import type { Context } from '../context.ts'
import { usage } from '../context.ts'
import { secondsOf } from '../duration.ts'
import { readInput, writeOutput } from '../files.ts'
import { faint, marked, type Look } from '../look.ts'
import { repeated } from '../options.ts'
import type { Commands } from '../program.ts'
import { safe } from '../safe.ts'

const ID = 'the id of an accreditation, or its first six digits or more'
const REASON = ['--reason <reason>', 'why: terms_broken, leak, key_lost, under_review, …'] as const
const DAY_SECONDS = 86_400

type Scope = {
  readonly tier: readonly string[]
  readonly purpose: readonly string[]
  readonly sector?: readonly string[]
  readonly for: string
}

export function addAccredit({ group, context }: Commands): void {
  const accredit = group('accredit').description('researchers: apply, grant, endorse, suspend, revoke, list')
  accredit
    .command('apply')
    .description('make the file that a researcher hands to an accreditor')
    .requiredOption('--body <name>', 'the organisation that answers for the researcher, never a person')
    .option('-o, --out <file>', 'a new file; the application is printed without it')
    .action(async ({ body, out }: { body: string; out?: string }, command) =>
      apply(context(command), body, out),
    )
  accredit
    .command('grant')
    .description('state in our log that we vouch for the researcher of this application')
    .argument('<file>', 'the application')
    .requiredOption('--tier <tier>', 'partner or research; repeatable', repeated)
    .requiredOption('--purpose <purpose>', 'what for, such as research or audit; repeatable', repeated)
    .option('--sector <sector>', 'only for records of this sector; repeatable', repeated)
    .option('--for <time>', 'how long, at most 90d', '90d')
    .action(async (file: string, scope: Scope, command) => grant(context(command), file, scope))
  accredit
    .command('endorse')
    .description('stand behind an accreditation of another member')
    .argument('<id>', ID)
    .action(async (id: string, _options: object, command) => {
      const at = context(command)
      await answer(at, await at.client.endorse(id), 'endorsed')
    })
  addEndings(accredit, context)
  accredit
    .command('list')
    .description('all accreditations in the logs held here, and what each comes to now')
    .action(async (_options: object, command) => {
      const at = context(command)
      const views = await at.client.accreditations()
      await at.answer('accreditations', views, () =>
        views.length === 0 ? ['Nobody is accredited.'] : views.flatMap((one) => render(at.look, one)),
      )
    })
}

function addEndings(accredit: Command, context: Commands['context']): void {
  accredit
    .command('suspend')
    .description('stop an accreditation alone, for at most 14 days')
    .argument('<id>', ID)
    .requiredOption(...REASON)
    .option('--for <time>', 'how long, at most 14d', '14d')
    .action(async (id: string, options: { reason: string; for: string }, command) => {
      const at = context(command)
      await answer(
        at,
        await at.client.suspendAccreditation(id, options.reason, daysOf(options.for)),
        'suspended',
      )
    })
  accredit
    .command('revoke')
    .description('take our support back; with enough accreditors it is over for good')
    .argument('<id>', ID)
    .requiredOption(...REASON)
    .action(async (id: string, { reason }: { reason: string }, command) => {
      const at = context(command)
      await answer(at, await at.client.revokeAccreditation(id, reason), 'revoked by us')
    })
}

async function apply(at: Context, body: string, out: string | undefined): Promise<void> {
  const application = await at.client.application(body)
  const text = `${JSON.stringify(application, undefined, 2)}\n`
  if (out !== undefined) writeOutput(out, text)
  await at.answer('application', { application, out: out ?? null }, () =>
    out === undefined
      ? text.trimEnd().split('\n')
      : [
          marked(at.look, 'ok', `written to ${safe(out)}`),
          faint(
            at.look,
            '  it holds two public keys and the proof that they are yours; nothing in it is secret',
          ),
        ],
  )
}

async function grant(at: Context, file: string, scope: Scope): Promise<void> {
  const { tier, purpose, sector } = scope
  const options = {
    tiers: tier,
    purposes: purpose,
    days: daysOf(scope.for),
    ...(sector === undefined ? {} : { sectors: sector }),
  }
  await answer(at, await at.client.accredit(applicationIn(file), options), 'stated in our log')
}

/** The node checks every field; here only that it is an application at all. */
function applicationIn(file: string): Application {
  try {
    const value: Application = JSON.parse(Buffer.from(readInput(file)).toString('utf8'))
    if (typeof value === 'object' && value !== null) return value
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw usage(`${safe(file)} is not an application: candor accredit apply -o FILE, at the researcher`)
}

function daysOf(time: string): number {
  const days = secondsOf(time) / DAY_SECONDS
  if (Number.isInteger(days) && days > 0) return days
  throw usage('a whole number of days, such as 90d')
}

function answer(at: Context, one: AccreditationView, did: string): Promise<void> {
  return at.answer('accreditation', one, () => [marked(at.look, 'ok', did), ...render(at.look, one)])
}

export function render(look: Look, one: AccreditationView): readonly string[] {
  const standing = [one.author, ...one.endorsedBy].map(safe)
  const missing = one.needed - standing.length
  const behind = missing > 0 ? `${standing.join(', ')}; ${missing} more needed` : standing.join(', ')
  return [
    `${one.id.slice(0, 12)}  ${marked(look, one.state === 'in-force' ? 'ok' : 'warn', one.state)}  ${safe(one.body)}${one.own ? ' (this home)' : ''}`,
    `  may ask for  ${one.tiers.join(', ')}, for ${one.purposes.join(', ')}`,
    `  sectors      ${one.sectors === null ? 'all' : one.sectors.map(safe).join(', ')}`,
    `  from         ${one.notBefore.slice(0, 10)} to ${one.notAfter.slice(0, 10)}`,
    `  behind it    ${behind}`,
  ]
}

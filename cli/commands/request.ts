/** `candor request`: asking the owner of a record for more than its summary, and reading what was given. */
import { NodeError, type AskedView } from '../../node/api/client.ts'
import { usage, type Context } from '../context.ts'
import { secondsOf } from '../duration.ts'
import { EXIT } from '../exit-codes.ts'
import { writeOutput } from '../files.ts'
import { fetchFiles } from '../granted-files.ts'
import { marked } from '../look.ts'
import { repeated } from '../options.ts'
import type { Commands } from '../program.ts'
import { renderAsked, renderAskedList, renderReceived } from '../render/access.ts'
import { safe } from '../safe.ts'

type Options = {
  readonly tier: string
  readonly purpose: string
  readonly because: string
  readonly recipient: readonly string[]
  readonly for: string
  readonly item?: readonly string[]
  readonly author?: string
  readonly recordVersion?: string
  readonly accept?: string
}

const ID = 'the id of a request, or its first six digits or more'
const DAY_SECONDS = 86_400
const PURPOSES = 'own_remediation, research, audit, regulatory, standards or victim_support'

const EXAMPLES = `
Examples:
  candor request new ID --tier partner --purpose own_remediation \\
    --because 'we run the same device' --recipient 'Hospital B'
  candor request fetch 1f0c2a -o note.json`

/** What a script may rely on: waiting is worth another try, a no is a no, and what was forged says so. */
const EXITS: Readonly<Record<string, number>> = {
  open: EXIT.tryAgain,
  pending: EXIT.tryAgain,
  received: EXIT.tryAgain,
  opened: EXIT.ok,
  denied: EXIT.notAllowed,
  refused: EXIT.notAllowed,
  revoked: EXIT.notAllowed,
  ended: EXIT.notAllowed,
  erased: EXIT.notFound,
  false: EXIT.invalid,
}

export function addRequest({ group, context }: Commands): void {
  const request = group('request').description('ask for more than a summary: new, list, show, fetch, appeal')
  request
    .command('new')
    .description('sign a request and send it as soon as the owner can be reached')
    .argument('<record>', 'a record id, or its first six letters or more')
    .requiredOption('--tier <tier>', 'partner or research')
    .requiredOption('--purpose <purpose>', PURPOSES)
    .requiredOption('--because <text>', 'why it is needed; the owner reads it')
    .requiredOption('--recipient <name>', 'an organisation that will read it; repeatable', repeated)
    .option('--for <time>', 'how long it is wanted, in whole days', '30d')
    .option('--item <path>', 'only this field and what is below it, such as timeline.0; repeatable', repeated)
    .option('--author <domain>', 'where two members use one id')
    .option('--record-version <number>', 'an earlier version of the record')
    .option('--accept <digest>', 'the terms that hold, as a denial named them')
    .addHelpText('after', EXAMPLES)
    .action(async (record: string, options: Options, command) => ask(context(command), record, options))
  request
    .command('list')
    .description('requests of ours, and how each stands')
    .action(async (_options: object, command) => {
      const at = context(command)
      const views = await at.client.requests()
      await at.answer('requests', views, () => renderAskedList(at.look, views))
    })
  request
    .command('show')
    .description('one request: state, end, terms, and what its author said of the record since')
    .argument('<id>', ID)
    .action(async (id: string, _options: object, command) => {
      const at = context(command)
      await answer(at, await at.client.request(id))
    })
  request
    .command('fetch')
    .description('what was given for a request, checked against what its author committed to')
    .argument('<id>', ID)
    .option('-o, --out <file>', 'a new file; the part is printed without it')
    .option('--files <dir>', 'the files that the part names, written in the clear to this directory')
    .action(async (id: string, { out, files }: { out?: string; files?: string }, command) => {
      const at = context(command)
      await (files === undefined ? fetch(at, id, out) : fetchFiles(at, id, files))
    })
  request
    .command('appeal')
    .description('object to a denial; the owner keeps it, and rulings come with governance')
    .argument('<id>', ID)
    .requiredOption('--because <text>', 'why it is wrong')
    .action(async (id: string, { because }: { because: string }, command) => {
      const at = context(command)
      const view = await at.client.appeal(id, because)
      await at.answer('request', view, () => [
        marked(at.look, 'ok', 'appealed against'),
        ...renderAsked(at.look, view, at.typed),
      ])
    })
}

async function ask(at: Context, record: string, options: Options): Promise<void> {
  const { tier, purpose, because, recipient, item, author, recordVersion, accept } = options
  if (tier !== 'partner' && tier !== 'research')
    throw usage('a tier is partner or research; public parts need no request')
  const days = secondsOf(options.for) / DAY_SECONDS
  if (!Number.isInteger(days) || days < 1) throw usage('a whole number of days, such as 30d')
  const view = await at.client.requestDetail({
    record,
    tier,
    purpose,
    justification: because,
    recipients: recipient,
    days,
    ...(item === undefined ? {} : { items: item.map(pathOf) }),
    ...(author === undefined ? {} : { author }),
    ...(recordVersion === undefined ? {} : { version: versionOf(recordVersion) }),
    ...(accept === undefined ? {} : { terms: accept }),
  })
  await answer(at, view)
}

/** `timeline.0.text`: a step of digits is a place in a list. */
function pathOf(text: string): readonly (string | number)[] {
  const steps = text.split('.')
  if (steps.some((step) => step === '')) throw usage(`${safe(text)} is not a path such as timeline.0.text`)
  return steps.map((step) => (/^\d{1,9}$/.test(step) ? Number(step) : step))
}

function versionOf(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw usage('a version is a number from 1 on')
}

async function answer(at: Context, view: AskedView): Promise<void> {
  at.setExit(EXITS[view.state] ?? EXIT.failed)
  await at.answer('request', view, () => renderAsked(at.look, view, at.typed))
}

async function fetch(at: Context, id: string, out: string | undefined): Promise<void> {
  const received = await at.client.fetchDetail(id).catch(async (error: unknown) => {
    // Nothing was received: the exit code says what became of the request.
    if (!(error instanceof NodeError) || error.code !== 'NOT_FOUND') throw error
    at.setExit(EXITS[(await at.client.request(id)).state] ?? EXIT.failed)
    return error
  })
  if (received instanceof NodeError) {
    const view = await at.client.request(id)
    await at.answer('request', view, () => renderAsked(at.look, view, at.typed))
    return
  }
  if (out !== undefined) writeOutput(out, `${JSON.stringify(received, undefined, 2)}\n`)
  await at.answer('received', received, () =>
    out === undefined
      ? renderReceived(at.look, received)
      : [
          ...renderReceived(at.look, { ...received, document: undefined, items: [] }),
          marked(at.look, 'ok', `written to ${safe(out)}`),
        ],
  )
}

/** `candor escrow`: parts that others keep for us, and parts that we keep for others. */
import { userInfo } from 'node:os'
import type { Command } from 'commander'
import type { EscrowView } from '../../node/api/client.ts'
import { usage, type Context } from '../context.ts'
import { secondsOf } from '../duration.ts'
import { EXIT } from '../exit-codes.ts'
import { writePrivate } from '../files.ts'
import { marked } from '../look.ts'
import { countOf, repeated } from '../options.ts'
import type { Commands } from '../program.ts'
import { renderEscrow, renderEscrows, renderRecovered } from '../render/escrow.ts'
import { safe } from '../safe.ts'

type AddOptions = {
  readonly tier?: readonly string[]
  readonly threshold?: number
  readonly holder?: readonly string[]
  readonly after?: string
}

const ID = 'the id of a deposit, or its first six digits or more'
const DAY_SECONDS = 86_400

/** What a script may rely on while a part is recovered. */
const EXITS: Readonly<Record<string, number>> = {
  recovering: EXIT.tryAgain,
  recovered: EXIT.ok,
  false: EXIT.invalid,
}

export function addEscrow({ group, context }: Commands): void {
  const escrow = group('escrow').description(
    'parts that k of n members can open once their owner is gone: list, show, add, release, recover',
  )
  addViews(escrow, context)
  escrow
    .command('add')
    .description('put the restricted parts of a record of ours into escrow')
    .argument('<record>', 'a record id, or its first six letters or more')
    .option('--tier <tier>', 'partner or research; repeatable; as candor.json says otherwise', repeated)
    .option('--threshold <count>', 'shares that open it', countOf)
    .option('--holder <domain>', 'a member that keeps a share; repeatable', repeated)
    .option('--after <time>', 'how long we have to be silent first, in whole days, such as 90d')
    .action(async (record: string, options: AddOptions, command) => add(context(command), record, options))
  addDecisions(escrow, context)
}

function addViews(escrow: Command, context: Commands['context']): void {
  escrow
    .command('list')
    .description('deposits of ours and who acknowledged them; deposits of others that we keep')
    .action(async (_options: object, command) => {
      const at = context(command)
      const view = await at.client.escrows()
      await at.answer('escrows', view, () => renderEscrows(at.look, view))
    })
  escrow
    .command('show')
    .description('one deposit, whole; with -o the part, once it is recovered')
    .argument('<id>', ID)
    .option('-o, --out <file>', 'a new file for the part, in the clear')
    .action(async (id: string, { out }: { out?: string }, command) => {
      const at = context(command)
      await (out === undefined ? answer(at, await at.client.escrow(id)) : writePart(at, id, out))
    })
}

function addDecisions(escrow: Command, context: Commands['context']): void {
  escrow
    .command('release')
    .description('let our share go to another holder, once the owner was silent for as long as it said')
    .argument('<id>', ID)
    .requiredOption('--to <domain>', 'the holder that recovers the part')
    .requiredOption('--reason <text>', 'why; it is signed, and that holder reads it')
    .option('--as <name>', 'who decides; your user name when nothing is said')
    .action(async (id: string, { to, reason, as }: { to: string; reason: string; as?: string }, command) => {
      const at = context(command)
      await answer(at, await at.client.releaseEscrow(id, { to, reason, by: as ?? userInfo().username }))
    })
  escrow
    .command('recover')
    .description('ask the other holders for their shares, and open the part once there are enough')
    .argument('<id>', ID)
    .requiredOption('--reason <text>', 'why; it is signed, and the other holders read it')
    .option('--as <name>', 'who decides; your user name when nothing is said')
    .option('-o, --out <file>', 'a new file for the part, in the clear, once it is recovered')
    .action(async (id: string, options: { reason: string; as?: string; out?: string }, command) => {
      const at = context(command)
      const { reason, as, out } = options
      const view = await at.client.recoverEscrow(id, { reason, by: as ?? userInfo().username })
      at.setExit(EXITS[view.state] ?? EXIT.failed)
      await (out !== undefined && view.state === 'recovered' ? writePart(at, id, out) : answer(at, view))
    })
}

async function add(at: Context, record: string, options: AddOptions): Promise<void> {
  const { tier, threshold, holder, after } = options
  const views = await at.client.addEscrow(record, {
    ...(tier === undefined ? {} : { tiers: tier.map(tierOf) }),
    ...(threshold === undefined ? {} : { threshold }),
    ...(holder === undefined ? {} : { holders: holder }),
    ...(after === undefined ? {} : { afterDays: daysOf(after) }),
  })
  await at.answer('escrow-added', views, () => [
    marked(at.look, 'ok', `${views.length === 1 ? 'one part is' : `${views.length} parts are`} in escrow`),
    ...views.flatMap((view) => renderEscrow(at.look, view, at.typed)),
  ])
}

function answer(at: Context, view: EscrowView): Promise<void> {
  return at.answer('escrow', view, () => renderEscrow(at.look, view, at.typed))
}

async function writePart(at: Context, id: string, out: string): Promise<void> {
  const part = await at.client.recoveredPart(id)
  writePrivate(out, `${JSON.stringify(part, undefined, 2)}\n`)
  await at.answer('recovered', part, () => [
    ...renderRecovered(at.look, part),
    marked(at.look, 'ok', `written to ${safe(out)}`),
  ])
}

function tierOf(text: string): 'partner' | 'research' {
  if (text === 'partner' || text === 'research') return text
  throw usage('a tier is partner or research; public parts are everywhere already')
}

function daysOf(time: string): number {
  const days = secondsOf(time) / DAY_SECONDS
  if (Number.isInteger(days) && days > 0) return days
  throw usage('a whole number of days, such as 90d')
}

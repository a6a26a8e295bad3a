/** Parts in escrow, as text. Every word of another member is made safe here. */
import type { EscrowsView, EscrowView, RecoveredView } from '../../node/api/client.ts'
import { columns, faint, marked, type Look } from '../look.ts'
import { safe } from '../safe.ts'
import { shortTime } from './status.ts'

/** Digits of a deposit's id that are shown. */
const SHORT_ID = 12

const STATES: Readonly<Record<string, string>> = {
  'ours waiting': 'in escrow; not every holder acknowledged it yet',
  'ours held': 'in escrow; every holder signed that it has its share',
  'ours erased': 'erased by us; the holders delete it',
  'kept held': 'kept for its owner',
  'kept recovering': 'being recovered: more shares are needed',
  'kept recovered': 'recovered, and verified against the log of its owner',
  'kept erased': 'erased by its owner, and deleted here',
  'kept false': 'what the shares open is NOT what its owner committed to',
}

const GOOD: ReadonlySet<string> = new Set(['ours held', 'kept held', 'kept recovered'])

const REFUSALS: Readonly<Record<string, string>> = {
  'owner-connected': 'its owner is connected to this node now',
  'owner-heard': 'its owner was not silent for long enough',
  'not-fresh': 'this node has not heard enough of the others lately',
}

/** How far a holder of ours is, and what another holder said. */
const HOLDERS: Readonly<Record<string, string>> = {
  waiting: 'not acknowledged yet',
  held: 'has its share',
  erased: 'deleted it',
  none: 'never had it',
  own: 'this node',
  gathered: 'gave its share',
  pending: 'a person there has to decide',
  'other-share': 'gave a share that is NOT the one deposited',
  'other-release': 'gave a share with a word that is not its own',
}

export function renderEscrows(look: Look, { settings, trouble, deposits }: EscrowsView): readonly string[] {
  const on =
    settings === undefined
      ? 'Escrow is off: nothing that is published goes into it by itself.'
      : `What is published goes into escrow (${settings.tiers.join(' and ')}): ${settings.threshold} of ${settings.holders.length} holders, after ${settings.afterDays} days of silence.`
  const rows = deposits.map((one) => [
    one.id.slice(0, SHORT_ID),
    one.side === 'ours' ? 'ours' : one.owner,
    one.record,
    one.tier,
    one.state,
    sharesOf(one),
  ])
  return [
    on,
    ...(trouble === undefined ? [] : [marked(look, 'warn', safe(trouble))]),
    ...(deposits.length === 0
      ? ['No deposit.']
      : columns(look, ['deposit', 'of', 'record', 'part', 'state', 'shares'], rows)),
  ]
}

function sharesOf({ side, holders, shares, threshold }: EscrowView): string {
  if (side === 'kept') return `${shares} of the ${threshold} needed`
  return `${holders.filter(({ state }) => state === 'held').length} of ${holders.length} acknowledged`
}

export function renderEscrow(
  look: Look,
  view: EscrowView,
  typed: (command: string) => string,
): readonly string[] {
  const { id, side, state, why, owner, record, version, tier, threshold, afterDays, holders, silence } = view
  const key = `${side} ${state}`
  const mark = GOOD.has(key) ? 'ok' : state === 'false' ? 'fail' : 'warn'
  const because = why === undefined ? '' : ` (${safe(why)})`
  const short = id.slice(0, SHORT_ID)
  return [
    marked(look, mark, `${STATES[key] ?? safe(state)}${because}`),
    `  deposit   ${short}`,
    `  about     the ${safe(tier)} part of ${record}, version ${version}, of ${safe(owner)}`,
    `  opens     with ${threshold} of ${holders.length} shares, after ${afterDays} days without a word of its owner`,
    ...holders.map(({ domain, state: its, why: said }) => {
      const word = said ?? its
      return `  holder    ${safe(domain)}: ${HOLDERS[word] ?? safe(word)}`
    }),
    ...(silence === undefined ? [] : renderSilence(look, view, silence)),
    ...view.called.map(
      ({ domain, at, reason }) => `  asked by  ${safe(domain)} ${shortTime(at)}: ${safe(reason)}`,
    ),
    ...view.released.map(
      ({ domain, at, by, reason }) =>
        `  released  to ${safe(domain)} by ${safe(by)} ${shortTime(at)}: ${safe(reason)}`,
    ),
    ...(state === 'recovered' ? ['', typed(`candor escrow show ${short} -o part.json`)] : []),
  ]
}

function renderSilence(
  look: Look,
  { state, shares, threshold }: EscrowView,
  { since, until, refusal }: NonNullable<EscrowView['silence']>,
): readonly string[] {
  if (state !== 'held' && state !== 'recovering') return []
  const now = refusal === undefined ? 'may be released now' : (REFUSALS[refusal] ?? safe(refusal))
  return [
    `  silent    since ${shortTime(since)}; a share may go from ${shortTime(until)} on`,
    faint(look, `  now       ${now}`),
    ...(state === 'recovering' ? [`  shares    ${shares} of the ${threshold} needed`] : []),
  ]
}

export function renderRecovered(look: Look, { verdict }: RecoveredView): readonly string[] {
  return [
    marked(look, 'ok', safe(verdict)),
    faint(look, 'Whether it is true, no signature can show. The terms of its owner hold for it.'),
  ]
}

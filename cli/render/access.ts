/** Requests, decisions and what was given, as text. Every word of a peer is made safe here. */
import type {
  AskedView,
  CaseView,
  PolicyView,
  ReceivedView,
  TermsView,
  TrailPage,
} from '../../node/api/client.ts'
import { quoted } from '../context.ts'
import { columns, counted, faint, heading, marked, type Look } from '../look.ts'
import { safe, safeLines } from '../safe.ts'
import { renderDocument } from './document.ts'
import { shortTime } from './status.ts'

/** Digits of a request's id that are shown. */
export const SHORT_REQUEST = 12

const STATES: Readonly<Record<string, string>> = {
  open: 'not answered yet; the owner was not reached, or asked to wait',
  pending: 'a person at the owner has to decide',
  denied: 'denied',
  refused: 'refused: the owner does not treat it as a request',
  received: 'granted; the key is still to come',
  opened: 'granted, received and verified',
  revoked: 'revoked: what was received is deleted here',
  ended: 'ended',
  false: 'what came is NOT what its author committed to',
  erased: 'erased by its author, and deleted here',
}

const GOOD: ReadonlySet<string> = new Set(['opened', 'confirmed', 'offered', 'receipted'])
const WAITING: ReadonlySet<string> = new Set(['open', 'pending', 'received', 'asked'])

/** A key that left without a word back counts as disclosed, and claims no more than that. Spec 06 §7. */
const CASE_STATES: Readonly<Record<string, string>> = {
  receipted: 'receipted, unconfirmed: the key may have left, and nobody said that it was used',
}

function markOf(state: string): 'ok' | 'warn' | 'fail' {
  if (GOOD.has(state)) return 'ok'
  return WAITING.has(state) ? 'warn' : 'fail'
}

export function renderAskedList(look: Look, views: readonly AskedView[]): readonly string[] {
  if (views.length === 0) return ['No request was made.']
  const rows = views.map(({ id, state, tier, record, owner, at, until, changes }) => [
    id.slice(0, SHORT_REQUEST),
    changes.length > 0 ? `${state}, stale` : state,
    tier,
    record.slice(0, 8),
    owner,
    shortTime(at),
    until === undefined ? '' : shortTime(until),
  ])
  return columns(look, ['request', 'state', 'tier', 'record', 'owner', 'asked', 'until'], rows)
}

const OVER = 'its time is over: it must not be used any more, and copies of it are to be deleted'

export function renderAsked(
  look: Look,
  view: AskedView,
  typed: (command: string) => string,
): readonly string[] {
  const { id, state, why, owner, record, version, tier, purpose, until, terms, changes, owed, note, over } =
    view
  const because = why === undefined ? '' : ` (${safe(why)})`
  return [
    marked(look, markOf(state), `${STATES[state] ?? safe(state)}${because}`),
    `  request   ${id.slice(0, SHORT_REQUEST)}`,
    `  about     the ${tier} part of ${record}, version ${version}, of ${safe(owner)}`,
    `  purpose   ${safe(purpose)}`,
    ...(until === undefined ? [] : [`  until     ${shortTime(until)}`]),
    ...(over ? [marked(look, 'fail', OVER)] : []),
    ...(note === undefined ? [] : [`  they say  ${safe(note)}`]),
    ...changes.map((one) => marked(look, 'warn', `its author changed the record since: ${safe(one)}`)),
    ...(owed === 0 ? [] : [`  ${owed} acknowledgements are still to be sent`]),
    ...(terms === undefined ? [] : renderTerms(look, view, terms, typed)),
    ...(state === 'opened' ? ['', typed(`candor request fetch ${id.slice(0, SHORT_REQUEST)}`)] : []),
  ]
}

function renderTerms(
  look: Look,
  view: AskedView,
  { digest, marking, text }: TermsView,
  typed: (command: string) => string,
): readonly string[] {
  return [
    '',
    heading(look, 'Terms that hold for it'),
    ...renderDocument(marking, new Set()).map((line) => `  ${line}`),
    ...(text === '' ? [] : safeLines(text).map((line) => `  ${line}`)),
    'Whoever accepts them asks again with them:',
    `  ${typed(`candor request new ${argumentsOf(view)} --accept ${digest}`)}`,
  ]
}

/** What was asked, as it is typed: our own words, which the shell must not read as anything else. */
function argumentsOf(view: AskedView): string {
  const { record, owner, version, tier, purpose, justification, recipients, days, items } = view
  const one = {
    author: owner,
    'record-version': version,
    tier,
    purpose,
    because: justification,
    for: `${days}d`,
  }
  const many = [
    ...recipients.map((name) => ['recipient', name]),
    ...(items ?? []).map((path) => ['item', path.join('.')]),
  ]
  const options = [...Object.entries(one), ...many].flatMap(([name, value]) => [`--${name}`, String(value)])
  return [record, ...options].map((word) => quoted(safe(word))).join(' ')
}

export function renderReceived(look: Look, received: ReceivedView): readonly string[] {
  const { request, document, items, verdict } = received
  const shown =
    document === undefined
      ? (items ?? []).map(({ path, value }) => `  ${safe(path.join('.'))}: ${safe(JSON.stringify(value))}`)
      : renderDocument(document, new Set()).map((line) => `  ${line}`)
  return [
    marked(look, 'ok', safe(verdict)),
    ...request.changes.map((one) =>
      marked(look, 'fail', `STALE: its author changed the record since: ${safe(one)}`),
    ),
    ...(request.over ? [marked(look, 'fail', OVER)] : []),
    ...(request.until === undefined
      ? []
      : [`  yours until ${shortTime(request.until)}, for ${safe(request.purpose)}`]),
    ...(shown.length === 0 ? [] : ['', ...shown]),
    '',
    faint(look, 'It is what its author committed to; whether it is true, no signature can show.'),
  ]
}

/** Parts of one record that were received, below what everybody can read. */
export function renderHeld(
  look: Look,
  views: readonly AskedView[],
  typed: (command: string) => string,
): readonly string[] {
  return views.flatMap(({ id, tier, version, until, changes, over }) => [
    '',
    marked(
      look,
      changes.length === 0 && !over ? 'ok' : 'fail',
      `${changes.length === 0 ? '' : 'STALE: '}the ${safe(tier)} part of version ${version} was given to us${until === undefined ? '' : `, until ${shortTime(until)}`}`,
    ),
    ...(over ? [`  ${OVER}`] : []),
    ...changes.map((one) => `  its author changed the record since: ${safe(one)}`),
    `  ${typed(`candor request fetch ${id.slice(0, SHORT_REQUEST)}`)}`,
  ])
}

export function renderCases(look: Look, views: readonly CaseView[]): readonly string[] {
  if (views.length === 0) return ['No request.']
  const rows = views.map(({ id, state, requester, tier, record, purpose, at, justification }) => [
    id.slice(0, SHORT_REQUEST),
    state,
    requester.name,
    tier,
    record.slice(0, 8),
    purpose,
    shortTime(at),
    justification,
  ])
  return columns(look, ['request', 'state', 'from', 'tier', 'record', 'purpose', 'came', 'because'], rows)
}

export function renderCase(look: Look, view: CaseView): readonly string[] {
  const { id, state, requester, tier, record, version, items, purpose, recipients, until, grantUntil } = view
  const what = items === null ? 'all of it' : items.map((path) => safe(path.join('.'))).join(', ')
  return [
    marked(
      look,
      markOf(state),
      `${CASE_STATES[state] ?? state}${view.reason === undefined ? '' : ` (${safe(view.reason)})`}`,
    ),
    `  request     ${id.slice(0, SHORT_REQUEST)}, came ${shortTime(view.at)}`,
    `  from        ${safe(requester.name)} (${requester.kind}), key ${requester.keyId.slice(0, 16)}`,
    `  about       the ${tier} part of ${record}, version ${version}: ${what}`,
    `  purpose     ${safe(purpose)}`,
    `  because     ${safe(view.justification)}`,
    `  readers     ${recipients.map(safe).join(', ')}`,
    `  wanted      until ${shortTime(until)}`,
    ...(grantUntil === undefined ? [] : [`  granted     until ${shortTime(grantUntil)}`]),
    ...(view.files === undefined ? [] : [`  files       ${filesOf(view.files)}`]),
    ...(view.acks === 0 ? [] : [`  acknowledged ${view.acks} changes`]),
    ...(view.appeal === undefined ? [] : [`  appeal      ${safe(view.appeal)}`]),
  ]
}

function filesOf({ sent, unconfirmed }: NonNullable<CaseView['files']>): string {
  const all = `blocks of ${counted(sent, 'file')} were sent`
  return unconfirmed === 0
    ? `${all}; the reader holds them whole`
    : `${all}, ${unconfirmed} unconfirmed: they may have left, and nobody said that they came`
}

export function renderPolicyCheck(look: Look, { digest, rules }: PolicyView): readonly string[] {
  return [
    marked(look, rules === 0 ? 'warn' : 'ok', `${counted(rules, 'rule')}, none in force by this check`),
    faint(look, `  digest ${digest}`),
  ]
}

export function renderPolicy(look: Look, { text, digest, fault, rules }: PolicyView): readonly string[] {
  const state =
    fault === undefined
      ? marked(
          look,
          rules === 0 ? 'warn' : 'ok',
          rules === 0 ? 'no rule: nothing is disclosed' : `${rules} rules in force`,
        )
      : marked(look, 'fail', `nothing is disclosed: ${safe(fault)}`)
  return [
    state,
    faint(look, `  digest ${digest}`),
    ...(text === '' ? [] : ['', ...safeLines(text.trimEnd())]),
  ]
}

export function renderTrail(look: Look, { size, root, entries }: TrailPage): readonly string[] {
  if (size === 0) return ['The audit trail is empty.']
  const rows = entries.map(({ index, at, side, step, request, facts, unconfirmed }) => [
    String(index),
    shortTime(at),
    side,
    unconfirmed === true ? `${step}, unconfirmed` : step,
    request.slice(0, SHORT_REQUEST),
    factsOf(facts),
  ])
  return [
    ...columns(look, ['entry', 'at', 'as', 'step', 'request', 'facts'], rows),
    faint(look, `${size} entries, root ${root}`),
  ]
}

/** The words among the facts; digests say nothing to a person. */
function factsOf(facts: unknown): string {
  if (typeof facts !== 'object' || facts === null) return ''
  const words = Object.entries(facts).filter(([, value]) => typeof value === 'string' && value.length <= 32)
  return words.map(([name, value]) => `${name} ${String(value)}`).join(', ')
}

/** The state of a node, its logs and its peers as text. */
import type { LogView, PeerView, StatusView } from '../../node/api/client.ts'
import { columns, counted, faint, heading, marked, MARK, type Look } from '../look.ts'
import { safe } from '../safe.ts'

type Typed = (command: string) => string

export function renderStatus(look: Look, status: StatusView, typed: Typed): readonly string[] {
  const { member, network, log, logs, peers, drafts, outbox, version, pid, startedAt } = status
  return [
    stateLine(look, status),
    `  ${safe(network.name)}, ${counted(network.members, 'member')}  ${faint(look, network.id)}`,
    `  own log ${counted(log.size, 'entry').replace('entrys', 'entries')} · ${counted(drafts, 'draft')} · ${outbox} in the outbox · ${peers.connected} of ${peers.members} other members connected`,
    faint(look, `  ${safe(member.domain)} · candor ${version} · pid ${pid} · since ${shortTime(startedAt)}`),
    '',
    ...renderLogs(look, logs),
    ...renderOutside(look, status.outside),
    ...needs(look, status, typed),
  ]
}

export function renderLogs(look: Look, logs: readonly LogView[]): readonly string[] {
  const rows = logs.map(({ domain, size, held, root, state, why, since, confirmed }) => [
    `${markOf(state)} ${domain}`,
    String(size),
    String(held),
    root.slice(0, 12),
    confirmedBy(confirmed),
    `${state} since ${shortTime(since)}: ${why}`,
  ])
  return columns(look, ['LOG', 'SIZE', 'HELD', 'ROOT', 'CONFIRMED BY', 'STATE'], rows)
}

/** Mirrors of other members on the newest head, of how many a quorum takes, and the witnesses outside besides. */
function confirmedBy({ others, needed, mirrors, quorum, outside }: LogView['confirmed']): string {
  const beside = outside === undefined ? '' : `; outside ${outside.cosigned} of ${outside.needed} needed`
  if (others === 0) return `nobody else${beside}`
  const below = mirrors < needed && quorum !== null ? `; quorum at ${quorum.size}` : ''
  return mirrors >= needed
    ? `quorum (${mirrors} of ${others})${beside}`
    : `${mirrors} of ${needed} needed${below}${beside}`
}

function renderOutside(look: Look, outside: StatusView['outside']): readonly string[] {
  if (outside === undefined) return []
  const rows = outside.map(({ name, url, cosigned, failing }) => [
    `${failing === undefined ? MARK.ok : MARK.warn} ${name}`,
    cosigned === undefined ? '' : `size ${cosigned.size}, ${shortTime(cosigned.at)}`,
    url,
    failing === undefined ? '' : `${failing.why}; asked again ${shortTime(failing.nextAt)}`,
  ])
  return ['', ...columns(look, ['OUTSIDE WITNESS', 'COSIGNED', 'ADDRESS', 'WHY NOT'], rows)]
}

export function renderPeers(look: Look, peers: readonly PeerView[]): readonly string[] {
  if (peers.length === 0) return ['The charter names no other members.']
  const rows = peers.map(({ domain, state, since, addresses, failure, protocol, skipped }) => [
    `${state === 'connected' ? MARK.ok : MARK.warn} ${domain}`,
    state,
    shortTime(since),
    addresses[0] ?? 'no address known',
    [
      failure,
      protocol === 'same-protocol' || protocol === 'unknown' ? undefined : protocol,
      ...skipped.map(({ reason }) => reason),
    ]
      .filter((why) => why !== undefined)
      .join('; '),
  ])
  return columns(look, ['MEMBER', 'STATE', 'SINCE', 'ADDRESS', 'WHY'], rows)
}

export function shortTime(instant: string): string {
  return safe(instant)
    .replace('T', ' ')
    .replace(/:\d\d(?:\.\d+)?Z$/, 'Z')
}

function stateLine(look: Look, { member, state, readOnly }: StatusView): string {
  const name = heading(look, safe(member.name))
  if (state === 'ok') return marked(look, 'ok', `${name} is running and publishes`)
  const why = readOnly === undefined ? '' : `: ${safe(readOnly.why)}`
  return marked(
    look,
    'warn',
    `${name} is running, ${state === 'recovering' ? 'recovering and read-only until then' : 'read-only'}${why}`,
  )
}

function needs(look: Look, { problems, readOnly }: StatusView, typed: Typed): readonly string[] {
  const own =
    readOnly === undefined
      ? []
      : [
          {
            code: readOnly.code,
            message: readOnly.why,
            ...(readOnly.fix === undefined ? {} : { fix: readOnly.fix }),
          },
        ]
  const all = [...own, ...problems]
  if (all.length === 0) return []
  const lines = all.flatMap(({ code, message, fix }) => [
    marked(look, 'warn', `${safe(message)} ${faint(look, safe(code))}`),
    ...(fix === undefined ? [] : [`    Next: ${typed(safe(fix))}`]),
  ])
  return ['', heading(look, 'Needs you'), ...lines]
}

function markOf(state: LogView['state']): string {
  if (state === 'ok') return MARK.ok
  return state === 'stopped' || state === 'damaged' || state === 'forked' ? MARK.fail : MARK.warn
}

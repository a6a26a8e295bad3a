/** How far a change of a record has reached, as text. */
import type { ReachView } from '../../node/api/client.ts'
import { marked, type Look } from '../look.ts'
import { safe } from '../safe.ts'

export function renderReach(look: Look, reach: ReachView): readonly string[] {
  const { copies } = reach
  return copies === undefined
    ? renderHolders(look, reach)
    : [...renderCopies(look, copies), ...renderHolders(look, reach)]
}

function renderCopies(
  look: Look,
  { index, erased, open }: NonNullable<ReachView['copies']>,
): readonly string[] {
  const all = erased.length + open.length
  return [
    marked(
      look,
      open.length === 0 ? 'ok' : 'warn',
      `${erased.length} of ${all} other members deleted the public part (erased by entry ${index})`,
    ),
    ...open.map((domain) => `  not yet: ${safe(domain)}`),
  ]
}

function renderHolders(
  look: Look,
  { record, holders, acknowledged, changes, missing }: ReachView,
): readonly string[] {
  if (holders === 0) return [`Nobody was given a restricted part of ${record}.`]
  if (changes.length === 0) return [`${holders} hold a part of ${record}; nothing was changed since.`]
  return [
    marked(
      look,
      missing.length === 0 ? 'ok' : 'warn',
      `${acknowledged} of ${holders} holders acknowledged every change of ${record}`,
    ),
    ...changes.map((one) => `  ${one.kind} (entry ${one.index}): ${one.acknowledged} of ${holders}`),
    ...missing.map(({ name }) => `  not yet: ${safe(name)}`),
    '  An acknowledgement is a signed word; that a copy is gone it does not prove.',
  ]
}

/** What rules of redaction let through, as text: what is withheld and why, or every value before and after. */
import type { RedactedItem, RedactionView } from '../../node/api/client.ts'
import { counted, faint, marked, styled, type Look } from '../look.ts'
import { safe, safeJson } from '../safe.ts'

export function renderRedaction(
  look: Look,
  { of, id, version, tier, items }: RedactionView,
  detail: 'paths' | 'values',
): readonly string[] {
  const count = (outcome: RedactedItem['outcome']) => items.filter((one) => one.outcome === outcome).length
  const [shown, changed, withheld] = [count('shown'), count('changed'), count('withheld')]
  const rest = [
    ...(changed === 0 ? [] : [`${changed} of them changed`]),
    ...(withheld === 0 ? ['none withheld'] : [`${withheld} withheld (${reasonsOf(items)})`]),
  ]
  const what = `${shown + changed} of ${counted(items.length, 'item')} shown, ${rest.join(', ')}`
  const lines = detail === 'values' ? items.flatMap((one) => diffOf(look, one)) : items.flatMap(pathOf)
  return [
    marked(look, shown + changed === 0 ? 'warn' : 'ok', what),
    faint(look, `  the ${tier} part of ${of} ${safe(id)}, version ${version}`),
    ...(lines.length === 0 ? [] : ['', ...lines]),
    '',
    faint(
      look,
      'Nothing was given to anybody. Rules know paths, not meaning: read what is left before it goes.',
    ),
  ]
}

function reasonsOf(items: readonly RedactedItem[]): string {
  const counts = new Map<string, number>()
  for (const { outcome, by } of items)
    if (outcome === 'withheld' && by !== undefined) counts.set(by.reason, (counts.get(by.reason) ?? 0) + 1)
  return [...counts].map(([reason, count]) => `${count} ${safe(reason)}`).join(', ')
}

/** What a rule touched, without its value. */
function pathOf({ path, outcome, by }: RedactedItem): readonly string[] {
  return by === undefined ? [] : [`  ${outcome.padEnd(8)}  ${nameOf(path)}  ${ruleOf(by)}`]
}

function diffOf(look: Look, { path, outcome, before, after, by }: RedactedItem): readonly string[] {
  const name = nameOf(path)
  const value = (of: unknown) => safe(safeJson(of))
  if (outcome === 'shown') return [`  ${name}: ${value(before)}`]
  return [
    styled(look, 'red', `- ${name}: ${value(before)}`),
    ...(outcome === 'changed' ? [styled(look, 'green', `+ ${name}: ${value(after)}`)] : []),
    ...(by === undefined ? [] : [faint(look, `    ${ruleOf(by)}`)]),
  ]
}

function nameOf(path: RedactedItem['path']): string {
  return safe(path.join('.'))
}

function ruleOf({ rule, transform, reason }: NonNullable<RedactedItem['by']>): string {
  return `${safe(transform)} by ${safe(rule)} (${safe(reason)})`
}

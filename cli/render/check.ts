/** The check of a draft: what speaks against it, who stands behind it, and who will be able to read which words. */
import type {
  CheckView,
  ConfirmedPlace,
  DraftView,
  FindingView,
  PublicationTrailView,
} from '../../node/api/client.ts'
import { faint, heading, marked, type Look } from '../look.ts'
import { safe } from '../safe.ts'
import { renderDocument } from './document.ts'

/** What an asking rule wants to know. */
const QUESTIONS: Readonly<Record<string, string>> = {
  person: 'is this a person?',
  'random-string': 'is this a key?',
}

export function renderCheck(look: Look, draft: DraftView, check: CheckView): readonly string[] {
  const { problems, findings, audience, approvals } = check
  const nothing = problems.length + findings.length === 0
  return [
    ...problems.map((problem) => marked(look, 'fail', safe(problem))),
    ...findings.map((found) => renderFinding(look, found)),
    ...(nothing ? [marked(look, 'ok', 'schema, contradictions and linter: nothing found')] : []),
    ...approvals.map(({ by, act, at }) =>
      marked(
        look,
        'ok',
        `${safe(by)} ${act === 'publish' ? 'published' : 'approved'} it as it is, ${at.slice(0, 16)}`,
      ),
    ),
    ...audience.flatMap(({ tier, words, readers }) => [
      '',
      heading(look, `${tier} part, ${words} words, can be read by`),
      ...readers.map((reader) => `  ${safe(reader)}`),
      ...renderDocument(draft[tierOf(tier)]).map((line) => faint(look, `  │ ${line}`)),
    ]),
    '',
    faint(look, 'No linter finds every name. Read it as somebody who wants to know whom it is about.'),
  ]
}

export function renderFinding(
  look: Look,
  { rule, severity, tier, path, line, column, length, suppressed }: FindingView,
): string {
  const place = `${rule}  ${tier}.${safe(path)}, line ${line}, column ${column}, ${length} characters`
  if (suppressed !== undefined)
    return marked(look, 'ok', `${place}: let pass by ${safe(suppressed.by)}: ${safe(suppressed.reason)}`)
  if (severity === 'block') return marked(look, 'fail', place)
  return marked(look, 'warn', `${place}: ${QUESTIONS[rule] ?? 'is it meant to leave?'}`)
}

export function renderTrail(look: Look, { suppressed, approvals }: PublicationTrailView): readonly string[] {
  if (suppressed.length + approvals.length === 0)
    return ['Nothing was let pass, and no operator is named with it.']
  return [
    ...suppressed.map(({ rule, tier, path, reason, by, at }) =>
      marked(
        look,
        'warn',
        `${rule}  ${tier}.${safe(path)}: let pass by ${safe(by)}, ${at.slice(0, 16)}: ${safe(reason)}`,
      ),
    ),
    ...approvals.map(({ act, by, at }) =>
      marked(
        look,
        'ok',
        `${act === 'publish' ? 'published' : 'approved'} by ${safe(by)}, ${at.slice(0, 16)}`,
      ),
    ),
  ]
}

/** Where the linter asks and nobody answered: whoever is shown this and says yes, answers. */
export function openPlaces({ findings }: CheckView): readonly ConfirmedPlace[] {
  return findings.flatMap(({ rule, severity, tier, path, suppressed }) =>
    severity === 'ask' && suppressed === undefined ? [{ rule, tier: tierOf(tier), path }] : [],
  )
}

function tierOf(tier: string): 'public' | 'partner' | 'research' {
  return tier === 'partner' || tier === 'research' ? tier : 'public'
}

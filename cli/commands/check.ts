/** `candor check`: what the linter finds in a draft, and who will be able to read which words. */
import { userInfo } from 'node:os'
import type { CheckView } from '../../node/api/client.ts'
import { usage, type Context } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { faint, heading, marked, type Look } from '../look.ts'
import type { Commands } from '../program.ts'
import { safe } from '../safe.ts'

type Options = { readonly suppress?: string; readonly reason?: string; readonly as?: string }

export function addCheck({ group, context }: Commands): void {
  group('check')
    .description('what should not leave in a draft, and who will be able to read which words')
    .argument('<draft>', 'the id of a draft, or its first six letters or more')
    .option('--suppress <rule@place>', 'let findings of a rule pass at a place, such as phone@public.summary')
    .option('--reason <text>', 'why it is let pass; this stays on record')
    .option('--as <name>', 'who lets it pass; your user name when nothing is said')
    .action(async (draft: string, options: Options, command) => {
      const at = context(command)
      const view = await check(at, draft, options)
      at.setExit(view.passes ? EXIT.ok : EXIT.badInput)
      await at.answer('check', view, () => render(at.look, view, at.typed))
    })
}

function check(at: Context, draft: string, { suppress, reason, as }: Options): Promise<CheckView> {
  if (suppress === undefined) return at.client.checkDraft(draft)
  const [, rule, tier, path] = /^([a-z0-9-]+)@(public|partner|research)\.(.+)$/u.exec(suppress) ?? []
  if (rule === undefined || tier === undefined || path === undefined)
    throw usage('what is let pass is named by rule and place, such as phone@public.summary')
  if (reason === undefined) throw usage('what is let pass needs --reason')
  return at.client.suppress(draft, { rule, tier, path, reason, by: as ?? userInfo().username })
}

function render(
  look: Look,
  { id, passes, findings, audience }: CheckView,
  typed: (command: string) => string,
) {
  const lines = findings.map(({ rule, severity, tier, path, line, column, length, suppressed }) => {
    const place = `${rule}  ${tier}.${safe(path)}, line ${line}, column ${column}, ${length} characters`
    if (suppressed !== undefined)
      return marked(look, 'ok', `${place}: let pass by ${safe(suppressed.by)}: ${safe(suppressed.reason)}`)
    return marked(
      look,
      severity === 'block' ? 'fail' : 'warn',
      `${place}${severity === 'ask' ? ': is this a person?' : ''}`,
    )
  })
  return [
    ...(lines.length === 0 ? [marked(look, 'ok', 'the linter found nothing')] : lines),
    '',
    heading(look, 'Who will be able to read what'),
    ...audience.flatMap(({ tier, words, readers }) =>
      readers.map((reader) => `  ${tier.padEnd(9)} ${words} words  ${safe(reader)}`),
    ),
    '',
    faint(look, 'No linter finds every name. Read it as somebody who wants to know whom it is about.'),
    ...(passes
      ? []
      : [
          `Mend it and draft it again, or: ${typed(`candor check ${id.slice(0, 10)} --suppress RULE@PLACE --reason TEXT`)}`,
        ]),
  ]
}

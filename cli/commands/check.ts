/** `candor check`: what speaks against letting a draft leave, and who will be able to read which words. */
import { userInfo } from 'node:os'
import type { CheckView } from '../../node/api/client.ts'
import { usage, type Context } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import type { Commands } from '../program.ts'
import { renderCheck, renderTrail } from '../render/check.ts'
import { SHORT_ID } from '../render/records.ts'

type Options = {
  readonly suppress?: string
  readonly reason?: string
  readonly as?: string
  readonly trail?: true
}

export function addCheck({ group, context }: Commands): void {
  group('check')
    .description('what should not leave in a draft, and who will be able to read which words')
    .argument('<draft>', 'the id of a draft, or its first six letters or more')
    .option('--suppress <rule@place>', 'let findings of a rule pass at a place, such as phone@public.summary')
    .option('--reason <text>', 'why it is let pass; this stays on record')
    .option('--as <name>', 'who lets it pass, where the node names no operators; else your user name')
    .option('--trail', 'of a record that was published: what was let pass, by whom, and who approved it')
    .action(async (id: string, options: Options, command) => {
      const at = context(command)
      if (options.trail === true) {
        const trail = await at.client.publicationTrail(id)
        return at.answer('publication', trail, () => renderTrail(at.look, trail))
      }
      const view = await check(at, id, options)
      const draft = await at.client.draft(view.id)
      at.setExit(exitOf(view))
      return at.answer('check', view, () => [...renderCheck(at.look, draft, view), ...next(at, view)])
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

function exitOf({ passes, asks }: CheckView): number {
  if (!passes) return EXIT.badInput
  return asks > 0 ? EXIT.confirmation : EXIT.ok
}

function next(at: Context, { id, passes, asks }: CheckView): readonly string[] {
  const short = id.slice(0, SHORT_ID)
  const letPass = at.typed(`candor check ${short} --suppress RULE@PLACE --reason TEXT`)
  if (!passes) return [`Mend it and draft it again, or: ${letPass}`]
  if (asks > 0) return [`Say yes to what it asks when you publish, or: ${letPass}`]
  return [`Next: ${at.typed(`candor publish ${short}`)}`]
}

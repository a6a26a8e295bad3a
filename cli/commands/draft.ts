/** `candor draft`: what is written and not yet published. */
import type { DraftView } from '../../node/api/client.ts'
import { counted, faint, heading, marked, columns, type Look } from '../look.ts'
import type { Commands } from '../program.ts'
import { renderDocument } from '../render/document.ts'
import { SHORT_ID } from '../render/records.ts'
import { shortTime } from '../render/status.ts'
import { safe } from '../safe.ts'

export function addDraft({ group, context }: Commands): void {
  const draft = group('draft').description('drafts: list, show, drop')
  draft
    .command('list')
    .description('all drafts')
    .action(async (_options: object, command) => {
      const at = context(command)
      const drafts = await at.client.drafts()
      await at.answer('draft-list', drafts, () => renderDrafts(at.look, drafts, at.typed))
    })
  draft
    .command('show')
    .description('one draft, tier by tier')
    .argument('<id>')
    .action(async (id: string, _options: object, command) => {
      const at = context(command)
      const found = await at.client.draft(id)
      await at.answer('draft', found, () => renderDraft(at.look, found))
    })
  draft
    .command('drop')
    .description('delete drafts')
    .argument('<id...>')
    .action(async (ids: readonly string[], _options: object, command) => {
      const at = context(command)
      for (const id of ids) await at.client.dropDraft(id)
      await at.answer('draft-dropped', { dropped: ids }, () => [
        marked(at.look, 'ok', `dropped ${counted(ids.length, 'draft')}`),
      ])
    })
}

export function renderDraft(look: Look, draft: DraftView): readonly string[] {
  const { id, title, kind, version, createdAt, heldUntil, partner, research } = draft
  const tier = (name: string, document: unknown) =>
    document === undefined ? [] : ['', heading(look, `${name} part`), ...renderDocument(document)]
  return [
    heading(look, safe(title)),
    faint(look, `${id} · ${safe(kind)} · version ${version} · written ${shortTime(createdAt)}`),
    ...(heldUntil === undefined ? [] : [marked(look, 'warn', `in the outbox until ${shortTime(heldUntil)}`)]),
    ...tier('public', draft.public),
    ...tier('partner', partner),
    ...tier('research', research),
  ]
}

function renderDrafts(
  look: Look,
  drafts: readonly DraftView[],
  typed: (command: string) => string,
): readonly string[] {
  if (drafts.length === 0) return [`No drafts. Write one: ${typed('candor report')}`]
  const rows = drafts.map(({ id, kind, createdAt, heldUntil, title }) => [
    id.slice(0, SHORT_ID),
    kind,
    shortTime(createdAt),
    heldUntil === undefined ? 'draft' : `outbox until ${shortTime(heldUntil)}`,
    title,
  ])
  return [
    ...columns(look, ['ID', 'KIND', 'WRITTEN', 'STATE', 'TITLE'], rows),
    faint(look, counted(drafts.length, 'draft')),
  ]
}

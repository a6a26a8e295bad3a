/** `candor outbox`: what waits to be published, and taking it back. */
import { columns, faint, marked } from '../look.ts'
import type { Commands } from '../program.ts'
import { SHORT_ID } from '../render/records.ts'
import { shortTime } from '../render/status.ts'
import { safe } from '../safe.ts'

export function addOutbox({ group, context }: Commands): void {
  const outbox = group('outbox')
    .description('what waits to be published; `outbox cancel ID` takes it back')
    .action(async (_options: object, command) => {
      const at = context(command)
      const held = (await at.client.drafts()).filter(({ heldUntil }) => heldUntil !== undefined)
      await at.answer('outbox', held, () => {
        if (held.length === 0) return ['The outbox is empty.']
        const rows = held.map(({ id, heldUntil, title }) => [
          id.slice(0, SHORT_ID),
          shortTime(heldUntil ?? ''),
          title,
        ])
        const hint = faint(at.look, `take one back: ${at.typed('candor outbox cancel ID')}`)
        return [...columns(at.look, ['ID', 'GOES AT', 'TITLE'], rows), hint]
      })
    })
  outbox
    .command('cancel')
    .description('take a draft out of the outbox; it stays a draft')
    .argument('<id>')
    .action(async (id: string, _options: object, command) => {
      const at = context(command)
      const draft = await at.client.cancel(id)
      await at.answer('draft', draft, () => [
        marked(at.look, 'ok', `“${safe(draft.title)}” is a draft again`),
      ])
    })
}

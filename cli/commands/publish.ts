/** `candor publish`: a preview of who will be able to read which words, a yes, then the outbox or the log. */
import { NodeError, type DraftView, type PublishedView } from '../../node/api/client.ts'
import type { Context } from '../context.ts'
import { secondsOf } from '../duration.ts'
import { counted, heading, marked } from '../look.ts'
import type { Commands } from '../program.ts'
import { Prompter } from '../prompt.ts'
import { renderPreview } from '../render/preview.ts'
import { SHORT_ID } from '../render/records.ts'
import { shortTime } from '../render/status.ts'
import { safe } from '../safe.ts'

export function addPublish({ group, context }: Commands): void {
  group('publish')
    .description('publish drafts: preview, yes, outbox, log')
    .argument('<id...>')
    .option('--hold <time>', 'wait in the outbox, where it can be cancelled: 10m, 2h; 0 for at once')
    .action(async (ids: readonly string[], { hold }: { hold?: string }, command) => {
      const at = context(command)
      const seconds = hold === undefined ? undefined : secondsOf(hold)
      const drafts = await Promise.all(ids.map((id) => at.client.draft(id)))
      await confirm(at, drafts)
      for (const draft of drafts) {
        const published = await at.client.publishDraft(draft.id, seconds)
        await at.answer('published', published, () => renderPublished(at, draft.title, published))
      }
    })
}

export function renderPublished(at: Context, title: string, published: PublishedView): readonly string[] {
  const id = published.record.slice(0, SHORT_ID)
  if (published.state === 'held') {
    return [
      marked(at.look, 'ok', `“${safe(title)}” waits in the outbox until ${shortTime(published.until)}`),
      `  take it back: ${at.typed(`candor outbox cancel ${id}`)}`,
    ]
  }
  const { index, head } = published
  return [
    marked(
      at.look,
      'ok',
      `“${safe(title)}” is entry ${index} of your log, under a signed head of size ${head.size}`,
    ),
    `  ${at.typed(`candor show ${id}`)}`,
  ]
}

/** Shows what goes out and asks; without a terminal it takes --yes. */
async function confirm(at: Context, drafts: readonly DraftView[]): Promise<void> {
  const { member } = await at.client.status()
  const name = `${safe(member.name)} (${safe(member.domain)})`
  for (const draft of drafts) {
    const about = heading(at.look, `You are about to publish “${safe(draft.title)}” as ${name}`)
    await at.note([about, ...renderPreview(draft)].join('\n'))
  }
  if (at.isYes) return
  const many = drafts.length === 1 ? 'it' : `these ${counted(drafts.length, 'record')}`
  if (!at.mayAsk) {
    throw new NodeError('CONFIRMATION_NEEDED', `publishing cannot be undone: say --yes to publish ${many}`)
  }
  const prompter = new Prompter(at.io)
  try {
    const answer = await prompter.line(`Type “publish” to publish ${many}:`)
    if (answer !== 'publish') throw new NodeError('CONFIRMATION_NEEDED', 'nothing was published')
  } finally {
    prompter.close()
  }
}

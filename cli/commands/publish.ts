/** `candor publish`: a preview of who will be able to read which words, a yes, then the outbox or the log. */
import { userInfo } from 'node:os'
import { NodeError, type CheckView, type DraftView, type PublishedView } from '../../node/api/client.ts'
import { usage, type Context } from '../context.ts'
import { secondsOf } from '../duration.ts'
import { counted, heading, marked } from '../look.ts'
import type { Commands } from '../program.ts'
import { Prompter } from '../prompt.ts'
import { openPlaces, renderFinding } from '../render/check.ts'
import { renderPreview } from '../render/preview.ts'
import { SHORT_ID } from '../render/records.ts'
import { shortTime } from '../render/status.ts'
import { safe } from '../safe.ts'

type Options = { readonly hold?: string; readonly tier?: string }
type Checked = { readonly draft: DraftView; readonly check: CheckView }

export function addPublish({ group, context }: Commands): void {
  group('publish')
    .description('publish drafts: preview, yes, outbox, log')
    .argument('<id...>')
    .option('--tier <tier>', 'the deepest part that you mean to go: public, partner or research')
    .option('--hold <time>', 'wait in the outbox, where it can be cancelled: 10m, 2h; 0 for at once')
    .action(async (ids: readonly string[], { hold, tier: meant }: Options, command) => {
      const at = context(command)
      const seconds = hold === undefined ? undefined : secondsOf(hold)
      const tier = meant === undefined ? {} : { tier: tierOf(meant) }
      const drafts = await Promise.all(
        ids.map(async (id) => ({ draft: await at.client.draft(id), check: await at.client.checkDraft(id) })),
      )
      await confirm(at, drafts)
      const by = userInfo().username
      for (const { draft, check } of drafts) {
        const confirmed = openPlaces(check)
        const options = { ...tier, ...(confirmed.length === 0 ? {} : { confirmed, by }) }
        const published = await at.client.publishDraft(draft.id, seconds, options)
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
async function confirm(at: Context, drafts: readonly Checked[]): Promise<void> {
  const { member } = await at.client.status()
  const name = `${safe(member.name)} (${safe(member.domain)})`
  for (const { draft, check } of drafts) {
    const about = heading(at.look, `You are about to publish “${safe(draft.title)}” as ${name}`)
    const findings = check.findings.map((found) => renderFinding(at.look, found))
    await at.note([about, ...renderPreview(draft, check.audience), ...findings].join('\n'))
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

function tierOf(text: string): 'public' | 'partner' | 'research' {
  if (text === 'public' || text === 'partner' || text === 'research') return text
  throw usage('--tier takes public, partner or research')
}

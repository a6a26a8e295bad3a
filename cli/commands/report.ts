/** `candor report`: an incident or a near miss becomes a draft; nothing leaves this node. */
import type { NewContent } from '../../node/api/client.ts'
import { usage, type Context } from '../context.ts'
import { readInput } from '../files.ts'
import { marked } from '../look.ts'
import { repeated } from '../options.ts'
import type { Commands } from '../program.ts'
import { Prompter } from '../prompt.ts'
import { ask } from '../questions.ts'
import { renderPreview } from '../render/preview.ts'
import { SHORT_ID } from '../render/records.ts'
import { contentOf, contentOfFile, type ReportOptions } from '../report-content.ts'
import { safe } from '../safe.ts'

type Options = ReportOptions & { readonly file?: string }

export function addReport({ group, context }: Commands): void {
  group('report')
    .description('write a report: by flags, from --file, or by questions; it becomes a draft')
    .option('--file <file>', 'JSON or YAML: the public part, or {kind, public, partner, research}')
    .option('--near-miss', 'something stopped it before anybody was harmed')
    .option('--kind <kind>', 'harm_event, near_miss, hazard, vulnerability or exercise')
    .option('--title <text>', 'what happened, in one line')
    .option('--summary <text>', 'two or three sentences for everybody')
    .option('--description <text>', 'a longer account for everybody')
    .option('--occurred <date>', '2026, 2026-04, 2026-04-09, 2026-04-09T13Z, or two with a / between')
    .option('--sector <sector>', 'such as finance; repeatable', repeated)
    .option('--region <code>', 'country (two letters) or UN M49 area; repeatable', repeated)
    .option('--harm <type:realised>', 'such as economic:potential; repeatable', repeated)
    .option('--system <type:name>', 'such as model:credit-score; repeatable', repeated)
    .option('--status <status>', 'open, under_review, mitigating, closed, …')
    .option('--verification <state>', 'reported, suspected, confirmed, …')
    .option('--tlp <marking>', 'CLEAR, GREEN, AMBER, …')
    .option('--role <role>', 'developer, deployer, user, affected, …')
    .option('--barrier <text>', 'near miss: what stopped it (partners only)')
    .option('--narrative <text>', 'technical account (partners only)')
    .action(async (options: Options, command) => {
      const at = context(command)
      const draft = await at.client.addDraft(await contentFrom(at, options))
      const id = draft.id.slice(0, SHORT_ID)
      await at.answer('draft', draft, () => [
        marked(at.look, 'ok', `saved as draft ${id}: “${safe(draft.title)}”`),
        ...renderPreview(draft),
        `  look at it  ${at.typed(`candor draft show ${id}`)}`,
        `  publish it  ${at.typed(`candor publish ${id}`)}`,
      ])
    })
}

async function contentFrom(at: Context, { file, ...options }: Options): Promise<NewContent> {
  if (file !== undefined) {
    if (Object.keys(options).length > 0) throw usage('--file says everything: leave the other flags out')
    return contentOfFile(file, readInput(file))
  }
  const isWhole = options.title !== undefined && options.summary !== undefined
  if (isWhole) return contentOf(options)
  if (!at.mayAsk) throw usage('say at least --title and --summary, or --file FILE', 'candor report --help')
  const prompter = new Prompter(at.io)
  try {
    return contentOf(await ask(prompter, options))
  } finally {
    prompter.close()
  }
}

/** `candor access export`: all disclosures that concern a record, a party, a purpose or a text, as one file. */
import type { Command } from 'commander'
import type { DisclosureSelection } from '../../node/api/client.ts'
import { usage, type Context } from '../context.ts'
import { writePrivate } from '../files.ts'
import { counted, marked } from '../look.ts'
import type { Commands } from '../program.ts'
import { safe } from '../safe.ts'

type Options = DisclosureSelection & { readonly out: string }

const EXAMPLES = `
All that is given must fit. Examples:
  candor access export --purpose regulatory -o regulator.jsonl
  candor access export --matching 'ward 7' -o data-subject.jsonl`

export function addExportOf(access: Command, context: Commands['context']): void {
  access
    .command('export')
    .description('disclosures with every signed statement as JSON lines, for a regulator or a data subject')
    .option('--record <record>', 'of this record of ours')
    .option('--party <name>', 'asked for by this member or body, or with this organisation as a reader')
    .option('--purpose <purpose>', 'asked for this purpose')
    .option('--matching <text>', 'with this text in the title of the record or in the justification')
    .requiredOption('-o, --out <file>', 'a new file')
    .addHelpText('after', EXAMPLES)
    .action(async (options: Options, command) => write(context(command), options))
}

async function write(at: Context, { out, ...selection }: Options): Promise<void> {
  if (Object.keys(selection).length === 0)
    throw usage('say which disclosures: --record, --party, --purpose or --matching')
  const text = await at.client.disclosureFile(selection)
  writePrivate(out, text)
  // The first line says what was selected; each of the others is one disclosure.
  const count = text.split('\n').length - 2
  await at.answer('disclosure-file', { out, disclosures: count }, () => [
    marked(at.look, count === 0 ? 'warn' : 'ok', `${counted(count, 'request')} written to ${safe(out)}`),
    '  with justifications and signed statements; the disclosed parts and their keys are not in it',
  ])
}

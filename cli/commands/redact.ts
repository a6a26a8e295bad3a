/** `candor redact`: what rules of redaction would let through, before anybody is given anything. */
import { NodeError, type RedactionView } from '../../node/api/client.ts'
import { usage, type Context } from '../context.ts'
import { marked } from '../look.ts'
import type { Commands } from '../program.ts'
import { renderRedaction } from '../render/redact.ts'
import { readRules } from '../rules-file.ts'
import { safe } from '../safe.ts'

type Options = {
  readonly rules: string
  readonly tier?: string
  readonly diff?: true
  readonly write?: true
}

const EXAMPLES = `
Of a record it shows what a grant by these rules gives: whatever a rule fits is withheld, because only committed
values verify. Of a draft it derives the partner part from the research part; there a rule can replace values, too.

Examples:
  candor redact ID --rules rules.yaml --diff
  candor redact DRAFT --rules rules.yaml --write`

export function addRedact({ group, context }: Commands): void {
  group('redact')
    .description('what rules of redaction show of a record of ours, or make of a draft')
    .argument('<id>', 'a record or a draft, or its first six letters or more')
    .requiredOption('--rules <file>', 'rules of redaction (YAML)')
    .option('--tier <tier>', 'of a record: partner or research')
    .option('--diff', 'every value, before and after')
    .option('--write', 'of a draft: put the derived partner part into it')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, options: Options, command) => redact(context(command), id, options))
}

async function redact(at: Context, id: string, { rules, tier, diff, write }: Options): Promise<void> {
  if (tier !== undefined && tier !== 'partner' && tier !== 'research')
    throw usage('a tier is partner or research; public parts are not redacted')
  const read = await readRules(rules)
  const view = await at.client.previewRedaction(id, { rules: read, ...(tier === undefined ? {} : { tier }) })
  if (write === true) await writeInto(at, view, read)
  await at.answer('redaction', { ...view, written: write === true }, () => [
    ...renderRedaction(at.look, view, diff === true ? 'values' : 'paths'),
    ...(write === true ? [marked(at.look, 'ok', 'the partner part is in the draft')] : []),
  ])
}

async function writeInto(at: Context, view: RedactionView, rules: unknown): Promise<void> {
  if (view.of === 'record')
    throw usage(
      'a record is published and stays as it is: --write is for drafts',
      'candor access grant --redact',
    )
  if (view.replaces && !at.isYes)
    throw new NodeError(
      'CONFIRMATION_NEEDED',
      `the draft ${safe(view.id)} has a partner part; --yes replaces it`,
    )
  await at.client.writePartner(view.id, rules)
}

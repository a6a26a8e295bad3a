/** `candor attest`: states something about a record. It is a statement of this member and overwrites nothing. */
import { KINDS } from '../../protocol/record/kinds.ts'
import { attestationOf, type AttestOptions } from '../attestation.ts'
import { usage, type Context } from '../context.ts'
import { marked } from '../look.ts'
import { repeated } from '../options.ts'
import type { Commands } from '../program.ts'
import { SHORT_ID } from '../render/records.ts'
import { safe } from '../safe.ts'

type Options = AttestOptions & { readonly author?: string }

const EXAMPLES = `
Examples:
  candor attest ID sighting reproduced --note 'same input, same answer'
  candor attest ID opinion 20 --reason 'the log does not show this'
  candor attest ID severity --harm economic:actual:serious_incident
  candor attest ID classification --term atlas:AML.T0051
  candor attest ID dispute --reason 'it was our test system' --field summary
  candor attest ID link same-cause --to OTHER-ID
Of its author only:
  candor attest ID correction --reason 'wrong month' --change occurred.start=2026-03
  candor attest ID supersede --by OTHER-ID --reason 'rewritten'
  candor attest ID retract factual_error --reason 'it did not happen'`

export function addAttest({ group, context }: Commands): void {
  group('attest')
    .description('state something about a record, yours or another’s')
    .argument('<id>', 'a record id, or its first six letters or more')
    .argument(
      '<kind>',
      Object.entries(KINDS)
        .flatMap(([kind, { on }]) => (on === 'required' ? kind : []))
        .join(', '),
    )
    .argument('[value]', 'sighting, opinion, link and retract take a value')
    .option('--reason <text>', 'why')
    .option('--note <text>', 'what else there is to say')
    .option('--at <date>', 'sighting: when')
    .option('--count <number>', 'sighting: how often')
    .option(
      '--harm <type:realised:severity>',
      'severity: such as economic:actual:incident; repeatable',
      repeated,
    )
    .option(
      '--score <scheme:value>',
      'severity: a score on its own scale, such as cvss:9.8; repeatable',
      repeated,
    )
    .option('--term <scheme:id>', 'classification: a term of a taxonomy; repeatable', repeated)
    .option('--field <path>', 'dispute: which fields; repeatable', repeated)
    .option('--position <text>', 'dispute: how you see it')
    .option('--to <id>', 'link: the other record, or scheme:id of another catalogue')
    .option('--confidence <percent>', 'link: how sure')
    .option('--change <path=value>', 'correction: what is right; repeatable', repeated)
    .option('--by <id>', 'supersede: the record that takes its place')
    .option('--author <domain>', 'where two members use one id')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, kind: string, value: string | undefined, options: Options, command) => {
      const at = context(command)
      await attest(at, id, kind, value, options)
    })
}

async function attest(at: Context, id: string, kind: string, value: string | undefined, options: Options) {
  if (!Object.hasOwn(KINDS, kind))
    throw usage(`“${safe(kind)}” is not something to attest`, 'candor attest --help')
  const other = kind === 'supersede' ? options.by : options.to
  const target = other === undefined ? undefined : await targetOf(at, other)
  const document = attestationOf(kind, value, options, target)
  const published = await at.client.attest(id, options.author, { kind, public: document })
  await at.answer('attested', published, () => {
    const place =
      published.state === 'logged'
        ? `entry ${published.index} of your log`
        : `in the outbox until ${published.until}`
    return [
      marked(at.look, 'ok', `your ${safe(kind)} is ${place}`),
      `  ${at.typed(`candor show ${id.slice(0, SHORT_ID)}`)}`,
    ]
  })
}

/** A record of the network by its id, or an entry of another catalogue as `scheme:id`. */
async function targetOf(at: Context, text: string) {
  const [, scheme, id] = /^([a-z0-9][a-z0-9._/-]*):(.+)$/.exec(text) ?? []
  if (scheme !== undefined && id !== undefined) return { scheme, id }
  const { record, versions } = await at.client.record(text, undefined)
  const origin = versions.at(-1)?.origin
  if (origin === undefined) throw usage('the other record has no version here')
  return { origin, record }
}

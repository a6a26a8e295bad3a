/** `candor help`: the help of a command, or a topic. */
import { EXIT, EXIT_MEANINGS } from '../exit-codes.ts'
import { usage } from '../context.ts'
import { heading, type Look } from '../look.ts'
import type { Commands } from '../program.ts'
import { safe } from '../safe.ts'

export function addHelp({ group, context }: Commands): void {
  group('help')
    .description('help for a command, or on: exit-codes, environment, tiers')
    .argument('[topic...]')
    .action(async (topic: readonly string[], _options: object, command) => {
      const at = context(command)
      const text = TOPICS[topic[0] ?? '']
      if (text !== undefined)
        return at.answer('help', { topic: topic[0], exitCodes: EXIT }, () => text(at.look))
      let found = command.parent
      for (const name of topic) {
        found = found?.commands.find((one: { name: () => string }) => one.name() === name) ?? null
        if (found === null) throw usage(`there is no help on “${safe(topic.join(' '))}”`, 'candor help')
      }
      found?.outputHelp()
      return undefined
    })
}

const TOPICS: Readonly<Record<string, (look: Look) => readonly string[]>> = {
  'exit-codes': (look) => [
    heading(look, 'Exit codes'),
    ...Object.entries(EXIT_MEANINGS).map(([name, meaning]) => {
      const code = Object.entries(EXIT).find(([key]) => key === name)?.[1]
      return `  ${String(code).padStart(3)}  ${meaning}`
    }),
  ],
  environment: (look) => [
    heading(look, 'Environment'),
    "  CANDOR_HOME     the member's home, unless --home says otherwise",
    '  XDG_DATA_HOME   where homes lie by default (else ~/.local/share)',
    '  NO_COLOR        no colour; wins over FORCE_COLOR; --color wins over both',
    '  CANDOR_DEBUG    with errors, also where they happened',
    'A passphrase is never read from the environment or from arguments.',
  ],
  tiers: (look) => [
    heading(look, 'Tiers'),
    '  public     for everybody: a summary. Permanent once published.',
    '  partner    for members and affiliates you grant it to: the redacted technical note.',
    '  research   for accredited researchers you grant it to, under terms: the data.',
    'Every record commits to all three; what is not public stays at your node, encrypted.',
  ],
}

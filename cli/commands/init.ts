/** `candor init`: makes a member's home with its keys, and shows the recovery words, once. */
import type { Context } from '../context.ts'
import { usage } from '../context.ts'
import { readInput } from '../files.ts'
import { heading, marked } from '../look.ts'
import { repeated } from '../options.ts'
import type { Commands } from '../program.ts'
import { hiddenLine, Prompter } from '../prompt.ts'
import { SECTORS } from '../../protocol/record/vocabulary/sector.ts'
import { actOfNode, readPassphrase, type Passphrase } from '../spawn-node.ts'

type Options = {
  readonly name?: string
  readonly sector?: string
  readonly listen?: readonly string[]
  readonly announce?: readonly string[]
  readonly passphrase: boolean
  readonly passphraseFile?: string
  readonly recover?: true
  readonly observer?: true
  readonly wordsFile?: string
}

export function addInit({ group, context }: Commands): void {
  group('init')
    .description("make a member's home: keys, recovery words, descriptor")
    .argument('[domain]', 'the domain name of the organisation, such as northgrid.example')
    .option('--name <name>', 'the name of the organisation')
    .option('--sector <sector>', 'its sector, such as finance')
    .option(
      '--listen <address>',
      'multiaddresses to listen on (default /ip4/0.0.0.0/tcp/4901); repeatable',
      repeated,
    )
    .option('--announce <address>', 'multiaddresses by which others reach this node; repeatable', repeated)
    .option('--passphrase-file <file>', 'protect the keystore with the passphrase in this file')
    .option('--no-passphrase', 'leave the keystore to the permissions of its files')
    .option(
      '--observer',
      'for a researcher or an auditor: a home of somebody who is no member, without a log',
    )
    .option('--recover', 'bring the root key back from its 24 words, on a new machine')
    .option('--words-file <file>', 'read the words from a file or a pipe, such as /dev/fd/3')
    .action(async (domain: string | undefined, options: Options, command) => {
      const at = context(command)
      const member = await whoIs(at, domain, options)
      const words = [
        'init',
        '--home',
        at.home,
        '--domain',
        member.domain,
        '--name',
        member.name,
        '--sector',
        member.sector,
      ]
      const addresses = [...each('--listen', options.listen), ...each('--announce', options.announce)]
      const phrase = await phraseOf(at, options)
      const role = options.observer === true ? ['--observer'] : []
      const made = await actOfNode([...words, ...role, ...addresses], await passphraseOf(at, options), phrase)
      if (phrase !== undefined) return recovered(at, member, made['descriptor'])
      const recovery = String(made['words'])
      const data = { ...member, home: at.home, words: recovery, descriptor: made['descriptor'] }
      const next = options.observer === true ? nextOfObserver(at) : nextOfMember(at)
      await at.answer('initialised', data, () => [...render(at, member.domain, recovery), ...next])
    })
}

function render(at: Context, domain: string, words: string): readonly string[] {
  const list = words.split(' ').map((word, index) => `${String(index + 1).padStart(4)} ${word.padEnd(9)}`)
  const rows = [0, 6, 12, 18].map(
    (start) =>
      `  ${list
        .slice(start, start + 6)
        .join(' ')
        .trimEnd()}`,
  )
  return [
    marked(at.look, 'ok', `${domain} has a home in ${at.home}`),
    '',
    heading(at.look, 'Recovery words of the root key. They are shown now and never again:'),
    ...rows,
    'Write them on paper, keep them away from this machine, and let two people know where.',
    'Whoever has them can speak as your organisation; without them, a lost disk is a lost identity.',
    '',
    'Next:',
  ]
}

function nextOfMember(at: Context): readonly string[] {
  return [
    `  ${at.typed('candor whoami --descriptor -o member.candor')}   hand this file to the coalition's founders`,
    `  ${at.typed('candor up --charter FILE')}   once every founder has signed the charter`,
  ]
}

function nextOfObserver(at: Context): readonly string[] {
  return [
    `  ${at.typed('candor up --charter FILE')}   with the charter of the coalition`,
    `  ${at.typed('candor accredit apply -o application.json')}   hand this file to an accreditor, to be accredited`,
  ]
}

async function recovered(
  at: Context,
  member: { readonly domain: string },
  descriptor: unknown,
): Promise<void> {
  const data = { ...member, home: at.home, descriptor }
  await at.answer('initialised', data, () => [
    marked(
      at.look,
      'ok',
      `${member.domain} has a home in ${at.home}, under its old root key and new other keys`,
    ),
    '',
    'Next:',
    `  ${at.typed('candor up --charter FILE')}   fetches your old log from the other members; nothing is signed yet`,
    `  ${at.typed('candor log recover')}   when it is there: ends it and goes on in a new one`,
  ])
}

/** The 24 words, from a file or a pipe or typed unseen; never an argument, which others on the machine can read. */
async function phraseOf(at: Context, { recover, wordsFile }: Options): Promise<string | undefined> {
  if (recover === undefined && wordsFile === undefined) return undefined
  if (recover === undefined) throw usage('--words-file goes with --recover')
  if (wordsFile !== undefined) return Buffer.from(readInput(wordsFile)).toString('utf8').trim()
  if (!at.mayAsk) throw usage('the words come from a file or a pipe here: --words-file FILE')
  return hiddenLine(at.io, 'The 24 recovery words, on one line:')
}

async function whoIs(at: Context, domain: string | undefined, { name, sector }: Options) {
  if (domain !== undefined && name !== undefined && sector !== undefined) return { domain, name, sector }
  if (!at.mayAsk)
    throw usage(
      'init needs a domain, --name and --sector',
      'candor init northgrid.example --name Northgrid --sector technology',
    )
  const prompter = new Prompter(at.io)
  const needed = (text: string) => (text === '' ? 'an answer is needed' : undefined)
  try {
    return {
      domain:
        domain ??
        (await prompter.line('Domain name of your organisation, such as northgrid.example', needed)),
      name: name ?? (await prompter.line('Name of your organisation', needed)),
      sector:
        sector ??
        (await prompter.choose(
          'Sector',
          SECTORS.terms.map(({ id, label }) => ({ value: id, label })),
        )),
    }
  } finally {
    prompter.close()
  }
}

async function passphraseOf(at: Context, options: Options): Promise<Passphrase> {
  if (options.passphraseFile !== undefined) return readPassphrase(options.passphraseFile)
  if (!options.passphrase) return undefined
  if (!at.mayAsk) throw usage('say how the keystore is protected: --passphrase-file FILE or --no-passphrase')
  const first = await hiddenLine(at.io, 'Passphrase for the keystore:')
  if (first === '')
    throw usage('an empty passphrase protects nothing; to have none, say so with --no-passphrase')
  if ((await hiddenLine(at.io, 'Once more:')) !== first) throw usage('the two passphrases differ')
  return first
}

function each(name: string, values: readonly string[] = []): readonly string[] {
  return values.flatMap((value) => [name, value])
}

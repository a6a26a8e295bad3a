/** `candor log recover`: what an operator does when their own log cannot go on. */
import type { Command } from 'commander'
import { NodeError, type ClosingView } from '../../node/api/client.ts'
import { usage, type Context } from '../context.ts'
import { openNextEpoch, renderOpened } from '../epoch.ts'
import { heading } from '../look.ts'
import type { Commands } from '../program.ts'
import { Prompter } from '../prompt.ts'
import { safe } from '../safe.ts'

type Options = {
  readonly because?: string
  readonly proof?: string
  readonly size?: string
  readonly epoch?: string
  readonly alone?: true
  readonly passphraseFile?: string
}

export function addRecover(log: Command, context: Commands['context']): void {
  log
    .command('recover')
    .description('when your own log is frozen or its key is lost: end it and go on in a new epoch')
    .option('--because <text>', 'what happened, for everybody to read')
    .option('--proof <id>', 'name another proof than the one that froze the log here')
    .option('--size <entries>', 'end the log here instead of at its newest head that counts')
    .option('--epoch <number>', 'the number of the new epoch, if higher ones than those known here were used')
    .option('--alone', 'do not wait for what other members hold of the log')
    .option('--passphrase-file <file>', 'read the passphrase of the keystore from a file')
    .action(async (options: Options, command) => recover(context(command), options))
}

async function recover(at: Context, options: Options): Promise<void> {
  const { proof, size, epoch } = options
  if (proof !== undefined && !/^[0-9a-f]{64}$/.test(proof)) throw usage('--proof takes 64 hexadecimal digits')
  if (size !== undefined && !/^[1-9]\d{0,15}$/.test(size)) throw usage('--size takes a number of entries')
  if (epoch !== undefined && !/^[1-9]\d{0,8}$/.test(epoch)) throw usage('--epoch takes a number')
  // One reader for all questions: what is typed ahead belongs to the next one.
  const prompter = at.mayAsk ? new Prompter(at.io) : undefined
  try {
    await recoverWith(at, options, prompter)
  } finally {
    prompter?.close()
  }
}

async function recoverWith(at: Context, options: Options, prompter: Prompter | undefined): Promise<void> {
  const { proof, size, epoch, passphraseFile } = options
  const text = options.because ?? (await ask(prompter))
  const opened = await openNextEpoch(at, {
    closing: {
      mode: 'recover',
      ...(size === undefined ? {} : { size: Number(size) }),
      ...(epoch === undefined ? {} : { epoch: Number(epoch) }),
      ...(options.alone === undefined ? {} : { alone: true }),
    },
    because: text,
    ...(proof === undefined ? {} : { proof }),
    ...(passphraseFile === undefined ? {} : { passphraseFile }),
    confirm: (closing) => confirm(at, { ...closing, proof: proof ?? closing.proof }, text, prompter),
  })
  await at.answer('epoch', opened, () => renderOpened(at, opened))
}

function ask(prompter: Prompter | undefined): Promise<string> {
  if (prompter === undefined) throw usage('say what happened, for everybody to read: --because TEXT')
  return prompter.line('What happened? Everybody will read this, for good.', (text) =>
    text === '' ? 'an answer is needed' : undefined,
  )
}

async function confirm(
  at: Context,
  { origin, previous, confirmed, leftOut, proof }: ClosingView,
  because: string,
  prompter: Prompter | undefined,
) {
  await at.note(
    [
      heading(at.look, 'You are about to end your log and to go on in a new one'),
      previous === null
        ? '  ends    nobody who can be reached holds anything of it'
        : `  ends    ${safe(previous.origin)} at ${previous.size} entries${confirmed ? '' : ', which no quorum has confirmed'}`,
      `  left    ${leftOut} entries above that no longer count; they stay shown, and marked`,
      `  new     ${safe(origin)}, under a new log key`,
      `  says    ${safe(because)}`,
      ...(proof === null ? [] : [`  proof   ${safe(proof)}`]),
      '  This cannot be undone. The old log is never written again, on any machine.',
    ].join('\n'),
  )
  if (at.isYes) return
  if (prompter === undefined) {
    throw new NodeError('CONFIRMATION_NEEDED', 'ending a log cannot be undone: say --yes to end it')
  }
  const answer = await prompter.line('Type “recover” to go on in a new log:')
  if (answer !== 'recover') throw new NodeError('CONFIRMATION_NEEDED', 'nothing was changed')
}

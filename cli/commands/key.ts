/** `candor key`: the keys of a member, and what the root key says about them. */
import type { KeysView, KeyView } from '../../node/api/client.ts'
import { NodeError } from '../../node/api/client.ts'
import { usage, type Context } from '../context.ts'
import { openNextEpoch, renderOpened } from '../epoch.ts'
import { addAuditorKey, addReportSignatures } from '../auditor.ts'
import { marked } from '../look.ts'
import type { Commands } from '../program.ts'
import { Prompter } from '../prompt.ts'
import { renderKeys } from '../render/keys.ts'
import { actOfNode, withPassphrase } from '../spawn-node.ts'

type Secured = { readonly passphraseFile?: string }
type RotateOptions = Secured & { readonly atOnce?: true }
type RevokeOptions = Secured & { readonly since: string; readonly replace?: true }

/** Purposes whose keys come and go within an epoch. */
const ROTATING = ['statement', 'witness', 'mirror', 'box', 'node']

/** Letters of a key id that are enough to name it. */
const PREFIX_LENGTH_MIN = 6

export function addKey({ group, context }: Commands): void {
  const key = group('key').description(
    'keys: list, add, rotate, retire, revoke; an auditor’s: new, sign, check',
  )
  const secured = (name: string) =>
    key.command(name).option('--passphrase-file <file>', 'read the passphrase of the keystore from a file')
  key
    .command('list')
    .description("the keys of a member and its epochs; this member's unless another is named")
    .argument('[domain]', 'the member whose keys they are')
    .action(async (domain: string | undefined, _options: object, command) => {
      const at = context(command)
      const keys = await at.client.keys(domain)
      await at.answer('keys', keys, () => renderKeys(at.look, keys))
    })
  secured('add')
    .description('make one more key of a purpose and declare it in the log')
    .argument('<purpose>', 'statement, witness, mirror, box or node')
    .action(async (purpose: string, options: Secured, command) => {
      const at = context(command)
      await act(at, [`add:${rotating(purpose)}`], options, () => [])
    })
  secured('rotate')
    .description('replace a key: the new one is used at once, the old one stays in force until it is retired')
    .argument(
      '<purpose>',
      'statement, witness, mirror, box or node; log opens the next epoch; vault encrypts what rests here',
    )
    .option('--at-once', 'retire the old key in the same act, without overlap')
    .action(async (purpose: string, options: RotateOptions, command) =>
      rotate(context(command), purpose, options),
    )
  secured('retire')
    .description('end the use of a key; what it signed stays valid')
    .argument('<key>', 'its id, or the first six digits or more')
    .action(async (id: string, options: Secured, command) => {
      const at = context(command)
      const { keyId } = find(await at.client.keys(undefined), id)
      await act(at, [`retire:${keyId}`], options, () => [])
    })
  secured('revoke')
    .description('declare that a key was in the wrong hands: what it signed from an entry on is suspect')
    .argument('<key>', 'its id, or the first six digits or more')
    .requiredOption('--since <index>', 'the first entry that its owner no longer stands by')
    .option('--replace', 'make and declare a new key of the same purpose first')
    .action(async (id: string, options: RevokeOptions, command) => revoke(context(command), id, options))
  addAuditorKey(key, context)
  addReportSignatures(key, context)
}

async function rotate(at: Context, purpose: string, options: RotateOptions): Promise<void> {
  if (purpose === 'log') {
    const opened = await openNextEpoch(at, { closing: { mode: 'rotate' }, ...options })
    return at.answer('epoch', opened, () => renderOpened(at, opened))
  }
  if (purpose === 'vault') return rotateVault(at)
  const { keys } = await at.client.keys(undefined)
  const old = keys.filter((key) => key.purpose === rotating(purpose) && key.inForce)
  const retired = options.atOnce === true ? old.map(({ keyId }) => `retire:${keyId}`) : []
  await act(at, [`add:${purpose}`, ...retired], options, () => {
    if (options.atOnce === true) return []
    const next = old.map(({ keyId }) => `  ${at.typed(`candor key retire ${keyId.slice(0, 16)}`)}`)
    const restart =
      purpose === 'node'
        ? [`  first ${at.typed('candor down')} and up again: a node takes its new name when it starts`]
        : []
    return [
      `The old key stays in force beside it. Once every member has seen the new one:`,
      ...restart,
      ...next,
    ]
  })
}

/** The log knows nothing of the vault key: the node makes it, and moves everything when nobody else writes. */
async function rotateVault(at: Context): Promise<void> {
  const data = await at.client.prepareVaultKey()
  const said = data.made
    ? 'a new vault key lies in the keystore'
    : 'a new vault key lies in the keystore already'
  await at.answer('vault-key', data, () => [
    marked(at.look, 'ok', `${said}; what rests encrypted moves to it at the next start`),
    `Next: ${at.typed('candor down')} and up again. Then make a new backup: a database from before opens only with a keystore from before.`,
  ])
}

async function revoke(at: Context, id: string, options: RevokeOptions): Promise<void> {
  if (!/^(?:0|[1-9]\d{0,15})$/.test(options.since)) throw usage('--since takes the index of an entry')
  const keys = await at.client.keys(undefined)
  const key = find(keys, id)
  const since = Number(options.since)
  const suspect = Math.max(0, keys.size - Math.max(since, key.addedAt + 1))
  await confirm(at, [
    `You are about to revoke the ${key.purpose} key ${key.keyId} from entry ${since} on.`,
    key.purpose === 'statement'
      ? `What it signed in the last ${suspect} entries will be shown as suspect, for good.`
      : 'Nobody takes anything from it any more.',
  ])
  const replace = options.replace === true ? [`add:${key.purpose}`] : []
  await act(at, [...replace, `revoke:${key.keyId}:${since}`], options, () => [])
}

/** Has the root key sign, and hands what it signed to the node. */
async function act(
  at: Context,
  acts: readonly string[],
  { passphraseFile }: Secured,
  next: () => readonly string[],
) {
  const { origin } = await at.client.keys(undefined)
  const words = [
    'key-events',
    '--home',
    at.home,
    '--origin',
    origin,
    ...acts.flatMap((one) => ['--act', one]),
  ]
  const signed = await withPassphrase(at, passphraseFile, (passphrase) => actOfNode(words, passphrase))
  const { index, head } = await at.client.addKeyEvents(String(signed['proposals']))
  const added: readonly unknown[] = Array.isArray(signed['added']) ? signed['added'] : []
  const data = { acts, added, origin, index, head }
  await at.answer('key-events', data, () => [
    marked(at.look, 'ok', `declared as entry ${index} of your log, under a signed head of size ${head.size}`),
    ...added.map((id) => `  new key ${String(id)}`),
    ...next(),
  ])
}

async function confirm(at: Context, lines: readonly string[]): Promise<void> {
  await at.note(lines.join('\n'))
  if (at.isYes) return
  if (!at.mayAsk)
    throw new NodeError('CONFIRMATION_NEEDED', 'a revocation cannot be undone: say --yes to revoke')
  const prompter = new Prompter(at.io)
  try {
    const answer = await prompter.line('Type “revoke” to revoke it:')
    if (answer !== 'revoke') throw new NodeError('CONFIRMATION_NEEDED', 'nothing was revoked')
  } finally {
    prompter.close()
  }
}

function find({ keys }: KeysView, typed: string): KeyView {
  if (!/^[0-9a-f]+$/.test(typed) || typed.length < PREFIX_LENGTH_MIN) {
    throw usage(
      `a key is named by ${PREFIX_LENGTH_MIN} or more hexadecimal digits of its id`,
      'candor key list',
    )
  }
  const [key, second] = keys.filter(({ keyId }) => keyId.startsWith(typed))
  if (key === undefined)
    throw new NodeError('NOT_FOUND', 'no key of yours has this id', { fix: 'candor key list' })
  if (second !== undefined) throw new NodeError('AMBIGUOUS_ID', 'more than one key begins like this')
  return key
}

function rotating(purpose: string): string {
  if (ROTATING.includes(purpose)) return purpose
  if (purpose === 'log') throw usage('a new log key opens the next epoch', 'candor key rotate log')
  throw usage(`there are no ${purpose} keys: ${ROTATING.join(', ')}`)
}

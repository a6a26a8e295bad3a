/** `candor charter`: founding a coalition from its members' descriptors. */
import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import { checkedPrimitives, founding, NodeError } from '../../node/api/client.ts'
import { readCharter } from '../../protocol/governance/charter-file.ts'
import { memberOf, parties, unsignedBy, type CharterState } from '../../protocol/governance/charter.ts'
import { standingOf } from '../../protocol/governance/standing.ts'
import type { Caps } from '../../protocol/log/daily.ts'
import { printVerifierKey, SIGNATURE_TYPE } from '../../protocol/log/note.ts'
import type { Context } from '../context.ts'
import { readInput, writeOutput } from '../files.ts'
import { columns, faint, heading, marked, MARK, type Look } from '../look.ts'
import { countOf, repeated } from '../options.ts'
import type { Commands } from '../program.ts'
import { safe } from '../safe.ts'
import { actOfNode, withPassphrase } from '../spawn-node.ts'

type MakeOptions = {
  readonly output: string
  readonly name: string
  readonly observers: 'admit' | 'refuse'
  readonly accreditor?: readonly string[]
  readonly affiliate?: readonly string[]
  readonly suspended?: readonly string[]
  readonly outside?: string
  readonly entriesPerDay?: number
  readonly bytesPerDay?: number
}

export function addCharter({ group, context }: Commands): void {
  const charter = group('charter').description('found a coalition: make, sign, join, show its charter')
  charter
    .command('make')
    .description('a charter of the members whose descriptors these are')
    .argument('<descriptor...>', 'files from `candor whoami --descriptor`')
    .requiredOption('-o, --output <file>', 'where to write it')
    .option('--name <name>', 'name of the coalition', 'Candor coalition')
    .option('--observers <what>', 'admit or refuse peers that are no members', 'admit')
    .option(
      '--accreditor <domain>',
      'members that may accredit researchers (default: all); repeatable',
      repeated,
    )
    .option(
      '--affiliate <descriptor>',
      'a party without a vote, entitled to partner parts; repeatable',
      repeated,
    )
    .option('--suspended <domain>', 'a party that is named and trusted with nothing; repeatable', repeated)
    .option('--outside <file>', 'C2SP witnesses that heads need besides, as a trust policy with addresses')
    .option(
      '--entries-per-day <count>',
      'entries a member may add to its log in a day (default: 1000000)',
      countOf,
    )
    .option('--bytes-per-day <count>', 'bytes of them, public parts included (default: 4000000000)', countOf)
    .action((files: readonly string[], options: MakeOptions, command) =>
      make(context(command), files, options),
    )
  charter
    .command('sign')
    .description("add this home's signature to a charter file")
    .argument('<file>')
    .option('--passphrase-file <file>', 'read the passphrase of the keystore from a file')
    .action((file: string, options: { passphraseFile?: string }, command) =>
      sign(context(command), file, options.passphraseFile),
    )
  charter
    .command('join')
    .description('put the signatures of copies signed apart into one file')
    .argument('<file...>')
    .requiredOption('-o, --output <file>', 'where to write it')
    .action(async (files: readonly string[], { output }: { output: string }, command) => {
      const at = context(command)
      const { mergeCharters } = await founding()
      const joined = mergeCharters(files.map(readInput))
      writeOutput(output, joined)
      await answer(at, joined, output)
    })
  charter
    .command('show')
    .description('the charter in a file, or the one this node lives under')
    .argument('[file]')
    .action(async (file: string | undefined, _options: object, command) => {
      const at = context(command)
      await answer(at, file === undefined ? await at.client.charter() : readInput(file), file)
    })
}

async function make(at: Context, files: readonly string[], options: MakeOptions): Promise<void> {
  const { observers } = options
  if (observers !== 'admit' && observers !== 'refuse')
    throw new NodeError('USAGE', '--observers takes admit or refuse')
  const { makeCharter, outsideFromPolicy } = await founding()
  const outside =
    options.outside === undefined
      ? {}
      : { outside: outsideFromPolicy(readInput(options.outside), options.outside) }
  const charter = makeCharter(files.map(readInput), {
    name: options.name,
    observers,
    nonce: new Uint8Array(randomBytes(16)),
    now: Date.now(),
    accreditors: options.accreditor ?? [],
    affiliates: (options.affiliate ?? []).map(readInput),
    suspended: options.suspended ?? [],
    caps: capsOf(options),
    ...outside,
  })
  writeOutput(options.output, charter)
  await answer(at, charter, options.output)
}

function capsOf({ entriesPerDay, bytesPerDay }: MakeOptions): Partial<Caps> {
  return {
    ...(entriesPerDay === undefined ? {} : { entriesPerDay }),
    ...(bytesPerDay === undefined ? {} : { bytesPerDay }),
  }
}

async function sign(at: Context, file: string, passphraseFile: string | undefined): Promise<void> {
  readInput(file)
  const words = ['charter-sign', '--home', at.home, '--file', resolve(file)]
  await withPassphrase(at, passphraseFile, (passphrase) => actOfNode(words, passphrase))
  await answer(at, readInput(file), file)
}

async function answer(at: Context, bytes: Uint8Array, file: string | undefined): Promise<void> {
  const charter = readCharter(checkedPrimitives(), bytes)
  if (!charter.ok)
    throw new NodeError('CHARTER_INVALID', `this is not a valid charter file (${charter.fault})`)
  const { networkId, document, signed } = charter.value
  const members = parties(charter.value).map(({ domain, name, sector }) => ({
    domain,
    name,
    sector,
    signed: signed.has(domain),
    standing: standingOf(charter.value, domain),
  }))
  const { name, accreditors, accreditorsNeeded, stalenessSeconds, observers, caps } = document
  const own = { networkId, name, members, accreditors, accreditorsNeeded, stalenessSeconds, observers, caps }
  const data = document.outside === undefined ? own : { ...own, outside: outsideView(document.outside) }
  await at.answer('charter', file === undefined ? data : { ...data, file }, () =>
    render(at, charter.value, file),
  )
}

function render(at: Context, charter: CharterState, file: string | undefined): readonly string[] {
  const missing = unsignedBy(charter)
  const next = `Each of them: ${at.typed(`candor charter sign ${file ?? 'FILE'}`)}`
  return [
    heading(at.look, safe(charter.document.name)),
    `  network ${charter.networkId}`,
    faint(at.look, '  Compare this name over another channel: it pins every member and root key.'),
    ...renderMembers(at.look, charter),
    ...renderOutside(at.look, charter),
    renderCaps(charter),
    ...(missing.length === 0
      ? [marked(at.look, 'ok', 'signed by every founder')]
      : [marked(at.look, 'warn', `not yet signed by ${missing.map(safe).join(', ')}`), `  ${next}`]),
  ]
}

function renderMembers(look: Look, charter: CharterState): readonly string[] {
  const rows = parties(charter).map(({ domain, name, sector }) => {
    const isMember = memberOf(charter, domain) !== undefined
    const isSigned = charter.signed.has(domain)
    const founding = isSigned ? 'signed' : 'not yet signed'
    const standing = standingOf(charter, domain)
    const mark = (isSigned || !isMember) && standing !== 'suspended' ? MARK.ok : MARK.warn
    const words = [isMember ? founding : 'affiliate', standing === 'suspended' ? 'suspended' : []].flat()
    return [`${mark} ${domain}`, name, sector, words.join(', ')]
  })
  return columns(look, ['MEMBER', 'NAME', 'SECTOR', 'FOUNDING'], rows)
}

function renderCaps({ document: { caps } }: CharterState): string {
  return `  In a day a member may add ${caps.entriesPerDay} entries and ${caps.bytesPerDay} bytes of them to its log`
}

type Outside = NonNullable<CharterState['document']['outside']>

function outsideView({ needed, witnesses }: Outside) {
  const primitives = checkedPrimitives()
  const type = SIGNATURE_TYPE.cosignature
  const named = witnesses.map(({ name, key, url }) => {
    return { name, key: printVerifierKey(primitives, { name, type, key }), url }
  })
  return { needed, witnesses: named }
}

function renderOutside(look: Look, { document: { outside } }: CharterState): readonly string[] {
  if (outside === undefined) return []
  const { needed, witnesses } = outsideView(outside)
  return [
    `  Besides the members, ${needed} of ${witnesses.length} outside witnesses confirm each head:`,
    ...columns(
      look,
      ['WITNESS', 'ADDRESS', 'KEY'],
      witnesses.map(({ name, key, url }) => [name, url, key]),
    ),
  ]
}

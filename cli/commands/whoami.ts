/** `candor whoami`: the member of this home; its descriptor, to be handed to founders, also without a node. */
import { join } from 'node:path'
import { checkedPrimitives, NodeError, type WhoAmIView } from '../../node/api/client.ts'
import { printBase64, printHex } from '../../protocol/bytes.ts'
import { readDescriptor } from '../../protocol/identity/member.ts'
import type { Context } from '../context.ts'
import { readInput, writeOutput } from '../files.ts'
import { faint, heading, marked } from '../look.ts'
import type { Commands } from '../program.ts'
import { safe } from '../safe.ts'

type Options = { readonly descriptor?: true; readonly output?: string }

export function addWhoami({ group, context }: Commands): void {
  group('whoami')
    .description('the member of this home, its keys and addresses')
    .option('--descriptor', 'the signed descriptor, for the founders of a coalition')
    .option('-o, --output <file>', 'write the descriptor to a file')
    .action(async (options: Options, command) => {
      const at = context(command)
      if (options.descriptor === true || options.output !== undefined) return descriptor(at, options.output)
      return whoami(at)
    })
}

async function whoami(at: Context): Promise<void> {
  const who = await fromNode(at)
  await at.answer('whoami', who, () => [
    `${heading(at.look, safe(who.name))} (${safe(who.domain)}, ${safe(who.sector)})`,
    ...('peerId' in who ? [`  peer      ${who.peerId}`, `  log       ${safe(who.origin)}`] : []),
    ...who.addresses.map((address) => `  address   ${safe(address)}`),
    ...who.keys.flatMap(({ purpose, keyId, vkey }) => [
      `  ${safe(purpose).padEnd(9)} ${keyId}`,
      ...(vkey === undefined ? [] : [faint(at.look, `            ${safe(vkey)}`)]),
    ]),
  ])
}

/** A home without a charter has no running node; its descriptor says who it is all the same. */
async function fromNode(at: Context) {
  try {
    return await at.client.whoami()
  } catch (error) {
    if (!(error instanceof NodeError) || error.code !== 'NODE_UNREACHABLE') throw error
    const { domain, name, sector, addresses, root, node } = read(at, file(at))
    const keys: WhoAmIView['keys'] = [
      { purpose: 'root', keyId: idOf(root) },
      { purpose: 'node', keyId: idOf(node) },
    ]
    return { domain, name, sector, addresses, keys }
  }
}

async function descriptor(at: Context, output: string | undefined): Promise<void> {
  const bytes = file(at)
  const { domain } = read(at, bytes)
  if (output === undefined) {
    return at.answer('descriptor', { domain, descriptor: printBase64(bytes) }, () => [printBase64(bytes)])
  }
  writeOutput(output, bytes)
  await at.answer('descriptor', { domain, file: output }, () => [
    marked(at.look, 'ok', `wrote the descriptor of ${safe(domain)} to ${output}`),
    `  A founder makes the charter of all of them: ${at.typed('candor charter make FILE… -o charter.candor')}`,
  ])
}

function file(at: Context): Uint8Array {
  const path = join(at.home, 'member.candor')
  try {
    return readInput(path)
  } catch (error) {
    throw new NodeError('HOME_MISSING', `there is no member's home in ${at.home}`, {
      cause: error,
      fix: 'candor init',
    })
  }
}

function read(at: Context, bytes: Uint8Array) {
  const found = readDescriptor(checkedPrimitives(), bytes)
  if (found.ok) return found.value
  throw new NodeError('CONFIGURATION', `member.candor in ${at.home} is not a descriptor (${found.fault})`)
}

function idOf(key: Uint8Array): string {
  return printHex(checkedPrimitives().sha256(key))
}

/** A member's home: where its keystore, database, charter, descriptor, configuration and socket lie. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { isDomain } from '../protocol/log/checkpoint.ts'
import {
  isAddress,
  isLabel,
  readDescriptor,
  signDescriptor,
  type Descriptor,
} from '../protocol/identity/member.ts'
import {
  DESCRIPTOR_ADDRESSES_MAX,
  ESCROW_DAYS_MAX,
  ESCROW_DAYS_MIN,
  ESCROW_HOLDERS_MAX,
  ESCROW_THRESHOLD_MIN,
  TEXT_BYTES_MAX,
} from '../protocol/limits.ts'
import { TIER_LIMITS } from '../protocol/redaction/publication.ts'
import { announceFault, dialled, listenFault } from './address.ts'
import { NodeError } from './errors.ts'
import { parseHttpListen } from './foreign-logs.ts'
import { makePrivateDirectory, readFileBounded, writeFileDurably } from './keys/files.ts'
import { Keystore } from './keys/keystore.ts'
import { native } from './keys/native.ts'
import type { Passphrase } from './keys/unlock.ts'

export type Home = {
  readonly directory: string
  readonly keys: string
  readonly database: string
  readonly charter: string
  readonly descriptor: string
  readonly configuration: string
  /** Encrypted files: data sets of ours and granted to us. */
  readonly dataSets: string
  /** Words of the organisation that must not leave, one to a line. */
  readonly blocklist: string
  /** Who may publish, by name. */
  readonly operators: string
  /** The policy of disclosure. */
  readonly disclosure: string
  readonly socket: string
}

export function homeAt(directory: string): Home {
  return {
    directory,
    keys: join(directory, 'keys'),
    database: join(directory, 'db'),
    charter: join(directory, 'charter.candor'),
    descriptor: join(directory, 'member.candor'),
    configuration: join(directory, 'candor.json'),
    dataSets: join(directory, 'data-sets'),
    blocklist: join(directory, 'blocklist.txt'),
    operators: join(directory, 'operators.json'),
    disclosure: join(directory, 'disclosure.yaml'),
    socket: join(directory, 'api.sock'),
  }
}

function addresses(faultOf: (text: string) => string | undefined) {
  const Address = v.pipe(
    v.string(),
    v.check(
      (text) => faultOf(text) === undefined,
      ({ input }) => `${JSON.stringify(input)} ${faultOf(input)}`,
    ),
  )
  return v.pipe(v.array(Address), v.maxLength(DESCRIPTOR_ADDRESSES_MAX))
}

/** Bytes of a descriptor or a configuration, each a few hundred in practice. */
const SMALL_FILE_BYTES_MAX = 65_536

/** What an operator may set; everything else is in the charter or on the command line. */
const Configuration = v.strictObject({
  listen: addresses(listenFault),
  announce: addresses(announceFault),
  bootstrap: addresses((text) =>
    isAddress(text) ? undefined : 'is not an address such as /dns4/node.example/tcp/4901/p2p/PEER-ID',
  ),
  mdns: v.boolean(),
  /** Seconds that a publication waits in the outbox, where it can be cancelled. */
  holdSeconds: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(604_800)),
  /** Our witness for logs that are none of the coalition's: where it listens, and the file that names them. */
  witness: v.exactOptional(
    v.strictObject({
      http: v.strictObject({
        listen: v.pipe(
          v.string(),
          v.check((text) => parseHttpListen(text) !== undefined, 'is not an address such as 127.0.0.1:8090'),
        ),
        logs: v.pipe(v.string(), v.nonEmpty()),
      }),
    }),
  ),
  /** How deep what leaves may go, for the node and for each role of its operators, and whether two of them must stand behind it. */
  publishing: v.exactOptional(
    v.strictObject({
      maxTier: v.exactOptional(v.picklist(TIER_LIMITS)),
      roles: v.exactOptional(
        v.record(v.pipe(v.string(), v.nonEmpty(), v.maxLength(64)), v.picklist(TIER_LIMITS)),
      ),
      twoPersons: v.exactOptional(v.boolean()),
    }),
  ),
  /** Restricted parts of what is published go to these members, of whom so many can open them once we are gone. */
  escrow: v.exactOptional(
    v.strictObject({
      threshold: v.pipe(
        v.number(),
        v.integer(),
        v.minValue(ESCROW_THRESHOLD_MIN),
        v.maxValue(ESCROW_HOLDERS_MAX),
      ),
      holders: v.pipe(
        v.array(v.pipe(v.string(), v.check(isDomain, 'is no domain such as northgrid.example'))),
        v.minLength(ESCROW_THRESHOLD_MIN),
        v.maxLength(ESCROW_HOLDERS_MAX),
      ),
      afterDays: v.pipe(v.number(), v.integer(), v.minValue(ESCROW_DAYS_MIN), v.maxValue(ESCROW_DAYS_MAX)),
      tiers: v.pipe(v.array(v.picklist(['partner', 'research'])), v.minLength(1), v.maxLength(2)),
    }),
  ),
  /** Of somebody who is no member: reads all logs, asks for detail where accredited, and has no log. */
  observer: v.exactOptional(v.boolean()),
})
export type Configuration = v.InferOutput<typeof Configuration>

export const DEFAULT_CONFIGURATION: Configuration = {
  listen: ['/ip4/0.0.0.0/tcp/4901'],
  announce: [],
  bootstrap: [],
  mdns: false,
  holdSeconds: 600,
}

export type InitOptions = {
  readonly home: Home
  readonly domain: string
  readonly name: string
  readonly sector: string
  readonly listen: readonly string[]
  readonly announce: readonly string[]
  readonly holdSeconds?: number
  /** A home of somebody who is no member. */
  readonly observer?: boolean
  readonly passphrase: Passphrase
  readonly now: number
  /** Entropy of a recovery phrase: the root key is brought back, and the old log is not begun again. */
  readonly recovered?: Uint8Array
}

/**
 * Makes a home: keystore, configuration and, last, the signed descriptor, which makes it complete. Returns the 24
 * words, which are kept nowhere.
 */
export function initHome(options: InitOptions): { words: string; descriptor: Uint8Array } {
  const { home, domain, name, sector, passphrase, now } = options
  // An observer dials; nobody has to reach it.
  const otherwise = options.observer === true ? [] : DEFAULT_CONFIGURATION.listen
  const listen = options.listen.length > 0 ? [...options.listen] : otherwise
  const announce = [...options.announce]
  checkWho(domain, name, sector)
  checkAddresses('listen', listen, listenFault)
  checkAddresses('announce', announce, announceFault)
  checkAbsent(home)
  makePrivateDirectory(home.directory)
  const { keystore, words } =
    options.recovered === undefined
      ? Keystore.create(home.keys, passphrase)
      : Keystore.create(home.keys, passphrase, options.recovered, 'no-log')
  const holdSeconds = options.holdSeconds ?? DEFAULT_CONFIGURATION.holdSeconds
  const observer = options.observer === true ? { observer: true } : {}
  writeConfiguration(home, { ...DEFAULT_CONFIGURATION, listen, announce, holdSeconds, ...observer })
  const node = keystore.signer('node').publicKey
  const descriptor = keystore.withRoot((root) => {
    const issuedAt = Math.floor(now / 1_000)
    const addresses = dialled(listen, announce)
    const member: Descriptor = { domain, name, sector, root: root.publicKey, node, addresses, issuedAt }
    return signDescriptor(member, root.sign)
  })
  writeFileDurably(home.descriptor, descriptor, 0o600)
  return { words, descriptor }
}

/** Who this home belongs to. */
export function readMember(home: Home): Descriptor {
  if (!existsSync(home.descriptor)) {
    throw new NodeError('HOME_MISSING', `there is no member's home in ${home.directory}`, {
      fix: `candor --home ${home.directory} init`,
    })
  }
  const descriptor = readDescriptor(native, readFileBounded(home.descriptor, SMALL_FILE_BYTES_MAX))
  if (descriptor.ok) return descriptor.value
  throw new NodeError('CONFIGURATION', `${home.descriptor} is not a member descriptor (${descriptor.fault})`)
}

/** What the file in the home says, and what the command line says instead. */
export function readConfiguration(home: Home, overrides: Partial<Configuration> = {}): Configuration {
  return checkConfiguration({ ...readConfigured(home), ...overrides }, 'the command line')
}

export function writeConfiguration(home: Home, configuration: Configuration): void {
  writeFileDurably(home.configuration, Buffer.from(`${JSON.stringify(configuration, undefined, 2)}\n`), 0o600)
}

function checkWho(domain: string, name: string, sector: string): void {
  if (!isDomain(domain) || /^[\d.]+$/.test(domain)) {
    const why = 'a domain name in lower case, such as northgrid.example'
    throw new NodeError('USAGE', `${JSON.stringify(domain)} is not ${why}`)
  }
  for (const [what, text] of [
    ['name', name],
    ['sector', sector],
  ] as const) {
    if (isLabel(text)) continue
    const why = `1 to ${TEXT_BYTES_MAX} bytes on one line, without invisible characters`
    throw new NodeError('USAGE', `the ${what} of a member has ${why}`)
  }
}

function checkAddresses(
  what: string,
  texts: readonly string[],
  faultOf: (text: string) => string | undefined,
): void {
  if (texts.length > DESCRIPTOR_ADDRESSES_MAX) {
    throw new NodeError('USAGE', `more than ${DESCRIPTOR_ADDRESSES_MAX} addresses to ${what}`)
  }
  for (const text of texts) {
    const why = faultOf(text)
    if (why !== undefined) throw new NodeError('USAGE', `--${what} ${JSON.stringify(text)} ${why}`)
  }
}

/** Keys are never written over: whoever lost the file beside them has lost nothing yet. */
function checkAbsent(home: Home): void {
  if (existsSync(home.descriptor)) {
    throw new NodeError('HOME_EXISTS', `there is a member's home in ${home.directory} already`, {
      fix: `candor --home ${home.directory} whoami`,
    })
  }
  if (!existsSync(home.keys)) return
  throw new NodeError(
    'HOME_EXISTS',
    `${home.keys} holds a keystore without its descriptor ${home.descriptor}: either that file was lost, or init was interrupted and showed no recovery phrase`,
    { fix: `restore ${home.descriptor}, or move ${home.keys} away and init again` },
  )
}

function readConfigured(home: Home): Configuration {
  if (!existsSync(home.configuration)) return DEFAULT_CONFIGURATION
  const text = Buffer.from(readFileBounded(home.configuration, SMALL_FILE_BYTES_MAX)).toString('utf8')
  return checkConfiguration(parseJson(text, home.configuration), home.configuration)
}

function checkConfiguration(value: unknown, where: string): Configuration {
  const read = v.safeParse(Configuration, value)
  if (read.success) return read.output
  const [issue] = read.issues
  throw new NodeError('CONFIGURATION', `${where}: ${v.getDotPath(issue) ?? 'the file'}: ${issue.message}`)
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new NodeError('CONFIGURATION', `${path} is not JSON`, { cause: error })
  }
}

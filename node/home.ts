/** A member's home: where its keystore, database, charter, descriptor, configuration and socket lie. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { isDomain } from '../protocol/log/checkpoint.ts'
import { readDescriptor, signDescriptor, type Descriptor } from '../protocol/identity/member.ts'
import { NodeError } from './errors.ts'
import { writeFileDurably } from './keys/files.ts'
import { Keystore, type Passphrase } from './keys/keystore.ts'
import { native } from './keys/native.ts'

export type Home = {
  readonly directory: string
  readonly keys: string
  readonly database: string
  readonly charter: string
  readonly descriptor: string
  readonly configuration: string
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
    socket: join(directory, 'api.sock'),
  }
}

const Addresses = v.pipe(v.array(v.pipe(v.string(), v.maxLength(200))), v.maxLength(16))

/** What an operator may set; everything else is in the charter or on the command line. */
const Configuration = v.strictObject({
  listen: Addresses,
  announce: Addresses,
  bootstrap: Addresses,
  mdns: v.boolean(),
  /** Seconds that a publication waits in the outbox, where it can be cancelled. */
  holdSeconds: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(604_800)),
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
  readonly passphrase: Passphrase
  readonly now: number
}

/** Makes a home: keystore, configuration and the signed descriptor. Returns the 24 words, which are kept nowhere. */
export function initHome(options: InitOptions): { words: string; descriptor: Uint8Array } {
  const { home, domain, name, sector, passphrase, now } = options
  if (!isDomain(domain)) {
    throw new NodeError('USAGE', `${JSON.stringify(domain)} is not a domain name such as northgrid.example`)
  }
  if (existsSync(home.descriptor) || existsSync(home.keys)) {
    throw new NodeError('HOME_EXISTS', `there is a member's home in ${home.directory} already`, {
      fix: `candor --home ${home.directory} whoami`,
    })
  }
  mkdirSync(home.directory, { recursive: true, mode: 0o700 })
  const { keystore, words } = Keystore.create(home.keys, passphrase)
  const listen = options.listen.length > 0 ? [...options.listen] : DEFAULT_CONFIGURATION.listen
  const announce = [...options.announce]
  const holdSeconds = options.holdSeconds ?? DEFAULT_CONFIGURATION.holdSeconds
  writeConfiguration(home, { ...DEFAULT_CONFIGURATION, listen, announce, holdSeconds })
  const addresses =
    announce.length > 0 ? announce : listen.filter((address) => !address.includes('/0.0.0.0/'))
  const node = keystore.signer('node').publicKey
  const descriptor = keystore.withRoot((root) => {
    const issuedAt = Math.floor(now / 1_000)
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
  const descriptor = readDescriptor(native, readFileSync(home.descriptor))
  if (descriptor.ok) return descriptor.value
  throw new NodeError('CONFIGURATION', `${home.descriptor} is not a member descriptor (${descriptor.fault})`)
}

export function readConfiguration(home: Home): Configuration {
  if (!existsSync(home.configuration)) return DEFAULT_CONFIGURATION
  const parsed = parseJson(readFileSync(home.configuration, 'utf8'), home.configuration)
  const read = v.safeParse(Configuration, parsed)
  if (read.success) return read.output
  const [issue] = read.issues
  const path = v.getDotPath(issue) ?? 'the file'
  throw new NodeError('CONFIGURATION', `${home.configuration}: ${path}: ${issue.message}`)
}

export function writeConfiguration(home: Home, configuration: Configuration): void {
  writeFileDurably(home.configuration, Buffer.from(`${JSON.stringify(configuration, undefined, 2)}\n`), 0o600)
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new NodeError('CONFIGURATION', `${path} is not JSON`, { cause: error })
  }
}

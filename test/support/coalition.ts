/** A coalition on loopback: homes with keys, descriptors and a charter that every founder signed. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCharter, signCharter } from '../../node/founding.ts'
import { homeAt, initHome, type Home } from '../../node/home.ts'
import type { CharterDocument } from '../../protocol/governance/charter.ts'
import { writeFileDurably } from '../../node/keys/files.ts'
import { freePort } from './port.ts'

export type Coalition = {
  readonly directory: string
  readonly charterFile: string
  readonly members: readonly {
    readonly domain: string
    readonly home: Home
    readonly port: number
    /** The recovery phrase. */
    readonly words: string
  }[]
  readonly remove: () => void
}

const SECTORS = ['technology', 'finance', 'health', 'transport', 'public-sector']

/** Makes homes `a.example`, `b.example`, … and their signed charter. */
export async function makeCoalition(
  count: number,
  options: {
    observers?: 'admit' | 'refuse'
    /** All members where none is named. */
    accreditors?: readonly string[]
    outside?: NonNullable<CharterDocument['outside']>
    /** How many of the homes, from the last, are affiliates. */
    affiliates?: number
    suspended?: readonly string[]
    caps?: CharterDocument['caps']
    /** What the members' domains end in. */
    under?: string
  } = {},
): Promise<Coalition> {
  const directory = mkdtempSync(join(tmpdir(), 'candor-test-'))
  const members = []
  const descriptors = []
  for (let i = 0; i < count; i++) {
    const name = String.fromCharCode(97 + i)
    const domain = `${name}.${options.under ?? 'example'}`
    const home = homeAt(join(directory, name))
    const port = await freePort()
    const listen = [`/ip4/127.0.0.1/tcp/${port}`]
    const sector = SECTORS[i % SECTORS.length] ?? 'technology'
    const who = { home, domain, name: `Member ${name.toUpperCase()}`, sector, listen, announce: [] }
    const made = initHome({ ...who, holdSeconds: 0, passphrase: undefined, now: Date.now() })
    descriptors.push(made.descriptor)
    members.push({ domain, home, port, words: made.words })
  }
  const { observers = 'admit', accreditors = [], outside, affiliates = 0, suspended = [] } = options
  const voting = count - affiliates
  const charterOptions = {
    name: 'Test coalition',
    observers,
    nonce: randomBytes(16),
    now: Date.now(),
    accreditors,
    affiliates: descriptors.slice(voting),
    suspended,
    ...(options.caps === undefined ? {} : { caps: options.caps }),
    ...(outside === undefined ? {} : { outside }),
  }
  let charter = makeCharter(descriptors.slice(0, voting), charterOptions)
  for (const { home } of members.slice(0, voting)) charter = signCharter(home, charter, undefined)
  const charterFile = join(directory, 'charter.candor')
  writeFileDurably(charterFile, charter, 0o600)
  return {
    directory,
    charterFile,
    members,
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}

/**
 * The demo coalition: three members on loopback, each its own process, home and libp2p host, with synthetic
 * records. Everything lies in one directory, which is made anew each time; Ctrl-C stops all.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { clientOf, type Client } from '../api/client.ts'
import { NodeError } from '../errors.ts'
import { makeCharter, signCharter } from '../founding.ts'
import { homeAt, initHome, type Home } from '../home.ts'
import { writeFileDurably } from '../keys/files.ts'
import { freePorts } from './ports.ts'
import { seed } from './seed.ts'

export const DEMO_MEMBERS = [
  { domain: 'northgrid.example', name: 'Northgrid', sector: 'technology' },
  { domain: 'harbour-bank.example', name: 'Harbour Bank', sector: 'finance' },
  { domain: 'st-brigid.example', name: 'St Brigid Hospitals', sector: 'health' },
] as const

type Member = (typeof DEMO_MEMBERS)[number] & { readonly home: Home; readonly descriptor: Uint8Array }

/** Marks a directory as ours to delete. */
const MARK = 'candor-demo'

/** How often the demo's nodes exchange heads: quickly, since they are three. */
const TICK_MS = '1000'

export async function runDemo(directory: string, say: (event: object) => void): Promise<void> {
  const started = Date.now()
  makeRoom(directory)
  const members = await found(directory)
  const children: ChildProcess[] = []
  const stop = () => {
    for (const child of children) if (child.exitCode === null) child.kill('SIGTERM')
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop)
  try {
    await Promise.all(members.map((member) => startMember(member, directory, children)))
    const clients = members.map(({ domain, home }) => ({
      domain,
      client: clientOf({ socket: home.socket, timeoutMs: 60_000, startCommand: 'candor up --demo' }),
    }))
    const { records, example } = await seed(clients)
    const homes = members.map(({ domain, name, sector, home }) => ({
      domain,
      name,
      sector,
      home: home.directory,
    }))
    say({ event: 'ready', members: homes, records, example, ms: Date.now() - started })
    await Promise.all(children.map(ended))
  } finally {
    stop()
    await Promise.all(children.map(ended))
  }
  process.exit(0)
}

function makeRoom(directory: string): void {
  if (existsSync(directory) && !existsSync(join(directory, MARK))) {
    throw new NodeError('HOME_EXISTS', `${directory} exists and is not a demo of ours; it is left alone`, {
      fix: 'candor --home DIR up --demo',
    })
  }
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  writeFileSync(join(directory, MARK), '')
}

async function found(directory: string): Promise<readonly Member[]> {
  const now = Date.now()
  const members: Member[] = []
  const ports = await freePorts(DEMO_MEMBERS.length)
  for (const [at, one] of DEMO_MEMBERS.entries()) {
    const [name] = one.domain.split('.')
    const home = homeAt(join(directory, name ?? one.domain))
    const listen = [`/ip4/127.0.0.1/tcp/${ports[at] ?? 0}`]
    const options = { home, ...one, listen, announce: [], holdSeconds: 0, passphrase: undefined, now }
    members.push({ ...one, home, descriptor: initHome(options).descriptor })
  }
  const options = {
    name: 'Demo coalition',
    observers: 'admit' as const,
    nonce: randomBytes(16),
    now,
    accreditors: [],
  }
  let charter = makeCharter(
    members.map(({ descriptor }) => descriptor),
    options,
  )
  for (const { home } of members) charter = signCharter(home, charter, undefined)
  writeFileDurably(join(directory, 'charter.candor'), charter, 0o644)
  return members
}

function startMember(member: Member, directory: string, children: ChildProcess[]): Promise<void> {
  const charter = join(directory, 'charter.candor')
  const args = ['run', '--home', member.home.directory, '--charter', charter, '--tick-ms', TICK_MS]
  const child = spawn(process.execPath, [process.argv[1] ?? '', ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
    // Its own group: Ctrl-C reaches this process, which stops the others in order.
    detached: true,
  })
  children.push(child)
  return new Promise((resolve, reject) => {
    const { stdout } = child
    if (stdout === null) throw new Error('bug: the child has a pipe')
    createInterface({ input: stdout }).on('line', (line) => {
      const event: unknown = JSON.parse(line)
      if (isEvent(event, 'ready')) resolve()
      if (isEvent(event, 'failed'))
        reject(new NodeError('IO_FAILED', `the node of ${member.domain} did not start: ${line}`))
    })
    child.once('exit', () =>
      reject(new NodeError('IO_FAILED', `the node of ${member.domain} ended while starting`)),
    )
  })
}

function isEvent(value: unknown, event: string): boolean {
  return typeof value === 'object' && value !== null && 'event' in value && value.event === event
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => child.once('exit', () => resolve()))
}

export type DemoClient = { readonly domain: string; readonly client: Client }

#!/usr/bin/env node
/**
 * `candor-node`: the daemon, and the few acts that need private keys. The composition root; the command line
 * for people is `candor`. Answers are JSON lines on stdout, the log goes to stderr, and the passphrase comes
 * over an inherited pipe, never as an argument or in the environment.
 */
import './runtime.ts'
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { parseHex, printBase64, printHex } from '../protocol/bytes.ts'
import { unsignedBy } from '../protocol/governance/charter.ts'
import { openCharter, readCharterFile } from './charter.ts'
import { ERRORS, NodeError } from './errors.ts'
import { events } from './events.ts'
import { signCharter } from './founding.ts'
import { homeAt, initHome, type Configuration } from './home.ts'
import { makeAuditorKey, openAuditorKey, signWith } from './keys/auditor-key.ts'
import { writeFileDurably } from './keys/files.ts'
import { parsePhrase } from './keys/phrase.ts'
import { listOperators, nameOperator, unnameOperator, type Naming } from './operators.ts'
import { parseAct, parseBecause, parseKeyId, parsePrevious, signEpoch, signKeyEvents } from './signing.ts'

const OPTIONS = {
  home: { type: 'string' },
  charter: { type: 'string' },
  domain: { type: 'string' },
  name: { type: 'string' },
  sector: { type: 'string' },
  listen: { type: 'string', multiple: true },
  announce: { type: 'string', multiple: true },
  bootstrap: { type: 'string', multiple: true },
  mdns: { type: 'boolean' },
  'hold-seconds': { type: 'string' },
  'tick-ms': { type: 'string' },
  repair: { type: 'boolean' },
  observer: { type: 'boolean' },
  'observe-seconds': { type: 'string' },
  'account-seconds': { type: 'string' },
  'passphrase-fd': { type: 'string' },
  'words-fd': { type: 'string' },
  file: { type: 'string' },
  origin: { type: 'string' },
  act: { type: 'string', multiple: true },
  previous: { type: 'string' },
  because: { type: 'string' },
  proof: { type: 'string' },
  digest: { type: 'string' },
  without: { type: 'string', multiple: true },
  role: { type: 'string' },
  days: { type: 'string' },
} as const

type Values = ReturnType<typeof readArguments>['values']

/** A passphrase longer than this is a file given by mistake. */
const PASSPHRASE_BYTES_MAX = 1_024

async function main(): Promise<void> {
  const { values, positionals } = readArguments()
  switch (positionals[0]) {
    case 'run':
      return run(values)
    case 'init':
      return init(values)
    case 'charter-sign':
      return sign(values)
    case 'key-events':
      return keyEvents(values)
    case 'epoch':
      return epoch(values)
    case 'auditor-key':
      return auditorKey(values)
    case 'auditor-sign':
      return auditorSign(values)
    case 'operator-add':
      return say(nameOperator(homeOf(values), namingOf(values), Date.now()))
    case 'operator-list':
      return say(listOperators(homeOf(values)))
    case 'operator-remove':
      return say(unnameOperator(homeOf(values), required(values.name, 'name')))
    case 'demo':
      // Only the demo needs its records.
      return (await import('./demo/demo.ts')).runDemo(required(values.home, 'home'), say)
    default:
      throw new NodeError(
        'USAGE',
        'candor-node run | init | charter-sign | key-events | epoch | operator-add | operator-list | operator-remove | demo, each with --home DIR, or auditor-key | auditor-sign',
      )
  }
}

async function run(values: Values): Promise<void> {
  const home = homeAt(required(values.home, 'home'))
  // Only a running node needs the network and the database: acts of the root key start at once.
  const [{ runNode }, { DEFAULT_TICK_MS }] = await Promise.all([import('./run.ts'), import('./network.ts')])
  const running = await runNode({
    home,
    passphrase: readPassphrase(values),
    tickMs: values['tick-ms'] === undefined ? DEFAULT_TICK_MS : wholeNumber(values['tick-ms'], 'tick-ms'),
    overrides: overridesOf(values),
    ...(values['observe-seconds'] === undefined
      ? {}
      : { observeMs: Math.max(1, wholeNumber(values['observe-seconds'], 'observe-seconds')) * 1_000 }),
    ...(values['account-seconds'] === undefined
      ? {}
      : { accountMs: wholeNumber(values['account-seconds'], 'account-seconds') * 1_000 }),
    ...(values.charter === undefined ? {} : { charterFile: values.charter }),
    ...(values.repair === true ? { repair: { now: Date.now() } } : {}),
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void running.stop())
  const node = running.node()
  say({
    event: 'ready',
    socket: home.socket,
    origin: node.opened.origin,
    peerId: node.peerId(),
    pid: process.pid,
  })
  await running.stopped
  // libp2p leaves timers behind that would hold the process for a second.
  process.exit(process.exitCode ?? 0)
}

function init(values: Values): void {
  const recovered = readWords(values)
  const { words, descriptor } = initHome({
    home: homeAt(required(values.home, 'home')),
    domain: required(values.domain, 'domain'),
    name: required(values.name, 'name'),
    sector: required(values.sector, 'sector'),
    listen: values.listen ?? [],
    announce: values.announce ?? [],
    passphrase: readPassphrase(values),
    now: Date.now(),
    observer: values.observer === true,
    ...(recovered === undefined ? {} : { recovered }),
    ...(values['hold-seconds'] === undefined
      ? {}
      : { holdSeconds: wholeNumber(values['hold-seconds'], 'hold-seconds') }),
  })
  const shown = recovered === undefined ? { words } : {}
  say({ event: 'initialised', ...shown, descriptor: Buffer.from(descriptor).toString('base64') })
}

function sign(values: Values): void {
  const path = required(values.file, 'file')
  const home = homeAt(required(values.home, 'home'))
  const signed = signCharter(home, readCharterFile(path), readPassphrase(values))
  writeFileDurably(path, signed, 0o644)
  const charter = openCharter(signed, path)
  const { networkId } = charter
  say({ event: 'signed', networkId, signed: [...charter.signed], missing: unsignedBy(charter) })
}

/** Signs key events with the root key, for a running node to take. */
function keyEvents(values: Values): void {
  const signed = signKeyEvents({
    home: homeAt(required(values.home, 'home')),
    origin: required(values.origin, 'origin'),
    acts: (values.act ?? []).map(parseAct),
    passphrase: readPassphrase(values),
    now: Date.now(),
  })
  say({ event: 'signed', ...signed })
}

/** Makes the log key of the next epoch and signs its leaf 0 with the root key, for a running node to take. */
function epoch(values: Values): void {
  const signed = signEpoch({
    home: homeAt(required(values.home, 'home')),
    origin: required(values.origin, 'origin'),
    previous: parsePrevious(values.previous),
    because: parseBecause(values.because, values.proof),
    without: (values.without ?? []).map(parseKeyId),
    passphrase: readPassphrase(values),
    now: Date.now(),
  })
  say({ event: 'signed', ...signed })
}

function auditorKey(values: Values): void {
  const { file, name } = values
  const made = makeAuditorKey(required(file, 'file'), required(name, 'name'), readPassphrase(values))
  say({ event: 'made', keyId: printHex(made.signer.keyId), verifierKey: made.verifierKey })
}

/** Signs a report by its digest: the report itself need not be read by whatever holds the key. */
function auditorSign(values: Values): void {
  const digest = parseHex(required(values.digest, 'digest'))
  if (!digest.ok || digest.value.length !== 32)
    throw new NodeError('USAGE', '--digest takes a SHA-256 in hexadecimal')
  const key = openAuditorKey(required(values.file, 'file'), readPassphrase(values))
  say({ event: 'signed', note: printBase64(signWith(key, digest.value)), verifierKey: key.verifierKey })
}

function homeOf(values: Values) {
  return homeAt(required(values.home, 'home'))
}

function namingOf(values: Values): Naming {
  const [name, role, file] = [values.name, values.role, values.file]
  const days = wholeNumber(required(values.days, 'days'), 'days')
  return { name: required(name, 'name'), role: required(role, 'role'), file: required(file, 'file'), days }
}

function overridesOf(values: Values): Partial<Configuration> {
  return {
    ...(values.listen === undefined ? {} : { listen: values.listen }),
    ...(values.announce === undefined ? {} : { announce: values.announce }),
    ...(values.bootstrap === undefined ? {} : { bootstrap: values.bootstrap }),
    ...(values.mdns === undefined ? {} : { mdns: values.mdns }),
    ...(values['hold-seconds'] === undefined
      ? {}
      : { holdSeconds: wholeNumber(values['hold-seconds'], 'hold-seconds') }),
  }
}

function readArguments() {
  try {
    return parseArgs({ options: OPTIONS, allowPositionals: true })
  } catch (error) {
    throw new NodeError(
      'USAGE',
      error instanceof Error ? error.message : 'these arguments are not understood',
    )
  }
}

function readPassphrase(values: Values): Uint8Array | undefined {
  if (values['passphrase-fd'] === undefined) return undefined
  const bytes = readDescriptor(wholeNumber(values['passphrase-fd'], 'passphrase-fd'))
  const end = bytes.at(-1) === 0x0a ? bytes.length - 1 : bytes.length
  if (end === 0 || end > PASSPHRASE_BYTES_MAX)
    throw new NodeError('USAGE', 'the passphrase is empty or too long')
  return bytes.subarray(0, end)
}

/** The recovery phrase comes over a pipe as well: whoever reads it is the member. */
function readWords(values: Values): Uint8Array | undefined {
  if (values['words-fd'] === undefined) return undefined
  const bytes = readDescriptor(wholeNumber(values['words-fd'], 'words-fd'))
  if (bytes.length > PASSPHRASE_BYTES_MAX) throw new NodeError('USAGE', 'a recovery phrase has 24 words')
  return parsePhrase(Buffer.from(bytes).toString('utf8'))
}

function readDescriptor(descriptor: number): Uint8Array {
  try {
    return readFileSync(descriptor)
  } catch (error) {
    throw new NodeError('USAGE', `nothing can be read from descriptor ${descriptor}`, { cause: error })
  }
}

function required(value: string | undefined, name: string): string {
  if (value === undefined || value === '') throw new NodeError('USAGE', `--${name} is needed`)
  return value
}

function wholeNumber(text: string, name: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new NodeError('USAGE', `--${name} takes a whole number`)
  return Number(text)
}

function say(event: object): void {
  process.stdout.write(`${JSON.stringify(event)}\n`)
}

function fail(error: unknown): void {
  const known = error instanceof NodeError ? error : undefined
  if (known === undefined) events.failed(error)
  const { code, message, fix } = known ?? {
    code: 'IO_FAILED' as const,
    message: 'the node failed unexpectedly',
    fix: undefined,
  }
  process.stdout.write(
    `${JSON.stringify({ event: 'failed', code, message, ...(fix === undefined ? {} : { fix }) })}\n`,
  )
  process.exit(known === undefined ? 1 : ERRORS[known.code].exit)
}

process.on('uncaughtException', fail)
process.on('unhandledRejection', fail)
void main().catch(fail)

/** `candor up`: starts the member's node, or the demo coalition, here or in the background. */
import { closeSync, existsSync, openSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { once } from 'node:events'
import type { ChildProcess } from 'node:child_process'
import { NodeError } from '../../node/api/client.ts'
import type { Context } from '../context.ts'
import { renderDemo, type DemoReady } from '../render/demo.ts'
import { marked } from '../look.ts'
import { repeated } from '../options.ts'
import type { Commands } from '../program.ts'
import {
  eventsOf,
  failureOf,
  readEvent,
  spawnNode,
  withPassphrase,
  type NodeEvent,
  type Passphrase,
} from '../spawn-node.ts'

type Options = {
  readonly demo?: true
  readonly charter?: string
  readonly detach?: true
  readonly repair?: true
  readonly listen?: readonly string[]
  readonly announce?: readonly string[]
  readonly bootstrap?: readonly string[]
  readonly mdns?: true
  readonly passphraseFile?: string
}

/** Where the demo lies unless --home says otherwise. */
const DEMO_HOME = '.candor-demo'

/** A start reads the whole log once; a big one takes its time. */
const START_MS_MAX = 120_000
const POLL_MS = 50

export function addUp({ group, context }: Commands): void {
  group('up')
    .description("start the member's node, or three nodes of a demo coalition")
    .option('--demo', 'three members on this machine, with synthetic records')
    .option('--charter <file>', 'the charter that every founder signed; needed once')
    .option('--repair', 'make a database that cannot be opened readable first; keeps a copy')
    .option('--detach', 'in the background; its log goes to node.log in the home')
    .option('--listen <address>', 'multiaddresses to listen on; repeatable', repeated)
    .option('--announce <address>', 'multiaddresses by which others reach this node; repeatable', repeated)
    .option('--bootstrap <address>', 'peers to ask first; repeatable', repeated)
    .option('--mdns', 'look for members in the local network')
    .option('--passphrase-file <file>', 'read the passphrase of the keystore from a file')
    .action(async (options: Options, command) => {
      const at = context(command)
      if (options.demo === true) return demo(at, command.optsWithGlobals().home)
      return withPassphrase(at, options.passphraseFile, (passphrase) =>
        options.detach === true ? detached(at, options, passphrase) : foreground(at, options, passphrase),
      )
    })
}

async function foreground(at: Context, options: Options, passphrase: Passphrase): Promise<void> {
  const child = spawnNode(wordsOf(at, options), passphrase, 'shown')
  await running(at, child, (ready) => {
    const data = { ...ready, home: at.home }
    return at.answer('node-ready', data, () => [
      marked(at.look, 'ok', `the node runs (pid ${ready['pid']}); Ctrl-C stops it`),
      `  ${at.typed('candor status')}`,
    ])
  })
}

async function demo(at: Context, home: string | undefined): Promise<void> {
  const directory = resolve(home ?? DEMO_HOME)
  await at.note('Starting three members on this machine …')
  const child = spawnNode(['demo', '--home', directory], undefined, 'shown')
  await running(at, child, (ready) =>
    at.answer('demo-ready', ready, () => renderDemo(at.look, at.invocation, ready as unknown as DemoReady)),
  )
}

/** Follows a node in the foreground until it ends. Ctrl-C reaches it, and it ends in order. */
async function running(
  at: Context,
  child: ChildProcess,
  onReady: (ready: NodeEvent) => Promise<void>,
): Promise<void> {
  const stop = () => void child.kill('SIGTERM')
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
  const ended = once(child, 'exit')
  try {
    for await (const event of eventsOf(child)) {
      if (event.event === 'failed') throw failureOf(event)
      if (event.event === 'ready') await onReady(event)
    }
  } finally {
    stop()
    const [code] = await ended
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, stop)
    at.setExit(typeof code === 'number' ? code : 1)
  }
}

async function detached(at: Context, options: Options, passphrase: Passphrase): Promise<void> {
  if (!existsSync(at.home)) {
    throw new NodeError('HOME_MISSING', `there is no member's home in ${at.home}`, { fix: 'candor init' })
  }
  const path = join(at.home, 'node.log')
  const logFile = openSync(path, 'a', 0o600)
  const before = statSync(path).size
  const child = spawnNode(wordsOf(at, options), passphrase, { logFile })
  closeSync(logFile)
  child.unref()
  const pid = await answering(at, child, path, before)
  await at.answer('node-ready', { event: 'ready', pid, home: at.home, log: path }, () => [
    marked(at.look, 'ok', `the node runs in the background (pid ${pid})`),
    `  log   ${path}`,
    `  stop  ${at.typed('candor down')}`,
  ])
}

async function answering(at: Context, child: ChildProcess, log: string, before: number): Promise<number> {
  const end = Date.now() + START_MS_MAX
  while (Date.now() < end) {
    if (child.exitCode !== null) throw failureIn(log, before)
    try {
      const { pid } = await at.client.status()
      // Another node may answer while ours ends because that one is there.
      if (pid === child.pid) return pid
    } catch (error) {
      if (!(error instanceof NodeError) || error.code !== 'NODE_UNREACHABLE') throw error
    }
    await new Promise((done) => setTimeout(done, POLL_MS))
  }
  throw new NodeError('NODE_UNREACHABLE', `the node did not answer; its log is ${log}`)
}

function failureIn(log: string, before: number): NodeError {
  const lines = readFileSync(log).subarray(before).toString('utf8').split('\n')
  const failed = lines.map(readEvent).find((event) => event?.event === 'failed')
  return failed === undefined
    ? new NodeError('IO_FAILED', `the node ended; its log is ${log}`)
    : failureOf(failed)
}

function wordsOf(
  at: Context,
  { charter, repair, listen, announce, bootstrap, mdns }: Options,
): readonly string[] {
  const each = (name: string, values: readonly string[] = []) => values.flatMap((value) => [name, value])
  return [
    'run',
    '--home',
    at.home,
    ...(charter === undefined ? [] : ['--charter', resolve(charter)]),
    ...(repair === true ? ['--repair'] : []),
    ...each('--listen', listen),
    ...each('--announce', announce),
    ...each('--bootstrap', bootstrap),
    ...(mdns === true ? ['--mdns'] : []),
  ]
}

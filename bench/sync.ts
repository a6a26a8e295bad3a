/**
 * Replication between two processes: entries fetched by a node that holds none, everything checked; and live, from
 * publishing at one to stored at the other. Paired, in the same run, with raw `level` and TCP that checks every
 * signature on one thread. `--records N` (10,000), `--runs N` (3), `--live N` (200), `--json`.
 */
import '../node/runtime.ts'
import { fork, type ChildProcess } from 'node:child_process'
import { rmSync } from 'node:fs'
import type { Home } from '../node/home.ts'
import { CandorNode } from '../node/node.ts'
import { makeCoalition, type Coalition } from '../test/support/coalition.ts'
import { until } from '../test/support/until.ts'
import { openNode, publishMany, writable } from './node.ts'
import { receiveRaw, sendRaw } from './raw-tcp.ts'
import { allTiers, publicOnly } from './records.ts'
import { median, option, print, printMachine } from './report.ts'

type Order =
  | { readonly do: 'fill'; readonly count: number; readonly tiers: 'public' | 'all' }
  | { readonly do: 'publish' }
  | { readonly do: 'stop' }

const records = option('records', 10_000)
const runs = option('runs', 3)
const live = option('live', 200)

if (process.argv[2] === 'author') await author()
else if (process.argv[2] === 'raw') await sendRaw(Number(process.argv[3]), (port) => process.send?.(port))
else await main()

/** The child: a node that is told what to publish. */
async function author(): Promise<void> {
  const { home, charterFile } = JSON.parse(process.argv[3] ?? '') as { home: Home; charterFile: string }
  const node = await CandorNode.start({
    home,
    passphrase: undefined,
    charterFile,
    tickMs: 500,
    onGrown: () => undefined,
  })
  process.on('message', (order: Order) => void obey(node, order))
  await writable(node)
  process.send?.('ready')
}

async function obey(node: CandorNode, order: Order): Promise<void> {
  if (order.do === 'stop') {
    await node.stop()
    process.exit(0)
  }
  if (order.do === 'fill') {
    await publishMany(node, order.count, order.tiers === 'all' ? allTiers : publicOnly)
    process.send?.('filled')
    return
  }
  const at = performance.timeOrigin + performance.now()
  await node.publisher.publish([publicOnly(Math.floor(at))])
  process.send?.(at)
}

async function main(): Promise<void> {
  printMachine()
  const [raw, one, three, latency]: [number[], number[], number[], number[]] = [[], [], [], []]
  for (let run = 0; run < runs; run++) {
    raw.push(await rawRate())
    one.push(await replicate('public', run === 0 ? latency : undefined))
    three.push(await replicate('all', undefined))
  }
  const baseline = median(raw)
  print({ name: 'sync.raw-level-tcp', unit: 'records/s', n: records, values: raw })
  print({ name: 'sync.public', unit: 'records/s', n: records, values: one, baseline })
  print({ name: 'sync.all-tiers', unit: 'records/s', n: records, values: three, baseline })
  print({ name: 'sync.live', unit: 'ms', n: 1, values: latency })
  process.exit(0)
}

/** Fills the author while the reader is away, then lets the reader fetch; records per second from first to last chunk. */
async function replicate(tiers: 'public' | 'all', latency: number[] | undefined): Promise<number> {
  const coalition = await makeCoalition(2)
  const [home] = coalition.members.map((member) => member.home)
  const child = fork(process.argv[1] ?? '', [
    'author',
    JSON.stringify({ home, charterFile: coalition.charterFile }),
  ])
  try {
    const early = await openNode(coalition, 1)
    await heard(child, 'ready')
    await early.stop()
    child.send({ do: 'fill', count: records, tiers } satisfies Order)
    await heard(child, 'filled')
    const rate = await fetchAll(coalition, child, latency)
    child.send({ do: 'stop' } satisfies Order)
    return rate
  } finally {
    await new Promise((resolve) => child.once('exit', resolve))
    coalition.remove()
  }
}

async function fetchAll(
  coalition: Coalition,
  child: ChildProcess,
  latency: number[] | undefined,
): Promise<number> {
  const member = coalition.members[1]
  if (member === undefined) throw new Error('no second member')
  rmSync(member.home.database, { recursive: true })
  const seen: { first?: number; from: number; last: number } = { from: 0, last: 0 }
  const { charterFile } = coalition
  const onGrown = ({
    log,
    from,
    added,
  }: {
    log: { origin: string }
    from: number
    added: readonly unknown[]
  }) => {
    if (!log.origin.startsWith('a.')) return
    if (seen.first === undefined) Object.assign(seen, { first: performance.now(), from: from + added.length })
    seen.last = performance.timeOrigin + performance.now()
  }
  const node = await CandorNode.start({
    home: member.home,
    passphrase: undefined,
    charterFile,
    tickMs: 500,
    onGrown,
  })
  const held = () => node.opened.logs.all().find(({ origin }) => origin.startsWith('a.'))?.edge.size ?? 0
  await until('the reader holds all', () => held() > records, 600_000)
  const seconds = (seen.last - performance.timeOrigin - (seen.first ?? 0)) / 1_000
  const rate = (held() - seen.from) / seconds
  if (latency !== undefined) await measureLive(node, child, held, seen, latency)
  await node.stop()
  return rate
}

async function measureLive(
  node: CandorNode,
  child: ChildProcess,
  held: () => number,
  seen: { last: number },
  latency: number[],
): Promise<void> {
  await writable(node)
  for (let i = 0; i < live; i++) {
    const size = held()
    const published = once(child)
    child.send({ do: 'publish' } satisfies Order)
    const begun = Number(await published)
    await until('the reader holds the new record', () => held() > size)
    latency.push(seen.last - begun)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function rawRate(): Promise<number> {
  const child = fork(process.argv[1] ?? '', ['raw', String(records)])
  const port = Number(await once(child))
  return receiveRaw(port, records)
}

function once(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => child.once('message', resolve))
}

async function heard(child: ChildProcess, word: string): Promise<void> {
  for (;;) if ((await once(child)) === word) return
}

/** A store damaged on purpose, in one's own log and in copies: an audit finds each damage and its place, and nothing damaged is served. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { cpSync, readdirSync, readFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { multiaddr } from '@multiformats/multiaddr'
import { NodeError, type Client } from '../../node/api/client.ts'
import { homeAt, type Home } from '../../node/home.ts'
import { native } from '../../node/keys/native.ts'
import { ask } from '../../node/net/ask.ts'
import { protocolsOf } from '../../node/net/protocols.ts'
import { keyOf } from '../../node/store/prefixes.ts'
import { tileKey } from '../../node/store/tiles.ts'
import type { PublicPart } from '../../protocol/codec/part.ts'
import { parseSignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import { verifyInclusion } from '../../protocol/log/proof.ts'
import { candor } from '../support/cli.ts'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { alter, changeStore, cut, dropRecord, numberOf, type Store } from '../support/damaging.ts'
import { failToStart, startNode, type NodeProcess } from '../support/process.ts'
import { startRawPeer, type RawPeer } from '../support/raw-peer.ts'
import { until } from '../support/until.ts'
import { inMemory } from '../support/uploads.ts'

type Bytes = Uint8Array
type Damage = (store: Store, log: number) => Promise<void>

/** Entries besides the first: one full tile, a growing one and a group of parts that is not full. */
const ROWS = 299
const SIZE = ROWS + 1

/** Of one log before anything was damaged. */
type Truth = {
  readonly origin: string
  readonly root: Bytes
  readonly entries: readonly Bytes[]
  readonly parts: readonly (PublicPart | null)[]
}

type Row = {
  readonly code: string
  readonly index: number | null
  readonly exit: 10 | 12
  readonly damage: Damage
  /** Whether it is found when the log is opened; then a copy is fetched anew as soon as another member is there. */
  readonly atOpening?: true
  /** Whether it is mended as soon as another member is there. */
  readonly isMended?: true
}

const bundle = (log: number) => keyOf('bundle', { log }, { index: 0 })

const TABLE: Readonly<Record<string, Row>> = {
  'one bit of an entry': {
    code: 'store-entry',
    index: 255,
    exit: 10,
    damage: (store, log) => alter(store, bundle(log)),
  },
  'one bit of an entry of the end': {
    code: 'store-entry',
    index: 256,
    exit: 10,
    damage: (store, log) => alter(store, keyOf('tail', { log }, { index: 290 })),
    atOpening: true,
  },
  'one bit of a hash tile': {
    code: 'store-tile',
    index: 0,
    exit: 10,
    damage: (store, log) => alter(store, tileKey(log, 0, 0)),
  },
  'one bit of a tile of tiles': {
    code: 'store-tile',
    index: 0,
    exit: 10,
    damage: (store, log) => alter(store, tileKey(log, 1, 0)),
    atOpening: true,
  },
  'one bit of the signed head': {
    code: 'store-head',
    index: null,
    exit: 10,
    damage: (store, log) => alter(store, keyOf('complete', { log }), 200),
    isMended: true,
  },
  'one bit of a cosignature': {
    code: 'store-cosignature',
    index: null,
    exit: 10,
    damage: (store, log) => alter(store, keyOf('cosigned', { log }, { byte: 0 }), -20),
    isMended: true,
  },
  'one bit of an opening': {
    code: 'store-part',
    index: 32,
    exit: 10,
    damage: (store, log) => alter(store, keyOf('partGroup', { log }, { index: 2 }), 9),
  },
  'a missing range of entries': {
    code: 'store-entry',
    index: 0,
    exit: 10,
    damage: (store, log) => store.del(bundle(log)),
    atOpening: true,
  },
  'a missing range of parts': {
    code: 'store-part',
    index: 32,
    exit: 10,
    damage: (store, log) => store.del(keyOf('partGroup', { log }, { index: 2 })),
  },
  'a bundle cut short': {
    code: 'store-entry',
    index: 0,
    exit: 10,
    damage: (store, log) => cut(store, bundle(log)),
    atOpening: true,
  },
  'an index row that is gone': {
    code: 'store-row',
    index: null,
    exit: 12,
    damage: (store, log) => dropRecord(store, log),
  },
}

describe('an audit of a node whose store is damaged', function () {
  this.timeout(240_000)
  const running = new Set<NodeProcess>()
  const truths = new Map<string, Truth>()
  let coalition: Coalition
  let copies = 0
  let stranger: RawPeer
  let networkId = ''

  const start = async (home: Home, args: readonly string[] = []) => {
    const node = await startNode(home, coalition.charterFile, args)
    running.add(node)
    return node
  }
  const stop = async (node: NodeProcess) => {
    running.delete(node)
    await node.stop()
  }
  const member = (at: number) => {
    const one = coalition.members[at]
    assert.ok(one)
    return one
  }
  /** The second member's home with its database changed; its node must not run meanwhile. */
  const damagedHome = async (domain: string, damage: Damage) => {
    copies += 1
    const home = homeAt(join(coalition.directory, `copy-${copies}`))
    cpSync(member(1).home.directory, home.directory, { recursive: true })
    await changeStore(home, async (store) => damage(store, await numberOf(store, domain)))
    return home
  }
  const audit = async ({ directory }: Home) => {
    const { exit, out, err } = await candor(['--home', directory, '--json', 'audit', '--fresh'])
    return { exit, said: `${out}${err}`, report: out === '' ? undefined : JSON.parse(out).data }
  }

  before(async () => {
    coalition = await makeCoalition(3)
    const nodes = await Promise.all([0, 1, 2].map((at) => start(member(at).home)))
    for (const [at, { client }] of nodes.entries()) {
      await until('it publishes', async () => (await client.status()).state === 'ok')
      if (at < 2) await importRows(client)
    }
    for (const { client } of nodes) {
      await until('all hold all of it, confirmed', () => isConfirmed(client))
    }
    const client = nodes[1]?.client
    assert.ok(client)
    networkId = (await client.whoami()).networkId
    for (const domain of ['a.example', 'b.example']) truths.set(domain, await truthOf(client, domain))
    for (const node of nodes) await stop(node)
    stranger = await startRawPeer(new Uint8Array(randomBytes(32)), networkId)
  })

  afterEach(async () => {
    for (const node of running) await node.kill()
    running.clear()
  })

  after(async () => {
    await stranger.stop()
    coalition.remove()
  })

  for (const [what, row] of Object.entries(TABLE)) {
    for (const [whose, domain] of [
      ['the own log', 'b.example'],
      ['the copy of another’s', 'a.example'],
    ] as const) {
      it(`finds ${what}, and where, in ${whose}; and none of it is served`, async () => {
        const isOwn = domain === 'b.example'
        const truth = truths.get(domain)
        assert.ok(truth)
        const home = await damagedHome(domain, row.damage)
        // Alone, a node mends nothing; but it shows its own log only once the others said how far that reaches.
        const isAlone = row.isMended === true || !isOwn
        if (!isAlone) await Promise.all([0, 2].map((at) => start(member(at).home)))
        const { client } = await start(home)
        if (!isAlone)
          await until('it has settled', async () => (await client.status()).state !== 'recovering')
        const served = async () => {
          const shown = await servedBy(
            stranger,
            member(1).port,
            (await client.whoami()).peerId,
            networkId,
            truth,
          )
          await provesNothingWrong(client, truth, row.index ?? 5)
          return shown
        }
        await served()
        const { exit, report, said } = await audit(home)
        assert.equal(exit, row.exit, said)
        const named = report.findings.filter(({ code }: { code: string }) => code === row.code)
        assert.ok(named.length > 0, said)
        assert.ok(named.every((one: { domain: string }) => one.domain === domain))
        const [{ index, origin, rule, severity }] = named
        if (row.code !== 'store-row') assert.equal(index, row.index)
        assert.equal(origin, truth.origin)
        assert.match(rule, /^spec \d\d §/)
        assert.equal(severity, row.exit === 10 ? 'high' : 'medium')
        // What was found stays unserved.
        assert.ok((await served()) <= SIZE)
      })
    }
  }

  it('shows nothing where a file is cut, and once that is started again, what is lost', async () => {
    const home = await damagedHome('b.example', async () => undefined)
    for (const name of readdirSync(home.database).filter((one) => one.endsWith('.ldb'))) {
      const file = join(home.database, name)
      truncateSync(file, Math.floor(readFileSync(file).length / 2))
    }
    const { said } = await failToStart(home, ['--charter', coalition.charterFile])
    assert.match(said, /STORE_DAMAGED.*candor up --repair/)
    assert.equal((await audit(home)).exit, 3)
    await start(home, ['--repair'])
    const { exit, report, said: shown } = await audit(home)
    assert.equal(exit, 10, shown)
    assert.ok(
      report.findings.some(
        ({ code, origin }: { code: string; origin: string }) =>
          code.startsWith('store-') && origin === truths.get('b.example')?.origin,
      ),
      shown,
    )
  })
})

async function isConfirmed(client: Client): Promise<boolean> {
  const logs = await client.logs()
  return ['a.example', 'b.example'].every((domain) =>
    logs.some((log) => log.domain === domain && log.size === SIZE && log.confirmed.quorum?.size === SIZE),
  )
}

async function truthOf(client: Client, domain: string): Promise<Truth> {
  const signed = parseSignedCheckpoint(await client.head(domain))
  assert.ok(signed.ok)
  const { origin, root } = signed.value.checkpoint
  const entries: Bytes[] = []
  const parts: (PublicPart | null)[] = []
  while (entries.length < SIZE) {
    const got = await client.entries(origin, entries.length, SIZE - entries.length)
    entries.push(...got.entries)
    parts.push(...got.parts.map((view) => view && { opening: view[0], mediaType: view[1], bytes: view[2] }))
  }
  return { origin, root, entries, parts }
}

/** Asks for the whole log as any peer may. Whatever comes is what was true; says how many entries came. */
async function servedBy(
  { host }: RawPeer,
  port: number,
  peer: string,
  networkId: string,
  { origin, entries, parts }: Truth,
): Promise<number> {
  const signal = AbortSignal.timeout(20_000)
  const connection = await host.dial(multiaddr(`/ip4/127.0.0.1/tcp/${port}/p2p/${peer}`), { signal })
  const request = { t: 'range', origin, from: 0, size: SIZE } as const
  let count = 0
  for await (const answer of ask(connection, protocolsOf(networkId).sync, request, signal)) {
    if (answer.t !== 'entries') continue
    const { from } = answer.chunk
    for (const [at, entry] of answer.chunk.entries.entries())
      assert.deepEqual(Buffer.from(entry), Buffer.from(entries[from + at] ?? []), `entry ${from + at}`)
    for (const [at, part] of answer.chunk.parts.entries())
      assert.deepEqual(plain(part), plain(parts[from + at] ?? null), `the part of entry ${from + at}`)
    count += answer.chunk.entries.length
  }
  await connection.close()
  return count
}

function plain(part: PublicPart | null): unknown {
  return part && [Buffer.from(part.opening), part.mediaType, Buffer.from(part.bytes)]
}

/** A proof over the API holds under the true root, or there is none. */
async function provesNothingWrong(client: Client, { origin, root, entries }: Truth, index: number) {
  try {
    const { entry, proof } = await client.inclusion(origin, index, SIZE)
    assert.deepEqual(Buffer.from(entry), Buffer.from(entries[index] ?? []))
    const claim = { index, leaf: leafHash(native, entry), size: SIZE, root, proof }
    assert.ok(verifyInclusion(native, claim).ok)
  } catch (error) {
    if (!(error instanceof NodeError) || !['STORE_DAMAGED', 'NOT_FOUND', 'BAD_INPUT'].includes(error.code))
      throw error
  }
}

async function importRows(client: Client): Promise<void> {
  const rows = Array.from({ length: ROWS }, (_, i) => `${i + 1},2026-01-02,What happened.,Case ${i}`)
  const files = { 'incidents.csv': ['incident_id,date,description,title', ...rows].join('\n') }
  const options = { format: 'aiid', publish: true, dryRun: false }
  for await (const event of client.importFiles(inMemory(files), options)) assert.ok(event.event !== 'skipped')
}

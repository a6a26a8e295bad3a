import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { inspect } from 'node:util'
import { CandorNode } from '../../node/node.ts'
import type { Chunk } from '../../protocol/sync/chunk.ts'
import type { Answer } from '../../protocol/sync/message.ts'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { startLiar, type Lie, type Liar } from '../support/liar.ts'
import { until } from '../support/until.ts'

/** More than one bundle, so that a chunk needs a consistency proof. */
const RECORDS = 300

const onChunk =
  (change: (chunk: Chunk) => Chunk): Lie =>
  (answer) =>
    answer.t === 'entries' ? { ...answer, chunk: change(answer.chunk) } : answer

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.map((byte, index) => (index === at ? byte ^ 1 : byte))
}

function replaced<T>(list: readonly T[], at: number, change: (item: T) => T): readonly T[] {
  return list.map((item, index) => (index === at ? change(item) : item))
}

/** Name, the lie, the fault that names it, and whether the sender pays. */
const LIES: readonly (readonly [string, Lie, RegExp])[] = [
  [
    'a forged entry',
    onChunk((chunk) => ({ ...chunk, entries: replaced(chunk.entries, 7, (one) => flipped(one, 200)) })),
    /^chunk-inclusion$/,
  ],
  [
    'a forged entry behind honest ones',
    onChunk((chunk) =>
      chunk.from === 0
        ? chunk
        : { ...chunk, entries: replaced(chunk.entries, 7, (one) => flipped(one, 200)) },
    ),
    /^chunk-inclusion$/,
  ],
  [
    'an entry too many',
    onChunk((chunk) => ({
      ...chunk,
      entries: [...chunk.entries, ...chunk.entries.slice(-1)],
      parts: [...chunk.parts, ...chunk.parts.slice(-1)],
    })),
    /^chunk-/,
  ],
  [
    'a part that is not the committed one',
    onChunk((chunk) => ({
      ...chunk,
      parts: replaced(chunk.parts, 7, (part) => part && { ...part, bytes: flipped(part.bytes, 5) }),
    })),
    /^part-commitment$/,
  ],
  [
    'a part left out',
    onChunk((chunk) => ({ ...chunk, parts: replaced(chunk.parts, 7, () => null) })),
    /^part-missing$/,
  ],
  [
    'a wrong consistency proof',
    onChunk((chunk) => ({ ...chunk, proof: chunk.proof.map((hash) => flipped(hash, 0)) })),
    /^chunk-inclusion$/,
  ],
  ['a chunk at the wrong place', onChunk((chunk) => ({ ...chunk, from: chunk.from + 1 })), /^chunk-place$/],
  [
    'a head that nobody signed',
    (answer) => (answer.t === 'heads' ? { ...answer, notes: answer.notes.map(badSignature) } : answer),
    /^head-signature$/,
  ],
  [
    'a head of another origin',
    (answer) => (answer.t === 'heads' ? { ...answer, notes: answer.notes.map(foreign) } : answer),
    /^$/,
  ],
  [
    'words that are no message',
    (answer) => (answer.t === 'entries' ? Uint8Array.of(0xff, 0x00) : answer),
    /^$/,
  ],
]

/** Changes the first byte of the first signature. */
function badSignature(note: Uint8Array): Uint8Array {
  const text = Buffer.from(note).toString('utf8')
  return Buffer.from(
    text.replace(
      / ([A-Za-z0-9+/]{8})([A-Za-z0-9+/])([^ ]*\n)$/,
      (_, head, one, rest) => ` ${head}${one === 'A' ? 'B' : 'A'}${rest}`,
    ),
  )
}

function foreign(note: Uint8Array): Uint8Array {
  return Buffer.from(Buffer.from(note).toString('utf8').replaceAll('a.example/', 'z.example/'))
}

describe('a member whose node lies', function () {
  this.timeout(180_000)
  let coalition: Coalition
  let liar: Liar

  const start = (number: number): Promise<CandorNode> => {
    const home = coalition.members[number]?.home
    assert.ok(home)
    const { charterFile } = coalition
    return CandorNode.start({
      home,
      passphrase: undefined,
      charterFile,
      tickMs: 200,
      onGrown: () => undefined,
    })
  }

  before(async () => {
    coalition = await makeCoalition(2)
    const [a, b] = [await start(0), await start(1)]
    await until('both may sign', () => a.readOnly() === undefined && b.readOnly() === undefined)
    await a.publisher.publish(
      Array.from({ length: RECORDS }, (_, i) => ({ kind: 'incident', public: { title: `${i}` } })),
    )
    await a.stop()
    await b.stop()
    const [member] = coalition.members
    assert.ok(member)
    liar = await startLiar(member.home, `/ip4/127.0.0.1/tcp/${member.port}`)
  })

  after(async () => {
    await liar.stop()
    coalition.remove()
  })

  /** Starts B with nothing, lets it meet the liar, and hands both over. */
  async function meet(lie: Lie, use: (b: CandorNode) => Promise<void>): Promise<void> {
    const home = coalition.members[1]?.home
    assert.ok(home)
    rmSync(home.database, { recursive: true })
    liar.lie = lie
    const b = await start(1)
    try {
      await use(b)
    } finally {
      await b.stop()
    }
  }

  const heldOf = (node: CandorNode) => node.opened.logs.all().find(({ origin }) => origin.startsWith('a.'))

  it('is believed while it tells the truth', async () => {
    await meet(
      (answer: Answer) => answer,
      async (b) => {
        await until('B holds the log of A', () => heldOf(b)?.edge.size === RECORDS + 1)
        assert.deepEqual(b.problems(), [])
        assert.equal(b.network.peers.score(liar.host.peerId.toString()), 0)
      },
    )
  })

  for (const [name, lie, fault] of LIES) {
    it(`is refused and pays for ${name}`, async () => {
      await meet(lie, async (b) => {
        const peer = liar.host.peerId.toString()
        if (name === 'a head of another origin') {
          await until(
            'the exchange is over',
            () => b.network.members()[0]?.lastExchange?.skipped.length === 1,
          )
          assert.match(b.network.members()[0]?.lastExchange?.skipped[0]?.reason ?? '', /not a member/)
        } else if (fault.source !== '^$') {
          const problem = await until('B names the lie', () =>
            b.problems().find((one) => one.origin !== undefined),
          ).catch((error: unknown) => {
            throw new Error(`B stands at ${inspect([b.network.members(), b.problems()])}`, { cause: error })
          })
          assert.match(problem.fault, fault)
          assert.equal(problem.blame, 'sender')
          assert.equal(problem.peer, peer)
          assert.ok(b.network.peers.score(peer) <= -20, `score ${b.network.peers.score(peer)}`)
        } else {
          await until(
            'B hears it',
            () => (b.network.members()[0]?.lastExchange?.skipped.length ?? 0) > 0 || b.problems().length > 0,
          )
        }
        const held = heldOf(b)?.edge.size ?? 0
        assert.ok(held <= 256 && (held === 0 || held < RECORDS), `B holds ${held}`)
        assert.equal(heldOf(b)?.complete, undefined)
      })
    })
  }
})

/** What a lying member can say of erased parts, and what it costs. */
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { native } from '../../node/keys/native.ts'
import { CandorNode } from '../../node/node.ts'
import type { PublicPart } from '../../protocol/codec/part.ts'
import type { Erasure } from '../../protocol/log/erasure.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import type { Chunk } from '../../protocol/sync/chunk.ts'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { startLiar, type Lie, type Liar } from '../support/liar.ts'
import { until } from '../support/until.ts'

const ERASED = 2
const OTHER = 4
const SIZE = 9

const flip = (bytes: Uint8Array) => bytes.map((byte, at) => (at === 0 ? byte ^ 1 : byte))
const onChunk =
  (change: (chunk: Chunk) => Chunk): Lie =>
  (answer) =>
    answer.t === 'entries' ? { ...answer, chunk: change(answer.chunk) } : answer
const onErasure = (change: (erasure: Erasure) => Erasure): Lie =>
  onChunk((chunk) => ({ ...chunk, erasures: (chunk.erasures ?? []).map(change) }))
const without = (chunk: Chunk, index: number) => chunk.parts.with(index - chunk.from, null)

const LIES: readonly (readonly [string, Lie, RegExp])[] = [
  [
    'an erased part without what erased it',
    onChunk(({ from, entries, parts, proof }) => ({ from, entries, parts, proof })),
    /^part-missing$/,
  ],
  [
    'a part withheld behind the erasure of another',
    onChunk((chunk) => {
      const [erasure] = chunk.erasures ?? []
      assert.ok(erasure)
      return { ...chunk, parts: without(chunk, OTHER), erasures: [erasure, { ...erasure, of: OTHER }] }
    }),
    /^erasure-target$/,
  ],
  [
    'the part of an erasure withheld',
    onChunk((chunk) => {
      const [erasure] = chunk.erasures ?? []
      assert.ok(erasure)
      const { index } = erasure
      return { ...chunk, parts: without(chunk, index), erasures: [erasure, { ...erasure, of: index }] }
    }),
    /^erasure-place$/,
  ],
  [
    'a forged proof',
    onErasure((erasure) => ({ ...erasure, proof: erasure.proof.map(flip) })),
    /^erasure-proof$/,
  ],
  ['another place', onErasure((erasure) => ({ ...erasure, index: erasure.index - 1 })), /^erasure-proof$/],
  ['a place above the head', onErasure((erasure) => ({ ...erasure, index: SIZE })), /^erasure-place$/],
  [
    'an entry whose words were altered',
    onErasure((erasure) => ({ ...erasure, part: { ...erasure.part, bytes: flip(erasure.part.bytes) } })),
    /^erasure-part$/,
  ],
  [
    'an entry that nobody logged',
    onErasure((erasure) => ({ ...erasure, entry: flip(erasure.entry) })),
    /^erasure-entry$/,
  ],
]

describe('a member whose node lies about erased parts', function () {
  this.timeout(180_000)
  let coalition: Coalition
  let liar: Liar
  let part: PublicPart | undefined

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
      Array.from({ length: 7 }, (_, i) => ({ kind: 'incident', public: { title: `${i}` } })),
    )
    const { logs, origin } = a.opened
    const log = logs.get(origin)
    assert.ok(log)
    part = logs.part(log, ERASED)
    const [bytes] = logs.entries(log, ERASED, 1)
    assert.ok(bytes)
    const on = { origin, index: ERASED, leaf: leafHash(native, bytes) }
    await a.publisher.publish([{ kind: 'erase', on, public: { tiers: ['public'], basis: 'safety' } }])
    assert.equal(logs.get(origin)?.edge.size, SIZE)
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
  const expectWhole = async (b: CandorNode) => {
    const log = await until('B holds the log of A', () => {
      const held = heldOf(b)
      return held?.edge.size === SIZE ? held : undefined
    })
    const { logs } = b.opened
    assert.equal(logs.part(log, ERASED), undefined)
    assert.equal(logs.erasedBy(log, ERASED), SIZE - 1)
    assert.deepEqual(b.problems(), [])
    assert.equal(b.network.peers.score(liar.host.peerId.toString()), 0)
  }

  it('is believed while it tells the truth', () => meet((answer) => answer, expectWhole))

  it('cannot bring back what was erased', () =>
    meet(
      onChunk(({ from, entries, parts, proof }) => {
        assert.ok(part)
        return { from, entries, parts: parts.with(ERASED - from, part), proof }
      }),
      expectWhole,
    ))

  for (const [name, lie, fault] of LIES) {
    it(`is refused and pays for ${name}`, () =>
      meet(lie, async (b) => {
        const problem = await until('B names the lie', () =>
          b.problems().find((one) => one.origin !== undefined),
        )
        assert.match(problem.fault, fault)
        assert.equal(problem.blame, 'sender')
        const score = b.network.peers.score(liar.host.peerId.toString())
        assert.ok(score <= -20, `score ${score}`)
        assert.equal(heldOf(b)?.complete, undefined)
      }))
  }
})

import assert from 'node:assert/strict'
import { TopicValidatorResult, type GossipSub } from '@libp2p/gossipsub'
import { native } from '../../../node/keys/native.ts'
import { REQUEST_BURST } from '../../../node/net/limits.ts'
import { printSignedCheckpoint } from '../../../protocol/log/checkpoint.ts'
import { printNote, type NoteSignature } from '../../../protocol/log/note.ts'
import type { Primitives } from '../../../protocol/primitives.ts'
import type { Chunk } from '../../../protocol/sync/chunk.ts'
import { parseNews, printNews, type HeadNews } from '../../../protocol/sync/message.ts'
import { forged, MEMBERS } from '../../support/cosigned-store.ts'
import { chunkOf, Gossiping, lineOn, noteOver, TIME } from '../../support/gossiping.ts'
import { headOf, Mirror } from '../../support/mirror.ts'
import { cosignatureOf, noteOf, testCosigner } from '../../support/notes.ts'
import { ORIGIN } from '../../support/own-log.ts'

const { Accept, Ignore, Reject } = TopicValidatorResult
const TOPIC = 'heads'
const PEER = 'the peer'
type Validator = (peer: { toString: () => string }, message: { data: Uint8Array }) => Promise<unknown>

/** A node that hears gossip about one log, and what it says itself. */
class Hearing {
  readonly published: HeadNews[] = []
  verified = 0
  readonly node: Gossiping
  private readonly validators = new Map<string, Validator>()

  constructor(world: Mirror) {
    const primitives: Primitives = {
      ...native,
      verifyEd25519: (...all) => {
        this.verified += 1
        return native.verifyEd25519(...all)
      },
    }
    const pubsub = {
      topicValidators: this.validators,
      subscribe: () => undefined,
      publish: async (_topic: string, bytes: Uint8Array) => {
        const news = parseNews(bytes)
        if (news.ok && news.value.t === 'news') this.published.push(news.value)
      },
    }
    this.node = new Gossiping(world, pubsub as unknown as GossipSub, TOPIC, { primitives })
  }

  hear(note: Uint8Array, chunk: Chunk | null = null) {
    return this.hearBytes(printNews({ t: 'news', note, chunk }))
  }

  async hearBytes(data: Uint8Array) {
    return this.validators.get(TOPIC)?.({ toString: () => PEER }, { data })
  }
}

describe('gossip of a head', () => {
  let world: Mirror
  let node: Gossiping
  let hearing: Hearing

  beforeEach(async () => {
    world = await Mirror.open()
    world.leaves.push(world.own.incident(), world.own.incident())
    hearing = new Hearing(world)
    ;({ node } = hearing)
  })
  afterEach(() => world.own.remove())

  const note = (...lines: readonly NoteSignature[]) => noteOver(world, ...lines)
  const line = (n: number, at = 0) => lineOn(world, n, at)
  const forgedLine = (n: number) => forged(line(n))
  const unknownLine = () =>
    cosignatureOf({ ...testCosigner(1, 'witness'), name: 'z.example/candor/witness' }, noteOf(note()), TIME)
  const chunkFrom = (from: number) => chunkOf(world, from)
  const isHeld = () => world.offer(world.leaves)

  it('is passed on with entries that are new here, and only once', async () => {
    assert.equal(await hearing.hear(note(), chunkFrom(0)), Accept)
    assert.equal(world.heldSize(), 3)
    assert.equal(await hearing.hear(note(), chunkFrom(0)), Ignore)
    assert.equal(await hearing.hear(note()), Ignore)
    assert.deepEqual([hearing.published, node.peers.score(PEER)], [[], 0])
  })

  it('is passed on with cosignatures that are new here, and only once', async () => {
    await isHeld()
    assert.equal(await hearing.hear(note(line(1))), Accept)
    assert.equal(await hearing.hear(note(line(1))), Ignore)
    assert.equal(await hearing.hear(note(line(1), line(2))), Accept)
    assert.equal(await hearing.hear(note(line(2), line(1))), Ignore)
    assert.deepEqual(hearing.published, [])
  })

  it('goes on without the lines that nobody verified here', async () => {
    await isHeld()
    assert.equal(await hearing.hear(note(unknownLine(), line(1))), Ignore)
    assert.deepEqual(hearing.published, [{ t: 'news', note: note(line(1)), chunk: null }])
    assert.equal(await hearing.hear(note(unknownLine(), line(1))), Ignore)
    assert.deepEqual([hearing.published.length, node.forged], [1, []])
  })

  it('goes on without the entries that nobody read here', async () => {
    await world.offer(world.leaves.slice(0, 2))
    const [first, , third] = chunkFrom(0).entries
    assert.ok(first && third)
    // What this node holds is cut off unread; whoever holds less would find the lie and blame it.
    const lying = { ...chunkFrom(0), entries: [first, first, third] }
    assert.equal(await hearing.hear(note(), lying), Ignore)
    assert.equal(world.heldSize(), 3)
    assert.deepEqual(hearing.published, [{ t: 'news', note: note(), chunk: null }])
    const beside = { ...chunkFrom(0), entries: [third, third, third] }
    assert.equal(await hearing.hear(note(line(1)), beside), Ignore)
    assert.deepEqual(hearing.published.at(-1), { t: 'news', note: note(line(1)), chunk: null })
  })

  it('with a forged cosignature goes nowhere: what is good is kept, and passed on without it', async () => {
    await isHeld()
    assert.equal(await hearing.hear(note(forgedLine(1), line(1), line(2))), Ignore)
    assert.deepEqual(node.forged, [PEER])
    assert.equal(node.heads.get(ORIGIN)?.newest.cosignatures.length, 2)
    assert.equal(hearing.published.length, 1)
    assert.deepEqual(
      noteOf(hearing.published[0]?.note ?? new Uint8Array())
        .signatures.map(({ name }) => name)
        .toSorted(),
      [ORIGIN, line(1).name, line(2).name].toSorted(),
    )
    // Nothing in it is good: nothing is passed on.
    assert.equal(await hearing.hear(note(forgedLine(3))), Ignore)
    assert.deepEqual([node.forged, hearing.published.length], [[PEER, PEER], 1])
  })

  it('with a forged cosignature is found where its entries are not held, or it is refused', async () => {
    await world.offer(world.leaves.slice(0, 2))
    assert.equal(await hearing.hear(note(forgedLine(1))), Ignore)
    const { publicKey, sign } = world.own.keystore.signer('statement')
    const unsigned = noteOf(printSignedCheckpoint(native, headOf(world.leaves), publicKey, sign))
    const bytes = printNote({ ...unsigned, signatures: [...unsigned.signatures, forgedLine(1)] })
    assert.equal(await hearing.hear(bytes), Reject)
    assert.deepEqual(node.forged, [PEER, PEER])
  })

  it('takes from the allowance of its sender what reading its lines costs, and is ignored beyond that', async () => {
    await isHeld()
    const lines = Array.from({ length: MEMBERS }, (_, n) => line(n + 1))
    assert.equal(await hearing.hear(note(...lines)), Accept)
    // One for each line, and the signature of the log.
    assert.equal(hearing.verified, lines.length + 1)
    const left = REQUEST_BURST - lines.length / 16
    assert.equal(node.peers.mayAsk(PEER, left + 0.01), false)
    // The same lines cost nothing again.
    assert.equal(await hearing.hear(note(...lines.toReversed())), Ignore)
    assert.equal(hearing.verified, lines.length + 2)
    assert.equal(node.peers.mayAsk(PEER, left), true)
    assert.equal(await hearing.hear(note(line(1, 9))), Ignore)
    assert.equal(hearing.verified, lines.length + 2)
    assert.equal(
      node.heads.get(ORIGIN)?.newest.cosignatures.find(({ domain }) => domain === 'm1.example')?.time,
      TIME,
    )
  })

  it('has two lines of one key verified, however many there are', async () => {
    await isHeld()
    const good = line(1)
    const many = Array.from({ length: 300 }, (_, n) => forged(good, n))
    assert.equal(await hearing.hear(note(...many)), Ignore)
    assert.equal(hearing.verified, 3)
    assert.deepEqual(node.forged, [PEER])
  })
})

describe('gossip of a proof', () => {
  it('is passed on when it is new here, and ignored when it is known', async () => {
    const world = await Mirror.open()
    const hearing = new Hearing(world)
    const news = printNews({ t: 'evidence', proof: Uint8Array.of(1) })
    assert.equal(await hearing.hearBytes(news), Accept)
    hearing.node.proof = 'known'
    assert.equal(await hearing.hearBytes(news), Ignore)
    assert.equal(await hearing.hearBytes(Uint8Array.of(1)), Reject)
    world.own.remove()
  })
})

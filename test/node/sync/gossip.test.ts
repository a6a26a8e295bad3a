import assert from 'node:assert/strict'
import { TopicValidatorResult, type GossipSub } from '@libp2p/gossipsub'
import { native } from '../../../node/keys/native.ts'
import { REQUEST_BURST } from '../../../node/net/limits.ts'
import { Peers } from '../../../node/net/peers.ts'
import type { Proposed } from '../../../node/log/appender.ts'
import { Gossip } from '../../../node/sync/gossip.ts'
import type { CosignedHeads } from '../../../node/witness/cosigned-heads.ts'
import { printSignedCheckpoint } from '../../../protocol/log/checkpoint.ts'
import { printNote, type NoteSignature } from '../../../protocol/log/note.ts'
import type { Primitives } from '../../../protocol/primitives.ts'
import type { Chunk } from '../../../protocol/sync/chunk.ts'
import { parseNews, printNews, type HeadNews } from '../../../protocol/sync/message.ts'
import { cosignedStore, forged, MEMBERS } from '../../support/cosigned-store.ts'
import { MemoryKeyValue } from '../../support/memory-kv.ts'
import { headOf, Mirror } from '../../support/mirror.ts'
import { cosignatureOf, noteOf, testCosigner } from '../../support/notes.ts'
import { ORIGIN } from '../../support/own-log.ts'

const { Accept, Ignore, Reject } = TopicValidatorResult
const TIME = 1_700_000_000
const TOPIC = 'heads'
const PEER = 'the peer'
type Validator = (peer: { toString: () => string }, message: { data: Uint8Array }) => Promise<unknown>

/** A node that hears gossip about one log, and what it says itself. */
class Hearing {
  readonly peers = new Peers({ now: () => 0 }, () => undefined)
  readonly published: HeadNews[] = []
  readonly forged: string[] = []
  verified = 0
  proof: 'new' | 'known' = 'new'
  readonly world: Mirror
  readonly heads: CosignedHeads
  private readonly validators = new Map<string, Validator>()

  constructor(world: Mirror) {
    this.world = world
    const primitives: Primitives = {
      ...native,
      verifyEd25519: (...all) => {
        this.verified += 1
        return native.verifyEd25519(...all)
      },
    }
    this.heads = cosignedStore(new MemoryKeyValue(), world.logs, { primitives })
    const pubsub = {
      topicValidators: this.validators,
      subscribe: () => undefined,
      publish: async (_topic: string, bytes: Uint8Array) => {
        const news = parseNews(bytes)
        if (news.ok && news.value.t === 'news') this.published.push(news.value)
      },
    }
    new Gossip({
      pubsub: pubsub as unknown as GossipSub,
      topic: TOPIC,
      verifier: world.verifier,
      peers: this.peers,
      cosigned: this.heads,
      evidence: { add: async () => ({ kind: this.proof, held: undefined as never }) },
      onBehind: () => undefined,
      onDoubt: () => undefined,
      onForged: (peer) => this.forged.push(peer),
      onRefused: () => undefined,
    }).start()
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
  let node: Hearing

  beforeEach(async () => {
    world = await Mirror.open()
    world.leaves.push(world.own.incident(), world.own.incident())
    node = new Hearing(world)
  })
  afterEach(() => world.own.remove())

  const noteOver = (leaves: readonly Proposed[], ...lines: readonly NoteSignature[]) => {
    const { publicKey, sign } = world.own.keystore.logSigner(1)
    const note = noteOf(printSignedCheckpoint(native, headOf(leaves), publicKey, sign))
    return printNote({ ...note, signatures: [...note.signatures, ...lines] })
  }
  const note = (...lines: readonly NoteSignature[]) => noteOver(world.leaves, ...lines)
  const line = (n: number, at = 0) => cosignatureOf(testCosigner(n, 'mirror'), noteOf(note()), TIME + at)
  const forgedLine = (n: number) => forged(line(n))
  const unknownLine = () =>
    cosignatureOf({ ...testCosigner(1, 'witness'), name: 'z.example/candor/witness' }, noteOf(note()), TIME)
  const chunkFrom = (from: number, leaves = world.leaves): Chunk => ({
    from,
    entries: leaves.slice(from).map(({ entry }) => entry.bytes),
    parts: leaves.slice(from).map(({ part }) => part),
    proof: [],
  })
  const isHeld = () => world.offer(world.leaves)

  it('is passed on with entries that are new here, and only once', async () => {
    assert.equal(await node.hear(note(), chunkFrom(0)), Accept)
    assert.equal(world.heldSize(), 3)
    assert.equal(await node.hear(note(), chunkFrom(0)), Ignore)
    assert.equal(await node.hear(note()), Ignore)
    assert.deepEqual([node.published, node.peers.score(PEER)], [[], 0])
  })

  it('is passed on with cosignatures that are new here, and only once', async () => {
    await isHeld()
    assert.equal(await node.hear(note(line(1))), Accept)
    assert.equal(await node.hear(note(line(1))), Ignore)
    assert.equal(await node.hear(note(line(1), line(2))), Accept)
    assert.equal(await node.hear(note(line(2), line(1))), Ignore)
    assert.deepEqual(node.published, [])
  })

  it('goes on without the lines that nobody verified here', async () => {
    await isHeld()
    assert.equal(await node.hear(note(unknownLine(), line(1))), Ignore)
    assert.deepEqual(node.published, [{ t: 'news', note: note(line(1)), chunk: null }])
    assert.equal(await node.hear(note(unknownLine(), line(1))), Ignore)
    assert.deepEqual([node.published.length, node.forged], [1, []])
  })

  it('goes on without the entries that nobody read here', async () => {
    await world.offer(world.leaves.slice(0, 2))
    const [first, , third] = chunkFrom(0).entries
    assert.ok(first && third)
    // What this node holds is cut off unread; whoever holds less would find the lie and blame it.
    const lying = { ...chunkFrom(0), entries: [first, first, third] }
    assert.equal(await node.hear(note(), lying), Ignore)
    assert.equal(world.heldSize(), 3)
    assert.deepEqual(node.published, [{ t: 'news', note: note(), chunk: null }])
    const beside = { ...chunkFrom(0), entries: [third, third, third] }
    assert.equal(await node.hear(note(line(1)), beside), Ignore)
    assert.deepEqual(node.published.at(-1), { t: 'news', note: note(line(1)), chunk: null })
  })

  it('with a forged cosignature goes nowhere: what is good is kept, and passed on without it', async () => {
    await isHeld()
    assert.equal(await node.hear(note(forgedLine(1), line(1), line(2))), Ignore)
    assert.deepEqual(node.forged, [PEER])
    assert.equal(node.heads.get(ORIGIN)?.newest.cosignatures.length, 2)
    assert.equal(node.published.length, 1)
    assert.deepEqual(
      noteOf(node.published[0]?.note ?? new Uint8Array())
        .signatures.map(({ name }) => name)
        .toSorted(),
      [ORIGIN, line(1).name, line(2).name].toSorted(),
    )
    // Nothing in it is good: nothing is passed on.
    assert.equal(await node.hear(note(forgedLine(3))), Ignore)
    assert.deepEqual([node.forged, node.published.length], [[PEER, PEER], 1])
  })

  it('with a forged cosignature is found where its entries are not held, or it is refused', async () => {
    await world.offer(world.leaves.slice(0, 2))
    assert.equal(await node.hear(note(forgedLine(1))), Ignore)
    const { publicKey, sign } = world.own.keystore.signer('statement')
    const unsigned = noteOf(printSignedCheckpoint(native, headOf(world.leaves), publicKey, sign))
    const bytes = printNote({ ...unsigned, signatures: [...unsigned.signatures, forgedLine(1)] })
    assert.equal(await node.hear(bytes), Reject)
    assert.deepEqual(node.forged, [PEER, PEER])
  })

  it('takes from the allowance of its sender what reading its lines costs, and is ignored beyond that', async () => {
    await isHeld()
    const lines = Array.from({ length: MEMBERS }, (_, n) => line(n + 1))
    assert.equal(await node.hear(note(...lines)), Accept)
    // One for each line, and the signature of the log.
    assert.equal(node.verified, lines.length + 1)
    const left = REQUEST_BURST - lines.length / 16
    assert.equal(node.peers.mayAsk(PEER, left + 0.01), false)
    // The same lines cost nothing again.
    assert.equal(await node.hear(note(...lines.toReversed())), Ignore)
    assert.equal(node.verified, lines.length + 2)
    assert.equal(node.peers.mayAsk(PEER, left), true)
    assert.equal(await node.hear(note(line(1, 9))), Ignore)
    assert.equal(node.verified, lines.length + 2)
    assert.equal(
      node.heads.get(ORIGIN)?.newest.cosignatures.find(({ domain }) => domain === 'm1.example')?.time,
      TIME,
    )
  })

  it('has two lines of one key verified, however many there are', async () => {
    await isHeld()
    const good = line(1)
    const many = Array.from({ length: 300 }, (_, n) => forged(good, n))
    assert.equal(await node.hear(note(...many)), Ignore)
    assert.equal(node.verified, 3)
    assert.deepEqual(node.forged, [PEER])
  })
})

describe('gossip of a proof', () => {
  it('is passed on when it is new here, and ignored when it is known', async () => {
    const world = await Mirror.open()
    const node = new Hearing(world)
    const news = printNews({ t: 'evidence', proof: Uint8Array.of(1) })
    assert.equal(await node.hearBytes(news), Accept)
    node.proof = 'known'
    assert.equal(await node.hearBytes(news), Ignore)
    assert.equal(await node.hearBytes(Uint8Array.of(1)), Reject)
    world.own.remove()
  })
})

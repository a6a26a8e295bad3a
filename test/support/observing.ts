/** What somebody who sees everything that is public learns about disclosures: all gossip, and a copy of every log. */
import { randomBytes } from 'node:crypto'
import { multiaddr } from '@multiformats/multiaddr'
import { isMap } from '../../protocol/codec/value.ts'
import { parseAccess } from '../../protocol/access/signed.ts'
import { parseEntry, type Entry } from '../../protocol/codec/statement.ts'
import type { PublicPart } from '../../protocol/codec/part.ts'
import { parseSignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { parseNews } from '../../protocol/sync/message.ts'
import { Keystore } from '../../node/keys/keystore.ts'
import { native } from '../../node/keys/native.ts'
import { sealerOf } from '../../node/keys/vault.ts'
import { protocolsOf } from '../../node/net/protocols.ts'
import { openDatabase } from '../../node/store/database.ts'
import { Logs } from '../../node/store/logs.ts'
import { readVault } from '../../node/store/vault.ts'
import type { AskingWorld } from './asking-world.ts'
import { startRawPeer } from './raw-peer.ts'
import { until } from './until.ts'

type Message = { readonly at: number; readonly topic: string; readonly bytes: Uint8Array }

/** A peer that only listens, on every topic that anybody has. */
export class Gossiped {
  readonly messages: Message[] = []
  readonly topics = new Set<string>()

  static async listen(world: AskingWorld): Promise<Gossiped> {
    const peer = await startRawPeer(randomBytes(32), world.networkId)
    world.onStop.push(() => peer.stop())
    const made = new Gossiped()
    const { heads } = protocolsOf(world.networkId)
    const { pubsub } = peer.host.services
    pubsub.addEventListener('message', ({ detail }) => {
      made.messages.push({ at: performance.now(), topic: detail.topic, bytes: detail.data })
    })
    pubsub.addEventListener('subscription-change', ({ detail }) => {
      for (const { topic } of detail.subscriptions) {
        if (!made.topics.has(topic)) pubsub.subscribe(topic)
        made.topics.add(topic)
      }
    })
    pubsub.subscribe(heads)
    for (const at of [0, 1, 2] as const) {
      const { peerId } = await world.client(at).whoami()
      await peer.host.dial(multiaddr(`/ip4/127.0.0.1/tcp/${world.member(at).port}/p2p/${peerId}`))
    }
    await until('it hears the others', () => pubsub.getSubscribers(heads).length === 3)
    return made
  }

  /** When a head of each size of this log was first heard of. */
  headsOf(origin: string): ReadonlyMap<number, number> {
    const found = new Map<number, number>()
    for (const { at, bytes } of this.messages) {
      const news = parseNews(bytes)
      const head = news.ok && news.value.t === 'news' ? parseSignedCheckpoint(news.value.note) : undefined
      if (head?.ok !== true || head.value.checkpoint.origin !== origin) continue
      const { size } = head.value.checkpoint
      if (!found.has(size)) found.set(size, at)
    }
    return found
  }

  /** Leaves of kind `access` of this log in what was announced, and how many messages there were of each kind. */
  told(origin: string): { readonly leaves: readonly Leaf[]; readonly kinds: ReadonlyMap<string, number> } {
    const leaves: Leaf[] = []
    const kinds = new Map<string, number>()
    for (const { bytes } of this.messages) {
      const news = parseNews(bytes)
      const kind = news.ok ? news.value.t : 'something else'
      kinds.set(kind, 1 + (kinds.get(kind) ?? 0))
      const chunk = news.ok && news.value.t === 'news' ? news.value.chunk : null
      for (const [offset, one] of (chunk?.entries ?? []).entries()) {
        const entry = parseEntry(one)
        if (!entry.ok || entry.value.statement.kind !== 'access') continue
        if (entry.value.header.issuer !== origin) continue
        const part = chunk?.parts[offset] ?? undefined
        leaves.push({ index: (chunk?.from ?? 0) + offset, entry: entry.value, part })
      }
    }
    return { leaves, kinds }
  }
}

type Leaf = { readonly index: number; readonly entry: Entry; readonly part: PublicPart | undefined }

export class Observed {
  readonly leaves: readonly Leaf[]
  private readonly world: AskingWorld
  /** Which member's: the owner's, or that of the one that asks through its own node. */
  private readonly at: 0 | 1

  private constructor(world: AskingWorld, at: 0 | 1, leaves: readonly Leaf[]) {
    this.world = world
    this.at = at
    this.leaves = leaves
  }

  /** The leaves of kind `access` in the log of a member, as the observer holds it. */
  static async of(world: AskingWorld, at: 0 | 1): Promise<Observed> {
    const leaves: Leaf[] = []
    const { domain } = world.member(at)
    for (let from = 0; ;) {
      const { entries, parts } = await world.client(3).entries(domain, from, 256)
      if (entries.length === 0) return new Observed(world, at, leaves)
      for (const [offset, bytes] of entries.entries()) {
        const entry = parseEntry(bytes)
        if (!entry.ok || entry.value.statement.kind !== 'access') continue
        const part = parts[offset]
        const shown =
          part === undefined || part === null
            ? undefined
            : { opening: part[0], mediaType: part[1], bytes: part[2] }
        leaves.push({ index: from + offset, entry: entry.value, part: shown })
      }
      from += entries.length
    }
  }

  /** The moments at which some of them were announced, in milliseconds, oldest first. */
  batches(gossip: Gossiped): readonly number[] {
    const heads = [...gossip.headsOf(this.world.originOf(this.at))].toSorted(([a], [b]) => a - b)
    return heads.flatMap(([size, at], place) => {
      const before = heads[place - 1]?.[0] ?? 0
      return this.leaves.some(({ index }) => index >= before && index < size) ? [at] : []
    })
  }

  /** Everything that a leaf shows, with what is random or the same for all of its log left out. */
  static shapeOf({ entry, part }: Leaf): object {
    const { header, statement, bytes } = entry
    return {
      bytes: bytes.length,
      header: { ...header, subject: header.subject.length, issuedAt: header.issuedAt % 3_600 },
      statement: {
        ...statement,
        record: statement.record.length,
        parts: statement.parts.map(({ length }) => length),
      },
      public: part && [part.opening.length, part.mediaType, part.bytes.length],
    }
  }

  /** What each leaf is about, as only its author knows. The node has ended. */
  async truth(): Promise<ReadonlyMap<number, string>> {
    const { home } = this.world.member(this.at)
    const database = await openDatabase(home.database)
    try {
      const sealer = sealerOf(Keystore.open(home.keys, undefined).vaultKey())
      const logs = new Logs(native, database)
      await logs.open(() => undefined)
      const number = logs.numberOf(this.world.originOf(this.at)) ?? 0
      const found = new Map<number, string>()
      for (const { index } of this.leaves) {
        const document = (await readVault(database, sealer, number, index))?.research[2]
        const access = isMap(document) ? document['access'] : undefined
        const signed = access instanceof Uint8Array ? parseAccess(access) : undefined
        found.set(index, signed?.ok === true ? signed.value.statement.kind : 'the head of the trail')
      }
      return found
    } finally {
      await database.close()
    }
  }
}

/**
 * Deposits of others that we hold a share of, and what became of each: who asked for our share, to whom a person released
 * it, and what we gathered ourselves. Sealed; the share rests under the vault key, so that it outlives our box keys.
 */
import { printHex } from '../../protocol/bytes.ts'
import { encode } from '../../protocol/codec/cbor.ts'
import { isBytes, isCount } from '../../protocol/codec/value.ts'
import { SHARE_BYTES } from '../../protocol/sealing/escrowed.ts'
import { SPACE } from '../disclosure/space.ts'
import type { KeyValue, Operation, Sealer } from '../ports.ts'
import { erasingRow } from '../store/forgetting.ts'
import { after, keyOf, numberAt } from '../store/prefixes.ts'
import { escrowIn } from './deposits.ts'
import { LeafIndex } from './leaf-index.ts'
import { bytesOrNull, countOr, listOf, rowIn, textOrNull } from './rows.ts'

/** Another holder asked for our share. */
export type Called = { readonly domain: string; readonly recall: Uint8Array; readonly at: number }

/** A person let it go to this holder, or, for ourselves, began to recover the part. */
export type Released = {
  readonly domain: string
  readonly by: string
  readonly reason: string
  readonly at: number
}

/** Our signed release on a recall. */
export type Shared = { readonly recall: Uint8Array; readonly release: Uint8Array }

/** A share that another holder gave us: the one that was deposited. */
export type Gathered = { readonly domain: string; readonly share: Uint8Array }

/** What another holder answered last that is no share, or what was wrong with it. */
export type Answered = { readonly domain: string; readonly why: string }

/** `false`: the shares of k holders are those deposited, and what they make is not what was committed. */
export type KeptState = 'held' | 'recovered' | 'erased' | 'false'

export type Kept = {
  readonly id: Uint8Array
  /** The signed deposit. */
  readonly signed: Uint8Array
  /** Domain of the owner. */
  readonly owner: string
  /** When it came, in seconds since 1970. */
  readonly at: number
  readonly state: KeptState
  readonly why: string | null
  /** Null once it is erased. */
  readonly share: Uint8Array | null
  readonly ack: Uint8Array
  readonly called: readonly Called[]
  readonly released: readonly Released[]
  readonly shared: readonly Shared[]
  /** Our own recall. */
  readonly recall: Uint8Array | null
  readonly gathered: readonly Gathered[]
  readonly answers: readonly Answered[]
  readonly nextAt: number
  readonly tries: number
}

/** Of a deposit that just came. */
export const NEWLY_KEPT = {
  state: 'held',
  why: null,
  called: [],
  released: [],
  shared: [],
  recall: null,
  gathered: [],
  answers: [],
  nextAt: 0,
  tries: 0,
} as const

type Tally = { readonly deposits: number; readonly bytes: number }
const NO_TALLY: Tally = { deposits: 0, bytes: 0 }

export class KeptDeposits {
  private readonly store: KeyValue
  private readonly sealer: Sealer
  // What is held for each owner. Written by `open`, `count` and `uncount` only.
  private readonly tallies = new Map<string, Tally>()
  // Ids of what we are recovering. Written by `open` and `put` only.
  private readonly recovering = new Map<string, Uint8Array>()
  // Ids of what is held, by the leaf that it is about. Written by `open` and `put` only.
  private readonly byLeaf = new LeafIndex()

  constructor(store: KeyValue, sealer: Sealer) {
    this.store = store
    this.sealer = sealer
  }

  async open(): Promise<void> {
    for await (const one of this.all()) {
      this.index(one)
      if (one.state !== 'erased') this.count(one, 1)
    }
  }

  /** What is held for this owner. */
  tally(owner: string): Tally {
    return this.tallies.get(owner) ?? NO_TALLY
  }

  /** Counts a deposit that was stored, or with −1 one that was erased. */
  count(one: Kept, by: 1 | -1): void {
    const { deposits, bytes } = this.tally(one.owner)
    const { length } = escrowIn(one.signed).statement.offer
    this.tallies.set(one.owner, { deposits: deposits + by, bytes: bytes + by * length })
  }

  /** Ids of what we are recovering and have not enough shares of. */
  underWay(): readonly Uint8Array[] {
    return [...this.recovering.values()]
  }

  /** Ids of what is held about this leaf, or about any. */
  about(leaf?: Uint8Array): readonly Uint8Array[] {
    return this.byLeaf.about(leaf)
  }

  put(one: Kept): Operation {
    this.index(one)
    return this.seal(keyOf('disclosure', { byte: SPACE.kept }, one.id), encode({ v: 1, ...one }))
  }

  putCiphertext(id: Uint8Array, bytes: Uint8Array): Operation {
    return this.seal(keyOf('disclosure', { byte: SPACE.keptBytes }, id), bytes)
  }

  putRecovered(id: Uint8Array, release: Uint8Array): Operation {
    return this.seal(keyOf('disclosure', { byte: SPACE.recovered }, id), release)
  }

  /** Nothing of it stays, in the files neither. */
  erase(id: Uint8Array): readonly Operation[] {
    const rows = [SPACE.keptBytes, SPACE.recovered].map((byte) => keyOf('disclosure', { byte }, id))
    // No log has the number 0, so this names what was given to us.
    const later = erasingRow('sealed', 0, numberAt(id, 0, 6))
    return [...rows.map((key): Operation => ({ type: 'del', key })), later]
  }

  ciphertext(id: Uint8Array): Promise<Uint8Array | undefined> {
    return this.opened(keyOf('disclosure', { byte: SPACE.keptBytes }, id))
  }

  recovered(id: Uint8Array): Promise<Uint8Array | undefined> {
    return this.opened(keyOf('disclosure', { byte: SPACE.recovered }, id))
  }

  async get(id: Uint8Array): Promise<Kept | undefined> {
    const bytes = await this.opened(keyOf('disclosure', { byte: SPACE.kept }, id))
    return bytes && readKept(bytes)
  }

  async *all(): AsyncGenerator<Kept> {
    const start = keyOf('disclosure', { byte: SPACE.kept })
    for await (const [key, sealed] of this.store.iterate({ gte: start, lt: after(start) })) {
      const one = readKept(this.sealer.open(key, sealed))
      if (one !== undefined) yield one
    }
  }

  private index(one: Kept): void {
    const name = printHex(one.id)
    if (one.state === 'held' && one.recall !== null) this.recovering.set(name, one.id)
    else this.recovering.delete(name)
    const { leaf } = escrowIn(one.signed).statement.on
    this.byLeaf.note(leaf, one.id, one.state === 'erased' ? 'gone' : 'there')
  }

  private seal(key: Uint8Array, bytes: Uint8Array): Operation {
    return { type: 'put', key, value: this.sealer.seal(key, bytes) }
  }

  private async opened(key: Uint8Array): Promise<Uint8Array | undefined> {
    const sealed = await this.store.get(key)
    return sealed && this.sealer.open(key, sealed)
  }
}

const STATES: readonly KeptState[] = ['held', 'recovered', 'erased', 'false']

function readKept(bytes: Uint8Array): Kept | undefined {
  const row = rowIn(bytes)
  if (row === undefined) return undefined
  const { id, signed, owner, at, ack } = row
  const state = STATES.find((known) => known === row['state'])
  if (!isBytes(id, 32) || !(signed instanceof Uint8Array) || typeof owner !== 'string') return undefined
  if (!isCount(at) || state === undefined || !(ack instanceof Uint8Array)) return undefined
  return {
    id,
    signed,
    owner,
    at,
    state,
    ack,
    why: textOrNull(row['why']),
    share: bytesOrNull(row['share'], SHARE_BYTES),
    recall: bytesOrNull(row['recall']),
    called: listOf(row['called'], ({ domain, recall, at: heard }) =>
      typeof domain === 'string' && recall instanceof Uint8Array && isCount(heard)
        ? { domain, recall, at: heard }
        : undefined,
    ),
    released: listOf(row['released'], ({ domain, by, reason, at: when }) =>
      typeof domain === 'string' && typeof by === 'string' && typeof reason === 'string' && isCount(when)
        ? { domain, by, reason, at: when }
        : undefined,
    ),
    shared: listOf(row['shared'], ({ recall, release }) =>
      isBytes(recall, 32) && release instanceof Uint8Array ? { recall, release } : undefined,
    ),
    gathered: listOf(row['gathered'], ({ domain, share }) =>
      typeof domain === 'string' && isBytes(share, SHARE_BYTES) ? { domain, share } : undefined,
    ),
    answers: listOf(row['answers'], ({ domain, why }) =>
      typeof domain === 'string' && typeof why === 'string' ? { domain, why } : undefined,
    ),
    nextAt: countOr(row['nextAt'], 0),
    tries: countOr(row['tries'], 0),
  }
}

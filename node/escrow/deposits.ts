/**
 * Deposits of ours: to whom each goes, and who said that it is there. Sealed; a row changes in one batch with the entry
 * of the trail that says why. The content key is in none of them: it was forgotten when it was split.
 */
import { parseHex, printHex } from '../../protocol/bytes.ts'
import { encode } from '../../protocol/codec/cbor.ts'
import { isBytes, isCount } from '../../protocol/codec/value.ts'
import { isSigned, parseAccess, type Signed } from '../../protocol/access/signed.ts'
import type { Escrow } from '../../protocol/access/escrow.ts'
import { SEALED_SHARE_BYTES } from '../../protocol/sealing/escrowed.ts'
import { SPACE } from '../disclosure/space.ts'
import type { KeyValue, Operation, Sealer } from '../ports.ts'
import { after, keyOf } from '../store/prefixes.ts'
import { LeafIndex } from './leaf-index.ts'
import { bytesOrNull, countOr, listOf, rowIn, textOrNull } from './rows.ts'

/** `waiting`: not acknowledged. `erased`: deleted there, signed. `none`: it never had it. */
export type HolderState = 'waiting' | 'held' | 'refused' | 'erased' | 'none'

export type DepositHolder = {
  readonly domain: string
  readonly state: HolderState
  /** Its share, sealed to its box key, until it has it. */
  readonly share: Uint8Array | null
  /** Its signed word. */
  readonly ack: Uint8Array | null
  /** Reason of a refusal. */
  readonly why: string | null
  /** When it is worth asking again, in seconds since 1970, and how often that was in vain. */
  readonly nextAt: number
  readonly tries: number
}

export type Deposit = {
  readonly id: Uint8Array
  /** The signed statement. */
  readonly signed: Uint8Array
  readonly isErased: boolean
  readonly holders: readonly DepositHolder[]
}

export class Deposits {
  private readonly store: KeyValue
  private readonly sealer: Sealer
  // When each deposit is worth a look. Written by `open` and `put` only; a write that fails costs one look too many.
  private readonly nextAt = new Map<string, number>()
  // Ids of deposits that are not erased, by the leaf that each is about. Written by `open` and `put` only.
  private readonly byLeaf = new LeafIndex()

  constructor(store: KeyValue, sealer: Sealer) {
    this.store = store
    this.sealer = sealer
  }

  async open(): Promise<void> {
    for await (const one of this.all()) this.index(one)
  }

  /** Ids of deposits of which some holder is still to be told something. */
  due(now: number): readonly Uint8Array[] {
    return [...this.nextAt].flatMap(([id, nextAt]) => {
      const read = nextAt <= now ? parseHex(id) : undefined
      return read?.ok === true ? [read.value] : []
    })
  }

  put(one: Deposit): Operation {
    this.index(one)
    return this.seal(keyOf('disclosure', { byte: SPACE.deposit }, one.id), encode({ v: 1, ...one }))
  }

  putCiphertext(id: Uint8Array, bytes: Uint8Array): Operation {
    return this.seal(keyOf('disclosure', { byte: SPACE.depositBytes }, id), bytes)
  }

  dropCiphertext(id: Uint8Array): Operation {
    return { type: 'del', key: keyOf('disclosure', { byte: SPACE.depositBytes }, id) }
  }

  async ciphertext(id: Uint8Array): Promise<Uint8Array | undefined> {
    const key = keyOf('disclosure', { byte: SPACE.depositBytes }, id)
    const sealed = await this.store.get(key)
    return sealed && this.sealer.open(key, sealed)
  }

  async get(id: Uint8Array): Promise<Deposit | undefined> {
    const key = keyOf('disclosure', { byte: SPACE.deposit }, id)
    const sealed = await this.store.get(key)
    return sealed && readDeposit(this.sealer.open(key, sealed))
  }

  async *all(): AsyncGenerator<Deposit> {
    const start = keyOf('disclosure', { byte: SPACE.deposit })
    for await (const [key, sealed] of this.store.iterate({ gte: start, lt: after(start) })) {
      const one = readDeposit(this.sealer.open(key, sealed))
      if (one !== undefined) yield one
    }
  }

  /** Ids of what is not erased about this leaf, or about any. */
  about(leaf?: Uint8Array): readonly Uint8Array[] {
    return this.byLeaf.about(leaf)
  }

  private index(one: Deposit): void {
    this.nextAt.set(printHex(one.id), dueAt(one))
    this.byLeaf.note(escrowIn(one.signed).statement.on.leaf, one.id, one.isErased ? 'gone' : 'there')
  }

  private seal(key: Uint8Array, bytes: Uint8Array): Operation {
    return { type: 'put', key, value: this.sealer.seal(key, bytes) }
  }
}

/** Whether this holder is still to be told something: the deposit, or that it was erased. */
export function isOwed({ isErased }: Pick<Deposit, 'isErased'>, { state }: DepositHolder): boolean {
  if (isErased) return state === 'waiting' || state === 'held' || state === 'refused'
  return state === 'waiting' || state === 'refused'
}

/** The deposit in a stored statement, which was read before it was stored. */
export function escrowIn(bytes: Uint8Array): Signed<Escrow> {
  const signed = parseAccess(bytes)
  if (!signed.ok || !isSigned(signed.value, 'escrow')) throw new Error('bug: a stored deposit is one')
  return signed.value
}

function dueAt(one: Deposit): number {
  const owed = one.holders.filter((holder) => isOwed(one, holder)).map(({ nextAt }) => nextAt)
  return Math.min(Number.MAX_SAFE_INTEGER, ...owed)
}

const STATES: readonly HolderState[] = ['waiting', 'held', 'refused', 'erased', 'none']

function readDeposit(bytes: Uint8Array): Deposit | undefined {
  const row = rowIn(bytes)
  if (row === undefined) return undefined
  const { id, signed, isErased } = row
  if (!isBytes(id, 32) || !(signed instanceof Uint8Array)) return undefined
  const holders = listOf(row['holders'], (one): DepositHolder | undefined => {
    const { domain, nextAt, tries } = one
    const state = STATES.find((known) => known === one['state'])
    if (typeof domain !== 'string' || state === undefined || !isCount(tries)) return undefined
    const share = bytesOrNull(one['share'], SEALED_SHARE_BYTES)
    const [ack, why] = [bytesOrNull(one['ack']), textOrNull(one['why'])]
    return { domain, state, share, ack, why, nextAt: countOr(nextAt, 0), tries }
  })
  return { id, signed, isErased: isErased === true, holders }
}

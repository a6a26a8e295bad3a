/**
 * Our own requests for detail, each with what became of it. Written in one batch with the trail entry of the step;
 * sealed, because a justification and a received part are nobody else's. Ciphertext and part have rows of their own.
 */
import { parseHex, printHex } from '../../protocol/bytes.ts'
import { encode, parse, type Value } from '../../protocol/codec/cbor.ts'
import { isBytes, isCount, isList, isMap, type MapValue } from '../../protocol/codec/value.ts'
import { offerOf } from '../../protocol/access/message.ts'
import type { SealOffer } from '../../protocol/sealing/sealed.ts'
import type { KeyValue, Operation, Sealer } from '../ports.ts'
import { erasingRow, grantedFilesRow } from '../store/forgetting.ts'
import { after, keyOf, numberAt } from '../store/prefixes.ts'
import { SPACE } from './space.ts'

/**
 * `open`: not answered yet. `pending`: a person of the owner decides. `received`: the ciphertext is here and the
 * receipt signed. `opened`: verified and stored. `false`: what came is not what was committed or granted.
 */
export type AskedState =
  'open' | 'pending' | 'denied' | 'refused' | 'received' | 'opened' | 'revoked' | 'ended' | 'false' | 'erased'

export type AskedCase = {
  readonly id: Uint8Array
  readonly request: Uint8Array
  /** Domain of the owner. */
  readonly owner: string
  /** Seconds since 1970. */
  readonly at: number
  readonly state: AskedState
  /** Reason of a refusal, or what is wrong with what came. */
  readonly why: string | null
  readonly denial: Uint8Array | null
  readonly terms: Uint8Array | null
  readonly grant: Uint8Array | null
  readonly grantId: Uint8Array | null
  readonly until: number | null
  readonly offer: SealOffer | null
  readonly receipt: Uint8Array | null
  readonly revocation: Uint8Array | null
  readonly appeal: Uint8Array | null
  /** Signed acknowledgements, oldest first, and how many of them the owner has. */
  readonly acks: readonly Uint8Array[]
  /** Names of the changes that were acknowledged: leaf hash of an entry, or id of a revocation. */
  readonly heard: readonly Uint8Array[]
  /** What the owner still has to be told. */
  readonly owed: { readonly confirmation: boolean; readonly acks: number; readonly appeal: boolean }
  /** When it is worth asking again, in seconds since 1970, and how often that was in vain. */
  readonly nextAt: number
  readonly tries: number
}

/** Of a request that was just made, and not sent. */
export const NEW_CASE = {
  state: 'open',
  why: null,
  denial: null,
  terms: null,
  grant: null,
  grantId: null,
  until: null,
  offer: null,
  receipt: null,
  revocation: null,
  appeal: null,
  acks: [],
  heard: [],
  owed: { confirmation: false, acks: 0, appeal: false },
  nextAt: 0,
  tries: 0,
} as const

export class AskedCases {
  private readonly store: KeyValue
  private readonly sealer: Sealer
  // When each case is worth asking about again. Written by `open` and `put` only; a write that fails costs one question too many.
  private readonly nextAt = new Map<string, number>()

  constructor(store: KeyValue, sealer: Sealer) {
    this.store = store
    this.sealer = sealer
  }

  async open(): Promise<void> {
    for await (const { id, nextAt } of this.all()) this.nextAt.set(printHex(id), nextAt)
  }

  /** Ids of the cases that are due, or of all. */
  ids(until: number = Number.MAX_SAFE_INTEGER): readonly Uint8Array[] {
    return [...this.nextAt].flatMap(([id, nextAt]) => {
      const read = nextAt <= until ? parseHex(id) : undefined
      return read?.ok === true ? [read.value] : []
    })
  }

  put(one: AskedCase): Operation {
    this.nextAt.set(printHex(one.id), one.nextAt)
    return this.seal(keyOf('disclosure', { byte: SPACE.asked }, one.id), printAsked(one))
  }

  putCiphertext(id: Uint8Array, bytes: Uint8Array): Operation {
    return this.seal(keyOf('disclosure', { byte: SPACE.ciphertext }, id), bytes)
  }

  putRelease(id: Uint8Array, bytes: Uint8Array): readonly Operation[] {
    // With the part opened the ciphertext is of no more use; the receipt names its hash.
    const ciphertext = keyOf('disclosure', { byte: SPACE.ciphertext }, id)
    return [
      this.seal(keyOf('disclosure', { byte: SPACE.release }, id), bytes),
      { type: 'del', key: ciphertext },
    ]
  }

  /** Nothing of it stays, and the bytes of it leave the files. What came under its grant was let go before. */
  remove(id: Uint8Array): readonly Operation[] {
    this.nextAt.delete(printHex(id))
    return [
      { type: 'del', key: keyOf('disclosure', { byte: SPACE.asked }, id) },
      ...this.eraseRelease({ id, grantId: null }),
    ]
  }

  /** Nothing of what was received stays: these rows now, the files and old bytes as soon as the disk lets them go. */
  eraseRelease({ id, grantId }: Pick<AskedCase, 'id' | 'grantId'>): readonly Operation[] {
    const files = grantId === null ? [] : [grantedFilesRow(grantId)]
    return [...receivedRows(id).map((key): Operation => ({ type: 'del', key })), erasingLater(id), ...files]
  }

  /** Whether all of what was received is gone, from the files of the database, too. */
  async isGone({ id, grantId }: Pick<AskedCase, 'id' | 'grantId'>): Promise<boolean> {
    const files = grantId === null ? [] : [grantedFilesRow(grantId).key]
    const left = await this.store.getMany([...receivedRows(id), erasingLater(id).key, ...files])
    return left.every((value) => value === undefined)
  }

  ciphertext(id: Uint8Array): Promise<Uint8Array | undefined> {
    return this.opened(keyOf('disclosure', { byte: SPACE.ciphertext }, id))
  }

  release(id: Uint8Array): Promise<Uint8Array | undefined> {
    return this.opened(keyOf('disclosure', { byte: SPACE.release }, id))
  }

  async get(id: Uint8Array): Promise<AskedCase | undefined> {
    const bytes = await this.opened(keyOf('disclosure', { byte: SPACE.asked }, id))
    return bytes && readAsked(bytes)
  }

  async *all(): AsyncGenerator<AskedCase> {
    const start = keyOf('disclosure', { byte: SPACE.asked })
    for await (const [key, sealed] of this.store.iterate({ gte: start, lt: after(start) })) {
      const one = readAsked(this.sealer.open(key, sealed))
      if (one !== undefined) yield one
    }
  }

  private seal(key: Uint8Array, bytes: Uint8Array): Operation {
    return { type: 'put', key, value: this.sealer.seal(key, bytes) }
  }

  private async opened(key: Uint8Array): Promise<Uint8Array | undefined> {
    const sealed = await this.store.get(key)
    return sealed && this.sealer.open(key, sealed)
  }
}

function receivedRows(id: Uint8Array): readonly Uint8Array[] {
  return [SPACE.ciphertext, SPACE.release].map((byte) => keyOf('disclosure', { byte }, id))
}

/** No log has the number 0, so this names what was given to us. */
function erasingLater(id: Uint8Array): Operation {
  return erasingRow('sealed', 0, numberAt(id, 0, 6))
}

function printAsked(one: AskedCase): Uint8Array {
  const { offer, ...rest } = one
  const printed: Value = offer && [offer.ciphertext, offer.length, offer.keyCommitment]
  return encode({ v: 1, ...rest, offer: printed })
}

function readAsked(bytes: Uint8Array): AskedCase | undefined {
  const read = parse(bytes)
  if (!read.ok || !isMap(read.value) || read.value['v'] !== 1) return undefined
  const { value } = read
  const { id, request, owner, at, why, until, nextAt, tries, owed } = value
  const state = STATES.find((one) => one === value['state'])
  if (!isBytes(id, 32) || !(request instanceof Uint8Array) || typeof owner !== 'string') return undefined
  if (!isCount(at) || !isCount(nextAt) || !isCount(tries) || state === undefined) return undefined
  const offer = value['offer'] === null ? null : offerOf(value['offer'])
  const { confirmation, acks, appeal } = isMap(owed) ? owed : {}
  if (offer === undefined || !isCount(acks)) return undefined
  return {
    id,
    request,
    owner,
    at,
    state,
    nextAt,
    tries,
    offer,
    why: typeof why === 'string' ? why : null,
    until: isCount(until) ? until : null,
    denial: bytesAt(value, 'denial'),
    terms: bytesAt(value, 'terms'),
    grant: bytesAt(value, 'grant'),
    grantId: bytesAt(value, 'grantId'),
    receipt: bytesAt(value, 'receipt'),
    revocation: bytesAt(value, 'revocation'),
    appeal: bytesAt(value, 'appeal'),
    acks: listAt(value, 'acks'),
    heard: listAt(value, 'heard'),
    owed: { confirmation: confirmation === true, acks, appeal: appeal === true },
  }
}

const STATES: readonly AskedState[] = [
  'open',
  'pending',
  'denied',
  'refused',
  'received',
  'opened',
  'revoked',
  'ended',
  'false',
  'erased',
]

function bytesAt(value: MapValue, key: string): Uint8Array | null {
  const found = value[key]
  return found instanceof Uint8Array ? found : null
}

function listAt(value: MapValue, key: string): readonly Uint8Array[] {
  const found = value[key]
  return isList(found) ? found.filter((one) => one instanceof Uint8Array) : []
}

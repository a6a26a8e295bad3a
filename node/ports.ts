/** The seams of a node: what its parts ask of the world. Interfaces only; tests hand in memory and seeded ones. */
import type { KeyId, PublicKey } from '../protocol/identity/key.ts'

/** Milliseconds since 1970. */
export type Millis = number

export type Clock = { readonly now: () => Millis }

/** Fresh bytes from the operating system; in tests from a printed seed. */
export type Random = { readonly bytes: (count: number) => Uint8Array }

export type Operation =
  | { readonly type: 'put'; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: Uint8Array }

export type Range = {
  readonly gte: Uint8Array
  readonly lt: Uint8Array
  readonly reverse?: boolean
  readonly limit?: number
}

export type Durability = 'durable' | 'buffered'

/** An ordered store of byte keys: `level` in a node, an array in tests. */
export type KeyValue = {
  readonly get: (key: Uint8Array) => Promise<Uint8Array | undefined>
  /** Without leaving the thread: for small values that are read often. */
  readonly getSync: (key: Uint8Array) => Uint8Array | undefined
  readonly getMany: (keys: readonly Uint8Array[]) => Promise<readonly (Uint8Array | undefined)[]>
  /** All or nothing. With `durable`, on disk before it answers. */
  readonly batch: (operations: readonly Operation[], durability: Durability) => Promise<void>
  readonly iterate: (range: Range) => AsyncIterable<readonly [Uint8Array, Uint8Array]>
}

/** A private key that signs for one purpose; the key itself stays in the keystore. */
export type Signer = {
  readonly publicKey: PublicKey
  readonly keyId: KeyId
  readonly sign: (message: Uint8Array) => Uint8Array
  /** Signs on other threads, in the order of the messages. */
  readonly signMany: (messages: readonly Uint8Array[]) => Promise<readonly Uint8Array[]>
}

/** Seals values that rest on disk; `at` is the storage key, so that a value cannot be moved to another. */
export type Sealer = {
  readonly seal: (at: Uint8Array, bytes: Uint8Array) => Uint8Array
  readonly open: (at: Uint8Array, sealed: Uint8Array) => Uint8Array
}

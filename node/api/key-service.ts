/** Keys and epochs as the local API shows and takes them. The root key signs elsewhere; here its statements arrive. */
import type { HeadView } from './service.ts'

export type KeyView = {
  /** SHA-256 of the public key, in hexadecimal. */
  readonly keyId: string
  readonly purpose: string
  readonly publicKey: string
  /** In force for the entries above this index. */
  readonly addedAt: number
  readonly retiredAt?: number
  readonly revokedSince?: number
  readonly inForce: boolean
  /** Whether the private key lies in the keystore of this node. */
  readonly held: boolean
}

export type EpochView = {
  readonly origin: string
  /** Entries held here. */
  readonly size: number
  readonly state: 'open' | 'closed' | 'void' | 'unknown'
  /** The origin of the epoch that closed it or left it out. */
  readonly by?: string
  readonly closedAt?: number
  /** Whether a quorum confirmed the head at which it was closed. */
  readonly confirmed?: boolean
  /** Whether that head contradicts what a quorum confirmed: its author named a head that this log never had. */
  readonly contradicted?: boolean
  /** Entries that a quorum had confirmed and that its author left behind. */
  readonly cutShort?: { readonly from: number; readonly to: number }
  /** Why its author opened it, if that was not a mere change of the log key. */
  readonly because?: { readonly proof: string | null; readonly text: string }
}

export type KeysView = {
  readonly domain: string
  /** The log that is open. */
  readonly origin: string
  readonly size: number
  readonly rootKeyId: string
  readonly keys: readonly KeyView[]
  readonly epochs: readonly EpochView[]
}

/** Where our log is to end: what leaf 0 of the next epoch must name. */
export type ClosingView = {
  readonly origin: string
  readonly previous: HeadView | null
  readonly confirmed: boolean
  readonly leftOut: number
  readonly without: readonly string[]
  /** Id of the proof that froze the log, for leaf 0 to name. */
  readonly proof: string | null
}

export type ClosingOptions =
  | { readonly mode: 'rotate' }
  | {
      readonly mode: 'recover'
      /** Where the log is to end; at its newest confirmed head when absent. */
      readonly size?: number | undefined
      /** The number of the new epoch, above all that were ever used; the next one when absent. */
      readonly epoch?: number | undefined
      /** Without waiting for what other members hold of our log. */
      readonly alone?: boolean | undefined
    }

export type KeyEventsView = { readonly index: number; readonly head: HeadView }

export type KeyService = {
  /** Of a member by its domain; our own when none is named. */
  readonly keys: (domain: string | undefined) => Promise<KeysView>
  /** Statements that the root key signed, in base64; they are appended together or not at all. */
  readonly addKeyEvents: (proposals: string) => Promise<KeyEventsView>
  readonly beginClosing: (options: ClosingOptions) => Promise<ClosingView>
  readonly callOffClosing: () => Promise<void>
  /** Makes a vault key that the next start moves everything to; false when one waits for that already. */
  readonly prepareVaultKey: () => Promise<{ readonly made: boolean }>
  readonly openEpoch: (proposals: string) => Promise<{ readonly origin: string }>
}

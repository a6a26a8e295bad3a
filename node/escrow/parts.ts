/** What escrow asks of the rest of a node, and what several of its files say alike. */
import type { EscrowBounds } from '../../protocol/access/escrow-rules.ts'
import type { EscrowAnswer, EscrowMessage } from '../../protocol/access/escrow-message.ts'
import type { EscrowStep, TrailEntry } from '../../protocol/access/trail.ts'
import type { MapValue } from '../../protocol/codec/value.ts'
import type { CharterState } from '../../protocol/governance/charter.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import type { Trail } from '../disclosure/trail.ts'
import { Turns } from '../disclosure/turns.ts'
import type { Unlogged } from '../disclosure/unlogged.ts'
import type { Clock, KeyValue, Random, Sealer, Signer } from '../ports.ts'
import type { Logs } from '../store/logs.ts'
import type { Deposits } from './deposits.ts'
import type { KeptDeposits } from './kept.ts'

/** What an operator said of escrow. */
export type EscrowSettings = {
  readonly threshold: number
  /** Domains. */
  readonly holders: readonly string[]
  readonly afterDays: number
  readonly tiers: readonly ('partner' | 'research')[]
}

/** One message to another member, with the ciphertext where it asks for it; undefined where no answer came. */
export type EscrowTalk = (
  message: EscrowMessage,
  ciphertext?: Uint8Array,
) => Promise<EscrowAnswer | undefined>

/** What leaves. With `send` the ciphertext comes, and `finish` answers to the whole. */
export type EscrowAnswered = {
  readonly answer: EscrowAnswer
  /** What no honest member says: the peer pays for it. */
  readonly fault?: string
  readonly take?: {
    readonly length: number
    readonly finish: (ciphertext: Uint8Array) => Promise<EscrowAnswered>
  }
}

export type EscrowParts = {
  readonly primitives: Primitives
  readonly clock: Clock
  readonly random: Random
  readonly sealer: Sealer
  readonly store: KeyValue
  readonly logs: Logs
  readonly charter: CharterState
  readonly domain: string
  /** Our open log. */
  readonly origin: string
  readonly signer: () => Signer
  /** The libp2p identity that this node runs under, and the newest of our box keys in force. */
  readonly nodeKey: () => Uint8Array
  readonly boxKey: () => Uint8Array | undefined
  /** Uses the secret of our box key with this public key; undefined where it does not lie here. */
  readonly withBox: <T>(box: Uint8Array, use: (secret: Uint8Array) => Promise<T>) => Promise<T> | undefined
  readonly trail: Trail
  readonly unlogged: Unlogged
  readonly isFresh: () => boolean
  /** When a quorum last confirmed the head of a member's open log, in seconds since 1970. */
  readonly confirmedAt: (domain: string) => number | undefined
  readonly isConnected: (domain: string) => boolean
  /** Undefined while the member is not connected. */
  readonly talk: (domain: string) => EscrowTalk | undefined
  readonly mayPublish: () => boolean
  /** Frees the disk of what was erased. Throws what the disk says; it is done again later. */
  readonly free: () => Promise<void>
  readonly onError: (error: unknown) => void
  /** Undefined while escrow is off. */
  readonly settings: EscrowSettings | undefined
  readonly bounds: EscrowBounds
}

/** What the files of escrow share: the parts, the rows, and one step at a time for each name. */
export type Desk = {
  readonly parts: EscrowParts
  readonly deposits: Deposits
  readonly kept: KeptDeposits
  readonly turns: Turns
}

/** Seconds since 1970. */
export function nowOf({ parts }: Desk): number {
  return Math.floor(parts.clock.now() / 1_000)
}

export function entryOf(
  desk: Desk,
  id: Uint8Array,
  step: EscrowStep,
  statement: Uint8Array | null,
  facts: MapValue,
): TrailEntry {
  return { side: 'escrow', step, at: nowOf(desk), request: id, statement, facts }
}

export function refused(reason: string, fault?: string): EscrowAnswered {
  const answer = { kind: 'refused', reason } as const
  return fault === undefined ? { answer } : { answer, fault }
}

export const WAIT: EscrowAnswered = { answer: { kind: 'wait' } }

/** Between two tries that came to nothing, and how it grows. */
const RETRY_SECONDS = 2
const RETRY_SECONDS_MAX = 3_600

/** Later by a span that doubles, up to an hour. */
export function later(desk: Desk, tries: number): { readonly nextAt: number; readonly tries: number } {
  const wait = Math.min(RETRY_SECONDS * 2 ** Math.min(tries, 16), RETRY_SECONDS_MAX)
  return { nextAt: nowOf(desk) + wait, tries: tries + 1 }
}

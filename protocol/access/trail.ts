/**
 * The audit trail: what a node did about disclosures, entry by entry, in an append-only Merkle log of its own that
 * only mandated auditors see. An entry is on disk before what it records happens. DESIGN §6, spec 06 §11.
 *
 * Both parties of a disclosure keep one; what they say of the same request must agree.
 */
import { encode, parse, type Value } from '../codec/cbor.ts'
import { hasKeys, isBytes, isCount, isMap, type MapValue } from '../codec/value.ts'
import { ACCESS_BYTES_MAX } from '../limits.ts'
import { fault, ok, type Result } from '../result.ts'

/** What the owner's node did, in the order of an exchange. */
const OWNER_STEPS = [
  /** A: the decision. */
  'decided',
  /** A person's decision on what `decided` left to one. */
  'ruled',
  /** A signed denial left. */
  'denied',
  /** B: a grant is signed and a ciphertext made; it may leave. */
  'offered',
  /** C: the receipt is here; the content key may leave. */
  'receipted',
  /** D: the reader says that it opened it; with a root, that it holds that file whole. */
  'confirmed',
  /** Blocks of a data set are about to leave under the grant: unconfirmed until `confirmed` names their root. */
  'sent',
  'revoked',
  'acknowledged',
  'appealed',
  /** The part was erased here. */
  'erased',
] as const

/** What the reader's node did. */
const READER_STEPS = [
  'requested',
  /** A denial or a revocation is here. */
  'heard',
  /** The ciphertext is here and a receipt is signed. */
  'received',
  /** Opened, verified, stored. */
  'opened',
  /** A file that the part names is here, whole. */
  'fetched',
  /** A change was heard of, and every copy marked or deleted. */
  'answered',
] as const

/** What a node did about parts in escrow, as their owner, as a holder, or as the holder that recovers one. */
const ESCROW_STEPS = [
  /** Owner: a deposit is signed; ciphertext and shares may leave. */
  'deposited',
  /** Owner: a holder's acknowledgement is here. */
  'vouched',
  /** Holder: checked and stored. */
  'kept',
  /** Holder: another one asks for our share. */
  'called',
  /** Holder: a person decided that our share may go to one other holder. */
  'released',
  /** Holder: our share is about to leave. */
  'shared',
  /** Whoever recovers: the others are about to be asked. */
  'recalled',
  /** Whoever recovers: a share is here and is the one that was deposited. */
  'gathered',
  /** Whoever recovers: opened, verified, stored. */
  'recovered',
  /** Owner or holder: the part was erased, and ciphertext, shares and what was recovered are deleted. */
  'forgotten',
] as const

export type EscrowStep = (typeof ESCROW_STEPS)[number]
export type OwnerStep = (typeof OWNER_STEPS)[number]
export type ReaderStep = (typeof READER_STEPS)[number]

export type TrailStep = OwnerStep | ReaderStep | EscrowStep

const STEPS = { owner: OWNER_STEPS, reader: READER_STEPS, escrow: ESCROW_STEPS } as const
export type TrailSide = keyof typeof STEPS

export type TrailEntry = {
  readonly side: TrailSide
  readonly step: TrailStep
  /** Seconds since 1970, by the node's clock. */
  readonly at: number
  /** Id of the request that the disclosure began with, or of the deposit. */
  readonly request: Uint8Array
  /** The signed statement that this step made or took in; null for steps without one. */
  readonly statement: Uint8Array | null
  /** What else was decided on or found: fields of the step, none of them secret. */
  readonly facts: MapValue
}

export type TrailFault = 'trail-cbor' | 'trail-shape'

export function printTrailEntry(entry: TrailEntry): Uint8Array {
  return encode({ v: 1, ...entry })
}

export function parseTrailEntry(bytes: Uint8Array): Result<TrailEntry, TrailFault> {
  const read = parse(bytes)
  if (!read.ok) return fault('trail-cbor')
  if (!isMap(read.value) || !hasKeys(read.value, ...KEYS)) return fault('trail-shape')
  const { v, side, at, request, statement, facts, step: said } = read.value
  if (v !== 1 || !isSide(side) || !isCount(at)) return fault('trail-shape')
  const steps: readonly TrailStep[] = STEPS[side]
  const step = steps.find((one) => one === said)
  if (step === undefined || !isBytes(request, 32) || !isStatement(statement) || !isMap(facts))
    return fault('trail-shape')
  return ok({ side, step, at, request, statement, facts })
}

const KEYS = ['v', 'side', 'step', 'at', 'request', 'statement', 'facts']

function isSide(value: Value | undefined): value is TrailSide {
  return typeof value === 'string' && Object.hasOwn(STEPS, value)
}

function isStatement(value: Value | undefined): value is Uint8Array | null {
  return value === null || (value instanceof Uint8Array && value.length <= ACCESS_BYTES_MAX)
}

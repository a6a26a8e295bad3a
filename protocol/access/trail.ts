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
export const OWNER_STEPS = [
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
  /** D: the reader says that it opened it. */
  'confirmed',
  /** Blocks of a data set are about to leave under the grant. */
  'sent',
  'revoked',
  'acknowledged',
  'appealed',
  /** The part was erased here. */
  'erased',
] as const

/** What the reader's node did. */
export const READER_STEPS = [
  'requested',
  /** A denial or a revocation is here. */
  'heard',
  /** The ciphertext is here and a receipt is signed. */
  'received',
  /** Opened, verified, stored. */
  'opened',
  /** Files that the part names are here, whole. */
  'fetched',
  /** A change was heard of, and every copy marked or deleted. */
  'answered',
] as const

export type OwnerStep = (typeof OWNER_STEPS)[number]
export type ReaderStep = (typeof READER_STEPS)[number]

export type TrailEntry = {
  readonly side: 'owner' | 'reader'
  readonly step: OwnerStep | ReaderStep
  /** Seconds since 1970, by the node's clock. */
  readonly at: number
  /** Id of the request that the disclosure began with. */
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
  const { v, side, at, request, statement, facts } = read.value
  if (v !== 1 || (side !== 'owner' && side !== 'reader') || !isCount(at)) return fault('trail-shape')
  const step = stepOf(side, read.value['step'])
  if (step === undefined || !isBytes(request, 32) || !isStatement(statement) || !isMap(facts))
    return fault('trail-shape')
  return ok({ side, step, at, request, statement, facts })
}

const KEYS = ['v', 'side', 'step', 'at', 'request', 'statement', 'facts']

function stepOf(side: 'owner' | 'reader', step: Value | undefined): OwnerStep | ReaderStep | undefined {
  const steps: readonly (OwnerStep | ReaderStep)[] = side === 'owner' ? OWNER_STEPS : READER_STEPS
  return steps.find((one) => one === step)
}

function isStatement(value: Value | undefined): value is Uint8Array | null {
  return value === null || (value instanceof Uint8Array && value.length <= ACCESS_BYTES_MAX)
}

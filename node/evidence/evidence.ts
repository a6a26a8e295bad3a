/**
 * Proofs of equivocation and what follows from them. A proof that verifies and convicts a key of a member is stored
 * for good, the log it convicts is frozen from then on, over every restart, and whoever listens is told, so that it
 * goes on to the others. Anything else changes nothing. DESIGN §4.6, spec 04 §8.
 *
 * Invariant: what is frozen follows from the proofs and epochs that are held, never from the order in which they came. An epoch
 * that its author closed at a confirmed head is not frozen by a proof against its key, which anybody may have stolen
 * since; the proof is kept and shown all the same.
 */
import { bytesOfText, compare, concat, equal, printHex } from '../../protocol/bytes.ts'
import { encode, parse } from '../../protocol/codec/cbor.ts'
import { isBytes, isCount, isMap, type MapValue } from '../../protocol/codec/value.ts'
import {
  convict,
  type AccountFault,
  type Accounts,
  type Convicted,
} from '../../protocol/governance/accountable.ts'
import type { ClosingState } from '../../protocol/identity/epochs.ts'
import {
  parseEquivocation,
  printEquivocation,
  type EquivocationFileFault,
} from '../../protocol/log/equivocation-file.ts'
import {
  proveCosigner,
  proveSameSize,
  proveTree,
  type Contradiction,
  type PrefixProof,
} from '../../protocol/log/equivocation-maker.ts'
import {
  equivocationId,
  verifyEquivocation,
  type EquivocationFault,
  type ProvenEquivocation,
} from '../../protocol/log/equivocation.ts'
import { printVerifierKey, SIGNATURE_TYPE, type VerifierKey } from '../../protocol/log/note.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import { NodeError } from '../errors.ts'
import type { Clock, KeyValue } from '../ports.ts'
import { after, keyOf } from '../store/prefixes.ts'

/** A proof that is held: its file, what it proves and whom it convicts. */
export type Held = {
  /** SHA-256 of the file. */
  readonly id: Uint8Array
  readonly bytes: Uint8Array
  /** When this node took it in. */
  readonly at: number
  /** Where it came from: `gossip`, a peer, a command; for people. */
  readonly source: string
  readonly proven: ProvenEquivocation
  readonly convicted: Convicted
}

export type EvidenceFault = EquivocationFileFault | EquivocationFault | AccountFault

export type Added =
  | { readonly kind: 'new' | 'known'; readonly held: Held }
  | { readonly kind: 'refused'; readonly fault: EvidenceFault; readonly blame: 'sender' | 'nobody' }

export type Checked =
  | { readonly ok: true; readonly value: Pick<Held, 'id' | 'proven' | 'convicted'> }
  | { readonly ok: false; readonly fault: EvidenceFault }

export type EvidenceParts = {
  readonly primitives: Primitives
  readonly store: KeyValue
  readonly clock: Clock
  readonly accounts: () => Omit<Accounts, 'isClosed'>
}

/** How a later epoch ends one, where it does. */
export type ClosingOf = (
  origin: string,
) => { readonly closing: ClosingState; readonly isProtected: boolean } | undefined

/** Proofs kept against one key: the first convicts, a few more show how. A liar can make any number. */
const PROOFS_PER_KEY_MAX = 8

export class Evidence {
  private readonly parts: EvidenceParts
  // By hexadecimal id, oldest first. Written by `open` and `store` only.
  private readonly held = new Map<string, Held>()
  // The first proof against each key, by the key's hexadecimal id. Written by `keep` only.
  private readonly byKey = new Map<string, Held>()
  // The first proof against the key of each log, by origin. Written by `keep` only.
  private readonly frozenLogs = new Map<string, Held>()
  // Set once by `judgeEpochsBy`, before anything comes from the network.
  private closingOf: ClosingOf = () => undefined
  private readonly listeners: ((held: Held) => void)[] = []
  private tail: Promise<unknown> = Promise.resolve()

  constructor(parts: EvidenceParts) {
    this.parts = parts
  }

  /**
   * Reads what is stored. It was judged when it came, under what was known then, and is not judged again. A damaged
   * row is named and left out: others bring the proof again, before this node signs or cosigns anything.
   */
  async open(): Promise<readonly NodeError[]> {
    const prefix = keyOf('evidence')
    const found: Held[] = []
    const faults: NodeError[] = []
    for await (const [key, value] of this.parts.store.iterate({ gte: prefix, lt: after(prefix) })) {
      const held = this.read(key.subarray(1), value)
      if (held !== undefined) found.push(held)
      else
        faults.push(
          new NodeError('STORE_DAMAGED', 'a stored proof of equivocation is damaged and was left out'),
        )
    }
    for (const held of found.toSorted((a, b) => a.at - b.at || compare(a.id, b.id))) this.keep(held)
    return faults
  }

  /** Says how epochs are closed: what protects them is asked whenever it matters. */
  judgeEpochsBy(closingOf: ClosingOf): void {
    this.closingOf = closingOf
  }

  /** Hears of each proof that is new here, once it is on disk. */
  onNew(listener: (held: Held) => void): void {
    this.listeners.push(listener)
  }

  list(): readonly Held[] {
    return [...this.held.values()]
  }

  get(id: Uint8Array): Held | undefined {
    return this.held.get(printHex(id))
  }

  byOrigin(origin: string): readonly Held[] {
    return this.list().filter(({ convicted }) => convicted.kind === 'log' && convicted.origin === origin)
  }

  /** The proof that freezes this log. Nothing more of it is taken, extended or cosigned. */
  frozen(origin: string): Held | undefined {
    const held = this.frozenLogs.get(origin)
    return held === undefined || this.isProtected(origin) ? undefined : held
  }

  /** Whether no proof freezes this log, because it was closed at a head that others confirmed. */
  isProtected(origin: string): boolean {
    return this.closingOf(origin)?.isProtected === true
  }

  /** The proof against this key: of a log, or of a cosigner, whose lines then count no more. */
  against(key: VerifierKey): Held | undefined {
    return this.byKey.get(printHex(keyIdOf(this.parts.primitives, key)))
  }

  /** Ids of the keys that are convicted, in order. */
  struck(): readonly Uint8Array[] {
    return [...this.byKey.values()]
      .map(({ proven }) => keyIdOf(this.parts.primitives, proven.subject))
      .toSorted(compare)
  }

  /** Equal digests: the same keys are convicted at both ends, and nothing is to be exchanged. */
  digest(): Uint8Array {
    return this.parts.primitives.sha256(concat(...this.struck()))
  }

  /** The first proof against the key of this id, as it goes to others. */
  proofAgainst(keyId: Uint8Array): Uint8Array | undefined {
    return this.byKey.get(printHex(keyId))?.bytes
  }

  /** What a file proves and whom it convicts. Changes nothing. */
  check(bytes: Uint8Array): Checked {
    const { primitives, accounts } = this.parts
    const claim = parseEquivocation(primitives, bytes)
    if (!claim.ok) return claim
    const proven = verifyEquivocation(primitives, claim.value)
    if (!proven.ok) return proven
    const isClosed = (origin: string) => this.closingOf(origin)?.closing === 'confirmed'
    const convicted = convict({ ...accounts(), isClosed }, proven.value)
    if (!convicted.ok) return convicted
    const id = equivocationId(primitives, bytes)
    return { ok: true, value: { id, proven: proven.value, convicted: convicted.value } }
  }

  /** Takes a proof in, from anywhere: durably, and the log it convicts is frozen before this answers. */
  add(bytes: Uint8Array, source: string): Promise<Added> {
    const adding = this.tail.then(() => this.addNow(bytes, source))
    this.tail = adding.catch(() => undefined)
    return adding
  }

  /**
   * Makes a proof out of two notes that one key signed, if they contradict each other, and takes it in. Of two
   * sizes that needs a proof of what the larger head continues. Undefined when they prove nothing.
   */
  async consider(
    two: Contradiction & { readonly prefix?: PrefixProof },
    source: string,
  ): Promise<Added | undefined> {
    const { primitives } = this.parts
    const made = this.prove(two)
    return made.ok ? this.add(printEquivocation(primitives, made.value), source) : undefined
  }

  private prove({ prefix, ...two }: Contradiction & { readonly prefix?: PrefixProof }) {
    const { primitives } = this.parts
    if (two.subject.type === SIGNATURE_TYPE.cosignature) return proveCosigner(primitives, two, prefix)
    return prefix === undefined
      ? proveSameSize(primitives, two)
      : proveTree(primitives, { ...two, ...prefix })
  }

  private async addNow(bytes: Uint8Array, source: string): Promise<Added> {
    const { primitives, clock } = this.parts
    const known = this.held.get(printHex(equivocationId(primitives, bytes)))
    if (known !== undefined) return { kind: 'known', held: known }
    const checked = this.check(bytes)
    if (!checked.ok) return { kind: 'refused', fault: checked.fault, blame: blameFor(checked.fault) }
    const held: Held = { ...checked.value, bytes, at: clock.now(), source }
    const first = this.against(held.proven.subject)
    if (first !== undefined && this.countAgainst(first) >= PROOFS_PER_KEY_MAX)
      return { kind: 'known', held: first }
    await this.write(held)
    this.keep(held)
    for (const listener of this.listeners) listener(held)
    return { kind: 'new', held }
  }

  private countAgainst({ proven: { subject } }: Held): number {
    return this.list().filter(
      ({ proven }) => proven.subject.name === subject.name && equal(proven.subject.key, subject.key),
    ).length
  }

  private async write(held: Held): Promise<void> {
    const { id, bytes, at, source, convicted } = held
    const value = encode({ v: 1, at, source, proof: bytes, convicted: { ...convicted } })
    await this.parts.store.batch([{ type: 'put', key: keyOf('evidence', id), value }], 'durable')
  }

  private keep(held: Held): void {
    const { proven, convicted } = held
    const key = printHex(keyIdOf(this.parts.primitives, proven.subject))
    this.held.set(printHex(held.id), held)
    if (!this.byKey.has(key)) this.byKey.set(key, held)
    if (convicted.kind === 'log' && !this.frozenLogs.has(convicted.origin)) {
      this.frozenLogs.set(convicted.origin, held)
    }
  }

  private read(id: Uint8Array, value: Uint8Array): Held | undefined {
    const { primitives } = this.parts
    const row = parse(value)
    if (!row.ok || !isMap(row.value)) return undefined
    const { at, source, proof, convicted } = row.value
    if (!isCount(at) || typeof source !== 'string' || !(proof instanceof Uint8Array)) return undefined
    const whom = isMap(convicted) ? convictedOf(convicted) : undefined
    const claim = parseEquivocation(primitives, proof)
    const proven = claim.ok ? verifyEquivocation(primitives, claim.value) : claim
    if (whom === undefined || !proven.ok || !isBytes(id, 32)) return undefined
    return { id: id.slice(), bytes: proof, at, source, proven: proven.value, convicted: whom }
  }
}

/** How a key is named between nodes: SHA-256 of its verifier key's text. */
export function keyIdOf(primitives: Primitives, key: VerifierKey): Uint8Array {
  return primitives.sha256(bytesOfText(printVerifierKey(primitives, key)))
}

const BLAMELESS: ReadonlySet<EvidenceFault> = new Set([
  'key-not-known-yet',
  'key-not-in-force',
  'clock-outside',
])

/** What does not prove anything is a lie of whoever sent it. What we cannot judge, or judge no more, is not. */
function blameFor(found: EvidenceFault): 'sender' | 'nobody' {
  return BLAMELESS.has(found) ? 'nobody' : 'sender'
}

function convictedOf({ kind, origin, role, domain }: MapValue): Convicted | undefined {
  if (typeof domain !== 'string') return undefined
  if (kind === 'log' && typeof origin === 'string') return { kind, origin, domain }
  const isRole = role === 'witness' || role === 'mirror' || role === 'outside'
  return kind === 'cosigner' && isRole ? { kind, role, domain } : undefined
}

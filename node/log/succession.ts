/**
 * The end of one epoch of our own log and the beginning of the next (DESIGN §4.6).
 *
 * First the writer pauses and the head is found at which the epoch ends; then the root key, in another process,
 * signs leaf 0 of the next epoch, which names that head; then this node takes that leaf. Invariant: leaf 0 is on disk
 * before the new log key takes its name, and from then on nothing is written under the old one. Until leaf 0
 * is taken everything can be called off.
 */
import { equal, printHex } from '../../protocol/bytes.ts'
import type { Head } from '../../protocol/codec/statement.ts'
import { verifySignature } from '../../protocol/identity/signature.ts'
import type { PublicKey } from '../../protocol/identity/key.ts'
import { originOfEpoch } from '../../protocol/identity/epochs.ts'
import { keysInForce, type KeyState } from '../../protocol/identity/keystate.ts'
import { EPOCHS_MAX } from '../../protocol/limits.ts'
import { parseOrigin, printSignedCheckpoint, type Origin } from '../../protocol/log/checkpoint.ts'
import { checkFirstEntry } from '../../protocol/log/entry.ts'
import { NodeError } from '../errors.ts'
import type { Keystore } from '../keys/keystore.ts'
import { native } from '../keys/native.ts'
import type { KeyValue } from '../ports.ts'
import { after, keyOf, numberAt } from '../store/prefixes.ts'
import type { HeldLog } from '../store/log.ts'
import type { Logs } from '../store/logs.ts'
import { damageError } from '../store/damage.ts'
import { completeSize } from '../sync/answerer.ts'
import type { Appender, Proposed } from './appender.ts'
import { openLogOf } from './epochs.ts'
import { readProposals } from './proposal.ts'

/** Where our log is to end, for the root key to sign. */
export type Closing = {
  /** Of the epoch to be opened. */
  readonly origin: string
  /** Null where nothing of our earlier logs is held anywhere. */
  readonly previous: Head | null
  /** The signed note of that head, where there is one. */
  readonly note: Uint8Array | undefined
  /** Whether a quorum of other members confirmed it. */
  readonly confirmed: boolean
  /** Entries of ours that are held and that it leaves out. */
  readonly leftOut: number
  /** Ids of our keys that are out of force: the next epoch does not declare them. */
  readonly without: readonly string[]
  /** Id of the proof that froze the log, where one did. */
  readonly proof: string | undefined
}

export type Frozen = { readonly id: Uint8Array; readonly proven: { readonly commonSizeMax: number } }

export type SuccessionParts = {
  readonly logs: Logs
  readonly keystore: Keystore
  readonly store: KeyValue
  readonly domain: string
  readonly ownOrigin: string
  readonly rootKey: PublicKey
  readonly appender: () => Appender | undefined
  /** The size of the newest head of this log that a quorum confirmed; 0 where none is known. */
  readonly confirmedSize: (origin: string) => number
  /** The proof that froze this log: above the entries that both histories share nothing can be kept. */
  readonly frozen: (origin: string) => Frozen | undefined
  /** The next epoch is decided: this node must start again with it. */
  readonly onDecided: () => void
  /** How long others may take to confirm our newest head. */
  readonly confirmMs?: number
}

/** How long others may take to confirm our newest head unless something else is said, and leaf 0 to come afterwards. */
const CONFIRM_MS_MAX = 30_000
const DECIDE_MS_MAX = 120_000
const POLL_MS = 100

export class Succession {
  private readonly parts: SuccessionParts
  private closing: Closing | undefined
  private timer: NodeJS.Timeout | undefined
  private decided = false

  constructor(parts: SuccessionParts) {
    this.parts = parts
  }

  /** Pauses the writer at a head that others have confirmed and that covers everything acknowledged. */
  async close(): Promise<Closing> {
    const { logs, ownOrigin, appender, confirmedSize } = this.parts
    const writer = appender()
    if (writer === undefined)
      throw new NodeError('READ_ONLY', 'the log is not open', { fix: 'candor log recover' })
    this.begin()
    await writer.pause()
    const size = logs.get(ownOrigin)?.edge.size ?? 0
    const end = Date.now() + (this.parts.confirmMs ?? CONFIRM_MS_MAX)
    while (confirmedSize(ownOrigin) < size) {
      if (Date.now() > end) {
        this.callOff()
        throw new NodeError(
          'NOT_CONFIRMED',
          `too few other members have confirmed the newest head, of size ${size}`,
          {
            fix: 'candor peers',
          },
        )
      }
      await new Promise((done) => setTimeout(done, POLL_MS))
    }
    return this.propose(logs.get(ownOrigin), size)
  }

  /**
   * For a log that cannot go on: ends it at `size`. Unless one is named, at its newest head, so that nothing acknowledged
   * is lost; of a frozen log at the newest head that others confirmed and both histories share. Of our epochs the
   * newest counts that anybody holds.
   */
  async abandon(asked: {
    readonly size?: number | undefined
    readonly epoch?: number | undefined
  }): Promise<Closing> {
    const { size } = asked
    const { logs, domain, appender, confirmedSize } = this.parts
    this.begin()
    await appender()?.pause()
    const log = openLogOf(logs, domain)
    const held = log === undefined ? 0 : completeSize(log)
    const proof = this.proofAgainst(log)
    const shared = Math.min(held, proof?.proven.commonSizeMax ?? held)
    const confirmed = log === undefined ? 0 : Math.min(confirmedSize(log.origin), shared)
    if (size !== undefined && (size < 1 || size > held)) {
      this.callOff()
      throw new NodeError('NOT_FOUND', `this node holds ${held} entries of the log, no head of size ${size}`)
    }
    return this.propose(log, size ?? (proof !== undefined && confirmed > 0 ? confirmed : shared), asked.epoch)
  }

  /** The writer goes on as if nothing had been asked. */
  callOff(): void {
    if (this.decided) return
    clearTimeout(this.timer)
    this.closing = undefined
    this.parts.appender()?.resume()
  }

  /** Takes leaf 0 of the next epoch. When this resolves the decision is on disk. */
  async open(bytes: Uint8Array): Promise<{ readonly origin: string }> {
    const { closing } = this
    if (closing === undefined) {
      throw new NodeError('CONFLICT', 'no closing is under way: it was called off, or took too long', {
        fix: 'the same command again',
      })
    }
    const [proposed] = readProposals(bytes)
    const keys = this.check(proposed, closing)
    const { epoch } = nameOf(closing.origin)
    const { keystore, store } = this.parts
    const [log] = keysInForce(keys, 'log', 0)
    if (log === undefined || !equal(keystore.prepareLogKey(epoch).publicKey, log.key)) {
      throw new NodeError('CONFLICT', 'leaf 0 declares a log key that this keystore did not prepare')
    }
    // From here on there is no way back: a leaf that is signed could have been shown to somebody.
    clearTimeout(this.timer)
    this.decided = true
    await store.batch([{ type: 'put', key: keyOf('epoch', { index: epoch }), value: bytes }], 'durable')
    await this.endAt(closing)
    keystore.commitLogKey(epoch)
    this.parts.onDecided()
    return { origin: closing.origin }
  }

  stop(): void {
    clearTimeout(this.timer)
  }

  private begin(): void {
    if (this.decided) throw new NodeError('NODE_STOPPING', 'the next epoch is being opened')
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.callOff(), CONFIRM_MS_MAX + DECIDE_MS_MAX)
    this.timer.unref()
  }

  private async propose(log: HeldLog | undefined, size: number, epoch = 0): Promise<Closing> {
    const { logs, keystore, ownOrigin, confirmedSize } = this.parts
    const root = log === undefined || size === 0 ? undefined : logs.provenRoot(log, size)
    // A root out of damaged tiles, signed, would be a second history.
    if (log !== undefined && size > 0 && size <= log.edge.size && root === undefined)
      throw damageError(`hash tiles of ${log.origin} are damaged: no head is signed over them`)
    const previous = log === undefined || root === undefined ? null : { origin: log.origin, size, root }
    const proof = this.proofAgainst(log)
    const newest = Math.max(nameOf(ownOrigin).epoch, log === undefined ? 0 : nameOf(log.origin).epoch)
    const next = Math.max(newest + 1, (keystore.logEpochs().at(-1) ?? 0) + 1, epoch)
    if (next > EPOCHS_MAX) {
      this.callOff()
      throw new NodeError(
        'NOT_ALLOWED',
        `a member has at most ${EPOCHS_MAX} epochs: nobody would take number ${next}`,
      )
    }
    this.closing = {
      origin: originOfEpoch(ownOrigin, next),
      previous,
      note: log === undefined || previous === null ? undefined : this.noteAt(log, previous),
      confirmed: previous !== null && confirmedSize(previous.origin) >= size,
      leftOut: (log?.edge.size ?? 0) - (previous?.size ?? 0),
      without: log?.keys === undefined ? [] : outOfForce(log.keys),
      proof: proof === undefined ? undefined : printHex(proof.id),
    }
    return this.closing
  }

  private proofAgainst(log: HeldLog | undefined): Frozen | undefined {
    return log === undefined ? undefined : this.parts.frozen(log.origin)
  }

  /** A smaller head of the same tree contradicts nothing, so the log key may sign it again. */
  private noteAt(log: HeldLog, head: Head): Uint8Array | undefined {
    if (log.complete !== undefined && completeSize(log) === head.size) return log.complete
    const { epoch } = nameOf(log.origin)
    if (!this.parts.keystore.logEpochs().includes(epoch)) return undefined
    const { publicKey, sign } = this.parts.keystore.logSigner(epoch)
    return printSignedCheckpoint(native, head, publicKey, sign)
  }

  private check(proposed: Proposed | undefined, { origin, previous }: Closing): KeyState {
    const { rootKey } = this.parts
    if (proposed === undefined) throw new NodeError('BAD_INPUT', 'there is no epoch statement')
    const { entry, part } = proposed
    const first = checkFirstEntry(native, origin, rootKey, entry.bytes, part)
    if (!first.ok) throw new NodeError('BAD_INPUT', `the epoch statement is not valid (${first.fault})`)
    if (!verifySignature(native, rootKey, entry.toBeSigned, entry.signature)) {
      throw new NodeError('BAD_INPUT', 'the epoch statement is not signed by our root key')
    }
    const named = first.value.keys.epoch.previous
    if (!isSame(named, previous))
      throw new NodeError('CONFLICT', 'the epoch statement names another closing head')
    return first.value.keys
  }

  /** What we serve of the old epoch ends where the next one says. */
  private async endAt({ previous, note }: Closing): Promise<void> {
    const log = previous === null ? undefined : this.parts.logs.get(previous.origin)
    if (log === undefined || previous === null || note === undefined) return
    if (completeSize(log) > previous.size)
      await this.parts.logs.putNote(log, { kind: 'complete', bytes: note })
  }
}

/** Leaf 0 of an epoch of ours that was decided and may not be in its log yet. */
export function decidedLeaf(store: KeyValue, rootKey: PublicKey, origin: string): Proposed | undefined {
  const row = store.getSync(keyOf('epoch', { index: nameOf(origin).epoch }))
  const [proposed] = row === undefined ? [] : readProposals(row)
  if (proposed === undefined) return undefined
  const first = checkFirstEntry(native, origin, rootKey, proposed.entry.bytes, proposed.part)
  if (first.ok) return { ...proposed, keys: first.value.keys }
  throw new NodeError(
    'STORE_DAMAGED',
    `the stored epoch statement of ${origin} is not valid (${first.fault})`,
  )
}

/** Ends what a crash interrupted: an epoch whose leaf 0 is on disk has its key. Returns our newest epoch. */
export async function settleEpochs(store: KeyValue, keystore: Keystore): Promise<number> {
  const prefix = keyOf('epoch')
  for await (const [key] of store.iterate({ gte: prefix, lt: after(prefix) })) {
    keystore.commitLogKey(numberAt(key, prefix.length, 6))
  }
  return keystore.logEpochs().at(-1) ?? FIRST_EPOCH
}

const FIRST_EPOCH = 1

function outOfForce(keys: KeyState): readonly string[] {
  return [...keys.keys].flatMap(([id, { purpose }]) =>
    keysInForce(keys, purpose, Number.MAX_SAFE_INTEGER).some(({ keyId }) => printHex(keyId) === id)
      ? []
      : [id],
  )
}

function isSame(a: Head | null, b: Head | null): boolean {
  if (a === null || b === null) return a === b
  return a.origin === b.origin && a.size === b.size && equal(a.root, b.root)
}

function nameOf(origin: string): Origin {
  const read = parseOrigin(origin)
  if (read.ok) return read.value
  throw new NodeError('CONFIGURATION', `${origin} is not an origin`)
}

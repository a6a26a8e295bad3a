/** A mirror and the keys of a log it copies, with the real bytes of a real log. */
import { native, verifyMany } from '../../node/keys/native.ts'
import type { Evidence } from '../../node/evidence/evidence.ts'
import type { Proposed } from '../../node/log/appender.ts'
import { endOf } from '../../node/log/epochs.ts'
import { composeGenesis } from '../../node/log/genesis.ts'
import { DayCounts } from '../../node/store/day-counts.ts'
import { Logs } from '../../node/store/logs.ts'
import { DailyIntake } from '../../node/sync/daily.ts'
import { Verifier, type Received } from '../../node/sync/verifier.ts'
import type { Head } from '../../protocol/codec/statement.ts'
import { printSignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { appendLeaf, EMPTY_EDGE, edgeRoot, leafHash } from '../../protocol/log/merkle.ts'
import { originOf } from './declared.ts'
import { MemoryKeyValue } from './memory-kv.ts'
import { ORIGIN, OwnLog } from './own-log.ts'

export type Claim = Parameters<Evidence['consider']>[0]

export class Mirror {
  readonly own: OwnLog
  readonly logs: Logs
  readonly verifier: Verifier
  /** The log as its author holds it: leaf 0, and what a test adds. */
  readonly leaves: Proposed[]
  /** What the mirror took for proofs of two histories. */
  readonly claims: Claim[] = []
  /** Of the coalition: what a member may add in a day, what the clock says, how far others went. */
  readonly caps = { entriesPerDay: 1_000, bytesPerDay: 1_000_000 }
  now = Date.UTC(2026, 10, 28)
  confirmed = 0
  readonly stops: string[] = []

  static async open(): Promise<Mirror> {
    return new Mirror(await OwnLog.open())
  }

  /** Another mirror of the same log, which holds nothing yet. */
  static beside({ own, leaves }: Mirror): Mirror {
    return new Mirror(own, leaves)
  }

  private constructor(own: OwnLog, leaves = [composeGenesis(own.keystore, own.composer())] as Proposed[]) {
    this.own = own
    this.leaves = leaves
    const store = new MemoryKeyValue()
    this.logs = new Logs(native, store)
    const ownOrigin = originOf(1, 'mirror.example')
    const consider = (claim: Claim) => {
      this.claims.push(claim)
      return Promise.resolve(undefined)
    }
    this.verifier = new Verifier({
      primitives: native,
      logs: this.logs,
      verifyMany,
      evidence: { frozen: () => undefined, consider },
      daily: new DailyIntake({
        counts: new DayCounts(store, this.caps),
        clock: { now: () => this.now },
        ownOrigin,
        confirmedSize: () => this.confirmed,
        onStop: ({ domain, fault }) => this.stops.push(`${domain} ${fault}`),
      }),
      ownOrigin,
      mayWrite: () => true,
      onGrown: () => {},
      rootKeyOf: () => own.rootKey,
      endOf: (origin) => endOf(this.logs, origin),
    })
  }

  /** The author's head over these leaves, whatever its keys say. */
  offer(from: readonly Proposed[], start = 0, origin = ORIGIN, epoch = 1): Promise<Received> {
    const { publicKey, sign } = this.own.keystore.logSigner(epoch)
    const note = printSignedCheckpoint(native, headOf(from, origin), publicKey, sign)
    const sent = from.slice(start)
    const entries = sent.map(({ entry }) => entry.bytes)
    const parts = sent.map(({ part }) => part)
    return this.verifier.receive(note, { from: start, entries, parts, proof: [] })
  }

  heldSize(): number | undefined {
    return this.logs.get(ORIGIN)?.edge.size
  }
}

/** A log of these leaves whatever its keys say: its owner signs the head over them. */
export function headOf(from: readonly Proposed[], origin = ORIGIN): Head {
  const edge = from.reduce(
    (current, { entry }) => appendLeaf(native, current, leafHash(native, entry.bytes)),
    EMPTY_EDGE,
  )
  return { origin, size: edge.size, root: edgeRoot(native, edge) }
}

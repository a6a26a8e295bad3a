/** A node that holds the log of somebody else, of the real parts that judge it, and a clock that is set by hand. */
import assert from 'node:assert/strict'
import { Evidence } from '../../node/evidence/evidence.ts'
import { native, verifyMany } from '../../node/keys/native.ts'
import { closedBy, endOf } from '../../node/log/epochs.ts'
import { Standings } from '../../node/standings.ts'
import { DayCounts } from '../../node/store/day-counts.ts'
import { Logs } from '../../node/store/logs.ts'
import { DailyIntake } from '../../node/sync/daily.ts'
import { Verifier } from '../../node/sync/verifier.ts'
import { CosignedHeads } from '../../node/witness/cosigned-heads.ts'
import { printOrigin } from '../../protocol/log/checkpoint.ts'
import { accountsOf } from './accounts.ts'
import { DOMAIN, originOf } from './declared.ts'
import { MemoryKeyValue } from './memory-kv.ts'
import { NETWORK_ID, testCosigner, testKey } from './notes.ts'
import { ORIGIN, type OwnLog } from './own-log.ts'

export const START = Date.UTC(2026, 10, 23)
/** Members whose mirrors can confirm the log. */
export const NUMBERS = [1, 2, 3]
const { logs: DECLARED } = accountsOf(
  NUMBERS.map((n) => ({
    origin: printOrigin({ domain: `m${n}.example`, networkId: NETWORK_ID, epoch: 1 }),
    keys: [
      ['log', testKey(90 + n).key],
      ['mirror', testCosigner(n, 'mirror').key],
    ],
  })),
)

export class JudgingMirror {
  now = START
  store = new MemoryKeyValue()
  logs: Logs
  private readonly own: OwnLog
  private parts: ReturnType<JudgingMirror['open']>

  constructor(own: OwnLog) {
    this.own = own
    this.logs = new Logs(native, this.store)
    this.parts = this.open()
  }

  get verifier(): Verifier {
    return this.parts.verifier
  }

  get heads(): CosignedHeads {
    return this.parts.heads
  }

  get evidence(): Evidence {
    return this.parts.evidence
  }

  async restart(): Promise<void> {
    await this.parts.standings.lookAtAll()
    this.store = this.store.copy()
    this.logs = new Logs(native, this.store)
    await this.logs.open(() => this.own.rootKey)
    this.parts = this.open()
    await this.evidence.open()
  }

  /** As the node says it, after a look at everything. */
  async standing(origin = ORIGIN) {
    await this.parts.standings.lookAtAll()
    const log = this.logs.get(origin)
    assert.ok(log !== undefined)
    const { state, since, why } = this.parts.standings.of(log)
    assert.ok(why.length > 10)
    return { state, after: since - START, why }
  }

  private open() {
    const { logs, store, own } = this
    const clock = { now: () => this.now }
    const accounts = accountsOf([{ origin: ORIGIN, keys: [['log', own.keystore.logSigner(1).publicKey]] }])
    const evidence = new Evidence({ primitives: native, store, clock, accounts: () => accounts })
    const ownOrigin = originOf(1, 'mirror.example')
    const heads = new CosignedHeads({
      primitives: native,
      store,
      logs,
      members: [DOMAIN, ...NUMBERS.map((n) => `m${n}.example`)],
      outside: [],
      keysOf: (domain) => {
        const keys = DECLARED.find(({ origin }) => origin.startsWith(`${domain}/`))?.keys
        return keys && { open: keys, all: [keys] }
      },
      isStruck: () => false,
      accuse: async () => undefined,
    })
    heads.open()
    const verifier = new Verifier({
      primitives: native,
      logs,
      verifyMany,
      evidence,
      daily: new DailyIntake({
        counts: new DayCounts(store, { entriesPerDay: 1_000, bytesPerDay: 1_000_000 }),
        clock,
        ownOrigin,
        confirmedSize: () => 0,
        onStop: () => {},
      }),
      ownOrigin,
      mayWrite: () => true,
      onGrown: () => {},
      rootKeyOf: () => own.rootKey,
      endOf: (origin) => endOf(logs, origin),
    })
    const closing = (origin: string) =>
      closedBy(logs, origin, (of) => heads.get(of)?.quorum?.checkpoint.size ?? 0)
    evidence.judgeEpochsBy(closing)
    const standings = new Standings({
      clock,
      store,
      logs,
      damages: logs.damages,
      evidence,
      cosigned: heads,
      refusalOf: (origin) => verifier.refusalOf(origin),
      stopOf: (origin, size) => verifier.stopOf(origin, size),
      closedBy: closing,
    })
    return { verifier, heads, evidence, standings }
  }
}

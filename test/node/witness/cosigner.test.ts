import { Evidence } from '../../../node/evidence/evidence.ts'
import { native } from '../../../node/keys/native.ts'
import { PREFIX } from '../../../node/store/prefixes.ts'
import type { Logs } from '../../../node/store/logs.ts'
import { Cosigner } from '../../../node/witness/cosigner.ts'
import { compareRefused } from '../../../node/witness/refused-heads.ts'
import { printOrigin } from '../../../protocol/log/checkpoint.ts'
import { accountsOf } from '../../support/accounts.ts'
import { ForeignLog } from '../../support/foreign-log.ts'
import { MemoryKeyValue } from '../../support/memory-kv.ts'
import { NETWORK_ID, signerOf } from '../../support/notes.ts'
import { keepsToTheRules, WITNESS, type WitnessUnderTest } from '../../support/witness-suite.ts'

const originOf = (domain: string) => printOrigin({ domain, networkId: NETWORK_ID, epoch: 1 })
const ORIGIN = originOf('log.example')
const LOG = new ForeignLog({ origin: ORIGIN })
const ACCOUNTS = accountsOf([{ origin: ORIGIN, keys: [['log', LOG.key.key]] }])
const HELD = { origin: ORIGIN, number: 1, edge: { size: 1, hashes: [] }, keys: ACCOUNTS.logs[0]?.keys }
/** Of the log its keys are known, and hardly an entry: so it cosigns as a witness alone. */
const LOGS = {
  get: (origin: string) => (origin === ORIGIN ? HELD : undefined),
  rootAt: async () => undefined,
} as unknown as Logs

type Opening = {
  readonly store?: MemoryKeyValue
  readonly proofs?: MemoryKeyValue
  readonly clock?: { at: number }
  readonly isRecovered?: boolean
}

async function witnessing({
  store = new MemoryKeyValue(),
  proofs = new MemoryKeyValue(),
  clock = { at: 1_700_000_000_000 },
  isRecovered = true,
}: Opening): Promise<WitnessUnderTest> {
  const now = () => clock.at
  const evidence = new Evidence({
    primitives: native,
    store: proofs,
    clock: { now },
    accounts: () => ACCOUNTS,
  })
  await evidence.open()
  const comparing: Promise<void>[] = []
  const receive = async () => ({ kind: 'behind' })
  const cosigner = new Cosigner({
    primitives: native,
    clock: { now },
    store,
    logs: LOGS,
    ownDomain: 'a.example',
    signers: (role) => (role === 'witness' ? [signerOf(WITNESS)] : []),
    mayCosign: () => isRecovered,
    isMember: (origin) => origin === ORIGIN,
    isFrozen: (origin) => evidence.frozen(origin) !== undefined,
    isStopped: () => false,
    remember: async () => true,
    onRefused: (refused) =>
      comparing.push(compareRefused({ logs: LOGS, evidence, receive, explain: () => undefined }, refused)),
  })
  return {
    answer: (body) => cosigner.answer(body),
    restarted: () => witnessing({ store: store.copy(), proofs: proofs.copy(), clock }),
    settled: async () => void (await Promise.all(comparing)),
    store,
    clock,
  }
}

describe('a witness for the logs of members', () => {
  keepsToTheRules({
    log: LOG,
    fork: new ForeignLog({ origin: ORIGIN, salt: 1 }),
    otherKey: new ForeignLog({ origin: ORIGIN, seed: 42, salt: 1 }),
    unknown: new ForeignLog({ origin: originOf('unknown.example') }),
    prefix: PREFIX.cosigner,
    open: (how) => witnessing({ isRecovered: how === 'recovered' }),
  })
})

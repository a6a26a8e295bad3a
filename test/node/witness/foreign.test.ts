import assert from 'node:assert/strict'
import { native } from '../../../node/keys/native.ts'
import { PREFIX } from '../../../node/store/prefixes.ts'
import { ForeignCosigner } from '../../../node/witness/foreign.ts'
import { parseCosignatureLines } from '../../../protocol/log/add-checkpoint.ts'
import { verifyCosignature } from '../../../protocol/log/cosignature.ts'
import { SIGNATURE_TYPE } from '../../../protocol/log/note.ts'
import { ForeignLog } from '../../support/foreign-log.ts'
import { MemoryKeyValue } from '../../support/memory-kv.ts'
import { signerOf } from '../../support/notes.ts'
import { keepsToTheRules, WITNESS, WITNESS_NAME, type WitnessUnderTest } from '../../support/witness-suite.ts'

const LOG = new ForeignLog()
const FORK = new ForeignLog({ salt: 1 })
const OTHER_KEY = new ForeignLog({ seed: 42, salt: 1 })

type Opening = {
  readonly logs?: readonly ForeignLog[]
  readonly store?: MemoryKeyValue
  readonly clock?: { at: number }
  readonly isRecovered?: boolean
}

async function witnessing({
  logs = [LOG],
  store = new MemoryKeyValue(),
  clock = { at: 1_700_000_000_000 },
  isRecovered = true,
}: Opening = {}): Promise<WitnessUnderTest> {
  const cosigner = new ForeignCosigner({
    primitives: native,
    clock: { now: () => clock.at },
    store,
    ownDomain: 'a.example',
    signers: () => [signerOf(WITNESS)],
    mayCosign: () => isRecovered,
    known: logs.map(({ origin, key }) => ({
      key: { name: origin, type: SIGNATURE_TYPE.ed25519, key: key.key },
    })),
  })
  return {
    answer: (body) => cosigner.answer(body),
    restarted: () => witnessing({ logs, store: store.copy(), clock }),
    settled: async () => undefined,
    store,
    clock,
  }
}

describe('a witness for the logs of others', () => {
  keepsToTheRules({
    log: LOG,
    fork: FORK,
    otherKey: OTHER_KEY,
    unknown: new ForeignLog({ origin: 'unknown.example' }),
    prefix: PREFIX.foreign,
    open: (how) => witnessing({ isRecovered: how === 'recovered' }),
  })

  it('cosigns the whole text of a head with its extension lines', async () => {
    const { answer } = await witnessing()
    const { status, body } = await answer(LOG.request(0, 7, 'extension\n'))
    const lines = parseCosignatureLines(body)
    assert.ok(status === 200 && lines.ok)
    const note = { text: LOG.text(7, 'extension\n'), signatures: lines.value }
    assert.ok(verifyCosignature(native, { name: WITNESS_NAME, key: WITNESS.key }, note).ok)
  })

  it('convicts no log of what two of its keys signed apart', async () => {
    const { answer } = await witnessing({ logs: [LOG, OTHER_KEY] })
    await answer(LOG.request(0, 12))
    assert.equal((await answer(OTHER_KEY.request(12, 12))).why, 'root-differs')
    assert.equal((await answer(LOG.request(12, 20))).status, 200)
  })
})

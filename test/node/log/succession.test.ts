import assert from 'node:assert/strict'
import { composeGenesis, type Opening } from '../../../node/log/genesis.ts'
import { closedBy, endOf, openLogOf } from '../../../node/log/epochs.ts'
import { printProposals } from '../../../node/log/proposal.ts'
import {
  decidedLeaf,
  settleEpochs,
  Succession,
  type Closing,
  type Frozen,
} from '../../../node/log/succession.ts'
import { Appender, type Proposed } from '../../../node/log/appender.ts'
import { native } from '../../../node/keys/native.ts'
import { sealerOf } from '../../../node/keys/vault.ts'
import { Keystore } from '../../../node/keys/keystore.ts'
import { parseSignedCheckpoint } from '../../../protocol/log/checkpoint.ts'
import { originOfEpoch } from '../../../protocol/identity/epochs.ts'
import { EPOCHS_MAX } from '../../../protocol/limits.ts'
import { printHex } from '../../../protocol/bytes.ts'
import { DOMAIN, originOf } from '../../support/declared.ts'
import { hasCode } from '../../support/directory.ts'
import { MemoryKeyValue } from '../../support/memory-kv.ts'
import { ORIGIN, OwnLog } from '../../support/own-log.ts'

describe('the succession of epochs', () => {
  let own: OwnLog
  let succession: Succession
  let confirmed: number | undefined
  let decided: number
  let frozen: Frozen | undefined
  beforeEach(async () => {
    own = await OwnLog.open()
    confirmed = undefined
    decided = 0
    frozen = undefined
    succession = new Succession({
      logs: own.logs,
      keystore: own.keystore,
      store: own.store,
      domain: DOMAIN,
      ownOrigin: ORIGIN,
      frozen: () => frozen,
      rootKey: own.rootKey,
      appender: () => own.appender,
      confirmedSize: () => confirmed ?? own.log.edge.size,
      onDecided: () => (decided += 1),
      confirmMs: 50,
    })
  })
  afterEach(() => {
    succession.stop()
    own.remove()
  })

  const append = async (count: number) => {
    for (let i = 0; i < count; i++) await own.appender.append([own.incident()])
  }
  /** Leaf 0 that the root key signs for this closing, changed. */
  const leafFor = (closing: Closing, changes: Partial<Opening> = {}) => {
    const epoch = Number(closing.origin.split('/').at(-1))
    const logKey = own.keystore.prepareLogKey(epoch)
    const opening = { logKey, previous: closing.previous, because: null, without: [], ...changes }
    return composeGenesis(own.keystore, { ...own.composer(), origin: closing.origin }, opening)
  }
  const beginSecond = async (leaf: Proposed) => {
    const next = new Appender({
      primitives: native,
      logs: own.logs,
      origin: originOf(2),
      daily: () => [],
      onGrown: () => {},
      signer: own.keystore.logSigner(2),
      sealer: sealerOf(own.keystore.vaultKey()),
    })
    await next.start()
    await next.append([leaf])
  }
  const bytesFor = (...given: Parameters<typeof leafFor>) => printProposals([leafFor(...given)])

  it('closes a log at a head that covers everything accepted, while more is waiting', async () => {
    await append(3)
    const waiting = Promise.all(Array.from({ length: 5 }, () => own.appender.append([own.incident()])))
    const closing = await succession.close()
    const early = own.log.edge.size
    const late = own.appender.append([own.incident()])
    assert.deepEqual([closing.origin, closing.previous?.size], [originOf(2), early])
    assert.deepEqual([closing.confirmed, closing.leftOut, closing.without], [true, 0, []])
    succession.callOff()
    await Promise.all([waiting, late])
  })

  it('waits for others to confirm the newest head, and goes on without them unchanged', async () => {
    await append(2)
    confirmed = 2
    await assert.rejects(succession.close(), hasCode('NOT_CONFIRMED'))
    await append(1)
    setTimeout(() => (confirmed = 4), 10)
    assert.equal((await succession.close()).previous?.size, 4)
  })

  it('has leaf 0 on disk before the log key has its name, and takes nothing back then', async () => {
    await append(1)
    const closing = await succession.close()
    const bytes = bytesFor(closing)
    let epochsAtWrite: readonly number[] = []
    let crashed: MemoryKeyValue | undefined
    own.store.onBatch = () => {
      epochsAtWrite = own.keystore.logEpochs()
    }
    const opened = await succession.open(bytes)
    crashed = own.store.copy()
    assert.deepEqual([opened.origin, decided, epochsAtWrite], [originOf(2), 1, [1]])
    assert.deepEqual(own.keystore.logEpochs(), [1, 2])
    succession.callOff()
    await assert.rejects(succession.close(), hasCode('NODE_STOPPING'))
    assert.equal(await settleEpochs(crashed, own.keystore), 2)
    assert.equal(decidedLeaf(crashed, own.rootKey, originOf(2))?.keys?.epoch.previous?.size, 2)
    assert.equal(decidedLeaf(crashed, own.rootKey, originOf(3)), undefined)
  })

  it('ends after a crash between the two what was decided before it', async () => {
    const closing = await succession.close()
    const bytes = bytesFor(closing)
    // The disk takes leaf 0; the process dies before the key has its name.
    const died = new Error('the process died')
    own.keystore.commitLogKey = () => {
      throw died
    }
    await assert.rejects(succession.open(bytes), died)
    const again = Keystore.open(`${own.directory.path}/keys`, undefined)
    assert.deepEqual(again.logEpochs(), [1])
    assert.equal(await settleEpochs(own.store.copy(), again), 2)
    assert.deepEqual(again.logEpochs(), [1, 2])
  })

  it('begins the new log with that leaf, and everybody sees the old one closed', async () => {
    await append(4)
    const closing = await succession.close()
    await succession.open(bytesFor(closing))
    const leaf = decidedLeaf(own.store, own.rootKey, originOf(2))
    assert.ok(leaf !== undefined)
    await beginSecond(leaf)
    assert.deepEqual([endOf(own.logs, ORIGIN), endOf(own.logs, originOf(2))], [5, undefined])
    assert.equal(openLogOf(own.logs, DOMAIN)?.origin, originOf(2))
    const closed = closedBy(own.logs, ORIGIN, () => 5)
    assert.deepEqual([closed?.origin, closed?.at.size, closed?.closing], [originOf(2), 5, 'confirmed'])
    assert.equal(closed?.isProtected, true)
    assert.equal(closedBy(own.logs, ORIGIN, () => 4)?.closing, 'unconfirmed')
  })

  it('protects nothing by naming a head that the log never had, at a size that others confirmed', async () => {
    await append(9)
    const closing = await succession.abandon({ size: 5 })
    assert.ok(closing.previous !== null)
    const bogus = { ...closing, previous: { ...closing.previous, root: new Uint8Array(32).fill(9) } }
    const leaf = leafFor(bogus)
    own.keystore.commitLogKey(2)
    await beginSecond(leaf)
    const closed = closedBy(own.logs, ORIGIN, () => 10)
    assert.deepEqual([closed?.at.size, closed?.closing, closed?.isProtected], [5, 'contradicted', false])
    assert.equal(closedBy(own.logs, ORIGIN, () => 4)?.closing, 'unconfirmed')
  })

  it('opens no epoch whose number nobody would take', async () => {
    await assert.rejects(succession.abandon({ epoch: EPOCHS_MAX + 1 }), hasCode('NOT_ALLOWED'))
    assert.equal((await succession.abandon({ epoch: EPOCHS_MAX })).origin, originOf(EPOCHS_MAX))
    succession.callOff()
  })

  it('ends a log that cannot go on where its owner says, and serves no more of it', async () => {
    await append(6)
    await succession.abandon({ size: 4 })
    const closing = await succession.abandon({ size: 4, epoch: 7 })
    assert.deepEqual([closing.origin, closing.previous?.size, closing.leftOut], [originOf(7), 4, 3])
    await succession.open(bytesFor(closing, { because: { proof: null, text: 'A test.' } }))
    const head = parseSignedCheckpoint(own.log.complete ?? new Uint8Array(0))
    assert.ok(head.ok && head.value.checkpoint.size === 4)
    assert.equal(own.log.edge.size, 7)
  })

  it('loses nothing of a log that nobody contradicts, confirmed or not, and refuses a head that is not held', async () => {
    await append(3)
    confirmed = 2
    const closing = await succession.abandon({})
    assert.deepEqual([closing.previous?.size, closing.confirmed], [4, false])
    confirmed = 4
    assert.equal((await succession.abandon({})).confirmed, true)
    await assert.rejects(succession.abandon({ size: 5 }), hasCode('NOT_FOUND'))
    await append(1)
  })

  it('keeps of a frozen log no more than both histories share, and names the proof', async () => {
    await append(5)
    frozen = { id: new Uint8Array(32).fill(0xab), proven: { commonSizeMax: 3 } }
    const closing = await succession.abandon({})
    assert.deepEqual([closing.previous?.size, closing.leftOut, closing.proof], [3, 3, 'ab'.repeat(32)])
    confirmed = 2
    assert.equal((await succession.abandon({})).previous?.size, 2)
    frozen = { ...frozen, proven: { commonSizeMax: 0 } }
    const nothing = await succession.abandon({})
    assert.deepEqual([nothing.previous, nothing.leftOut], [null, 6])
  })

  it('leaves out the keys that are out of force', async () => {
    const old = own.idOf('statement')
    await own.say({ kind: 'add', purpose: 'statement' }, { kind: 'retire', id: old })
    const closing = await succession.close()
    assert.deepEqual(closing.without, [printHex(old)])
    const { keys } = leafFor(closing, { without: [old] })
    const declared = keys?.epoch.keys.filter(({ purpose }) => purpose === 'statement')
    assert.deepEqual(
      declared?.map(({ keyId }) => keyId),
      [own.idOf('statement')],
    )
  })

  it('takes no leaf but the one that was asked for', async () => {
    await append(1)
    const { incident } = own
    await assert.rejects(succession.open(printProposals([incident.call(own)])), hasCode('CONFLICT'))
    const closing = await succession.close()
    const { previous } = closing
    assert.ok(previous !== null)
    const other = await OwnLog.open()
    const parts = { ...own.composer(), origin: closing.origin }
    const logKey = own.keystore.prepareLogKey(2)
    const foreign = composeGenesis(other.keystore, parts, { logKey, previous, because: null, without: [] })
    const refused: readonly [string, Uint8Array][] = [
      ['CONFLICT', bytesFor(closing, { previous: { ...previous, size: 1 } })],
      ['CONFLICT', bytesFor(closing, { logKey: own.keystore.logSigner(1) })],
      ['BAD_INPUT', bytesFor({ ...closing, origin: originOfEpoch(closing.origin, 9) })],
      ['BAD_INPUT', printProposals([foreign])],
      ['BAD_INPUT', printProposals([own.incident()])],
      ['BAD_INPUT', printProposals([])],
      ['BAD_INPUT', Uint8Array.of(0xa0)],
    ]
    for (const [code, bytes] of refused) await assert.rejects(succession.open(bytes), hasCode(code))
    assert.deepEqual([decided, own.keystore.logEpochs()], [0, [1]])
    succession.callOff()
    await append(1)
    other.remove()
  })
})

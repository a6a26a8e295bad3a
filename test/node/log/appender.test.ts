import assert from 'node:assert/strict'
import { composeGenesis } from '../../../node/log/genesis.ts'
import { composeKeyEvents } from '../../../node/log/key-events.ts'
import { Publisher } from '../../../node/log/publisher.ts'
import { Drafts } from '../../../node/store/drafts.ts'
import { sealerOf } from '../../../node/keys/vault.ts'
import { branded } from '../../../protocol/brand.ts'
import { printHex } from '../../../protocol/bytes.ts'
import type { KeyId } from '../../../protocol/identity/key.ts'
import { parseEntry } from '../../../protocol/codec/statement.ts'
import { originOf } from '../../support/declared.ts'
import { hasCode } from '../../support/directory.ts'
import { ORIGIN, OwnLog } from '../../support/own-log.ts'

describe('the writer of our own log', () => {
  let own: OwnLog
  beforeEach(async () => (own = await OwnLog.open()))
  afterEach(() => own.remove())

  const signerAt = (index: number) => {
    const [bytes] = own.logs.entries(own.log, index, 1)
    const entry = bytes === undefined ? undefined : parseEntry(bytes)
    assert.ok(entry?.ok === true)
    return printHex(entry.value.header.keyId)
  }

  it('uses a new key for the entries above the statement that declares it', async () => {
    const old = own.idOf('statement')
    await own.appender.append([own.incident()])
    await own.say({ kind: 'add', purpose: 'statement' })
    assert.notEqual(printHex(own.idOf('statement')), printHex(old))
    await own.appender.append([own.incident()])
    assert.deepEqual([signerAt(1), signerAt(3)], [printHex(old), printHex(own.idOf('statement'))])
    assert.equal(own.keys.signers('statement').length, 2)
  })

  it('never writes an entry whose key is out of force at its place, and writes the others', async () => {
    const [first] = own.keystore.signers('statement')
    const late = own.incident(first)
    await own.say({ kind: 'add', purpose: 'statement' }, { kind: 'retire', id: own.idOf('statement') })
    const results = await Promise.allSettled([
      own.appender.append([own.incident()]),
      own.appender.append([late]),
      own.appender.append([own.incident()]),
    ])
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    )
    assert.ok(results[1]?.status === 'rejected' && hasCode('KEY_NOT_IN_FORCE')(results[1].reason))
    assert.equal(own.log.edge.size, 5)
    assert.equal(own.appender.failure(), undefined)
  })

  it('judges a batch by the key events in it', async () => {
    const [first] = own.keystore.signers('statement')
    const events = composeKeyEvents(own.keystore, own.composer(), [
      { kind: 'add', purpose: 'statement' },
      { kind: 'retire', id: own.idOf('statement') },
    ])
    const young = own.keystore.signer('statement')
    const sent = [own.appender.append(events), own.appender.append([own.incident(young)])]
    const late = own.appender.append([own.incident(first)])
    await assert.rejects(late, hasCode('KEY_NOT_IN_FORCE'))
    await Promise.all(sent)
    assert.equal(own.log.edge.size, 4)
  })

  it('refuses key events that the log does not take, and goes on', async () => {
    const id = own.idOf('statement')
    await assert.rejects(own.say({ kind: 'retire', id }), hasCode('CONFLICT'))
    await assert.rejects(own.say({ kind: 'revoke', id, since: 0 }), hasCode('CONFLICT'))
    await assert.rejects(own.say({ kind: 'retire', id: branded<KeyId>(own.rootKey) }), hasCode('CONFLICT'))
    await own.appender.append([own.incident()])
    assert.equal(own.log.edge.size, 2)
  })

  it('refuses a second leaf 0, and statements that were signed for another epoch', async () => {
    const again = composeGenesis(own.keystore, own.composer())
    await assert.rejects(own.appender.append([again]), hasCode('CONFLICT'))
    const { entry, ...rest } = own.incident()
    const header = { ...entry.header, issuer: originOf(2) }
    const elsewhere = { ...rest, entry: { ...entry, header } }
    await assert.rejects(own.appender.append([elsewhere]), hasCode('CONFLICT'))
  })

  it('holds what comes while it is paused, and writes it afterwards', async () => {
    await own.appender.pause()
    const waiting = own.appender.append([own.incident()])
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(own.log.edge.size, 1)
    own.appender.resume()
    await waiting
    assert.equal(own.log.edge.size, 2)
  })

  it('tells those who wait when it stops', async () => {
    await own.appender.pause()
    const waiting = own.appender.append([own.incident()])
    await Promise.all([assert.rejects(waiting, hasCode('NODE_STOPPING')), own.appender.stop()])
    await assert.rejects(own.appender.append([own.incident()]), hasCode('NODE_STOPPING'))
  })

  it('has what it publishes signed again when its key was retired on the way', async () => {
    await own.say({ kind: 'add', purpose: 'statement' })
    const [old, young] = own.keystore.signers('statement')
    assert.ok(old !== undefined && young !== undefined)
    await own.say({ kind: 'retire', id: old.keyId })
    const signers = [old, young]
    const publisher = new Publisher({
      clock: { now: () => 0 },
      drafts: new Drafts(own.store, sealerOf(own.keystore.vaultKey())),
      appender: () => own.appender,
      composer: () => ({ ...own.composer(), signer: signers.shift() ?? young }),
      admit: () => undefined,
      onKept: () => undefined,
    })
    const [published] = await publisher.publish([{ kind: 'incident', public: { title: 'x' } }])
    assert.equal(published?.index, 3)
    assert.equal(signerAt(3), printHex(young.keyId))
    signers.push(old, old, old, old, old)
    const content = { kind: 'incident', public: { title: 'x' } }
    await assert.rejects(publisher.publish([content]), hasCode('KEY_NOT_IN_FORCE'))
    assert.equal(own.log.origin, ORIGIN)
  })
})

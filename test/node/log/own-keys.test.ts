import assert from 'node:assert/strict'
import { join } from 'node:path'
import { Keystore } from '../../../node/keys/keystore.ts'
import { OwnKeys } from '../../../node/log/own-keys.ts'
import { hasCode, temporaryDirectory } from '../../support/directory.ts'
import { OwnLog } from '../../support/own-log.ts'

describe('our own keys', () => {
  let own: OwnLog
  beforeEach(async () => (own = await OwnLog.open()))
  afterEach(() => own.remove())

  it('are used from the statement on that declares them, not from the file on', async () => {
    const before = own.idOf('witness')
    own.keystore.addKey('witness')
    assert.deepEqual(own.idOf('witness'), before)
    await own.say({ kind: 'add', purpose: 'witness' })
    assert.deepEqual(own.idOf('witness'), own.keystore.signer('witness').keyId)
    assert.equal(own.keystore.signers('witness').length, 3)
    assert.deepEqual(
      own.keys.signers('witness').map(({ keyId }) => keyId),
      [before, own.idOf('witness')],
    )
  })

  it('are out of use once they are retired', async () => {
    const before = own.idOf('witness')
    await own.say({ kind: 'add', purpose: 'witness' }, { kind: 'retire', id: before })
    assert.equal(own.keys.signers('witness').length, 1)
    await own.say({ kind: 'retire', id: own.idOf('witness') })
    assert.deepEqual(own.keys.signers('witness'), [])
    assert.throws(() => own.keys.signer('witness'), hasCode('KEY_NOT_IN_FORCE'))
  })

  it('of another keystore sign nothing, even if they are newer', () => {
    const elsewhere = temporaryDirectory()
    const { keystore } = Keystore.create(join(elsewhere.path, 'keys'), undefined)
    const keys = new OwnKeys(keystore, () => own.log.keys)
    assert.throws(() => keys.signer('statement'), hasCode('KEY_NOT_IN_FORCE'))
    elsewhere.remove()
  })

  it('are all those of the keystore before there is a log', () => {
    const keys = new OwnKeys(own.keystore, () => undefined)
    assert.deepEqual(keys.signer('mirror'), own.keystore.signer('mirror'))
  })
})

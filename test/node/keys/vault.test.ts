import assert from 'node:assert/strict'
import { createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import { sealerOf } from '../../../node/keys/vault.ts'
import { hasCode } from '../../support/directory.ts'

const key = new Uint8Array(32).fill(7)
const at = Uint8Array.of(1, 2, 3)

describe('the vault', () => {
  it('opens what it sealed, of any length, where it was sealed', () => {
    const { seal, open } = sealerOf(key)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), fc.uint8Array({ maxLength: 80 }), (value, place) => {
        assert.deepEqual(new Uint8Array(open(place, seal(place, value))), value)
      }),
    )
  })

  it('is what the specification says: version, salt, AES-256-GCM under HMAC of the salt, tag', () => {
    const value = randomBytes(100)
    const sealed = sealerOf(key).seal(at, value)
    assert.equal(sealed.length, 1 + 32 + value.length + 16)
    assert.equal(sealed[0], 1)
    const derived = createHmac('sha256', key).update(sealed.subarray(1, 33)).digest()
    const decipher = createDecipheriv('aes-256-gcm', derived, new Uint8Array(12))
    decipher.setAAD(at).setAuthTag(sealed.subarray(-16))
    assert.deepEqual(Buffer.concat([decipher.update(sealed.subarray(33, -16)), decipher.final()]), value)
  })

  it('never seals twice alike', () => {
    const { seal } = sealerOf(key)
    const sealed = Array.from({ length: 2_000 }, () => Buffer.from(seal(at, at)).toString('hex', 1, 33))
    assert.equal(new Set(sealed).size, sealed.length)
  })

  it('refuses a value that was altered in any byte, cut short, moved, or sealed by another keystore', () => {
    const { seal, open } = sealerOf(key)
    const sealed = seal(at, randomBytes(10))
    for (let i = 0; i < sealed.length; i++) {
      const altered = Uint8Array.from(sealed)
      altered[i] = (altered[i] ?? 0) ^ 0x80
      assert.throws(() => open(at, altered), hasCode('STORE_DAMAGED'), `byte ${i}`)
      assert.throws(() => open(at, sealed.subarray(0, i)), hasCode('STORE_DAMAGED'), `first ${i}`)
    }
    assert.throws(() => open(Uint8Array.of(1, 2, 4), sealed), hasCode('STORE_DAMAGED'))
    assert.throws(() => sealerOf(new Uint8Array(32)).open(at, sealed), hasCode('STORE_DAMAGED'))
  })

  it('says which value it is', () => {
    assert.throws(() => sealerOf(key).open(at, at), /at 010203 /)
  })
})

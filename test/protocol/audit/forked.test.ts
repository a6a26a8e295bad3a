import assert from 'node:assert/strict'
import { native } from '../../../node/keys/native.ts'
import { isForked } from '../../../protocol/audit/forked.ts'
import { printEquivocation } from '../../../protocol/log/equivocation-file.ts'
import { proveCosigner, proveSameSize } from '../../../protocol/log/equivocation-maker.ts'
import { accountsOf } from '../../support/accounts.ts'
import { cosigned, COSIGNER, LEFT, LOG, RIGHT, signed, TIME } from '../../support/forked.ts'
import { LOG_KEY, NETWORK_ID, ORIGIN, testKey } from '../../support/notes.ts'

const keysOf = (origin: string, key = LOG_KEY.key) => {
  const [log] = accountsOf([{ origin, keys: [['log', key]] }]).logs
  assert.ok(log)
  return log.keys
}

describe('a log that is convicted of two histories', () => {
  const two = proveSameSize(native, { subject: LOG, a: signed(LEFT, 12), b: signed(RIGHT, 12) })
  const cosigner = proveCosigner(native, {
    subject: COSIGNER,
    a: cosigned(LEFT, 12, TIME),
    b: cosigned(RIGHT, 12, TIME),
  })
  assert.ok(two.ok && cosigner.ok)
  const proof = printEquivocation(native, two.value)

  it('is so by a proof about the key that its leaf 0 declares', () => {
    assert.equal(isForked(native, keysOf(ORIGIN), [Buffer.from('junk'), proof]), true)
  })

  it('is not by junk, by a proof about another log or key, or about a cosigner', () => {
    const other = `b.example/candor/${NETWORK_ID}/1`
    assert.equal(isForked(native, keysOf(ORIGIN), []), false)
    assert.equal(isForked(native, keysOf(ORIGIN), [proof.slice(1)]), false)
    assert.equal(isForked(native, keysOf(other), [proof]), false)
    assert.equal(isForked(native, keysOf(ORIGIN, testKey(3).key), [proof]), false)
    assert.equal(isForked(native, keysOf(ORIGIN), [printEquivocation(native, cosigner.value)]), false)
  })
})

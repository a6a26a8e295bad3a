import assert from 'node:assert/strict'
import { native } from '../../node/keys/native.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import { Five, SIZE } from '../support/five.ts'
import { LOG_LIES } from '../support/lies.ts'
import { askToCosign } from '../support/telling.ts'
import { consistencyOf, treeOf } from '../support/tree.ts'

describe('a member that shows each witness another head, and the entries to nobody', function () {
  this.timeout(180_000)
  let five: Five

  before(async () => {
    five = await Five.start()
  })

  after(() => five.stop())

  it('is found within a round, because witnesses pass on what they cosigned', async () => {
    const [lie] = LOG_LIES
    assert.ok(lie)
    const { note: truth } = five.truth(SIZE)
    for (const [at, { note, leaves }] of lie.faces(five).entries()) {
      const tree = treeOf(leaves.map(({ bytes }) => leafHash(native, bytes)))
      const proof = consistencyOf(tree, BigInt(SIZE), BigInt(leaves.length))
      const before = await askToCosign(five, at, { oldSize: 0, proof: [], note: truth })
      const answer = await askToCosign(five, at, { oldSize: SIZE, proof, note })
      if (at === 0) assert.deepEqual([before, answer], [200, 200])
      // A witness that heard from another one by now cosigns no second history.
      else assert.ok([200, 403, 409].includes(answer), String(answer))
    }
    await five.convicts('all have frozen it', { from: Date.now() })
    await five.growsOn()
  })
})

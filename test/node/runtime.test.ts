import assert from 'node:assert/strict'
import '../../node/runtime.ts'

describe('the runtime', () => {
  it('has Promise.withResolvers, which libp2p needs', async () => {
    const { promise, resolve } = Promise.withResolvers<number>()
    resolve(7)
    assert.equal(await promise, 7)
    const broken = Promise.withResolvers<number>()
    broken.reject(new Error('no'))
    await assert.rejects(broken.promise, /no/)
  })
})

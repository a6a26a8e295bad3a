import assert from 'node:assert/strict'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { setTimeout as sleep } from 'node:timers/promises'
import { deadline } from '../../node/deadline.ts'

describe('a deadline', () => {
  it('fires though garbage is collected and nobody holds it', async () => {
    setFlagsFromString('--expose-gc')
    const collect: () => void = runInNewContext('gc')
    const { signal } = new AbortController()
    let fired = 0
    const count = () => (fired += 1)
    for (let i = 0; i < 50; i++) deadline(deadline(signal, 10_000), 100).addEventListener('abort', count)
    for (let i = 0; i < 3; i++) {
      collect()
      await sleep(20)
    }
    await sleep(150)
    assert.equal(fired, 50)
  })

  it('ends with the signal it is under, then and before', () => {
    const over = new AbortController()
    const under = deadline(over.signal, 10_000)
    assert.equal(under.aborted, false)
    over.abort(new Error('stopping'))
    assert.ok(under.aborted && /stopping/.test(String(under.reason)))
    assert.ok(deadline(over.signal, 10_000).aborted)
  })
})

import assert from 'node:assert/strict'
import { freePorts } from '../../../node/demo/ports.ts'

describe('free ports', () => {
  it('are all different, however many', async () => {
    // Drawn one after the other, of five hundred some would be the same.
    const ports = await freePorts(500)
    assert.equal(new Set(ports).size, 500)
    assert.ok(ports.every((port) => port > 0))
  })
})

import assert from 'node:assert/strict'
import { AskedCases } from '../../../node/disclosure/asked.ts'
import { Cases } from '../../../node/disclosure/cases.ts'
import { pruneTrail } from '../../../node/disclosure/pruning.ts'
import { DAY } from '../../support/escrow-craft.ts'
import { EscrowWorld } from '../../support/escrow-world.ts'

describe('the trail of a part in escrow', () => {
  it('is kept as long as the deposit is, at its owner and at its holders', async () => {
    const world = await EscrowWorld.make()
    try {
      await world.startAll()
      await world.deposit()
      await world.round(0)
      for (const at of [0, 1]) {
        const { disk: store, logs, trail } = world.member(at)
        const { sealer, domain } = world.parties.party(at)
        const before = await world.steps(at)
        const alone = (_: Uint8Array, work: () => Promise<void>) => work()
        const [cases, asked] = [new Cases(store, sealer), new AskedCases(store, sealer)]
        const parts = { store, sealer, logs, trail, cases, asked, alone, domain, isKept: false }
        assert.equal(await pruneTrail(parts, world.now + 9_999 * DAY, 1), 0)
        assert.deepEqual(await world.steps(at), before)
      }
    } finally {
      world.remove()
    }
  })
})

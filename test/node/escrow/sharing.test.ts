import assert from 'node:assert/strict'
import type { EscrowMessage } from '../../../protocol/access/escrow-message.ts'
import { bent, EscrowWorld, SMALL_ORDER, WHY } from '../../support/escrow-world.ts'
import { counting } from '../../support/statements.ts'
import { parseAccess } from '../../../protocol/access/signed.ts'
import { release } from '../../../node/escrow/sharing.ts'

describe('parts in escrow', function () {
  this.timeout(30_000)
  let world: EscrowWorld

  before(async () => {
    world = await EscrowWorld.make()
  })
  beforeEach(() => world.reset())
  after(() => world.remove())

  describe('and a holder that asks for a share', () => {
    const recall = async (id: Uint8Array, at: number, changes: object = {}, signer = world.signer(at)) => {
      const { origin, node, box } = world.parties.party(at)
      const network = world.parties.charter.networkId
      const one = { kind: 'escrow-recall', network, at: world.now, from: origin, escrow: id } as const
      return world.signed({ ...one, peer: node, box, reason: 'Please.', ...changes }, signer)
    }
    const say = async (to: number, signed: Uint8Array, peer: Uint8Array): Promise<string> => {
      const message: EscrowMessage = { kind: 'recall', signed }
      const { answer, fault } = await world.say(to, message, { peer })
      const word = answer.kind === 'refused' ? answer.reason : answer.kind
      return fault === undefined ? word : `${word}: ${fault}`
    }

    it('is refused for whatever is wrong with it, and leaves no trace', async () => {
      await world.startAll()
      const id = await world.silent()
      const [b, c] = [world.parties.party(1), world.parties.party(2)]
      const before = world.member(2).trail.head().size
      const cases: readonly (readonly [string, Uint8Array, Uint8Array])[] = [
        ['unknown-deposit', await recall(counting(32, 1), 1), b.node],
        ['not-named', await recall(id, 0), world.parties.party(0).node],
        ['not-named', await recall(id, 2), c.node],
        ['other-peer', await recall(id, 1), c.node],
        ['other-peer', await recall(id, 1, { peer: c.node }), c.node],
        ['key-unknown', await recall(id, 1, {}, world.signer(3)), b.node],
        ['key-unknown', await recall(id, 1, { from: b.origin.replace(/1$/, '2') }), b.node],
        ['box-unknown', await recall(id, 1, { box: c.box }), b.node],
      ]
      for (const [reason, signed, peer] of cases) assert.equal(await say(2, signed, peer), reason)
      const good = parseAccess(await recall(id, 1))
      assert.ok(good.ok)
      const forged = bent(good.value.bytes)
      assert.equal(await say(2, forged, b.node), 'key-unknown: a forged recall')
      assert.match(await say(2, counting(10, 1), b.node), /^malformed: /)
      assert.equal(world.member(2).trail.head().size, before)
    })

    it('gets nothing for a key that nothing can be sealed to', async () => {
      await world.startAll()
      const id = await world.silent()
      await world.publish(1, SMALL_ORDER)
      await release(world.member(2).escrow.desk, id, { to: 'b.example', ...WHY })
      const signed = await recall(id, 1, { box: new Uint8Array(32) })
      assert.equal(await say(2, signed, world.parties.party(1).node), 'box-unknown')
    })

    it('waits for a person, is heard once an hour, and is answered alike', async () => {
      await world.startAll()
      const id = await world.silent()
      const { node } = world.parties.party(1)
      const signed = await recall(id, 1)
      assert.equal(await say(2, signed, node), 'pending')
      assert.equal(await say(2, signed, node), 'pending')
      assert.equal(await say(2, await recall(id, 1, { reason: 'Now!' }), node), 'wait')
      world.now += 3_600
      assert.equal(await say(2, await recall(id, 1, { reason: 'Now!' }), node), 'pending')
      assert.deepEqual(await world.steps(2), ['kept', 'called', 'called'])
      await release(world.member(2).escrow.desk, id, { to: 'b.example', ...WHY })
      // To one holder, and to no other.
      assert.equal(await say(2, await recall(id, 3), world.parties.party(3).node), 'pending')
    })
  })
})

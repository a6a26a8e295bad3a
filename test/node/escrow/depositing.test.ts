import assert from 'node:assert/strict'
import { escrowIn } from '../../../node/escrow/deposits.ts'
import { expectWithin } from '../../../node/escrow/settings.ts'
import { DAY, SECONDS, SETTINGS } from '../../support/escrow-craft.ts'
import { EscrowWorld, refusedWith, SMALL_ORDER } from '../../support/escrow-world.ts'
import { SECRETS } from '../../support/parties.ts'
import { counting } from '../../support/statements.ts'

describe('parts in escrow', function () {
  this.timeout(30_000)
  let world: EscrowWorld

  before(async () => {
    world = await EscrowWorld.make()
  })
  beforeEach(() => world.reset())
  after(() => world.remove())

  describe('on the way to their holders', () => {
    it('go to each, those that are away included once they are back, and each signs once', async () => {
      await world.startAll()
      world.away.add(3)
      const id = await world.deposit()
      await world.round(0)
      assert.deepEqual(await world.holderStates(id), ['held', 'held', 'waiting', 'held'])
      assert.ok(await world.member(0).escrow.desk.deposits.ciphertext(id))
      world.now += 9 * DAY
      await world.round(0)
      assert.deepEqual(await world.holderStates(id), ['held', 'held', 'waiting', 'held'])
      world.away.delete(3)
      await world.round(0)
      assert.deepEqual(await world.holderStates(id), ['held', 'held', 'held', 'held'])
      // Everybody has it: what waited for them is gone here.
      assert.equal(await world.member(0).escrow.desk.deposits.ciphertext(id), undefined)
      assert.deepEqual(await world.steps(0), ['deposited', 'vouched', 'vouched', 'vouched', 'vouched'])
      await world.round(0)
      assert.equal((await world.steps(0)).length, 5)
    })

    it('go on after a restart, and ask no more often than every so often', async () => {
      await world.startAll()
      let asked = 0
      world.line = () => async () => {
        asked += 1
        return { kind: 'wait' }
      }
      const id = await world.deposit()
      for (let round = 0; round < 5; round++) await world.round(0)
      assert.equal(asked, 4)
      world.now += 3_600
      await world.start(0, {}, world.member(0).disk)
      world.line = () => (_, answer) => answer()
      await world.round(0)
      assert.deepEqual(await world.holderStates(id), ['held', 'held', 'held', 'held'])
    })

    it('do not leave when the trail cannot be written', async () => {
      await world.startAll()
      let said = 0
      world.line = () => async (_, answer) => {
        said += 1
        return answer()
      }
      const { disk } = world.member(0)
      disk.onBatch = () => {
        throw new Error('the disk is full')
      }
      await assert.rejects(world.deposit(), refusedWith('AUDIT_WRITE_FAILED', /nothing is disclosed/))
      disk.onBatch = () => undefined
      await world.round(0)
      assert.equal(said, 0)
      assert.deepEqual(await world.steps(0), [])
    })

    it('leave when they stand in the trail on disk, and not a moment before', async () => {
      await world.startAll()
      const seen: number[] = []
      world.line = () => async (_, answer) => {
        seen.push(
          (await world.stepsOn(0, world.member(0).disk.copy())).filter((step) => step === 'deposited').length,
        )
        return answer()
      }
      await world.deposit()
      await world.round(0)
      assert.deepEqual(seen, [1, 1, 1, 1])
    })

    it('have no ack but the holder’s own, about this deposit', async () => {
      await world.startAll()
      const id = await world.deposit()
      const ack = (at: number, changes: object = {}) => {
        const { origin } = world.parties.party(at)
        const network = world.parties.charter.networkId
        const one = {
          kind: 'escrow-ack',
          network,
          at: SECONDS,
          from: origin,
          escrow: id,
          state: 'held',
        } as const
        return world.signed({ ...one, ...changes }, world.signer(at))
      }
      const lies: readonly Uint8Array[] = [
        ack(2),
        ack(1, { escrow: counting(32, 1) }),
        ack(1, { from: world.parties.party(2).origin }),
        counting(100, 1),
      ]
      for (const lie of lies) {
        world.now += 3_600
        world.line = (_, to) => async (_message, answer) => (to === 1 ? { kind: 'kept', ack: lie } : answer())
        await world.round(0)
        assert.equal((await world.holderStates(id))?.[0], 'waiting')
      }
      world.now += 3_600
      world.line = (_, to) => async (_message, answer) =>
        to === 1 ? { kind: 'refused', reason: 'too-many' } : answer()
      await world.round(0)
      assert.equal((await world.holderStates(id))?.[0], 'refused')
      world.now += 3_600
      world.line = () => (_, answer) => answer()
      await world.round(0)
      assert.equal((await world.holderStates(id))?.[0], 'held')
    })

    it('say none of their words, and neither does any disk', async () => {
      await world.startAll()
      const said: Uint8Array[] = []
      world.line = () => async (message, answer) => {
        said.push(...Object.values(message).filter((one) => one instanceof Uint8Array))
        return answer()
      }
      await world.deposit()
      await world.round(0)
      assert.ok(said.length > 0)
      for (const bytes of said) for (const word of SECRETS) assert.ok(!Buffer.from(bytes).includes(word))
    })
  })

  describe('of what is published', () => {
    const NOTE = { kind: 'incident', public: { title: 'x' }, partner: { a: 'b' }, research: { c: 'd' } }
    const made = () => world.member(0).escrow.desk.deposits.about().length

    it('are made from the moment it is turned on, once each, and of the tiers that are named', async () => {
      await world.startAll()
      await world.publish(0, NOTE)
      const { disk } = world.member(0)
      await world.start(0, { settings: { ...SETTINGS, tiers: ['research'] } }, disk)
      await world.round(0)
      assert.equal(made(), 0)
      await world.publish(0, NOTE)
      await world.publish(0, { kind: 'incident', public: { title: 'nothing restricted' } })
      await world.publish(0, {
        kind: 'access',
        public: undefined,
        research: { v: 1, access: counting(9, 0) },
      })
      await world.round(0)
      await world.round(0)
      assert.equal(made(), 1)
      await world.start(0, { settings: SETTINGS }, disk)
      await world.publish(0, NOTE)
      await world.round(0)
      assert.equal(made(), 3)
      assert.ok((await world.steps(1)).every((step) => step === 'kept'))
      assert.equal((await world.steps(1)).length, 3)
      // Turned off and on again, it begins anew where the log then stands.
      await world.start(0, {}, disk)
      await world.publish(0, NOTE)
      await world.round(0)
      await world.start(0, { settings: SETTINGS }, disk)
      await world.round(0)
      assert.equal(made(), 3)
    })

    it('are made of the rest of a log that another of ours follows', async () => {
      // The second member's log stands for the next epoch, so that member can be no holder.
      const settings = { ...SETTINGS, threshold: 2, holders: SETTINGS.holders.slice(1) }
      const { disk } = await world.start(0, { settings })
      await world.publish(0, NOTE)
      await world.start(0, { settings, origin: world.parties.party(1).origin }, disk)
      for (let round = 0; round < 3; round++) await world.round(0)
      assert.equal(made(), 2)
      const { owner, on } = escrowIn(
        (
          await world
            .member(0)
            .escrow.desk.deposits.get(world.member(0).escrow.desk.deposits.about()[0] ?? counting(32, 0))
        )?.signed ?? counting(1, 0),
      ).statement
      assert.deepEqual(
        [owner, on.origin],
        [1, 0].map((at) => world.parties.party(at).origin),
      )
    })

    it('are never made by themselves of what is marked RED', async () => {
      await world.startAll()
      await world.start(0, { settings: SETTINGS }, world.member(0).disk)
      const red = { policy: { tlp: 'RED' } }
      await world.publish(0, { ...NOTE, public: { title: 'x', ...red } })
      await world.publish(0, { ...NOTE, partner: { a: 'b', ...red } })
      await world.round(0)
      // The research part holds every partner path, its marking included.
      assert.equal(made(), 0)
      await world.publish(0, { ...NOTE, research: { c: 'd', ...red } })
      await world.round(0)
      assert.equal(made(), 1)
    })

    it('are made where it stopped when one could not be written', async () => {
      await world.startAll()
      const { disk } = await world.start(0, { settings: SETTINGS })
      await world.publish(0, NOTE)
      let batches = 0
      disk.onBatch = () => {
        // The deposit of the partner part is written, that of the research part is not.
        if ((batches += 1) === 2) throw new Error('the disk is full')
      }
      world.line = () => () => Promise.resolve(undefined)
      await world.round(0)
      assert.match(world.member(0).escrow.trouble() ?? '', /nothing is disclosed/)
      disk.onBatch = () => undefined
      await world.round(0)
      assert.equal(world.member(0).escrow.trouble(), undefined)
      const tiers: string[] = []
      for await (const { entry } of world.member(0).trail.entries()) tiers.push(String(entry.facts['tier']))
      assert.deepEqual(tiers, ['partner', 'research'])
    })

    it('wait for the log of a holder, and say so', async () => {
      await world.start(0, { settings: SETTINGS }, world.alone.copy())
      await world.publish(0, NOTE)
      await world.round(0)
      assert.match(world.member(0).escrow.trouble() ?? '', /no box key of b.example is known yet/)
      assert.equal(made(), 0)
    })

    it('wait while nothing can be sealed to a key that a holder declares', async () => {
      await world.startAll()
      await world.publish(1, SMALL_ORDER)
      await world.start(0, { settings: SETTINGS }, world.member(0).disk)
      await world.publish(0, NOTE)
      await world.round(0)
      assert.match(
        world.member(0).escrow.trouble() ?? '',
        /nothing can be sealed to the box key of b.example/,
      )
      assert.deepEqual(await world.steps(0), [])
    })

    it('are never made with somebody who has no vote', async () => {
      const alone = await EscrowWorld.make(2)
      try {
        const settings = { ...SETTINGS, threshold: 2, holders: ['b.example', 'c.example'] }
        await assert.rejects(alone.start(0, { settings }), refusedWith('CONFIGURATION', /no voting member/))
      } finally {
        alone.remove()
      }
    })

    it('are never deeper than what may leave this node', () => {
      for (const limit of ['research', 'partner', 'public', 'none'] as const)
        for (const tier of ['partner', 'research'] as const) {
          const expect = () => expectWithin([tier], limit, 'NOT_ALLOWED')
          if (limit === 'research' || limit === tier) expect()
          else assert.throws(expect, refusedWith('NOT_ALLOWED', /publishing.maxTier/))
        }
    })

    const settings: readonly (readonly [string, Partial<typeof SETTINGS>, RegExp])[] = [
      ['ourselves', { holders: ['a.example', 'b.example', 'c.example'] }, /our own/],
      ['somebody twice', { holders: ['b.example', 'b.example', 'c.example'] }, /twice/],
      ['a stranger', { holders: ['b.example', 'c.example', 'z.example'] }, /"z.example" is no voting member/],
      ['more shares than holders', { threshold: 5 }, /cannot be had/],
      ['a single share', { threshold: 1 }, /alone/],
      ['13 days', { afterDays: 13 }, /holiday/],
      ['eleven years', { afterDays: 4_000 }, /at most/],
      ['17 holders', { holders: Array.from({ length: 17 }, (_, at) => `h${at}.example`) }, /at most 16/],
    ]
    for (const [name, changes, words] of settings) {
      it(`are not made with ${name}`, async () => {
        const wrong = { ...SETTINGS, ...changes }
        await assert.rejects(world.start(0, { settings: wrong }), refusedWith('CONFIGURATION', words))
      })
    }
  })
})

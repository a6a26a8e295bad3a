import assert from 'node:assert/strict'
import { SECRETS } from '../../support/parties.ts'
import { DAY, SECONDS } from '../../support/escrow-craft.ts'
import { bent, EscrowWorld, refusedWith, WHY } from '../../support/escrow-world.ts'
import { counting } from '../../support/statements.ts'
import { parseAccess } from '../../../protocol/access/signed.ts'
import { parseRelease } from '../../../protocol/access/release.ts'
import { native } from '../../../node/keys/native.ts'
import { branded } from '../../../protocol/brand.ts'
import { keyId, type PublicKey } from '../../../protocol/identity/key.ts'
import { recover } from '../../../node/escrow/recovering.ts'
import { release } from '../../../node/escrow/sharing.ts'
import { forgetErased } from '../../../node/store/forgetting.ts'

describe('parts in escrow', function () {
  this.timeout(30_000)
  let world: EscrowWorld

  before(async () => {
    world = await EscrowWorld.make()
  })
  beforeEach(() => world.reset())
  after(() => world.remove())

  describe('while they are recovered', () => {
    it('open with k shares and stay shut with k − 1', async () => {
      await world.startAll()
      const id = await world.silent()
      await recover(world.member(1).escrow.desk, id, WHY)
      await release(world.member(2).escrow.desk, id, { to: 'b.example', ...WHY })
      await recover(world.member(1).escrow.desk, id, WHY)
      assert.deepEqual(
        [(await world.kept(1, id))?.state, (await world.kept(1, id))?.gathered.length],
        ['held', 1],
      )
      await release(world.member(4).escrow.desk, id, { to: 'b.example', ...WHY })
      await recover(world.member(1).escrow.desk, id, WHY)
      const done = await world.kept(1, id)
      assert.deepEqual([done?.state, done?.gathered], ['recovered', []])
      const opened = parseRelease((await world.member(1).escrow.desk.kept.recovered(id)) ?? new Uint8Array(0))
      assert.ok(opened.ok && JSON.stringify(opened.value).includes(SECRETS[1]))
      assert.deepEqual(await world.steps(1), [
        'kept',
        'released',
        'recalled',
        'gathered',
        'gathered',
        'recovered',
      ])
      assert.deepEqual(await world.steps(2), ['kept', 'called', 'released', 'shared'])
      assert.deepEqual(await world.steps(3), ['kept', 'called'])
      // Said again it changes nothing.
      await recover(world.member(1).escrow.desk, id, WHY)
      assert.equal((await world.steps(1)).length, 6)
    })

    it('stay shut while their owner may be there, for whoever asks', async () => {
      await world.startAll()
      const id = await world.silent()
      const objections: readonly (readonly [() => void, RegExp])[] = [
        [() => (world.confirmedAt = world.now - 89 * DAY), /silent for as long/],
        [() => (world.isFresh = false), /not heard enough/],
        [() => world.away.delete(0), /connected/],
      ]
      for (const [change, words] of objections) {
        world.away.add(0)
        world.isFresh = true
        world.confirmedAt = SECONDS
        change()
        const { desk } = world.member(1).escrow
        await assert.rejects(recover(desk, id, WHY), refusedWith('NOT_ALLOWED', words))
        await assert.rejects(
          release(desk, id, { to: 'c.example', ...WHY }),
          refusedWith('NOT_ALLOWED', words),
        )
      }
      assert.deepEqual(await world.steps(1), ['kept'])
    })

    it('stay shut where the owner came back after a person had decided', async () => {
      await world.startAll()
      const id = await world.silent()
      for (const at of [2, 3]) await release(world.member(at).escrow.desk, id, { to: 'b.example', ...WHY })
      world.line = (_, to) => (_message, answer) => {
        world.confirmedAt = to === 1 ? SECONDS : world.now
        return answer()
      }
      await recover(world.member(1).escrow.desk, id, WHY)
      const { gathered, answers, state } = (await world.kept(1, id)) ?? {}
      assert.deepEqual([state, gathered], ['held', []])
      assert.ok(answers?.every(({ domain, why }) => domain === 'e.example' || why === 'owner-heard'))
      assert.ok(!(await world.steps(2)).includes('shared'))
    })

    it('are let go to holders alone, and not to oneself', async () => {
      await world.startAll()
      const id = await world.silent()
      const { desk } = world.member(1).escrow
      for (const to of ['b.example', 'a.example', 'z.example'])
        await assert.rejects(
          release(desk, id, { to, ...WHY }),
          refusedWith('USAGE', /another of the holders/),
        )
      const unknown = counting(32, 9)
      await assert.rejects(
        release(desk, unknown, { to: 'c.example', ...WHY }),
        refusedWith('NOT_FOUND', /no such/),
      )
      await assert.rejects(recover(desk, unknown, WHY), refusedWith('NOT_FOUND', /no such/))
    })

    it('let no share go that is not in the trail first', async () => {
      await world.startAll()
      const id = await world.silent()
      const left: string[][] = []
      world.line = (_, to) => async (_message, answer) => {
        const given = await answer()
        // What a kill at this very moment would leave of it.
        const disk = world.member(to).disk.copy()
        if (given?.kind === 'share') left.push([...(await world.stepsOn(to, disk))])
        return given
      }
      await recover(world.member(1).escrow.desk, id, WHY)
      await release(world.member(2).escrow.desk, id, { to: 'b.example', ...WHY })
      const { disk } = world.member(2)
      disk.onBatch = () => {
        throw new Error('the disk is full')
      }
      await recover(world.member(1).escrow.desk, id, WHY)
      assert.deepEqual((await world.kept(1, id))?.gathered, [])
      assert.equal(
        (await world.kept(1, id))?.answers.find(({ domain }) => domain === 'c.example')?.why,
        'wait',
      )
      disk.onBatch = () => undefined
      await recover(world.member(1).escrow.desk, id, WHY)
      assert.equal((await world.kept(1, id))?.gathered.length, 1)
      assert.deepEqual(left, [['kept', 'called', 'released', 'shared']])
    })

    it('stay shut where we have no box key in force', async () => {
      await world.startAll()
      const id = await world.silent()
      const { disk } = await world.start(1, { boxKey: () => undefined }, world.member(1).disk)
      assert.ok(disk.size > 0)
      const { desk } = world.member(1).escrow
      await assert.rejects(recover(desk, id, WHY), refusedWith('KEY_NOT_IN_FORCE', /no box key/))
      assert.deepEqual(await world.steps(1), ['kept'])
    })

    it('are asked for anew once our box key was rotated', async () => {
      await world.startAll()
      const id = await world.silent()
      await recover(world.member(1).escrow.desk, id, WHY)
      const first = (await world.kept(1, id))?.recall
      await recover(world.member(1).escrow.desk, id, WHY)
      assert.deepEqual((await world.kept(1, id))?.recall, first)
      const document = { v: 1, retire: keyId(native, branded<PublicKey>(world.parties.party(1).box)) }
      await world.publish(1, { kind: 'key', public: document })
      world.now += 3_600
      await recover(world.member(1).escrow.desk, id, WHY)
      assert.notDeepEqual((await world.kept(1, id))?.recall, first)
    })

    it('name the holder that gives an altered share, or another’s word, and go on with the others', async () => {
      await world.startAll()
      const id = await world.silent()
      for (const at of [2, 3, 4]) await release(world.member(at).escrow.desk, id, { to: 'b.example', ...WHY })
      world.line = (_, to) => async (_message, answer) => {
        const given = await answer()
        if (given?.kind !== 'share') return given
        const { sealed, release: word } = given
        if (to === 2) return { ...given, sealed: sealed.with(50, (sealed[50] ?? 0) ^ 1) }
        return to === 3 ? { ...given, release: bent(word) } : given
      }
      await recover(world.member(1).escrow.desk, id, WHY)
      const one = await world.kept(1, id)
      assert.deepEqual(
        one?.answers.toSorted((a, b) => (a.domain < b.domain ? -1 : 1)),
        [
          { domain: 'c.example', why: 'other-share' },
          { domain: 'd.example', why: 'other-release' },
        ],
      )
      assert.deepEqual(
        one?.gathered.map(({ domain }) => domain),
        ['e.example'],
      )
      world.line = () => (_, answer) => answer()
      await recover(world.member(1).escrow.desk, id, WHY)
      assert.equal((await world.kept(1, id))?.state, 'recovered')
    })

    it('show an owner that deposited what nobody can open, or another part', async () => {
      await world.startAll()
      const other = await world.craft()
      const mixed = await world.craft(
        {},
        { shares: (good) => [...good.slice(0, 1), ...other.shares.slice(1)] },
      )
      const notIt = await world.craft(
        {},
        {
          release: { kind: 'whole', opening: counting(32, 1), secret: counting(32, 2), document: { a: 'b' } },
        },
      )
      for (const [crafted, why] of [
        [mixed, 'sealed-commitment'],
        [notIt, 'part-commitment'],
      ] as const) {
        world.now = SECONDS
        world.away.clear()
        const id = await world.silent(crafted)
        for (const at of [2, 3]) await release(world.member(at).escrow.desk, id, { to: 'b.example', ...WHY })
        await recover(world.member(1).escrow.desk, id, WHY)
        const one = await world.kept(1, id)
        assert.deepEqual([one?.state, one?.why], ['false', why])
        assert.equal(await world.member(1).escrow.desk.kept.recovered(id), undefined)
      }
    })
  })

  describe('once they are erased', () => {
    const erase = (tiers: readonly string[]) =>
      world.publish(0, { kind: 'erase', on: world.on, public: { tiers, basis: 'safety' } })

    it('go at their owner and at every holder, recovered or not, and are refused from then on', async () => {
      await world.startAll()
      const id = await world.deposit()
      world.away.add(4)
      await world.round(0)
      world.away.add(0)
      world.now = SECONDS + 91 * DAY
      for (const at of [2, 3]) await release(world.member(at).escrow.desk, id, { to: 'b.example', ...WHY })
      await recover(world.member(1).escrow.desk, id, WHY)
      assert.equal((await world.kept(1, id))?.state, 'recovered')
      world.away.delete(0)
      await erase(['partner'])
      for (const at of [0, 1, 2]) await world.round(at)
      assert.equal((await world.kept(1, id))?.state, 'recovered')
      await erase(['research'])
      const { deposits } = world.member(0).escrow.desk
      await world.member(0).escrow.heedErasures()
      assert.equal(await deposits.ciphertext(id), undefined)
      for (const at of [1, 2, 3]) await world.round(at)
      for (const at of [1, 2, 3]) {
        const { desk } = world.member(at).escrow
        assert.deepEqual(
          [(await world.kept(at, id))?.state, (await world.kept(at, id))?.share],
          ['erased', null],
        )
        assert.deepEqual(
          [await desk.kept.ciphertext(id), await desk.kept.recovered(id)],
          [undefined, undefined],
        )
        assert.deepEqual(desk.kept.tally('a.example'), { deposits: 0, bytes: 0 })
        await assert.rejects(recover(desk, id, WHY), refusedWith('NOT_FOUND', /erased/))
      }
      world.away.clear()
      await world.round(0)
      // The one that was away never had it.
      assert.deepEqual(await world.holderStates(id), ['erased', 'erased', 'erased', 'none'])
      const again = await world.craft()
      const answer = (await world.bring(4, again)).answer
      assert.deepEqual(answer, { kind: 'refused', reason: 'part-erased' })
    })

    it('are found after a restart, whenever the erasure came', async () => {
      await world.startAll()
      const crafted = await world.craft()
      await world.bring(2, crafted)
      const { disk } = world.member(2)
      await erase(['research'])
      await world.start(2, {}, disk)
      await world.round(2)
      assert.equal((await world.kept(2, crafted.id))?.state, 'erased')
      const { answer } = await world.bring(2, crafted)
      assert.equal(answer.kind, 'kept')
      const ack = answer.kind === 'kept' ? parseAccess(answer.ack) : undefined
      assert.ok(ack?.ok === true && ack.value.statement.kind === 'escrow-ack')
      assert.equal(ack.value.statement.state, 'erased')
    })

    it('are said to be erased when their bytes have left the files, too', async () => {
      await world.startAll()
      const crafted = await world.craft()
      await world.bring(2, crafted)
      const { disk } = world.member(2)
      await erase(['research'])
      await world.start(2, { free: () => Promise.reject(new Error('the disk refuses')) }, disk)
      await world.round(2)
      assert.equal((await world.kept(2, crafted.id))?.state, 'erased')
      assert.deepEqual((await world.bring(2, crafted)).answer, { kind: 'wait' })
      await forgetErased(Object.assign(disk, { compact: () => Promise.resolve() }), 'sealed')
      assert.equal((await world.bring(2, crafted)).answer.kind, 'kept')
    })

    it('tell another holder that asks', async () => {
      await world.startAll()
      const id = await world.silent()
      await recover(world.member(1).escrow.desk, id, WHY)
      await erase(['research'])
      await world.round(2)
      await recover(world.member(1).escrow.desk, id, WHY).catch(() => undefined)
      assert.equal(
        (await world.kept(1, id))?.answers.find(({ domain }) => domain === 'c.example')?.why,
        'part-erased',
      )
    })
  })
})

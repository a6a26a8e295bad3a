import assert from 'node:assert/strict'
import type { AccessAnswer } from '../../../protocol/access/message.ts'
import type { AskedCase } from '../../../node/disclosure/asked.ts'
import type { Reply } from '../../../node/disclosure/reader.ts'
import { AccessWorld, SECONDS } from '../../support/access-world.ts'
import { startDisclosure } from '../../support/disclosing.ts'
import type { Crafted } from '../../support/lying-owner.ts'
import { ReaderDesk, say } from '../../support/reader-desk.ts'
import { NOW } from '../../support/parties.ts'
import { counting } from '../../support/statements.ts'
import { until } from '../../support/until.ts'

describe('a hostile owner, after a grant,', () => {
  let world: AccessWorld
  let desk: ReaderDesk

  before(async () => {
    world = await AccessWorld.make()
  })

  after(() => world.remove())

  beforeEach(async () => {
    desk = await ReaderDesk.open(world)
  })

  it('that sends a key for nobody, or for other content, is not believed', async () => {
    const first = await desk.received()
    desk.owner.lie = () => say({ kind: 'key', sealed: counting(80, 1) })
    assert.deepEqual(stateOf(await desk.goOn(first.id)), ['false', 'sealed-recipient'])
    const made: { other?: Crafted } = {}
    desk.owner.lie = async (message) => {
      if (message.kind !== 'request') return made.other?.key
      made.other = await desk.owner.craft(message)
      return (await desk.owner.craft(message)).granted
    }
    // The key of one grant is authenticated for it, and is none under another.
    assert.deepEqual(stateOf(await desk.asked()), ['false', 'sealed-recipient'])
  })

  /** Everything that an owner can say, none of which is the key. */
  const answers: Readonly<Record<string, (one: AskedCase) => AccessAnswer | Promise<Reply>>> = {
    'a second grant': (one) =>
      desk.owner.craft({ kind: 'request', signed: one.request }).then(({ granted }) => granted),
    'a denial': (one) => ({ kind: 'denied', denial: desk.denialOf(one), terms: null }),
    'that a person decides': () => ({ kind: 'pending' }),
    'a note of nothing': () => ({ kind: 'noted' }),
    'that it was public': () => ({ kind: 'public' }),
    'a forged revocation': (one) => ({ kind: 'revoked', revocation: desk.revocationOf(one, one.grantId, 2) }),
    'the revocation of another grant': (one) => ({
      kind: 'revoked',
      revocation: desk.revocationOf(one, counting(32, 1), 0),
    }),
    'a refusal': () => ({ kind: 'refused', reason: 'something-new' }),
    'a key that was not asked for': () => ({ kind: 'key', sealed: counting(80, 1) }),
  }
  const replyOf = async (made: AccessAnswer | Promise<Reply>): Promise<Reply> =>
    'kind' in made ? say(made) : made

  for (const [name, make] of Object.entries(answers)) {
    if (name !== 'a key that was not asked for')
      it(`changes nothing with ${name} after its grant`, async () => {
        const one = await desk.received()
        const before = await desk.steps()
        desk.owner.lie = () => replyOf(make(one))
        const next = await desk.goOn(one.id)
        assert.equal(next.state, 'received')
        assert.deepEqual([next.grant, next.receipt, next.acks], [one.grant, one.receipt, []])
        assert.deepEqual(await desk.steps(), before)
      })

    it(`takes nothing back with ${name} after the part was opened`, async () => {
      const one = await desk.asked()
      assert.equal(one.state, 'opened')
      const before = await desk.steps()
      desk.owner.lie = () => replyOf(make(one))
      const next = await desk.goOn(one.id)
      assert.deepEqual([next.state, next.acks], ['opened', []])
      assert.notEqual(await desk.release(one), undefined)
      assert.deepEqual(await desk.steps(), before)
      assert.ok(desk.owner.heard.every(({ kind }) => kind !== 'ack'))
    })
  }

  for (const reason of ['malformed', 'no-such-entry', 'part-gone', 'standing-lost']) {
    it(`takes nothing back by refusing for good: ${reason}`, async () => {
      const one = await desk.asked()
      desk.owner.lie = () => say({ kind: 'refused', reason })
      assert.equal((await desk.goOn(one.id)).state, 'opened')
    })
  }

  it('that revokes truly is heeded, and one refusal after it does not undo that', async () => {
    const one = await desk.asked()
    desk.owner.lie = () => say({ kind: 'revoked', revocation: desk.revocationOf(one, one.grantId, 0) })
    await desk.nextDay(one.id)
    desk.owner.lie = () => say({ kind: 'refused', reason: 'malformed' })
    const next = await desk.goOn(one.id)
    assert.deepEqual([next.state, next.acks.length, next.owed.acks], ['revoked', 1, 1])
    desk.owner.lie = () => say({ kind: 'noted' })
    assert.equal((await desk.goOn(one.id)).owed.acks, 0)
    assert.equal(await desk.release(one), undefined)
  })

  it('may revoke before its grant was fetched, and nothing is acknowledged', async () => {
    desk.owner.lie = () => say({ kind: 'pending' })
    const one = await desk.asked()
    desk.owner.lie = () => say({ kind: 'revoked', revocation: desk.revocationOf(one, counting(32, 1), 0) })
    const next = await desk.goOn(one.id)
    assert.deepEqual([next.state, next.acks], ['revoked', []])
    assert.deepEqual(await desk.steps(), ['requested', 'heard'])
  })

  const denials: Readonly<Record<string, readonly [object, number, string]>> = {
    'of something else': [{ request: counting(32, 1) }, 0, 'a denial of something else'],
    'signed by another': [{}, 2, 'key-unknown'],
    'to another': [{ to: counting(32, 1) }, 0, 'an answer to another'],
  }
  for (const [name, [changes, signer, why]] of Object.entries(denials)) {
    it(`ends no request with a denial ${name}`, async () => {
      desk.owner.lie = () => say({ kind: 'wait' })
      const one = await desk.asked()
      desk.owner.lie = () => say({ kind: 'denied', denial: desk.denialOf(one, changes, signer), terms: null })
      assert.deepEqual(stateOf(await desk.goOn(one.id)), ['open', why])
    })
  }

  it('that never answers holds up nothing that others were asked', async () => {
    const asked: string[] = []
    const { parties } = world
    const { disclosure } = await startDisclosure(parties, 1, parties.store(1), {
      ask: (domain) => {
        asked.push(domain)
        return domain === 'a.example'
          ? new Promise(() => undefined)
          : Promise.resolve(say({ kind: 'pending' }))
      },
    })
    const { origin } = parties.party(2)
    await disclosure.reader.make(world.request())
    const { id } = await disclosure.reader.make(world.request({ owner: origin, on: { ...world.on, origin } }))
    disclosure.tick()
    await until('the other is asked', async () => (await disclosure.reader.caseOf(id)).state === 'pending')
    assert.deepEqual(asked.toSorted(), ['a.example', 'c.example'])
  })

  const noTime: Readonly<Record<string, () => Promise<Reply | undefined>>> = {
    'says that it is busy': () => Promise.resolve(say({ kind: 'wait' })),
    'says nothing': () => Promise.resolve(undefined),
    fails: () => Promise.reject(new Error('the stream was reset')),
  }
  for (const [name, lie] of Object.entries(noTime)) {
    it(`that ${name} is asked for one request in a round, and no other is put off`, async () => {
      const { parties } = world
      const clock = { now: NOW }
      let asked = 0
      const { disclosure } = await startDisclosure(parties, 1, parties.store(1), {
        now: () => clock.now,
        ask: () => {
          asked += 1
          return lie()
        },
      })
      const { reader } = disclosure
      const ids: Uint8Array[] = []
      for (const days of [10, 11, 12]) {
        const { id } = await reader.make(world.request({ until: SECONDS + days * 86_400 }))
        ids.push(id)
      }
      const tries = async () => Promise.all(ids.map(async (id) => (await reader.caseOf(id)).tries))
      for (const round of [1, 2, 3]) {
        disclosure.tick()
        await disclosure.stop()
        assert.equal(asked, round)
      }
      assert.deepEqual((await tries()).toSorted(), [1, 1, 1])
    })
  }

  it('that cannot be reached puts nothing off', async () => {
    const { parties } = world
    const { disclosure } = await startDisclosure(parties, 1, parties.store(1), { isAway: true })
    const { id } = await disclosure.reader.make(world.request())
    for (let round = 0; round < 3; round++) {
      disclosure.tick()
      await disclosure.stop()
    }
    const { tries, nextAt, state } = await disclosure.reader.caseOf(id)
    assert.deepEqual([state, tries, nextAt], ['open', 0, 0])
  })
})

const stateOf = ({ state, why }: AskedCase) => [state, why]

import assert from 'node:assert/strict'
import { isSigned, parseAccess } from '../../../protocol/access/signed.ts'
import { AccessDesk, refusal, type Said } from '../../support/access-desk.ts'
import { AccessWorld, SECONDS, type Accredited } from '../../support/access-world.ts'
import { counting } from '../../support/statements.ts'

describe('a hostile requester', () => {
  let world: AccessWorld
  let desk: AccessDesk

  before(async () => {
    world = await AccessWorld.make()
  })

  after(() => world.remove())

  beforeEach(async () => {
    desk = await AccessDesk.open(world)
  })

  const refusals: Readonly<Record<string, () => readonly [Said, string]>> = {
    'brings a request that another made': () => [
      { ...desk.byReader(world.request()), peer: desk.node(2) },
      'other-peer',
    ],
    'claims a node that is none of the member it speaks for': () => [
      { signed: world.signed(world.request({ peer: desk.node(2) })), peer: desk.node(2) },
      'other-peer',
    ],
    'has the answer sealed to a box key of its own': () => [
      desk.byReader(world.request({ box: world.stranger.box })),
      'box-unknown',
    ],
    'forges the signature of a member': () => [
      { signed: world.forged(world.request(), world.signer(1), world.signer(2)), peer: desk.node(1) },
      'key-unknown: a forged claim',
    ],
    'speaks for a member with the key of another': () => [
      { signed: world.signed(world.request(), world.signer(2)), peer: desk.node(1) },
      'key-unknown',
    ],
    'speaks for a member with a key that nobody knows': () => [
      {
        signed: world.signed(world.request(), world.stranger.keystore.signer('statement')),
        peer: desk.node(1),
      },
      'key-unknown',
    ],
    'speaks for a log that no member has': () => {
      const from = world.parties.party(1).origin.replace('b.example', 'x.example')
      return [desk.byReader(world.request({ from })), 'key-unknown']
    },
    'borrows the accreditation of another': () => [
      {
        signed: world.signed(world.research('in force'), world.stranger.keystore.signer('statement')),
        peer: world.researcher.node,
      },
      'key-unknown',
    ],
    'forges the signature of a researcher': () => [
      {
        signed: world.forged(
          world.research('in force'),
          world.researcher.keystore.signer('statement'),
          world.stranger.keystore.signer('statement'),
        ),
        peer: world.researcher.node,
      },
      'key-unknown: a forged claim',
    ],
    'adds the accreditation of another to its own membership': () => [
      desk.byReader(world.request({ accreditation: world.accreditation('in force') })),
      'key-unknown',
    ],
    'names an accreditation that is not one': () => [
      desk.byResearcher(world.research('in force', { accreditation: world.on })),
      'key-unknown',
    ],
    'claims nothing': () => [desk.byReader(world.request({ from: null })), 'no-standing'],
    'writes from the future': () => [desk.byReader(world.request({ at: SECONDS + 301 })), 'not-yet'],
    'comes when its request is over': () => [
      desk.byReader(world.request({ at: SECONDS - 90, expires: SECONDS })),
      'expired',
    ],
    'asks for a record of another': () => [
      desk.byReader(world.request({ on: world.accreditation('by the wrong body') })),
      'no-such-entry',
    ],
    'asks under another owner': () => [
      desk.byReader(world.request({ owner: world.parties.party(2).origin })),
      'other-owner',
    ],
    'asks in another network': () => {
      const { networkId } = world.parties.charter
      const other = 'a'.repeat(52)
      const { from, owner: asked, on, ...rest } = world.request()
      const inOther = (origin: string) => origin.replace(networkId, other)
      const moved = {
        from: inOther(from ?? ''),
        owner: inOther(asked),
        on: { ...on, origin: inOther(on.origin) },
      }
      return [desk.byReader({ ...rest, ...moved, network: other }), 'no-such-entry']
    },
    'asks for an entry that is not there': () => [
      desk.byReader(world.request({ on: { ...world.on, index: 9_999 } })),
      'no-such-entry',
    ],
    'asks for another entry than it names': () => [
      desk.byReader(world.request({ on: { ...world.on, leaf: counting(32, 1) } })),
      'no-such-entry',
    ],
    'sends something else for a request': () => {
      const appeal = { kind: 'appeal', network: world.parties.charter.networkId, at: SECONDS } as const
      const other = { ...appeal, from: world.parties.party(1).origin, denial: counting(32, 1), reason: 'x' }
      return [desk.byReader(other), 'malformed: no request']
    },
    'sends no statement at all': () => [
      { signed: counting(64, 1), peer: desk.node(1) },
      'malformed: access-envelope',
    ],
  }

  for (const [name, make] of Object.entries(refusals)) {
    it(`that ${name} is refused without a trace`, async () => {
      const [said, expected] = make()
      await desk.leavesNoTrace(async () => assert.equal(refusal(await desk.say('request', said)), expected))
    })
  }

  it('that alters any byte of a request is refused without a trace', async () => {
    const { signed, peer } = desk.byReader(world.request())
    await desk.leavesNoTrace(async () => {
      for (const at of signed.keys()) {
        const altered = signed.map((byte, index) => (index === at ? byte ^ (1 << (at % 8)) : byte))
        const { answer } = await desk.say('request', { signed: altered, peer })
        assert.equal(answer.kind, 'refused', `byte ${at}`)
      }
    })
  })

  it('that asks a thousand times without proof leaves no trace', async () => {
    const stranger = world.stranger.keystore.signer('statement')
    await desk.leavesNoTrace(async () => {
      for (let i = 0; i < 1_000; i++) {
        const signed = world.signed(
          world.request({ from: i % 2 === 0 ? null : world.request().from }),
          stranger,
        )
        const { answer } = await desk.say('request', { signed, peer: desk.node(1) })
        assert.equal(answer.kind, 'refused')
      }
    })
  })

  const denials: readonly (readonly [Accredited, string])[] = [
    ['by the wrong body', 'accreditation_incomplete'],
    ['expired', 'accreditation_expired'],
    ['not yet', 'accreditation_not_yet'],
    ['revoked', 'accreditation_revoked'],
    ['of another sector', 'scope_sector'],
    ['of another purpose', 'scope_purpose'],
  ]
  for (const [name, reason] of denials) {
    it(`with an accreditation ${name} is denied, signed`, async () => {
      const { answer } = await desk.say('request', desk.byResearcher(world.research(name)))
      assert.ok(answer.kind === 'denied')
      const denial = parseAccess(answer.denial)
      assert.ok(denial.ok && isSigned(denial.value, 'denial'))
      assert.equal(denial.value.statement.reason, reason)
    })
  }

  it('that replays its own request gets the answer it had, and nothing is written', async () => {
    const said = desk.byReader(world.request())
    const first = await desk.say('request', said)
    assert.equal(first.answer.kind, 'granted')
    await desk.leavesNoTrace(async () => assert.deepEqual(await desk.say('request', said), first))
    assert.equal(refusal(await desk.say('request', { ...said, peer: desk.node(2) })), 'other-peer')
  })

  it('that asks more often than the rate allows is refused from then on', async () => {
    for (let i = 0; i < 20; i++)
      assert.equal((await desk.say('request', desk.byReader(world.request()))).answer.kind, 'granted')
    await desk.leavesNoTrace(async () => {
      assert.equal(refusal(await desk.say('request', desk.byReader(world.request()))), 'too-many')
      // And a restart does not forget it.
      await desk.owner.disclosure.gate.open()
      assert.equal(refusal(await desk.say('request', desk.byReader(world.request()))), 'too-many')
    })
  })
})

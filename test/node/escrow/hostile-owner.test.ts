import assert from 'node:assert/strict'
import { prepareAccess, sealAccess } from '../../../protocol/access/signed.ts'
import type { EscrowAnswered } from '../../../node/escrow/parts.ts'
import { resealed, type Crafted } from '../../support/escrow-craft.ts'
import { bent, EscrowWorld } from '../../support/escrow-world.ts'
import { counting } from '../../support/statements.ts'

/** An answer in a word, and whether its sender pays. */
function said({ answer, fault }: EscrowAnswered): string {
  const word = answer.kind === 'refused' ? answer.reason : answer.kind
  return fault === undefined ? word : `${word}: ${fault}`
}

describe('a holder and whoever brings it a deposit', function () {
  this.timeout(20_000)
  let world: EscrowWorld

  before(async () => {
    world = await EscrowWorld.make()
  })
  beforeEach(async () => {
    world.reset()
    await world.start(0)
    await world.start(1)
  })
  after(() => world.remove())

  /** Nothing is written, not even a line that somebody came. */
  const leavesNoTrace = async (work: () => Promise<void>) => {
    const { disk, trail } = world.member(1)
    const before = [disk.size, trail.head().size]
    await work()
    assert.deepEqual([disk.size, trail.head().size], before)
  }

  it('keeps a good one, and says the same when it comes again', async () => {
    const good = await world.craft()
    const first = await world.bring(1, good)
    assert.equal(said(first), 'kept')
    const kept = await world.kept(1, good.id)
    assert.deepEqual(kept?.share, good.shares[0])
    assert.deepEqual(await world.bring(1, good), first)
    assert.deepEqual(world.member(1).escrow.desk.kept.tally('a.example'), { deposits: 1, bytes: 4_112 })
    assert.deepEqual(await world.steps(1), ['kept'])
  })

  it('tells nobody but the owner what it keeps', async () => {
    const good = await world.craft()
    await world.bring(1, good)
    const peer = world.parties.party(2).node
    assert.equal(said(await world.say(1, { kind: 'state', escrow: good.id })), 'kept')
    assert.equal(said(await world.say(1, { kind: 'state', escrow: good.id }, { peer })), 'unknown-deposit')
    assert.equal(said(await world.say(1, { kind: 'state', escrow: counting(32, 1) })), 'unknown-deposit')
    const again = {
      kind: 'deposit',
      signed: good.signed,
      share: good.sealed[0] ?? new Uint8Array(81),
    } as const
    assert.equal(said(await world.say(1, again, { peer })), 'unknown-deposit')
  })

  it('refuses what is wrong in one thing, and keeps nothing of it', async () => {
    const owner = world.parties.party(0)
    const other = world.parties.party(2)
    const holders = (await world.craft()).statement.holders
    const elsewhere = { ...world.on, index: world.on.index, leaf: counting(32, 9) }
    const cases: readonly (readonly [string, Promise<Crafted>])[] = [
      [
        'other-network',
        world.craft({
          network: 'b'.repeat(51) + 'a',
          owner: `a.example/candor/${'b'.repeat(51)}a/1`,
          on: { ...world.on, origin: `a.example/candor/${'b'.repeat(51)}a/1` },
        }),
      ],
      ['no-standing', world.craft({ owner: owner.origin.replace('a.example', 'z.example') })],
      ['owner-moved', world.craft({ owner: owner.origin.replace(/1$/, '2') })],
      [
        'other-peer',
        world.craft({
          owner: other.origin,
          holders: holders.filter(({ domain }) => domain !== other.domain),
        }),
      ],
      ['key-unknown', world.craft({}, { signer: world.signer(3) })],
      ['not-named', world.craft({ holders: holders.slice(1) })],
      [
        'holder-unknown',
        world.craft({
          holders: [
            ...holders,
            { ...(holders[0] ?? { box: counting(32, 0), share: counting(32, 0) }), domain: 'z.example' },
          ],
        }),
      ],
      ['wait', world.craft({ on: { ...world.on, index: 999 } })],
      ['no-such-entry', world.craft({ on: elsewhere })],
      ['no-such-entry', world.craft({ on: { ...world.on, origin: other.origin } })],
      ['other-commitment', world.craft({ commitment: counting(32, 5) })],
      [
        'other-commitment',
        world.craft({ tier: 'partner', commitment: (await world.craft()).statement.commitment }),
      ],
      ['box-unknown', world.craft({ holders: holders.map((one) => ({ ...one, box: other.box })) })],
    ]
    await leavesNoTrace(async () => {
      for (const [reason, crafting] of cases) assert.equal(said(await world.bring(1, await crafting)), reason)
    })
  })

  it('makes a forger pay', async () => {
    const { statement, sealed } = await world.craft()
    const prepared = prepareAccess(statement, world.signer(0).keyId)
    const forged = sealAccess(prepared, world.signer(2).sign(prepared.toBeSigned))
    const message = { kind: 'deposit', signed: forged, share: sealed[0] ?? new Uint8Array(81) } as const
    await leavesNoTrace(async () => {
      assert.equal(said(await world.say(1, message)), 'key-unknown: a forged deposit')
      const rubbish = { ...message, signed: counting(100, 1) }
      assert.match(said(await world.say(1, rubbish)), /^malformed: access-envelope/)
      const ack = world.signed({
        kind: 'escrow-ack',
        network: statement.network,
        at: 1,
        from: world.parties.party(0).origin,
        escrow: counting(32, 1),
        state: 'held',
      })
      assert.equal(said(await world.say(1, { ...message, signed: ack })), 'malformed: no deposit')
      assert.equal(said(await world.say(1, { kind: 'recall', signed: ack })), 'malformed: no recall')
    })
  })

  it('refuses a share that is another, that does not open, and a ciphertext that is another', async () => {
    const good = await world.craft()
    const [own, next] = good.sealed
    const deposit = (share: Uint8Array | undefined) =>
      ({ kind: 'deposit', signed: good.signed, share: share ?? new Uint8Array(81) }) as const
    const swapped = await world.craft({}, { shares: (shares) => shares.toReversed() })
    await leavesNoTrace(async () => {
      assert.equal(said(await world.say(1, deposit(next))), 'other-share: a share that does not open')
      const altered = own?.with(40, (own[40] ?? 0) ^ 1)
      assert.equal(said(await world.say(1, deposit(altered))), 'other-share: a share that does not open')
      const ciphertext = bent(good.ciphertext)
      for (const wrong of [ciphertext, good.ciphertext.slice(1), new Uint8Array(0)])
        assert.equal(
          said(await world.bring(1, good, wrong)),
          'other-ciphertext: another ciphertext than the deposit names',
        )
    })
    // Shares in another order are as good as any: each is the one that its holder is named with.
    assert.equal(said(await world.bring(1, swapped)), 'kept')
  })

  it('keeps no share whose digest is not named, though it opens', async () => {
    const good = await world.craft()
    const holders = good.statement.holders.map((one, at) =>
      at === 0 ? { ...one, share: counting(32, 1) } : one,
    )
    const wrong = await world.craft({ holders })
    // Sealed for these very words, but of other bytes than the digest says.
    const sealed = await resealed(wrong, 0)
    const message = { kind: 'deposit', signed: wrong.signed, share: sealed } as const
    await leavesNoTrace(async () => {
      const answer = await world.say(1, message, { ciphertext: wrong.ciphertext })
      assert.equal(said(answer), 'other-share: another share than the deposit names')
    })
  })

  it('keeps as much of one owner as it is bound to, and as much of the next', async () => {
    const bounds = { deposits: 2, bytes: 3 * 4_112 }
    await world.start(1, { bounds })
    assert.equal(said(await world.bring(1, await world.craft())), 'kept')
    assert.equal(said(await world.bring(1, await world.craft())), 'kept')
    assert.equal(said(await world.bring(1, await world.craft())), 'too-many')
    const disk = world.member(1).disk
    // A restart does not forget what it counted.
    await world.start(1, { bounds }, disk)
    assert.equal(said(await world.bring(1, await world.craft())), 'too-many')
    await world.start(1, { bounds: { deposits: 9, bytes: 3 * 4_112 } }, disk)
    assert.equal(said(await world.bring(1, await world.craft())), 'kept')
    assert.equal(said(await world.bring(1, await world.craft())), 'too-many')
  })

  it('acknowledges nothing that is not on disk', async () => {
    const good = await world.craft()
    const { disk } = world.member(1)
    disk.onBatch = () => {
      throw new Error('the disk is full')
    }
    assert.equal(said(await world.bring(1, good)), 'wait')
    disk.onBatch = () => undefined
    assert.equal(await world.kept(1, good.id), undefined)
    assert.equal(said(await world.bring(1, good)), 'kept')
  })

  it('answers nothing while it may sign nothing', async () => {
    await world.start(1, { mayPublish: () => false })
    assert.equal(said(await world.bring(1, await world.craft())), 'wait')
  })
})

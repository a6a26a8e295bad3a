import assert from 'node:assert/strict'
import type { GateAnswer } from '../../../node/disclosure/gate.ts'
import { revoke } from '../../../node/disclosure/person.ts'
import { AccessDesk, refusal, type Said } from '../../support/access-desk.ts'
import { AccessWorld, idOf, SECONDS } from '../../support/access-world.ts'
import { counting } from '../../support/statements.ts'

describe('a hostile requester, after a grant,', () => {
  let world: AccessWorld
  let desk: AccessDesk

  before(async () => {
    world = await AccessWorld.make()
  })

  after(() => world.remove())

  beforeEach(async () => {
    desk = await AccessDesk.open(world)
  })

  /** A request that was granted, and the receipt that belongs to it. */
  const granted = async (said: Said = desk.byReader(world.request())) => {
    const { answer } = await desk.say('request', said)
    return { said, answer, receipt: world.receipt(answer, said.signed) }
  }

  const wrongReceipts: Readonly<
    Record<string, (made: Awaited<ReturnType<typeof granted>>) => readonly [Said, string]>
  > = {
    'another signed': ({ receipt }) => [
      { signed: world.signed(receipt, world.signer(2)), peer: desk.node(1) },
      'key-unknown: a receipt signed by another',
    ],
    'is forged': ({ receipt }) => [
      { signed: world.forged(receipt, world.signer(1), world.signer(2)), peer: desk.node(1) },
      'key-unknown: a receipt signed by another',
    ],
    'another brings': ({ receipt }) => [{ ...desk.byReader(receipt), peer: desk.node(2) }, 'unknown-request'],
    'speaks for another': ({ receipt }) => [
      desk.byReader({ ...receipt, from: null }),
      'key-unknown: a receipt signed by another',
    ],
    'is for another ciphertext': ({ receipt }) => [
      desk.byReader({ ...receipt, ciphertext: counting(32, 1) }),
      'other-grant: a receipt for something else',
    ],
    'is for another key': ({ receipt }) => [
      desk.byReader({ ...receipt, keyCommitment: counting(32, 1) }),
      'other-grant: a receipt for something else',
    ],
    'is for another grant': ({ receipt }) => [
      desk.byReader({ ...receipt, grant: counting(32, 1) }),
      'other-grant: a receipt for something else',
    ],
    'is for no request': ({ receipt }) => [
      desk.byReader({ ...receipt, request: counting(32, 1) }),
      'unknown-request',
    ],
  }
  for (const [name, make] of Object.entries(wrongReceipts)) {
    it(`gets no key for a receipt that ${name}`, async () => {
      const [said, expected] = make(await granted())
      await desk.leavesNoTrace(async () => assert.equal(refusal(await desk.say('receipt', said)), expected))
    })
  }

  it('gets no key while a person has still to decide', async () => {
    const said = desk.byReader(world.request({ purpose: 'research' }))
    assert.equal((await desk.say('request', said)).answer.kind, 'pending')
    const { receipt } = await granted()
    const early = desk.byReader({ ...receipt, request: idOf(said.signed) })
    await desk.leavesNoTrace(async () => assert.equal(refusal(await desk.say('receipt', early)), 'no-grant'))
  })

  const endings: Readonly<Record<string, readonly [(made: { id: Uint8Array }) => Promise<void>, string]>> = {
    ended: [async () => void (desk.now += 31 * 86_400_000), 'grant-ended'],
    'was revoked': [
      ({ id }) => revoke(desk.owner.disclosure.gate, id, { reason: 'mistake', note: null }),
      'revoked',
    ],
    'is no longer known to be good': [async () => void (desk.now += 2 * 86_400_000), 'not-fresh'],
  }
  for (const [name, [end, expected]] of Object.entries(endings)) {
    it(`gets no key for a grant that ${name} before the receipt came`, async () => {
      const { said, receipt } = await granted()
      await end({ id: idOf(said.signed) })
      await desk.leavesNoTrace(async () =>
        assert.equal(refusal(await desk.say('receipt', desk.byReader(receipt))), expected),
      )
    })
  }

  it('gets no key when its accreditation was revoked after the grant, whether it is a member or not', async () => {
    const { parties } = world
    const accreditation = await parties.sayOf(
      0,
      parties.accreditation({
        ...world.researcher,
        keystore: parties.party(1).keystore,
        box: parties.party(1).box,
      }),
    )
    await parties.sayOf(2, { act: 'endorse' }, accreditation)
    await parties.share()
    desk = await AccessDesk.open(world)
    const asked = world.request({ tier: 'research', purpose: 'research', accreditation })
    const made = await granted(desk.byReader(asked))
    await parties.sayOf(2, { act: 'revoke', reason: 'terms_broken' }, accreditation)
    await parties.bring(0, desk.owner.logs)
    await desk.leavesNoTrace(async () =>
      assert.equal(refusal(await desk.say('receipt', desk.byReader(made.receipt))), 'standing-lost'),
    )
  })

  it('acknowledges nothing before its receipt, so that the trail of an honest owner stays in order', async () => {
    const { said, answer } = await granted()
    const { networkId: network } = world.parties.charter
    const ack = {
      kind: 'ack',
      network,
      at: SECONDS,
      from: world.parties.party(1).origin,
      grant: idOf(answerBytes(answer)),
      of: { revocation: counting(32, 1) },
      state: 'noted',
    } as const
    await desk.leavesNoTrace(async () =>
      assert.equal(refusal(await desk.say('ack', desk.byReader(ack))), 'no-receipt'),
    )
    await revoke(desk.owner.disclosure.gate, idOf(said.signed), { reason: 'mistake', note: null })
    await desk.leavesNoTrace(async () =>
      assert.equal(refusal(await desk.say('ack', desk.byReader(ack))), 'no-receipt'),
    )
    desk = await AccessDesk.open(world)
    const other = await granted()
    assert.equal((await desk.say('receipt', desk.byReader(other.receipt))).answer.kind, 'key')
    const named = { ...ack, grant: idOf(answerBytes(other.answer)) }
    assert.equal((await desk.say('ack', desk.byReader(named))).answer.kind, 'noted')
  })

  it('can confirm, ask after and object to nothing that is not its own', async () => {
    const { said, receipt } = await granted()
    const request = idOf(said.signed)
    const network = world.parties.charter.networkId
    const from = world.parties.party(1).origin
    const ack = {
      kind: 'ack',
      network,
      at: SECONDS,
      from,
      of: { revocation: counting(32, 1) },
      state: 'noted',
    } as const
    const grant = idOf(answerBytes((await desk.say('request', said)).answer))
    const denied = await desk.say('request', desk.byReader(world.request({ purpose: 'audit' })))
    const denial = idOf(answerBytes(denied.answer))
    const appeal = { kind: 'appeal', network, at: SECONDS, from, denial, reason: 'No.' } as const
    await desk.leavesNoTrace(async () => {
      const cases: readonly (readonly [Promise<GateAnswer>, string])[] = [
        [desk.ask({ kind: 'confirm', request }), 'no-receipt'],
        [desk.ask({ kind: 'confirm', request }, desk.node(2)), 'unknown-request'],
        [desk.ask({ kind: 'confirm', request: counting(32, 1) }), 'unknown-request'],
        [desk.ask({ kind: 'state', request }, desk.node(2)), 'unknown-request'],
        [desk.say('ack', desk.byReader({ ...ack, grant: counting(32, 1) })), 'no-grant'],
        [desk.say('ack', { ...desk.byReader({ ...ack, grant }), peer: desk.node(2) }), 'unknown-request'],
        [
          desk.say('ack', { signed: world.signed({ ...ack, grant }, world.signer(2)), peer: desk.node(1) }),
          'key-unknown: an acknowledgement signed by another',
        ],
        [desk.say('appeal', desk.byReader({ ...appeal, denial: counting(32, 1) })), 'no-denial'],
        [desk.say('appeal', { ...desk.byReader(appeal), peer: desk.node(2) }), 'unknown-request'],
        [
          desk.say('appeal', { signed: world.signed(appeal, world.signer(2)), peer: desk.node(1) }),
          'key-unknown: an appeal signed by another',
        ],
      ]
      for (const [answer, expected] of cases) assert.equal(refusal(await answer), expected)
    })
    assert.equal((await desk.say('receipt', desk.byReader(receipt))).answer.kind, 'key')
    // What it acknowledges is its own word, and there is an end to it.
    for (let i = 0; i < 64; i++) {
      const one = desk.byReader({ ...ack, grant, of: { revocation: counting(32, i) } })
      assert.equal((await desk.say('ack', one)).answer.kind, 'noted')
    }
    assert.equal(
      refusal(await desk.say('ack', desk.byReader({ ...ack, grant, at: SECONDS + 1 }))),
      'too-many',
    )
    assert.equal((await desk.say('appeal', desk.byReader(appeal))).answer.kind, 'noted')
    assert.equal(
      refusal(await desk.say('appeal', desk.byReader({ ...appeal, reason: 'Still no.' }))),
      'too-many',
    )
  })
})

function answerBytes(answer: GateAnswer['answer']): Uint8Array {
  if (answer.kind === 'granted') return answer.grant
  if (answer.kind === 'denied') return answer.denial
  throw new Error(`bug: ${answer.kind}`)
}

import assert from 'node:assert/strict'
import { decide } from '../../protocol/access/decide.ts'
import { isSigned, parseAccess } from '../../protocol/access/signed.ts'
import type { Accreditation } from '../../protocol/access/accreditation.ts'
import { TIERS, type Tier } from '../../protocol/codec/part.ts'
import { isMap } from '../../protocol/codec/value.ts'
import { withoutCount } from '../../protocol/redaction/count.ts'
import type { Target } from '../../protocol/codec/statement.ts'
import { native } from '../../node/keys/native.ts'
import { POLICIES, wordOf } from '../support/access-facts.ts'
import { cellsOf } from '../support/access-matrix.ts'
import { AskingWorld } from '../support/asking-world.ts'
import { Gossiped, Observed } from '../support/observing.ts'
import { SECRETS } from '../support/parties.ts'
import type { RawRequester } from '../support/raw-requester.ts'
import { assertNoSecrets, PARTS } from '../support/restricted.ts'
import { until } from '../support/until.ts'

/** Who asks, and through which peer; `name` is that of the pure matrix. */
type Who = {
  readonly name: string
  readonly signer: RawRequester
  readonly peer: RawRequester
  readonly accreditation: Target | null
  readonly from: string | null
}

const LIMITS =
  'rate: { requests: 1000, seconds: 86400 }\nlongest: { partner: 365, research: 90 }\nretention: 1826\n'

const POLICY_FILES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(POLICIES).map(([name, { policy }]) => [
    name,
    `v: 1\nrules:${policy.rules.map((rule) => `\n  - ${JSON.stringify(rule)}`).join('') || ' []'}\n${LIMITS}`,
  ]),
)

describe('who gets what, on real nodes', function () {
  this.timeout(60_000)
  let world: AskingWorld
  let gossip: Gossiped
  let observed: Observed
  let everybody: readonly Who[] = []
  let cells = 0

  before(async () => {
    world = await AskingWorld.start()
    gossip = await Gossiped.listen(world)
    everybody = await introduce(world)
  })

  after(async () => {
    await world.stop()
    world.coalition.remove()
  })

  for (const policy of Object.keys(POLICIES)) {
    it(`exactly the right bytes arrive: ${policy}`, async () => {
      await world.client(0).putDisclosurePolicy(POLICY_FILES[policy] ?? '')
      // Each of them asks one thing after the other; all of them ask at once.
      await Promise.all(
        everybody.map(async (who) => {
          for (const tier of TIERS) {
            const count = await ask(world, who, tier, policy)
            cells += count
          }
        }),
      )
    })
  }

  it('shows nothing of it to anybody else: on no disk, in no gossip, in no log', async () => {
    assert.ok(cells >= everybody.length * TIERS.length * 5, `${cells} cells`)
    await until('what was done is logged', async () => (await world.client(0).trail(0, 1)).size > 0)
    await until('the observer holds it', async () => {
      const [own, copy] = await Promise.all(
        [0, 3].map(async (at) =>
          (await world.client(at === 0 ? 0 : 3).logs()).find(({ origin }) => origin === world.originOf(0)),
        ),
      )
      return own?.size === copy?.size
    })
    observed = await Observed.of(world)
    const logs = world.processes.map((node) => node.log())
    await world.stop()
    for (const at of [0, 1, 2, 3, 4, 5]) assertNoSecrets(world.member(at).home)
    assertNoSecrets(world.observerHome)
    for (const word of SECRETS) {
      assert.ok(
        gossip.messages.length > 0 &&
          gossip.messages.every(({ bytes }) => !Buffer.from(bytes).includes(word)),
      )
      assert.ok(logs.every((log) => log.length > 0 && !log.includes(word)))
    }
    process.stdout.write(
      `      ${cells} cells, ${everybody.length} requesters, ${gossip.messages.length} messages of gossip\n`,
    )
  })

  it('lets an observer learn from the logs that a member accounted for so many steps, and nothing else', async () => {
    const { leaves } = observed
    const [first] = leaves
    assert.ok(first)
    // All there is to see: who signed, in which hour, and that it was a step of some disclosure.
    const { keyId } = first.entry.header
    const hour = { algorithm: -8, keyId, issuer: world.originOf(0), subject: 26, issuedAt: 0 }
    const statement = { kind: 'access', record: 16, version: 1, on: null, parts: [32, 32, 32] }
    const seen = { bytes: first.entry.bytes.length, header: hour, statement, public: [32, '', 0] }
    const truth = await observed.truth()
    const kinds = new Set(truth.values())
    assert.deepEqual([...kinds].toSorted(), [
      'denial',
      'grant',
      'receipt',
      'request',
      'the head of the trail',
    ])
    for (const leaf of leaves) assert.deepEqual(Observed.shapeOf(leaf), seen, truth.get(leaf.index))

    // What is random is drawn anew each time, and names nothing that somebody else could know.
    const drawn = leaves.flatMap(({ entry, part }) => [
      entry.statement.record,
      ...entry.statement.parts,
      part?.opening ?? new Uint8Array(0),
    ])
    assert.equal(new Set(drawn.map((bytes) => Buffer.from(bytes).toString('hex'))).size, drawn.length)
    const names = [
      world.on.leaf,
      ...everybody.flatMap(({ signer, peer }) => [
        signer.keystore.signer('statement').keyId,
        signer.keystore.signer('statement').publicKey,
        signer.box,
        peer.node,
      ]),
    ]
    for (const { entry } of leaves)
      for (const name of names) assert.ok(!Buffer.from(entry.bytes).includes(Buffer.from(name)))
  })

  it('appends them many at a time, at moments that no exchange decides', () => {
    const moments = observed.batches(gossip)
    const gaps = moments.slice(1).map((at, index) => at - (moments[index] ?? 0))
    assert.ok(moments.length >= 4 && moments.length * 2 < observed.leaves.length, `${moments.length} batches`)
    assert.ok(Math.max(...gaps) > 2 * Math.min(...gaps), gaps.map(Math.round).join())
    process.stdout.write(`      ${observed.leaves.length} leaves in ${moments.length} batches\n`)
  })
})

/** Asks, and compares what came with what the pure decision says. How many cells that was. */
async function ask(world: AskingWorld, who: Who, tier: Tier, policy: string): Promise<number> {
  const cell = cellsOf(who.name, tier, 'none').find((one) => one.policy === policy)
  assert.ok(cell)
  const expected = wordOf(decide(cell.facts))
  const label = `${who.name}, ${tier}, ${policy}`
  const { accreditation, from, signer, peer } = who
  const request = () => world.request(tier, signer, { accreditation, from })
  const made = request()
  const signed = signer.signed(made)
  const heard = await peer.say({ kind: 'request', signed })
  const { answer } = heard
  const [outcome, reason] = expected.split(' ')
  switch (outcome) {
    case 'public':
      assert.equal(answer.kind, 'public', label)
      break
    case 'allow':
      assert.deepEqual(
        await documentOf(who, made, signed, heard),
        PARTS[tier === 'research' ? 'research' : 'partner'],
      )
      return 1
    case 'ask':
      assert.equal(answer.kind, 'pending', label)
      return (await decided(world, who, tier, { made, signed })) + 1
    case 'deny':
      if (who.from === null && who.accreditation === null)
        assert.deepEqual(answer, { kind: 'refused', reason: 'no-standing' }, label)
      else assert.equal(reasonOf(answer), reason, label)
      break
    default:
      assert.deepEqual(answer, { kind: 'refused', reason }, label)
  }
  assertNothingCame(peer)
  return 1
}

/** A person decides: once for it and once against. */
async function decided(
  world: AskingWorld,
  who: Who,
  tier: Tier,
  { made, signed }: { readonly made: ReturnType<AskingWorld['request']>; readonly signed: Uint8Array },
): Promise<number> {
  const { signer, peer, accreditation, from } = who
  const owner = world.client(0)
  await owner.rule(idOf(signed), { outcome: 'allow', by: 'the duty officer' })
  const heard = await peer.say({ kind: 'request', signed })
  assert.deepEqual(
    await documentOf(who, made, signed, heard),
    PARTS[tier === 'research' ? 'research' : 'partner'],
  )
  const again = signer.signed(world.request(tier, signer, { accreditation, from }))
  assert.equal((await peer.say({ kind: 'request', signed: again })).answer.kind, 'pending')
  await owner.rule(idOf(again), { outcome: 'deny', by: 'the duty officer', reason: 'legal' })
  assert.equal(reasonOf((await peer.say({ kind: 'request', signed: again })).answer), 'legal')
  return 1
}

async function documentOf(
  { signer }: Who,
  made: ReturnType<AskingWorld['request']>,
  signed: Uint8Array,
  heard: Awaited<ReturnType<RawRequester['say']>>,
): Promise<unknown> {
  // What came can be read by nobody else on the way, and by the reader only now.
  assertNothingCame(signer)
  const release = await signer.openGrant(made, signed, heard)
  assert.ok(release.kind === 'whole' && isMap(release.document))
  return withoutCount(release.document)
}

function assertNothingCame({ received }: RawRequester): void {
  for (const word of SECRETS) assert.ok(received.every((bytes) => !Buffer.from(bytes).includes(word)))
}

function reasonOf(answer: Awaited<ReturnType<RawRequester['say']>>['answer']): string | undefined {
  const signed = answer.kind === 'denied' ? parseAccess(answer.denial) : undefined
  return signed?.ok === true && isSigned(signed.value, 'denial') ? signed.value.statement.reason : answer.kind
}

function idOf(bytes: Uint8Array): string {
  const signed = parseAccess(bytes)
  assert.ok(signed.ok)
  return Buffer.from(native.sha256(signed.value.toBeSigned)).toString('hex')
}

/** Everybody of the pure matrix. */
async function introduce(world: AskingWorld): Promise<readonly Who[]> {
  const now = Math.floor(Date.now() / 1_000)
  const [member, suspended, affiliate] = await Promise.all([world.party(3), world.party(4), world.party(5)])
  const nobody = { accreditation: null, from: null }
  const [stranger, unknown, wrong] = await Promise.all(
    ['public', 'unknown', 'wrong'].map((name) => world.stranger(name)),
  )
  assert.ok(stranger && unknown && wrong)
  const from = world.originOf(3)
  const who: Who[] = [
    { name: 'public', signer: stranger, peer: stranger, ...nobody },
    { name: 'unknown key', signer: unknown, peer: unknown, accreditation: null, from },
    { name: 'member', signer: member, peer: member, accreditation: null, from },
    { name: 'member from a wrong peer', signer: member, peer: wrong, accreditation: null, from },
    { name: 'affiliate', signer: affiliate, peer: affiliate, accreditation: null, from: world.originOf(5) },
    {
      name: 'suspended member',
      signer: suspended,
      peer: suspended,
      accreditation: null,
      from: world.originOf(4),
    },
  ]
  const accredited: Readonly<Record<string, Partial<Accreditation>>> = {
    'researcher in force': {},
    'researcher expired': { notAfter: now },
    'researcher not yet': { notBefore: now + 86_400 },
    'researcher revoked': {},
    'researcher suspended': {},
    'researcher with too few accreditors': {},
    'researcher for partner parts': { tiers: ['partner'] },
    'researcher for research parts': { tiers: ['research'] },
    'researcher for another purpose': { purposes: ['audit'] },
    'researcher for another sector': { sectors: ['finance'] },
  }
  for (const [name, changes] of Object.entries(accredited)) {
    const signer = await world.stranger(name.replaceAll(' ', '-'))
    const isEndorsed = name !== 'researcher with too few accreditors'
    const { id, target } = await world.accredit(signer, changes, isEndorsed)
    if (name === 'researcher revoked') await world.client(2).revokeAccreditation(id, 'terms_broken')
    if (name === 'researcher suspended') await world.client(2).suspendAccreditation(id, 'under_review', 7)
    who.push({ name, signer, peer: signer, accreditation: target, from: null })
    if (name === 'researcher in force')
      who.push({
        name: 'researcher from a wrong peer',
        signer,
        peer: wrong,
        accreditation: target,
        from: null,
      })
  }
  // Parties with a log that were accredited besides.
  for (const [name, signer, at] of [
    ['member, accredited', member, 3],
    ['suspended member, accredited', suspended, 4],
    ['member, accreditation revoked', member, 3],
  ] as const) {
    const { id, target } = await world.accredit(signer, {}, true)
    if (name === 'member, accreditation revoked')
      await world.client(2).revokeAccreditation(id, 'terms_broken')
    who.push({ name, signer, peer: signer, accreditation: target, from: world.originOf(at) })
  }
  await until('the owner holds what was stated last', async () => {
    const states = (await world.client(0).accreditations()).map(({ state }) => state)
    const c = (await world.client(2).accreditations()).map(({ state }) => state)
    return (
      states.length === Object.keys(accredited).length + 3 && states.toSorted().join() === c.toSorted().join()
    )
  })
  return who
}

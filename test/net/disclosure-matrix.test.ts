import assert from 'node:assert/strict'
import { decide } from '../../protocol/access/decide.ts'
import { isSigned, parseAccess } from '../../protocol/access/signed.ts'
import { TIERS, type Tier } from '../../protocol/codec/part.ts'
import { isMap } from '../../protocol/codec/value.ts'
import { withoutCount } from '../../protocol/redaction/count.ts'
import { Keystore } from '../../node/keys/keystore.ts'
import { native } from '../../node/keys/native.ts'
import { protocolsOf } from '../../node/net/protocols.ts'
import { POLICIES, wordOf } from '../support/access-facts.ts'
import { cellsOf } from '../support/access-matrix.ts'
import { AskingWorld } from '../support/asking-world.ts'
import { Gossiped, Observed } from '../support/observing.ts'
import { SECRETS } from '../support/parties.ts'
import type { RawRequester } from '../support/raw-requester.ts'
import { ASK, assertNoSecrets, DRAFT, holdsWord, PARTS, PUBLIC_WORD } from '../support/restricted.ts'
import { until } from '../support/until.ts'
import { introduce, type Who } from '../support/asking-everybody.ts'

const LIMITS =
  'rate: { requests: 1000, seconds: 86400 }\nlongest: { partner: 365, research: 90 }\nretention: 1826\n'

const POLICY_FILES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(POLICIES).map(([name, { policy }]) => [
    name,
    `v: 1\nrules:${policy.rules.map((rule) => `\n  - ${JSON.stringify(rule)}`).join('') || ' []'}\n${LIMITS}`,
  ]),
)

describe('who gets what, on real nodes', function () {
  this.timeout(180_000)
  let world: AskingWorld
  let gossip: Gossiped
  let observed: Observed
  // The log of the accreditor b, which asks through its own node.
  let asking: Observed
  let everybody: readonly Who[] = []
  let cells = 0

  before(async () => {
    world = await AskingWorld.start()
    gossip = await Gossiped.listen(world)
    // Something that everybody may read is announced, too.
    const { id } = await world.client(0).addDraft({ kind: DRAFT.kind, public: DRAFT.public })
    await world.client(0).publishDraft(id, 0)
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

  it('a member asks through its own node, and acknowledges that the record was retracted', async () => {
    const [owner, reader] = [world.client(0), world.client(1)]
    await owner.putDisclosurePolicy(POLICY_FILES['allow'] ?? '')
    const record = await world.record()
    const asked = await reader.requestDetail({ record, ...ASK, purpose: 'research' })
    await until('it is opened', async () => (await reader.request(asked.id)).state === 'opened')
    const because = {
      class: 'factual_error',
      reason: 'It was another device.',
      made_by: { role: 'deployer' },
    }
    await owner.attest(record, undefined, { kind: 'retract', public: because })
    await until('it is acknowledged', async () =>
      (await owner.trail(0, 10_000)).entries.some(({ step }) => step === 'acknowledged'),
    )
    await until('the observer holds its four leaves and the head of its trail', async () => {
      const { leaves } = await Observed.of(world, 1)
      return leaves.length >= 4
    })
  })

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
    observed = await Observed.of(world, 0)
    asking = await Observed.of(world, 1)
    const logs = world.processes.map((node) => node.log())
    await world.stop()
    for (const at of [0, 1, 2, 3, 4, 5]) await assertNoSecrets(world.member(at).home)
    await assertNoSecrets(world.observerHome)
    for (const word of SECRETS) {
      assert.ok(gossip.messages.length > 0 && gossip.messages.every(({ bytes }) => !holdsWord(bytes, word)))
      assert.ok(
        logs.every(
          (log) => holdsWord(Buffer.from(log), 'node started') && !holdsWord(Buffer.from(log), word),
        ),
      )
    }
    // What everybody may know is found in both by the same search.
    assert.ok(gossip.messages.some(({ bytes }) => holdsWord(bytes, PUBLIC_WORD)))
    process.stdout.write(
      `      ${cells} cells, ${everybody.length} requesters, ${gossip.messages.length} messages of gossip\n`,
    )
  })

  it('lets an observer learn from the logs that a member accounted for so many steps, and nothing else', async () => {
    const { leaves } = observed
    const [first] = leaves
    const [other] = asking.leaves
    assert.ok(first && other)
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
    // Of the one that asked it is the same: no leaf tells a request from a receipt, nor who asks from who gives.
    const asked = await asking.truth()
    assert.deepEqual([...new Set(asked.values())].toSorted(), [
      'ack',
      'receipt',
      'request',
      'the head of the trail',
    ])
    const theirs = { ...hour, keyId: other.entry.header.keyId, issuer: world.originOf(1) }
    for (const leaf of asking.leaves)
      assert.deepEqual(Observed.shapeOf(leaf), { ...seen, header: theirs }, asked.get(leaf.index))

    // What is random is drawn anew each time, and names nothing that somebody else could know.
    const all = [...leaves, ...asking.leaves]
    const drawn = all.flatMap(({ entry, part }) => [
      entry.statement.record,
      ...entry.statement.parts,
      part?.opening ?? new Uint8Array(0),
    ])
    assert.equal(new Set(drawn.map((bytes) => Buffer.from(bytes).toString('hex'))).size, drawn.length)
    const names = [
      world.on.leaf,
      ...[0, 1].map((at) => Keystore.open(world.member(at).home.keys, undefined).boxKeys()[0]),
      ...everybody.flatMap(({ signer, peer }) => [
        signer.keystore.signer('statement').keyId,
        signer.keystore.signer('statement').publicKey,
        signer.box,
        peer.node,
      ]),
    ]
    for (const { entry } of all)
      for (const name of names) assert.ok(name && !Buffer.from(entry.bytes).includes(Buffer.from(name)))
    for (const { entry } of asking.leaves)
      assert.ok(!Buffer.from(entry.bytes).includes(world.member(0).domain))
    for (const { entry } of leaves) assert.ok(!Buffer.from(entry.bytes).includes(world.member(1).domain))
  })

  it('tells in gossip, on the one topic there is, no more than the logs do', () => {
    const topic = protocolsOf(world.networkId).heads
    assert.deepEqual([...gossip.topics], [topic])
    assert.ok(gossip.messages.every((message) => message.topic === topic))
    for (const [at, held] of [observed, asking].entries()) {
      const { leaves, kinds } = gossip.told(world.originOf(at))
      // Announcements of heads, with leaves that are those of the log byte for byte; nothing else is ever said.
      assert.deepEqual([...kinds.keys()], ['news'])
      assert.ok(leaves.length > 0)
      const known = new Map(held.leaves.map((leaf) => [leaf.index, leaf]))
      for (const leaf of leaves) {
        if (leaf.index > (held.leaves.at(-1)?.index ?? 0)) continue
        const same = known.get(leaf.index)
        assert.ok(same && Buffer.from(same.entry.bytes).equals(leaf.entry.bytes))
        assert.deepEqual(Observed.shapeOf(leaf), Observed.shapeOf(same))
      }
    }
    process.stdout.write(
      `      an observer learns: ${observed.leaves.length} steps accounted for by the owner, ${asking.leaves.length} by the one that asked, and in which hours\n`,
    )
  })

  it('appends them many at a time', () => {
    const moments = observed.batches(gossip)
    assert.ok(moments.length >= 4 && moments.length * 2 < observed.leaves.length, `${moments.length} batches`)
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
  for (const word of SECRETS) assert.ok(received.every((bytes) => !holdsWord(bytes, word)))
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

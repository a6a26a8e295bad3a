import assert from 'node:assert/strict'
import { Keystore } from '../../node/keys/keystore.ts'
import { native } from '../../node/keys/native.ts'
import { protocolsOf } from '../../node/net/protocols.ts'
import { cosign, printCosignature, printCosignerName } from '../../protocol/log/cosignature.ts'
import { printEquivocation } from '../../protocol/log/equivocation-file.ts'
import { proveCosigner, proveSameSize } from '../../protocol/log/equivocation-maker.ts'
import { noteKeyId, parseNote, printNote, SIGNATURE_TYPE } from '../../protocol/log/note.ts'
import { printNews } from '../../protocol/sync/message.ts'
import { makeCoalition } from '../support/coalition.ts'
import { Five, LIAR, logOf, proofsOf, rewritten, SIZE } from '../support/five.ts'
import { signedLogOf } from '../support/signed-log.ts'
import { bundleOf, bundleWith } from '../support/telling.ts'
import type { Face } from '../support/two-faced.ts'
import { until } from '../support/until.ts'

describe('a member that lies, and can prove nothing', function () {
  this.timeout(180_000)
  let five: Five

  beforeEach(async () => {
    five = await Five.start()
  })

  afterEach(() => five.stop())

  const keysOf = (number: number) => Keystore.open(five.coalition.members[number]?.home.keys ?? '', undefined)
  const nobodyIsFrozen = async () => {
    await five.growsOn()
    assert.ok(await five.every(async (node) => (await proofsOf(node)).length === 0))
    assert.ok(await five.every(async (node) => (await logOf(node)).state === 'ok'))
  }

  /** A note of the liar's with a line in the name of a witness, under the id of its key. */
  const withForged = (size: number, time = 1_800_000_000) => {
    const name = printCosignerName('b.example', 'witness')
    const keyId = noteKeyId(native, name, SIGNATURE_TYPE.cosignature, keysOf(1).signer('witness').publicKey)
    const forged = { name, keyId, bytes: printCosignature(time, new Uint8Array(64).fill(9)) }
    const parsed = parseNote(five.truth(size).note)
    assert.ok(parsed.ok)
    return printNote({ ...parsed.value, signatures: [...parsed.value.signatures, forged] })
  }
  /** Whether a node says that the liar forged it. */
  const isNamed = async ({ client }: (typeof five.nodes)[number]) =>
    (await client.status()).problems.some(
      ({ message }) =>
        message.includes('a line in the name of b.example/candor/witness that its key did not sign') &&
        message.includes(`(${LIAR} answers for it`),
    )
  const nobodyElsePays = async () => {
    for (const { client } of five.nodes) {
      for (const { domain, score } of await client.peers())
        assert.ok(domain === LIAR ? score < 0 : score === 0, `${domain} has ${score}`)
    }
  }

  it('does not harm anybody with a forged cosignature in the name of a witness', async () => {
    const { leaves } = five.truth(SIZE + 1)
    five.tell(() => ({ note: withForged(SIZE + 1), leaves }))
    const isGrown = async () => five.every(async (node) => (await logOf(node)).size === SIZE + 1)
    await until('its log grows all the same', isGrown)
    for (const { client } of five.nodes) {
      assert.doesNotMatch(Buffer.from(await client.head(LIAR)).toString(), /CQkJCQkJ/)
    }
    await nobodyIsFrozen()
  })

  it('pays for a forged cosignature that it gossips, and nobody passes it on', async () => {
    const { pubsub } = five.liar.host.services
    const { heads } = protocolsOf(five.liar.log.charter.networkId)
    pubsub.subscribe(heads)
    await until('the nodes hear the liar', () => pubsub.getSubscribers(heads).length === five.nodes.length)
    let time = 1_800_000_000
    // A node that has not all entries of the witness's member yet blames nobody, and hears the next one.
    const isNamedEverywhere = async () => {
      time += 1
      await pubsub.publish(heads, printNews({ t: 'news', note: withForged(SIZE, time), chunk: null }))
      return five.every(isNamed)
    }
    await until('it is named everywhere', isNamedEverywhere)
    await nobodyElsePays()
    await nobodyIsFrozen()
  })

  it('pays for a forged cosignature that it gives when it is asked for cosigned heads', async () => {
    five.tell(() => ({ ...five.truth(SIZE), cosigned: [withForged(SIZE)] }))
    await until('it is named everywhere', () => five.every(isNamed))
    await nobodyElsePays()
    five.tell(() => undefined)
    await nobodyIsFrozen()
  })

  it('does not harm anybody with old heads, junk or the notes of another network', async () => {
    const [b] = five.nodes
    assert.ok(b)
    five.tell(() => five.truth(SIZE - 3))
    const other = await makeCoalition(1)
    const foreign = signedLogOf(other, 0, 4)
    other.remove()
    const subject = { name: foreign.origin, type: SIGNATURE_TYPE.ed25519, key: foreign.logKey }
    const [first, second] = [
      foreign.leaves.slice(0, 4),
      rewritten(foreign.leaves.slice(0, 4), 3, foreign.leaves[4]),
    ]
    const proof = proveSameSize(native, { subject, a: foreign.noteOf(first), b: foreign.noteOf(second) })
    assert.ok(proof.ok)
    const file = printEquivocation(native, proof.value)
    await assert.rejects(b.client.addEvidence(file), { code: 'EVIDENCE_KEY' })
    await assert.rejects(b.client.addEvidence(Buffer.from('junk')), { code: 'EVIDENCE_INVALID' })
    const { pubsub } = five.liar.host.services
    const { heads } = protocolsOf(five.liar.log.charter.networkId)
    pubsub.subscribe(heads)
    await until('the nodes hear the liar', () => pubsub.getSubscribers(heads).length > 0)
    for (const bytes of [file, Buffer.from('junk')]) {
      await pubsub.publish(heads, printNews({ t: 'evidence', proof: bytes }))
    }
    const score = async ({ client }: (typeof five.nodes)[number]) =>
      (await client.peers()).find(({ domain }) => domain === LIAR)?.score ?? 0
    await until('it pays', async () => (await Promise.all(five.nodes.map(score))).some((one) => one < 0))
    await nobodyIsFrozen()
  })

  it('does not harm anybody with a bundle of forged lines, rubbish entries and heads that nobody signed', async () => {
    const [b, c] = five.nodes
    assert.ok(b && c)
    await assert.rejects(b.client.addBundle(Buffer.from('junk')), { code: 'BUNDLE_INVALID' })
    const name = printCosignerName('d.example', 'witness')
    const key = keysOf(3).signer('witness').publicKey
    const keyId = noteKeyId(native, name, SIGNATURE_TYPE.cosignature, key)
    const forged = { name, keyId, bytes: printCosignature(1_800_000_000, new Uint8Array(64).fill(9)) }
    const withForged = (bytes: Uint8Array, change: (text: string) => string) => {
      const note = parseNote(bytes)
      assert.ok(note.ok)
      const { text, signatures } = note.value
      return printNote({ text: change(text), signatures: [...signatures, forged] })
    }
    const head = await c.client.head(undefined)
    const notes = [
      withForged(head, (text) => text),
      // Larger than what was signed, so that nothing leads to it.
      withForged(head, (text) => text.replace(/\n\d+\n/, '\n99\n')),
    ]
    const { proofs, heads } = await b.client.addBundle(bundleWith(five, notes))
    assert.deepEqual([proofs, heads], [[], { agree: 1, wait: 0, passedOver: 1 }])
    // Our own head: its author says nothing of it, whoever signed.
    const own = await c.client.addBundle(bundleWith(five, notes))
    assert.deepEqual([own.proofs, own.heads.passedOver], [[], 2])
    // An older head of the liar is a prefix of what everybody holds, and a newer one is compared when its entries come.
    const { proofs: none, heads: said } = await b.client.addBundle(
      bundleOf(five, [five.truth(SIZE - 3), five.truth(SIZE + 1)]),
    )
    assert.deepEqual([none, said], [[], { agree: 1, wait: 1, passedOver: 0 }])
    assert.doesNotMatch(Buffer.from(await b.client.head('c.example')).toString(), /CQkJCQkJ/)
    await nobodyIsFrozen()
  })

  it('pays when it gives other entries than its head covers, and is believed with the right ones', async () => {
    const more = five.truth(SIZE + 2)
    // Its prefix proof is of the tree that it signed, so the entries are the lie: what is held is continued.
    const lying: Face = { ...more, given: rewritten(more.leaves, SIZE, five.spare()[2]) }
    five.tell((at) => (at === 0 ? lying : undefined))
    const [b] = five.nodes
    assert.ok(b)
    const score = async () => (await b.client.peers()).find(({ domain }) => domain === LIAR)?.score ?? 0
    await until('it pays', async () => (await score()) < 0)
    five.tell((at) => (at === 0 ? undefined : more))
    await until('all have the right ones', () =>
      five.every(async (node) => (await logOf(node)).size === SIZE + 2),
    )
    await nobodyIsFrozen()
  })

  it('loses the cosigner that goes back in time, and nobody loses a log', async () => {
    const [b] = five.nodes
    assert.ok(b)
    const { publicKey, sign } = keysOf(0).signer('witness')
    const name = printCosignerName(LIAR, 'witness')
    const cosigned = (size: number, time: number) => {
      const note = parseNote(five.truth(size).note)
      assert.ok(note.ok)
      const { text } = note.value
      return printNote({ text, signatures: [cosign(native, { name, key: publicKey }, { text, time }, sign)] })
    }
    const subject = { name, type: SIGNATURE_TYPE.cosignature, key: publicKey }
    const [later, earlier] = [cosigned(9, 1_800_000_060), cosigned(12, 1_800_000_000)]
    const proof = proveCosigner(native, { subject, a: later, b: earlier })
    assert.ok(proof.ok)
    const from = Date.now()
    const { state } = await b.client.addEvidence(printEquivocation(native, proof.value))
    assert.equal(state, 'new')
    await five.convicts('all have struck it', { from, convicts: 'witness' })
    for (const node of five.nodes) {
      const [struck, ...others] = await proofsOf(node)
      assert.deepEqual([struck?.convicts, others], ['witness', []])
    }
    assert.ok(await five.every(async (node) => (await logOf(node)).state === 'ok'))
    await five.growsOn()
  })
})

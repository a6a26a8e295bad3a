import assert from 'node:assert/strict'
import type { AccessMessage } from '../../../protocol/access/message.ts'
import type { Grant } from '../../../protocol/access/grant.ts'
import { checkRelease, parseRelease, type Release } from '../../../protocol/access/release.ts'
import type { Request } from '../../../protocol/access/request.ts'
import { isSigned, parseAccess } from '../../../protocol/access/signed.ts'
import { disclose, flatten, makeItemTree } from '../../../protocol/codec/items.ts'
import { siblingsOf } from '../../../protocol/codec/leaves.ts'
import { isMap } from '../../../protocol/codec/value.ts'
import { redact, redactionSentence } from '../../../protocol/redaction/redaction.ts'
import { native } from '../../../node/keys/native.ts'
import { AccessWorld } from '../../support/access-world.ts'
import type { Crafted } from '../../support/lying-owner.ts'
import { ReaderDesk, say } from '../../support/reader-desk.ts'
import { counting } from '../../support/statements.ts'

describe('a hostile owner', () => {
  let world: AccessWorld
  let desk: ReaderDesk

  before(async () => {
    world = await AccessWorld.make()
  })

  after(() => world.remove())

  beforeEach(async () => {
    desk = await ReaderDesk.open(world)
  })

  /** Answers the request and its receipt with what is made of the request once. */
  const grantingOnce = (make: (message: AccessMessage) => Promise<Crafted>) => {
    let made: Promise<Crafted> | undefined
    desk.owner.lie = async (message) => {
      if (message.kind === 'request') return (await (made ??= make(message))).granted
      if (message.kind === 'receipt' && made !== undefined) return (await made).key
      return say({ kind: 'wait' })
    }
  }

  it('that does not lie is believed', async () => {
    const one = await desk.asked()
    assert.equal(one.state, 'opened')
    assert.deepEqual(await desk.steps(), ['requested', 'received', 'opened'])
  })

  it('that makes all of it by hand, but truly, is believed as well', async () => {
    grantingOnce((message) => desk.owner.craft(message))
    assert.equal((await desk.asked()).state, 'opened')
  })

  /** Released under a key that opens, and still not what was committed, granted or asked for. */
  const releases: Readonly<
    Record<string, () => readonly [Release, Partial<Grant>, Partial<Request>, string]>
  > = {
    'gives a document other than the one it committed to': () => {
      const { document } = desk.owner.part
      const other = isMap(document) ? { ...document, narrative: 'Nothing happened.' } : document
      return [desk.owner.whole({ document: other }), {}, {}, 'part-commitment']
    },
    'gives a document under another opening': () => [
      desk.owner.whole({ opening: counting(32, 1) }),
      {},
      {},
      'part-commitment',
    ],
    'signs for another commitment': () => [
      desk.owner.whole(),
      { commitment: counting(32, 1) },
      {},
      'release-grant',
    ],
    'signs for other leaves than it gives': () => [
      desk.owner.whole(),
      { leaves: { count: 1, digest: counting(32, 1) } },
      {},
      'release-leaves',
    ],
    'gives other items than were asked for': () => [
      items((path) => path[0] === 'near_miss_barrier'),
      {},
      { items: [['narrative']] },
      'release-answer',
    ],
    'gives fewer items than were asked for': () => [
      items((path) => path[0] === 'narrative'),
      {},
      { items: [['narrative'], ['near_miss_barrier']] },
      'release-answer',
    ],
    'gives items where the whole was asked for': () => [items(() => true), {}, {}, 'release-answer'],
    'gives the whole where items were asked for': () => [
      desk.owner.whole(),
      {},
      { items: [['narrative']] },
      'release-answer',
    ],
    'hides an item of a redaction without saying so': () => [
      redaction('narrative'),
      {},
      {},
      'redaction-count',
    ],
  }

  const tree = () => makeItemTree(native, desk.owner.part.secret, flatten(desk.owner.part.document))
  const items = (chosen: Parameters<typeof disclose>[2]): Release => ({
    kind: 'items',
    opening: desk.owner.part.opening,
    disclosure: disclose(native, tree(), chosen),
  })
  /** A redaction that verifies in all but that it says nothing of one item. */
  const redaction = (hidden: string): Release => {
    const made = redact(native, tree(), () => 'show')
    const shown = made.items.filter(({ path }) => path[0] !== hidden)
    assert.equal(shown.length, made.items.length - 1)
    const known = new Set(shown.map(({ index }) => index))
    const hashes = tree().leaves.map(({ hash }) => hash)
    const siblings = siblingsOf(native, hashes, known)
    return {
      kind: 'redaction',
      opening: desk.owner.part.opening,
      redaction: { ...made, items: shown, siblings },
    }
  }

  for (const [name, make] of Object.entries(releases)) {
    it(`that ${name} is not believed`, async () => {
      const [release, changes, wanted, why] = make()
      grantingOnce((message) => desk.owner.craft(message, release, changes))
      const one = await desk.asked(wanted)
      assert.deepEqual([one.state, one.why], ['false', why])
      assert.equal(await desk.release(one), undefined)
      assert.deepEqual(await desk.steps(), ['requested', 'received', 'heard'])
    })
  }

  it('that hides the number of items may hide more, and the reader is told', async () => {
    grantingOnce((message) => desk.owner.craft(message, redaction('$items')))
    const one = await desk.asked()
    const release = parseRelease((await desk.release(one)) ?? new Uint8Array(0))
    assert.ok(release.ok && release.value.kind === 'redaction' && one.grant !== null)
    const { signed: request } = desk.running.disclosure.reader.madeOf(one)
    const grant = parseAccess(one.grant)
    assert.ok(grant.ok && isSigned(grant.value, 'grant'))
    const believed = checkRelease(
      native,
      { entry: desk.owner.entry, request, grant: grant.value },
      release.value,
    )
    assert.ok(believed.ok && believed.value.kind === 'redaction')
    assert.match(
      redactionSentence('it', believed.value.report),
      /how many there are is not shown, so more may be hidden/,
    )
  })

  /** Grants that are none: no receipt is signed for them. */
  const grants: Readonly<
    Record<string, (message: AccessMessage) => readonly [Partial<Grant>, 0 | 2, string]>
  > = {
    'for another entry': () => [
      { on: { ...world.on, index: world.on.index + 1 } },
      0,
      'a grant for something else',
    ],
    'for another tier': () => [{ tier: 'research' }, 0, 'a grant for something else'],
    'for another request': () => [{ request: counting(32, 1) }, 0, 'a grant for something else'],
    'under other terms': () => [{ terms: counting(32, 1) }, 0, 'a grant for something else'],
    'to another': () => [{ to: counting(32, 1) }, 0, 'an answer to another'],
    'of another member': () => [{ owner: world.parties.party(2).origin }, 2, 'an answer of another'],
    'signed by another member': () => [{}, 2, 'key-unknown'],
  }
  for (const [name, make] of Object.entries(grants)) {
    it(`gets no receipt for a grant ${name}`, async () => {
      desk.owner.lie = async (message) => {
        const [changes, signer] = make(message)
        return (await desk.owner.craft(message, desk.owner.whole(), changes, world.signer(signer))).granted
      }
      const one = await desk.asked()
      assert.deepEqual([one.state, one.why], ['open', make({ kind: 'state', request: counting(32, 1) })[2]])
      assert.deepEqual(await desk.steps(), ['requested'])
      assert.ok(desk.owner.heard.every(({ kind }) => kind === 'request'))
    })
  }

  it('gets no receipt for a forged grant', async () => {
    desk.owner.lie = async (message) => {
      const { granted } = await desk.owner.craft(message)
      if (granted.answer.kind !== 'granted') throw new Error('bug: it is granted')
      const { grant } = granted.answer
      const forged = world.forged(statementIn(grant), world.signer(0), world.signer(2))
      return { ...granted, answer: { ...granted.answer, grant: forged } }
    }
    const one = await desk.asked()
    assert.deepEqual([one.state, one.why], ['open', 'a forged signature'])
  })

  const ciphertexts: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array | undefined>> = {
    short: (bytes) => bytes.subarray(1),
    long: (bytes) => Uint8Array.of(...bytes, 0),
    other: (bytes) => bytes.map((byte, at) => (at === 40 ? byte ^ 1 : byte)),
    none: () => undefined,
  }
  for (const [name, change] of Object.entries(ciphertexts)) {
    it(`gets no receipt for a ciphertext that is not the one it offered: ${name}`, async () => {
      desk.owner.lie = async (message) => {
        const { granted } = await desk.owner.craft(message)
        return { ...granted, ciphertext: change(granted.ciphertext) }
      }
      const one = await desk.asked()
      assert.deepEqual([one.state, one.why], ['open', 'not the ciphertext that was offered'])
      assert.deepEqual(await desk.steps(), ['requested'])
    })
  }
})

function statementIn(bytes: Uint8Array): Grant {
  const signed = parseAccess(bytes)
  if (!signed.ok || !isSigned(signed.value, 'grant')) throw new Error('bug: a grant')
  return signed.value.statement
}

import assert from 'node:assert/strict'
import { native } from '../../../node/keys/native.ts'
import type { Proposed } from '../../../node/log/appender.ts'
import { Cosigner } from '../../../node/witness/cosigner.ts'
import { compareRefused } from '../../../node/witness/refused-heads.ts'
import { printAddCheckpoint } from '../../../protocol/log/add-checkpoint.ts'
import {
  parseOrigin,
  parseSignedCheckpoint,
  printSignedCheckpoint,
} from '../../../protocol/log/checkpoint.ts'
import { leafHash } from '../../../protocol/log/merkle.ts'
import { verifyConsistency } from '../../../protocol/log/proof.ts'
import { MemoryKeyValue } from '../../support/memory-kv.ts'
import { headOf, Mirror, type Claim } from '../../support/mirror.ts'
import { signerOf, testKey } from '../../support/notes.ts'
import { ORIGIN } from '../../support/own-log.ts'
import { consistencyOf, treeOf } from '../../support/tree.ts'

/** Entries that both histories share, and how long each is. */
const SHARED = 4
const SIZE = 12

type Asking = {
  readonly old: number
  readonly size: number
  readonly proof?: readonly Uint8Array[]
}

/** A witness that is asked about a log with two histories: the one that everybody is shown, and a hidden one. */
class World {
  readonly mirror: Mirror
  readonly cosigner: Cosigner
  readonly asked: string[] = []
  readonly clock = { at: 1_700_000_000_000, now: () => this.clock.at }
  private readonly hidden: readonly Proposed[]
  private readonly comparing: Promise<void>[] = []

  constructor(mirror: Mirror) {
    this.mirror = mirror
    const more = () => Array.from({ length: SIZE - SHARED }, () => mirror.own.incident())
    for (let n = 1; n < SHARED; n++) mirror.leaves.push(mirror.own.incident())
    this.hidden = [...mirror.leaves, ...more()]
    mirror.leaves.push(...more())
    const { logs, verifier } = mirror
    const receive = (note: Uint8Array) => verifier.receive(note, null)
    const evidence = {
      consider: async (claim: Claim) => {
        mirror.claims.push(claim)
        return undefined
      },
    }
    this.cosigner = new Cosigner({
      primitives: native,
      clock: this.clock,
      store: new MemoryKeyValue(),
      logs,
      ownDomain: 'mirror.example',
      signers: (role) => [signerOf(testKey(role === 'witness' ? 51 : 52))],
      mayCosign: () => true,
      isMember: () => true,
      isFrozen: () => false,
      isStopped: () => false,
      remember: async (note) => (await receive(note)).kind !== 'refused',
      onRefused: (refused) => {
        const explain = (domain: string) => this.asked.push(domain)
        this.comparing.push(compareRefused({ logs, evidence, receive, explain }, refused))
      },
    })
  }

  /** Takes in what the log shows to everybody, up to this size. */
  async holds(size: number): Promise<void> {
    const start = this.mirror.heldSize() ?? 0
    const received = await this.mirror.offer(this.mirror.leaves.slice(0, size), start)
    assert.equal(received.kind, 'stored')
  }

  async open(asking: Asking) {
    return this.ask(this.mirror.leaves, asking)
  }

  async hide(asking: Asking) {
    return this.ask(this.hidden, asking)
  }

  private async ask(leaves: readonly Proposed[], { old, size, proof }: Asking) {
    const { publicKey, sign } = this.mirror.own.keystore.logSigner(1)
    const note = printSignedCheckpoint(native, headOf(leaves.slice(0, size)), publicKey, sign)
    const tree = treeOf(leaves.map(({ entry }) => leafHash(native, entry.bytes)))
    const honest = old > 0 && old < size ? consistencyOf(tree, BigInt(old), BigInt(size)) : []
    const body = printAddCheckpoint({ oldSize: old, proof: proof ?? honest, note })
    const answer = await this.cosigner.answer(body)
    await Promise.all(this.comparing)
    return answer.why ?? answer.status
  }
}

/** Whether what was claimed is a proof: two roots of one size, or a tree that the larger head continues and the smaller is not of. */
function isProof({ a, b, prefix }: Claim): boolean {
  const [small, large] = [parseSignedCheckpoint(a), parseSignedCheckpoint(b)].toSorted((one, other) =>
    one.ok && other.ok ? one.value.checkpoint.size - other.value.checkpoint.size : 0,
  )
  if (small?.ok !== true || large?.ok !== true) return false
  const [from, to] = [small.value.checkpoint, large.value.checkpoint]
  if (from.size === to.size) return !Buffer.from(from.root).equals(to.root)
  if (prefix === undefined || Buffer.from(prefix.prefixRoot).equals(from.root)) return false
  const claim = {
    oldSize: from.size,
    oldRoot: prefix.prefixRoot,
    size: to.size,
    root: to.root,
    proof: prefix.proof,
  }
  return verifyConsistency(native, claim).ok
}

describe('a head that a witness does not cosign', () => {
  let world: World
  beforeEach(async () => {
    world = new World(await Mirror.open())
  })
  afterEach(() => world.mirror.own.remove())

  const isFound = () => {
    const { claims } = world.mirror
    assert.ok(claims.length > 0 && claims.every(isProof))
  }
  const isNotFound = () => assert.deepEqual([world.mirror.claims, world.asked], [[], []])

  const guilty: readonly (readonly [string, number, Asking, string])[] = [
    ['of the size cosigned last, with another root', 8, { old: 8, size: 8 }, 'root-differs'],
    ['below the one cosigned last', 8, { old: 6, size: 6 }, 'old-not-mine'],
    ['below the one cosigned last, whose size is said right', 8, { old: 8, size: 6 }, 'old-above-size'],
    ['above the one cosigned last, from another size', 8, { old: 6, size: 10 }, 'old-not-mine'],
    [
      'above the one cosigned last, with a proof that does not lead to it',
      8,
      { old: 8, size: 10 },
      'proof-wrong',
    ],
  ]
  for (const [what, record, asking, why] of guilty) {
    it(`proves a hidden history where it is ${what}`, async () => {
      await world.holds(record)
      assert.equal(await world.open({ old: 0, size: record }), 200)
      if (asking.size > record) await world.holds(asking.size)
      assert.equal(await world.hide(asking), why)
      isFound()
      assert.deepEqual(world.asked, [])
    })
  }

  it('proves two roots of one size where the entries of neither are held', async () => {
    await world.holds(SHARED)
    assert.equal(await world.open({ old: SHARED, size: 8 }), 200)
    assert.equal(await world.hide({ old: 8, size: 8 }), 'root-differs')
    isFound()
  })

  it('proves a hidden history that goes beyond what is held, once that much is here; its author is asked meanwhile', async () => {
    await world.holds(6)
    assert.equal(await world.open({ old: 0, size: 6 }), 200)
    assert.equal(await world.hide({ old: 6, size: 10 }), 'proof-wrong')
    const author = parseOrigin(ORIGIN)
    assert.ok(author.ok)
    assert.deepEqual([world.mirror.claims, world.asked], [[], [author.value.domain]])
    await world.holds(SIZE)
    isFound()
  })

  it('proves nothing against a log that shows one history, however it asks', async () => {
    await world.holds(8)
    assert.equal(await world.open({ old: 0, size: 8 }), 200)
    // Not heard of what was cosigned, a head that is out of date, the same again, another answer that came first.
    for (const [asking, why] of [
      [{ old: 0, size: 8 }, 'old-not-mine'],
      [{ old: 0, size: 6 }, 'old-not-mine'],
      [{ old: 8, size: 6 }, 'old-above-size'],
      [{ old: 8, size: 8 }, 200],
      [{ old: 6, size: 10 }, 'old-not-mine'],
    ] as const)
      assert.equal(await world.open(asking), why)
    world.clock.at -= 60_000
    assert.equal(await world.open({ old: 8, size: 10 }), 'clock-behind')
    isNotFound()
  })

  it('proves nothing against a log whose entries are on their way', async () => {
    await world.holds(6)
    assert.equal(await world.open({ old: 0, size: 6 }), 200)
    assert.equal(await world.open({ old: 0, size: 9 }), 'old-not-mine')
    assert.equal(await world.open({ old: 8, size: 10 }), 'old-not-mine')
    await world.holds(SIZE)
    isNotFound()
  })

  it('proves nothing against a log whose head somebody sends with rubbish beside it', async () => {
    const rubbish = [new Uint8Array(32).fill(7)]
    await world.holds(8)
    assert.equal(await world.open({ old: 0, size: 8, proof: rubbish }), 'proof-wrong')
    assert.equal(await world.open({ old: 0, size: 8 }), 200)
    assert.equal(await world.open({ old: 8, size: 8, proof: rubbish }), 'proof-wrong')
    await world.holds(10)
    assert.equal(await world.open({ old: 8, size: 10, proof: rubbish }), 'proof-wrong')
    isNotFound()
    // Beyond what is held its author is asked, and pays for nothing.
    assert.equal(await world.open({ old: 10, size: 11, proof: rubbish }), 'proof-wrong')
    await world.holds(SIZE)
    assert.deepEqual([world.mirror.claims, world.asked.length], [[], 1])
  })
})

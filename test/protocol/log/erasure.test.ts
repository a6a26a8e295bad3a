import assert from 'node:assert/strict'
import { native } from '../../../node/keys/native.ts'
import type { Checkpoint } from '../../../protocol/log/checkpoint.ts'
import { checkErasure, type Erasure, type ErasureFault } from '../../../protocol/log/erasure.ts'
import { edgeRoot } from '../../../protocol/log/merkle.ts'
import { portable } from '../../../protocol/primitives.ts'
import { originOf } from '../../support/declared.ts'
import { ERASED_INDEX, eraseOf, hold, makeErasedLog } from '../../support/erased-log.ts'
import { MemoryKeyValue } from '../../support/memory-kv.ts'
import { makeSignedLog, type SignedLog } from '../../support/signed-log.ts'

const SIZE = 7
const LAST = SIZE - 1

/** What a sender would say of the last entry of a log, whatever that is worth. */
async function claimOf(log: SignedLog, of = ERASED_INDEX) {
  const logs = await hold(log, new MemoryKeyValue())
  const held = logs.get(log.origin)
  const [leaf, target] = [log.leaves[LAST], log.leaves[of]?.bytes]
  assert.ok(held !== undefined && leaf !== undefined && target !== undefined)
  const head: Checkpoint = { origin: log.origin, size: SIZE, root: edgeRoot(native, held.edge) }
  const proof = await logs.inclusionProof(held, LAST, SIZE)
  const other = await logs.inclusionProof(held, LAST - 1, SIZE)
  const erasure: Erasure = { of, index: LAST, entry: leaf.bytes, part: leaf.part, proof }
  return { head, target, erasure, other }
}

type Claim = Awaited<ReturnType<typeof claimOf>>

function check({ head, target, erasure }: Pick<Claim, 'head' | 'target' | 'erasure'>) {
  const checked = checkErasure(portable, head, target, erasure)
  return checked.ok ? 'ok' : checked.fault
}

describe('an erasure of a public part', () => {
  let log: SignedLog
  let claim: Claim
  before(async () => {
    log = await makeErasedLog(SIZE)
    claim = await claimOf(log)
  })

  it('holds with the entry that erased it, proven under the same head', () => {
    assert.equal(check(claim), 'ok')
  })

  const flip = (bytes: Uint8Array) => bytes.map((byte, at) => (at === 0 ? byte ^ 1 : byte))
  const changed = (change: Partial<Erasure>): Claim => ({
    ...claim,
    erasure: { ...claim.erasure, ...change },
  })
  const REFUSALS: readonly (readonly [
    string,
    () => Pick<Claim, 'head' | 'target' | 'erasure'>,
    ErasureFault,
  ])[] = [
    ['above the head', () => ({ ...claim, head: { ...claim.head, size: LAST } }), 'erasure-place'],
    ['below what it erases', () => changed({ of: SIZE }), 'erasure-place'],
    ['of its own entry', () => changed({ of: LAST }), 'erasure-place'],
    ['with a forged proof', () => changed({ proof: claim.erasure.proof.map(flip) }), 'erasure-proof'],
    ['with the proof of another leaf', () => changed({ proof: claim.other }), 'erasure-proof'],
    ['with its proof cut', () => changed({ proof: claim.erasure.proof.slice(1) }), 'erasure-proof'],
    ['at another place than its own', () => changed({ index: LAST - 1 }), 'erasure-proof'],
    ['of another entry than it names', () => changed({ of: 3 }), 'erasure-target'],
    [
      'of another leaf than it names',
      () => ({ ...claim, target: log.leaves[3]?.bytes ?? claim.target }),
      'erasure-target',
    ],
    [
      'by an entry that erases nothing',
      () => {
        const leaf = log.leaves[LAST - 1]
        assert.ok(leaf)
        return changed({ entry: leaf.bytes, part: leaf.part, index: LAST - 1, proof: claim.other })
      },
      'erasure-target',
    ],
    [
      'whose own part was altered',
      () => changed({ part: { ...claim.erasure.part, bytes: flip(claim.erasure.part.bytes) } }),
      'erasure-part',
    ],
    ['by bytes that are no entry', () => changed({ entry: new Uint8Array(9) }), 'erasure-entry'],
    [
      'by an entry of another log',
      () => ({ ...claim, head: { ...claim.head, origin: `${log.origin}1` } }),
      'erasure-entry',
    ],
  ]
  for (const [name, make, fault] of REFUSALS) {
    it(`is refused ${name}`, () => assert.equal(check(make()), fault))
  }

  it('is refused where the entry names other tiers', async () => {
    const other = await claimOf(await makeErasedLog(SIZE, { tiers: ['partner', 'research'] }))
    assert.equal(check(other), 'erasure-target')
  })

  it('is refused where the entry names the leaf of another log', async () => {
    const other = await claimOf(await makeErasedLog(SIZE, { on: { origin: originOf(9) } }))
    assert.equal(check(other), 'erasure-target')
  })

  it('is refused of leaf 0', async () => {
    const other = await claimOf(await makeErasedLog(SIZE, { index: 0 }), 0)
    assert.equal(check(other), 'erasure-kind')
  })

  it('is refused of an entry that erased something itself', async () => {
    const chain = await makeSignedLog(LAST, (origin, leaves) => eraseOf(origin, leaves, { index: 1 }))
    const { head, erasure } = await claimOf(chain, 1)
    const target = chain.leaves[LAST]?.bytes
    assert.ok(target)
    // An `erase` on an `erase` needs a second one: the target is judged by its kind before anything is proven.
    assert.notEqual(check({ head, target, erasure }), 'ok')
  })
})

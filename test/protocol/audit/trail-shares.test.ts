import assert from 'node:assert/strict'
import { accessId } from '../../../protocol/access/signed.ts'
import type { TrailEntry } from '../../../protocol/access/trail.ts'
import { compareTrails } from '../../../protocol/audit/trail-agreement.ts'
import { judgeTrail } from '../../../protocol/audit/trail.ts'
import { portable } from '../../../protocol/primitives.ts'
import { DAY, NOW } from '../../support/access-facts.ts'
import { signedOf } from '../../support/access-vectors.ts'
import { ESCROW_STATEMENTS } from '../../support/escrow-cases.ts'
import { fileAt } from '../../support/honest-trails.ts'
import { counting, ORIGIN, OTHER_ORIGIN, publicKeyOf, SEED } from '../../support/statements.ts'

const statement = (kind: string) => {
  const found = ESCROW_STATEMENTS.find(([, one]) => one.kind === kind)
  assert.ok(found, kind)
  return signedOf(found[1])
}

const DEPOSIT = counting(32, 0x50)
const RELEASE = statement('escrow-release').bytes
const step = (name: TrailEntry['step'], bytes: Uint8Array | null, request = DEPOSIT): TrailEntry => {
  return { side: 'escrow', step: name, at: NOW, request, statement: bytes, facts: {} }
}
const trail = (origin: string, entries: readonly TrailEntry[], at = NOW + DAY) =>
  fileAt(
    origin,
    entries.map((entry) => ({ at: NOW, entry })),
    at,
  )
const nothing = { logs: [], keyOf: () => undefined }
const codes = (findings: readonly { readonly code: string }[]) => findings.map(({ code }) => code)

describe('shares of parts in escrow in two trails', () => {
  const taker = trail(ORIGIN, [step('gathered', RELEASE)])
  const giver = trail(OTHER_ORIGIN, [step('shared', RELEASE)])

  it('agree where both have them, whichever is held against which', () => {
    assert.deepEqual(compareTrails(portable, giver, taker, nothing.keyOf).findings, [])
    assert.deepEqual(compareTrails(portable, taker, giver, nothing.keyOf).findings, [])
  })

  it('show what the giver left out, or has otherwise', () => {
    for (const other of [trail(OTHER_ORIGIN, []), trail(OTHER_ORIGIN, [step('shared', null)])])
      assert.deepEqual(compareTrails(portable, other, taker, nothing.keyOf).findings, [
        {
          code: 'trail-share-hidden',
          origin: OTHER_ORIGIN,
          request: Buffer.from(DEPOSIT).toString('hex'),
          isWord: true,
        },
      ])
  })

  it('accuse nobody of what came after its trail was made, or is older than it is kept', () => {
    for (const at of [NOW - 1, NOW + 299, NOW + 1_826 * DAY])
      assert.deepEqual(
        compareTrails(portable, trail(OTHER_ORIGIN, [], at), taker, nothing.keyOf).findings,
        [],
        String(at),
      )
  })
})

describe('one trail with a part in escrow', () => {
  const escrow = statement('escrow')
  const id = accessId(portable, escrow)

  it('is in order, or misses the step that another needs', () => {
    const whole = [step('kept', escrow.bytes, id), step('released', null, id)]
    assert.deepEqual(judgeTrail(portable, trail(OTHER_ORIGIN, whole), nothing).findings, [])
    assert.deepEqual(
      codes(judgeTrail(portable, trail(OTHER_ORIGIN, [step('shared', RELEASE)]), nothing).findings),
      ['trail-order'],
    )
    const twice = trail(OTHER_ORIGIN, [...whole, step('kept', escrow.bytes, id)])
    assert.deepEqual(codes(judgeTrail(portable, twice, nothing).findings), ['trail-order'])
  })

  it('has statements about this deposit, signed by whom they are of', () => {
    const kept = step('kept', escrow.bytes, id)
    const other = trail(OTHER_ORIGIN, [kept, step('released', null, id), step('shared', RELEASE, id)])
    assert.deepEqual(codes(judgeTrail(portable, other, nothing).findings), ['trail-statement'])
    const wrong = trail(OTHER_ORIGIN, [step('kept', escrow.bytes)])
    assert.deepEqual(codes(judgeTrail(portable, wrong, nothing).findings), ['trail-statement'])
    const by = (domain: string) => ({
      logs: [],
      keyOf: () => ({ key: publicKeyOf(SEED), parties: [domain] }),
    })
    const file = trail(OTHER_ORIGIN, [kept])
    assert.deepEqual(judgeTrail(portable, file, by('a.example')).findings, [])
    assert.deepEqual(codes(judgeTrail(portable, file, by('b.example')).findings), ['trail-signature'])
  })

  it('need not have logged a deposit, and has to have logged a recall', () => {
    const late = NOW + 9 * DAY
    const log = (origin: string) => ({ origin, size: 0, root: undefined, access: new Map() })
    const judged = (origin: string, entry: TrailEntry) =>
      codes(judgeTrail(portable, trail(origin, [entry], late), { ...nothing, logs: [log(origin)] }).findings)
    assert.ok(!judged(ORIGIN, step('deposited', escrow.bytes, id)).includes('trail-unlogged'))
    const recall = step('recalled', statement('escrow-recall').bytes)
    assert.ok(judged(OTHER_ORIGIN, recall).includes('trail-unlogged'))
  })
})

import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { KeyOf } from '../../../protocol/audit/trail-party.ts'
import { DAY, NOW } from '../../support/access-facts.ts'
import { codesOf } from '../../support/compared-trails.ts'
import { exchangeWith, fileAt, honestExchange, randomOf, trailOf } from '../../support/honest-trails.ts'
import { testKey } from '../../support/notes.ts'
import { counting, ORIGIN, OTHER_ORIGIN } from '../../support/statements.ts'

const LATER = NOW + 90 * DAY
const nobody: KeyOf = () => undefined

describe('one trail against the word of the other', () => {
  it('accuses nobody by a statement whose signature nobody could verify', () => {
    const happened = exchangeWith('denied', 'heard')
    const left = trailOf('owner', happened).filter(({ entry }) => entry.step !== 'denied')
    const files = [
      fileAt(ORIGIN, left, LATER),
      fileAt(OTHER_ORIGIN, trailOf('reader', happened), LATER),
    ] as const
    assert.deepEqual(codesOf(...files), ['trail-denial-hidden a.example'])
    assert.deepEqual(codesOf(...files, nobody), ['trail-denial-hidden a.example, by word'])
    const others: KeyOf = () => ({ key: testKey(1).key, parties: ['b.example'] })
    assert.deepEqual(codesOf(...files, others), ['trail-denial-hidden a.example, by word'])
  })

  it('accuses no honest owner by anything but the word of a reader that invents what it likes', () => {
    const steps = ['requested', 'received', 'opened', 'heard', 'answered', 'fetched'] as const
    const invented = fc.record({
      step: fc.constantFrom(...steps),
      of: fc.nat(30),
      isOurs: fc.boolean(),
      at: fc.integer({ min: 0, max: 20 * DAY }),
    })
    const seeds = fc.integer({ min: 1, max: 0x7fff_fffe })
    let told = 0
    fc.assert(
      fc.property(seeds, fc.array(invented, { maxLength: 6 }), fc.nat(7), (seed, all, dropped) => {
        const happened = honestExchange(randomOf(seed))
        const other = honestExchange(randomOf(seed + 1))
        const request = happened[0]?.entry.request ?? counting(32, 0)
        const lies = all.map(({ step, of, isOurs, at }) => {
          // A statement that it took from somewhere, or its own; what the owner signs it cannot invent.
          const from = other[of % other.length]?.entry.statement ?? null
          const isItsOwn = isOurs && step !== 'received' && step !== 'heard'
          const statement = isItsOwn ? (happened[0]?.entry.statement ?? null) : forged(from)
          const facts = step === 'fetched' ? { root: counting(32, of), bytes: 3 } : {}
          const entry = { side: 'reader', step, at: NOW + at, request, statement, facts } as const
          return { at: NOW + at, entry }
        })
        const mine = trailOf('reader', happened).filter((_, at) => at !== dropped)
        const reader = fileAt(OTHER_ORIGIN, [...mine, ...lies], LATER)
        const found = codesOf(fileAt(ORIGIN, trailOf('owner', happened), LATER), reader)
        const accused = found.filter((one) => one.includes('a.example'))
        told += accused.length
        assert.deepEqual(
          accused.filter((one) => !one.endsWith(', by word')),
          [],
        )
      }),
      { numRuns: 1_000 },
    )
    assert.ok(told > 100)
  })
})

/** The statement under a signature that nobody made. */
function forged(statement: Uint8Array | null): Uint8Array | null {
  return statement === null ? null : statement.with(statement.length - 1, 1)
}

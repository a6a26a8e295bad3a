import assert from 'node:assert/strict'
import fc from 'fast-check'
import { combineMarkings, termsDigest, windowOf, type Marking } from '../../../protocol/access/marking.ts'
import { portable } from '../../../protocol/primitives.ts'
import { daysSince1970 } from '../../../protocol/record/date.ts'
import { hex } from '../../support/notation.ts'

const at = (text: string) => Date.parse(text) / 1_000

describe('combineMarkings', () => {
  const cases: readonly (readonly [string, readonly Marking[], Marking | undefined])[] = [
    ['nothing', [], undefined],
    ['one', [{ tlp: 'GREEN' }], { tlp: 'GREEN' }],
    ['two colours', [{ tlp: 'AMBER' }, { tlp: 'GREEN' }], { tlp: 'AMBER' }],
    ['strict amber and amber', [{ tlp: 'AMBER' }, { tlp: 'AMBER+STRICT' }], { tlp: 'AMBER+STRICT' }],
    ['red and strict amber', [{ tlp: 'RED' }, { tlp: 'AMBER+STRICT' }], { tlp: 'RED' }],
    [
      'actions',
      [
        { tlp: 'CLEAR', iep: { permitted_actions: 'contact-for-instruction' } },
        { tlp: 'CLEAR', iep: { permitted_actions: 'externally-visible-direct-actions' } },
      ],
      { tlp: 'CLEAR', iep: { permitted_actions: 'contact-for-instruction' } },
    ],
    [
      'answers',
      [
        { tlp: 'CLEAR', iep: { attribution: 'must', unmodified_resale: 'may', encrypt_in_transit: 'may' } },
        { tlp: 'CLEAR', iep: { attribution: 'must-not', encrypt_in_transit: 'must' } },
      ],
      {
        tlp: 'CLEAR',
        iep: { attribution: 'must-not', unmodified_resale: 'may', encrypt_in_transit: 'must' },
      },
    ],
    [
      'dates',
      [
        { tlp: 'CLEAR', iep: { start_date: '2026', end_date: '2026-12' } },
        { tlp: 'CLEAR', iep: { start_date: '2026-03', end_date: '2026-12-30' } },
      ],
      { tlp: 'CLEAR', iep: { start_date: '2026-03', end_date: '2026-12-30' } },
    ],
    [
      'silence and an end',
      [{ tlp: 'CLEAR' }, { tlp: 'CLEAR', iep: { end_date: '2026' } }],
      { tlp: 'CLEAR', iep: { end_date: '2026' } },
    ],
  ]
  for (const [name, markings, expected] of cases) {
    it(`joins ${name}, in any order`, () => {
      assert.deepEqual(combineMarkings(markings), expected)
      assert.deepEqual(combineMarkings(markings.toReversed()), expected)
    })
  }
})

describe('windowOf', () => {
  it('begins with the first second and ends after the last', () => {
    const window = (start: string, end: string) =>
      windowOf({ tlp: 'CLEAR', iep: { start_date: start, end_date: end } })
    assert.deepEqual(window('2024', '2024'), { from: at('2024-01-01'), until: at('2025-01-01') })
    assert.deepEqual(window('2024-02', '2024-02'), { from: at('2024-02-01'), until: at('2024-03-01') })
    assert.deepEqual(window('2024-02-29', '2024-02-29'), { from: at('2024-02-29'), until: at('2024-03-01') })
    assert.deepEqual(window('2024-02-29T13Z', '2024-02-29T23Z'), {
      from: at('2024-02-29T13:00Z'),
      until: at('2024-03-01'),
    })
    assert.deepEqual(windowOf({ tlp: 'CLEAR' }), { from: 0, until: Number.MAX_SAFE_INTEGER })
  })

  it('counts days as Date does', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0001-01-01'), max: new Date('9998-12-31'), noInvalidDate: true }),
        (date) => {
          const day = date.toISOString().slice(0, 10)
          const first = Math.round(Date.parse(day) / 86_400_000)
          assert.deepEqual(daysSince1970(day), { first, after: first + 1 })
        },
      ),
    )
  })
})

describe('termsDigest', () => {
  it('differs by marking and by text', () => {
    const digests = [
      termsDigest(portable, { tlp: 'AMBER' }, ''),
      termsDigest(portable, { tlp: 'RED' }, ''),
      termsDigest(portable, { tlp: 'AMBER', iep: { attribution: 'must' } }, ''),
      termsDigest(portable, { tlp: 'AMBER' }, 'No copies.'),
    ]
    assert.equal(new Set(digests.map(hex)).size, 4)
    assert.equal(hex(termsDigest(portable, { tlp: 'AMBER' }, '')), hex(digests[0] ?? new Uint8Array()))
  })
})

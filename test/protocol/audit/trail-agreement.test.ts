import assert from 'node:assert/strict'
import fc from 'fast-check'
import { compareTrails } from '../../../protocol/audit/trail-agreement.ts'
import { judgeTrail } from '../../../protocol/audit/trail.ts'
import type { TrailEntry } from '../../../protocol/access/trail.ts'
import { portable } from '../../../protocol/primitives.ts'
import { DAY, NOW } from '../../support/access-facts.ts'
import { codesOf, known, marked } from '../../support/compared-trails.ts'
import {
  exchangeWith,
  fileAt,
  headOf,
  honestExchange,
  lineOf,
  randomOf,
  trailOf,
  unsigned,
} from '../../support/honest-trails.ts'
import { counting, NETWORK_ID, ORIGIN, OTHER_ORIGIN } from '../../support/statements.ts'

function isOfFile({ entry: { step, facts } }: { readonly entry: TrailEntry }): boolean {
  return step === 'confirmed' && 'root' in facts
}

/** Long after everything that happened. */
const LATER = NOW + 90 * DAY

describe('two honest trails', () => {
  it('agree, whatever was lost or late, whenever each was made, and however far clocks may differ', () => {
    const moments = fc.integer({ min: -1, max: 30 * DAY })
    const skews = fc.integer({ min: -150, max: 150 })
    const seeds = fc.integer({ min: 1, max: 0x7fff_fffe })
    fc.assert(
      fc.property(seeds, moments, moments, skews, skews, (seed, first, second, mine, yours) => {
        const random = randomOf(seed)
        const happened = [...honestExchange(random), ...honestExchange(random, NOW + DAY)]
        const owner = fileAt(ORIGIN, trailOf('owner', happened, mine), NOW + first, mine)
        const reader = fileAt(OTHER_ORIGIN, trailOf('reader', happened, yours), NOW + second, yours)
        assert.deepEqual(codesOf(owner, reader), [])
        for (const file of [owner, reader])
          assert.deepEqual(judgeTrail(portable, file, { logs: [], keyOf: () => undefined }).findings, [])
      }),
      { numRuns: 400 },
    )
  })

  it('agree when one was made at the very moment at which the other side hears of something', () => {
    for (let seed = 1; seed < 200; seed++) {
      const happened = honestExchange(randomOf(seed * 7_919))
      for (const { at } of happened)
        for (const [first, second] of [
          [at, LATER],
          [LATER, at],
          [at - 1, at],
          [at, at - 1],
        ] as const) {
          const owner = fileAt(ORIGIN, trailOf('owner', happened), first)
          const reader = fileAt(OTHER_ORIGIN, trailOf('reader', happened), second)
          assert.deepEqual(codesOf(owner, reader), [], `seed ${seed}`)
        }
    }
  })
})

describe('comparing two trails', () => {
  /** Both trails long afterwards, one of them without these steps. */
  const without = (
    side: 'owner' | 'reader',
    steps: readonly TrailEntry['step'][],
    needed: readonly TrailEntry['step'][],
  ) => {
    const happened = exchangeWith(...needed)
    const files = {
      owner: fileAt(ORIGIN, trailOf('owner', happened), LATER),
      reader: fileAt(OTHER_ORIGIN, trailOf('reader', happened), LATER),
    }
    const lines = files[side].lines.filter(
      (line) => line.kind === 'entry' && !steps.includes(line.entry.step),
    )
    const cut = { ...files[side], lines, ...headOf(lines) }
    return side === 'owner' ? codesOf(cut, files.reader) : codesOf(files.owner, cut)
  }
  const OWNER_STEPS = ['decided', 'ruled', 'offered', 'receipted', 'confirmed', 'sent', 'revoked'] as const

  const cases: readonly (readonly [string, Parameters<typeof without>, readonly string[]])[] = [
    [
      'a whole disclosure that the owner left out',
      ['owner', OWNER_STEPS, ['opened', 'confirmed', 'fetched', 'ruled', 'revoked', 'answered']],
      [
        'trail-grant-hidden a.example',
        'trail-release-hidden a.example, by word',
        'trail-files-hidden a.example, by word',
        'trail-revocation-hidden a.example',
      ],
    ],
    [
      'a denial that the reader heard',
      ['owner', ['denied'], ['heard', 'denied']],
      ['trail-denial-hidden a.example'],
    ],
    [
      'a receipt that the owner left out',
      ['owner', ['receipted'], ['opened']],
      ['trail-release-hidden a.example, by word'],
    ],
    [
      'files that the owner sent',
      ['owner', ['sent'], ['fetched']],
      ['trail-files-hidden a.example, by word'],
    ],
    [
      'a revocation that the reader heard',
      ['owner', ['revoked'], ['received', 'revoked', 'answered', 'acknowledged']],
      ['trail-revocation-hidden a.example'],
    ],
    [
      'a request that the reader left out',
      ['reader', ['requested'], ['decided', 'received']],
      ['trail-request-hidden b.example'],
    ],
    [
      'a receipt that the reader left out',
      ['reader', ['received'], ['receipted', 'confirmed']],
      ['trail-receipt-hidden b.example'],
    ],
    [
      'an opening that the reader left out',
      ['reader', ['opened'], ['confirmed']],
      ['trail-confirmation b.example, by word'],
    ],
    [
      'an appeal that the reader left out',
      ['reader', ['answered'], ['appealed']],
      ['trail-answer-hidden b.example'],
    ],
    [
      'an acknowledgement that the reader left out',
      ['reader', ['answered'], ['acknowledged']],
      ['trail-answer-hidden b.example'],
    ],
    [
      'all of it that the reader left out',
      [
        'reader',
        ['requested', 'received', 'opened', 'heard', 'answered', 'fetched'],
        ['confirmed', 'sent', 'acknowledged'],
      ],
      [
        'trail-request-hidden b.example',
        'trail-receipt-hidden b.example',
        'trail-confirmation b.example, by word',
        'trail-files-hidden b.example, by word',
        'trail-answer-hidden b.example',
      ],
    ],
  ]
  it('finds the confirmation of a file that its reader never had', () => {
    const happened = Array.from({ length: 5_000 }, (_, seed) => honestExchange(randomOf(seed + 1))).find(
      (all) => all.some(isOfFile),
    )
    assert.ok(happened)
    const owner = fileAt(ORIGIN, trailOf('owner', happened), LATER)
    const isLeft = ({ entry }: (typeof happened)[number]) => entry.step !== 'fetched'
    const reader = fileAt(OTHER_ORIGIN, trailOf('reader', happened.filter(isLeft)), LATER)
    assert.deepEqual(codesOf(owner, reader), ['trail-confirmation b.example, by word'])
  })

  for (const [name, given, wanted] of cases) {
    it(`finds ${name}`, () => {
      assert.deepEqual(without(...given).toSorted(), wanted.toSorted())
    })
  }

  it('finds an acknowledgement that the owner left out, though it has a later one', () => {
    for (let seed = 1; ; seed++) {
      const made = honestExchange(randomOf(seed))
      const acks = made.filter(({ entry }) => entry.step === 'acknowledged')
      if (acks.length < 2) continue
      const owner = fileAt(
        ORIGIN,
        trailOf('owner', made).filter(
          ({ entry }) =>
            !Buffer.from(entry.statement ?? '').equals(acks[0]?.entry.statement ?? Buffer.alloc(1)),
        ),
        LATER,
      )
      const reader = fileAt(OTHER_ORIGIN, trailOf('reader', made), LATER)
      assert.deepEqual(codesOf(owner, reader), ['trail-answer-hidden a.example, by word'])
      return
    }
  })

  it('finds another grant, another denial, another receipt than the other side has', () => {
    const happened = exchangeWith('opened', 'confirmed')
    const reader = fileAt(OTHER_ORIGIN, trailOf('reader', happened), LATER)
    const other = unsigned({
      kind: 'denial',
      network: NETWORK_ID,
      at: NOW,
      owner: ORIGIN,
      to: counting(32, 0x60),
      request: counting(32, 1),
      reason: 'no_rule',
      note: null,
    }).bytes
    const swapped = (step: TrailEntry['step']) =>
      fileAt(
        ORIGIN,
        trailOf('owner', happened).map((one) =>
          one.entry.step === step ? { ...one, entry: { ...one.entry, statement: other } } : one,
        ),
        LATER,
      )
    assert.deepEqual(codesOf(swapped('offered'), reader), ['trail-grant-hidden a.example'])
    assert.deepEqual(codesOf(swapped('receipted'), reader), [
      'trail-release-hidden a.example, by word',
      // What stands in its place is no word of the reader.
      'trail-receipt-hidden b.example, by word',
    ])
  })

  it('counts what is newer than the other trail, and accuses nobody of it', () => {
    const happened = exchangeWith('opened', 'confirmed')
    const reader = fileAt(OTHER_ORIGIN, trailOf('reader', happened), LATER)
    const { findings, requests, newer } = compareTrails(marked, fileAt(ORIGIN, [], NOW), reader, known)
    assert.deepEqual([findings.length, requests, newer], [0, 1, 1])
  })

  it('counts revocations that the reader had not heard of', () => {
    const happened = exchangeWith('received', 'revoked')
    const reader = trailOf('reader', happened).filter(
      ({ entry }) => !['heard', 'answered'].includes(entry.step),
    )
    const owner = trailOf('owner', happened).filter(({ entry }) => entry.step !== 'acknowledged')
    const files = [fileAt(ORIGIN, owner, LATER), fileAt(OTHER_ORIGIN, reader, LATER)] as const
    const agreed = compareTrails(marked, ...files, known)
    assert.deepEqual([agreed.findings.length, agreed.unheard], [0, 1])
  })

  it('excuses what one side pruned when it might, and not what is in force or too young', () => {
    const happened = exchangeWith('opened', 'confirmed')
    const reader = fileAt(OTHER_ORIGIN, trailOf('reader', happened), LATER)
    const entries = trailOf('owner', happened).map(({ entry }) => lineOf(entry))
    const lines = entries.map(() => ({ kind: 'pruned', leaf: counting(32, 9) }) as const)
    const pruned = { ...fileAt(ORIGIN, [], LATER), ...headOf(lines), lines }
    const kept = (retention: number, at: number) =>
      compareTrails(marked, { ...pruned, retention, at }, reader, known)
    assert.deepEqual([kept(30, LATER).findings.length, kept(30, LATER).pruned], [0, 1])
    assert.ok(kept(365, LATER).findings.some(({ code }) => code === 'trail-grant-hidden'))
    // The grant lasts longer than the trail is kept.
    assert.ok(kept(1, NOW + 12 * DAY).findings.some(({ code }) => code === 'trail-grant-hidden'))
  })
})

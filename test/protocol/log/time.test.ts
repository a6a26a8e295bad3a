import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { quorum } from '../../../protocol/log/cosignature.ts'
import {
  existedBy,
  existedBySizes,
  faultyMax,
  hasQuorum,
  notBefore,
  type DatedHead,
} from '../../../protocol/log/time.ts'

describe('those that may lie', () => {
  it('are a third of the others at most', () => {
    assert.deepEqual(
      Array.from({ length: 11 }, (_, n) => faultyMax(n)),
      [0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3],
    )
    assert.throws(() => faultyMax(-1), /bug: others are counted/)
  })

  it('never make a quorum of nobody', () => {
    assert.ok(!hasQuorum({ size: 5, times: [] }, 0))
    assert.equal(existedBy([{ size: 5, times: [100] }], 0, 0), undefined)
  })
})

describe('the time an entry existed by', () => {
  const rows: readonly (readonly [string, readonly DatedHead[], number, number, unknown])[] = [
    ['one other: its time', [{ size: 3, times: [100] }], 2, 1, { time: 100, size: 3 }],
    ['not covered', [{ size: 3, times: [100] }], 3, 1, undefined],
    ['below the quorum', [{ size: 3, times: [100] }], 2, 2, undefined],
    ['two others: none may lie', [{ size: 3, times: [120, 100] }], 2, 2, { time: 100, size: 3 }],
    ['four others: the second', [{ size: 3, times: [1, 120, 110] }], 2, 4, { time: 110, size: 3 }],
    [
      'four others, a time in the future',
      [{ size: 3, times: [9e9, 120, 110] }],
      2,
      4,
      { time: 120, size: 3 },
    ],
    ['seven others: the third', [{ size: 3, times: [1, 2, 130, 140, 150] }], 0, 7, { time: 130, size: 3 }],
    [
      'the earliest head that covers it, wherever it stands',
      [
        { size: 9, times: [90, 91, 92] },
        { size: 5, times: [100, 101, 102] },
        { size: 4, times: [50, 50, 50] },
      ],
      4,
      4,
      { time: 101, size: 5 },
    ],
    [
      'an earlier head without quorum says nothing',
      [
        { size: 5, times: [100, 101] },
        { size: 9, times: [110, 111, 112] },
      ],
      4,
      4,
      { time: 111, size: 9 },
    ],
    [
      'a mirror of which only the latest time is known, in its place',
      [{ size: 3, times: [100, 140], late: [120] }],
      2,
      4,
      { time: 120, size: 3 },
    ],
    [
      'two copies of one head: the better',
      [
        { size: 5, times: [100, 105, 106] },
        { size: 5, times: [100, 101, 106] },
      ],
      4,
      4,
      { time: 101, size: 5 },
    ],
  ]
  for (const [name, heads, index, others, expected] of rows) {
    it(`is bounded by ${name}`, () => assert.deepEqual(existedBy(heads, index, others), expected))
  }
})

describe('the time an entry was not there before', () => {
  const rows: readonly (readonly [string, readonly DatedHead[], number, number, unknown])[] = [
    ['one other: its time', [{ size: 3, times: [100] }], 3, 1, { time: 100, size: 3 }],
    ['a head that covers it', [{ size: 4, times: [100] }], 3, 1, undefined],
    ['below the quorum', [{ size: 3, times: [100] }], 3, 2, undefined],
    [
      'three others: all must sign again',
      [{ size: 3, times: [100, 120, 110] }],
      3,
      3,
      { time: 120, size: 3 },
    ],
    ['four others: the smallest', [{ size: 3, times: [100, 120, 110] }], 3, 4, { time: 100, size: 3 }],
    [
      'four others: not by one of which only the latest time is known',
      [{ size: 3, times: [100, 120], late: [110] }],
      3,
      4,
      undefined,
    ],
    [
      'seven others: as if that one had signed first',
      [{ size: 3, times: [100, 120, 130, 140], late: [90] }],
      3,
      7,
      undefined,
    ],
    [
      'the latest bound of all',
      [
        { size: 3, times: [100, 101, 102] },
        { size: 4, times: [200, 201, 202] },
      ],
      7,
      4,
      { time: 200, size: 4 },
    ],
  ]
  for (const [name, heads, index, others, expected] of rows) {
    it(`is bounded by ${name}`, () => assert.deepEqual(notBefore(heads, index, others), expected))
  }
})

describe('both bounds', () => {
  it('hold while at most a third lie, whatever those sign', () => {
    const world = fc.record({
      others: fc.integer({ min: 1, max: 10 }),
      heads: fc.array(
        fc.record({
          growth: fc.nat(3),
          born: fc.nat(50),
          delays: fc.array(fc.nat(99), { minLength: 10, maxLength: 10 }),
          lies: fc.array(fc.nat(3_000), { minLength: 10, maxLength: 10 }),
          who: fc.array(fc.nat(9), { maxLength: 10 }),
        }),
        { minLength: 1, maxLength: 6 },
      ),
      index: fc.nat(15),
    })
    fc.assert(
      fc.property(world, ({ others, heads, index }) => {
        const liars = faultyMax(others)
        const clock = Array.from({ length: others }, () => 0)
        let [size, now] = [1, 500]
        const told = heads.map(({ growth, born, delays, lies, who }) => {
          size += growth
          now += born
          const signers = [...new Set(who)].filter((mirror) => mirror < others)
          const signed = signers.map((mirror) => {
            if (mirror < liars) return { isHonest: false, time: lies[mirror] ?? 0 }
            // An honest mirror signs a head when it has seen it, and never goes back in time.
            const time = Math.max(clock[mirror] ?? 0, now + (delays[mirror] ?? 0))
            clock[mirror] = time
            return { isHonest: true, time }
          })
          return { size, born: now, signed, times: signed.map(({ time }) => time) }
        })
        const birth = told.find((head) => head.size > index)?.born
        const by = existedBy(told, index, others)
        if (by !== undefined) assert.ok(birth !== undefined && birth <= by.time)
        const from = notBefore(told, index, others)
        for (const head of told) {
          if (from === undefined || head.size <= index || head.times.length < quorum(others)) continue
          const complete = Math.max(...head.signed.map(({ isHonest, time }) => (isHonest ? time : 0)))
          assert.ok(from.time <= complete, `${from.time} <= ${complete}`)
        }
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('the times that all entries existed by', () => {
  const head = fc.record({
    size: fc.nat({ max: 12 }),
    times: fc.array(fc.nat({ max: 50 }), { maxLength: 5 }),
    late: fc.array(fc.nat({ max: 50 }), { maxLength: 2 }),
  })

  it('are those of each of them', () => {
    fc.assert(
      fc.property(fc.array(head, { maxLength: 8 }), fc.integer({ min: 0, max: 7 }), (heads, others) => {
        const bounds = existedBySizes(heads, others)
        for (let index = 0; index < 13; index++) {
          assert.deepEqual(
            bounds.find(({ size }) => size > index),
            existedBy(heads, index, others),
          )
        }
      }),
    )
  })

  it('take one pass over the heads of a year', () => {
    const heads = Array.from({ length: 52_560 }, (_, at) => ({ size: at + 1, times: [at, at + 1] }))
    assert.equal(existedBySizes(heads, 2).length, heads.length)
  })
})

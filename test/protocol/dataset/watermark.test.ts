import assert from 'node:assert/strict'
import fc from 'fast-check'
import { canonicalRow, rowFormatOf, rowOf, type RowFormat } from '../../../protocol/dataset/rows.ts'
import { makePlaces, makeRows, MarkStream } from '../../../protocol/dataset/watermark.ts'
import { portable } from '../../../protocol/primitives.ts'
import { counting } from '../../support/statements.ts'

const CSV: RowFormat = { kind: 'csv', delimiter: ',', columns: 4 }
const JSONL: RowFormat = { kind: 'jsonl' }
const csv = Array.from({ length: 40 }, (_, i) => {
  return `C-${10_000 + i * 37},${['low', 'high', 'none'][i % 3]},2026-0${1 + (i % 9)}-11,"ward ${i % 7}, east"`
})
const json = csv.map((line, i) => {
  const [id, severity, date] = line.split(',')
  return JSON.stringify({ id, severity, date, dose: i * 1.5, notes: [`n${i % 5}`], gone: null })
})
const stream = (request = 1) =>
  new MarkStream(portable, counting(32, 0), counting(32, request), counting(32, 9))
const made = (format: RowFormat, sample: readonly string[], request = 1) =>
  makeRows(stream(request), format, sample, 16, () => false)

describe('rows that mark a copy', () => {
  for (const [what, format, sample] of [
    ['CSV', CSV, csv],
    ['JSON Lines', JSONL, json],
    [
      'JSON Lines with spaces',
      JSONL,
      json.map((line) => line.replaceAll('":', '": ').replaceAll(',"', ', "')),
    ],
  ] as const)
    describe(`of ${what}`, () => {
      it('are rows of the format, each another, and none of the file', () => {
        const rows = made(format, sample)
        assert.equal(rows.length, 16)
        assert.equal(new Set(rows).size, 16)
        for (const row of rows) {
          assert.notEqual(rowOf(format, row), undefined, row)
          assert.equal(sample.includes(row), false)
        }
      })

      it('hold no value that the file does not hold, but digits for digits where rows are told apart', () => {
        const cells = sample.map((line) => new Map(rowOf(format, line)))
        for (const row of made(format, sample)) {
          for (const [name, text] of rowOf(format, row) ?? []) {
            const values = cells.map((one) => one.get(name))
            const shapes = values.map((value) => value?.replaceAll(/\d/g, '0'))
            const isId = name === '0' || name === 'id'
            assert.ok(
              isId ? shapes.includes(text.replaceAll(/\d/g, '0')) : values.includes(text),
              `${name} ${text}`,
            )
          }
        }
      })

      it('are the same for one request, and share nothing between two', () => {
        assert.deepEqual(made(format, sample), made(format, sample))
        const [a, b] = [made(format, sample), new Set(made(format, sample, 2))]
        assert.deepEqual(
          a.filter((row) => b.has(row)),
          [],
        )
      })

      it('are none that are taken', () => {
        const taken = new Set(made(format, sample).map((row) => canonicalRow(format, row)))
        const rows = makeRows(stream(), format, sample, 16, (row) => taken.has(row))
        assert.equal(rows.length, 16)
        assert.ok(rows.every((row) => !taken.has(canonicalRow(format, row))))
      })
    })

  it('are not made of too few rows, or of rows that are all alike', () => {
    assert.deepEqual(made(CSV, csv.slice(0, 7)), [])
    assert.deepEqual(
      made(
        CSV,
        Array.from({ length: 40 }, () => 'a,b,c,d'),
      ),
      [],
    )
    assert.deepEqual(made(JSONL, csv), [])
  })

  it('go to places all over the file, in order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 38 }), fc.nat(255), (bytes, request) => {
        const places = makePlaces(stream(request), bytes, 16)
        assert.deepEqual(
          places,
          places.toSorted((a, b) => a - b),
        )
        assert.ok(places.every((place) => place >= 0 && place < bytes && Number.isSafeInteger(place)))
      }),
    )
  })
})

describe('the format of rows', () => {
  const cases: readonly (readonly [string, string, RowFormat | undefined])[] = [
    ['a.csv', 'id,severity,date,ward', CSV],
    ['a.CSV', 'id;b', { kind: 'csv', delimiter: ';', columns: 2 }],
    ['a.tsv', 'id\tb\tc,d', { kind: 'csv', delimiter: '\t', columns: 3 }],
    ['a.csv', '"a,b",c', { kind: 'csv', delimiter: ',', columns: 2 }],
    ['a.csv', 'one column', undefined],
    ['a.jsonl', '{}', JSONL],
    ['a.ndjson', '', JSONL],
    ['a.parquet', 'PAR1', undefined],
  ]
  for (const [path, line, format] of cases)
    it(`of ${path} that begins with ${JSON.stringify(line)}`, () =>
      assert.deepEqual(rowFormatOf(path, line), format))

  it('knows a row again however it is quoted, spaced or sorted', () => {
    assert.equal(canonicalRow(CSV, 'a,"b",c,d'), canonicalRow(CSV, ' a , b,"c",d\r'))
    assert.notEqual(canonicalRow(CSV, 'a,b,c,d'), canonicalRow(CSV, 'a,b,"c,d"'))
    assert.equal(
      canonicalRow(JSONL, '{"a":1,"b":{"c":2,"d":[3]}}'),
      canonicalRow(JSONL, '{ "b": {"d":[3], "c":2}, "a": 1 }'),
    )
    assert.notEqual(canonicalRow(JSONL, '{"a":1}'), canonicalRow(JSONL, '{"a":[1]}'))
  })
})

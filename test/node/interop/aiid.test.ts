import assert from 'node:assert/strict'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import * as fc from 'fast-check'
import { readAs } from '../../../protocol/record/content.ts'
import { readAiid } from '../../../node/interop/aiid.ts'
import { readCsvRows, ROW_BYTES_MAX, type CsvRow } from '../../../node/interop/csv-rows.ts'
import { collect, inMemory } from '../../support/uploads.ts'

const HEADER =
  '_id,incident_id,date,reports,Alleged deployer of AI system,Alleged developer of AI system,Alleged harmed or nearly harmed parties,description,title'

function row(id: number | string, description = 'A description.', title = 'A title'): string {
  return `o,${id},2020-01-02,"[1,2]","[""a""]","[""b""]","[""c"",""d""]",${description},${title}`
}

async function read(lines: readonly (string | Uint8Array)[], chunkBytes?: number) {
  const bytes = Buffer.concat(lines.map((line) => Buffer.concat([Buffer.from(line), Buffer.from('\n')])))
  return collect(readAiid, inMemory({ 'incidents.csv': bytes }, chunkBytes))
}

async function rowsOf(text: string | Uint8Array, chunkBytes: number): Promise<readonly CsvRow[]> {
  const rows: CsvRow[] = []
  for await (const upload of inMemory({ 'a.csv': text }, chunkBytes))
    for await (const one of readCsvRows(upload.body)) rows.push(one)
  return rows
}

describe('readAiid refuses, by line and reason', () => {
  const table: readonly [string, string | Uint8Array, string, RegExp][] = [
    ['a row with a field too few', 'o,2,2020', 'line 3', /^has 3 fields where the header has 9$/u],
    ['a row with a field too many', `${row(2)},x`, 'line 3', /^has 10 fields/u],
    ['a row that is not UTF-8', Buffer.from(row(2, 'caf\u00e9'), 'latin1'), 'line 3', /^is not UTF-8$/u],
    ['a row without a title', row(2, 'x', ' '), 'line 3 (2)', /^has no title$/u],
    ['an id that is no number', row('two'), 'line 3', /^its incident_id is no number/u],
    ['an id of zero', row(0), 'line 3', /^its incident_id is no number/u],
    ['a quote inside a bare field', row(2, 'a"b'), 'line 3', /^has a quote where none may stand$/u],
    ['words behind a closing quote', row(2, '"a"b'), 'line 3', /^has a quote where none may stand$/u],
    ['a row that never ends its quote', row(2, '"never'), 'line 3', /quote/u],
    ['a row beyond measure', row(2, 'x'.repeat(ROW_BYTES_MAX)), 'line 3', /^is longer than 262144 bytes$/u],
    [
      'a field beyond measure',
      row(2, 'x'.repeat(65_537)),
      'line 3 (2)',
      /^a field has more than 65536 characters$/u,
    ],
    [
      'an id that stood before',
      row(1, 'Another.'),
      'line 3 (1)',
      /^another record of this input has the same id$/u,
    ],
    ['the same row again', row(1), 'line 3 (1)', /^the same record stands twice in this input$/u],
  ]
  for (const [what, bad, name, reason] of table) {
    it(what, async () => {
      for (const chunkBytes of [7, 65_536]) {
        if (chunkBytes === 7 && bad.length > 10_000) continue
        const outcome = await read([HEADER, row(1), bad, row(3), row(4)], chunkBytes)
        assert.deepEqual(
          outcome.records.map((one) => one.externalId),
          ['aiid:1', 'aiid:3', 'aiid:4'],
        )
        assert.deepEqual(
          outcome.skipped.map((one) => one.name),
          [`incidents.csv: ${name}`],
        )
        assert.match(outcome.skipped[0]?.reason ?? '', reason)
      }
    })
  }

  it('a file that is no table of incidents', async () => {
    const files = {
      'empty.csv': '',
      'image.csv': Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0xff, 0x0a),
      'other.csv': 'a,b\n1,2\n',
      'twice.csv': `${HEADER},title\n`,
      'utf16.csv': Buffer.from(`\uFEFF${HEADER}\n${row(1)}`, 'utf16le'),
      'notes.txt': 'x',
    }
    const outcome = await collect(readAiid, inMemory(files))
    assert.deepEqual(
      outcome.ignored.map(({ name, reason }) => [name, reason]),
      [
        ['empty.csv', 'is empty'],
        ['image.csv', 'is no table of incidents: its header is not UTF-8'],
        ['other.csv', 'is no table of incidents: its header lacks incident_id, date, description, title'],
        ['twice.csv', 'is no table of incidents: its header names a column twice'],
        ['utf16.csv', 'is no table of incidents: its header is not UTF-8'],
        ['notes.txt', 'is not a .csv file'],
      ],
    )
    assert.deepEqual([outcome.records, outcome.skipped], [[], []])
  })
})

describe('readAiid', () => {
  it('takes Windows line ends, a byte order mark, empty lines and no line end at the end', async () => {
    const text = `\uFEFF${HEADER}\r\n\r\n${row(1, '"a, ""b""\r\nc"')}\r\n${row(2)}`
    const outcome = await collect(readAiid, inMemory({ 'incidents.csv': text }, 5))
    assert.equal(outcome.records.length, 2)
    assert.equal(outcome.records[0]?.content.public['summary'], 'a, "b"\nc')
  })

  it('gives a row the same digest in another order of columns', async () => {
    const reversed = await read([
      'title,description,Alleged harmed or nearly harmed parties,Alleged developer of AI system,Alleged deployer of AI system,reports,date,incident_id,_id',
      'A title,A description.,"[""c"",""d""]","[""b""]","[""a""]","[1,2]",2020-01-02,1,o',
    ])
    const outcome = await read([HEADER, row(1)])
    assert.deepEqual(reversed.records[0]?.digest, outcome.records[0]?.digest)
  })

  it('cuts a long description at a sentence and keeps the whole', async () => {
    const whole = 'A sentence of thirty characters. '.repeat(20).trim()
    const outcome = await read([HEADER, row(1, whole)])
    const content = readAs('incident', outcome.records[0]?.content.public ?? null)
    assert.ok(content.state === 'known')
    assert.equal(content.value.summary.length, 32 * 12 + 11)
    assert.equal(content.value.summary_partial, true)
    assert.equal(content.value.description, whole)
  })

  it('says when a column cannot be read, and keeps the rest', async () => {
    const outcome = await read([HEADER, 'o,1,someday,nonsense,{},"[7]",,A description.,A title'])
    const content = readAs('incident', outcome.records[0]?.content.public ?? null)
    assert.ok(content.state === 'known')
    const status = new Map(content.value.source?.mapping?.map((one) => [one.field, one.status]))
    assert.deepEqual(content.value.occurred, { precision: 'unknown', basis: 'occurred' })
    assert.equal(status.get('date'), 'unmapped')
    assert.equal(status.get('reports'), 'unmapped')
    assert.equal(status.get('Alleged deployer of AI system'), 'unmapped')
    assert.equal(status.get('Alleged developer of AI system'), 'partial')
  })

  it('reads on behind a quote that nobody closes', async () => {
    const lines = Array.from({ length: 500 }, (_, i) => row(i + 2))
    const outcome = await read([HEADER, 'o,1,2020-01-02,"never closed', ...lines])
    assert.equal(outcome.records.length, 500)
    assert.deepEqual(
      outcome.skipped.map((one) => one.name),
      ['incidents.csv: line 2'],
    )
  })

  it('bounds its memory on a file without a line end', async () => {
    const before = heldBytes()
    let held = 0
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(`${HEADER}\n`)
      for (let taken = 0; taken < 64; taken++) yield Buffer.alloc(1_048_576, ',')
      held = heldBytes() - before
      yield Buffer.from(`\n${row(1)}\n`)
    }
    async function* uploads() {
      yield { path: 'incidents.csv', bytes: 0, body: endless() }
    }
    const outcome = await collect(readAiid, uploads())
    assert.deepEqual(
      outcome.records.map((one) => one.externalId),
      ['aiid:1'],
    )
    assert.deepEqual(
      outcome.skipped.map((one) => one.name),
      ['incidents.csv: line 2'],
    )
    assert.ok(held < 24 * 1_048_576, `${held} bytes are held`)
  })
})

/** Bytes that are reachable, not those that wait for the collector. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return arrayBuffers + heapUsed
}

describe('readCsvRows', () => {
  const field = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r\n', 'é', ' '), maxLength: 6 })

  it('reads back what RFC 4180 writes, whatever the size of the pieces', async () => {
    const tables = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(tables, fc.integer({ min: 1, max: 40 }), async (table, chunkBytes) => {
        const text = table
          .map((fields) => fields.map((one) => `"${one.replaceAll('"', '""')}"`).join(','))
          .join('\n')
        const rows = await rowsOf(text, chunkBytes)
        assert.deepEqual(
          rows.map((one) => ('fields' in one ? one.fields : one.fault)),
          table,
        )
      }),
    )
  })

  it('reads any bytes to the end, and the same rows whatever the size of the pieces', async () => {
    const soup = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', 'é', '\ud800'), maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(soup, fc.integer({ min: 1, max: 20 }), async (text, chunkBytes) => {
        const bytes = Buffer.from(text, 'latin1')
        assert.deepEqual(await rowsOf(bytes, chunkBytes), await rowsOf(bytes, 1_000))
      }),
    )
  })
})

import assert from 'node:assert/strict'
import { encode } from '../../../protocol/codec/cbor.ts'
import { PUBLIC_PART_BYTES_MAX } from '../../../protocol/limits.ts'
import { readAs } from '../../../protocol/record/content.ts'
import { readAvid } from '../../../node/interop/avid.ts'
import { JSON_BYTES_MAX } from '../../../node/interop/upload.ts'
import { collect, inMemory } from '../../support/uploads.ts'

const REPORT = {
  data_type: 'AVID',
  data_version: '0.3.3',
  metadata: { report_id: 'AVID-2026-R0001' },
  affects: { developer: ['A'], deployer: ['B'], artifacts: [{ type: 'Model', name: 'm' }] },
  problemtype: {
    classof: 'LLM Evaluation',
    type: 'Measurement',
    description: { lang: 'eng', value: 'A title' },
  },
  references: [{ type: 'source', label: 'l', url: 'https://example.org' }],
  description: { lang: 'eng', value: 'A description.' },
  reported_date: '2026-03-16',
}

const json = (change: object): string => JSON.stringify({ ...REPORT, ...change })

async function readOne(change: object) {
  const outcome = await collect(readAvid, inMemory({ 'a.json': json(change) }))
  const [record] = outcome.records
  assert.ok(record, JSON.stringify(outcome.skipped))
  const read = readAs('incident', record.content.public)
  assert.ok(read.state === 'known')
  const mapping = new Map(read.value.source?.mapping?.map((one) => [one.field, one]))
  return { record, incident: read.value, mapping }
}

describe('readAvid refuses, by name and reason', () => {
  const table: readonly [string, string | Uint8Array, RegExp][] = [
    ['an empty file', '', /^is empty$/u],
    ['what is not JSON', '{"a": nonsense}', /^is not JSON/u],
    ['a file that is cut off', json({}).slice(0, 100), /^is not JSON/u],
    ['a list', '[]', /^holds no JSON object$/u],
    ['null', 'null', /^holds no JSON object$/u],
    ['bytes that are not UTF-8', Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d), /^is not UTF-8$/u],
    ['UTF-16', Buffer.from(`\uFEFF${json({})}`, 'utf16le'), /^is UTF-16: save it as UTF-8$/u],
    ['a record without an id', json({ metadata: {} }), /^has neither metadata\.report_id/u],
    ['a record whose id is a number', json({ metadata: { report_id: 7 } }), /^has neither/u],
    [
      'an id of 201 characters',
      json({ metadata: { report_id: 'x'.repeat(201) } }),
      /^its id has more than 200/u,
    ],
    ['a record without a title', json({ problemtype: {} }), /^has no title/u],
    ['a title of white space', json({ problemtype: { description: { value: ' \n' } } }), /^has no title/u],
    [
      'a description beyond measure',
      json({ description: { value: 'x'.repeat(65_537) } }),
      /^description\.value has more than/u,
    ],
    [
      'nesting beyond measure',
      `{"metadata":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
      /^is nested too deep$/u,
    ],
    [
      'a file beyond measure',
      new Uint8Array(JSON_BYTES_MAX + 1).fill(0x20),
      /^is longer than 16777216 bytes$/u,
    ],
  ]
  for (const [what, content, reason] of table) {
    it(what, async () => {
      const files = {
        'good-1.json': json({ metadata: { report_id: 'G1' } }),
        'bad.json': content,
        'good-2.json': json({}),
      }
      const outcome = await collect(readAvid, inMemory(files))
      assert.equal(outcome.records.length, 2, 'the others are read')
      assert.equal(outcome.skipped.length, 1)
      assert.equal(outcome.skipped[0]?.name, 'bad.json')
      assert.match(outcome.skipped[0]?.reason ?? '', reason)
    })
  }

  it('the second record of one id', async () => {
    const outcome = await collect(
      readAvid,
      inMemory({ 'a.json': json({}), 'b.json': json({ reported_date: '2020-01-01' }), 'c.json': json({}) }),
    )
    assert.deepEqual(
      outcome.skipped.map(({ name, reason }) => [name, reason]),
      [
        ['b.json (AVID-2026-R0001)', 'another record of this input has the same id'],
        ['c.json (AVID-2026-R0001)', 'the same record stands twice in this input'],
      ],
    )
  })

  it('never quoting what the file says', async () => {
    const outcome = await collect(readAvid, inMemory({ 'a.json': '{"SECRET": SECRET}' }))
    assert.equal(JSON.stringify(outcome.skipped).includes('SECRET'), false)
  })
})

describe('readAvid', () => {
  it('takes a byte order mark for none', async () => {
    const outcome = await collect(readAvid, inMemory({ 'a.json': `\uFEFF${json({})}` }))
    assert.equal(outcome.records.length, 1)
  })

  it('compares without the version that AVID stamps on every release', async () => {
    const [old, stamped, changed] = await Promise.all([
      readOne({}),
      readOne({ data_version: '9.9' }),
      readOne({ reported_date: '2026-03-17' }),
    ])
    assert.deepEqual(old.record.digest, stamped.record.digest)
    assert.notDeepEqual(old.record.digest, changed.record.digest)
    assert.notEqual(old.incident.source?.original_digest, stamped.incident.source?.original_digest)
    assert.equal(old.incident.source?.comparison_digest, stamped.incident.source?.comparison_digest)
  })

  it('compares without regard to the order of keys and white space', async () => {
    const reordered = JSON.stringify(Object.fromEntries(Object.entries(REPORT).toReversed()), null, 4)
    const outcome = await collect(readAvid, inMemory({ 'a.json': reordered }))
    assert.deepEqual(outcome.records[0]?.digest, (await readOne({})).record.digest)
  })

  it('keeps severities side by side, as exact texts', async () => {
    const cvss = [
      { version: '3.1', vectorString: 'CVSS:3.1/X', baseScore: 9, baseSeverity: 'CRITICAL' },
      { version: '4.0', baseScore: 8.7 },
    ]
    const { incident } = await readOne({ impact: { cvss } })
    assert.deepEqual(incident.scores, [
      { system: 'cvss', version: '3.1', vector: 'CVSS:3.1/X', value: '9', label: 'CRITICAL' },
      { system: 'cvss', version: '4.0', value: '8.7' },
    ])
  })

  it('accounts for every field, known or not', async () => {
    const { mapping } = await readOne({ metrics: [{ name: 'x' }], newField: 1, impact: { odin: { a: 1 } } })
    assert.equal(mapping.get('metrics')?.status, 'unmapped')
    assert.equal(mapping.get('newField')?.status, 'unmapped')
    assert.equal(mapping.get('impact.odin')?.status, 'unmapped')
    assert.equal(mapping.get('problemtype.type')?.status, 'approximate')
    assert.equal(mapping.get('reported_date')?.status, 'direct')
    assert.equal(mapping.get('description')?.status, 'direct')
  })

  it('leaves out what is no web address and says so', async () => {
    const references = [
      { url: '../img/a.png' },
      { url: 'javascript:alert(1)' },
      { url: 'https://example.org/b' },
    ]
    const { incident, mapping } = await readOne({ references })
    assert.deepEqual(incident.references, [{ url: 'https://example.org/b' }])
    assert.equal(mapping.get('references')?.status, 'partial')
  })

  it('cuts a long title at a word and a long description into summary, description and narrative', async () => {
    const sentence = 'This sentence has exactly fifty characters, you see. '
    const { record, incident, mapping } = await readOne({
      problemtype: { type: 'Advisory', description: { value: 'word '.repeat(60) } },
      description: { value: sentence.repeat(60) },
    })
    assert.ok(incident.title.length <= 200 && incident.title.endsWith('word…'))
    assert.ok(incident.summary.endsWith('you see.') && incident.summary.length <= 400)
    assert.equal(incident.summary_partial, true)
    assert.ok((incident.description?.length ?? 0) <= 2_000)
    assert.equal(record.content.partner?.['narrative'], sentence.repeat(60).trim())
    assert.equal(mapping.get('problemtype.description')?.status, 'partial')
  })

  it('holds the public part within 64 KiB by shortening the longest list, with a mark', async () => {
    const references = Array.from({ length: 64 }, (_, i) => ({
      url: `https://example.org/${'x'.repeat(2_000)}${i}`,
    }))
    const { record, incident, mapping } = await readOne({ references })
    assert.ok(encode(record.content.public).length <= PUBLIC_PART_BYTES_MAX)
    assert.equal(incident.references?.length, 16)
    assert.equal(mapping.get('(references)')?.status, 'partial')
  })

  it('survives every field being of another type', async () => {
    const strange = [null, 7, 'x', [], {}, [null], [[]], [{ value: 7 }], { value: [] }, true]
    for (const value of strange)
      for (const field of [
        'affects',
        'references',
        'impact',
        'credit',
        'reports',
        'metrics',
        'reported_date',
        'description',
      ])
        await readOne({ [field]: value })
    for (const value of strange) {
      await readOne({ affects: { developer: value, deployer: value, artifacts: value } })
      await readOne({ impact: { avid: value, cvss: value, cwe: value, odin: value } })
      await readOne({
        impact: { avid: { sep_view: value, lifecycle_view: value, risk_domain: value, vuln_id: value } },
      })
    }
  })

  it('survives keys that objects inherit and hundreds of unknown ones', async () => {
    const raw = `${json({}).slice(0, -1)},"__proto__":{"x":1},"constructor":2,"toString":3}`
    const outcome = await collect(readAvid, inMemory({ 'a.json': raw }))
    assert.equal(outcome.records.length, 1)
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`key${i}`, i]))
    const { incident } = await readOne(many)
    assert.equal(incident.source?.mapping?.length, 64)
  })

  it('makes control characters harmless', async () => {
    const { incident } = await readOne({
      problemtype: { description: { value: 'a\u001b[31m\nb\ud800' } },
      description: { value: 'c\u0000d\r\ne' },
    })
    assert.equal(incident.title, 'a [31m b\ufffd')
    assert.equal(incident.summary, 'cd\ne')
  })
})

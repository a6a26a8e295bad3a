import assert from 'node:assert/strict'
import { readAs } from '../../../protocol/record/content.ts'
import { readAtlas } from '../../../node/interop/atlas.ts'
import { YAML_BYTES_MAX } from '../../../node/interop/upload.ts'
import { onThread } from '../../../node/interop/yaml-worker.ts'
import { collect, inMemory } from '../../support/uploads.ts'

const CASE = `---
id: AML.CS9999
name: A case
object-type: case-study
summary: A summary.
incident-date: 2024-05-06
incident-date-granularity: MONTH
procedure:
- tactic: '{{reconnaissance.id}}'
  technique: '{{victim_research.id}}'
  description: They looked around.
- tactic: AML.TA0001
  technique: '{{technique_of_tomorrow.id}}'
  description: |
    They did
    something new.
target: Example
actor: Unknown
case-study-type: exercise
`

const BOMB = [
  'a: &a [x,x,x,x,x,x,x,x,x]',
  ...'bcdefgh'.split('').map((key, i) => {
    const before = 'abcdefgh'[i] ?? 'a'
    return `${key}: &${key} [${Array.from({ length: 9 }, () => `*${before}`).join(',')}]`
  }),
].join('\n')

describe('readAtlas refuses, by name and reason', () => {
  const table: readonly [string, string | Uint8Array, RegExp][] = [
    ['an empty file', '', /^is empty$/u],
    ['what is not YAML', 'id: [unclosed\nname: x', /^is not YAML \(line \d+\)$/u],
    ['a bomb of aliases', BOMB, /^expands too many aliases/u],
    ['an alias that is not defined', 'id: *nobody', /^(is not YAML|expands too many aliases)/u],
    ['brackets beyond measure', '['.repeat(100_000), /^is nested too deep$/u],
    ['lists in lists beyond measure', `${'- '.repeat(100_000)}x`, /^is nested too deep$/u],
    ['bytes that are not UTF-8', Uint8Array.of(0x69, 0x64, 0x3a, 0x20, 0xff), /^is not UTF-8$/u],
    ['UTF-16', Buffer.from(`\uFEFF${CASE}`, 'utf16le'), /^is UTF-16/u],
    ['a text', 'hello', /^holds no YAML object$/u],
    ['a list of something else', '- a\n- b\n', /^holds no YAML object$/u],
    ['a case without an id', CASE.replace('id: AML.CS9999\n', ''), /^has no id$/u],
    ['a case without a name', CASE.replace('name: A case\n', ''), /^has no title \(name\)$/u],
    [
      'a summary beyond measure',
      CASE.replace('A summary.', 'x'.repeat(65_537)),
      /^its name or summary has more than/u,
    ],
    ['a file beyond measure', new Uint8Array(YAML_BYTES_MAX + 1).fill(0x20), /^is longer than/u],
  ]
  for (const [what, content, reason] of table) {
    it(what, async () => {
      const outcome = await collect(readAtlas, inMemory({ 'bad.yaml': content, 'good.yaml': CASE }))
      assert.equal(outcome.records.length, 1, 'the other is read')
      assert.deepEqual(
        outcome.skipped.map((one) => one.name),
        ['bad.yaml'],
      )
      assert.match(outcome.skipped[0]?.reason ?? '', reason)
    })
  }

  it('the second case of one id', async () => {
    const other = CASE.replace('A summary.', 'Another summary.')
    const outcome = await collect(readAtlas, inMemory({ 'a.yaml': CASE, 'b.yaml': other }))
    assert.deepEqual(
      outcome.skipped.map(({ name, reason }) => [name, reason]),
      [['b.yaml (AML.CS9999)', 'another record of this input has the same id']],
    )
  })
})

describe('readAtlas', () => {
  it('puts the procedure into the partner timeline with resolved identifiers, and says which it cannot resolve', async () => {
    const outcome = await collect(readAtlas, inMemory({ 'a.yml': CASE }))
    const content = outcome.records[0]?.content
    assert.deepEqual(content?.partner, {
      timeline: [
        { tactic: 'AML.TA0002', technique: 'AML.T0000', text: 'They looked around.' },
        { tactic: 'AML.TA0001', text: 'They did\nsomething new.' },
      ],
    })
    const read = readAs('incident', content.public)
    assert.ok(read.state === 'known')
    assert.deepEqual(read.value.classifications, [
      { scheme: 'mitre-atlas/technique', id: 'AML.T0000', label: 'Search Open Technical Databases' },
    ])
    assert.equal(read.value.source?.mapping?.find((one) => one.field === 'procedure')?.status, 'partial')
    assert.deepEqual(read.value.occurred, { start: '2024-05', precision: 'month', basis: 'occurred' })
  })

  it('tells an incident from an exercise', async () => {
    const incident = CASE.replace('case-study-type: exercise', 'case-study-type: incident')
    const outcome = await collect(readAtlas, inMemory({ 'a.yaml': incident }))
    assert.equal(outcome.records[0]?.content.public['kind'], 'harm_event')
  })

  it('does not invent a date from one it cannot read', async () => {
    for (const change of ['2024-13-01', 'soon', '{}', '2024']) {
      const outcome = await collect(readAtlas, inMemory({ 'a.yaml': CASE.replace('2024-05-06', change) }))
      assert.deepEqual(outcome.records[0]?.content.public['occurred'], {
        precision: 'unknown',
        basis: 'occurred',
      })
    }
  })

  it('reads the cases of a release one by one', async () => {
    const body = CASE.split('\n').slice(1).filter(Boolean)
    const item = body.map((line, i) => `${i === 0 ? '- ' : '  '}${line}`).join('\n')
    const release = `id: ATLAS\nversion: 9\nmatrices: []\ncase-studies:\n${item}\n- 7\n- id: x\n`
    const outcome = await collect(readAtlas, inMemory({ 'ATLAS.yaml': release }))
    assert.equal(outcome.records.length, 1)
    assert.deepEqual(
      outcome.skipped.map(({ name, reason }) => [name, reason]),
      [
        ['ATLAS.yaml: case study 2', 'is no object'],
        ['ATLAS.yaml: case study 3', 'has no title (name)'],
      ],
    )
  })

  it('survives a procedure of any shape', async () => {
    for (const procedure of [
      '7',
      '[7, null, []]',
      '{a: b}',
      '[{tactic: 7, description: 8}]',
      '[{description: x}]',
      'null',
    ]) {
      const text = CASE.replace(/procedure:[\s\S]*?target:/u, `procedure: ${procedure}\ntarget:`)
      const outcome = await collect(readAtlas, inMemory({ 'a.yaml': text }))
      assert.equal(outcome.records.length, 1, procedure)
    }
  })
})

describe('onThread', () => {
  it('gives up a document that keeps the parser busy', async () => {
    const read = await onThread('[]'.repeat(500_000), 300)
    assert.deepEqual(read, { ok: false, reason: 'takes too long to parse' })
  })

  it('reads a document as the parser does', async () => {
    assert.deepEqual(await onThread('a: [1, b]', 10_000), { ok: true, value: { a: [1, 'b'] } })
  })
})

import assert from 'node:assert/strict'
import type { ImportProgress, NewContent } from '../../node/api/client.ts'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { INCIDENT } from '../support/fake-service.ts'
import { startNode, type NodeProcess } from '../support/process.ts'
import { until } from '../support/until.ts'
import { inMemory } from '../support/uploads.ts'

type Files = Readonly<Record<string, string | Uint8Array>>

const GOOD = { ...INCIDENT, title: 'A good title' }

const REASON = { reason: 'We saw it differently.' }

/** As JSON.parse makes it: a field of its own, not the prototype. */
const PROTO = { kind: 'incident', public: { ...GOOD, ...JSON.parse('{"__proto__": {"a": 1}}') } }

const avid = (id: string, change: object = {}) =>
  JSON.stringify({
    data_type: 'AVID',
    metadata: { report_id: id },
    problemtype: { classof: 'LLM Evaluation', type: 'Measurement', description: { value: `Title of ${id}` } },
    description: { value: 'What happened.' },
    ...change,
  })

const atlas = (id: string) =>
  `id: ${id}\nobject-type: case-study\nname: Case ${id}\nsummary: What happened.\n` +
  'incident-date: 2024-01-02\nincident-date-granularity: DATE\nprocedure: []\n'

const BOMB = [
  'id: bomb',
  'a: &a [x, x, x, x, x, x, x, x, x]',
  ...'bcdefghi'.split('').map((name, i) => {
    const before = '*' + 'abcdefgh'[i]
    return `${name}: &${name} [${Array.from({ length: 9 }, () => before).join(', ')}]`
  }),
].join('\n')

const HEADER = 'incident_id,date,description,title'

describe('bad input to a running node', function () {
  this.timeout(180_000)
  let coalition: Coalition
  let node: NodeProcess

  before(async () => {
    coalition = await makeCoalition(1)
    const home = coalition.members[0]?.home
    assert.ok(home)
    node = await startNode(home, coalition.charterFile)
    await until('the node may sign', async () => (await node.client.status()).state === 'ok')
  })

  after(async () => {
    await node.stop()
    assert.doesNotMatch(node.log(), /unexpected error/)
    coalition.remove()
  })

  afterEach(async () => {
    assert.equal(node.child.exitCode, null)
    assert.equal((await node.client.status()).state, 'ok')
  })

  const importing = async (format: string, files: Files) => {
    const events: ImportProgress[] = []
    const options = { format, publish: true, dryRun: false }
    for await (const event of node.client.importFiles(inMemory(files), options)) events.push(event)
    const named: Record<string, string> = {}
    const landed: string[] = []
    for (const event of events) {
      if (event.event === 'skipped' || event.event === 'ignored') named[event.name] = event.reason
      if (event.event === 'imported') landed.push(event.externalId)
    }
    const done = events.at(-1)
    assert.ok(done?.event === 'done')
    assert.equal(done.imported, landed.length)
    assert.equal(done.skipped + done.ignored, Object.keys(named).length, 'each is named once')
    return { named, landed: landed.toSorted(), done }
  }

  it('JSON: what is broken is named, what is good lands', async () => {
    const { named, landed } = await importing('avid', {
      'a-good.json': avid('A-1'),
      'b-broken.json': '{"metadata": {"report_id": ',
      'c-utf16.json': Buffer.from(`\uFEFF${avid('A-2')}`, 'utf16le'),
      'd-nul.json': new Uint8Array(4_096),
      'e-empty.json': '',
      'f-again.json': avid('A-1', { description: { value: 'Something else.' } }),
      'g-deep.json': `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
      'h-deep.json': avid('A-3', { x: JSON.parse('['.repeat(2_000) + ']'.repeat(2_000)) }),
      'i-proto.json': `{"__proto__": {"metadata": {"report_id": "A-4"}}, "constructor": 1}`,
      'j-nul-inside.json': avid('A-5', { description: { value: 'before\u0000after' } }),
      'k-lone.json': avid('A-6', { description: { value: 'half a pair \uD800' } }),
      'l.txt': 'not JSON at all',
      'm-good.json': avid('A-7'),
    })
    assert.deepEqual(landed, ['avid:A-1', 'avid:A-5', 'avid:A-6', 'avid:A-7'])
    const skipped = 'bcdefghi'.split('')
    assert.deepEqual(
      Object.keys(named)
        .map((name) => name[0])
        .toSorted(),
      [...skipped, 'l'],
    )
    assert.match(named['b-broken.json'] ?? '', /is not JSON/)
    assert.match(named['c-utf16.json'] ?? '', /UTF-16/)
    assert.match(named['e-empty.json'] ?? '', /is empty/)
    assert.match(named['h-deep.json'] ?? '', /nested too deep/)
  })

  it('YAML: an alias bomb does not go off', async () => {
    const started = performance.now()
    const { named, landed } = await importing('atlas', {
      'bomb.yaml': BOMB,
      'broken.yaml': 'id: [unclosed\nname: "x',
      'empty.yaml': '',
      'good.yaml': atlas('AML.CS0001'),
      'nul.yaml': `${atlas('AML.CS0002')}\u0000`,
      'tagged.yaml': 'id: !!js/function "function(){}"\nname: x',
      'utf16.yaml': Buffer.from(`\uFEFF${atlas('AML.CS0003')}`, 'utf16le'),
      'z.yaml': atlas('AML.CS0004'),
    })
    assert.ok(performance.now() - started < 10_000)
    assert.ok(landed.includes('mitre-atlas:AML.CS0001') && landed.includes('mitre-atlas:AML.CS0004'))
    assert.match(named['bomb.yaml'] ?? '', /aliases/)
    assert.match(named['broken.yaml'] ?? '', /is not YAML/)
    assert.match(named['empty.yaml'] ?? '', /is empty/)
    assert.match(named['utf16.yaml'] ?? '', /UTF-16/)
  })

  it('CSV: an unclosed quote costs its own line only', async () => {
    const { named, landed } = await importing('aiid', {
      'a.csv': [
        HEADER,
        '1,2026-01-02,"Never closed,One',
        '2,2026-01-02,Good,Two',
        '2,2026-01-02,Another,Two again',
        'x,2026-01-02,No number,Three',
        '4,2026-01-02,Too,many,fields',
        '5,2026-01-02,Nul \u0000 inside,Five',
        '6,not a date,Good,Six',
      ].join('\n'),
      'b.csv': Buffer.from(`\uFEFF${HEADER}\n7,2026-01-02,Wide,Seven`, 'utf16le'),
      'c.csv': '',
      'd.csv': new Uint8Array(1_000),
      'e.csv': 'a,b\n1,2',
    })
    assert.deepEqual(landed, ['aiid:2', 'aiid:5', 'aiid:6'])
    for (const line of [2, 4, 5, 6])
      assert.ok(
        Object.keys(named).some((name) => name.startsWith(`a.csv: line ${line}`)),
        `line ${line} is named in ${JSON.stringify(named)}`,
      )
    for (const name of ['b.csv', 'c.csv', 'd.csv', 'e.csv']) assert.ok(named[name], `${name} is named`)
    assert.match(named['b.csv'] ?? '', /UTF-(16|8)/)
  })

  it('nothing at all is an import of nothing', async () => {
    const { done } = await importing('avid', {})
    assert.deepEqual(done, {
      event: 'done',
      imported: 0,
      present: 0,
      skipped: 0,
      ignored: 0,
      kept: 0,
      asked: 0,
    })
    await assert.rejects(importing('word', {}), { code: 'USAGE' })
  })

  const drafts: readonly [string, NewContent, string, RegExp][] = [
    ['an unknown kind', { kind: 'rumour', public: GOOD }, 'BAD_INPUT', /kind/],
    ['a kind of the prototype', { kind: 'constructor', public: GOOD }, 'BAD_INPUT', /kind/],
    ['a kind nobody may state', { kind: 'epoch', public: {} }, 'BAD_INPUT', /kind/],
    ['a kind in capitals', { kind: 'Incident', public: GOOD }, 'USAGE', /kind/],
    ['an unknown field', { kind: 'incident', public: { ...GOOD, foo: 1 } }, 'BAD_INPUT', /foo/],
    ['a float', { kind: 'incident', public: { ...GOOD, title: 1.5 } }, 'BAD_INPUT', /title/],
    ['a count that is a float', withheld(1.5), 'BAD_INPUT', /count/],
    ['a count beyond numbers', withheld(1e300), 'BAD_INPUT', /count/],
    ['a long title', { kind: 'incident', public: { ...GOOD, title: 'x'.repeat(201) } }, 'BAD_INPUT', /title/],
    ['half a pair', { kind: 'incident', public: { ...GOOD, title: 'a \uD800' } }, 'BAD_INPUT', /title/],
    ['no title', { kind: 'incident', public: { ...GOOD, title: undefined } }, 'BAD_INPUT', /title/],
    [
      'a red marking for everybody',
      { kind: 'incident', public: { ...GOOD, policy: { tlp: 'RED' } } },
      'BAD_INPUT',
      /policy\.tlp.*TLP:CLEAR/,
    ],
    [
      'a near miss with actual harm',
      { kind: 'incident', public: { ...GOOD, harms: [{ type: 'economic', realised: 'actual' }] } },
      'BAD_INPUT',
      /near miss/,
    ],
    ['a public part over 64 KiB', { kind: 'incident', public: tooLarge() }, 'BAD_INPUT', /byte|KiB|long/],
    [
      'a body beyond measure',
      { kind: 'incident', public: { ...GOOD, title: 'x'.repeat(5_000_000) } },
      'TOO_LARGE',
      /longer/,
    ],
    ['a public part that is a list', { kind: 'incident', public: [] }, 'BAD_INPUT', /public/],
    ['a field called __proto__', PROTO, 'USAGE', /__proto__/],
    [
      'a partner part for a dispute',
      { kind: 'dispute', public: REASON, partner: REASON },
      'BAD_INPUT',
      /partner/,
    ],
  ]
  for (const [what, content, code, message] of drafts) {
    it(`a draft with ${what} is ${code} and leaves nothing`, async () => {
      await assert.rejects(node.client.addDraft(content), { code, message })
      assert.deepEqual(
        (await node.client.drafts()).filter(({ title }) => title !== ''),
        [],
      )
    })
  }

  for (const id of [
    'abc',
    'abcde',
    '',
    '018911',
    'ab cdef',
    'ab%2fcdef',
    '../../x',
    'a'.repeat(27),
    'ÄÖÜäöü',
    '😀😀😀😀',
  ]) {
    it(`the id ${JSON.stringify(id)} is refused`, async () => {
      const refused = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'USAGE'
      if (id !== '') await assert.rejects(node.client.record(id, undefined), refused)
      if (id !== '') await assert.rejects(node.client.draft(id), refused)
      await assert.rejects(node.client.publishDraft(id, 0), id === '' ? { code: 'NOT_FOUND' } : refused)
    })
  }

  it('an id that nobody has is not found', async () => {
    await assert.rejects(node.client.record('aaaaaa', undefined), { code: 'NOT_FOUND' })
    await assert.rejects(node.client.record('7'.repeat(26), undefined), { code: 'NOT_FOUND' })
    await assert.rejects(node.client.cancel('aaaaaa'), { code: 'NOT_FOUND' })
  })
})

function withheld(count: number): NewContent {
  const item = { tier: 'partner', reason: 'personal-data', transform: 'removed', count }
  return { kind: 'incident', public: { ...GOOD, withheld: [item] } }
}

/** Every field within its own bound, all of them together too long. */
function tooLarge() {
  const references = Array.from({ length: 64 }, (_, i) => ({
    url: `https://example.org/${i}/${'x'.repeat(1_900)}`,
    label: 'x',
  }))
  return { ...GOOD, references }
}

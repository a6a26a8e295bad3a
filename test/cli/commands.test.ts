import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Service } from '../../node/api/client.ts'
import { asked } from '../support/cli.ts'
import { RECORD } from '../support/fake-service.ts'

describe('reading commands', () => {
  it('show text from peers without what could hurt a terminal', async () => {
    for (const words of [['list'], ['show', RECORD], ['export', '--csv'], ['export'], ['list', '--json']]) {
      const { exit, out } = await asked(words)
      assert.equal(exit, 0)
      assert.match(out, /Loans/)
      assert.equal(/[\p{Cc}\p{Cf}]/u.test(out.replaceAll('\n', '')), false, words.join(' '))
    }
  })

  it('answer with an envelope when asked for JSON, and with nothing else', async () => {
    for (const [words, kind] of [
      [['status'], 'status'],
      [['list'], 'record-list'],
      [['show', RECORD], 'record'],
      [['draft', 'list'], 'draft-list'],
      [['outbox'], 'outbox'],
      [['peers'], 'peers'],
      [['whoami'], 'whoami'],
      [['log', 'list'], 'log-list'],
    ] as const) {
      const { out, err } = await asked([...words, '--json'])
      assert.equal(JSON.parse(out).schema, `candor.cli/${kind}@1`)
      assert.equal(err, '')
    }
  })

  it('say disputes first and who has confirmed a head', async () => {
    const show = await asked(['show', RECORD])
    assert.ok(show.out.indexOf('We saw it differently') < show.out.indexOf('A person noticed'))
    const list = await asked(['list'])
    assert.match(list.out, /▲ disputed: Loans/)
    const status = await asked(['status'])
    assert.match(status.out, /quorum \(2 of 2\)/)
  })

  it('pass the filters on', async () => {
    const { calls } = await asked([
      'search',
      'stale',
      'data',
      '--kind',
      'near-miss',
      '--from',
      '2026-01',
      '--limit',
      '5',
    ])
    assert.deepEqual(calls, ['records {"kind":"near_miss","from":"2026-01","text":"stale data","limit":5}'])
  })

  it('cut lines to a terminal and never in a pipe', async () => {
    const narrow = await asked(['list'], { isTerminal: true, columns: 40, env: { NO_COLOR: '1' } })
    for (const line of narrow.out.split('\n').slice(0, 2)) assert.ok([...line].length <= 40, line)
    assert.ok((await asked(['list'])).out.split('\n').some((line) => line.length > 60))
  })

  it('write an export to a new file only', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'candor-export-'))
    const file = join(directory, 'out.csv')
    const first = await asked(['export', '--csv', '-o', file])
    assert.equal(first.exit, 0)
    assert.match(readFileSync(file, 'utf8'), /^# candor export\/1/)
    assert.equal((await asked(['export', '--csv', '-o', file])).exit, 6)
    rmSync(directory, { recursive: true })
  })
})

describe('writing commands', () => {
  const REPORT = [
    'report',
    '--title',
    'T',
    '--summary',
    'S',
    '--occurred',
    '2026-04',
    '--sector',
    'finance',
    '--harm',
    'economic',
  ]

  it('make a draft from flags', async () => {
    const { exit, calls } = await asked([...REPORT, '--near-miss', '--barrier', 'a person'])
    assert.equal(exit, 0)
    const content = JSON.parse(calls[0]?.slice('addDraft '.length) ?? '')
    assert.equal(content.public.kind, 'near_miss')
    assert.deepEqual(content.public.occurred, { start: '2026-04', precision: 'month', basis: 'occurred' })
    assert.deepEqual(content.public.harms, [{ type: 'economic', realised: 'potential' }])
    assert.deepEqual(content.partner, { near_miss_barrier: 'a person' })
  })

  it('make a draft from a file of JSON or YAML, and name a file that is neither', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'candor-report-'))
    const file = join(directory, 'report')
    for (const text of [
      '{"public":{"title":"T"},"partner":{"narrative":"N"}}',
      'public:\n  title: T\npartner:\n  narrative: N\n',
    ]) {
      writeFileSync(file, text)
      const { calls } = await asked(['report', '--file', file])
      assert.deepEqual(JSON.parse(calls[0]?.slice('addDraft '.length) ?? ''), {
        kind: 'incident',
        public: { title: 'T' },
        partner: { narrative: 'N' },
      })
    }
    writeFileSync(file, 'title: T\noccurred: {start: 2026}\n')
    assert.match((await asked(['report', '--file', file])).calls[0] ?? '', /"start":"2026"/)
    for (const text of ['a: [', '"text"', Buffer.from([0xff, 0xfe])]) {
      writeFileSync(file, text)
      const { exit, calls } = await asked(['report', '--file', file])
      assert.equal(exit, 20)
      assert.deepEqual(calls, [])
    }
    assert.equal((await asked(['report', '--file', join(directory, 'none')])).exit, 5)
    rmSync(directory, { recursive: true })
  })

  it('ask for a report on a terminal, again where an answer does not fit', async () => {
    const input = [
      '9',
      '2',
      '',
      'A title',
      'A summary',
      'soon',
      '2026-04-09',
      'finance',
      '1',
      '2',
      'A person',
      '',
    ].join('\n')
    const { exit, calls, err } = await asked(['report'], { isTerminal: true, input: `${input}\n` })
    assert.equal(exit, 0, err)
    assert.match(err, /a number from 1 to 5/)
    assert.match(err, /an answer is needed/)
    assert.match(err, /not a date/)
    const content = JSON.parse(calls[0]?.slice('addDraft '.length) ?? '')
    assert.equal(content.public.kind, 'near_miss')
    assert.equal(content.public.harms[0].type, 'physical_health')
    assert.deepEqual(content.partner, { near_miss_barrier: 'A person' })
  })

  it('end when the answers end, without a draft', async () => {
    const { exit, calls } = await asked(['report'], { isTerminal: true, input: '2\n' })
    assert.equal(exit, 2)
    assert.deepEqual(calls, [])
  })

  it('publish after a yes only, and show before who will read what', async () => {
    const silent = await asked(['publish', RECORD])
    assert.equal(silent.exit, 7)
    assert.match(silent.err, /anyone .*words: kind/)
    assert.match(silent.err, /partners .*until you grant it: 7 words: narrative/)
    assert.equal(
      silent.calls.some((call) => call.startsWith('publishDraft')),
      false,
    )
    const no = await asked(['publish', RECORD], { isTerminal: true, input: 'no\n' })
    assert.equal(no.exit, 7)
    const yes = await asked(['publish', RECORD, '--hold', '10m'], { isTerminal: true, input: 'publish\n' })
    assert.equal(yes.exit, 0)
    assert.ok(yes.calls.some((call) => call.startsWith(`publishDraft ${RECORD} 600 {`)))
    const flag = await asked(['publish', RECORD, '--yes', '--hold', '0'])
    assert.match(flag.out, /entry 2 of your log/)
  })

  it('attest with the document of the kind', async () => {
    const ATTESTED: readonly [readonly string[], object][] = [
      [['sighting', 'seen', '--note', 'n', '--count', '3'], { value: 'seen', count: 3, note: 'n' }],
      [['opinion', '20', '--reason', 'r'], { value: 20, reason: 'r' }],
      [
        ['severity', '--harm', 'economic:actual:incident', '--score', 'cvss:9.8', '--score', 'own:high'],
        {
          harms: [{ type: 'economic', realised: 'actual', oecd_severity: 'incident' }],
          scores: [
            { system: 'cvss', value: '9.8' },
            { system: 'own', label: 'high' },
          ],
        },
      ],
      [['classification', '--term', 'atlas:AML.T0051'], { terms: [{ scheme: 'atlas', id: 'AML.T0051' }] }],
      [['dispute', '--reason', 'r', '--field', 'summary'], { reason: 'r', fields: ['summary'] }],
      [['link', 'same-cause', '--to', 'avid:X'], { rel: 'same-cause', target: { scheme: 'avid', id: 'X' } }],
      [
        ['correction', '--reason', 'r', '--change', 'title=T'],
        { reason: 'r', changes: [{ path: 'title', correct: 'T' }] },
      ],
      [['retract', 'duplicate', '--reason', 'r'], { class: 'duplicate', reason: 'r' }],
    ]
    for (const [words, document] of ATTESTED) {
      const { exit, calls, err } = await asked(['attest', RECORD, ...words])
      assert.equal(exit, 0, err)
      const content = JSON.parse(calls.at(-1)?.split(' undefined ')[1] ?? '')
      assert.deepEqual(content.public, document)
    }
  })

  it('refuse to attest without what the kind needs', async () => {
    for (const words of [
      ['sighting'],
      ['opinion', 'much'],
      ['link', 'same-cause'],
      ['severity', '--harm', 'economic'],
      ['incident'],
      ['gossip'],
    ]) {
      const { exit, calls } = await asked(['attest', RECORD, ...words])
      assert.equal(exit, 2, words.join(' '))
      assert.deepEqual(calls, [])
    }
  })

  it('import folders and count what became of each', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'candor-import-'))
    writeFileSync(join(directory, 'b.json'), '{}')
    writeFileSync(join(directory, 'a.json'), '[]')
    writeFileSync(join(directory, 'notes.txt'), 'no')
    const importFiles: Service['importFiles'] = async function* importFiles(uploads) {
      for await (const { path } of uploads)
        yield { event: 'skipped', name: `${path}\u001b[2J`, reason: 'bad' }
      yield { event: 'done', imported: 0, present: 0, skipped: 2, ignored: 0, kept: 0, asked: 0 }
    }
    const { exit, out } = await asked(['import', 'avid', directory], {}, { importFiles })
    assert.equal(exit, 0)
    assert.match(
      out,
      /skipped a\.json: bad\n.*skipped b\.json: bad\n.*0 records imported, 0 already there, 2 skipped/,
    )
    assert.equal((await asked(['import', 'avid', join(directory, 'none')])).exit, 5)
    assert.equal((await asked(['import', 'word', directory])).exit, 2)
    rmSync(directory, { recursive: true })
  })

  it('import and name what the gate keeps and what it asks about, the first twenty of each', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'candor-import-'))
    const importFiles: Service['importFiles'] = async function* importFiles() {
      const one = { event: 'imported', record: RECORD, version: 1 } as const
      yield { ...one, externalId: 'aiid:1', kept: ['card at public.summary 1:1\u001b[2J', '3 more'] }
      for (let i = 0; i < 23; i++)
        yield { ...one, externalId: `aiid:a${i}`, index: i + 1, asked: ['person at public.title 1:1'] }
      yield { event: 'done', imported: 24, present: 0, skipped: 0, ignored: 0, kept: 1, asked: 23 }
    }
    const words = ['import', 'aiid', directory, '--publish']
    const { exit, out } = await asked(words, {}, { importFiles })
    assert.equal(exit, 0)
    assert.ok(!out.includes('\u001b'))
    assert.match(out, /kept as a draft: aiid:1 \(\w{10}\): card at public\.summary 1:1; 3 more\n/)
    assert.equal(out.match(/published, and asked about: aiid:a/g)?.length, 20)
    assert.match(out, /published, and asked about: 3 more records\n/)
    assert.match(out, /1 record waiting for somebody to look: candor .*check ID/)
    const { out: json } = await asked(['--json', ...words], {}, { importFiles })
    assert.equal(JSON.parse(json).data.askedOnes.length, 23)
    assert.equal(JSON.parse(json).data.keptOnes[0].record, RECORD)
    rmSync(directory, { recursive: true })
  })
})

/** What a published tree shows by itself: everything that a node's audit says of the same logs, but proofs against them. */
import assert from 'node:assert/strict'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { AuditedCoalition } from '../../support/audited-coalition.ts'
import { candor, asked } from '../../support/cli.ts'
import { temporaryDirectory } from '../../support/directory.ts'
import { serving } from '../../support/api.ts'

const TIME = Math.floor(Date.now() / 1_000) - 60
const LOG = 'log-b.example-1'
type Finding = { readonly code: string; readonly file: string | null; readonly domain: string; index: number }

describe('candor audit --tiles', function () {
  this.timeout(30_000)
  const space = temporaryDirectory()
  const tree = join(space.path, 'tree')
  let made: AuditedCoalition
  let copies = 0
  let server: Server | undefined

  before(async () => {
    made = await AuditedCoalition.make(5)
    await serving(made.service(made.shown(TIME)), async ({ home }) => {
      const { exit, out } = await candor(['--home', home, 'mirror', tree])
      assert.equal(exit, 0, out)
    })
  })
  afterEach(() => server?.close())
  after(() => {
    made.remove()
    space.remove()
  })

  const home = () => join(space.path, `home-${(copies += 1)}`)
  const run = async (...words: readonly string[]) => {
    const { exit, out, err } = await candor(['--home', home(), '--json', ...words])
    assert.equal(err, '')
    return { exit, data: JSON.parse(out).data }
  }
  const damaged = (path: string, change: (file: string) => void) => {
    const copy = join(space.path, `copy-${(copies += 1)}`)
    cpSync(tree, copy, { recursive: true })
    change(join(copy, path))
    return copy
  }
  const flip = (file: string) => {
    const bytes = readFileSync(file)
    bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 1
    writeFileSync(file, bytes)
  }
  const drop = (file: string) => rmSync(file, { recursive: true })

  it('says of the logs what the audit of a node says of them', async () => {
    const { exit, data } = await run('audit', '--tiles', tree, '--jobs', '0')
    const node = await asked(['--json', 'audit', '--jobs', '0'], {}, made.service(made.shown(TIME)))
    const ofNode = JSON.parse(node.out).data
    assert.deepEqual([exit, data.verdict, data.findings], [0, 'verified', []])
    assert.deepEqual(data.logs, ofNode.logs)
    assert.ok(data.logs.length === 3)
    for (const { confirmation, existedBy } of data.logs) {
      assert.deepEqual([confirmation.isQuorum, confirmation.mirrors.length], [true, 2])
      assert.deepEqual(existedBy, [{ size: 6, time: TIME }])
    }
    assert.deepEqual([data.source, data.store], [tree, null])
    assert.ok(data.notShown.some((line: string) => line.includes('carries no proofs against them')))
    assert.ok(data.notShown.some((line: string) => line.includes('it came with the published files')))
  })

  it('comes over HTTP, with a charter of the auditor’s own, as text, page and JSON', async () => {
    const url = await new Promise<string>((resolve) => {
      server = createServer((request, response) => {
        response.end(readFileSync(join(tree, request.url ?? '')))
      }).listen(0, '127.0.0.1', () => {
        const address = server?.address()
        resolve(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`)
      })
    })
    const [page, file] = [join(space.path, 'audit.html'), join(space.path, 'audit.json')]
    const { charterFile } = made.coalition
    const words = [
      '--home',
      home(),
      'audit',
      '--tiles',
      url,
      '--charter',
      charterFile,
      '--html',
      page,
      '-o',
      file,
    ]
    const { exit, out } = await candor(words)
    assert.equal(exit, 0, out)
    assert.match(out, /✓ verified: every check that is listed ran and holds/)
    assert.match(out, /quorum, 2 of 2 other members store and checked it/)
    assert.ok(readFileSync(page, 'utf8').includes(`<dt>Logs from</dt><dd>${url}</dd>`))
    const report = JSON.parse(readFileSync(file, 'utf8'))
    assert.deepEqual([report.version, report.charter.from, report.source], [1, charterFile, url])
  })

  const table: readonly (readonly [string, string, (file: string) => void, number, readonly string[]])[] = [
    ['a hash tile is altered', 'tile/0/000.p/6', flip, 10, ['tree-file']],
    [
      'an entry bundle is altered',
      'tile/entries/000.p/6',
      flip,
      10,
      ['signature', 'audit-root', 'tree-file'],
    ],
    ['a part is altered', 'parts/000.p/6', flip, 10, ['part-commitment']],
    ['a part is gone', 'parts/000.p/6', drop, 10, ['tree-file', 'part-missing']],
    ['an entry bundle is gone', 'tile/entries/000.p/6', drop, 10, ['tree-file']],
    ['a checkpoint is gone', 'checkpoint', drop, 10, ['tree-file', 'log-missing']],
  ]
  for (const [what, file, change, exit, codes] of table) {
    it(`finds it, and the place, when ${what}`, async () => {
      const place = damaged(join(LOG, file), change)
      const ran = await run('audit', '--tiles', place, '--jobs', '0')
      const findings: readonly Finding[] = ran.data.findings
      assert.equal(ran.exit, exit)
      for (const code of codes) {
        const found = findings.find((one) => one.code === code)
        assert.equal(found?.domain, 'b.example', code)
        if (code === 'tree-file') assert.equal(found.file, `${LOG}/${file}`)
        if (code === 'signature' || code === 'part-commitment') assert.equal(found.index, 5)
      }
    })
  }

  it('misses the log of a member that is not published', async () => {
    const place = damaged('index', (file) => {
      writeFileSync(file, readFileSync(file, 'utf8').replace(/^log-c.*\n/m, ''))
    })
    const { exit, data } = await run('audit', '--tiles', place)
    assert.equal(exit, 12)
    assert.ok(
      data.findings.some(({ code, domain }: Finding) => code === 'log-missing' && domain === 'c.example'),
    )
  })

  it('begins anew always, on as many threads as it is told', async () => {
    assert.equal((await candor(['--home', home(), 'audit', '--tiles', tree, '--fresh'])).exit, 2)
    for (const command of ['audit', 'verify']) {
      assert.equal((await run(command, '--tiles', tree, '--jobs', '2')).exit, 0)
      for (const jobs of ['65', '-1', 'many', '1.5'])
        assert.equal((await candor([command, '--tiles', tree, '--jobs', jobs])).exit, 2)
    }
  })

  it('lets verify --tiles say who confirmed each head', async () => {
    const { exit, data } = await run('verify', '--tiles', tree, '--jobs', '1')
    assert.equal(exit, 0)
    assert.deepEqual(
      data.reports.map(({ cosigners }: { cosigners: readonly string[] }) => cosigners),
      [
        ['b.example', 'c.example'],
        ['a.example', 'c.example'],
        ['a.example', 'b.example'],
      ],
    )
    const { out } = await candor(['--home', home(), 'verify', '--tiles', tree])
    assert.doesNotMatch(out, /Unwitnessed/)
  })
})

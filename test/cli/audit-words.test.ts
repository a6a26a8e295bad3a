/** The words of a host in the report of an audit: shown as theirs, and never more than words. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { wrapped } from '../../cli/look.ts'
import { openAuditedLab, serviceOf, type AuditedLab } from '../support/audited-lab.ts'
import { serving } from '../support/api.ts'
import { candor, type RunOptions } from '../support/cli.ts'

const HOSTILE = `</td></table><script>alert(1)</script><img src=http://127.0.0.1:9/x onerror=alert(1)>\u202eevil\u202c\u200b\u0007\u001b[31mred "&quot;' ${'W'.repeat(300)}`

describe('words of a host in the report of an audit', function () {
  this.timeout(30_000)
  let made: AuditedLab

  before(async () => {
    made = await openAuditedLab()
    const [first] = made.shown
    assert.ok(first)
    Object.assign(first, { state: 'withheld', why: HOSTILE })
    // Without a valid first entry all others are faulty in the same way.
    first.leaves = first.leaves.map((leaf, at) =>
      at === 0 ? { ...leaf, bytes: leaf.bytes.map((byte, i) => (i === 200 ? byte ^ 1 : byte)) } : leaf,
    )
  })
  after(() => made.lab.remove())

  const audited = async (words: readonly string[] = [], options: RunOptions = {}) => {
    let all = { out: '', page: '' }
    await serving(serviceOf(made), async ({ home }) => {
      const page = join(home, 'audit.html')
      const ran = await candor(['--home', home, 'audit', '--jobs', '0', '--html', page, ...words], options)
      assert.deepEqual([ran.exit, ran.err], [10, ''])
      all = { out: ran.out, page: readFileSync(page, 'utf8') }
    })
    return all
  }
  const hasControls = (text: string) => /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text.replaceAll('\n', ''))

  it('load nothing, run nothing and turn nothing around, and stand apart from ours', async () => {
    const { page } = await audited()
    assert.match(page, /<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src/)
    assert.doesNotMatch(page, /<(?:script|img|link|iframe|object|form|base|a|svg)\b|url\(|@import|\son\w+="/i)
    assert.match(page, /the host itself says: <q><bdi>&lt;\/td&gt;&lt;\/table&gt;&lt;script&gt;alert\(1\)/)
    assert.equal(page.split('&lt;script&gt;').length, 2)
    assert.ok(!hasControls(page))
    // Tables keep their shape: each row of findings has its four cells.
    const rows = page.split('\n').filter((line) => line.includes('<th scope="row" class='))
    assert.ok(rows.length > 0)
    for (const row of rows) assert.equal(row.match(/<t[hd]\b/g)?.length, 4)
  })

  it('show as one what is said of entries in a row, and as JSON each of them', async () => {
    const { out, page } = await audited()
    assert.match(out, /high {2}a\.example, entries 1 to 4: no valid first entry says which keys speak/)
    assert.match(page, /<bdi>a\.example, entries 1 to 4<\/bdi>/)
    assert.match(page, /<dt>Findings<\/dt><dd>6 high, 1 medium, 2 low<\/dd>/)
    const { findings } = JSON.parse((await audited(['--json'])).out).data
    const said = findings.find(({ code }: { code: string }) => code === 'log-withheld')
    assert.ok(said.says.endsWith(said.theirs))
    assert.equal(said.theirs, HOSTILE)
    assert.equal(findings.length, 9)
  })

  it('are escaped in the JSON file, which says the same', async () => {
    await serving(serviceOf(made), async ({ home }) => {
      const file = join(home, 'audit.json')
      const { out } = await candor(['--home', home, '--json', 'audit', '--jobs', '0', '-o', file])
      const text = readFileSync(file, 'utf8')
      assert.ok(!hasControls(text) && text.includes('\\u202eevil'))
      assert.deepEqual(JSON.parse(text), JSON.parse(out).data)
    })
  })

  it('leave a pipe whole lines without colour, and a terminal lines that fit', async () => {
    const { out } = await audited()
    assert.ok(!hasControls(out))
    assert.ok(out.split('\n').some((line) => line.length > 300))
    const options = { isTerminal: true, columns: 80, env: { NO_COLOR: '1' } }
    const lines = (await audited([], options)).out.split('\n')
    const wide = lines.filter((line) => [...line].length > 80)
    assert.deepEqual([wide.length, wide[0]?.includes('WWW')], [1, true])
    assert.ok(!hasControls(lines.join('\n')))
  })
})

describe('a line over several', () => {
  it('breaks between words, goes on behind its indent, and counts cells instead of letters', () => {
    const at = (width: number | undefined) => ({ colour: false, width })
    assert.deepEqual(wrapped(at(undefined), '  one two three', '    '), ['  one two three'])
    assert.deepEqual(wrapped(at(9), '  one two three', '    '), ['  one two', '    three'])
    assert.deepEqual(wrapped(at(9), '  事故 二 三', ' '), ['  事故 二', ' 三'])
    assert.deepEqual(wrapped(at(9), '\u001b[2mone two\u001b[22m', ''), ['\u001b[2mone two\u001b[22m'])
    assert.deepEqual(wrapped(at(4), 'a wide-word b', ''), ['a', 'wide-word', 'b'])
  })
})

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Service } from '../../node/api/client.ts'
import { serving } from '../support/api.ts'
import { STATEMENT } from '../support/fake-service.ts'

const MAIN = fileURLToPath(new URL('../../cli/main.js', import.meta.url))

async function spawned(words: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [MAIN, ...words], { env: { ...process.env, ...env }, stdio: 'pipe' })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk) => (out += chunk))
  child.stderr.on('data', (chunk) => (err += chunk))
  const [code] = await once(child, 'close')
  return { code, out, err }
}

describe('candor as a process', () => {
  it('ends quietly when its reader goes away', async () => {
    const exportRecords: Service['exportRecords'] = async function* exportRecords() {
      for (;;) yield { item: 'record', statement: STATEMENT }
    }
    await serving({ exportRecords }, async ({ home }) => {
      const child = spawn(process.execPath, [MAIN, '--home', home, 'export'], { stdio: 'pipe' })
      let err = ''
      child.stderr.on('data', (chunk) => (err += chunk))
      child.stdout.once('data', () => child.stdout.destroy())
      const [code] = await once(child, 'close')
      assert.equal(code, 0)
      assert.equal(err, '')
    })
  })

  it('writes a long answer whole into a pipe', async () => {
    const summary = 'x'.repeat(300_000)
    const record: Service['record'] = () =>
      Promise.resolve({
        record: '',
        author: '',
        versions: [{ ...STATEMENT, document: { summary } }],
        attestations: [],
        tiers: [],
        heads: [],
      })
    await serving({ record }, async ({ home }) => {
      const { out, code } = await spawned(['--home', home, 'show', 'abcdef', '--json'])
      assert.equal(code, 0)
      assert.equal(JSON.parse(out).data.versions[0].document.summary.length, 300_000)
    })
  })

  it('is not confused by an empty FORCE_COLOR beside NO_COLOR', async () => {
    const { out, err, code } = await spawned(['help', 'exit-codes'], { FORCE_COLOR: '', NO_COLOR: '1' })
    assert.equal(code, 0)
    // Newer versions of Node.js warn before the first line of ours runs.
    assert.equal(err.replaceAll(/^\(.*(?:NO_COLOR|trace-warnings).*\n/gm, ''), '')
    assert.equal(out.includes('\u001b'), false)
  })

  it('ends with the code of its error', async () => {
    const { code, err } = await spawned(['--home', '/nowhere/at-all', 'status'])
    assert.equal(code, 3)
    assert.match(err, /Next: node \S*main\.js --home/)
  })
})

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCharter } from '../../node/founding.ts'
import { homeAt, initHome } from '../../node/home.ts'
import { writeFileDurably } from '../../node/keys/files.ts'

describe('the passphrase over a pipe', function () {
  this.timeout(180_000)
  const directory = mkdtempSync(join(tmpdir(), 'candor-test-'))
  const home = homeAt(join(directory, 'locked'))
  const charterFile = join(directory, 'charter.candor')

  before(() => {
    const listen = ['/ip4/127.0.0.1/tcp/0']
    const who = { domain: 'locked.example', name: 'Locked', sector: 'health', listen, announce: [] }
    const passphrase = Buffer.from('correct horse')
    const now = Date.now()
    const { descriptor } = initHome({ home, ...who, holdSeconds: 0, passphrase, now })
    const what = { name: 'Locked', nonce: randomBytes(16), now, accreditors: [] }
    const charter = makeCharter([descriptor], { ...what, observers: 'admit' })
    writeFileDurably(charterFile, charter, 0o600)
  })

  after(() => rmSync(directory, { recursive: true }))

  const signing = (input: string | undefined) => {
    const fd = input === undefined ? [] : ['--passphrase-fd', '3']
    const args = ['charter-sign', '--home', home.directory, '--file', charterFile, ...fd]
    return say(args, input)
  }
  const table: readonly [string, string | undefined, string, number][] = [
    ['missing', undefined, 'PASSPHRASE_NEEDED', 78],
    ['wrong', 'wrong horse\n', 'PASSPHRASE_WRONG', 4],
    ['right but for a second line end', 'correct horse\n\n', 'PASSPHRASE_WRONG', 4],
    ['empty', '', 'USAGE', 2],
    ['a file given by mistake', 'x'.repeat(2_000), 'USAGE', 2],
  ]
  for (const [what, input, code, exit] of table) {
    it(`that is ${what} ends in ${code}`, async () => {
      const { said, ended } = await signing(input)
      assert.match(said, new RegExp(`"code":"${code}"`))
      assert.equal(ended, exit)
      assert.ok(!said.includes('horse'))
    })
  }

  it('that is right opens the keystore', async () => {
    const { said, ended } = await signing('correct horse\n')
    assert.match(said, /"event":"signed"/)
    assert.equal(ended, 0)
  })

  it('on a descriptor that is not open is a usage error', async () => {
    const args = ['charter-sign', '--home', home.directory, '--file', charterFile]
    const { said, ended } = await say([...args, '--passphrase-fd', '99'], undefined)
    assert.match(said, /"code":"USAGE"/)
    assert.equal(ended, 2)
  })
})

/** Runs `candor-node` with this on descriptor 3. */
function say(args: readonly string[], input: string | undefined) {
  const child = spawn(process.execPath, ['dist/node/main.js', ...args], {
    stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
  })
  let said = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (said += text))
  const pipe = child.stdio[3]
  assert.ok(pipe !== null && pipe !== undefined && 'end' in pipe)
  pipe.on('error', () => undefined)
  pipe.end(input ?? '')
  return new Promise<{ said: string; ended: number | null }>((resolve) =>
    child.once('close', (ended) => resolve({ said, ended })),
  )
}

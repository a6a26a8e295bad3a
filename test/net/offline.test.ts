/** A bundle is verified without a network: by the program itself, in a process that cannot open a socket. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { printBundleFile } from '../../protocol/audit/bundle.ts'
import { QUORUM } from '../support/bundle-reader.ts'
import { BundleLab } from '../support/bundles.ts'
import { temporaryDirectory } from '../support/directory.ts'

const MAIN = resolve('dist/cli/main.js')
const NO_NETWORK = pathToFileURL(resolve('dist/test/support/no-network.js')).href

describe('candor verify --bundle --offline, as a process', function () {
  this.timeout(180_000)
  const { path, remove } = temporaryDirectory()
  const trace = join(path, 'trace')
  let words: readonly string[] = []
  before(async () => {
    const lab = await BundleLab.open(5)
    lab.log(0).say()
    const file = join(path, 'a.candor-bundle')
    const charter = join(path, 'charter.candor')
    writeFileSync(file, printBundleFile(lab.bundle(0, [1], lab.log(0).head(2, QUORUM))))
    writeFileSync(charter, lab.charterBytes)
    lab.remove()
    words = [
      '--home',
      join(path, 'nowhere'),
      'verify',
      '--bundle',
      file,
      '--trust',
      charter,
      '--offline',
      '--explain',
    ]
  })
  after(remove)

  const ran = (command: readonly string[]) => {
    const [program = '', ...rest] = command
    const { status, stdout, stderr } = spawnSync(program, rest, { encoding: 'utf8', timeout: 60_000 })
    return { status, stdout, stderr }
  }
  const denied = (...more: readonly string[]) => [process.execPath, '--import', NO_NETWORK, MAIN, ...more]

  it('verifies where every way to a socket throws', () => {
    const { status, stdout, stderr } = ran(denied(...words))
    assert.equal(stderr, '')
    assert.equal(status, 0)
    assert.match(stdout, /1 statement: verified/)
  })

  it('and they do throw: the same process cannot ask a node', () => {
    const { status, stderr } = ran(denied('--home', path, 'status'))
    assert.match(stderr, /denied: /)
    assert.notEqual(status, 0)
  })

  it('verifies in a network namespace without any interface', function () {
    const inside = ['unshare', '--map-root-user', '--net']
    if (ran([...inside, 'true']).status !== 0) this.skip()
    const { status, stdout } = ran([...inside, process.execPath, MAIN, ...words])
    assert.equal(status, 0)
    assert.match(stdout, /1 statement: verified/)
  })

  it('makes no system call that opens or connects a socket', function () {
    const traced = ['strace', '-f', '-e', 'trace=socket,connect,bind,sendto', '-o', trace]
    if (ran([...traced, 'true']).status !== 0) this.skip()
    assert.equal(ran([...traced, process.execPath, MAIN, ...words]).status, 0)
    const calls = readFileSync(trace, 'utf8')
      .split('\n')
      .filter((line) => /\b(?:socket|connect|bind|sendto)\(/.test(line))
    assert.deepEqual(calls, [])
    // What is looked for would be seen.
    ran([...traced, process.execPath, MAIN, '--home', path, 'status'])
    assert.match(readFileSync(trace, 'utf8'), /socket\(AF_UNIX/)
  })
})

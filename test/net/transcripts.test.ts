/** Every session in docs/cli and docs/guides is run as a reader would type it. */
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { once } from 'node:events'
import { clientOf } from '../../node/api/client.ts'
import { homeAt } from '../../node/home.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { freePort } from '../support/port.ts'
import { matches, readSteps, runSteps } from '../support/transcript.ts'

const pagesIn = (folder: string) =>
  readdirSync(folder)
    .toSorted()
    .map((name) => `${folder}/${name}`)
const [FIRST = '', ...OTHERS] = pagesIn('docs/cli')
/** The guides audit the demo as it is; later pages end a log of it. */
const PAGES = [FIRST, ...pagesIn('docs/guides'), ...OTHERS]

/** The ports that the pages name; each run takes free ones in their place. */
const PORTS = ['4901', '4902', '4903', '4911', '4912', '4913', '4914', '4915', '4916']

describe('the sessions in docs/cli and docs/guides', function () {
  this.timeout(240_000)
  const directory = temporaryDirectory()
  const env = environment(directory.path)
  let demo: ChildProcess | undefined

  before(async () => {
    demo = spawn(join(directory.path, 'bin', 'candor'), ['up', '--demo'], {
      cwd: directory.path,
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let said = ''
    for await (const text of demo.stdout ?? []) {
      said += String(text)
      if (said.includes('Ctrl-C stops')) return
    }
    throw new Error(`the demo did not start: ${said}`)
  })

  after(async () => {
    // The pages end their nodes themselves; after a failure some may be left.
    for (const name of [
      'northgrid',
      'bank',
      'clinic',
      'vendor',
      'hospital',
      'maker',
      'ward',
      'lab',
      'forge',
      'mill',
      'quay',
    ]) {
      const { socket } = homeAt(join(directory.path, name))
      await clientOf({ socket, timeoutMs: 5_000, startCommand: 'candor up' })
        .stop()
        .catch(() => undefined)
    }
    if (demo?.exitCode === null) {
      demo.kill('SIGTERM')
      await once(demo, 'exit')
    }
    directory.remove()
  })

  for (const page of PAGES) {
    it(`${page} shows what happens`, async () => {
      const ports = await Promise.all(PORTS.map(freePort))
      const given = PORTS.reduce(
        (text, port, at) => text.replaceAll(`tcp/${port}`, `tcp/${ports[at]}`),
        read(page),
      )
      const steps = readSteps(given)
      assert.ok(steps.length > 0, 'a page has a session')
      const outcomes = await runSteps(steps, directory.path, env)
      for (const [at, { command, expected, exit, line }] of steps.entries()) {
        const outcome = outcomes[at]
        const where = `${page}:${line}: ${command}`
        assert.ok(outcome, `${where}\ndid not run or did not end`)
        const shown = `${where}\nshould say:\n${expected.join('\n')}\nsaid:\n${outcome.output.join('\n')}`
        assert.ok(matches(expected, outcome.output), shown)
        assert.equal(outcome.exit, exit, shown)
      }
    })
  }
})

function read(page: string): string {
  return readFileSync(page, 'utf8')
}

/** A PATH on which `candor` is the one that was built here. */
function environment(directory: string): NodeJS.ProcessEnv {
  for (const name of ['bin', 'lib']) mkdirSync(join(directory, name))
  const link = join(directory, 'lib', 'candor')
  symlinkSync(resolve('dist/cli/main.js'), link)
  const script = `#!/bin/sh\nexec '${process.execPath}' '${link}' "$@"\n`
  writeFileSync(join(directory, 'bin', 'candor'), script, { mode: 0o755 })
  return { PATH: `${join(directory, 'bin')}:${process.env['PATH']}`, HOME: directory, LC_ALL: 'C.UTF-8' }
}

/** Programs of strangers, as tests run them. Where one is absent that is said aloud; under CI, which installs them all, the test fails. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

export type Ran = { readonly code: number; readonly said: string }

/** Debian's own Python comes first: its packages are the ones that spec 09 names. */
const PATH = `/usr/bin:${process.env['PATH'] ?? ''}`

export const PROGRAMS = resolve('test/strangers')

export function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: object } = {},
): Promise<Ran> {
  const env = { ...process.env, PATH, LC_ALL: 'C.UTF-8', ...options.env }
  return new Promise((done) => {
    execFile(command, args, { cwd: options.cwd, env, timeout: 240_000 }, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : 1, said: `${stdout}${stderr}` })
    })
  })
}

export type Tool = 'openssl' | 'go' | 'python3' | 'npm'

const IS_THERE: Readonly<Record<Tool, () => Promise<boolean>>> = {
  openssl: async () => (await run('openssl', ['version'])).code === 0,
  go: async () =>
    (await run('go', ['version'])).code === 0 &&
    existsSync('/usr/share/gocode/src/golang.org/x/mod/sumdb/note'),
  python3: async () => (await run('python3', ['-c', 'import cbor2, cryptography'])).code === 0,
  npm: async () => existsSync('node_modules/@sigstore/verify') && existsSync('node_modules/@auth0/cose'),
}

/** Skips a test whose tool is absent. */
export async function orSkip(context: Mocha.Context, tool: Tool): Promise<void> {
  if (await isThere(tool, context.test?.fullTitle() ?? 'a test')) return
  context.skip()
}

async function isThere(tool: Tool, what: string): Promise<boolean> {
  if (await IS_THERE[tool]()) return true
  assert.ok(process.env['CI'] === undefined, `${what}: ${tool} is absent, and CI has it`)
  process.stderr.write(`\n  SKIPPED: ${what} (${tool} is absent)\n`)
  return false
}

/** Our short program over Go's `note` and `tlog`, built into this directory. */
export async function buildGo(directory: string): Promise<(words: readonly string[]) => Promise<Ran>> {
  const program = join(directory, 'verify-go')
  const env = { GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOCACHE: join(directory, 'go') }
  const built = await run('go', ['build', '-o', program, join(PROGRAMS, 'verify.go')], { env })
  assert.equal(built.code, 0, built.said)
  return (words) => run(program, words)
}

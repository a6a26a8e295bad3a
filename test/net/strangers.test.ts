/** Software that nobody here wrote checks what the product made: docs/spec/09 is run, and the vectors are judged again. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeStrangersFiles, type StrangersFiles } from '../support/strangers-files.ts'
import type { EquivocationVectors } from '../support/equivocation-vectors.ts'
import type { HeadVectors, ProofFileVectors } from '../support/log-vectors.ts'
import { buildGo, orSkip, PROGRAMS, run, type Ran } from '../support/strangers.ts'
import { readVectors } from '../support/vectors.ts'

describe('verifiers of strangers', function () {
  this.timeout(300_000)
  const directory = mkdtempSync(join(tmpdir(), 'candor-strangers-'))
  let files: StrangersFiles

  before(async () => {
    files = await makeStrangersFiles(directory)
  })

  after(async () => {
    await files.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  /** The page's commands that need one tool, after those that need none and those they rest on. */
  function script(...tools: readonly string[]): string {
    const page = readFileSync('docs/spec/09-without-candor.md', 'utf8')
    const blocks = [...page.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, text = '']) => text)
    const wanted = blocks.filter((text) => {
      const [, needs] = /^# needs (\w+)$/m.exec(text) ?? []
      return needs === undefined || tools.includes(needs)
    })
    assert.ok(wanted.length > 2)
    return `set -euo pipefail\n${wanted.join('\n')}`
  }

  for (const [tool, rests] of [
    ['openssl', []],
    ['go', []],
    ['python3', []],
    ['npm', ['python3']],
  ] as const) {
    it(`check what this product made, by the commands of spec 09: ${tool}`, async function () {
      for (const one of [tool, ...rests]) await orSkip(this, one)
      const env = { CANDOR: process.cwd(), GOCACHE: join(directory, 'go'), ...files.env }
      rmSync(join(directory, 'published'), { recursive: true, force: true })
      const ran = await run('bash', ['-c', script(tool, ...rests)], { cwd: directory, env })
      assert.equal(ran.code, 0, ran.said)
      assert.doesNotMatch(ran.said, /NOT SHOWN/)
    })
  }

  for (const tool of ['go', 'python3'] as const) {
    it(`come to the verdicts of our vectors: ${tool}`, async function () {
      await orSkip(this, tool)
      const cases = tool === 'go' ? judged() : [...judged(), ...statements()]
      const calls = cases.map(({ words, file }, index) => {
        const path = join(directory, `vector-${index}`)
        writeFileSync(path, file)
        return [...words, path]
      })
      const verdicts = tool === 'go' ? await judgedByGo(calls) : await judgedByPython(calls)
      for (const [index, { name, result }] of cases.entries()) {
        const { code, said } = verdicts[index] ?? { code: -1, said: '' }
        assert.equal(code, result === 'ok' ? 0 : 1, `${name}: ${result}, ${said}`)
        assert.match(said, code === 0 ? /^ok: / : /^NOT SHOWN: /, name)
      }
    })
  }

  it('refuse a published log in which a bit was turned: python3', async function () {
    await orSkip(this, 'python3')
    const published = join(directory, 'damaged')
    const exported = await run('candor', ['log', 'export-tiles', published, 'a.example'], { env: files.env })
    assert.equal(exported.code, 0, exported.said)
    const log = join(published, 'log-a.example-1')
    const check = () => run('python3', [join(PROGRAMS, 'verify.py'), 'log', files.charter, log])
    assert.equal((await check()).code, 0)
    for (const name of ['tile/entries', 'parts', 'checkpoint']) {
      const path = onlyFile(join(log, name))
      const bytes = readFileSync(path)
      // In a checkpoint the root: lines of keys that a reader does not know say nothing to it.
      const at = name === 'checkpoint' ? bytes.indexOf('\n\n') - 20 : bytes.length - 40
      writeFileSync(path, bytes.with(at, (bytes[at] ?? 0) ^ 1))
      const { code, said } = await check()
      assert.equal(code, 1, `${name}: ${said}`)
      writeFileSync(path, bytes)
    }
  })

  async function judgedByGo(calls: readonly (readonly string[])[]): Promise<readonly Ran[]> {
    const go = await buildGo(directory)
    const verdicts: Ran[] = []
    for (const call of calls) verdicts.push(await go(call))
    return verdicts
  }

  /** In one process, because Python takes a tenth of a second to start. */
  async function judgedByPython(calls: readonly (readonly string[])[]): Promise<readonly Ran[]> {
    const list = join(directory, 'calls.json')
    writeFileSync(list, JSON.stringify(calls))
    const { code, said } = await run('python3', ['-B', '-c', EACH, PROGRAMS, list])
    assert.equal(code, 0, said)
    return said
      .trimEnd()
      .split('\n')
      .map((line): Ran => JSON.parse(line))
  }
})

const EACH = `
import contextlib, io, json, sys
sys.path.insert(0, sys.argv[1])
import verify
for words in json.load(open(sys.argv[2])):
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        code = verify.run(words)
    print(json.dumps({"code": code, "said": said.getvalue()}))
`

/** The file itself, or the one file below a directory. */
function onlyFile(path: string): string {
  if (!statSync(path).isDirectory()) return path
  const [name, ...rest] = readdirSync(path)
  assert.ok(name !== undefined && rest.length === 0, path)
  return onlyFile(join(path, name))
}

type Judged = {
  readonly name: string
  /** Of the command line, before the file. */
  readonly words: readonly string[]
  readonly file: string | Uint8Array
  readonly result: string
}

function judged(): readonly Judged[] {
  const heads = readVectors<HeadVectors>('log/head.json')
  const proofs = readVectors<ProofFileVectors>('log/proof-file.json')
  const forks = readVectors<EquivocationVectors>('log/equivocation.json')
  return [
    ...heads.cases.flatMap(({ name, note: file, head, mirror: result }) => [
      { name, words: ['checkpoint', heads.logVkey], file, result: head },
      ...(result === undefined ? [] : [{ name, words: ['cosignature', heads.mirrorVkey], file, result }]),
    ]),
    ...proofs.cases.map((one) => ({ ...one, words: ['proof', proofs.logVkey] })),
    ...forks.cases.map((one) => ({ ...one, words: ['equivocation'] })),
  ]
}

function statements(): readonly Judged[] {
  type Entry = { readonly name: string; readonly entry: string; readonly fault?: string }
  type Vectors = { publicKey: string; accepted: readonly Entry[]; refused: readonly Entry[] }
  const { publicKey, accepted, refused } = readVectors<Vectors>('statement.json')
  return [...accepted, ...refused].map(({ name, entry, fault: result = 'ok' }) => {
    return { name, words: ['statement', publicKey], file: Buffer.from(entry, 'hex'), result }
  })
}

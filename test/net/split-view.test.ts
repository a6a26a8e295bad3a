import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Keystore } from '../../node/keys/keystore.ts'
import { native } from '../../node/keys/native.ts'
import type { ProofView } from '../../node/api/client.ts'
import { printSignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { parseEquivocation } from '../../protocol/log/equivocation-file.ts'
import { verifyEquivocation } from '../../protocol/log/equivocation.ts'
import { portable } from '../../protocol/primitives.ts'
import { candor } from '../support/cli.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { Five, isForked, isReady, LIAR, logOf, proofsOf, rewritten, ROUND_MS, SIZE } from '../support/five.ts'
import type { Face } from '../support/two-faced.ts'
import { until } from '../support/until.ts'

/** What each honest member is shown, by its place among them; undefined for the truth. */
type Lie = (five: Five) => readonly (Face | undefined)[]

const GO_LIBRARY = '/usr/share/gocode/src/golang.org/x/mod/sumdb/note'

const LIES: readonly (readonly [string, Lie, ProofView['kind'], readonly [number, number]])[] = [
  [
    'signs two heads of one size',
    (five) => {
      const [one, two] = five.spare().map((leaf) => five.signed([...five.truth(SIZE).leaves, leaf]))
      return [one, two, one, two]
    },
    'size',
    [SIZE + 1, SIZE + 1],
  ],
  [
    'shrinks its log',
    (five) => [
      undefined,
      five.signed(rewritten(five.truth(SIZE - 4).leaves, SIZE - 5, five.spare()[0])),
      undefined,
      undefined,
    ],
    'tree',
    [SIZE - 4, SIZE],
  ],
  [
    'rewrites a leaf',
    (five) => {
      const changed = five.signed(rewritten(five.truth(SIZE).leaves, 3, five.spare()[0]))
      return [undefined, undefined, changed, undefined]
    },
    'size',
    [SIZE, SIZE],
  ],
  [
    'signs a head of size 0 with another root than that of nothing',
    (five) => [undefined, undefined, undefined, emptyWithRoot(five)],
    'tree',
    [0, SIZE],
  ],
  [
    'shows a proof out of a hidden branch',
    (five) => {
      const hidden = rewritten(five.truth(SIZE).leaves, 3, five.spare()[0])
      return [five.signed([...hidden, ...five.spare().slice(1, 2)]), undefined, undefined, undefined]
    },
    'tree',
    [SIZE, SIZE + 1],
  ],
]

describe('a coalition of five in which one member signs two histories', function () {
  this.timeout(60_000)
  const { path, remove } = temporaryDirectory()
  const files: string[] = []
  let five: Five

  beforeEach(async () => {
    five = await Five.start()
  })

  afterEach(() => five.stop())

  after(() => {
    try {
      judgeWithGo(path, files)
    } finally {
      remove()
    }
  })

  for (const [what, lie, kind, sizes] of LIES) {
    it(`and ${what}: every honest node finds it within a round and freezes that log`, async () => {
      const faces = lie(five)
      five.tell((at) => faces[at])
      await until(`all have frozen the log of a member that ${what}`, () => five.every(isForked), ROUND_MS)
      for (const node of five.nodes) {
        const [proof, ...others] = await proofsOf(node)
        assert.ok(proof !== undefined)
        assert.deepEqual([proof.convicts, proof.domain], ['log', LIAR])
        const file = await node.client.evidenceFile(proof.id)
        const claim = parseEquivocation(portable, file)
        const proven = claim.ok ? verifyEquivocation(portable, claim.value) : claim
        assert.ok(proven.ok)
        if (others.length === 0) assert.deepEqual([proven.value.kind, proven.value.sizes], [kind, sizes])
        const name = join(path, `${files.length}.txt`)
        writeFileSync(name, file)
        files.push(name)
        const { problems } = await node.client.status()
        assert.ok(problems.some(({ code }) => code === 'SPLIT_VIEW'))
      }
      await five.growsOn()
    })
  }

  it('is shown for what it did, with both branches, by every command that shows its log', async () => {
    const [b] = five.nodes
    const home = five.coalition.members[1]?.home.directory
    assert.ok(b && home !== undefined)
    const changed = five.signed(rewritten(five.truth(SIZE).leaves, 3, five.spare()[0]))
    five.tell((at) => (at === 0 ? changed : undefined))
    await until('it is frozen', () => isForked(b))
    const [proof] = await proofsOf(b)
    assert.ok(proof !== undefined)
    const asked = (...words: string[]) => candor(['--home', home, ...words])
    assert.match((await asked('status')).out, /forked: it signed two histories \(sizes 13 and 13/)
    assert.match((await asked('list', '--author', LIAR)).out, /in a forked log/)
    const [row] = (await b.client.records({ author: LIAR, limit: 1 })).items
    assert.match((await asked('show', row?.record ?? '')).out, /in a forked log/)
    const shown = await asked('evidence', 'show', proof.id.slice(0, 12))
    for (const { root } of proof.heads) assert.ok(shown.out.includes(root))
    assert.match(shown.out, /at most the first 12 entries/)
    const verified = await asked('verify', '--all')
    assert.equal(verified.exit, 11)
    assert.match(verified.out, /SPLIT VIEW/)
    const file = join(path, 'exported.txt')
    assert.equal((await asked('evidence', 'export', proof.id, '-o', file)).exit, 0)
    assert.equal((await asked('evidence', 'check', file)).exit, 11)
    files.push(file)
  })

  it('is known for it to a member that was off meanwhile, and over restarts', async () => {
    const [b, c, d, e] = five.nodes
    assert.ok(b && c && d && e)
    await e.stop()
    const [one, two] = five.spare().map((leaf) => five.signed([...five.truth(SIZE).leaves, leaf]))
    five.tell((at) => (at === 0 ? one : two))
    await until('the others have frozen it', () => five.every(isForked, [b, c, d]), ROUND_MS)
    // From here on the liar tells the truth: only the others know.
    five.tell(() => undefined)
    await b.stop()
    five.nodes = [await five.startNode(0), c, d, await five.startNode(3)]
    await until('the one that was off has frozen it too', () => five.every(isForked))
    await until('all may sign again', () => five.every(isReady))
    assert.ok((await logOf(c)).frozen !== undefined)
    await five.growsOn()
  })
})

function emptyWithRoot({ coalition, liar }: Five): Face {
  const { publicKey, sign } = Keystore.open(coalition.members[0]?.home.keys ?? '', undefined).logSigner(1)
  const head = { origin: liar.log.origin, size: 0, root: new Uint8Array(32).fill(7) }
  return { note: printSignedCheckpoint(native, head, publicKey, sign), leaves: [] }
}

/** Go's own note and tlog come to the same verdict over each proof, where Go and they are installed. */
function judgeWithGo(directory: string, files: readonly string[]): void {
  if (!existsSync(GO_LIBRARY)) {
    process.stderr.write('\n  skipped: proofs are not checked with Go, which is absent\n')
    return
  }
  const program = join(directory, 'verify-go')
  const env = {
    ...process.env,
    GO111MODULE: 'off',
    GOPATH: '/usr/share/gocode',
    GOCACHE: join(directory, 'go'),
  }
  execFileSync('go', ['build', '-o', program, resolve('test/strangers/verify.go')], { env })
  for (const file of files) {
    assert.match(execFileSync(program, ['equivocation', file]).toString(), /^ok: /)
  }
}

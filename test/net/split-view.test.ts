import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Keystore } from '../../node/keys/keystore.ts'
import { native } from '../../node/keys/native.ts'
import type { ProofView } from '../../node/api/client.ts'
import { parseSignedCheckpoint, printSignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { parseEquivocation } from '../../protocol/log/equivocation-file.ts'
import { verifyEquivocation } from '../../protocol/log/equivocation.ts'
import { portable } from '../../protocol/primitives.ts'
import { candor } from '../support/cli.ts'
import { LyingCosigner } from '../support/cosigner-lies.ts'
import { INCIDENT } from '../support/fake-service.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { Five, isForked, isReady, LIAR, logOf, proofsOf, rewritten, SIZE } from '../support/five.ts'
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
  this.timeout(180_000)
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
      await five.convicts(`all have frozen the log of a member that ${what}`)
      assert.ok(await five.every(isForked))
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
    assert.match((await asked('status')).out, /forked since .*: it signed two histories \(sizes 13 and 13/)
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
    five.tell((at) => (at === 3 ? undefined : at === 0 ? one : two))
    await five.convicts('the others have frozen it', { among: [b, c, d] })
    assert.ok(await five.every(isForked, [b, c, d]))
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

/** Of one log that is honest: a head, and one that it signed before. */
type Heads = { readonly origin: string; readonly newest: Uint8Array; readonly before: Uint8Array }

const COSIGNER_LIES: readonly (readonly [
  string,
  (liar: LyingCosigner, heads: Heads, size: number) => readonly (readonly Uint8Array[])[],
])[] = [
  [
    'goes back in size as time goes on',
    (liar, { origin, newest, before }) => [
      [liar.over(newest, origin, TIME)],
      [liar.over(before, origin, TIME + 60)],
      [],
      [],
    ],
  ],
  [
    'cosigns two roots of one size, of which the log signed one',
    (liar, { origin, newest }, size) => [
      [liar.over(newest, origin, TIME)],
      [],
      [],
      [liar.invented({ origin, size, root: new Uint8Array(32).fill(7) }, TIME + 60)],
    ],
  ],
  [
    'cosigns a head that is not part of the larger one it cosigned too',
    (liar, { origin, newest }, size) => [
      [],
      [liar.invented({ origin, size: size - 1, root: new Uint8Array(32).fill(7) }, TIME)],
      [liar.over(newest, origin, TIME + 60)],
      [],
    ],
  ],
]

const TIME = Math.floor(Date.now() / 1_000)

describe('a coalition of five in which the witness of one member lies', function () {
  this.timeout(180_000)
  let five: Five

  beforeEach(async () => {
    five = await Five.start()
  })

  afterEach(() => five.stop())

  for (const [what, lie] of COSIGNER_LIES) {
    it(`and ${what}: every honest node finds it within a round, and no log is frozen`, async () => {
      const [b] = five.nodes
      assert.ok(b)
      const { origin } = (await b.client.status()).log
      const before = await b.client.head('b.example')
      await b.client.publishDraft(
        (await b.client.addDraft({ kind: 'incident', public: { ...INCIDENT, title: 'x' } })).id,
        0,
      )
      const newest = await until('the log grew', async () => {
        const note = await b.client.head('b.example')
        return sizeOf(note) > sizeOf(before) && note
      })
      const size = sizeOf(newest)
      await until('all hold it', () =>
        five.every(async (node) => (await logOf(node, 'b.example')).size >= size),
      )
      const notes = lie(new LyingCosigner(five.coalition, 0), { origin, newest, before }, size)
      five.tell((at) => {
        const cosigned = notes[at] ?? []
        return cosigned.length === 0 ? undefined : { ...five.truth(SIZE), cosigned }
      })
      await five.convicts(`all have convicted a witness that ${what}`)
      for (const node of five.nodes) {
        for (const proof of await proofsOf(node)) {
          assert.deepEqual([proof.convicts, proof.domain, proof.kind], ['witness', LIAR, 'cosigner'])
          const claim = parseEquivocation(portable, await node.client.evidenceFile(proof.id))
          assert.ok(claim.ok && verifyEquivocation(portable, claim.value).ok)
        }
        for (const { state, frozen } of await node.client.logs()) {
          assert.notEqual(state, 'forked')
          assert.equal(frozen, undefined)
        }
        const { problems } = await node.client.status()
        assert.ok(
          problems.some(({ code, message }) => code === 'SPLIT_VIEW' && message.includes('witness key')),
        )
      }
      // From here on its lines are nowhere, and whatever it states is not taken any more.
      await until('nobody has a line of it', () =>
        five.every(
          async ({ client }) => !textOf(await client.head('b.example')).includes(`${LIAR}/candor/witness`),
        ),
      )
      await five.growsOn()
    })
  }
})

function textOf(note: Uint8Array): string {
  return Buffer.from(note).toString('utf8')
}

function sizeOf(note: Uint8Array): number {
  const read = parseSignedCheckpoint(note)
  return read.ok ? read.value.checkpoint.size : 0
}

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

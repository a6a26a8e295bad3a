import assert from 'node:assert/strict'
import { fork, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeBlockTree } from '../../protocol/dataset/blocks.ts'
import { BLOCK_BYTES } from '../../protocol/limits.ts'
import { native } from '../../node/keys/native.ts'
import { GRANT, grantedOf, grantTo, startHolder, startReader } from '../support/blob-peers.ts'
import type { Order } from '../support/data-set-child.ts'
import { contentOf, dataSetsIn, filesHolding, inChunks, markedFile, MARKER } from '../support/data-set.ts'
import { leavesOf } from '../support/dataset-vectors.ts'
import { hasCode, temporaryDirectory } from '../support/directory.ts'
import { seededRandom } from '../support/random.ts'

const BLOCKS = 90
const FILE = markedFile((BLOCKS - 1) * BLOCK_BYTES + 55)
const VAULT = randomBytes(32)
const CHILD = new URL('../support/data-set-child.js', import.meta.url)

/** Runs a child to its end, or until it was killed; what it said last. */
function run(order: Order): Promise<unknown> {
  return new Promise((resolve) => {
    const child = fork(CHILD, [JSON.stringify(order)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    let said: unknown
    child.on('message', ({ end }: { end: unknown }) => (said = end))
    child.once('close', () => resolve(said))
  })
}

describe('a data set and kill -9', function () {
  this.timeout(240_000)
  let home: ReturnType<typeof temporaryDirectory>
  beforeEach(() => (home = temporaryDirectory()))
  afterEach(() => home.remove())

  it('read in: resumes, is never listed or served half, and nothing unsealed is left', async () => {
    const [directory, file] = [join(home.path, 'sets'), join(home.path, 'plain')]
    writeFileSync(file, FILE)
    const order: Order = { do: 'import', directory, vaultKey: VAULT.toString('hex'), file }
    const root = makeBlockTree(native, leavesOf(FILE)).root
    const { seed, random } = seededRandom()
    for (let time = 0; time < 3; time++) {
      const at = 1 + Math.floor(random() * (BLOCKS - 2))
      const end = await run({ ...order, killAfter: at })
      assert.equal(end, undefined, `killed at ${at}, seed ${seed}`)
      const sets = dataSetsIn(directory, VAULT)
      assert.deepEqual(sets.list(), [])
      assert.equal(sets.served(root), undefined)
      assert.deepEqual(filesHolding(directory, MARKER), [])
    }
    const [name = '', ...others] = readdirSync(directory)
    assert.deepEqual(others, [], 'one copy, begun once')
    const first = readFileSync(join(directory, name, 'blocks')).subarray(0, 12)
    assert.equal(await run(order), Buffer.from(root).toString('hex'))
    const sets = dataSetsIn(directory, VAULT)
    const copy = sets.own(root)
    assert.ok(copy)
    assert.ok(readFileSync(copy.files.blocks).subarray(0, 12).equals(first), 'what was written is kept')
    assert.ok((await contentOf(sets, copy)).equals(FILE))
  })

  it('on its way: resumes from what was noted, ends whole, and nothing unsealed is left', async () => {
    for (const name of ['ours', 'theirs']) mkdirSync(join(home.path, name))
    const ours = dataSetsIn(join(home.path, 'ours'))
    const copy = await ours.import({ path: 'rows.csv', bytes: FILE.length, body: inChunks(FILE) })
    const holder = await startHolder(ours)
    const nodeSeed = randomBytes(32)
    const probe = await startReader(nodeSeed)
    grantTo(holder, probe.id, [copy.head.root])
    await probe.stop()
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
    const { path, root, bytes, contentKey } = grantedOf(copy)
    const directory = join(home.path, 'theirs')
    const order: Order = {
      do: 'fetch',
      directory,
      vaultKey: VAULT.toString('hex'),
      seed: hex(nodeSeed),
      address: holder.address,
      granted: { path, root: hex(root), bytes, contentKey: hex(contentKey), grant: hex(GRANT) },
    }
    const { seed, random } = seededRandom()
    let asked = -1
    for (let time = 0; time < 3; time++) {
      // Some blocks are there before the first ones are: these are read, sealed and written side by side.
      const at = 8 + Math.floor(random() * 22)
      const end = await run({ ...order, killAfter: at })
      assert.equal(end, undefined, `killed at ${at}, seed ${seed}`)
      const [half] = dataSetsIn(directory, VAULT).granted(GRANT)
      assert.equal(half?.head.isWhole ?? false, false)
      const from = holder.served.at(-1)?.from ?? 0
      assert.ok(time === 0 || from > asked, 'what came before the kill is not sent again')
      asked = from
    }
    assert.equal(await run(order), 'whole')
    assert.ok((holder.served.at(-1)?.from ?? 0) > asked, 'nor after the last one')
    const theirs = dataSetsIn(directory, VAULT)
    const [got] = theirs.granted(GRANT)
    assert.ok(got)
    assert.equal(got.head.isWhole, true)
    assert.ok((await contentOf(theirs, got)).equals(FILE))
    assert.deepEqual(filesHolding(home.path, MARKER), [])
    await holder.peer.stop()
  })
})

describe('a data set and a disk that is full', function () {
  this.timeout(180_000)

  it('says so, keeps what fitted, and goes on when there is room', async function () {
    const mount = mountSmall()
    if (mount === undefined) {
      process.stdout.write('      SKIPPED: this user may not mount a tmpfs, so no disk can be filled\n')
      return this.skip()
    }
    try {
      // The room is taken away after the check at the beginning, as others on a disk do.
      const ballast = join(mount, 'ballast')
      const sets = dataSetsIn(join(mount, 'sets'))
      const file = markedFile(30 * BLOCK_BYTES)
      let filled = false
      const body = (async function* () {
        for await (const chunk of inChunks(file, BLOCK_BYTES)) {
          if (!filled) {
            filled = true
            writeFileSync(ballast, Buffer.alloc(75 * BLOCK_BYTES))
          }
          yield chunk
        }
      })()
      const order = { path: 'rows.csv', bytes: file.length }
      await assert.rejects(sets.import({ ...order, body }), hasCode('STORE_FULL'))
      assert.deepEqual(sets.list(), [])
      const [name = ''] = readdirSync(join(mount, 'sets'))
      assert.ok(statSync(join(mount, 'sets', name, 'blocks')).size > 10 * BLOCK_BYTES, 'some of it fitted')
      writeFileSync(ballast, '')
      const copy = await sets.import({ ...order, body: inChunks(file) })
      assert.ok((await contentOf(sets, copy)).equals(file))
    } finally {
      assert.equal(spawnSync('umount', [mount]).status, 0)
      rmdirSync(mount)
    }
  })
})

function mountSmall(): string | undefined {
  const mount = mkdtempSync(join(tmpdir(), 'candor-full-'))
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', mount])
  if (status === 0) return mount
  rmdirSync(mount)
  return undefined
}

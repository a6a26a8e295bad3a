import assert from 'node:assert/strict'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { mirrorOnce } from '../../../cli/tree/mirror.ts'
import { native } from '../../../node/keys/native.ts'
import { emptyLog } from '../../../node/store/log.ts'
import { extend } from '../../../node/store/extension.ts'
import { keyOf } from '../../../node/store/prefixes.ts'
import { tileKey } from '../../../node/store/tiles.ts'
import { appendLeaf, EMPTY_EDGE, leafHash } from '../../../protocol/log/merkle.ts'
import { parseEntry } from '../../../protocol/codec/statement.ts'
import { printBundle } from '../../../protocol/log/tile.ts'
import { candor } from '../../support/cli.ts'
import { temporaryDirectory } from '../../support/directory.ts'
import { logClient, type LogClient } from '../../support/log-client.ts'
import { MemoryKeyValue } from '../../support/memory-kv.ts'
import { makeSignedLog, type SignedLog } from '../../support/signed-log.ts'

const LOG = 'log-a.example-1'

describe('a published tree', function () {
  this.timeout(20_000)
  const space = temporaryDirectory()
  let log: SignedLog
  let count = 0

  before(async () => {
    log = await makeSignedLog(599)
  })
  after(() => space.remove())

  const fresh = () => join(space.path, `tree-${(count += 1)}`)
  const mirror = (client: LogClient, directory: string) =>
    mirrorOnce({ client, directory, domain: undefined, onProgress: () => undefined })
  const verify = (directory: string) =>
    candor(['--home', `${directory}-home`, 'verify', '--tiles', directory])

  it('holds what a node stores, byte for byte', async () => {
    const directory = fresh()
    await mirror(logClient(log, 600), directory)
    const store = new MemoryKeyValue()
    let edge = EMPTY_EDGE
    const added = log.leaves.map(({ bytes, part }) => {
      const entry = parseEntry(bytes)
      assert.ok(entry.ok)
      const leaf = leafHash(native, bytes)
      edge = appendLeaf(native, edge, leaf)
      return { entry: entry.value, leaf, part }
    })
    const grown = extend(native, emptyLog(1, log.origin), added, edge, undefined)
    await store.batch(grown.operations)
    const file = (path: string) => readFileSync(join(directory, LOG, path))
    const row = (key: Uint8Array) => Buffer.from(store.getSync(key) ?? [])
    for (const index of [0, 1]) {
      assert.deepEqual(file(`tile/0/00${index}`), row(tileKey(1, 0, index)))
      assert.deepEqual(file(`tile/entries/00${index}`), row(keyOf('bundle', { log: 1 }, { index })))
    }
    assert.deepEqual(file('tile/1/000.p/2'), row(tileKey(1, 1, 0)))
    assert.deepEqual(file('tile/0/002.p/88'), Buffer.concat(grown.log.growing[0] ?? []))
    assert.deepEqual(file('tile/entries/002.p/88'), Buffer.from(printBundle(grown.log.tail)))
  })

  it('is the same whether it is written at once or as the log grows', async () => {
    const [once, growing] = [fresh(), fresh()]
    const client = logClient(log, 1)
    for (const size of [1, 2, 200, 255, 256, 257, 511, 512, 600]) {
      client.leaves = log.leaves.slice(0, size)
      const { logs } = await mirror(client, growing)
      assert.equal(logs[0]?.size, size)
      if (size === 257) assert.equal((await verify(growing)).exit, 0)
    }
    await mirror(client, once)
    const written = contents(growing)
    for (const [path, bytes] of contents(once)) assert.deepEqual(written.get(path), bytes, path)
    // Partial tiles of earlier sizes stay until the full one is there.
    const more = [...written.keys()].filter((path) => !contents(once).has(path))
    assert.deepEqual(more, [`${LOG}/tile/1/000.p/1`])
  })

  it('is not written again where nothing is new', async () => {
    const directory = fresh()
    const client = logClient(log, 300)
    await mirror(client, directory)
    const { logs } = await mirror(client, directory)
    assert.deepEqual([logs[0]?.state, logs[0]?.files], ['same', 0])
  })

  it('is whole for a reader at every moment of a run, and after a run that broke off', async () => {
    const directory = fresh()
    const client = logClient(log, 300)
    await mirror(client, directory)
    client.leaves = log.leaves
    const copies: string[] = []
    client.onEntries = (from) => {
      const copy = fresh()
      cpSync(directory, copy, { recursive: true })
      copies.push(copy)
      if (from >= 512) throw new Error('the node went away')
    }
    await assert.rejects(mirror(client, directory), /went away/)
    assert.ok(copies.length >= 3)
    for (const tree of [...copies.slice(-1), directory]) assert.equal((await verify(tree)).exit, 0, tree)
    client.onEntries = () => undefined
    assert.equal((await mirror(client, directory)).logs[0]?.state, 'grown')
    assert.equal((await verify(directory)).exit, 0)
  })

  it('takes no place that is not its own', async () => {
    const client = logClient(log, 20)
    const full = fresh()
    mkdirSync(full)
    writeFileSync(join(full, 'letter.txt'), 'Dear …')
    await assert.rejects(mirror(client, full), { code: 'CONFLICT' })
    assert.deepEqual(readdirSync(full), ['letter.txt'])
    const other = fresh()
    await mirror(logClient(await makeSignedLog(1), 2), other)
    await assert.rejects(mirror(client, other), { code: 'CONFLICT' })
    const damaged = fresh()
    await mirror(client, damaged)
    writeFileSync(join(damaged, 'index'), 'candor/tiles@v2\n')
    await assert.rejects(mirror(client, damaged), { code: 'CONFLICT' })
  })

  const table: readonly [string, string, (client: LogClient, directory: string) => void][] = [
    [
      'a log that does not continue what is published',
      'CONFLICT',
      (client) => (client.leaves = [...log.leaves.slice(0, 10), ...log.leaves.slice(11, 400)]),
    ],
    [
      'a log of the same size and another root',
      'CONFLICT',
      (client) => (client.leaves = [...log.leaves.slice(0, 10), ...log.leaves.slice(11, 301)]),
    ],
    [
      'published growing tiles that were altered',
      'CONFLICT',
      (client, directory) => {
        client.leaves = log.leaves
        alter(join(directory, LOG, 'tile/0/001.p/44'))
      },
    ],
    [
      'a published checkpoint that was cut',
      'CONFLICT',
      (client, directory) => {
        client.leaves = log.leaves
        const file = join(directory, LOG, 'checkpoint')
        writeFileSync(file, readFileSync(file).subarray(0, 50))
      },
    ],
    [
      'entries that do not lead to the head',
      'STORE_DAMAGED',
      (client) => {
        const head = log.noteOf(log.leaves)
        client.leaves = log.leaves.with(400, log.leaves[401] ?? (log.leaves[0] as never))
        client.head = async () => head
        client.consistency = logClient(log, 600).consistency
      },
    ],
    [
      'a part that its entry did not commit to',
      'STORE_DAMAGED',
      (client) => {
        const [leaf] = log.leaves.slice(400)
        assert.ok(leaf)
        const part = { ...leaf.part, bytes: leaf.part.bytes.with(3, 0) }
        client.leaves = log.leaves.with(400, { ...leaf, part })
      },
    ],
    [
      'a head that another key signed',
      'STORE_DAMAGED',
      (client) => {
        client.leaves = log.leaves
        const note = Buffer.from(log.noteOf(log.leaves)).toString('utf8')
        const [text = '', line = ''] = note.split('\n\n')
        const letter = line.at(-10) === 'A' ? 'B' : 'A'
        client.head = async () => Buffer.from(`${text}\n\n${line.slice(0, -10)}${letter}${line.slice(-9)}`)
      },
    ],
  ]
  for (const [what, code, change] of table) {
    it(`is left as it is by ${what}`, async () => {
      const directory = fresh()
      const client = logClient(log, 300)
      await mirror(client, directory)
      change(client, directory)
      const before = readFileSync(join(directory, LOG, 'checkpoint'))
      const { failed } = await mirror(client, directory)
      assert.deepEqual(
        failed.map(({ error }) => error.code),
        [code],
      )
      assert.deepEqual(readFileSync(join(directory, LOG, 'checkpoint')), before)
    })
  }

  it('keeps what is published when the node holds less', async () => {
    const directory = fresh()
    const client = logClient(log, 300)
    await mirror(client, directory)
    client.leaves = log.leaves.slice(0, 100)
    assert.equal((await mirror(client, directory)).logs[0]?.state, 'older')
    assert.equal((await verify(directory)).exit, 0)
  })

  it('leaves an empty place for a part that is gone, and says so to the auditor', async () => {
    const directory = fresh()
    const client = logClient(log, 300)
    const answer = client.entries
    client.entries = async (origin, from, wanted) => {
      const got = await answer(origin, from, wanted)
      return { ...got, parts: got.parts.map((part, at) => (from + at === 7 ? null : part)) }
    }
    await mirror(client, directory)
    const { exit, out } = await verify(directory)
    assert.equal(exit, 12)
    assert.match(out, /entry 7: the public part is missing/)
  })

  it('takes what is erased out of every file that had it', async () => {
    const erasing = await makeSignedLog(400, (origin, leaves) => {
      const leaf = leafHash(native, leaves[7]?.bytes ?? new Uint8Array(0))
      return { kind: 'erase', public: { basis: 'consent' }, on: { origin, index: 7, leaf } }
    })
    const directory = fresh()
    const client = logClient(erasing, 300)
    await mirror(client, directory)
    const file = () => readFileSync(join(directory, LOG, 'parts/000'))
    const gone = Buffer.from(erasing.leaves[7]?.part.bytes ?? [])
    assert.ok(file().includes(gone))
    const answer = client.entries
    client.entries = async (origin, from, wanted) => {
      const got = await answer(origin, from, wanted)
      return { ...got, parts: got.parts.map((part, at) => (from + at === 7 ? null : part)) }
    }
    client.leaves = erasing.leaves
    await mirror(client, directory)
    assert.equal(file().includes(gone), false)
    const { out } = await verify(directory)
    assert.match(out, /entry 7: the public part is missing/)
  })

  function contents(directory: string): ReadonlyMap<string, Buffer> {
    const entries = readdirSync(directory, { recursive: true, withFileTypes: true })
    return new Map(
      entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .map((path) => [relative(directory, path), readFileSync(path)]),
    )
  }
})

function alter(file: string): void {
  const bytes = readFileSync(file)
  bytes[5] = (bytes[5] ?? 0) ^ 1
  rmSync(file)
  writeFileSync(file, bytes)
}

import assert from 'node:assert/strict'
import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { TileCheck, type TreeFault } from '../../../cli/tree/check.ts'
import { mirrorOnce } from '../../../cli/tree/mirror.ts'
import type { TreeReader } from '../../../cli/tree/reader.ts'
import { native } from '../../../node/keys/native.ts'
import { appendLeaves, EMPTY_EDGE, edgeRoot, leafHash } from '../../../protocol/log/merkle.ts'
import { printTile, printTilePath } from '../../../protocol/log/tile.ts'
import { growTiles, partialTiles, tileRoot } from '../../../protocol/log/tile-growth.ts'
import { candor } from '../../support/cli.ts'
import { temporaryDirectory } from '../../support/directory.ts'
import { logClient } from '../../support/log-client.ts'
import { makeSignedLog } from '../../support/signed-log.ts'

const LOG = 'log-a.example-1'

describe('verify --tiles', function () {
  this.timeout(20_000)
  const space = temporaryDirectory()
  const tree = join(space.path, 'tree')
  let copies = 0
  let server: Server | undefined

  before(async () => {
    const client = logClient(await makeSignedLog(299), 300)
    await mirrorOnce({ client, directory: tree, domain: undefined, onProgress: () => undefined })
  })
  afterEach(() => server?.close())
  after(() => space.remove())

  const verify = (place: string) =>
    candor(['--home', join(space.path, `home-${copies}`), '--json', 'verify', '--tiles', place])
  const damaged = (path: string, damage: (file: string) => void) => {
    copies += 1
    const copy = join(space.path, `copy-${copies}`)
    cpSync(tree, copy, { recursive: true })
    damage(join(copy, path))
    return copy
  }

  const flip = (file: string) => {
    const bytes = readFileSync(file)
    bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 1
    writeFileSync(file, bytes)
  }
  const cut = (file: string) => truncateSync(file, readFileSync(file).length - 7)
  const drop = (file: string) => rmSync(file)
  const grow = (file: string) => writeFileSync(file, Buffer.alloc(20_000_000))

  const damages = { altered: flip, cut, gone: drop, 'made long': grow }
  const table = [
    ...['tile/0/001.p/44', 'tile/1/000.p/1', 'tile/entries/001.p/44', 'parts/000', 'parts/001.p/44'].map(
      (path) => [path, 'altered'] as const,
    ),
    ...Object.keys(damages).flatMap((what) => [
      ['tile/0/000', what] as const,
      ['tile/entries/000', what] as const,
    ]),
    ...(['cut', 'gone'] as const).map((what) => ['parts/000', what] as const),
  ]
  for (const [path, what] of table) {
    it(`names ${path} when it is ${what}`, async () => {
      const damage = Object.entries(damages).find(([name]) => name === what)?.[1] ?? flip
      const { exit, out } = await verify(damaged(join(LOG, path), damage))
      const named = JSON.parse(out).data.files.map(({ file }: TreeFault) => file)
      assert.deepEqual([exit, ...named], [10, `${LOG}/${path}`])
    })
  }

  it('says which entry of an altered bundle is another one', async () => {
    const { out } = await verify(damaged(join(LOG, 'tile/entries/000'), flip))
    assert.match(out, /entry 255 is not the one that is hashed into the tree/)
  })

  it('takes nothing for verified without its checkpoint, its index or its charter', async () => {
    assert.equal((await verify(damaged(join(LOG, 'checkpoint'), drop))).exit, 10)
    assert.equal((await verify(damaged(join(LOG, 'checkpoint'), flip))).exit, 10)
    assert.equal((await verify(damaged('index', drop))).exit, 5)
    assert.equal((await verify(damaged('index', flip))).exit, 20)
    assert.equal((await verify(damaged('charter.candor', flip))).exit, 78)
    assert.equal((await verify(join(space.path, 'nothing'))).exit, 5)
  })

  it('finds nothing wrong with what is right, from a folder and over HTTP', async () => {
    assert.equal((await verify(tree)).exit, 0)
    const url = await serve((path) => ({ status: 200, body: readFileSync(join(tree, path)) }))
    assert.equal((await verify(`${url}/`)).exit, 0)
  })

  it('follows no server elsewhere and reads no endless answer', async () => {
    const elsewhere = await serve(() => ({ status: 302, body: '', location: 'http://127.0.0.1:1/' }))
    const { exit, err } = await verify(elsewhere)
    assert.deepEqual([exit, JSON.parse(err).data.code], [1, 'IO_FAILED'])
    server?.close()
    const endless = await serve(() => ({ status: 200, body: Buffer.alloc(3_000_000) }))
    assert.equal(JSON.parse((await verify(endless)).err).data.code, 'TOO_LARGE')
    server?.close()
    const failing = await serve(() => ({ status: 500, body: '' }))
    assert.match((await verify(failing)).err, /answered 500/)
  })

  function serve(answer: (path: string) => { status: number; body: Buffer | string; location?: string }) {
    return new Promise<string>((resolve) => {
      server = createServer((request, response) => {
        const { status, body, location } = answer(request.url ?? '')
        response.writeHead(status, location === undefined ? {} : { location }).end(body)
      })
      server.listen(0, '127.0.0.1', () => {
        const address = server?.address()
        resolve(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`)
      })
    })
  }
})

describe('the tiles of a log with three levels', () => {
  const SIZE = 65_536 + 700
  const leaves = Array.from({ length: SIZE }, (_, i) => leafHash(native, Buffer.from(String(i))))
  const head = { origin: 'x', size: SIZE, root: edgeRoot(native, appendLeaves(native, EMPTY_EDGE, leaves)) }
  const files = new Map<string, Uint8Array>()
  const { full, growing } = growTiles(native, 0, [], leaves)
  for (const { level, index, hashes } of [...full, ...partialTiles(SIZE, growing)])
    files.set(printTilePath({ level, index, width: hashes.length }), printTile(hashes))

  const check = async (changed: ReadonlyMap<string, Uint8Array>, entries = leaves) => {
    const found = await checkRuns(changed, entries, () => ({}))
    const rootOf = (hashes: readonly Uint8Array[]) =>
      hashes.length === 256 ? { root: tileRoot(native, hashes) } : {}
    assert.deepEqual(await checkRuns(changed, entries, rootOf), found, 'with roots that a thread found')
    return found
  }

  const checkRuns = async (
    changed: ReadonlyMap<string, Uint8Array>,
    entries: readonly Uint8Array[],
    rootOf: (hashes: readonly Uint8Array[]) => { root?: Uint8Array },
  ) => {
    const faults: TreeFault[] = []
    const read = async (path: string) => changed.get(path) ?? files.get(path)
    const reader: TreeReader = { name: 'memory', read }
    const tiles = new TileCheck(native, reader, head, (fault) => faults.push(fault))
    for (let at = 0; at < SIZE; at += 256) {
      const hashes = entries.slice(at, at + 256)
      await tiles.bundle({ hashes, ...rootOf(hashes) })
    }
    return faults.map(({ file }) => file)
  }

  it('are right', async () => assert.deepEqual(await check(new Map()), []))

  for (const path of [
    'tile/0/000',
    'tile/0/255',
    'tile/1/000',
    'tile/0/258.p/188',
    'tile/1/001.p/2',
    'tile/2/000.p/1',
  ]) {
    it(`name ${path} alone when one bit of it is altered`, async () => {
      const tile = files.get(path)?.slice()
      assert.ok(tile)
      tile[40 % tile.length] = (tile[40 % tile.length] ?? 0) ^ 1
      assert.deepEqual(await check(new Map([[path, tile]])), [path])
    })
  }

  for (const at of [0, 300, 65_535, 65_537, SIZE - 1]) {
    it(`name the bundle alone when entry ${at} is another`, async () => {
      const index = Math.floor(at / 256)
      const width = Math.min(256, SIZE - index * 256)
      const named = await check(new Map(), leaves.with(at, leafHash(native, Buffer.from('another'))))
      assert.deepEqual(named, [printTilePath({ level: 'entries', index, width })])
    })
  }
})

import assert from 'node:assert/strict'
import { existsSync, lstatSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { clientOf, NodeError } from '../../../node/api/client.ts'
import { ApiServer } from '../../../node/api/server.ts'
import { serving } from '../../support/api.ts'
import { fakeService } from '../../support/fake-service.ts'

const onError = (error: unknown) => assert.fail(String(error))

describe('the socket of the API', () => {
  let directory = ''
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'candor-socket-'))))
  afterEach(() => rmSync(directory, { recursive: true, force: true }))
  const start = (socket: string) => ApiServer.start({ socket, service: fakeService(), onError })

  it('is readable and writable by its owner only, and leaves nothing beside it', async () => {
    await serving({}, async ({ home, socket }) => {
      assert.equal(lstatSync(socket).mode & 0o777, 0o600)
      assert.deepEqual(readdirSync(home), ['api.sock'])
    })
  })

  it('goes when the node stops', async () => {
    const socket = join(directory, 'api.sock')
    const server = await start(socket)
    await server.stop()
    assert.equal(existsSync(socket), false)
  })

  it('takes the place of a dead node’s socket', async () => {
    const socket = join(directory, 'api.sock')
    const script = `require('node:net').createServer().listen(${JSON.stringify(socket)}, () => process.kill(process.pid, 'SIGKILL'))`
    spawnSync(process.execPath, ['-e', script])
    assert.equal(lstatSync(socket).isSocket(), true)
    const server = await start(socket)
    const status = await clientOf({ socket, timeoutMs: 1_000, startCommand: '' }).status()
    assert.equal(status.member.domain, 'a.example')
    await server.stop()
  })

  it('refuses the place of a live node and leaves it alone', async () => {
    await serving({}, async ({ socket, client }) => {
      await assert.rejects(
        start(socket),
        (error) => error instanceof NodeError && error.code === 'STORE_LOCKED',
      )
      assert.equal((await client.status()).state, 'ok')
    })
  })

  it('refuses the place of a file that is no socket', async () => {
    const socket = join(directory, 'api.sock')
    writeFileSync(socket, 'precious')
    await assert.rejects(
      start(socket),
      (error) => error instanceof NodeError && error.code === 'CONFIGURATION',
    )
    assert.equal(lstatSync(socket).isFile(), true)
  })

  it('listens and answers under a path longer than the kernel takes', async function test() {
    if (process.platform !== 'linux') return this.skip()
    const home = mkdtempSync(join(directory, 'y'.repeat(120)))
    const socket = join(home, 'api.sock')
    const server = await start(socket)
    const client = clientOf({ socket })
    assert.equal((await client.status()).state, 'ok')
    assert.equal(lstatSync(socket).mode & 0o777, 0o600)
    await assert.rejects(
      start(socket),
      (error) => error instanceof NodeError && error.code === 'STORE_LOCKED',
    )
    await server.stop()
    assert.deepEqual(readdirSync(home), [])
  })

  it('says so where there is no directory for it', async () => {
    await assert.rejects(start(join(directory, 'nowhere', 'api.sock')), NodeError)
  })

  it('does not take away a socket that is not its own any more', async () => {
    const socket = join(directory, 'api.sock')
    const server = await start(socket)
    rmSync(socket)
    const other = createServer().listen(socket)
    await server.stop()
    assert.equal(existsSync(socket), true)
    other.close()
  })

  it('ends a stop although an answer hangs', async () => {
    const socket = join(directory, 'api.sock')
    const service = fakeService({ status: () => new Promise(() => undefined) })
    const server = await ApiServer.start({ socket, service, onError })
    const asked = clientOf({ socket, timeoutMs: 60_000, startCommand: 'candor up' }).status()
    const refused = assert.rejects(
      asked,
      (error) => error instanceof NodeError && error.code === 'NODE_UNREACHABLE',
    )
    await server.stop({ waitMs: 20 })
    await refused
  })
})

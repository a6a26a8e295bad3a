import assert from 'node:assert/strict'
import { chmodSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { failToStart, startNode } from '../support/process.ts'

describe('a node that cannot start says why and what to do', function () {
  this.timeout(180_000)
  let coalition: Coalition

  beforeEach(async () => {
    coalition = await makeCoalition(1)
  })

  afterEach(() => coalition.remove())

  const member = () => {
    const one = coalition.members[0]
    assert.ok(one)
    return one
  }
  const refused = async (
    code: string,
    exit: number,
    args: readonly string[] = ['--charter', coalition.charterFile],
  ) => {
    const { code: ended, said } = await failToStart(member().home, args)
    assert.match(said, new RegExp(`"code":"${code}"`))
    assert.equal(ended, exit)
    return said
  }

  it('when another process has its database', async () => {
    const running = await startNode(member().home, coalition.charterFile)
    const said = await refused('STORE_LOCKED', 3, [
      '--charter',
      coalition.charterFile,
      '--listen',
      '/ip4/127.0.0.1/tcp/0',
    ])
    assert.match(said, /candor status/)
    await running.stop()
  })

  it('when its port is taken', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(member().port, '127.0.0.1', resolve))
    const said = await refused('PORT_BUSY', 78)
    assert.match(said, /--listen/)
    server.close()
  })

  it('when it has no charter', async () => {
    await refused('HOME_MISSING', 78, [])
  })

  it('when its charter file is cut short', async () => {
    const file = join(coalition.directory, 'cut.candor')
    writeFileSync(file, 'candor')
    await refused('CHARTER_INVALID', 78, ['--charter', file])
  })

  it('when its charter does not name it', async () => {
    const other = await makeCoalition(1)
    await refused('NOT_ALLOWED', 4, ['--charter', other.charterFile])
    other.remove()
  })

  it('when others can read its keys', async () => {
    const { keys } = member().home
    const [name] = readdirSync(keys)
    assert.ok(name)
    chmodSync(join(keys, name), 0o644)
    const said = await refused('KEYSTORE_PERMISSIONS', 78)
    assert.match(said, /chmod/)
  })

  it('when a key file was altered', async () => {
    writeFileSync(join(member().home.keys, 'node.key'), 'not a key', { mode: 0o600 })
    await refused('KEYSTORE_DAMAGED', 1)
  })
})

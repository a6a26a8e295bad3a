import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { portable } from '../../../protocol/primitives.ts'
import { openDatabase, type Database } from '../../../node/store/database.ts'
import { keyOf } from '../../../node/store/prefixes.ts'
import { Logs } from '../../../node/store/logs.ts'
import { hasCode } from '../../support/directory.ts'

describe('Logs', () => {
  let directory: string
  let database: Database

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'candor-logs-'))
    database = await openDatabase(directory)
  })

  afterEach(async () => {
    await database.close()
    rmSync(directory, { recursive: true })
  })

  it('gives each of many logs that are met at one moment a number of its own', async () => {
    const logs = new Logs(portable, database)
    const origins = Array.from({ length: 20 }, (_, i) => `m${i}.example/candor/x/1`)
    const made = await Promise.all([...origins, ...origins].map((origin) => logs.ensure(origin)))
    assert.equal(new Set(made.map(({ number }) => number)).size, origins.length)
    for (const { number, origin } of made) assert.equal(logs.originOf(number), origin)
    const again = new Logs(portable, database)
    assert.deepEqual(await again.open(() => undefined), [])
    for (const origin of origins) assert.equal(again.get(origin)?.number, logs.get(origin)?.number)
  })

  it('writes no entries that do not continue the log as it is now', async () => {
    const logs = new Logs(portable, database)
    const log = await logs.ensure('m.example/candor/x/1')
    for (const size of [1, 256]) {
      const edge = { size, hashes: [new Uint8Array(32)] }
      await assert.rejects(logs.extend(log, [], { edge, keys: undefined }), hasCode('CONFLICT'))
    }
    assert.equal(logs.get(log.origin)?.edge.size, 0)
  })

  it('carries what was cosigned of a log over to the copy that takes the place of a damaged one', async () => {
    const origin = 'm.example/candor/x/1'
    const { number } = await new Logs(portable, database).ensure(origin)
    const row = (log: number, byte: number) => keyOf('cosigner', { log }, { byte })
    const stated = [0, 1].map((byte) => Uint8Array.of(7, byte))
    await database.batch(
      [
        ...stated.map((value, byte) => ({ type: 'put' as const, key: row(number, byte), value })),
        { type: 'put', key: keyOf('state', { log: number }), value: Uint8Array.of(0) },
      ],
      'durable',
    )
    const logs = new Logs(portable, database)
    assert.equal((await logs.open(() => undefined)).length, 1)
    const fresh = await logs.ensure(origin)
    assert.notEqual(fresh.number, number)
    for (const [byte, value] of stated.entries())
      assert.deepEqual(Buffer.from(database.getSync(row(fresh.number, byte)) ?? []), Buffer.from(value))
  })

  it('refuses a second process', async () => {
    await assert.rejects(
      openDatabase(directory),
      (error) => error instanceof Error && 'code' in error && error.code === 'STORE_LOCKED',
    )
  })
})

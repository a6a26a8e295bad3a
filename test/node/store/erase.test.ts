import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sealerOf } from '../../../node/keys/vault.ts'
import { openDatabase, type Database } from '../../../node/store/database.ts'
import { Drafts } from '../../../node/store/drafts.ts'
import { erasingRow, forgetErased, isErasing } from '../../../node/store/forgetting.ts'
import { after as above, keyOf } from '../../../node/store/prefixes.ts'
import { eraseOperations, readVault, vaultOperations, type Kept } from '../../../node/store/vault.ts'
import { MemoryKeyValue } from '../../support/memory-kv.ts'
import { counting } from '../../support/statements.ts'

const sealer = sealerOf(counting(32, 9))
const kept = (word: string): Kept => ({
  partner: [counting(32, 1), counting(32, 2), { note: word }],
  research: [counting(32, 3)],
})

describe('erasing from the vault', () => {
  it('takes the named tiers of one entry out of a run and leaves its neighbours', async () => {
    const store = new MemoryKeyValue()
    const all = ['one', 'two', 'three'].map(kept)
    await store.batch(vaultOperations(sealer, 1, 5, all))
    await store.batch(await eraseOperations(store, sealer, { log: 1, index: 6 }, ['partner']))
    assert.deepEqual(await readVault(store, sealer, 1, 5), all[0])
    assert.deepEqual(await readVault(store, sealer, 1, 6), { partner: [], research: all[1]?.research })
    assert.deepEqual(await readVault(store, sealer, 1, 7), all[2])
    assert.deepEqual(await eraseOperations(store, sealer, { log: 1, index: 9 }, ['partner']), [])
  })

  it('leaves nothing overwritten in the files once they are compacted', async () => {
    await inFiles(async (database, holds) => {
      const key = keyOf('vault', { log: 1 }, { index: 5 })
      const [old, fresh] = [randomBytes(200), randomBytes(200)]
      await database.batch([{ type: 'put', key, value: old }], 'durable')
      await database.batch([{ type: 'put', key, value: fresh }], 'durable')
      assert.ok(holds(old))
      await database.compact(keyOf('vault'), above(keyOf('vault')))
      await database.close()
      assert.equal(holds(old), false)
    })
  })

  for (const [what, space] of [
    ['sealed', 'vault'],
    ['sealed', 'disclosure'],
    ['sealed', 'draft'],
    ['sealed', 'publication'],
    ['draft', 'draft'],
  ] as const) {
    it(`frees the files of what rested under ${space}, by a row for what is ${what}`, async () => {
      await inFiles(async (database, holds) => {
        const key = keyOf(space, { log: 1 }, { index: 5 })
        const old = randomBytes(200)
        await database.batch([{ type: 'put', key, value: old }], 'durable')
        await database.batch([{ type: 'del', key }, erasingRow(what, 1, 5)], 'durable')
        assert.ok(holds(old))
        await forgetErased(database, what)
        assert.equal(await isErasing(database, what), false)
        await database.close()
        assert.equal(holds(old), false)
      })
    })
  }

  it('leaves no draft in the files that has become an entry, as it was or as it was before', async () => {
    await inFiles(async (database, holds) => {
      const drafts = new Drafts(database, sealer)
      const draft = { record: counting(16, 3), version: 1, kind: 'incident', createdAt: 1 }
      const rows: Uint8Array[] = []
      for (const title of ['The first words', 'Others']) {
        await drafts.put({ ...draft, public: { title } })
        rows.push((await database.get(keyOf('draft', draft.record))) ?? new Uint8Array(0))
      }
      await database.batch(drafts.removeOperations(draft.record), 'durable')
      assert.ok(rows.every(holds))
      assert.ok(await isErasing(database, 'draft'))
      await forgetErased(database, 'draft')
      await database.close()
      assert.equal(rows.some(holds), false)
    })
  })
})

/** A database in files, and whether any of them holds these bytes. Random ones, because what compresses is not found. */
async function inFiles(
  work: (database: Database, holds: (bytes: Uint8Array) => boolean) => Promise<void>,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'candor-erase-'))
  try {
    await work(await openDatabase(directory), (bytes) =>
      readdirSync(directory).some((name) => readFileSync(join(directory, name)).includes(Buffer.from(bytes))),
    )
  } finally {
    rmSync(directory, { recursive: true })
  }
}

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sealerOf } from '../../../node/keys/vault.ts'
import { openDatabase } from '../../../node/store/database.ts'
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
    const directory = mkdtempSync(join(tmpdir(), 'candor-erase-'))
    const database = await openDatabase(directory)
    const key = keyOf('vault', { log: 1 }, { index: 5 })
    // Random, because what compresses would not be found anyway.
    const [old, fresh] = [randomBytes(200), randomBytes(200)]
    const findOld = () =>
      readdirSync(directory).filter((name) => readFileSync(join(directory, name)).includes(old))
    await database.batch([{ type: 'put', key, value: old }], 'durable')
    await database.batch([{ type: 'put', key, value: fresh }], 'durable')
    assert.notDeepEqual(findOld(), [])
    await database.compact(keyOf('vault'), above(keyOf('vault')))
    await database.close()
    const found = findOld()
    rmSync(directory, { recursive: true })
    assert.deepEqual(found, [])
  })
})

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '../../node/store/database.ts'
import { holdsWord, placesOf } from '../support/restricted.ts'

const WORD = 'zanzibar-quokka-4711'

describe('the search for restricted words', () => {
  for (const before of ['', 'x', 'xy', 'xyz'])
    for (const behind of ['', 'p', 'pq']) {
      const text = Buffer.from(`${before}${WORD}${behind}`)
      for (const encoding of ['utf8', 'hex', 'base64', 'base64url'] as const)
        it(`finds one as ${encoding} behind ${before.length} and before ${behind.length} other bytes`, () => {
          assert.ok(holdsWord(Buffer.from(`… ${text.toString(encoding)} …`), WORD))
          const other = Buffer.from(text.toString('utf8').replace('quokka', 'wallaby'))
          assert.ok(!holdsWord(Buffer.from(`… ${other.toString(encoding)} …`), WORD))
        })
    }

  it('finds one that a compressed table hides from a search of its files', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'candor-search-'))
    try {
      const database = join(directory, 'db')
      const rows = await openDatabase(database)
      await rows.batch(
        [{ type: 'put', key: Uint8Array.of(0x70, 1), value: Buffer.from(`a ${WORD} b`) }],
        'durable',
      )
      await rows.close()
      writeFileSync(join(directory, 'note'), Buffer.from(WORD).toString('base64'))
      const places = await placesOf({ directory, database }, [WORD])
      assert.ok(places.includes(`${WORD} in note`))
      assert.ok(places.includes(`${WORD} in the row 7001`))
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})

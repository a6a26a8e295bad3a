import assert from 'node:assert/strict'
import { join } from 'node:path'
import { readdirSync, readFileSync } from 'node:fs'
import { native } from '../../../node/keys/native.ts'
import { openDatabase } from '../../../node/store/database.ts'
import { forgetErased, isErasing } from '../../../node/store/forgetting.ts'
import { Logs } from '../../../node/store/logs.ts'
import { originOf } from '../../support/declared.ts'
import { temporaryDirectory } from '../../support/directory.ts'
import { ERASED_INDEX, hold, makeErasedLog } from '../../support/erased-log.ts'
import { MemoryKeyValue } from '../../support/memory-kv.ts'
import type { SignedLog } from '../../support/signed-log.ts'

/** The last entry erases the one at ERASED_INDEX. */
const SIZE = 40
/** The runs in which the log grows, the rest in one, and where the erased part rests when the erasure comes. */
const RUNS: readonly (readonly [string, number, readonly number[]])[] = [
  ['in a group of sixteen', SIZE, [20]],
  ['in a row of its own', 8, [7]],
  ['in a row of its own that is grouped in the same write', 17, [5]],
  ['nowhere yet: it comes with what erases it', 8, []],
  ['nowhere yet, in a group', SIZE, []],
]

describe('the store of public parts', () => {
  for (const [name, size, runs] of RUNS) {
    it(`lets go of an erased part that stands ${name}`, async () => {
      const log = await makeErasedLog(size)
      const store = new MemoryKeyValue()
      const logs = await hold(log, store, ...runs)
      const words = log.leaves[ERASED_INDEX]?.part.bytes
      assert.ok(words)
      for await (const [, value] of store.iterate({ gte: Uint8Array.of(0), lt: Uint8Array.of(0xff) }))
        assert.equal(Buffer.from(value).includes(Buffer.from(words)), false)
      await expectOnlyGone(log, logs)
      await logs.open(() => undefined)
      await expectOnlyGone(log, logs)
      const held = logs.get(log.origin)
      assert.ok(held)
      assert.deepEqual(await logs.check(held, 0), [])
    })
  }

  async function expectOnlyGone(log: SignedLog, logs: Logs): Promise<void> {
    const held = logs.get(log.origin)
    assert.ok(held)
    const parts = await logs.parts(held, 0, log.leaves.length)
    assert.deepEqual(
      parts.flatMap((part, index) => (part === undefined ? [index] : [])),
      [ERASED_INDEX],
    )
    assert.deepEqual(
      parts.map((part) => textOf(part?.bytes)),
      log.leaves.map(({ part }, index) => (index === ERASED_INDEX ? undefined : textOf(part.bytes))),
    )
    assert.equal(logs.part(held, ERASED_INDEX), undefined)
    assert.equal(logs.erasedBy(held, ERASED_INDEX), log.leaves.length - 1)
    assert.equal(logs.erasedBy(held, ERASED_INDEX + 1), undefined)
  }

  const KEPT: readonly (readonly [string, Parameters<typeof makeErasedLog>[1]])[] = [
    ['names restricted tiers only', { tiers: ['partner'] }],
    ['names another leaf', { on: { leaf: new Uint8Array(32) } }],
    ['stands on an entry of another log', { on: { origin: originOf(9) } }],
    ['stands on leaf 0', { index: 0 }],
    ['stands on an entry above it', { on: { index: 99 } }],
  ]
  for (const [name, erase] of KEPT) {
    it(`keeps everything when an erase ${name}`, async () => {
      const log = await makeErasedLog(8, erase)
      const logs = await hold(log, new MemoryKeyValue(), 7)
      const held = logs.get(log.origin)
      assert.ok(held)
      const parts = await logs.parts(held, 0, 8)
      assert.deepEqual(
        parts.map((part) => textOf(part?.bytes)),
        log.leaves.map(({ part }) => textOf(part.bytes)),
      )
    })
  }

  it('frees its files of the bytes, also when a kill came before that', async () => {
    const directory = temporaryDirectory()
    try {
      const path = join(directory.path, 'database')
      const log = await makeErasedLog(SIZE)
      const words = Buffer.from(log.leaves[ERASED_INDEX]?.part.bytes ?? [])
      const first = await openDatabase(path)
      await hold(log, first, 20)
      await first.close()
      assert.ok(isInFiles(path, words), 'what was overwritten is in the files until they are written anew')
      const second = await openDatabase(path)
      assert.ok(await isErasing(second, 'public'))
      await forgetErased(second, 'public')
      assert.equal(await isErasing(second, 'public'), false)
      await second.close()
      assert.equal(isInFiles(path, words), false)
      const third = await openDatabase(path)
      const logs = new Logs(native, third)
      await logs.open(() => undefined)
      await expectOnlyGone(log, logs)
      await third.close()
    } finally {
      directory.remove()
    }
  })

  function textOf(bytes: Uint8Array | undefined): string | undefined {
    return bytes && Buffer.from(bytes).toString('hex')
  }

  function isInFiles(path: string, words: Buffer): boolean {
    return readdirSync(path).some((file) => readFileSync(join(path, file)).includes(words))
  }
})

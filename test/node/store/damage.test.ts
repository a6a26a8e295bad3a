import assert from 'node:assert/strict'
import { native, verifyMany } from '../../../node/keys/native.ts'
import { Scrubber } from '../../../node/store/scrubber.ts'
import { keyOf } from '../../../node/store/prefixes.ts'
import { locateDamage } from '../../../node/store/locate.ts'
import { openLog, type HeldLog } from '../../../node/store/log.ts'
import { Logs } from '../../../node/store/logs.ts'
import { rebuild, type Rebuilt } from '../../../node/store/rebuild.ts'
import { tileKey } from '../../../node/store/tiles.ts'
import { isWhole } from '../../../node/sync/whole.ts'
import type { PublicKey } from '../../../protocol/identity/key.ts'
import { memberOf } from '../../../protocol/governance/charter.ts'
import { parseEntry } from '../../../protocol/codec/statement.ts'
import { checkFirstEntry } from '../../../protocol/log/entry.ts'
import { parseSignedCheckpoint } from '../../../protocol/log/checkpoint.ts'
import { appendLeaf, EMPTY_EDGE, leafHash } from '../../../protocol/log/merkle.ts'
import { printBundle } from '../../../protocol/log/tile.ts'
import type { Chunk } from '../../../protocol/sync/chunk.ts'
import { MemoryKeyValue } from '../../support/memory-kv.ts'
import { makeSignedLog, type SignedLog } from '../../support/signed-log.ts'

const SIZE = 300
const LOG = { log: 1 } as const

describe('damage in a store', () => {
  let log: SignedLog
  let rootKey: PublicKey
  let whole: MemoryKeyValue

  before(async () => {
    log = await makeSignedLog(SIZE - 1)
    const member = memberOf(log.charter, 'a.example')
    assert.ok(member)
    rootKey = member.root
    whole = new MemoryKeyValue()
    const logs = new Logs(native, whole)
    const [first] = log.leaves
    assert.ok(first)
    const opened = checkFirstEntry(native, log.origin, rootKey, first.bytes, first.part)
    assert.ok(opened.ok)
    let edge = EMPTY_EDGE
    const added = log.leaves.map(({ bytes, part }) => {
      const entry = parseEntry(bytes)
      assert.ok(entry.ok)
      const leaf = leafHash(native, bytes)
      edge = appendLeaf(native, edge, leaf)
      return { entry: entry.value, leaf, part }
    })
    const note = { kind: 'complete', bytes: log.noteOf(log.leaves) } as const
    await logs.extend(await logs.ensure(log.origin), added, { edge, keys: opened.value.keys, note })
  })

  const opened = async (store: MemoryKeyValue) => {
    const logs = new Logs(native, store)
    await logs.open(() => rootKey)
    return logs
  }
  const alter = async (store: MemoryKeyValue, key: Uint8Array, at = -1) => {
    const value = store.getSync(key)
    assert.ok(value)
    const place = at === -1 ? value.length - 1 : at
    await store.batch([{ type: 'put', key, value: value.with(place, (value[place] ?? 0) ^ 1) }])
  }
  const head = () => {
    const signed = parseSignedCheckpoint(log.noteOf(log.leaves))
    assert.ok(signed.ok)
    return { head: signed.value.checkpoint, note: log.noteOf(log.leaves) }
  }
  /** What another member has, or a lie made of it. */
  const others = async (change: (chunk: Chunk) => Chunk = (chunk) => chunk) => {
    const logs = await opened(whole.copy())
    const held = logs.get(log.origin)
    assert.ok(held)
    const run = async function* run(from: number): AsyncGenerator<Chunk> {
      for (let at = from; at < SIZE;) {
        // Shorter than a bundle, as long parts make them.
        const entries = logs.entries(held, at, 100)
        const parts = (await logs.parts(held, at, entries.length)).map((part) => part ?? null)
        const end = at + entries.length
        const proof = end === SIZE ? [] : await logs.consistencyProof(held, end, SIZE)
        yield change({ from: at, entries, parts, proof })
        at = end
      }
    }
    return async function* candidates(from: number) {
      yield run(from)
    }
  }
  const mend = async (
    store: MemoryKeyValue,
    candidates: Awaited<ReturnType<typeof others>>,
  ): Promise<Rebuilt> =>
    rebuild({
      primitives: native,
      store,
      number: 1,
      origin: log.origin,
      rootKey,
      ...head(),
      candidates,
      verify: async (checked) =>
        (
          await verifyMany(
            checked.map(({ entry, signer }) => ({
              key: signer,
              message: entry.toBeSigned,
              signature: entry.signature,
            })),
          )
        ).every(Boolean),
    })
  const nobody = async function* nobody() {}
  const rows = (store: MemoryKeyValue) => {
    const all: string[] = []
    return (async () => {
      for await (const [key, value] of store.iterate({ gte: Uint8Array.of(0), lt: Uint8Array.of(0xff) }))
        if (key[0] !== keyOf('upkeep')[0])
          all.push(Buffer.concat([key, Uint8Array.of(0), value]).toString('hex'))
      return all
    })()
  }

  const mendable: readonly [string, (store: MemoryKeyValue) => Promise<void>, boolean][] = [
    ['a hash tile', (store) => alter(store, tileKey(1, 0, 0)), false],
    ['the hashes above', (store) => alter(store, tileKey(1, 1, 0)), false],
    ['the stored root', (store) => alter(store, keyOf('state', LOG), 9), false],
    ['the signed head', (store) => alter(store, keyOf('complete', LOG)), false],
    ['an entry', (store) => alter(store, keyOf('bundle', LOG, { index: 0 })), true],
    ['an entry of the end', (store) => alter(store, keyOf('tail', LOG, { index: 280 })), true],
    ['an opening', (store) => alter(store, keyOf('partGroup', LOG, { index: 3 }), 10), true],
    [
      'a bundle, gone',
      (store) => store.batch([{ type: 'del', key: keyOf('bundle', LOG, { index: 0 }) }]),
      true,
    ],
    [
      'a part of the end, gone',
      (store) => store.batch([{ type: 'del', key: keyOf('part', LOG, { index: 299 }) }]),
      true,
    ],
    [
      'an entry and the tile over it, altered to match',
      async (store) => {
        const other = log.leaves[1]?.bytes
        assert.ok(other)
        const leaves = log.leaves
          .slice(0, 256)
          .map(({ bytes }, at) => leafHash(native, at === 255 ? other : bytes))
        const entries = log.leaves.slice(0, 256).map(({ bytes }, at) => (at === 255 ? other : bytes))
        await store.batch([
          { type: 'put', key: tileKey(1, 0, 0), value: Buffer.concat(leaves) },
          { type: 'put', key: keyOf('bundle', LOG, { index: 0 }), value: printBundle(entries) },
        ])
      },
      true,
    ],
  ]
  for (const [what, damage, needsOthers] of mendable) {
    it('in a tile makes no proof, at any size that it stands in, and is named', async () => {
      const store = whole.copy()
      await alter(store, tileKey(1, 0, 0), 40 * 32)
      const logs = await opened(store)
      const held = logs.get(log.origin)
      assert.ok(held)
      const damaged = { code: 'STORE_DAMAGED' }
      for (const size of [60, 256, SIZE]) await assert.rejects(logs.inclusionProof(held, 5, size), damaged)
      await assert.rejects(logs.consistencyProof(held, 50, SIZE), damaged)
      await assert.rejects(logs.consistencyProof(held, 10, 60), damaged)
      assert.deepEqual(
        logs.damages.all().map(({ what, index }) => [what, index]),
        [['tile', 0]],
      )
      // What does not rest on it is proven all the same.
      assert.equal((await logs.inclusionProof(held, 270, SIZE)).length > 0, true)
      assert.equal((await logs.consistencyProof(held, 256, SIZE)).length > 0, true)
      await assert.rejects(logs.consistencyProof(held, 5, SIZE + 1), { code: 'BAD_INPUT' })
    })

    it(`makes ${what} what it was, byte for byte`, async () => {
      const store = whole.copy()
      await damage(store)
      const rebuilt = await mend(store, needsOthers ? await others() : nobody)
      assert.equal(rebuilt.kind, 'whole')
      assert.deepEqual(await rows(store), await rows(whole))
      if (!needsOthers) return
      const alone = whole.copy()
      await damage(alone)
      const before = await rows(alone)
      assert.notEqual((await mend(alone, nobody)).kind, 'whole')
      assert.deepEqual(await rows(alone), before, 'nothing unproven is written')
    })
  }

  it('takes nothing that another member cannot prove under the signed head', async () => {
    for (const lie of [
      (chunk: Chunk): Chunk => ({
        ...chunk,
        entries: chunk.entries.with(0, chunk.entries[1] ?? new Uint8Array(0)),
      }),
      (chunk: Chunk): Chunk => ({ ...chunk, proof: chunk.proof.slice(1) }),
      (chunk: Chunk): Chunk => ({ ...chunk, from: chunk.from + 1 }),
      (chunk: Chunk): Chunk => ({ ...chunk, parts: chunk.parts.with(0, chunk.parts[1] ?? null) }),
      (chunk: Chunk): Chunk => ({ ...chunk, entries: [], parts: [] }),
    ]) {
      const store = whole.copy()
      await store.batch([{ type: 'del', key: keyOf('bundle', LOG, { index: 0 }) }])
      const before = await rows(store)
      assert.equal((await mend(store, await others(lie))).kind, 'missing')
      assert.deepEqual(await rows(store), before)
    }
  })

  it('is found by reading everything again, a bundle at a time, from where that stopped', async () => {
    const store = whole.copy()
    const logs = await opened(store)
    const first = new Scrubber(logs, store, (error) => assert.fail(String(error)))
    assert.deepEqual([await first.step(), await first.step(), await first.step()], [true, true, false])
    assert.deepEqual(logs.damages.all(), [])
    await alter(store, keyOf('bundle', LOG, { index: 0 }))
    await alter(store, keyOf('partGroup', LOG, { index: 17 }), 10)
    assert.equal(await first.step(), true)
    assert.deepEqual(
      logs.damages.all().map(({ what, index }) => [what, index]),
      [['entry', 255]],
    )
    await first.step()
    assert.deepEqual(
      logs.damages.all().map(({ what, index }) => [what, index]),
      [
        ['entry', 255],
        ['part', 272],
      ],
    )
    assert.match(logs.damages.errorOf(log.origin)?.message ?? '', /entry 255: .*, and 1 more/)
  })

  it('is not seen where there is none, while the log grows', async () => {
    const store = whole.copy()
    const logs = await opened(store)
    const held = logs.get(log.origin)
    assert.ok(held)
    const stale: HeldLog = { ...held }
    await alter(store, keyOf('tail', LOG, { index: 270 }))
    assert.deepEqual(await logs.check(stale, 1), [], 'a value that is not the newest is not judged')
  })

  it('is located in a log that cannot be opened', async () => {
    const table: readonly [(store: MemoryKeyValue) => Promise<void>, string, number | undefined][] = [
      [(store) => store.batch([{ type: 'del', key: keyOf('bundle', LOG, { index: 0 }) }]), 'entry', 0],
      [(store) => store.batch([{ type: 'del', key: keyOf('tail', LOG, { index: 277 }) }]), 'entry', 277],
      [(store) => store.batch([{ type: 'del', key: tileKey(1, 0, 0) }]), 'tile', 0],
      [(store) => alter(store, tileKey(1, 1, 0)), 'tile', 0],
      [(store) => alter(store, keyOf('tail', LOG, { index: 290 })), 'entry', 256],
    ]
    for (const [damage, what, index] of table) {
      const store = whole.copy()
      await damage(store)
      const [found] = await locateDamage(native, store, log.origin, 1)
      assert.deepEqual([found?.what, found?.index], [what, index])
    }
  })

  it('is never answered to a peer', async () => {
    for (const damage of [
      (store: MemoryKeyValue) => alter(store, keyOf('bundle', LOG, { index: 0 })),
      (store: MemoryKeyValue) => alter(store, keyOf('partGroup', LOG, { index: 3 }), 10),
    ]) {
      const store = whole.copy()
      await damage(store)
      const logs = await opened(store)
      const held = logs.get(log.origin)
      assert.ok(held)
      const chunk = async (from: number, count: number) => {
        const parts = (await logs.parts(held, from, count)).map((part) => part ?? null)
        const end = from + count
        const proof = end === SIZE ? [] : await logs.consistencyProof(held, end, SIZE)
        return { from, entries: logs.entries(held, from, count), parts, proof }
      }
      assert.equal(await isWhole(native, logs, held, await chunk(256, 44), SIZE), true)
      assert.equal(logs.damages.all().length, 0)
      assert.equal(await isWhole(native, logs, held, await chunk(0, 256), SIZE), false)
      assert.equal(logs.damages.all().length, 1)
    }
  })

  it('gives no root that the tree in memory does not prove', async () => {
    const store = whole.copy()
    await alter(store, tileKey(1, 0, 0), 40)
    const logs = await opened(store)
    const held = logs.get(log.origin)
    assert.ok(held)
    assert.notEqual(await logs.rootAt(held, 100), undefined)
    assert.equal(logs.provenRoot(held, 100), undefined)
    assert.equal(logs.provenRoot(held, SIZE + 1), undefined)
    assert.deepEqual(logs.provenRoot(held, SIZE), head().head.root)
  })

  it('in a signed head costs the head and not the log', async () => {
    const store = whole.copy()
    await alter(store, keyOf('complete', LOG), 100)
    const logs = await opened(store)
    const held = logs.get(log.origin)
    assert.equal(held?.complete, undefined)
    assert.deepEqual(
      logs.damages.all().map(({ what }) => what),
      ['head'],
    )
    assert.ok(held)
    await logs.putNote(held, { kind: 'complete', bytes: log.noteOf(log.leaves) })
    assert.deepEqual(logs.damages.all(), [])
    assert.equal((await openLog(native, store, 1, log.origin, rootKey)).edge.size, SIZE)
  })
})

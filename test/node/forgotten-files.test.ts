import assert from 'node:assert/strict'
import { mkdirSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { printHex } from '../../protocol/bytes.ts'
import { printDigest } from '../../protocol/dataset/manifest.ts'
import type { Copy } from '../../node/dataset/copy.ts'
import { ForgottenFiles } from '../../node/forgotten-files.ts'
import type { OwnHead } from '../../node/dataset/head.ts'
import { namedRoots } from '../../node/named-files.ts'
import { dropDraft } from '../../node/service/drafting.ts'
import { Drafts, type Draft } from '../../node/store/drafts.ts'
import { grantedFilesRow } from '../../node/store/forgetting.ts'
import { after as above, keyOf } from '../../node/store/prefixes.ts'
import { eraseOperations, vaultOperations } from '../../node/store/vault.ts'
import { PointSets } from '../support/crashing-files.ts'
import { hasCode, temporaryDirectory } from '../support/directory.ts'
import { MemoryKeyValue } from '../support/memory-kv.ts'
import { sealerOf } from '../../node/keys/vault.ts'
import { counting } from '../support/statements.ts'

const SEALER = sealerOf(counting(32, 7))
const CONTENT = Buffer.from('id,dose\n1,12\n')

describe('files that are to go', () => {
  let home: ReturnType<typeof temporaryDirectory>
  let store: MemoryKeyValue

  beforeEach(() => {
    home = temporaryDirectory()
    mkdirSync(place())
    store = new MemoryKeyValue()
  })
  afterEach(() => home.remove())

  const place = () => join(home.path, 'data-sets')
  /** What a process would make of the disk. */
  const start = () => {
    const sets = new PointSets(place(), SEALER)
    sets.open()
    const drafts = new Drafts(store, SEALER)
    const forgotten = new ForgottenFiles({ store, sets, named: () => namedRoots(store, SEALER, drafts) })
    return { sets, drafts, forgotten }
  }
  const body = async function* () {
    yield CONTENT
  }
  const source = (path: string) => ({ path, bytes: CONTENT.length, body: body() })
  const researchOf = ({ head }: Copy<OwnHead>) => {
    const [digest, root, key] = [printDigest(head.digest), printDigest(head.root), printHex(head.contentKey)]
    return { manifest: [{ path: head.path, digest, bytes: head.bytes, root, key }] }
  }
  const draftOf = (at: number, copy: Copy<OwnHead>): Draft => {
    const content = { kind: 'incident', public: { title: 'A draft' }, research: researchOf(copy) }
    return { record: counting(16, at), version: 1, createdAt: 1, ...content }
  }
  const rows = async () => {
    const found: Uint8Array[] = []
    for await (const [key] of store.iterate({ gte: keyOf('forgotten'), lt: above(keyOf('forgotten')) }))
      found.push(key)
    return found
  }
  /** A file under a path, named by a draft. */
  const add = async (node: ReturnType<typeof start>, at: number, path = 'rows.csv') => {
    const copy = await node.forgotten.import(source(path))
    await node.forgotten.name(copy, () => node.drafts.put(draftOf(at, copy)))
    await node.forgotten.settle(copy)
    return copy
  }

  it('go with the draft that names them, under every path', async () => {
    const node = start()
    const [first] = [await add(node, 1), await add(node, 2, 'again.csv')]
    assert.equal(node.sets.list().length, 2)
    await dropDraft(node, counting(16, 1))
    assert.equal(node.sets.list().length, 2, 'the other draft names the same file')
    assert.ok(node.sets.own(first.head.root))
    await dropDraft(node, counting(16, 2))
    assert.deepEqual([node.sets.list(), node.sets.left(), await rows()], [[], 0, []])
  })

  it('stay while a part of ours names them, and go when it is erased', async () => {
    const node = start()
    const copy = await add(node, 1)
    const kept = {
      partner: [counting(32, 1)],
      research: [counting(32, 2), counting(32, 3), researchOf(copy)],
    }
    await store.batch(vaultOperations(SEALER, 1, 7, [kept]))
    await dropDraft(node, counting(16, 1))
    assert.ok(node.sets.own(copy.head.root))
    const erased = await eraseOperations(store, SEALER, { log: 1, index: 7 }, ['research'])
    await store.batch([...erased, ...node.forgotten.own([copy.head.root])])
    await start().forgotten.run()
    assert.equal(node.sets.left(), 0)
  })

  it('go at the next start, wherever a kill came', async () => {
    for (let killAt = 0, killed = true; killed; killAt++) {
      const node = start()
      await add(node, 1)
      let acts = 0
      killed = false
      const act = () => {
        if (!killed && acts++ < killAt) return
        killed = true
        throw new Error('killed')
      }
      store.onBatch = act
      node.sets.at = act
      await dropDraft(node, counting(16, 1)).catch(() => undefined)
      store.onBatch = () => undefined
      const next = start()
      await next.forgotten.run()
      const isDropped = (await next.drafts.get(counting(16, 1))) === undefined
      assert.equal(next.sets.left(), isDropped ? 0 : 1)
      assert.deepEqual(await rows(), [])
      if (!isDropped) await dropDraft(next, counting(16, 1))
    }
  })

  it('do not stay when a kill comes before anything names them', async () => {
    for (let killAt = 0; killAt < 2; killAt++) {
      const node = start()
      let batches = 0
      store.onBatch = () => {
        if (batches++ >= killAt) throw new Error('killed')
      }
      await add(node, 1).catch(() => undefined)
      store.onBatch = () => undefined
      const next = start()
      await next.forgotten.run()
      assert.deepEqual(next.sets.list(), [])
    }
  })

  it('are not taken away between the reading and the naming', async () => {
    const node = start()
    const copy = await node.forgotten.import(source('rows.csv'))
    await node.forgotten.run()
    await node.forgotten.name(copy, () => node.drafts.put(draftOf(1, copy)))
    await node.forgotten.settle(copy)
    assert.ok(node.sets.own(copy.head.root))
    assert.deepEqual(await rows(), [])
  })

  it('cannot be named once they are gone', async () => {
    const node = start()
    const copy = await node.forgotten.import(source('rows.csv'))
    await node.forgotten.settle(copy)
    await assert.rejects(
      node.forgotten.name(copy, () => node.drafts.put(draftOf(1, copy))),
      hasCode('CONFLICT'),
    )
  })

  it('are tried again when the disk refused one, and the others go', async () => {
    const node = start()
    const granted = { kind: 'granted', path: 'a.csv', bytes: 3, isWhole: true } as const
    const make = (at: number) =>
      node.sets.make({
        ...granted,
        grant: counting(32, at),
        root: counting(32, 9),
        contentKey: counting(32, 8),
      })
    const [stuck] = [make(1), make(2)]
    await store.batch([grantedFilesRow(counting(32, 1)), grantedFilesRow(counting(32, 2))])
    // Nobody overwrites a directory.
    rmSync(stuck.files.head)
    mkdirSync(stuck.files.head)
    await assert.rejects(node.forgotten.run(), hasCode('IO_FAILED'))
    assert.deepEqual([node.sets.left(), (await rows()).length], [1, 1])
    assert.deepEqual(node.sets.granted(stuck.head.grant), [])
    rmdirSync(stuck.files.head)
    await node.forgotten.run()
    assert.deepEqual([node.sets.left(), await rows()], [0, []])
  })
})

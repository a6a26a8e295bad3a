import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync, linkSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DataSets } from '../../node/dataset/data-sets.ts'
import type { Copy } from '../../node/dataset/copy.ts'
import { Keystore } from '../../node/keys/keystore.ts'
import { sealerOf } from '../../node/keys/vault.ts'
import type { Sealer } from '../../node/ports.ts'
import { after, keyOf } from '../../node/store/prefixes.ts'
import { finishVaultRotation, SEALED } from '../../node/vault-rotation.ts'
import { hasCode, temporaryDirectory } from '../support/directory.ts'
import { MemoryKeyValue } from '../support/memory-kv.ts'

const ROWS = 300
const PASSPHRASE = () => Buffer.from('a vault that changes hands')

const keyIn = ({ head }: Copy) => [head.path, head.bytes, Buffer.from(head.contentKey).toString('hex')]

describe('another vault key', () => {
  let directory: ReturnType<typeof temporaryDirectory>
  let keystore: Keystore
  let store: MemoryKeyValue
  let dataSets: string
  let copy: Copy
  let old: Sealer
  let rows: Map<string, { key: Uint8Array; value: Uint8Array }>
  const plain = keyOf('disclosure', Uint8Array.of(255))
  const foreign = keyOf('vault', Uint8Array.of(255))

  beforeEach(async () => {
    directory = temporaryDirectory()
    keystore = Keystore.create(join(directory.path, 'keys'), PASSPHRASE()).keystore
    dataSets = join(directory.path, 'data-sets')
    old = sealerOf(keystore.vaultKey())
    store = new MemoryKeyValue()
    rows = new Map()
    for (const space of SEALED) {
      for (let at = 0; at < ROWS; at++) {
        const key = keyOf(space, { index: at })
        const value = randomBytes(at % 70)
        rows.set(Buffer.from(key).toString('hex'), { key, value })
        await store.batch([{ type: 'put', key, value: old.seal(key, value) }])
      }
    }
    const stranger = sealerOf(randomBytes(32)).seal(foreign, randomBytes(20))
    await store.batch([
      { type: 'put', key: plain, value: Uint8Array.of(1, 2, 3) },
      { type: 'put', key: foreign, value: stranger },
    ])
    const head = { kind: 'own', path: 'rows.csv', bytes: 3, contentKey: randomBytes(32) } as const
    const more = { root: randomBytes(32), digest: randomBytes(32), markSecret: randomBytes(32) }
    copy = new DataSets(dataSets, old).make({ ...head, ...more })
  })
  afterEach(() => directory.remove())

  const finish = () => finishVaultRotation(keystore, store, dataSets)
  const file = (name: string) => join(directory.path, 'keys', name)
  /** Everything is there and opens, and nothing opens under the key before. */
  const checkMoved = async () => {
    const next = sealerOf(keystore.vaultKey())
    for (const { key, value } of rows.values()) {
      const sealed = store.getSync(key)
      assert.ok(sealed)
      assert.deepEqual(Buffer.from(next.open(key, sealed)), Buffer.from(value))
    }
    for (const space of SEALED) {
      const start = keyOf(space)
      for await (const [key, sealed] of store.iterate({ gte: start, lt: after(start) }))
        assert.throws(() => old.open(key, sealed), hasCode('STORE_DAMAGED'))
    }
    const sets = new DataSets(dataSets, next)
    sets.open()
    assert.deepEqual(sets.unreadable, [])
    assert.deepEqual(sets.list().map(keyIn), [keyIn(copy)])
    const before = new DataSets(dataSets, old)
    before.open()
    assert.equal(before.unreadable.length, 1)
    assert.deepEqual(
      readdirSync(join(directory.path, 'keys')).filter((name) => name.startsWith('vault')),
      ['vault.key'],
    )
  }

  it('is taken by nothing before it is prepared', async () => {
    assert.equal(await finish(), undefined)
    const [first] = rows.values()
    assert.ok(first)
    assert.deepEqual(
      Buffer.from(old.open(first.key, store.getSync(first.key) ?? new Uint8Array())),
      first.value,
    )
  })

  it('seals everything anew and destroys the one before; what neither opens stays as it is', async () => {
    const [asIs, strange] = [store.getSync(plain), store.getSync(foreign)]
    assert.deepEqual([keystore.prepareVaultKey(), keystore.prepareVaultKey()], [true, false])
    const reopened = Keystore.open(join(directory.path, 'keys'), PASSPHRASE())
    assert.deepEqual(reopened.preparedVaultKey(), keystore.preparedVaultKey())
    const prepared = keystore.preparedVaultKey()
    assert.deepEqual(await finish(), { values: rows.size })
    assert.deepEqual(keystore.vaultKey(), prepared)
    await checkMoved()
    assert.deepEqual([store.getSync(plain), store.getSync(foreign)], [asIs, strange])
    assert.equal(await finish(), undefined)
  })

  it('is finished by the next start, wherever a start broke off', async () => {
    keystore.prepareVaultKey()
    let batches = 0
    for (let failAt = 0; ; failAt++) {
      let at = 0
      store.onBatch = () => {
        if (at++ === failAt) throw new Error('killed')
      }
      const done = await finish().then(
        () => true,
        () => false,
      )
      batches += at
      if (done) break
      // Nothing was lost on the way: each value opens under one of the two.
      const next = keystore.preparedVaultKey()
      assert.ok(next)
      for (const { key, value } of rows.values()) {
        const sealed = store.getSync(key) ?? new Uint8Array()
        const opened: readonly Buffer[] = [old, sealerOf(next)].flatMap((sealer) => {
          try {
            return [Buffer.from(sealer.open(key, sealed))]
          } catch {
            return []
          }
        })
        assert.deepEqual(opened, [Buffer.from(value)])
      }
    }
    assert.ok(batches > SEALED.length)
    await checkMoved()
  })

  it('leaves no old key behind where a start broke off between the two names', async () => {
    keystore.prepareVaultKey()
    linkSync(file('vault.key'), file('vault.retired'))
    await finish()
    await checkMoved()
    // Or after the rename, before the old one was overwritten.
    linkSync(file('root.key'), file('vault.retired'))
    const overwritten = readFileSync(file('root.key')).length
    assert.equal(await finish(), undefined)
    assert.equal(existsSync(file('vault.retired')), false)
    assert.deepEqual(readFileSync(file('root.key')), Buffer.alloc(overwritten))
    rmSync(file('root.key'))
  })
})

import assert from 'node:assert/strict'
import { native, verifyMany } from '../../../node/keys/native.ts'
import { Logs } from '../../../node/store/logs.ts'
import { keyOf } from '../../../node/store/prefixes.ts'
import { rebuild, type Rebuilt } from '../../../node/store/rebuild.ts'
import { erasuresOf } from '../../../node/sync/erasures.ts'
import { memberOf } from '../../../protocol/governance/charter.ts'
import { parseSignedCheckpoint } from '../../../protocol/log/checkpoint.ts'
import type { Chunk } from '../../../protocol/sync/chunk.ts'
import { ERASED_INDEX, hold, makeErasedLog } from '../../support/erased-log.ts'
import { MemoryKeyValue } from '../../support/memory-kv.ts'
import type { SignedLog } from '../../support/signed-log.ts'

const SIZE = 40
const LOG = { log: 1 } as const

/** What is gone from the store: the parts, or with them what says which of them were erased. */
const LOSSES: readonly (readonly [string, readonly Uint8Array[]])[] = [
  ['nothing', []],
  ['the group it stood in', [keyOf('partGroup', LOG, { index: 0 })]],
  [
    'its group and the row that says so',
    [keyOf('partGroup', LOG, { index: 0 }), keyOf('erased', LOG, { index: ERASED_INDEX })],
  ],
]

describe('a log with an erased part, made whole again', () => {
  let log: SignedLog
  let whole: MemoryKeyValue
  let honest: Chunk
  let withPart: Chunk

  before(async () => {
    log = await makeErasedLog(SIZE)
    whole = new MemoryKeyValue()
    const logs = await hold(log, whole, 20)
    const held = logs.get(log.origin)
    assert.ok(held)
    const entries = log.leaves.map(({ bytes }) => bytes)
    const parts = log.leaves.map(({ part }) => part)
    const erasures = await erasuresOf(logs, held, [ERASED_INDEX], SIZE)
    honest = {
      from: 0,
      entries,
      parts: parts.map((part, at) => (at === ERASED_INDEX ? null : part)),
      proof: [],
      erasures,
    }
    withPart = { from: 0, entries, parts, proof: [] }
  })

  const mend = (store: MemoryKeyValue, ...chunks: readonly Chunk[]): Promise<Rebuilt> => {
    const rootKey = memberOf(log.charter, 'a.example')?.root
    const note = log.noteOf(log.leaves)
    const signed = parseSignedCheckpoint(note)
    assert.ok(rootKey !== undefined && signed.ok)
    return rebuild({
      primitives: native,
      store,
      number: LOG.log,
      origin: log.origin,
      rootKey,
      head: signed.value.checkpoint,
      note,
      verify: async (checked) => {
        const jobs = checked.map(({ entry, signer }) => {
          return { key: signer, message: entry.toBeSigned, signature: entry.signature }
        })
        return (await verifyMany(jobs)).every(Boolean)
      },
      candidates: async function* () {
        for (const chunk of chunks)
          yield (async function* () {
            yield chunk
          })()
      },
    })
  }

  const expectGone = async (store: MemoryKeyValue) => {
    const logs = new Logs(native, store)
    await logs.open(() => undefined)
    const held = logs.get(log.origin)
    assert.ok(held)
    const parts = await logs.parts(held, 0, SIZE)
    assert.deepEqual(
      parts.flatMap((part, index) => (part === undefined ? [index] : [])),
      [ERASED_INDEX],
    )
    assert.equal(logs.erasedBy(held, ERASED_INDEX), SIZE - 1)
    assert.deepEqual(await logs.check(held, 0), [])
  }

  for (const [what, keys] of LOSSES) {
    const lost = async () => {
      const store = whole.copy()
      await store.batch(keys.map((key) => ({ type: 'del', key })))
      return store
    }

    it(`stays without it where ${what} was lost`, async () => {
      const store = await lost()
      assert.equal((await mend(store, honest)).kind, 'whole')
      await expectGone(store)
    })

    it(`stays without it where ${what} was lost and somebody still offers it`, async () => {
      const store = await lost()
      assert.equal((await mend(store, withPart)).kind, 'whole')
      await expectGone(store)
    })
  }

  it('takes no gap that nothing below the head erased', async () => {
    const store = whole.copy()
    await store.batch([{ type: 'del', key: keyOf('partGroup', LOG, { index: 0 }) }])
    const { erasures: _, ...bare } = honest
    const forged: Chunk = { ...honest, parts: honest.parts.with(5, null) }
    assert.equal((await mend(store, forged)).kind, 'missing')
    await store.batch([{ type: 'del', key: keyOf('erased', LOG, { index: ERASED_INDEX }) }])
    assert.equal((await mend(store, bare)).kind, 'missing')
  })
})

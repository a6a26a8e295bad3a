/** Damaging a node's database on purpose, while the node does not run. */
import assert from 'node:assert/strict'
import { Level } from 'level'
import type { Home } from '../../node/home.ts'
import { after as above, keyOf, numberAt } from '../../node/store/prefixes.ts'
import { bytesOfText } from '../../protocol/bytes.ts'

export type Store = Level<Uint8Array, Uint8Array>

export async function changeStore(
  { database }: Home,
  change: (store: Store) => Promise<void>,
): Promise<void> {
  const store: Store = new Level<Uint8Array, Uint8Array>(database, {
    keyEncoding: 'view',
    valueEncoding: 'view',
  })
  await store.open()
  await change(store)
  await store.close()
}

/** The number under which the log of a member is stored. */
export async function numberOf(store: Store, domain: string): Promise<number> {
  const prefix = keyOf('log', bytesOfText(`${domain}/`))
  for await (const [, value] of store.iterator({ gte: prefix, lt: above(prefix) }))
    return numberAt(value, 0, 4)
  throw new Error('the log is held')
}

/** Flips the last bit of a byte: the last one, or one that is counted from the start or from the end. */
export async function alter(store: Store, key: Uint8Array, at = -1): Promise<void> {
  const value = await store.get(key)
  assert.ok(value)
  const place = at < 0 ? value.length + at : at
  await store.put(key, value.with(place, (value[place] ?? 0) ^ 1))
}

export async function cut(store: Store, key: Uint8Array): Promise<void> {
  const value = await store.get(key)
  assert.ok(value)
  await store.put(key, value.slice(0, -9))
}

export async function dropRecord(store: Store, log: number): Promise<void> {
  const prefix = keyOf('record')
  for await (const [key] of store.iterator({ gte: prefix, lt: above(prefix) })) {
    if (numberAt(key, 17, 4) !== log || numberAt(key, 21, 6) === 0) continue
    await store.del(key)
    return
  }
}

/**
 * Moving everything that rests encrypted to a new vault key, at a start and before anything else of the node: row by row,
 * by whoever may be the only one to write. It can break off anywhere: what is done is known by opening under the new key.
 * Spec 02 §7.
 */
import { existsSync, readdirSync } from 'node:fs'
import { copyIdOf, filesOf } from './dataset/copy.ts'
import { resealHead } from './dataset/head.ts'
import type { Keystore } from './keys/keystore.ts'
import { resealed, sealerOf } from './keys/vault.ts'
import type { KeyValue, Operation, Sealer } from './ports.ts'
import { after, keyOf, type Space } from './store/prefixes.ts'

/** Where sealed values lie. A value that is not sealed opens under no key and is left as it is. */
export const SEALED: readonly Space[] = ['vault', 'draft', 'publication', 'disclosure']

/** Rows written in one batch. */
const BATCH_ROWS = 256

export type Resealed = { readonly values: number }

/** Finishes a change of the vault key that was prepared; undefined where none was. */
export async function finishVaultRotation(
  keystore: Keystore,
  store: KeyValue,
  dataSets: string,
): Promise<Resealed | undefined> {
  const next = keystore.preparedVaultKey()
  if (next === undefined) {
    keystore.commitVaultKey()
    return undefined
  }
  const [from, to] = [sealerOf(keystore.vaultKey()), sealerOf(next)]
  let values = 0
  for (const space of SEALED) values += await resealSpace(store, space, from, to)
  resealHeads(dataSets, from, to)
  keystore.commitVaultKey()
  return { values }
}

async function resealSpace(store: KeyValue, space: Space, from: Sealer, to: Sealer): Promise<number> {
  let operations: Operation[] = []
  let count = 0
  const write = async () => {
    await store.batch(operations, 'durable')
    count += operations.length
    operations = []
  }
  const start = keyOf(space)
  for await (const [key, value] of store.iterate({ gte: start, lt: after(start) })) {
    const next = resealed(key, value, from, to)
    if (next !== undefined) operations.push({ type: 'put', key, value: next })
    if (operations.length >= BATCH_ROWS) await write()
  }
  if (operations.length > 0) await write()
  return count
}

function resealHeads(dataSets: string, from: Sealer, to: Sealer): void {
  if (!existsSync(dataSets)) return
  for (const name of readdirSync(dataSets)) {
    const copy = copyIdOf(name)
    const head = copy && filesOf(dataSets, copy).head
    if (copy !== undefined && head !== undefined && existsSync(head)) resealHead(head, copy, from, to)
  }
}

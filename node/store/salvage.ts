/**
 * Opening a database that LevelDB itself cannot read any more: a copy is put aside first, then what can be read is
 * kept and the rest given up. What comes out may be older than what was signed, so our own log counts as damaged
 * until it was made whole against what other members hold; the mark that says so lies in the database.
 */
import { cp, rename } from 'node:fs/promises'
import { Level } from 'level'
import { encode } from '../../protocol/codec/cbor.ts'
import { NodeError } from '../errors.ts'
import type { KeyValue, Operation } from '../ports.ts'
import { openDatabase } from './database.ts'
import { after, keyOf } from './prefixes.ts'

const SALVAGED = keyOf('upkeep', Uint8Array.of(2))

/** Rows given up in one batch. */
const BATCH_ROWS = 1_024

/** Makes the database readable if it is not. Returns where the copy of the unreadable one lies. */
export async function salvageDatabase(directory: string, now: number): Promise<string | undefined> {
  if (await isReadable(directory)) return undefined
  const aside = `${directory}.damaged-${now}`
  try {
    await cp(directory, aside, { recursive: true, errorOnExist: true, force: false })
    await repairFiles(directory)
    if (!(await isReadable(directory))) await rename(directory, `${aside}-2`)
  } catch (error) {
    if (error instanceof NodeError) throw error
    throw new NodeError('DISK_FAILED', `${directory} could not be put aside`, {
      cause: error,
      fix: 'free some space: repairing needs as much again as the database has',
    })
  }
  const database = await openDatabase(directory)
  try {
    await database.batch([{ type: 'put', key: SALVAGED, value: encode(now) }], 'durable')
    // The catalogue is derived and is made again from the logs.
    await removeAll(database, keyOf('catalog'))
  } finally {
    await database.close()
  }
  return aside
}

export async function isSalvaged(store: KeyValue): Promise<boolean> {
  return (await store.get(SALVAGED)) !== undefined
}

/** Our own log was proven whole: the database counts as any other again. */
export async function forgetSalvage(store: KeyValue): Promise<void> {
  await store.batch([{ type: 'del', key: SALVAGED }], 'durable')
}

/** Whether every row can be read: a table that was cut opens and fails later. */
async function isReadable(directory: string): Promise<boolean> {
  try {
    const database = await openDatabase(directory)
    try {
      for await (const _ of database.iterate({ gte: Uint8Array.of(0), lt: Uint8Array.of(0xff) }));
      return true
    } finally {
      await database.close()
    }
  } catch (error) {
    if (error instanceof NodeError && error.code === 'STORE_DAMAGED') return false
    throw error
  }
}

async function repairFiles(directory: string): Promise<void> {
  try {
    await repair(directory)
  } catch {
    // Then nothing of it can be kept: the copy stays, and a new database takes its place.
  }
}

/** In Node `Level` is classic-level's class, whose `repair` the types of `level` leave out. */
async function repair(directory: string): Promise<void> {
  if ('repair' in Level && typeof Level.repair === 'function') await Level.repair(directory)
}

async function removeAll(store: KeyValue, prefix: Uint8Array): Promise<void> {
  let batch: Operation[] = []
  for await (const [key] of store.iterate({ gte: prefix, lt: after(prefix) })) {
    batch.push({ type: 'del', key })
    if (batch.length < BATCH_ROWS) continue
    await store.batch(batch, 'buffered')
    batch = []
  }
  await store.batch(batch, 'durable')
}

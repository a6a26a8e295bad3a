/**
 * Counts the starts of a node in two places, keystore and database. After a crash they differ by one at most, and
 * the database is ahead; anything else says that one of the two came back from a backup.
 */
import { encode, parse } from '../protocol/codec/cbor.ts'
import { isCount } from '../protocol/codec/value.ts'
import type { Keystore } from './keys/keystore.ts'
import type { Operation } from './ports.ts'
import type { Database } from './store/database.ts'
import { keyOf } from './store/prefixes.ts'

const STARTS = keyOf('meta', Uint8Array.of(2))

/** Counts this start, and says whether keystore and database belong to one history. */
export async function countStart(keystore: Keystore, database: Database): Promise<'continued' | 'restored'> {
  const memory = keystore.memory()
  const stored = await database.get(STARTS)
  const read = stored === undefined ? undefined : parse(stored)
  const starts = read?.ok === true && isCount(read.value) ? read.value : 0
  const next = Math.max(starts, memory.starts) + 1
  const operation: Operation = { type: 'put', key: STARTS, value: encode(next) }
  await database.batch([operation], 'durable')
  keystore.remember({ ...memory, starts: next })
  return starts === memory.starts || starts === memory.starts + 1 ? 'continued' : 'restored'
}

/**
 * The one database of a node: `level`, locked by the process that opened it, its layout versioned.
 *
 * After a write fails nothing read back can be trusted to be on disk (a failed fsync forgets which pages were
 * dirty), so the first failure closes the store for writing until the process is started again.
 */
import { Level } from 'level'
import { NodeError } from '../errors.ts'
import type { Durability, KeyValue, Operation, Range } from '../ports.ts'
import { keyOf } from './prefixes.ts'

export type Database = KeyValue & {
  /** Writes what is stored in this range anew, so that nothing overwritten or deleted is left in the files. */
  readonly compact: (from: Uint8Array, to: Uint8Array) => Promise<void>
  readonly close: () => Promise<void>
}

/** The layout this program writes. A database of a newer one is refused, an older one migrated. */
const LAYOUT_VERSION = 1

const RESTORE = 'candor up --repair'

type Bytes = Uint8Array
type LevelStore = Level<Bytes, Bytes>

/** Opens or creates the database. Fails with STORE_LOCKED while another process has it. */
export async function openDatabase(directory: string): Promise<Database> {
  const level: LevelStore = new Level<Bytes, Bytes>(directory, { keyEncoding: 'view', valueEncoding: 'view' })
  try {
    await level.open()
  } catch (error) {
    throw openFault(error, directory)
  }
  const database = overLevel(level, directory)
  try {
    await checkLayout(database, directory)
    return database
  } catch (error) {
    await database.close()
    throw error
  }
}

function overLevel(level: LevelStore, directory: string): Database {
  let broken: NodeError | undefined
  const refuse = (error: unknown): never => {
    throw readFault(error, directory)
  }
  return {
    get: (key) => level.get(key).catch(refuse),
    getSync: (key) => {
      try {
        return level.getSync(key)
      } catch (error) {
        return refuse(error)
      }
    },
    getMany: (keys) => level.getMany([...keys]).catch(refuse),
    batch: async (operations, durability) => {
      if (broken !== undefined) throw broken
      try {
        await writeAll(level, operations, durability)
      } catch (error) {
        broken = writeFault(error, directory)
        throw broken
      }
    },
    iterate: async function* (range: Range) {
      try {
        yield* level.iterator({ ...range })
      } catch (error) {
        refuse(error)
      }
    },
    compact: (from, to) => compact(level, from, to),
    close: () => level.close(),
  }
}

/**
 * LevelDB merges a file only into one below it that overlaps, so what lies at the bottom would never be rewritten. Two
 * tombstones at the ends of the range, where no row of ours stands, overlap everything between them.
 */
async function compact(level: LevelStore, from: Bytes, to: Bytes): Promise<void> {
  // In a browser the store keeps no old values.
  if (!('compactRange' in level) || typeof level.compactRange !== 'function') return
  await level.compactRange(from, to)
  const last = Uint8Array.of(...to.subarray(0, -1), (to.at(-1) ?? 1) - 1, ...new Uint8Array(64).fill(0xff))
  await writeAll(
    level,
    [
      { type: 'del', key: from },
      { type: 'del', key: last },
    ],
    'durable',
  )
  for (let round = 0; round < 2; round++) await level.compactRange(from, to)
}

async function checkLayout(database: Database, directory: string): Promise<void> {
  const key = keyOf('meta', Uint8Array.of(1))
  const found = await database.get(key)
  if (found === undefined) {
    const operation: Operation = { type: 'put', key, value: Uint8Array.of(LAYOUT_VERSION) }
    await database.batch([operation], 'durable')
    return
  }
  if (found.length === 1 && found[0] === LAYOUT_VERSION) return
  throw new NodeError(
    'STORE_LAYOUT',
    `the database in ${directory} has layout ${found[0]}, this program writes ${LAYOUT_VERSION}`,
    {
      fix: 'run the version of Candor that wrote it',
    },
  )
}

function openFault(error: unknown, directory: string): NodeError {
  const text = textOf(error)
  if (/LEVEL_LOCKED|IO error: lock /i.test(text)) {
    return new NodeError('STORE_LOCKED', `another process has the database in ${directory} open`, {
      cause: error,
      fix: 'candor status',
    })
  }
  if (isFull(text)) return fullFault(error, directory)
  return new NodeError('STORE_DAMAGED', `the database in ${directory} cannot be opened`, {
    cause: error,
    fix: RESTORE,
  })
}

/** One atomic batch. A chained one costs a tenth of an array, each of whose operations the library copies twice. */
async function writeAll(
  level: LevelStore,
  operations: readonly Operation[],
  durability: Durability,
): Promise<void> {
  const batch = level.batch()
  for (const operation of operations) {
    if (operation.type === 'put') batch.put(operation.key, operation.value)
    else batch.del(operation.key)
  }
  await batch.write({ sync: durability === 'durable' })
}

/** A table or a block of one that fails its checksum, is cut short or is gone. Other errors stay what they are. */
function readFault(error: unknown, directory: string): unknown {
  if (!/corrupt|LEVEL_IO_ERROR|no such file/i.test(textOf(error))) return error
  return new NodeError('STORE_DAMAGED', `the database in ${directory} is damaged and cannot be read`, {
    cause: error,
    fix: RESTORE,
  })
}

function writeFault(error: unknown, directory: string): NodeError {
  if (isFull(textOf(error))) return fullFault(error, directory)
  return new NodeError(
    'DISK_FAILED',
    `writing to the database in ${directory} failed; nothing more is written until a restart`,
    {
      cause: error,
    },
  )
}

function fullFault(error: unknown, directory: string): NodeError {
  return new NodeError(
    'STORE_FULL',
    `the disk that holds ${directory} is full; nothing more is written until a restart`,
    {
      cause: error,
      fix: 'free some space, then: candor up',
    },
  )
}

function isFull(text: string): boolean {
  return /no space left|ENOSPC|quota exceeded/i.test(text)
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error ? String(error.code) : ''
  return `${code} ${error.message} ${error.cause === undefined ? '' : textOf(error.cause)}`
}

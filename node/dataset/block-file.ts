/**
 * Blocks of one copy on disk, each sealed alone under the file's content key, so that they can be written and read in
 * any order and a damaged one is lost alone. Spec 11 §4.
 *
 * Invariant: what is written is sealed, and what does not open with a valid tag is never handed out in clear. A nonce is
 * random because a block can be written twice: torn by a crash, damaged, or read anew from a source that changed.
 */
import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { blockCount, blockLength } from '../../protocol/dataset/blocks.ts'
import type { SealedBlock } from '../../protocol/dataset/stream.ts'
import { NodeError } from '../errors.ts'
import { systemCode, writeFault } from '../keys/files.ts'
import { CELL_BYTES, sealedIn, takeCell, handBack, type Cell } from './cell.ts'
import { openBlock, sealBlock } from './sealed-block.ts'

/** Whose blocks these are. */
export type BlockPlace = {
  readonly path: string
  readonly contentKey: Uint8Array
  /** Bytes of the file in clear. */
  readonly bytes: number
}

export class BlockFile {
  private readonly place: BlockPlace
  // Written by `throughCache` only.
  private file: FileHandle
  private reopened: Promise<FileHandle> | undefined

  private constructor(place: BlockPlace, file: FileHandle) {
    this.place = place
    this.file = file
  }

  /** For reading and writing; made when it is not there. Nobody but this user may read even the sealed bytes. */
  static async open(place: BlockPlace): Promise<BlockFile> {
    try {
      return new BlockFile(place, await openPast(place.path))
    } catch (error) {
      throw writeFault(place.path, error)
    }
  }

  async write(index: number, block: Uint8Array): Promise<void> {
    const sealed = sealBlock(this.place.contentKey, index, block)
    const cell = takeCell()
    cell.put(sealed.bytes, 0)
    await this.writeCell(index, cell, sealed).finally(() => handBack(cell))
  }

  /** Writes what was sealed under the content key for this place, and whose sealed bytes were put into the cell. */
  async writeCell(index: number, cell: Cell, sealed: SealedBlock): Promise<void> {
    try {
      await this.onDisk((file) => writeFully(file, cell.laid(sealed), index * CELL_BYTES))
    } catch (error) {
      throw writeFault(this.place.path, error)
    }
  }

  /** A block, or undefined where there is none that opens. */
  read(index: number): Promise<Uint8Array | undefined> {
    return this.readThen(index, (sealed) => openBlock(this.place.contentKey, index, sealed))
  }

  /** What lies in the place of a block, unchecked; undefined where the file ends before. */
  readSealed(index: number): Promise<SealedBlock | undefined> {
    return this.readThen(index, ({ nonce, tag, bytes }) => {
      return { nonce: copyOf(nonce), tag: copyOf(tag), bytes: copyOf(bytes) }
    })
  }

  /** Answers when what was written is on the disk. */
  async sync(): Promise<void> {
    try {
      await this.file.datasync()
    } catch (error) {
      throw writeFault(this.place.path, error)
    }
  }

  close(): Promise<void> {
    return this.file.close()
  }

  private async readThen<T>(index: number, take: (sealed: SealedBlock) => T): Promise<T | undefined> {
    const { bytes, path } = this.place
    if (index >= blockCount(bytes)) return undefined
    const length = blockLength(bytes, index)
    const cell = takeCell()
    try {
      const room = cell.room(length)
      const { bytesRead } = await this.onDisk((file) => file.read(room, 0, room.length, index * CELL_BYTES))
      return bytesRead === room.length ? take(sealedIn(room, length)) : undefined
    } catch (error) {
      throw new NodeError('IO_FAILED', `${path} cannot be read`, { cause: error })
    } finally {
      handBack(cell)
    }
  }

  /** A file system that wants other places than whole pages says so when it is asked for one of them. */
  private async onDisk<T>(work: (file: FileHandle) => Promise<T>): Promise<T> {
    const { file } = this
    try {
      return await work(file)
    } catch (error) {
      if (systemCode(error) !== 'EINVAL') throw error
      this.reopened ??= this.throughCache(file)
      return work(await this.reopened)
    }
  }

  private async throughCache(past: FileHandle): Promise<FileHandle> {
    this.file = await open(this.place.path, FLAGS, 0o600)
    await past.close()
    return this.file
  }
}

const FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW
/** Not every system has the flag. */
const PAST_CACHE = constants.O_DIRECT ?? 0

/**
 * Past the page cache where the file system can: filling that costs more than everything else that is done with a block, and
 * pushes out what others keep there.
 */
async function openPast(path: string): Promise<FileHandle> {
  try {
    return await open(path, FLAGS | PAST_CACHE, 0o600)
  } catch (error) {
    if (systemCode(error) !== 'EINVAL') throw error
    return open(path, FLAGS, 0o600)
  }
}

/** A disk that fills up can take a part of what it is given. */
async function writeFully(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at, position + at)
    at += bytesWritten
  }
}

function copyOf(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.allocUnsafe(bytes.length)
  copy.set(bytes)
  return copy
}

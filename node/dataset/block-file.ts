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
import { BLOCK_NONCE_BYTES, BLOCK_TAG_BYTES, type SealedBlock } from '../../protocol/dataset/stream.ts'
import { BLOCK_BYTES } from '../../protocol/limits.ts'
import { NodeError } from '../errors.ts'
import { writeFault } from '../keys/files.ts'
import { openBlock, sealBlock } from './sealed-block.ts'

const STRIDE = BLOCK_NONCE_BYTES + BLOCK_BYTES + BLOCK_TAG_BYTES

/** Whose blocks these are. */
export type BlockPlace = {
  readonly path: string
  readonly contentKey: Uint8Array
  /** Bytes of the file in clear. */
  readonly bytes: number
}

export class BlockFile {
  private readonly place: BlockPlace
  private readonly file: FileHandle

  private constructor(place: BlockPlace, file: FileHandle) {
    this.place = place
    this.file = file
  }

  /** For reading and writing; made when it is not there. Nobody but this user may read even the sealed bytes. */
  static async open(place: BlockPlace): Promise<BlockFile> {
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW
    try {
      return new BlockFile(place, await open(place.path, flags, 0o600))
    } catch (error) {
      throw writeFault(place.path, error)
    }
  }

  write(index: number, block: Uint8Array): Promise<void> {
    return this.writeSealed(index, sealBlock(this.place.contentKey, index, block))
  }

  /** Writes what was sealed under the content key for this place. */
  async writeSealed(index: number, { nonce, bytes, tag }: SealedBlock): Promise<void> {
    try {
      await writeFully(this.file, [nonce, bytes, tag], index * STRIDE)
    } catch (error) {
      throw writeFault(this.place.path, error)
    }
  }

  /** A block, or undefined where there is none that opens. */
  async read(index: number): Promise<Uint8Array | undefined> {
    const sealed = await this.readSealed(index)
    return sealed === undefined ? undefined : openBlock(this.place.contentKey, index, sealed)
  }

  /** What lies in the place of a block, unchecked; undefined where the file ends before. */
  async readSealed(index: number): Promise<SealedBlock | undefined> {
    const { bytes, path } = this.place
    if (index >= blockCount(bytes)) return undefined
    const length = BLOCK_NONCE_BYTES + blockLength(bytes, index) + BLOCK_TAG_BYTES
    const buffer = Buffer.allocUnsafe(length)
    try {
      const { bytesRead } = await this.file.read(buffer, 0, length, index * STRIDE)
      if (bytesRead !== length) return undefined
    } catch (error) {
      throw new NodeError('IO_FAILED', `${path} cannot be read`, { cause: error })
    }
    const end = length - BLOCK_TAG_BYTES
    return {
      nonce: buffer.subarray(0, BLOCK_NONCE_BYTES),
      bytes: buffer.subarray(BLOCK_NONCE_BYTES, end),
      tag: buffer.subarray(end),
    }
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
}

/** A disk that fills up can take a part of what it is given. */
async function writeFully(file: FileHandle, parts: readonly Uint8Array[], position: number): Promise<void> {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const { bytesWritten } = await file.writev(parts, position)
  if (bytesWritten === length) return
  const rest = Buffer.concat(parts).subarray(bytesWritten)
  for (let at = 0; at < rest.length;) {
    const written = await file.write(rest, at, rest.length - at, position + bytesWritten + at)
    at += written.bytesWritten
  }
}

/**
 * Blocks of one copy on disk, each sealed alone under the copy's storage key, so that they can be written and read in
 * any order and a damaged one is lost alone. Spec 11 §4.
 *
 * Invariant: what is written is sealed, and what does not open with a valid tag is never handed out. A nonce is random
 * because a block can be written twice: torn by a crash, damaged, or read anew from a source that changed.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { encode } from '../../protocol/codec/cbor.ts'
import { blockCount, blockLength } from '../../protocol/dataset/blocks.ts'
import { BLOCK_BYTES } from '../../protocol/limits.ts'
import { NodeError } from '../errors.ts'
import { writeFault } from '../keys/files.ts'

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16
const STRIDE = NONCE_BYTES + BLOCK_BYTES + TAG_BYTES

/** Whose blocks these are. */
export type BlockPlace = {
  readonly path: string
  /** 16 random bytes that name the copy. */
  readonly copy: Uint8Array
  readonly storageKey: Uint8Array
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

  async write(index: number, block: Uint8Array): Promise<void> {
    const { storageKey, path } = this.place
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv(CIPHER, storageKey, nonce).setAAD(this.placeOf(index))
    const sealed = cipher.update(block)
    cipher.final()
    try {
      await writeFully(this.file, [nonce, sealed, cipher.getAuthTag()], index * STRIDE)
    } catch (error) {
      throw writeFault(path, error)
    }
  }

  /** A block, or undefined where there is none that opens. */
  async read(index: number): Promise<Uint8Array | undefined> {
    const { bytes, storageKey, path } = this.place
    const length = NONCE_BYTES + blockLength(bytes, index) + TAG_BYTES
    if (index >= blockCount(bytes)) return undefined
    const buffer = Buffer.allocUnsafe(length)
    try {
      const { bytesRead } = await this.file.read(buffer, 0, length, index * STRIDE)
      if (bytesRead !== length) return undefined
    } catch (error) {
      throw new NodeError('IO_FAILED', `${path} cannot be read`, { cause: error })
    }
    const end = length - TAG_BYTES
    const decipher = createDecipheriv(CIPHER, storageKey, buffer.subarray(0, NONCE_BYTES))
    decipher.setAAD(this.placeOf(index)).setAuthTag(buffer.subarray(end))
    const block = decipher.update(buffer.subarray(NONCE_BYTES, end))
    return isGenuine(decipher) ? block : undefined
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

  private placeOf(index: number): Uint8Array {
    return encode([this.place.copy, index])
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

function isGenuine(decipher: { readonly final: () => Uint8Array }): boolean {
  try {
    decipher.final()
    return true
  } catch {
    // The tag does not hold: this is no block of this copy at this place.
    return false
  }
}

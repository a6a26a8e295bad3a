/** Files that a person names on the command line, read and written with errors that say which. */
import { closeSync, fsyncSync, openSync, readFileSync, statSync, writeSync } from 'node:fs'
import { NodeError } from '../node/api/client.ts'

/** Bytes of a file that is read whole. A charter of a thousand members has one megabyte. */
const FILE_BYTES_MAX = 8 * 1024 * 1024

export function readInput(path: string): Uint8Array {
  try {
    const { size } = statSync(path)
    if (size > FILE_BYTES_MAX)
      throw new NodeError('TOO_LARGE', `${path} is longer than ${FILE_BYTES_MAX} bytes`)
    return new Uint8Array(readFileSync(path))
  } catch (error) {
    if (error instanceof NodeError) throw error
    throw new NodeError('NOT_FOUND', `${path} cannot be read (${codeOf(error)})`, { cause: error })
  }
}

/** Writes a new file; an existing one is not overwritten. */
export function writeOutput(path: string, bytes: Uint8Array | string): void {
  writeNew(path, bytes, 0o644)
}

/** The same for what is not public: nobody else on this machine can read it. */
export function writePrivate(path: string, bytes: Uint8Array | string): void {
  writeNew(path, bytes, 0o600)
}

function writeNew(path: string, bytes: Uint8Array | string, mode: number): void {
  try {
    const file = openSync(path, 'wx', mode)
    try {
      const data = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
      for (let at = 0; at < data.length;) at += writeSync(file, data, at)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw new NodeError('CONFLICT', `${path} exists and is not overwritten`)
    throw new NodeError('IO_FAILED', `${path} cannot be written (${codeOf(error)})`, { cause: error })
  }
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
}

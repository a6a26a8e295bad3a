/**
 * Small files: written so that they are whole or absent after a crash (temporary file, fsync, rename, fsync of
 * the directory), and read no further than they may be long. Everything that fails names the path.
 */
import {
  closeSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { NodeError } from '../errors.ts'

export function writeFileDurably(path: string, bytes: Uint8Array, mode: number): void {
  const temporary = `${path}.tmp`
  try {
    rmSync(temporary, { force: true })
    writeSynced(temporary, bytes, mode)
    renameSync(temporary, path)
    syncDirectory(dirname(path))
  } catch (error) {
    discard(temporary)
    throw writeFault(path, error)
  }
}

/** Makes a directory that only its owner may enter. One that is there already is left as it is. */
export function makePrivateDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw writeFault(path, error)
  }
}

/** Gives a finished file or directory its name, for good. */
export function renameDurably(from: string, to: string): void {
  try {
    renameSync(from, to)
    syncDirectory(dirname(to))
  } catch (error) {
    throw writeFault(to, error)
  }
}

/** Gives a file a second name, for good. */
export function linkDurably(path: string, second: string): void {
  try {
    linkSync(path, second)
    syncDirectory(dirname(second))
  } catch (error) {
    throw writeFault(second, error)
  }
}

/** Overwrites a small file on the disk, syncs that and removes it. Durable when it returns. */
export function shredFile(path: string): void {
  try {
    const file = openSync(path, 'r+')
    try {
      writeSync(file, Buffer.alloc(fstatSync(file).size), 0, undefined, 0)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    rmSync(path)
    syncDirectory(dirname(path))
  } catch (error) {
    throw writeFault(path, error)
  }
}

export function removeDirectory(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch (error) {
    throw writeFault(path, error)
  }
}

function syncDirectory(directory: string): void {
  const handle = openSync(directory, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

/** Reads a whole file of at most `bytesMax`. A longer one is refused before it is in memory. */
export function readFileBounded(path: string, bytesMax: number): Uint8Array {
  let read: Uint8Array
  try {
    read = readUpTo(path, bytesMax + 1)
  } catch (error) {
    throw readFault(path, error)
  }
  if (read.length <= bytesMax) return read
  throw new NodeError('TOO_LARGE', `${path} is longer than the ${bytesMax} bytes that such a file may have`)
}

/** The operating system's code of a failed call, such as ENOENT. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}

/** 'wx': a file somebody else put at the temporary name is never written through. */
function writeSynced(path: string, bytes: Uint8Array, mode: number): void {
  const file = openSync(path, 'wx', mode)
  try {
    fchmodSync(file, mode)
    writeFileSync(file, bytes)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function readUpTo(path: string, bytesMax: number): Uint8Array {
  const file = openSync(path, 'r')
  try {
    const chunks: Buffer[] = []
    let length = 0
    while (length < bytesMax) {
      const chunk = Buffer.alloc(Math.min(65_536, bytesMax - length))
      const count = readSync(file, chunk)
      if (count === 0) break
      chunks.push(chunk.subarray(0, count))
      length += count
    }
    return Buffer.concat(chunks)
  } finally {
    closeSync(file)
  }
}

/** The write has failed already; what is left of the temporary file must not hide why. */
function discard(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // The next write removes it first.
  }
}

/** What the operator is told when `path` could not be written. */
export function writeFault(path: string, cause: unknown): NodeError {
  const code = systemCode(cause)
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new NodeError('STORE_FULL', `the disk that holds ${path} is full`, {
      cause,
      fix: 'free some space and try again',
    })
  }
  return new NodeError('IO_FAILED', `${path} cannot be written (${code ?? 'unknown'})`, { cause })
}

function readFault(path: string, cause: unknown): NodeError {
  const code = systemCode(cause)
  if (code === 'ENOENT') return new NodeError('NOT_FOUND', `there is no file ${path}`, { cause })
  return new NodeError('IO_FAILED', `${path} cannot be read (${code ?? 'unknown'})`, { cause })
}

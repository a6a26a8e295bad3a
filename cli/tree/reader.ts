/** Reading a published tree from a folder or over HTTP: file by file, none longer than it may be. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { NodeError } from '../../node/api/client.ts'
import { codeOf } from '../files.ts'

export type TreeReader = {
  /** As it was named, for messages. */
  readonly name: string
  /** Undefined where there is no such file. Throws when it is longer than `bytesMax`. */
  readonly read: (path: string, bytesMax: number) => Promise<Uint8Array | undefined>
}

/** A file that has not come whole by then will not come. */
const FETCH_MS_MAX = 30_000

export function readerOf(place: string): TreeReader {
  return /^https?:\/\//.test(place) ? httpReader(place) : folderReader(resolve(place))
}

/** A part of the tree, as a tree. */
export function within({ name, read }: TreeReader, directory: string): TreeReader {
  return { name: `${name}/${directory}`, read: (path, bytesMax) => read(`${directory}/${path}`, bytesMax) }
}

function folderReader(directory: string): TreeReader {
  return {
    name: directory,
    // At once: four trips to the threads that read files cost more than a file of a tree, and its judging goes on on others.
    read: async (path, bytesMax) => {
      try {
        const file = openSync(join(directory, path), 'r')
        try {
          const { size } = fstatSync(file)
          if (size > bytesMax) throw tooLong(join(directory, path), bytesMax)
          return readUpTo(file, size)
        } finally {
          closeSync(file)
        }
      } catch (error) {
        if (error instanceof NodeError) throw error
        if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(codeOf(error))) return undefined
        throw new NodeError('IO_FAILED', `${join(directory, path)} cannot be read (${codeOf(error)})`, {
          cause: error,
        })
      }
    },
  }
}

/** As many bytes as the file had when it was asked, fewer if it was cut since: half the calls of reading to its end. */
function readUpTo(file: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size)
  let length = 0
  while (length < size) {
    const read = readSync(file, bytes, length, size - length, null)
    if (read === 0) break
    length += read
  }
  return bytes.subarray(0, length)
}

function httpReader(place: string): TreeReader {
  const base = place.replace(/\/+$/, '')
  return {
    name: base,
    read: async (path, bytesMax) => {
      const url = `${base}/${path}`
      try {
        // Whoever answers must be who was named: a redirect would let it send us anywhere.
        const answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(FETCH_MS_MAX) })
        if (answer.status === 404 || answer.status === 403) {
          await answer.body?.cancel()
          // Object stores answer 403 for what is not there unless its listing is public.
          return undefined
        }
        if (answer.status !== 200) throw new NodeError('IO_FAILED', `${url} answered ${answer.status}`)
        return await readBody(answer, url, bytesMax)
      } catch (error) {
        if (error instanceof NodeError) throw error
        throw new NodeError('IO_FAILED', `${url} cannot be fetched`, { cause: error })
      }
    },
  }
}

async function readBody(answer: Response, url: string, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.length
    if (bytes > bytesMax) throw tooLong(url, bytesMax)
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}

function tooLong(name: string, bytesMax: number): NodeError {
  return new NodeError('TOO_LARGE', `${name} is longer than the ${bytesMax} bytes that such a file may have`)
}

export type AheadReader = TreeReader & {
  /** Begins to read a file that will be asked for soon. */
  readonly expect: (path: string, bytesMax: number) => void
}

/** Files read ahead at once: over HTTP an audit would otherwise wait for one answer after the other. */
const AHEAD_MAX = 12

export function readingAhead({ name, read }: TreeReader): AheadReader {
  const begun = new Map<string, Promise<Uint8Array | undefined>>()
  return {
    name,
    expect: (path, bytesMax) => {
      if (begun.size >= AHEAD_MAX || begun.has(path)) return
      const reading = read(path, bytesMax)
      // Whoever asks for it hears of the failure; nobody may.
      reading.catch(() => undefined)
      begun.set(path, reading)
    },
    read: (path, bytesMax) => {
      const reading = begun.get(path)
      begun.delete(path)
      return reading ?? read(path, bytesMax)
    },
  }
}

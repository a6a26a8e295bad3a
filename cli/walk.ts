/** Files under a path, in a fixed order, as uploads. Links are not followed: they could lead out of what was named. */
import { createReadStream, lstatSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { NodeError, type Upload } from '../node/api/client.ts'
import { codeOf } from './files.ts'

/** What a folder is searched for; a file that is named itself may be called anything. */
const NAMES = /\.(?:json|ya?ml|csv)$/i

export async function* uploadsUnder(path: string): AsyncGenerator<Upload> {
  const stat = statOf(path)
  if (!stat.isDirectory()) {
    yield uploadOf(path, basename(path), stat.size)
    return
  }
  yield* inFolder(path, '')
}

async function* inFolder(root: string, folder: string): AsyncGenerator<Upload> {
  const entries = readdirSync(join(root, folder), { withFileTypes: true })
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory() && !entry.name.startsWith('.')) yield* inFolder(root, path)
    if (entry.isFile() && NAMES.test(entry.name))
      yield uploadOf(join(root, path), path, statOf(join(root, path)).size)
  }
}

function uploadOf(file: string, path: string, bytes: number): Upload {
  return { path, bytes, body: chunksOf(file) }
}

async function* chunksOf(file: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 262_144 })) yield chunk
  } catch (error) {
    throw unreadable(file, error)
  }
}

function statOf(path: string) {
  try {
    return lstatSync(path)
  } catch (error) {
    throw unreadable(path, error)
  }
}

function unreadable(path: string, cause: unknown): NodeError {
  return new NodeError('NOT_FOUND', `${path} cannot be read (${codeOf(cause)})`, { cause })
}

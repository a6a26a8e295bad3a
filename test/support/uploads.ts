/** Uploads for importers: from memory, and from a directory as a person would name it. */
import { createReadStream, readFileSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import type { ImportEvent, Upload } from '../../node/interop/upload.ts'

export type Importer = (uploads: AsyncIterable<Upload>) => AsyncIterable<ImportEvent>

export type Outcome = {
  readonly records: readonly Extract<ImportEvent, { kind: 'record' }>[]
  readonly skipped: readonly Extract<ImportEvent, { kind: 'skipped' }>[]
  readonly ignored: readonly Extract<ImportEvent, { kind: 'ignored' }>[]
}

export async function collect(importer: Importer, uploads: AsyncIterable<Upload>): Promise<Outcome> {
  const outcome = { records: [], skipped: [], ignored: [] } satisfies Outcome
  const { records, skipped, ignored }: { [K in keyof Outcome]: Outcome[K][number][] } = outcome
  for await (const event of importer(uploads)) {
    if (event.kind === 'record') records.push(event)
    else if (event.kind === 'skipped') skipped.push(event)
    else ignored.push(event)
  }
  return { records, skipped, ignored }
}

/** Files in memory, handed over in pieces of `chunkBytes`. */
export async function* inMemory(
  files: Readonly<Record<string, string | Uint8Array>>,
  chunkBytes = 65_536,
): AsyncGenerator<Upload> {
  for (const [path, content] of Object.entries(files)) {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
    yield { path, bytes: bytes.length, body: pieces(bytes, chunkBytes) }
  }
}

async function* pieces(bytes: Uint8Array, chunkBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes)
}

/** Smaller files are read at once: a thousand streams take a second. */
const STREAMED_BYTES = 262_144

/** A file, or every file below a directory in the order of their paths. */
export async function* onDisk(root: string): AsyncGenerator<Upload> {
  const paths = (await stat(root)).isFile() ? [root] : (await filesBelow(root)).sort()
  for (const path of paths) {
    const { size } = await stat(path)
    yield {
      path: relative(root, path) || basename(path),
      bytes: size,
      body: size < STREAMED_BYTES ? pieces(readFileSync(path), size) : createReadStream(path),
    }
  }
}

async function filesBelow(root: string): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true, recursive: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

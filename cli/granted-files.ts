/** Files that a grant gives: fetched by the node, then written in the clear to a place that a person names. */
import { createWriteStream, existsSync, mkdirSync, renameSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { NodeError, type FetchedFileView } from '../node/api/client.ts'
import type { Context } from './context.ts'
import { EXIT } from './exit-codes.ts'
import { marked } from './look.ts'
import { safe } from './safe.ts'

/** Paths were checked by the node: none leaves the directory. What is there already is never written over. */
export async function fetchFiles(at: Context, request: string, directory: string): Promise<void> {
  const files = await at.client.fetchFiles(request)
  if (files.some(({ state }) => state === 'false')) at.setExit(EXIT.invalid)
  else if (files.some(({ state }) => state === 'partial')) at.setExit(EXIT.tryAgain)
  for (const { path, state } of files) if (state === 'whole') await write(at, request, directory, path)
  await at.answer('files', files, () =>
    files.length === 0 ? ['The part names no file.'] : files.map((one) => line(at, one, directory)),
  )
}

function line(at: Context, { path, bytes, state, why }: FetchedFileView, directory: string): string {
  const because = why === undefined ? '' : `: ${safe(why)}`
  if (state === 'whole')
    return marked(at.look, 'ok', `${safe(join(directory, path))}, ${bytes} bytes, as committed to`)
  return marked(
    at.look,
    state === 'false' ? 'fail' : 'warn',
    `${safe(path)}, ${bytes} bytes, ${state}${because}`,
  )
}

async function write(at: Context, request: string, directory: string, path: string): Promise<void> {
  const place = join(directory, path)
  if (existsSync(place)) {
    throw new NodeError('CONFLICT', `${safe(place)} is there already`, { fix: 'another directory' })
  }
  mkdirSync(dirname(place), { recursive: true, mode: 0o700 })
  const making = `${place}.partial`
  await pipeline(await at.client.exportFile(request, path), createWriteStream(making, { mode: 0o600 }))
  renameSync(making, place)
}

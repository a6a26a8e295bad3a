/**
 * Files of a published tree: written beside their name, synced, renamed, so that a reader sees a whole file or
 * none, and a crash leaves at worst a temporary file that the next run overwrites. Directories are synced before
 * the checkpoint that speaks for what is in them.
 */
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { NodeError } from '../../node/api/client.ts'
import { codeOf } from '../files.ts'

export class TreeFiles {
  readonly directory: string
  // Directories with names that are not known to be on disk. Written by `write` and `sync` only.
  private readonly unsynced = new Set<string>()
  private readonly made = new Set<string>()
  private count = 0

  constructor(directory: string) {
    this.directory = directory
  }

  /** Files written so far. */
  written(): number {
    return this.count
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    try {
      return new Uint8Array(await readFile(join(this.directory, path)))
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return undefined
      throw failed('read', join(this.directory, path), error)
    }
  }

  /** Names in a directory; none where there is no such directory. */
  async list(path: string): Promise<readonly string[]> {
    try {
      return await readdir(join(this.directory, path))
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return []
      throw failed('read', join(this.directory, path), error)
    }
  }

  /** Writes a file unless it is there with these very bytes. */
  async write(path: string, bytes: Uint8Array): Promise<void> {
    const held = await this.read(path)
    if (held !== undefined && Buffer.from(held).equals(bytes)) return
    const name = join(this.directory, path)
    const temporary = `${name}.new`
    try {
      await this.make(dirname(name))
      const file = await open(temporary, 'w', 0o644)
      try {
        await file.writeFile(bytes)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(temporary, name)
    } catch (error) {
      throw failed('write', name, error)
    }
    this.unsynced.add(dirname(name))
    this.count += 1
  }

  /** Waits until every name written so far is on disk. */
  async sync(): Promise<void> {
    for (const directory of this.unsynced) await syncDirectory(directory)
    this.unsynced.clear()
  }

  async remove(path: string): Promise<void> {
    const name = join(this.directory, path)
    try {
      await rm(name, { recursive: true, force: true })
    } catch (error) {
      throw failed('remove', name, error)
    }
  }

  private async make(directory: string): Promise<void> {
    if (this.made.has(directory)) return
    const first = await mkdir(directory, { recursive: true })
    this.made.add(directory)
    // Every new directory is a name in the one above it.
    if (first === undefined) return
    for (let at = directory; ; at = dirname(at)) {
      this.unsynced.add(dirname(at))
      if (at === first) return
    }
  }
}

async function syncDirectory(directory: string): Promise<void> {
  try {
    const handle = await open(directory, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw failed('sync', directory, error)
  }
}

function failed(act: string, path: string, cause: unknown): NodeError {
  const code = codeOf(cause) === 'ENOSPC' ? 'STORE_FULL' : 'IO_FAILED'
  return new NodeError(code, `could not ${act} ${path} (${codeOf(cause)})`, { cause })
}

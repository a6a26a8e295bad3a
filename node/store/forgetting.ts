/**
 * Overwritten bytes stay in the files of the database until those are written anew. Whatever erases something leaves a row
 * that says so, in the batch that erases, and the row goes only when that is done: a kill in between is made good at the
 * next start.
 */
import type { Operation } from '../ports.ts'
import type { Database } from './database.ts'
import { after, keyOf, type Space } from './prefixes.ts'

/** What was erased: a public part, one that only we and whom we gave it to could read, or a draft. */
export type Forgotten = 'public' | 'sealed' | 'draft'

/**
 * Where it may have rested: the part itself and the index made of it; the sealed part, what was offered of it, the draft that
 * it was and what was let pass in that; the draft alone.
 */
const SPACES = {
  public: ['part', 'partGroup', 'catalog'],
  sealed: ['vault', 'disclosure', 'draft', 'publication'],
  draft: ['draft'],
} as const satisfies Record<Forgotten, readonly Space[]>

const KIND = { public: 0, sealed: 1, draft: 2 } as const

/** Says that overwritten bytes of this entry are still to leave the files. */
export function erasingRow(what: Forgotten, log: number, index: number): Operation {
  return { type: 'put', key: keyOf('erasing', { byte: KIND[what] }, { log }, { index }), value: NOTHING }
}

const NOTHING = new Uint8Array(0)

/** The kinds of rows that name files to go. A number is never used again. */
export const FORGOTTEN = { own: 0, granted: 1 } as const

/** Says that this copy of a file of ours goes, unless something names the file still. */
export function ownFileRow(copy: Uint8Array): Operation {
  return { type: 'put', key: keyOf('forgotten', { byte: FORGOTTEN.own }, copy), value: NOTHING }
}

/** Says that all files go that came under this grant. */
export function grantedFilesRow(grant: Uint8Array): Operation {
  return { type: 'put', key: keyOf('forgotten', { byte: FORGOTTEN.granted }, grant), value: NOTHING }
}

type Files = Pick<Database, 'iterate' | 'compact' | 'batch'>

/** Whether overwritten bytes are still in the files. */
export async function isErasing(database: Pick<Files, 'iterate'>, what: Forgotten): Promise<boolean> {
  return (await rowsOf(database, what)).length > 0
}

/** Frees the files of what was erased until now. */
export async function forgetErased(database: Files, what: Forgotten): Promise<void> {
  const done = await rowsOf(database, what)
  if (done.length === 0) return
  for (const space of SPACES[what]) await database.compact(keyOf(space), after(keyOf(space)))
  await database.batch(done, 'durable')
}

async function rowsOf(database: Pick<Files, 'iterate'>, what: Forgotten): Promise<readonly Operation[]> {
  const prefix = keyOf('erasing', { byte: KIND[what] })
  const rows: Operation[] = []
  for await (const [key] of database.iterate({ gte: prefix, lt: after(prefix) }))
    rows.push({ type: 'del', key })
  return rows
}

export type ForgetterParts = {
  readonly database: Files
  /** Frees the disk of restricted parts, and of the files that go with them. */
  readonly forgetSealed: () => Promise<void>
  /** Drops the index made of public parts and makes it anew from what is left. */
  readonly reindex: () => Promise<void>
  readonly onError: (error: unknown) => void
}

/**
 * How often it looks by itself, in milliseconds: a disk that refused is not freed within seconds, and drafts that were
 * published one after the other leave the files together.
 */
const LOOK_MS = 60_000

/**
 * Frees the disk in the background: one run at a time, and another one when something was erased meanwhile. It looks by
 * itself, too, until `stop`.
 */
export class Forgetter {
  private readonly parts: ForgetterParts
  private running: Promise<void> | undefined
  private again = false
  private stopped = false
  private readonly timer: NodeJS.Timeout

  constructor(parts: ForgetterParts) {
    this.parts = parts
    this.timer = setInterval(() => this.look(), LOOK_MS)
    this.timer.unref()
  }

  /** Looks whether something was erased; returns at once. */
  look(): void {
    this.again = true
    if (this.stopped) return
    this.running ??= this.run().finally(() => {
      this.running = undefined
      if (this.again) this.look()
    })
  }

  /** Resolves when nothing of it runs any more. What is left is done at the next start. */
  async stop(): Promise<void> {
    this.stopped = true
    clearInterval(this.timer)
    await this.running
  }

  private async run(): Promise<void> {
    const { database, forgetSealed, reindex, onError } = this.parts
    try {
      while (this.again && !this.stopped) {
        this.again = false
        await forgetSealed()
        if (await isErasing(database, 'public')) await reindex()
        for (const what of ['public', 'draft'] as const) if (!this.stopped) await forgetErased(database, what)
      }
    } catch (error) {
      this.again = false
      onError(error)
    }
  }
}

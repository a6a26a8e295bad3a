/**
 * Files that are to go. Whatever takes away what named a file leaves a row in the same batch, and the row goes when the file
 * is gone: a kill or a disk that refuses in between is made good by the next look. A file of ours goes with the last draft or
 * part that names it.
 *
 * Invariant: no file is named that is gone, because nothing is forgotten while something is named.
 */
import { equal, printHex } from '../protocol/bytes.ts'
import { NodeError } from './errors.ts'
import type { KeyValue, Operation } from './ports.ts'
import { after, keyOf } from './store/prefixes.ts'
import { FORGOTTEN, ownFileRow } from './store/forgetting.ts'
import { isKind, type Copy } from './dataset/copy.ts'
import type { DataSets, FileSource } from './dataset/data-sets.ts'
import type { OwnHead } from './dataset/head.ts'

export type ForgottenParts = {
  readonly store: KeyValue
  readonly sets: DataSets
  /** Roots of the files that drafts and parts of ours name, in hexadecimal. */
  readonly named: () => Promise<ReadonlySet<string>>
}

export class ForgottenFiles {
  private readonly parts: ForgottenParts
  private tail: Promise<unknown> = Promise.resolve()
  // Files that were read in and that nothing names yet. Written by `import` and `settle` only.
  private readonly unnamed = new Set<string>()

  constructor(parts: ForgottenParts) {
    this.parts = parts
  }

  /** To be written with what takes away a name of these files of ours. */
  own(roots: readonly Uint8Array[]): readonly Operation[] {
    return roots.flatMap((root) => this.parts.sets.ownCopies(root).map(({ id }) => ownFileRow(id)))
  }

  /** Reads a file in. Until `settle` it stays, whatever names it; a kill before something does lets it go. */
  import(source: FileSource): Promise<Copy<OwnHead>> {
    return this.parts.sets.import(source, async ({ id }) => {
      this.unnamed.add(printHex(id))
      await this.parts.store.batch([ownFileRow(id)], 'durable')
    })
  }

  /** Runs what writes the name of this file. Throws CONFLICT when the file has gone meanwhile. */
  name<T>(copy: Copy<OwnHead>, write: () => Promise<T>): Promise<T> {
    return this.inTurn(() => {
      if (this.parts.sets.ownCopies(copy.head.root).some(({ id }) => equal(id, copy.id))) return write()
      throw new NodeError('CONFLICT', 'the file was forgotten with the last that named it', {
        fix: 'add it again',
      })
    })
  }

  /** What was read in is named now, or goes; so does what else nothing names any more. */
  async settle(copy: Copy<OwnHead> | undefined): Promise<void> {
    if (copy !== undefined) this.unnamed.delete(printHex(copy.id))
    await this.run()
  }

  /** Lets all go that is to go. Goes on behind what the disk refuses, and then throws what it said. */
  run(): Promise<void> {
    return this.inTurn(async () => {
      const failures: unknown[] = []
      for (const { key, copies } of await this.due()) {
        try {
          for (const copy of copies) this.parts.sets.erase(copy)
          await this.parts.store.batch([{ type: 'del', key }], 'durable')
        } catch (error) {
          failures.push(error)
        }
      }
      if (failures.length > 0) throw failures[0]
    })
  }

  private async due(): Promise<readonly { readonly key: Uint8Array; readonly copies: readonly Copy[] }[]> {
    const { sets } = this.parts
    const due: { readonly key: Uint8Array; readonly copies: readonly Copy[] }[] = []
    let named: ReadonlySet<string> | undefined
    const prefix = keyOf('forgotten')
    for await (const [key] of this.parts.store.iterate({ gte: prefix, lt: after(prefix) })) {
      const id = key.slice(2)
      if (key[1] === FORGOTTEN.granted) due.push({ key, copies: sets.copiesUnder(id) })
      if (key[1] !== FORGOTTEN.own || this.unnamed.has(printHex(id))) continue
      const copy = sets.copy(id)
      named ??= copy === undefined ? undefined : await this.parts.named()
      const isNamed = copy !== undefined && isKind(copy, 'own') && named?.has(printHex(copy.head.root))
      due.push({ key, copies: copy === undefined || isNamed === true ? [] : [copy] })
    }
    return due
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const run = this.tail.then(work)
    this.tail = run.catch(() => undefined)
    return run
  }
}

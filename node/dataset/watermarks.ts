/** Copies for single readers: made once for each request, served like any file of ours, and found again by their rows. */
import { equal } from '../../protocol/bytes.ts'
import type { MarkedFile } from '../../protocol/dataset/marked.ts'
import { canonicalRow, rowFormatOf } from '../../protocol/dataset/rows.ts'
import { NodeError } from '../errors.ts'
import { isKind, leavesPlace, type Copy } from './copy.ts'
import type { DataSets } from './data-sets.ts'
import type { MarkedHead, OwnHead } from './head.ts'
import { writeLeaves } from './leaves.ts'
import { linesOf, textOfLine } from './lines.ts'
import { makeMarked } from './marking.ts'
import { readAll } from './reader.ts'
import { traceFile, type Trace, type TracedCopy } from './tracing.ts'

export class Watermarks {
  private readonly sets: DataSets
  // Written by `mark` only: one copy is made at a time, so that none takes rows that another is about to have.
  private tail: Promise<unknown> = Promise.resolve()

  constructor(sets: DataSets) {
    this.sets = sets
  }

  /** Makes the copy of a file for whoever made this request, or finds it: what the grant then names. */
  mark(root: Uint8Array, request: Uint8Array): Promise<MarkedFile> {
    const run = this.tail.then(() => this.findOrMake(root, request))
    this.tail = run.catch(() => undefined)
    return run
  }

  private async findOrMake(root: Uint8Array, request: Uint8Array): Promise<MarkedFile> {
    const made = this.copies().find(({ head }) => equal(head.base, root) && equal(head.request, request))
    const { head } = made ?? (await this.make(root, request))
    return { base: head.base, root: head.root, bytes: head.bytes }
  }

  /** Which copies of ours the rows in a file are of. */
  async trace(body: AsyncIterable<Uint8Array>): Promise<readonly Trace[]> {
    const traced: TracedCopy[] = []
    for (const { head } of this.copies()) {
      const base = this.sets.own(head.base)
      const format = base === undefined ? undefined : await this.formatOf(base)
      if (format !== undefined) traced.push({ head, format })
    }
    return traceFile(traced, body)
  }

  private copies(): readonly Copy<MarkedHead>[] {
    return this.sets.list().filter((copy): copy is Copy<MarkedHead> => isKind(copy, 'marked'))
  }

  private async make(root: Uint8Array, request: Uint8Array): Promise<Copy<MarkedHead>> {
    const base = this.sets.own(root)
    if (base === undefined) throw noFile()
    const format = await this.formatOf(base)
    const taken = new Set<string>()
    for (const { head } of this.copies()) {
      if (format === undefined || !equal(head.base, root)) continue
      for (const { bytes } of head.insertions)
        taken.add(canonicalRow(format, Buffer.from(bytes).toString('utf8')))
    }
    const reader = await this.sets.reader(base)
    try {
      const { head, leaves } = await makeMarked({ base, reader, request, isTaken: (row) => taken.has(row) })
      // Making it takes minutes: of a file that went meanwhile nothing is kept.
      if (this.sets.own(root) === undefined) throw noFile()
      return this.sets.make(head, (copy) => writeLeaves(leavesPlace(copy), leaves))
    } finally {
      await reader.close()
    }
  }

  private async formatOf(base: Copy<OwnHead>) {
    const reader = await this.sets.reader(base)
    try {
      for await (const line of linesOf(readAll(base, reader), false))
        return rowFormatOf(base.head.path, textOfLine(line))
      return undefined
    } finally {
      await reader.close()
    }
  }
}

function noFile(): NodeError {
  return new NodeError('NOT_FOUND', 'no file of this node has this root', { fix: 'candor data-set list' })
}

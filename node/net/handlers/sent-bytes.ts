/** How much of each file was sent under each grant since this node started: fetched again and again, it is a free load. */
import { printHex } from '../../../protocol/bytes.ts'
import { BLOB_FILES_MAX, BLOB_TIMES_MAX } from '../limits.ts'

type Asked = { readonly grant: Uint8Array; readonly root: Uint8Array }

export class SentBytes {
  // Written by `add` only; the file that was sent longest ago comes first.
  private readonly files = new Map<string, number>()

  /** Counts bytes of a file of so many; false when that is more than its share. */
  add({ grant, root }: Asked, bytes: number, fileBytes: number): boolean {
    const name = printHex(grant) + printHex(root)
    const sent = (this.files.get(name) ?? 0) + bytes
    if (sent > fileBytes * BLOB_TIMES_MAX) return false
    this.files.delete(name)
    this.files.set(name, sent)
    const [oldest] = this.files.keys()
    if (this.files.size > BLOB_FILES_MAX && oldest !== undefined) this.files.delete(oldest)
    return true
  }
}

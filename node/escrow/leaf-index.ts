/** Ids of deposits by the leaf that they are about, in memory: so that an erasure finds them without reading every row. */
import { equal, printHex } from '../../protocol/bytes.ts'

export class LeafIndex {
  // Written by `note` only.
  private readonly ids = new Map<string, readonly Uint8Array[]>()

  note(leaf: Uint8Array, id: Uint8Array, is: 'there' | 'gone'): void {
    const name = printHex(leaf)
    const others = (this.ids.get(name) ?? []).filter((one) => !equal(one, id))
    if (is === 'gone' && others.length === 0) this.ids.delete(name)
    else this.ids.set(name, is === 'gone' ? others : [...others, id])
  }

  /** Those about this leaf, or about any. */
  about(leaf?: Uint8Array): readonly Uint8Array[] {
    return leaf === undefined ? [...this.ids.values()].flat() : (this.ids.get(printHex(leaf)) ?? [])
  }
}

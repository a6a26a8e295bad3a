/** The `KeyValue` port in memory: what `level` does in a node, without a disk. It can be copied and made to fail. */
import { compare } from '../../protocol/bytes.ts'
import type { KeyValue, Operation, Range } from '../../node/ports.ts'

type Entry = readonly [Uint8Array, Uint8Array]

export class MemoryKeyValue implements KeyValue {
  /** Called with each batch before it is written; what it throws is what the disk says. */
  onBatch: (operations: readonly Operation[]) => void = () => {}
  // By the hexadecimal text of the key, which is in the order of its bytes.
  private readonly entries: Map<string, Entry>

  constructor(entries: ReadonlyMap<string, Entry> = new Map()) {
    this.entries = new Map(entries)
  }

  /** What another process would find if this one were killed now. */
  copy(): MemoryKeyValue {
    return new MemoryKeyValue(this.entries)
  }

  /** Holds what another holds now. */
  take(other: MemoryKeyValue): void {
    this.entries.clear()
    for (const [name, entry] of other.entries) this.entries.set(name, entry)
  }

  get size(): number {
    return this.entries.size
  }

  getSync(key: Uint8Array): Uint8Array | undefined {
    return this.entries.get(nameOf(key))?.[1].slice()
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.getSync(key)
  }

  async getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    return keys.map((key) => this.getSync(key))
  }

  async batch(operations: readonly Operation[]): Promise<void> {
    this.onBatch(operations)
    for (const operation of operations) {
      const { key } = operation
      if (operation.type === 'put') this.entries.set(nameOf(key), [key.slice(), operation.value.slice()])
      else this.entries.delete(nameOf(key))
    }
  }

  /** The entries as they are when the reading begins, whatever is written meanwhile. */
  async *iterate({ gte, lt, reverse, limit }: Range): AsyncGenerator<Entry> {
    const within = [...this.entries.values()].filter(
      ([key]) => compare(key, gte) >= 0 && compare(key, lt) < 0,
    )
    const ordered = within.toSorted(([a], [b]) => (reverse === true ? compare(b, a) : compare(a, b)))
    for (const [key, value] of ordered.slice(0, limit ?? ordered.length)) yield [key.slice(), value.slice()]
  }
}

function nameOf(key: Uint8Array): string {
  return Buffer.from(key).toString('hex')
}

/** Where members were last reached: our own address book, because the library forgets. A hint, never trusted. */
import { bytesOfText, textOfBytes } from '../../protocol/bytes.ts'
import { encode, parse } from '../../protocol/codec/cbor.ts'
import { isList } from '../../protocol/codec/value.ts'
import { ADDRESSES_MAX } from '../net/limits.ts'
import type { KeyValue } from '../ports.ts'
import { after, keyOf } from './prefixes.ts'

export class AddressBook {
  private readonly store: KeyValue
  // Written by `open` and `learn` only.
  private readonly known = new Map<string, readonly string[]>()

  constructor(store: KeyValue) {
    this.store = store
  }

  async open(): Promise<void> {
    const start = keyOf('address')
    for await (const [key, value] of this.store.iterate({ gte: start, lt: after(start) })) {
      const domain = textOfBytes(key.subarray(1))
      const read = parse(value)
      if (!domain.ok || !read.ok || !isList(read.value)) continue
      this.known.set(
        domain.value,
        read.value.filter((address) => typeof address === 'string'),
      )
    }
  }

  of(domain: string): readonly string[] {
    return this.known.get(domain) ?? []
  }

  /** Remembers an address that worked, newest first. */
  async learn(domain: string, address: string): Promise<void> {
    const known = this.of(domain)
    if (known[0] === address) return
    const addresses = [address, ...known.filter((one) => one !== address)].slice(0, ADDRESSES_MAX)
    this.known.set(domain, addresses)
    const key = keyOf('address', bytesOfText(domain))
    await this.store.batch([{ type: 'put', key, value: encode(addresses) }], 'buffered')
  }
}

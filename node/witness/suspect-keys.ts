/**
 * Cosigner keys of ours that may have stated more than this database knows: it came back from a backup, or what it
 * knew was damaged. They cosign nothing again, over every restart, and new ones take their place (DESIGN §4.2).
 */
import { printHex } from '../../protocol/bytes.ts'
import { encode, parse } from '../../protocol/codec/cbor.ts'
import { isBytes, isList } from '../../protocol/codec/value.ts'
import type { KeyValue } from '../ports.ts'
import { keyOf } from '../store/prefixes.ts'

const ROW = keyOf('meta', Uint8Array.of(3))

export class SuspectKeys {
  private readonly store: KeyValue
  // Ids in hexadecimal. Written by `add` only, after they are on disk.
  private readonly ids: Set<string>

  constructor(store: KeyValue) {
    this.store = store
    this.ids = new Set(readIds(store.getSync(ROW)).map(printHex))
  }

  has(keyId: Uint8Array): boolean {
    return this.ids.has(printHex(keyId))
  }

  async add(keyIds: readonly Uint8Array[]): Promise<void> {
    const all = [...readIds(this.store.getSync(ROW)), ...keyIds.filter((id) => !this.has(id))]
    await this.store.batch([{ type: 'put', key: ROW, value: encode(all) }], 'durable')
    for (const id of keyIds) this.ids.add(printHex(id))
  }
}

function readIds(bytes: Uint8Array | undefined): readonly Uint8Array[] {
  const value = bytes === undefined ? undefined : parse(bytes)
  if (value?.ok !== true || !isList(value.value)) return []
  return value.value.filter((id): id is Uint8Array => isBytes(id, 32))
}

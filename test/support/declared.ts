/** Epochs and keys from fixed seeds, as documents and as what they are read into. Never use the keys elsewhere. */
import { parse, type Value } from '../../protocol/codec/cbor.ts'
import type { Head } from '../../protocol/codec/statement.ts'
import {
  possessionMessage,
  printEpoch,
  SIGNING_PURPOSES,
  type DeclaredKey,
  type EpochDocument,
  type KeyPurpose,
} from '../../protocol/identity/epoch.ts'
import { keyId } from '../../protocol/identity/key.ts'
import { openKeyState, type KeyState } from '../../protocol/identity/keystate.ts'
import { printOrigin } from '../../protocol/log/checkpoint.ts'
import { portable } from '../../protocol/primitives.ts'
import { NETWORK_ID, testKey } from './notes.ts'

export const DOMAIN = 'log.example'

export function originOf(epoch: number, domain = DOMAIN): string {
  return printOrigin({ domain, networkId: NETWORK_ID, epoch })
}

/** The key of this seed byte, declared for a purpose in the log of `origin`. */
export function declared(purpose: KeyPurpose, byte: number, origin = originOf(1)): DeclaredKey {
  const { key, sign } = testKey(byte)
  const id = keyId(portable, key)
  const possession = SIGNING_PURPOSES.has(purpose) ? sign(possessionMessage(origin, purpose, id)) : null
  return { purpose, key, keyId: id, possession }
}

export const PURPOSE_BYTES = { log: 1, statement: 2, witness: 3, mirror: 4, box: 5, node: 6 } as const
export const ROOT_BYTE = 9

export function epochDocument(epoch: number, changes: Partial<EpochDocument> = {}): EpochDocument {
  const origin = originOf(epoch)
  const keys = Object.entries(PURPOSE_BYTES).map(([purpose, byte]) =>
    declared(purpose as KeyPurpose, byte, origin),
  )
  const root = testKey(ROOT_BYTE).key
  return { epoch, domain: DOMAIN, root, keys, previous: null, because: null, ...changes }
}

export function headAt(epoch: number, size: number): Head {
  return { origin: originOf(epoch), size, root: new Uint8Array(32).fill(size % 256) }
}

export function openState(document = epochDocument(1)): KeyState {
  return openKeyState(portable, originOf(document.epoch), document)
}

export function valueOf(document: EpochDocument): Value {
  const read = parse(printEpoch(document))
  if (!read.ok) throw new Error('bug: an epoch document encodes')
  return read.value
}

/** `{ v: 1, add }` of a key. */
export function adding({ purpose, key, possession }: DeclaredKey): Value {
  return { v: 1, add: [purpose, key, possession] }
}

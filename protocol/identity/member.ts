/**
 * The member descriptor: what an organisation hands to the founders of a coalition, signed by its root key. It
 * says who it is and where its node is reached; a later one of the same member replaces it. Spec 02 §4.
 */
import { encode, parse, type Value } from '../codec/cbor.ts'
import { hasKeys, isBytes, isCount, isList, isMap } from '../codec/value.ts'
import { DESCRIPTOR_ADDRESSES_MAX, TEXT_BYTES_MAX } from '../limits.ts'
import { isDomain } from '../log/checkpoint.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'
import { DOMAINS } from './domains.ts'
import { admitKey, type PublicKey } from './key.ts'
import { verifySignature } from './signature.ts'

export type Descriptor = {
  readonly domain: string
  readonly name: string
  readonly sector: string
  /** What the charter binds. */
  readonly root: PublicKey
  /** Ed25519 key of the libp2p node: its peer id. */
  readonly node: PublicKey
  /** Multiaddresses without a peer id. */
  readonly addresses: readonly string[]
  /** Seconds since 1970. The newest of a member counts. */
  readonly issuedAt: number
}

export type DescriptorFault =
  'descriptor-shape' | 'descriptor-domain' | 'descriptor-key' | 'descriptor-signature'

/** `{ descriptor: bytes, signature: bytes }`. */
export function signDescriptor(
  descriptor: Descriptor,
  sign: (message: Uint8Array) => Uint8Array,
): Uint8Array {
  const bytes = encode({ v: 1, ...descriptor })
  return encode({ descriptor: bytes, signature: sign(signedBytes(bytes)) })
}

/** Reads a descriptor and checks that its own root key signed it. */
export function readDescriptor(
  primitives: Primitives,
  file: Uint8Array,
): Result<Descriptor, DescriptorFault> {
  const outer = parse(file)
  if (!outer.ok || !isMap(outer.value) || !hasKeys(outer.value, 'descriptor', 'signature'))
    return fault('descriptor-shape')
  const { descriptor: bytes, signature } = outer.value
  if (!(bytes instanceof Uint8Array) || !(signature instanceof Uint8Array)) return fault('descriptor-shape')
  const inner = parse(bytes)
  const descriptor = inner.ok ? descriptorOf(inner.value) : fault('descriptor-shape')
  if (!descriptor.ok) return descriptor
  const isSigned = verifySignature(primitives, descriptor.value.root, signedBytes(bytes), signature)
  return isSigned ? descriptor : fault('descriptor-signature')
}

/** A short text for people: 1 to 200 bytes, no control characters. */
export function isLabel(value: Value | undefined): value is string {
  return (
    typeof value === 'string' && value.length > 0 && value.length <= TEXT_BYTES_MAX && !/\p{C}/u.test(value)
  )
}

function descriptorOf(value: Value): Result<Descriptor, DescriptorFault> {
  if (!isMap(value)) return fault('descriptor-shape')
  if (!hasKeys(value, 'v', 'domain', 'name', 'sector', 'root', 'node', 'addresses', 'issuedAt'))
    return fault('descriptor-shape')
  const { v, domain, name, sector, root, node, addresses, issuedAt } = value
  if (v !== 1 || !isLabel(name) || !isLabel(sector) || !isCount(issuedAt)) return fault('descriptor-shape')
  if (typeof domain !== 'string' || !isDomain(domain)) return fault('descriptor-domain')
  if (!isList(addresses) || addresses.length > DESCRIPTOR_ADDRESSES_MAX || !addresses.every(isLabel))
    return fault('descriptor-shape')
  if (!isBytes(root, 32) || !isBytes(node, 32)) return fault('descriptor-key')
  const [rootKey, nodeKey] = [admitKey(root), admitKey(node)]
  if (!rootKey.ok || !nodeKey.ok) return fault('descriptor-key')
  return ok({ domain, name, sector, root: rootKey.value, node: nodeKey.value, addresses, issuedAt })
}

function signedBytes(bytes: Uint8Array): Uint8Array {
  return encode([DOMAINS.descriptor, bytes])
}

/**
 * The member descriptor: what an organisation hands to the founders of a coalition, signed by its root key. It
 * says who it is and where its node is reached; a later one of the same member replaces it. Spec 02 §4.
 */
import { bytesOfText, equal } from '../bytes.ts'
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

/** A short text for people: 1 to 200 bytes of UTF-8, on one line, without characters that hide or reorder others. */
export function isLabel(value: Value | undefined): value is string {
  return (
    typeof value === 'string' &&
    value.length > 0 &&
    isVisible(value) &&
    bytesOfText(value).length <= TEXT_BYTES_MAX
  )
}

/** The form of a multiaddress text: components behind slashes. Whether it leads anywhere is for a node to find out. */
export function isAddress(value: Value | undefined): value is string {
  return typeof value === 'string' && value.length <= TEXT_BYTES_MAX && ADDRESS.test(value)
}

const ADDRESS = /^(?:\/[A-Za-z0-9.:_-]+){2,}$/

/**
 * Controls, line separators, direction marks, invisible and tag characters, surrogates and noncharacters, as fixed
 * ranges. The classes of Unicode grow with each version of JavaScript; members that disagree on what is valid
 * split the network. The joiners U+200C and U+200D stay: languages and emoji need them.
 */
const HIDDEN: readonly (readonly [number, number])[] = [
  [0x00, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad],
  [0x61c, 0x61c],
  [0x180e, 0x180e],
  [0x200b, 0x200b],
  [0x200e, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0xd800, 0xdfff],
  [0xfdd0, 0xfdef],
  [0xfeff, 0xfeff],
  [0xfff0, 0xfffb],
  [0xfffe, 0xffff],
  [0xe0000, 0x10ffff],
]

function isVisible(text: string): boolean {
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0
    if (HIDDEN.some(([first, last]) => first <= point && point <= last)) return false
  }
  return true
}

function descriptorOf(value: Value): Result<Descriptor, DescriptorFault> {
  if (!isMap(value)) return fault('descriptor-shape')
  if (!hasKeys(value, 'v', 'domain', 'name', 'sector', 'root', 'node', 'addresses', 'issuedAt'))
    return fault('descriptor-shape')
  const { v, domain, name, sector, root, node, addresses, issuedAt } = value
  if (v !== 1 || !isLabel(name) || !isLabel(sector) || !isCount(issuedAt)) return fault('descriptor-shape')
  if (typeof domain !== 'string' || !isDomain(domain)) return fault('descriptor-domain')
  if (!isList(addresses) || addresses.length > DESCRIPTOR_ADDRESSES_MAX || !addresses.every(isAddress))
    return fault('descriptor-shape')
  if (!isBytes(root, 32) || !isBytes(node, 32)) return fault('descriptor-key')
  const [rootKey, nodeKey] = [admitKey(root), admitKey(node)]
  // A key has one purpose: the node's is in use all day, the root's only to be opened for a moment.
  if (!rootKey.ok || !nodeKey.ok || equal(root, node)) return fault('descriptor-key')
  return ok({ domain, name, sector, root: rootKey.value, node: nodeKey.value, addresses, issuedAt })
}

function signedBytes(bytes: Uint8Array): Uint8Array {
  return encode([DOMAINS.descriptor, bytes])
}

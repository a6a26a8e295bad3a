/**
 * The charter file: the document's bytes, and beside them the founders' signatures and the members' descriptors.
 * Copies that were signed apart join into one, and the order of joining does not show. Spec 07 §2.
 */
import { compare, equal } from '../bytes.ts'
import { encode, parse, type Value } from '../codec/cbor.ts'
import { hasKeys, isBytes, isList, isMap } from '../codec/value.ts'
import { readDescriptor, type Descriptor } from '../identity/member.ts'
import { SIGNATURE_BYTES, verifySignature } from '../identity/signature.ts'
import { MEMBERS_MAX } from '../limits.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'
import {
  charterMessage,
  compareTexts,
  networkIdOf,
  parseDocument,
  parties,
  type CharterDocument,
  type CharterState,
  type DocumentFault,
} from './charter.ts'

type Dated = { readonly issuedAt: number; readonly bytes: Uint8Array }
type Signed = { readonly domain: string; readonly signature: Uint8Array }

export type CharterFile = {
  readonly document: Uint8Array
  /** In the order of their domains. */
  readonly signatures: readonly Signed[]
  /** Descriptor files, in the order of their bytes. */
  readonly descriptors: readonly Uint8Array[]
}

export type CharterFault =
  DocumentFault | 'charter-file' | 'charter-signer' | 'charter-signature' | 'charter-descriptor'

/** A fault, and the member of the charter that it is about, where it is about one. */
export type CharterRefusal = { readonly ok: false; readonly fault: CharterFault; readonly domain?: string }

type CharterResult<T> = { readonly ok: true; readonly value: T } | CharterRefusal

export function printCharterFile({ document, signatures, descriptors }: CharterFile): Uint8Array {
  const signed = signatures.toSorted((a, b) => compareTexts(a.domain, b.domain))
  return encode({
    v: 1,
    document,
    signatures: signed.map(({ domain, signature }) => [domain, signature]),
    descriptors: descriptors.toSorted(compare),
  })
}

/** Takes a charter file apart without judging what stands in it. What parses prints back to the same bytes. */
export function parseCharterFile(bytes: Uint8Array): Result<CharterFile, 'charter-file'> {
  const read = parse(bytes)
  if (!read.ok || !isMap(read.value)) return fault('charter-file')
  if (!hasKeys(read.value, 'v', 'document', 'signatures', 'descriptors')) return fault('charter-file')
  const { v, document, signatures, descriptors } = read.value
  if (v !== 1 || !(document instanceof Uint8Array)) return fault('charter-file')
  const signed = listOf(signatures, signedOf)
  const files = listOf(descriptors, (item) => (item instanceof Uint8Array ? item : undefined))
  if (signed === undefined || files === undefined) return fault('charter-file')
  if (!isOrdered(signed, (a, b) => compareTexts(a.domain, b.domain)) || !isOrdered(files, compare))
    return fault('charter-file')
  return ok({ document, signatures: signed, descriptors: files })
}

/** Reads a charter file and checks all that stands in it: every key, every signature, every descriptor. */
export function readCharter(primitives: Primitives, bytes: Uint8Array): CharterResult<CharterState> {
  const file = parseCharterFile(bytes)
  return file.ok ? judge(primitives, file.value) : file
}

/** The file with one more founder's signature, which is checked like any other. */
export function addSignature(
  primitives: Primitives,
  file: CharterFile,
  { domain, signature }: Signed,
): CharterResult<CharterFile> {
  const others = file.signatures.filter((one) => one.domain !== domain)
  const signed = { ...file, signatures: [...others, { domain, signature }] }
  const judged = judge(primitives, signed)
  return judged.ok ? ok(signed) : judged
}

/** Joins two valid copies of one charter: all signatures, and the newest descriptor of each member. */
export function joinCharterFiles(
  primitives: Primitives,
  left: CharterFile,
  right: CharterFile,
): CharterResult<CharterFile> | { readonly ok: false; readonly fault: 'charter-different' } {
  if (!equal(left.document, right.document)) return fault('charter-different')
  const descriptors = new Map<string, Dated>()
  const signatures = new Map<string, Signed>()
  for (const file of [left, right]) {
    const judged = judge(primitives, file)
    if (!judged.ok) return judged
    for (const one of file.signatures) signatures.set(one.domain, one)
    for (const [index, { domain, issuedAt }] of judged.value.descriptors.entries()) {
      const [bytes, known] = [file.descriptors[index], descriptors.get(domain)]
      if (bytes !== undefined && (known === undefined || isNewer({ issuedAt, bytes }, known)))
        descriptors.set(domain, { issuedAt, bytes })
    }
  }
  const { document } = left
  const newest = [...descriptors.values()].map(({ bytes }) => bytes)
  return ok({ document, signatures: [...signatures.values()], descriptors: newest })
}

/** Of two made in the same second, the one with the greater bytes: any rule does, if it is one for all. */
function isNewer(one: Dated, other: Dated): boolean {
  return (one.issuedAt - other.issuedAt || compare(one.bytes, other.bytes)) > 0
}

function judge(primitives: Primitives, file: CharterFile): CharterResult<CharterState> {
  const document = parseDocument(file.document)
  if (!document.ok) return document
  const message = charterMessage(primitives, file.document)
  const signed = new Set<string>()
  for (const { domain, signature } of file.signatures) {
    const member = document.value.members.find((one) => one.domain === domain)
    if (member === undefined) return fault('charter-signer')
    if (!verifySignature(primitives, member.root, message, signature))
      return { ok: false, fault: 'charter-signature', domain }
    signed.add(domain)
  }
  const descriptors = descriptorsOf(primitives, document.value, file.descriptors)
  if (!descriptors.ok) return descriptors
  const networkId = networkIdOf(primitives, file.document)
  return ok({ networkId, document: document.value, signed, descriptors: descriptors.value })
}

function descriptorsOf(
  primitives: Primitives,
  document: CharterDocument,
  files: readonly Uint8Array[],
): CharterResult<readonly Descriptor[]> {
  const descriptors = new Map<string, Descriptor>()
  for (const file of files) {
    const read = readDescriptor(primitives, file)
    if (!read.ok) return fault('charter-descriptor')
    const { domain, root } = read.value
    const party = parties({ document }).find((one) => one.domain === domain)
    if (party === undefined) return fault('charter-descriptor')
    if (!equal(party.root, root) || descriptors.has(domain))
      return { ok: false, fault: 'charter-descriptor', domain }
    descriptors.set(domain, read.value)
  }
  return ok([...descriptors.values()])
}

function listOf<T>(value: Value | undefined, read: (item: Value) => T | undefined): readonly T[] | undefined {
  if (!isList(value) || value.length > 2 * MEMBERS_MAX) return undefined
  const items = value.map(read).filter((item) => item !== undefined)
  return items.length === value.length ? items : undefined
}

function signedOf(value: Value): Signed | undefined {
  if (!isList(value) || value.length !== 2) return undefined
  const [domain, signature] = value
  return typeof domain === 'string' && isBytes(signature, SIGNATURE_BYTES) ? { domain, signature } : undefined
}

/** Strictly ascending: sorted, and nothing twice. */
function isOrdered<T>(items: readonly T[], compareItems: (a: T, b: T) => number): boolean {
  return items.every((item, index) => {
    const before = items[index - 1]
    return before === undefined || compareItems(before, item) < 0
  })
}

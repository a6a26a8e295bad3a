/**
 * What a node knows of one copy of a file: sealed under the vault's key in the copy's directory, and here the only
 * place of its key. Whoever overwrites it has erased the copy, once the part with the manifest is erased too. Spec 11 §4.
 */
import { bytesOfText, concat } from '../../protocol/bytes.ts'
import { encode, parse, type Value } from '../../protocol/codec/cbor.ts'
import { isBytes, isCount, isList, isMap, type MapValue } from '../../protocol/codec/value.ts'
import { FILE_BYTES_MAX } from '../../protocol/limits.ts'
import { readFileBounded, shredFile, writeFileDurably } from '../keys/files.ts'
import { resealed } from '../keys/vault.ts'
import type { Sealer } from '../ports.ts'

type Common = {
  /** Where it would lie, as the manifest says. */
  readonly path: string
  readonly bytes: number
  /** What its blocks are sealed under: the key that travels in the manifest. */
  readonly contentKey: Uint8Array
}

/** A file of ours that is being read in; it has no root yet, is in no list and is not served. */
export type ImportingHead = Common & { readonly kind: 'importing' }

export type OwnHead = Common & {
  readonly kind: 'own'
  readonly root: Uint8Array
  readonly digest: Uint8Array
  /** What rows of marked copies are made from; it never leaves this file. */
  readonly markSecret: Uint8Array
}

/** A file that somebody granted us, whole or on its way. */
export type GrantedHead = Common & {
  readonly kind: 'granted'
  readonly root: Uint8Array
  readonly grant: Uint8Array
  readonly isWhole: boolean
}

/** Bytes that stand before the byte at `offset` of the committed file. */
export type Insertion = { readonly offset: number; readonly bytes: Uint8Array }

/** A file of ours with rows for one reader. Its blocks are made of those of the base when they are sent. */
export type MarkedHead = Common & {
  readonly kind: 'marked'
  readonly root: Uint8Array
  /** Root of the file that was committed. */
  readonly base: Uint8Array
  readonly request: Uint8Array
  readonly insertions: readonly Insertion[]
}

export type Head = ImportingHead | OwnHead | GrantedHead | MarkedHead

/** A head with all rows of a marked copy. */
const HEAD_BYTES_MAX = 1_048_576
const SPACE = bytesOfText('data-set/')

export function writeHead(path: string, copy: Uint8Array, head: Head, sealer: Sealer): void {
  writeFileDurably(path, sealer.seal(concat(SPACE, copy), printHead(head)), 0o600)
}

/** Undefined for a copy that was being erased. Throws STORE_DAMAGED for one that was altered or is of another vault. */
export function openHead(path: string, copy: Uint8Array, sealer: Sealer): Head | undefined {
  const sealed = readFileBounded(path, HEAD_BYTES_MAX)
  if (sealed.every((byte) => byte === 0)) return undefined
  return parseHead(sealer.open(concat(SPACE, copy), sealed))
}

/** Overwrites the key on the disk and removes it. After the first sync nothing of the copy can be read. */
export const shredHead = shredFile

/** Seals a head under another vault key. One that is erased or opens under neither is left as it is. */
export function resealHead(path: string, copy: Uint8Array, from: Sealer, to: Sealer): void {
  const sealed = readFileBounded(path, HEAD_BYTES_MAX)
  const next = resealed(concat(SPACE, copy), sealed, from, to)
  if (next !== undefined) writeFileDurably(path, next, 0o600)
}

function printHead(head: Head): Uint8Array {
  if (head.kind !== 'marked') return encode({ v: 1, ...head })
  return encode({ v: 1, ...head, insertions: head.insertions.map(({ offset, bytes }) => [offset, bytes]) })
}

function parseHead(bytes: Uint8Array): Head | undefined {
  const read = parse(bytes)
  if (!read.ok || !isMap(read.value) || read.value['v'] !== 1) return undefined
  const common = commonOf(read.value)
  const { kind, root, digest, markSecret, grant, isWhole, base, request } = read.value
  if (common === undefined) return undefined
  if (kind === 'importing') return { kind, ...common }
  if (!isBytes(root, 32)) return undefined
  if (kind === 'own' && isBytes(digest, 32) && isBytes(markSecret, 32))
    return { kind, ...common, root, digest, markSecret }
  if (kind === 'granted' && isBytes(grant, 32) && typeof isWhole === 'boolean')
    return { kind, ...common, root, grant, isWhole }
  const insertions = insertionsOf(read.value['insertions'])
  if (kind === 'marked' && isBytes(base, 32) && isBytes(request, 32) && insertions !== undefined)
    return { kind, ...common, root, base, request, insertions }
  return undefined
}

function commonOf({ path, bytes, contentKey }: MapValue): Common | undefined {
  if (typeof path !== 'string' || !isCount(bytes) || bytes > FILE_BYTES_MAX) return undefined
  if (!isBytes(contentKey, 32)) return undefined
  return { path, bytes, contentKey }
}

function insertionsOf(value: Value | undefined): readonly Insertion[] | undefined {
  if (!isList(value)) return undefined
  const read = value.flatMap((item): readonly Insertion[] => {
    if (!isList(item)) return []
    const [offset, bytes] = item
    return isCount(offset) && bytes instanceof Uint8Array ? [{ offset, bytes }] : []
  })
  return read.length === value.length ? read : undefined
}

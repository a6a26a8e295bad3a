/**
 * What is said over `blob/1`: one request, then blocks, each a header and a frame of its sealed bytes, then an end; or that a
 * file is held whole, then an end. Spec 11 §3.
 */
import { encode, parse } from '../codec/cbor.ts'
import { hasKeys, isBytes, isCount, isList, isMap, type MapValue } from '../codec/value.ts'
import { BLOB_BLOCKS_MAX, BLOCK_PROOF_HASHES_MAX, FILE_BLOCKS_MAX } from '../limits.ts'
import { fault, ok, type Result } from '../result.ts'

export type BlobRequest = {
  /** Id of the grant. */
  readonly grant: Uint8Array
  readonly root: Uint8Array
  readonly from: number
  readonly count: number
}

/** The reader says that it holds the whole file. */
export type BlobConfirmation = Pick<BlobRequest, 'grant' | 'root'>

/** What a reader begins a stream with. */
export type BlobMessage =
  ({ readonly kind: 'request' } & BlobRequest) | ({ readonly kind: 'confirm' } & BlobConfirmation)

/** What stands before the sealed bytes of a block. */
export type BlockHeader = {
  readonly t: 'block'
  readonly index: number
  /** Of AES-256-GCM under the content key of the file. */
  readonly nonce: Uint8Array
  readonly tag: Uint8Array
  readonly proof: readonly Uint8Array[]
}

export const BLOB_END_REASONS = ['done', 'refused', 'busy', 'spent', 'failed', 'bad-request'] as const
export type BlobEndReason = (typeof BLOB_END_REASONS)[number]

export type BlobAnswer = BlockHeader | { readonly t: 'end'; readonly reason: BlobEndReason }

export type BlobMessageFault = 'blob-cbor' | 'blob-shape'

/** A request and a header with 18 hashes have 120 and 650 bytes. */
export const BLOB_MESSAGE_BYTES_MAX = 1_024

export function printBlobRequest(request: BlobRequest): Uint8Array {
  return encode({ v: 1, ...request })
}

export function printBlobConfirmation({ grant, root }: BlobConfirmation): Uint8Array {
  return encode({ v: 1, t: 'confirm', grant, root })
}

export function parseBlobMessage(bytes: Uint8Array): Result<BlobMessage, BlobMessageFault> {
  const read = mapOf(bytes)
  if (!read.ok) return read
  const { v, t, grant, root, from, count } = read.value
  if (v !== 1 || !isBytes(grant, 32) || !isBytes(root, 32)) return SHAPE
  if (t === 'confirm')
    return hasKeys(read.value, 'v', 't', 'grant', 'root') ? ok({ kind: t, grant, root }) : SHAPE
  if (!hasKeys(read.value, 'v', 'grant', 'root', 'from', 'count') || !isIndex(from) || !isCount(count))
    return SHAPE
  const isPossible = count >= 1 && count <= BLOB_BLOCKS_MAX
  return isPossible ? ok({ kind: 'request', grant, root, from, count }) : SHAPE
}

export function printBlobAnswer(answer: BlobAnswer): Uint8Array {
  return encode(answer)
}

export function parseBlobAnswer(bytes: Uint8Array): Result<BlobAnswer, BlobMessageFault> {
  const read = mapOf(bytes)
  if (!read.ok) return read
  const answer = answerOf(read.value)
  return answer === undefined ? SHAPE : ok(answer)
}

const SHAPE = fault('blob-shape')

function answerOf(value: MapValue): BlobAnswer | undefined {
  const { t, index, nonce, tag, proof, reason } = value
  if (t === 'end') {
    const known = BLOB_END_REASONS.find((one) => one === reason)
    return known !== undefined && hasKeys(value, 't', 'reason') ? { t, reason: known } : undefined
  }
  if (t !== 'block' || !hasKeys(value, 't', 'index', 'nonce', 'tag', 'proof')) return undefined
  if (!isIndex(index) || !isBytes(nonce, 12) || !isBytes(tag, 16) || !isList(proof)) return undefined
  if (proof.length > BLOCK_PROOF_HASHES_MAX) return undefined
  const hashes = proof.filter((hash): hash is Uint8Array => isBytes(hash, 32))
  return hashes.length === proof.length ? { t, index, nonce, tag, proof: hashes } : undefined
}

function isIndex(value: Parameters<typeof isCount>[0]): value is number {
  return isCount(value) && value < FILE_BLOCKS_MAX
}

function mapOf(bytes: Uint8Array): Result<MapValue, BlobMessageFault> {
  if (bytes.length > BLOB_MESSAGE_BYTES_MAX) return SHAPE
  const read = parse(bytes)
  if (!read.ok) return fault('blob-cbor')
  return isMap(read.value) ? ok(read.value) : SHAPE
}

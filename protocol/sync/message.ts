/**
 * What nodes say to one another in `sync/1` and in the gossip of heads. Every message is one deterministic
 * CBOR map with its kind under `t`; a message that is not exactly one of these is refused. Spec 04.
 */
import { encode, parse, type Value } from '../codec/cbor.ts'
import type { PublicPart } from '../codec/part.ts'
import { hasKeys, isBytes, isCount, isList, isMap, type MapValue } from '../codec/value.ts'
import {
  CHUNK_ENTRIES_MAX,
  ENTRY_BYTES_MAX,
  EQUIVOCATION_BYTES_MAX,
  LOGS_MAX,
  NOTE_BYTES_MAX,
  ORIGIN_BYTES_MAX,
  STRUCK_MAX,
  SUMMARIES_MAX,
} from '../limits.ts'
import type { Erasure } from '../log/erasure.ts'
import { parseBundle, printBundle } from '../log/tile.ts'
import { fault, ok, type Result } from '../result.ts'
import type { Chunk } from './chunk.ts'

/**
 * Asks for every newest head; `digest` is the SHA-256 of the asker's own frontier, to answer «same» cheaply. `own`
 * is the asker's log, of which it wants the newest head that was ever seen (recover before signing), `struck`
 * the digest of the keys it holds a proof of misbehaviour against.
 */
export type FrontierRequest = {
  readonly t: 'frontier'
  readonly digest: Uint8Array
  readonly own: string
  readonly struck: Uint8Array
}
/** Asks for entries [from, to) of a log, proven under the head of this size. */
export type RangeRequest = {
  readonly t: 'range'
  readonly origin: string
  readonly from: number
  readonly size: number
}
/** Asks for the root of the first `from` entries and the proof that the head of this size continues them. */
export type PrefixRequest = {
  readonly t: 'prefix'
  readonly origin: string
  readonly from: number
  readonly size: number
}
/** Asks for a proof of misbehaviour by the key of this id. */
export type ProofRequest = { readonly t: 'evidence'; readonly subject: Uint8Array }
/**
 * What is known of the cosignatures on a log: the sizes of its newest cosigned head and of the newest that a quorum confirmed (0 for
 * none), and SHA-256 over the deterministic CBOR of two lists, for each of these heads its text and the signatures of its lines.
 */
export type CosignedSummary = readonly [origin: string, size: number, confirmed: number, lines: Uint8Array]
/** Asks for cosigned heads beyond these. */
export type CosignedRequest = { readonly t: 'cosigned'; readonly have: readonly CosignedSummary[] }
/** Asks what is known of the last statements of a member's cosigners: of its own, by a node that may have forgotten some. */
export type StatedRequest = { readonly t: 'stated'; readonly domain: string }
export type Request =
  FrontierRequest | RangeRequest | PrefixRequest | ProofRequest | CosignedRequest | StatedRequest

/** The answerer's complete heads, as signed notes; none when the frontiers are the same. */
export type FrontierAnswer = {
  readonly t: 'heads'
  readonly same: boolean
  readonly notes: readonly Uint8Array[]
  /** The newest head of the asker's own log that the answerer ever saw, complete here or not. */
  readonly seen: Uint8Array | null
  /** Ids of the keys with a proof against them here; none when the digests are the same. */
  readonly struck: readonly Uint8Array[]
  /** Digest of the answerer's summaries of cosigned heads; who has another one asks for them. */
  readonly cosigned: Uint8Array
}
export type PrefixAnswer = {
  readonly t: 'prefix'
  readonly root: Uint8Array
  readonly proof: readonly Uint8Array[]
}
export type ProofAnswer = { readonly t: 'evidence'; readonly proof: Uint8Array }
/** A head with cosignatures on it: all that are known, or the one that was asked for. */
export type CosignedAnswer = { readonly t: 'cosigned'; readonly note: Uint8Array }
export type EntriesAnswer = { readonly t: 'entries'; readonly chunk: Chunk }
/** Ends every answer and says why: nothing is skipped in silence. */
export type EndAnswer = { readonly t: 'end'; readonly reason: EndReason }
export type Answer = FrontierAnswer | EntriesAnswer | PrefixAnswer | ProofAnswer | CosignedAnswer | EndAnswer

export const END_REASONS = ['done', 'unknown-log', 'not-held', 'bad-request', 'busy', 'failed'] as const
export type EndReason = (typeof END_REASONS)[number]

/** Gossip: a new head, with the entries that lead to it while they fit. */
export type HeadNews = { readonly t: 'news'; readonly note: Uint8Array; readonly chunk: Chunk | null }
/** Gossip: a proof that a key signed what contradicts itself. */
export type ProofNews = ProofAnswer
export type News = HeadNews | ProofNews

export type MessageFault = 'message-cbor' | 'message-shape'

export function printRequest(request: Request): Uint8Array {
  return encode(request)
}

export function parseRequest(bytes: Uint8Array): Result<Request, MessageFault> {
  const value = parse(bytes)
  if (!value.ok) return fault('message-cbor')
  if (!isMap(value.value)) return fault('message-shape')
  const request = requestOf(value.value)
  return request === undefined ? fault('message-shape') : ok(request)
}

function requestOf(value: MapValue): Request | undefined {
  const { t, digest, own, struck, origin, from, size, subject } = value
  switch (t) {
    case 'frontier':
      if (!hasKeys(value, 't', 'digest', 'own', 'struck') || !isOrigin(own)) return undefined
      return isBytes(digest, 32) && isBytes(struck, 32) ? { t, digest, own, struck } : undefined
    case 'range':
    case 'prefix':
      if (!hasKeys(value, 't', 'origin', 'from', 'size') || !isOrigin(origin)) return undefined
      if (!isCount(from) || !isCount(size) || from >= size || (t === 'prefix' && from === 0)) return undefined
      return { t, origin, from, size }
    case 'evidence':
      return hasKeys(value, 't', 'subject') && isBytes(subject, 32) ? { t, subject } : undefined
    case 'cosigned': {
      const have = hasKeys(value, 't', 'have') ? summariesOf(value['have']) : undefined
      return have === undefined ? undefined : { t, have }
    }
    case 'stated': {
      const { domain } = value
      return hasKeys(value, 't', 'domain') && isOrigin(domain) ? { t, domain } : undefined
    }
    default:
      return undefined
  }
}

export function printAnswer(answer: Answer): Uint8Array {
  return encode(answer.t === 'entries' ? { t: 'entries', ...chunkValue(answer.chunk) } : answer)
}

export function parseAnswer(bytes: Uint8Array): Result<Answer, MessageFault> {
  const value = parse(bytes)
  if (!value.ok) return fault('message-cbor')
  if (!isMap(value.value)) return fault('message-shape')
  const answer = answerOf(value.value)
  return answer === undefined ? fault('message-shape') : ok(answer)
}

export function printNews(news: News): Uint8Array {
  if (news.t === 'evidence') return encode(news)
  return encode({ t: 'news', note: news.note, chunk: news.chunk === null ? null : chunkValue(news.chunk) })
}

export function parseNews(bytes: Uint8Array): Result<News, MessageFault> {
  const value = parse(bytes)
  if (!value.ok) return fault('message-cbor')
  if (!isMap(value.value)) return fault('message-shape')
  const proof = value.value['t'] === 'evidence' ? proofOf(value.value) : undefined
  if (proof !== undefined) return ok(proof)
  if (!hasKeys(value.value, 't', 'note', 'chunk')) return fault('message-shape')
  const { t, note, chunk } = value.value
  if (t !== 'news' || !isNote(note)) return fault('message-shape')
  if (chunk === null) return ok({ t, note, chunk })
  const read = isMap(chunk) ? chunkOf(chunk) : undefined
  return read === undefined ? fault('message-shape') : ok({ t, note, chunk: read })
}

function answerOf(value: MapValue): Answer | undefined {
  const { t, reason, ...rest } = value
  switch (t) {
    case 'heads':
      return headsOf(value)
    case 'prefix': {
      const { root, proof } = value
      const hashes = hasKeys(value, 't', 'root', 'proof') ? hashesOf(proof) : undefined
      return hashes === undefined || !isBytes(root, 32) ? undefined : { t, root, proof: hashes }
    }
    case 'evidence':
      return proofOf(value)
    case 'cosigned': {
      const { note } = value
      return hasKeys(value, 't', 'note') && isNote(note) ? { t, note } : undefined
    }
    case 'end': {
      const known = END_REASONS.find((one) => one === reason)
      return hasKeys(value, 't', 'reason') && known !== undefined ? { t, reason: known } : undefined
    }
    case 'entries': {
      const chunk = chunkOf(rest)
      return chunk === undefined ? undefined : { t, chunk }
    }
    default:
      return undefined
  }
}

function headsOf(value: MapValue): FrontierAnswer | undefined {
  const { same, notes, seen, struck, cosigned } = value
  if (!hasKeys(value, 't', 'same', 'notes', 'seen', 'struck', 'cosigned')) return undefined
  if (typeof same !== 'boolean' || !isBytes(cosigned, 32)) return undefined
  if (!isList(notes) || notes.length > LOGS_MAX || !notes.every(isNote)) return undefined
  if (seen === undefined || (seen !== null && !isNote(seen))) return undefined
  if (!isList(struck) || struck.length > STRUCK_MAX) return undefined
  const ids = struck.filter((id): id is Uint8Array => isBytes(id, 32))
  return ids.length === struck.length ? { t: 'heads', same, notes, seen, struck: ids, cosigned } : undefined
}

function summariesOf(value: Value | undefined): readonly CosignedSummary[] | undefined {
  if (value === undefined || !isList(value) || value.length > SUMMARIES_MAX) return undefined
  const read = value.flatMap((item): readonly CosignedSummary[] => {
    if (!isList(item) || item.length !== 4) return []
    const [origin, size, confirmed, lines] = item
    return isOrigin(origin) && isCount(size) && isCount(confirmed) && isBytes(lines, 32)
      ? [[origin, size, confirmed, lines]]
      : []
  })
  return read.length === value.length ? read : undefined
}

function proofOf(value: MapValue): ProofAnswer | undefined {
  const { proof } = value
  if (!hasKeys(value, 't', 'proof') || !(proof instanceof Uint8Array)) return undefined
  return proof.length <= EQUIVOCATION_BYTES_MAX ? { t: 'evidence', proof } : undefined
}

function hashesOf(value: Value | undefined): readonly Uint8Array[] | undefined {
  if (value === undefined || !isList(value) || value.length > 64) return undefined
  const hashes = value.filter((hash): hash is Uint8Array => isBytes(hash, 32))
  return hashes.length === value.length ? hashes : undefined
}

function chunkValue(chunk: Chunk): MapValue {
  return {
    from: chunk.from,
    entries: printBundle(chunk.entries),
    parts: chunk.parts.map((part) => (part === null ? null : partValue(part))),
    proof: chunk.proof,
    ...(chunk.erasures === undefined ? {} : { erasures: chunk.erasures.map(erasureValue) }),
  }
}

function partValue({ opening, mediaType, bytes }: PublicPart): Value {
  return [opening, mediaType, bytes]
}

function erasureValue({ of, index, entry, part, proof }: Erasure): Value {
  return [of, index, entry, partValue(part), proof]
}

function chunkOf(value: MapValue): Chunk | undefined {
  const { from, entries, parts, proof, erasures, ...rest } = value
  if (Object.keys(rest).some((key) => key !== 't')) return undefined
  if (!isCount(from) || !(entries instanceof Uint8Array) || !isList(parts) || !isList(proof)) return undefined
  const bundle = parseBundle(entries)
  if (!bundle.ok || bundle.value.length > CHUNK_ENTRIES_MAX || bundle.value.length !== parts.length)
    return undefined
  const hashes = hashesOf(proof)
  const read = parts.map(partOf)
  if (hashes === undefined) return undefined
  const sound = read.filter((part) => part !== undefined)
  if (sound.length !== read.length) return undefined
  const chunk = { from, entries: bundle.value, parts: sound, proof: hashes }
  if (erasures === undefined) return chunk
  const erased = erasuresOf(erasures, chunk)
  return erased === undefined ? undefined : { ...chunk, erasures: erased }
}

/** At least one, in the order of the entries, each of an entry of this chunk whose part is null. */
function erasuresOf(value: Value, { from, parts }: Chunk): readonly Erasure[] | undefined {
  if (!isList(value) || value.length === 0 || value.length > parts.length) return undefined
  const read = value.flatMap((item) => erasureOf(item) ?? [])
  const isInOrder = read.every(({ of }, at) => of > (read[at - 1]?.of ?? -1) && parts[of - from] === null)
  return isInOrder && read.length === value.length ? read : undefined
}

function erasureOf(value: Value): Erasure | undefined {
  if (!isList(value) || value.length !== 5) return undefined
  const [of, index, entry, part, proof] = value
  const hashes = hashesOf(proof)
  const read = part === undefined ? undefined : partOf(part)
  if (!isCount(of) || !isCount(index) || hashes === undefined || read === undefined || read === null)
    return undefined
  if (!(entry instanceof Uint8Array) || entry.length > ENTRY_BYTES_MAX) return undefined
  return { of, index, entry, part: read, proof: hashes }
}

function partOf(value: Value): PublicPart | null | undefined {
  if (value === null) return null
  if (!isList(value) || value.length !== 3) return undefined
  const [opening, mediaType, bytes] = value
  if (!isBytes(opening, 32) || typeof mediaType !== 'string' || !(bytes instanceof Uint8Array))
    return undefined
  return { opening, mediaType, bytes }
}

function isNote(value: Value | undefined): value is Uint8Array {
  return value instanceof Uint8Array && value.length <= NOTE_BYTES_MAX
}

function isOrigin(value: Value | undefined): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= ORIGIN_BYTES_MAX
}

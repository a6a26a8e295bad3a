/**
 * What nodes say to one another in `sync/1` and in the gossip of heads. Every message is one deterministic
 * CBOR map with its kind under `t`; a message that is not exactly one of these is refused. Spec 04.
 */
import { encode, parse, type Value } from '../codec/cbor.ts'
import type { PublicPart } from '../codec/part.ts'
import { hasKeys, isBytes, isCount, isList, isMap, type MapValue } from '../codec/value.ts'
import { CHUNK_ENTRIES_MAX, LOGS_MAX, NOTE_BYTES_MAX, ORIGIN_BYTES_MAX } from '../limits.ts'
import { parseBundle, printBundle } from '../log/tile.ts'
import { fault, ok, type Result } from '../result.ts'
import type { Chunk } from './chunk.ts'

/** Asks for every newest head; `digest` is the SHA-256 of the asker's own frontier, to answer «same» cheaply. */
export type FrontierRequest = { readonly t: 'frontier'; readonly digest: Uint8Array }
/** Asks for entries [from, to) of a log, proven under the head of this size. */
export type RangeRequest = {
  readonly t: 'range'
  readonly origin: string
  readonly from: number
  readonly size: number
}
export type Request = FrontierRequest | RangeRequest

/** The answerer's complete heads, as signed notes; none when the frontiers are the same. */
export type FrontierAnswer = {
  readonly t: 'heads'
  readonly same: boolean
  readonly notes: readonly Uint8Array[]
}
export type EntriesAnswer = { readonly t: 'entries'; readonly chunk: Chunk }
/** Ends every answer and says why: nothing is skipped in silence. */
export type EndAnswer = { readonly t: 'end'; readonly reason: EndReason }
export type Answer = FrontierAnswer | EntriesAnswer | EndAnswer

export const END_REASONS = ['done', 'unknown-log', 'not-held', 'bad-request', 'busy', 'failed'] as const
export type EndReason = (typeof END_REASONS)[number]

/** Gossip: a new head, with the entries that lead to it while they fit. */
export type HeadNews = { readonly t: 'news'; readonly note: Uint8Array; readonly chunk: Chunk | null }

export type MessageFault = 'message-cbor' | 'message-shape'

export function printRequest(request: Request): Uint8Array {
  return encode(request)
}

export function parseRequest(bytes: Uint8Array): Result<Request, MessageFault> {
  const value = parse(bytes)
  if (!value.ok) return fault('message-cbor')
  if (!isMap(value.value)) return fault('message-shape')
  const { t, digest, origin, from, size } = value.value
  if (t === 'frontier' && hasKeys(value.value, 't', 'digest') && isBytes(digest, 32)) return ok({ t, digest })
  if (t !== 'range' || !hasKeys(value.value, 't', 'origin', 'from', 'size')) return fault('message-shape')
  if (!isOrigin(origin) || !isCount(from) || !isCount(size) || from >= size) return fault('message-shape')
  return ok({ t, origin, from, size })
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

export function printNews(news: HeadNews): Uint8Array {
  return encode({ t: 'news', note: news.note, chunk: news.chunk === null ? null : chunkValue(news.chunk) })
}

export function parseNews(bytes: Uint8Array): Result<HeadNews, MessageFault> {
  const value = parse(bytes)
  if (!value.ok) return fault('message-cbor')
  if (!isMap(value.value) || !hasKeys(value.value, 't', 'note', 'chunk')) return fault('message-shape')
  const { t, note, chunk } = value.value
  if (t !== 'news' || !isNote(note)) return fault('message-shape')
  if (chunk === null) return ok({ t, note, chunk })
  const read = isMap(chunk) ? chunkOf(chunk) : undefined
  return read === undefined ? fault('message-shape') : ok({ t, note, chunk: read })
}

function answerOf(value: MapValue): Answer | undefined {
  const { t, same, notes, reason, ...rest } = value
  switch (t) {
    case 'heads':
      if (!hasKeys(value, 't', 'same', 'notes') || typeof same !== 'boolean' || !isList(notes))
        return undefined
      if (notes.length > LOGS_MAX || !notes.every(isNote)) return undefined
      return { t, same, notes }
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

function chunkValue(chunk: Chunk): MapValue {
  return {
    from: chunk.from,
    entries: printBundle(chunk.entries),
    parts: chunk.parts.map((part) => (part === null ? null : [part.opening, part.mediaType, part.bytes])),
    proof: chunk.proof,
  }
}

function chunkOf(value: MapValue): Chunk | undefined {
  const { from, entries, parts, proof, ...rest } = value
  if (Object.keys(rest).some((key) => key !== 't')) return undefined
  if (!isCount(from) || !(entries instanceof Uint8Array) || !isList(parts) || !isList(proof)) return undefined
  const bundle = parseBundle(entries)
  if (!bundle.ok || bundle.value.length > CHUNK_ENTRIES_MAX || bundle.value.length !== parts.length)
    return undefined
  const hashes = proof.filter((hash): hash is Uint8Array => isBytes(hash, 32))
  const read = parts.map(partOf)
  if (hashes.length !== proof.length || hashes.length > 64) return undefined
  const sound = read.filter((part) => part !== undefined)
  return sound.length === read.length
    ? { from, entries: bundle.value, parts: sound, proof: hashes }
    : undefined
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

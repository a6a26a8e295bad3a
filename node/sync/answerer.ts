/** What this node answers in `sync/1`: its complete heads, and runs of entries proven under one of them. */
import { encode } from '../../protocol/codec/cbor.ts'
import type { PublicPart } from '../../protocol/codec/part.ts'
import {
  CHUNK_BYTES_MAX,
  CHUNK_ENTRIES_MAX,
  LOGS_MAX,
  STATED_NOTES_MAX,
  STRUCK_MAX,
} from '../../protocol/limits.ts'
import { parseSignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { printNote } from '../../protocol/log/note.ts'
import type { Erasure } from '../../protocol/log/erasure.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import type { Chunk } from '../../protocol/sync/chunk.ts'
import type {
  Answer,
  CosignedSummary,
  EndReason,
  PrefixRequest,
  Request,
} from '../../protocol/sync/message.ts'
import { fairShare } from '../../protocol/sync/frontier.ts'
import { equal, compare, bytesOfText } from '../../protocol/bytes.ts'
import { NodeError } from '../errors.ts'
import { erasuresOf } from './erasures.ts'
import { isWhole } from './whole.ts'
import { sizeOf, type HeldLog } from '../store/log.ts'
import { emptyRoot } from '../../protocol/log/merkle.ts'
import type { Evidence } from '../evidence/evidence.ts'
import type { Logs } from '../store/logs.ts'
import type { Cosigned } from './cosigned.ts'

export type AnswererParts = {
  readonly primitives: Primitives
  readonly logs: Logs
  readonly evidence: Pick<Evidence, 'frozen' | 'struck' | 'digest' | 'proofAgainst'>
  readonly cosigned: Cosigned
  /** Hears of each peer whose frontier is not ours: it may hold what we lack. */
  readonly onAsked: (peer: string) => void
  /** Waits for what is being taken into a log. */
  readonly settled: (origin: string) => Promise<void>
  /** The size above which nothing of a log counts any more. */
  readonly endOf: (origin: string) => number | undefined
  /** False for our own log until it is recovered: a backup may hold heads that nobody ever saw (DESIGN §4.2). */
  readonly mayShow: (origin: string) => boolean
}

type Send = (answer: Answer) => Promise<void>

export class Answerer {
  private readonly logs: Logs
  private readonly parts: AnswererParts

  constructor(parts: AnswererParts) {
    this.parts = parts
    this.logs = parts.logs
  }

  /** Answers a request by sending frames; returns why the answer ends. */
  async answer(request: Request, send: Send, peer: string): Promise<EndReason> {
    if (request.t === 'range') return this.sendRange(request.origin, request.from, request.size, send)
    if (request.t === 'prefix') return this.sendPrefix(request, send)
    if (request.t === 'evidence') return this.sendProof(request.subject, send)
    if (request.t === 'cosigned') return this.sendCosigned(request.have, send)
    if (request.t === 'stated') return this.sendStated(request.domain, send)
    const { evidence, cosigned } = this.parts
    await this.parts.settled(request.own)
    const same = equal(request.digest, frontierDigest(this.parts))
    if (!same) this.parts.onAsked(peer)
    const seen = newestSeen(this.logs.get(request.own)) ?? null
    const struck = equal(request.struck, evidence.digest()) ? [] : evidence.struck().slice(0, STRUCK_MAX)
    const notes = same ? [] : this.shownNotes()
    await send({ t: 'heads', same, notes, seen, struck, cosigned: cosigned.digest() })
    return 'done'
  }

  /** The newest head of a log that others may learn: before our own is recovered, one that another member cosigned. */
  private shown({ origin, complete }: HeldLog): Uint8Array | undefined {
    if (this.parts.mayShow(origin)) return complete
    const newest = this.parts.cosigned.get(origin)?.newest
    if (newest === undefined || newest.checkpoint.size > sizeOf(complete)) return undefined
    return printNote({ text: newest.text, signatures: newest.own })
  }

  private shownNotes(): readonly Uint8Array[] {
    const shown = this.logs.all().flatMap((log) => {
      const note = this.shown(log)
      return note === undefined ? [] : [{ origin: log.origin, note }]
    })
    return fairShare(shown, LOGS_MAX).map(({ note }) => note)
  }

  private async sendRange(origin: string, from: number, size: number, send: Send): Promise<EndReason> {
    const log = this.logs.get(origin)
    if (log === undefined) return 'unknown-log'
    if (size > sizeOf(this.shown(log))) return 'not-held'
    for (let at = from; at < size;) {
      const chunk = await this.chunkOrDamage(log, at, size)
      if (chunk === undefined) return 'failed'
      await send({ t: 'entries', chunk })
      at += chunk.entries.length
    }
    return 'done'
  }

  private async sendCosigned(have: readonly CosignedSummary[], send: Send): Promise<EndReason> {
    for (const note of this.parts.cosigned.beyond(have)) await send({ t: 'cosigned', note })
    return 'done'
  }

  private async sendStated(domain: string, send: Send): Promise<EndReason> {
    const notes = await this.parts.cosigned.statedBy(domain)
    for (const note of notes.slice(0, STATED_NOTES_MAX)) await send({ t: 'cosigned', note })
    return 'done'
  }

  private async chunkOrDamage(log: HeldLog, from: number, size: number): Promise<Chunk | undefined> {
    try {
      return await this.chunk(log, from, size)
    } catch (error) {
      if (!(error instanceof NodeError) || error.code !== 'STORE_DAMAGED') throw error
      await this.logs.nameDamage(log, from)
      return undefined
    }
  }

  /** What a head of this size continues at a smaller size: the root of that prefix, and the proof. */
  private async sendPrefix({ origin, from, size }: PrefixRequest, send: Send): Promise<EndReason> {
    const log = this.logs.get(origin)
    if (log === undefined) return 'unknown-log'
    if (size > sizeOf(this.shown(log))) return 'not-held'
    const root = this.logs.provenRoot(log, from)
    if (root === undefined) {
      await this.logs.nameDamage(log, Math.max(0, from - 1))
      return 'failed'
    }
    await send({ t: 'prefix', root, proof: await this.logs.consistencyProof(log, from, size) })
    return 'done'
  }

  private async sendProof(subject: Uint8Array, send: Send): Promise<EndReason> {
    const proof = this.parts.evidence.proofAgainst(subject)
    if (proof === undefined) return 'not-held'
    await send({ t: 'evidence', proof })
    return 'done'
  }

  /** The entries from `from` that fit one frame, to the end of their bundle at most. */
  async chunk(log: HeldLog, from: number, size: number): Promise<Chunk | undefined> {
    const untilBundleEnds = CHUNK_ENTRIES_MAX - (from % CHUNK_ENTRIES_MAX)
    const entries = this.logs.entries(log, from, Math.min(untilBundleEnds, size - from))
    const parts = await this.logs.parts(log, from, entries.length)
    const missing = parts.flatMap((part, at) => (part === undefined ? [from + at] : []))
    const erasures = missing.length === 0 ? [] : await erasuresOf(this.logs, log, missing, size)
    const fitting = countFitting(from, entries, parts, erasures)
    if (fitting === 0) {
      // Erased above the head that was asked for: whoever asks for the newest one learns by which entry.
      if (this.logs.erasedBy(log, from) === undefined) await this.logs.nameDamage(log, from)
      return undefined
    }
    const end = from + fitting
    const proof = end === size ? [] : await this.logs.consistencyProof(log, end, size)
    const sent = parts.slice(0, fitting).map((part) => part ?? null)
    const told = erasures.filter(({ of }) => of < end)
    const bare = { from, entries: entries.slice(0, fitting), parts: sent, proof }
    const chunk = told.length === 0 ? bare : { ...bare, erasures: told }
    return (await isWhole(this.parts.primitives, this.logs, log, chunk, size)) ? chunk : undefined
  }
}

/** What a frontier is made of. */
type FrontierParts = Pick<AnswererParts, 'primitives' | 'logs' | 'endOf'> & {
  readonly evidence: Pick<Evidence, 'frozen'>
}

/**
 * SHA-256 over the complete heads of all logs: equal digests, nothing to exchange. A closed log counts by its end, whatever
 * is held above it: who holds more has nothing that the others want. Of a frozen log it counts only that it is held: its
 * branches stay where they are, and would keep two nodes apart for ever.
 */
export function frontierDigest({ primitives, logs, evidence, endOf }: FrontierParts): Uint8Array {
  const heads = logs.all().flatMap((log) => {
    const head = log.complete === undefined ? undefined : parseSignedCheckpoint(log.complete)
    if (head?.ok !== true) return []
    const { origin } = log
    return evidence.frozen(origin) === undefined
      ? [head.value.checkpoint]
      : [{ origin, size: 0, root: emptyRoot(primitives) }]
  })
  const sorted = heads.toSorted((a, b) => compare(bytesOfText(a.origin), bytesOfText(b.origin)))
  const counted = sorted.map(({ origin, size, root }) => {
    const end = endOf(origin)
    return end === undefined || size < end ? [origin, size, root] : [origin, end, null]
  })
  return primitives.sha256(encode(counted))
}

export function completeSize(log: HeldLog): number {
  return sizeOf(log.complete)
}

/** The newest signed head of a log that was ever seen here, whether its entries are held or not. */
function newestSeen(log: HeldLog | undefined): Uint8Array | undefined {
  return log === undefined || sizeOf(log.pending) <= sizeOf(log.complete) ? log?.complete : log.pending
}

/** Parts that are missing here and were not erased end a chunk: the asker goes to another peer for them. */
function countFitting(
  from: number,
  entries: readonly Uint8Array[],
  parts: readonly (PublicPart | undefined)[],
  erasures: readonly Erasure[],
): number {
  const erased = new Map(erasures.map((erasure) => [erasure.of, sizeOfErasure(erasure)]))
  let bytes = 0
  let count = 0
  for (const [offset, entry] of entries.entries()) {
    const part = parts[offset]
    const instead = erased.get(from + offset)
    if (part === undefined && instead === undefined) break
    bytes += entry.length + (part === undefined ? (instead ?? 0) : sizeOfPart(part))
    if (bytes > CHUNK_BYTES_MAX && count > 0) break
    count += 1
  }
  return count
}

function sizeOfPart({ bytes, mediaType }: PublicPart): number {
  return bytes.length + mediaType.length + 64
}

function sizeOfErasure({ entry, part, proof }: Erasure): number {
  return entry.length + sizeOfPart(part) + proof.length * 34 + 32
}

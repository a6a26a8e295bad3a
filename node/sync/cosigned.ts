/** Cosigned heads from a peer that has others than we do. Whoever sends them, only what verifies is kept. Spec 03 §13. */
import type { Connection } from '@libp2p/interface'
import { equal } from '../../protocol/bytes.ts'
import { STATED_NOTES_MAX } from '../../protocol/limits.ts'
import { ask } from '../net/ask.ts'
import type { CosignedHeads } from '../witness/cosigned-heads.ts'

/** What the exchange of heads asks of the store of cosigned heads. */
export type Cosigned = Pick<
  CosignedHeads,
  'add' | 'heed' | 'costOf' | 'noteWith' | 'get' | 'digest' | 'summaries' | 'beyond' | 'statedBy'
>

/** What asking for the statements of our own cosigners needs. */
export type Recollecting = {
  readonly domain: string
  /** False once we know all that we have to, or for a node without cosigners. */
  readonly isNeeded: () => boolean
  /** Judges a note with a line of ours, whoever sent it. */
  readonly heed: (note: Uint8Array) => Promise<void>
}

/**
 * Asks for what goes beyond ours, where the peer's digest is another. Returns the first note with a line that was forged, after
 * which nothing more of the answer is read. Throws what `ask` throws.
 */
export async function fetchCosigned(
  cosigned: Cosigned,
  protocol: string,
  connection: Connection,
  digest: Uint8Array,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  if (equal(digest, cosigned.digest())) return undefined
  const request = { t: 'cosigned', have: cosigned.summaries() } as const
  for await (const answer of ask(connection, protocol, request, signal)) {
    if (answer.t !== 'cosigned') return undefined
    const { forged } = await cosigned.add(answer.note)
    if (forged.length > 0) return answer.note
  }
  return undefined
}

/**
 * Asks a peer what it knows of the last statements of our own cosigners, and has each judged. True once all of it was heard.
 * Throws what `ask` throws.
 */
export async function fetchStated(
  { domain, heed }: Recollecting,
  protocol: string,
  connection: Connection,
  signal: AbortSignal,
): Promise<boolean> {
  let count = 0
  for await (const answer of ask(connection, protocol, { t: 'stated', domain }, signal)) {
    if (answer.t === 'end') return answer.reason === 'done'
    if (answer.t !== 'cosigned' || count === STATED_NOTES_MAX) return false
    count += 1
    await heed(answer.note)
  }
  return false
}

/** Where an audit takes a log from. Nothing that comes from a source is believed: the audit checks all of it. */
import type { Client } from '../node/api/client.ts'
import type { PublicPart } from '../protocol/codec/part.ts'
import type { HashedLeaves } from '../protocol/log/merkle.ts'

/** `parts` is undefined where they were not wanted or are not there. */
export type RawBundle = { readonly entries: Uint8Array; readonly parts: Uint8Array | undefined }

export type LeafSource = {
  readonly origin: string
  /** The signed note of the head that the leaves are to lead to. */
  readonly head: () => Promise<Uint8Array>
  /** Up to `count` entries from `from`: fewer where the source's own portions end, none where it lacks them. */
  readonly entries: (from: number, count: number) => Promise<readonly Uint8Array[]>
  /** The public parts of as many entries from `from`; null where one is not there. */
  readonly parts: (from: number, count: number) => Promise<readonly (PublicPart | null)[]>
  /** Heads of this log with the cosignatures of others on them, oldest first: what bounds the time of its entries. */
  readonly cosigned?: () => Promise<readonly Uint8Array[]>
  /** Files that may prove two histories of this log; a source without any says nothing about that. */
  readonly proofs?: () => Promise<readonly Uint8Array[]>
  /**
   * The entries of a whole bundle of 256 and, where they are wanted, their parts, as the bytes in which they are published
   * (C2SP entry bundle, spec 10 §3): for sources that have them so. They are read where they are judged. Undefined where
   * the source lacks them.
   */
  readonly bundle?: (index: number, withParts: boolean) => Promise<RawBundle | undefined>
  /** Hears the leaf hashes of each such bundle, in order. */
  readonly onHashes?: (leaves: HashedLeaves) => Promise<void>
}

/** A log as a node hands it over. Entries and parts come in one answer, which is kept until the next. */
export function nodeSource(
  client: Pick<Client, 'head' | 'entries' | 'evidenceList' | 'evidenceFile' | 'quorumHeads'>,
  origin: string,
): LeafSource {
  let last: Awaited<ReturnType<Client['entries']>> | undefined
  const answer = async (from: number, count: number) => {
    const isHeld = last !== undefined && last.from <= from && from < last.from + last.entries.length
    if (!isHeld) last = await client.entries(origin, from, count)
    return last
  }
  return {
    origin,
    head: () => client.head(origin),
    cosigned: async () => (await client.quorumHeads(origin)).map((note) => Buffer.from(note, 'utf8')),
    proofs: async () => {
      // What freezes nothing, because the log was closed before, convicts nobody here either. A node that says so of
      // another proof does no more than one that withholds it.
      const about = (await client.evidenceList()).filter(
        (proof) => proof.origin === origin && proof.freezes !== false,
      )
      return Promise.all(about.map(({ id }) => client.evidenceFile(id)))
    },
    entries: async (from, count) => {
      const got = await answer(from, count)
      return got === undefined ? [] : got.entries.slice(from - got.from, from - got.from + count)
    },
    parts: async (from, count) => {
      const got = await answer(from, count)
      const views = got === undefined ? [] : got.parts.slice(from - got.from, from - got.from + count)
      return views.map((view) =>
        view === null ? null : { opening: view[0], mediaType: view[1], bytes: view[2] },
      )
    },
  }
}

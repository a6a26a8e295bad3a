/**
 * A statement that another process of this home signed, on its way to the node that writes the log. The root key
 * signs in a process that lives for one act; the node checks what comes like anybody else would.
 */
import { encode, parse } from '../../protocol/codec/cbor.ts'
import { DOCUMENT_MEDIA_TYPE, type PublicPart } from '../../protocol/codec/part.ts'
import { parseEntry } from '../../protocol/codec/statement.ts'
import { hasKeys, isBytes, isList, isMap } from '../../protocol/codec/value.ts'
import { NodeError } from '../errors.ts'
import type { Proposed } from './appender.ts'

/** Statements in one act: a new key and the retirement of those before it. */
const PROPOSALS_MAX = 64

export function printProposals(proposed: readonly Proposed[]): Uint8Array {
  return encode(
    proposed.map(({ entry, part, kept }) => ({
      entry: entry.bytes,
      opening: part.opening,
      public: part.bytes,
      partner: kept.partner[0] ?? null,
      research: kept.research[0] ?? null,
    })),
  )
}

export function readProposals(bytes: Uint8Array): readonly Proposed[] {
  const read = parse(bytes)
  if (!read.ok || !isList(read.value) || read.value.length > PROPOSALS_MAX) throw strange()
  return read.value.map((one): Proposed => {
    if (!isMap(one) || !hasKeys(one, 'entry', 'opening', 'public', 'partner', 'research')) throw strange()
    const { opening, partner, research } = one
    if (!isBytes(opening, 32) || !isBytes(partner, 32) || !isBytes(research, 32)) throw strange()
    if (!(one['entry'] instanceof Uint8Array) || !(one['public'] instanceof Uint8Array)) throw strange()
    const entry = parseEntry(one['entry'])
    if (!entry.ok) throw strange()
    const part: PublicPart = { opening, mediaType: DOCUMENT_MEDIA_TYPE, bytes: one['public'] }
    return { entry: entry.value, part, kept: { partner: [partner], research: [research] } }
  })
}

function strange(): NodeError {
  return new NodeError('BAD_INPUT', 'this is not a signed statement of this home')
}

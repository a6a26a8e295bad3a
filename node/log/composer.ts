/**
 * Makes statements of ours out of content: draws openings and secrets, commits to all three parts, signs, and
 * seals what must not be read from the disk. DESIGN §2.
 */
import { assert } from '../../protocol/assert.ts'
import { printBase32 } from '../../protocol/bytes.ts'
import { encode, type Value } from '../../protocol/codec/cbor.ts'
import { flatten, makeItemTree } from '../../protocol/codec/items.ts'
import {
  ABSENT_PART,
  commit,
  DOCUMENT_MEDIA_TYPE,
  publicContent,
  type PartContent,
  type PublicPart,
  type Tier,
} from '../../protocol/codec/part.ts'
import { isMap } from '../../protocol/codec/value.ts'
import { prepareEntry, sealEntry, type Statement, type Target } from '../../protocol/codec/statement.ts'
import { HOUR_SECONDS, type Header } from '../../protocol/codec/header.ts'
import { ENTRY_BYTES_MAX, ITEMS_MAX, PUBLIC_PART_BYTES_MAX } from '../../protocol/limits.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import { withCount } from '../../protocol/redaction/count.ts'
import { NodeError } from '../errors.ts'
import type { Clock, Operation, Random, Signer } from '../ports.ts'
import type { KeptPart } from '../store/vault.ts'
import type { Proposed } from './appender.ts'

/** Bytes of both restricted documents: the vault keeps them in one value of at most 1 MiB. */
const RESTRICTED_BYTES_MAX = 900_000

const NOTHING = new Uint8Array(0)

export type Content = {
  readonly kind: string
  /** 16 bytes; drawn when absent, for a new record. */
  readonly record?: Uint8Array
  readonly version?: number
  readonly on?: Target
  /** Undefined for the kinds that say nothing in public. */
  readonly public: Value | undefined
  readonly partner?: Value
  readonly research?: Value
  /** Rows that must stand or fall with the entry. */
  readonly alongside?: (index: number, record: Uint8Array) => readonly Operation[]
}

export type Composed = Proposed & { readonly record: Uint8Array; readonly version: number }

export type ComposerParts = {
  readonly primitives: Primitives
  readonly origin: string
  readonly signer: Signer
  readonly random: Random
  readonly clock: Clock
}

/** A statement whose signature is still missing: signatures are made many at a time, on other threads. */
export type Unsigned = {
  readonly toBeSigned: Uint8Array
  readonly finish: (signature: Uint8Array) => Composed
}

/** Makes statements of all this content, in its order. */
export async function composeMany(
  parts: ComposerParts,
  contents: readonly Content[],
): Promise<readonly Composed[]> {
  const unsigned = contents.map((content) => compose(parts, content))
  const signatures = await parts.signer.signMany(unsigned.map(({ toBeSigned }) => toBeSigned))
  return unsigned.map(({ finish }, index) => {
    const signature = signatures[index]
    assert(signature !== undefined, 'a signature for each statement')
    return finish(signature)
  })
}

export function compose(parts: ComposerParts, content: Content): Unsigned {
  const { primitives, origin, random } = parts
  const record = content.record ?? random.bytes(16)
  const version = content.version ?? 1
  const bytes = content.public === undefined ? NOTHING : encode(content.public)
  if (bytes.length > PUBLIC_PART_BYTES_MAX) {
    throw new NodeError(
      'BAD_INPUT',
      `the public part has ${bytes.length} bytes; at most ${PUBLIC_PART_BYTES_MAX} are allowed`,
    )
  }
  refuseTooLarge(content)
  const fresh = random.bytes(160)
  const mediaType = content.public === undefined ? '' : DOCUMENT_MEDIA_TYPE
  const part: PublicPart = { opening: fresh.slice(0, 32), mediaType, bytes }
  const partner = restricted(primitives, fresh.slice(32, 64), fresh.slice(64, 96), content.partner)
  const research = restricted(primitives, fresh.slice(96, 128), fresh.slice(128, 160), researchOf(content))
  const place = (tier: Tier) => ({ issuer: origin, record, version, tier })
  const statement: Statement = {
    kind: content.kind,
    record,
    version,
    on: content.on ?? null,
    parts: [
      commit(primitives, part.opening, place('public'), publicContent(primitives, part.mediaType, bytes)),
      commit(primitives, partner.opening, place('partner'), partner.content),
      commit(primitives, research.opening, place('research'), research.content),
    ],
  }
  const header = headerOf(parts, record)
  const prepared = prepareEntry(statement, header)
  const kept = { partner: partner.kept, research: research.kept }
  const rows = content.alongside
  const alongside = rows === undefined ? {} : { alongside: (index: number) => rows(index, record) }
  const finish = (signature: Uint8Array): Composed => {
    const entryBytes = sealEntry(prepared, signature)
    assert(entryBytes.length <= ENTRY_BYTES_MAX, 'a statement of ours fits an entry')
    const entry = { bytes: entryBytes, header, statement, toBeSigned: prepared.toBeSigned, signature }
    return { entry, part, kept, ...alongside, record, version }
  }
  return { toBeSigned: prepared.toBeSigned, finish }
}

type Restricted = { readonly opening: Uint8Array; readonly content: PartContent; readonly kept: KeptPart }

/** A restricted part: its opening and, where there is content, the tier secret and the document. */
function restricted(
  primitives: Primitives,
  opening: Uint8Array,
  secret: Uint8Array,
  document: Value | undefined,
): Restricted {
  if (document === undefined) return { opening, content: ABSENT_PART, kept: [opening] }
  const counted = isMap(document) ? withCount(document) : document
  const tree = makeItemTree(primitives, secret, flatten(counted))
  return { opening, content: tree.content, kept: [opening, secret, counted] }
}

/** Restricted documents are sealed and sent whole; what is larger belongs into a data set. */
function refuseTooLarge(content: Content): void {
  const documents = [content.partner, researchOf(content)].filter((one) => one !== undefined)
  if (documents.length === 0) return
  const items = Math.max(...documents.map((one) => flatten(one).length))
  if (items > ITEMS_MAX) {
    throw new NodeError('BAD_INPUT', `a restricted part has ${items} items; at most ${ITEMS_MAX} are allowed`)
  }
  const bytes = documents.map((one) => encode(one).length).reduce((sum, one) => sum + one, 0)
  if (bytes > RESTRICTED_BYTES_MAX) {
    throw new NodeError(
      'BAD_INPUT',
      `the partner and research parts take ${bytes} bytes together; at most ${RESTRICTED_BYTES_MAX} are allowed`,
    )
  }
}

/** The research part contains every partner path, so that nothing a partner was told is outside it. */
function researchOf(content: Content): Value | undefined {
  if (content.research === undefined) return undefined
  const partner = isMap(content.partner) ? content.partner : {}
  return isMap(content.research) ? { ...partner, ...content.research } : content.research
}

function headerOf(parts: ComposerParts, record: Uint8Array): Header {
  const seconds = Math.floor(parts.clock.now() / 1_000)
  return {
    algorithm: -8,
    keyId: parts.signer.keyId,
    issuer: parts.origin,
    subject: printBase32(record),
    issuedAt: seconds - (seconds % HOUR_SECONDS),
  }
}

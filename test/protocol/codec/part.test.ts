import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  ABSENT_PART,
  checkPublicPart,
  commit,
  DOCUMENT_MEDIA_TYPE,
  placeOf,
  publicContent,
  TIERS,
  type PartContent,
  type PartFault,
  type PublicPart,
  type Tier,
} from '../../../protocol/codec/part.ts'
import { PUBLIC_PART_BYTES_MAX } from '../../../protocol/limits.ts'
import { portable } from '../../../protocol/primitives.ts'
import { OPENING } from '../../support/item-cases.ts'
import { bytes, hex } from '../../support/notation.ts'
import {
  counting,
  entryOf,
  headerFor,
  OTHER_ORIGIN,
  sealedEntry,
  STATEMENT,
} from '../../support/statements.ts'
import { bitFlips } from '../../support/values.ts'
import { readVectors } from '../../support/vectors.ts'

type Vectors = {
  readonly opening: string
  readonly issuer: string
  readonly record: string
  readonly version: number
  readonly commitments: readonly {
    readonly name: string
    readonly tier: Tier
    readonly mediaType: string
    readonly root: string
    readonly length: number
    readonly commitment: string
  }[]
}

const vectors = readVectors<Vectors>('part.json')

/** An entry that commits to this public content. */
function committing(content: PartContent) {
  const place = placeOf({ header: headerFor(STATEMENT), statement: STATEMENT }, 'public')
  const [, partner, research] = STATEMENT.parts
  const parts = [commit(portable, OPENING, place, content), partner, research] as const
  return entryOf(sealedEntry({ ...STATEMENT, parts }))
}

const DOCUMENT: PublicPart = { opening: OPENING, mediaType: DOCUMENT_MEDIA_TYPE, bytes: counting(100, 0) }
const entry = committing(publicContent(portable, DOCUMENT.mediaType, DOCUMENT.bytes))
const faultOf = (part: PublicPart, committed = entry) => {
  const checked = checkPublicPart(portable, committed, part)
  return checked.ok ? undefined : checked.fault
}

describe('commit', () => {
  for (const { name, tier, mediaType, root, length, commitment } of vectors.commitments) {
    it(`commits to ${name} as ${tier} part`, () => {
      const place = { issuer: vectors.issuer, record: bytes(vectors.record), version: vectors.version, tier }
      const content = { mediaType, root: bytes(root), length }
      assert.equal(hex(commit(portable, bytes(vectors.opening), place, content)), commitment)
    })
  }

  it('binds every field of place, content and opening', () => {
    const place = placeOf(entry, 'public')
    const content = publicContent(portable, DOCUMENT.mediaType, DOCUMENT.bytes)
    const other = counting(32, 9)
    const all = [
      commit(portable, OPENING, place, content),
      commit(portable, other, place, content),
      commit(portable, OPENING, { ...place, issuer: OTHER_ORIGIN }, content),
      commit(portable, OPENING, { ...place, record: other.slice(16) }, content),
      commit(portable, OPENING, { ...place, version: 2 }, content),
      commit(portable, OPENING, { ...place, tier: 'partner' }, content),
      commit(portable, OPENING, { ...place, tier: 'research' }, content),
      commit(portable, OPENING, place, { ...content, mediaType: 'text/plain' }),
      commit(portable, OPENING, place, { ...content, root: other }),
      commit(portable, OPENING, place, { ...content, length: 101 }),
      commit(portable, OPENING, place, ABSENT_PART),
    ]
    assert.equal(new Set(all.map(hex)).size, all.length)
  })

  it('gives 32 bytes for a part of any length, an absent one included', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(...TIERS), (content, tier) => {
        const place = placeOf(entry, tier)
        assert.equal(
          commit(portable, OPENING, place, publicContent(portable, 'text/plain', content)).length,
          32,
        )
        assert.equal(commit(portable, OPENING, place, ABSENT_PART).length, 32)
      }),
    )
  })
})

describe('checkPublicPart', () => {
  const longType = (length: number) => `a/${'b'.repeat(length - 2)}`
  const faults: readonly { name: string; part: Partial<PublicPart>; fault: PartFault | undefined }[] = [
    { name: 'the part committed to', part: {}, fault: undefined },
    { name: 'an opening of 31 bytes', part: { opening: OPENING.slice(1) }, fault: 'part-opening' },
    { name: 'an opening of 33 bytes', part: { opening: counting(33, 0x51) }, fault: 'part-opening' },
    { name: 'another opening', part: { opening: counting(32, 0) }, fault: 'part-commitment' },
    { name: 'other bytes', part: { bytes: counting(100, 1) }, fault: 'part-commitment' },
    { name: 'no bytes', part: { bytes: new Uint8Array(0) }, fault: 'part-commitment' },
    { name: 'another media type', part: { mediaType: 'text/plain' }, fault: 'part-commitment' },
    { name: 'bytes without a media type', part: { mediaType: '' }, fault: 'part-media-type' },
    { name: 'a media type in capitals', part: { mediaType: 'Text/plain' }, fault: 'part-media-type' },
    {
      name: 'a media type with a parameter',
      part: { mediaType: 'text/plain;a=b' },
      fault: 'part-media-type',
    },
    { name: 'a media type of one half', part: { mediaType: 'text' }, fault: 'part-media-type' },
    { name: 'a media type with a line feed', part: { mediaType: 'text/plain\n' }, fault: 'part-media-type' },
    { name: 'a media type of 127 bytes', part: { mediaType: longType(127) }, fault: 'part-commitment' },
    { name: 'a media type of 128 bytes', part: { mediaType: longType(128) }, fault: 'part-media-type' },
    {
      name: 'more than 64 KiB',
      part: { bytes: new Uint8Array(PUBLIC_PART_BYTES_MAX + 1) },
      fault: 'part-too-long',
    },
  ]
  for (const { name, part, fault } of faults) {
    it(`${fault === undefined ? 'accepts' : 'refuses'} ${name}`, () => {
      assert.equal(faultOf({ ...DOCUMENT, ...part }), fault)
    })
  }

  it('refuses what breaks a bound even when the author committed to it', () => {
    const long = { ...DOCUMENT, bytes: new Uint8Array(PUBLIC_PART_BYTES_MAX + 1) }
    const wide = { ...DOCUMENT, mediaType: longType(300) }
    const untyped = { ...DOCUMENT, mediaType: '' }
    const refusals = [long, wide, untyped].map((part) =>
      faultOf(part, committing(publicContent(portable, part.mediaType, part.bytes))),
    )
    assert.deepEqual(refusals, ['part-too-long', 'part-media-type', 'part-media-type'])
  })

  it('proves that an absent part is absent, and tells it from an empty one', () => {
    const none = { opening: OPENING, mediaType: '', bytes: new Uint8Array(0) }
    const empty = { ...none, mediaType: 'text/plain' }
    const absent = committing(ABSENT_PART)
    assert.equal(faultOf(none, absent), undefined)
    assert.equal(faultOf(empty, absent), 'part-commitment')
    assert.equal(faultOf(none), 'part-commitment')
  })

  it('refuses every flipped bit of opening and bytes', () => {
    for (const opening of bitFlips(OPENING))
      assert.equal(faultOf({ ...DOCUMENT, opening }), 'part-commitment')
    for (const flipped of bitFlips(DOCUMENT.bytes))
      assert.equal(faultOf({ ...DOCUMENT, bytes: flipped }), 'part-commitment')
  })
})

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import {
  accessDocument,
  accessId,
  isSigned,
  parseAccess,
  prepareAccess,
  readAccessDocument,
  sealAccess,
} from '../../../protocol/access/signed.ts'
import { native } from '../../../node/keys/native.ts'
import { ABSENT_PART, commit, type PartContent, type Tier } from '../../../protocol/codec/part.ts'
import { parseEntry } from '../../../protocol/codec/statement.ts'
import { flatten, makeItemTree } from '../../../protocol/codec/items.ts'
import { verifySignature } from '../../../protocol/identity/signature.ts'
import { portable } from '../../../protocol/primitives.ts'
import { REQUEST } from '../../support/access-facts.ts'
import { accessVectorText, REFUSED, signedOf, STATEMENTS } from '../../support/access-vectors.ts'
import { TIER_SECRET } from '../../support/item-cases.ts'
import { hex } from '../../support/notation.ts'
import {
  counting,
  entryOf,
  ORIGIN,
  publicKeyOf,
  sealedEntry,
  SEED,
  STATEMENT,
} from '../../support/statements.ts'
import { bitFlips } from '../../support/values.ts'

describe('statements of an access', () => {
  it('are those of the vectors, byte for byte', () => {
    assert.equal(readFileSync('test/vectors/access/statements.json', 'utf8'), accessVectorText())
  })

  for (const [name, statement] of STATEMENTS) {
    it(`print and parse ${name} to the same bytes`, () => {
      const signed = signedOf(statement)
      const read = parseAccess(signed.bytes)
      assert.ok(read.ok, read.ok ? '' : read.fault)
      assert.deepEqual(read.value, signed)
      const again = sealAccess(prepareAccess(read.value.statement, read.value.keyId), read.value.signature)
      assert.deepEqual(again, signed.bytes)
      assert.ok(verifySignature(portable, publicKeyOf(SEED), read.value.toBeSigned, read.value.signature))
      assert.ok(isSigned(read.value, statement.kind))
    })
  }

  for (const { name, bytes, fault } of REFUSED) {
    it(`refuse ${name}: ${fault}`, () => {
      const read = parseAccess(bytes)
      assert.equal(read.ok ? 'accepted' : read.fault, fault)
    })
  }

  it('are never taken for an entry, nor an entry for one of them', () => {
    assert.ok(!parseEntry(signedOf(REQUEST).bytes).ok)
    assert.deepEqual(parseAccess(sealedEntry(STATEMENT)), { ok: false, fault: 'access-header' })
  })

  it('have another id whenever anything but the signature changes', () => {
    const signed = signedOf(REQUEST)
    const own = hex(accessId(portable, signed))
    let changedIds = 0
    for (const changed of bitFlips(signed.bytes)) {
      const read = parseAccess(changed)
      if (!read.ok) continue
      const isSame = hex(read.value.signature) !== hex(signed.signature)
      assert.equal(hex(accessId(portable, read.value)) === own, isSame)
      if (isSame || changedIds++ % 100 !== 0) continue
      assert.ok(!verifySignature(native, publicKeyOf(SEED), read.value.toBeSigned, read.value.signature))
    }
    assert.ok(changedIds > 1_000)
  })

  it('throw on a statement that no reader would accept', () => {
    const { keyId } = signedOf(REQUEST)
    assert.throws(() => prepareAccess({ ...REQUEST, until: REQUEST.at }, keyId), /^Error: bug: /)
  })
})

describe('the document of an access leaf', () => {
  it('holds one statement whole, in a tree whose size does not tell its length', () => {
    for (const [, statement] of STATEMENTS) {
      const document = accessDocument(signedOf(statement))
      assert.deepEqual(readAccessDocument(document), { ok: true, value: signedOf(statement) })
      assert.equal(makeItemTree(portable, TIER_SECRET, flatten(document)).content.length, 16)
    }
  })

  it('gives an observer leaves that differ in random bytes alone, whatever they hold', () => {
    const view = STATEMENTS.map(([, statement], number) => {
      const [record, opening] = [counting(16, number), counting(32, number)]
      const { content } = makeItemTree(
        portable,
        counting(32, 0x30 + number),
        flatten(accessDocument(signedOf(statement))),
      )
      const commitmentOf = (tier: Tier, of: PartContent) =>
        commit(portable, opening, { issuer: ORIGIN, record, version: 1, tier }, of)
      const parts = [
        commitmentOf('public', ABSENT_PART),
        commitmentOf('partner', ABSENT_PART),
        commitmentOf('research', content),
      ] as const
      const entry = entryOf(sealedEntry({ kind: 'access', record, version: 1, on: null, parts }))
      const { kind, version, on } = entry.statement
      const { subject: _random, ...header } = entry.header
      return {
        bytes: entry.bytes.length,
        kind,
        version,
        on,
        header,
        commitments: parts.map(({ length }) => length),
      }
    })
    for (const one of view) assert.deepEqual(one, view[0])
  })

  it('is refused with anything besides', () => {
    const { bytes: access } = signedOf(REQUEST)
    for (const document of [
      { v: 2, access },
      { access },
      { v: 1, access, note: 1 },
      { v: 1, access: 'x' },
      [access],
    ])
      assert.deepEqual(readAccessDocument(document), { ok: false, fault: 'access-content' })
  })
})

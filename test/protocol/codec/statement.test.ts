import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Sign1 } from '@auth0/cose'
import fc from 'fast-check'
import { decode as decodeCborg } from 'cborg'
import { printBase32 } from '../../../protocol/bytes.ts'
import type { Header } from '../../../protocol/codec/header.ts'
import {
  parseEntry,
  prepareEntry,
  sealEntry,
  statementId,
  toBeSignedOf,
  type EntryFault,
  type Head,
  type Statement,
} from '../../../protocol/codec/statement.ts'
import { admitKey, type KeyId } from '../../../protocol/identity/key.ts'
import { verifySignature } from '../../../protocol/identity/signature.ts'
import { branded } from '../../../protocol/brand.ts'
import { ENTRY_BYTES_MAX } from '../../../protocol/limits.ts'
import { portable } from '../../../protocol/primitives.ts'
import { bytes, hex } from '../../support/notation.ts'
import { sharedOrSkip } from '../../support/shared.ts'
import {
  counting,
  entryOf,
  FULL_STATEMENT,
  headerFor,
  NETWORK_ID,
  ORIGIN,
  publicKeyOf,
  sealedEntry,
  SEED,
  STATEMENT,
} from '../../support/statements.ts'
import { bitFlips, mutants } from '../../support/values.ts'
import { readVectors } from '../../support/vectors.ts'

type Vectors = {
  readonly publicKey: string
  readonly accepted: readonly {
    readonly name: string
    readonly header: Record<string, unknown>
    readonly toBeSigned: string
    readonly statementId: string
    readonly entry: string
  }[]
  readonly refused: readonly { readonly name: string; readonly entry: string; readonly fault: EntryFault }[]
}

const vectors = readVectors<Vectors>('statement.json')
const key = publicKeyOf(SEED)

const hashes = fc.uint8Array({ minLength: 32, maxLength: 32 })
const origins = fc
  .tuple(fc.constantFrom('a.example', 'sub.b-c.example', `${'x'.repeat(60)}.example`), fc.nat(999_999_998))
  .map(([domain, epoch]) => `${domain}/candor/${NETWORK_ID}/${epoch + 1}`)
const heads: fc.Arbitrary<Head> = fc.record(
  { origin: origins, size: fc.maxSafeNat(), root: hashes },
  { noNullPrototype: true },
)
const statements: fc.Arbitrary<Statement> = fc.record(
  {
    kind: fc.stringMatching(/^[a-z][a-z-]{0,31}$/),
    record: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    version: fc.maxSafeNat().filter((version) => version > 0),
    on: fc.option(
      fc.record({ origin: origins, index: fc.maxSafeNat(), leaf: hashes }, { noNullPrototype: true }),
    ),
    parts: fc.tuple(hashes, hashes, hashes),
    seen: fc.array(heads, { minLength: 1, maxLength: 8 }),
  },
  { requiredKeys: ['kind', 'record', 'version', 'on', 'parts'], noNullPrototype: true },
)
const headers: fc.Arbitrary<Omit<Header, 'subject'>> = fc.record(
  {
    algorithm: fc.constantFrom(-8, -19),
    keyId: hashes.map((id) => branded<KeyId>(id)),
    issuer: origins,
    issuedAt: fc.nat(70_000_000).map((hours) => hours * 3_600),
  },
  { noNullPrototype: true },
)

describe('parseEntry', () => {
  for (const { name, header, toBeSigned, statementId: id, entry } of vectors.accepted) {
    it(`reads ${name}`, () => {
      const read = entryOf(bytes(entry))
      assert.equal(hex(read.toBeSigned), toBeSigned)
      assert.equal(hex(statementId(portable, read)), id)
      assert.deepEqual({ ...read.header, keyId: hex(read.header.keyId) }, header)
      assert.ok(verifySignature(portable, key, read.toBeSigned, read.signature))
    })
  }

  for (const { name, entry, fault } of vectors.refused) {
    it(`refuses ${name}: ${fault}`, () => {
      assert.deepEqual(parseEntry(bytes(entry)), { ok: false, fault })
    })
  }

  it('has an example of every fault', () => {
    const all: Record<EntryFault, true> = {
      'entry-too-long': true,
      'entry-envelope': true,
      'entry-header': true,
      'entry-statement': true,
      'entry-subject': true,
    }
    const provoked = new Set(vectors.refused.map((one) => one.fault))
    assert.deepEqual([...provoked].sort(), Object.keys(all).sort())
  })

  it('undoes prepareEntry and sealEntry for every statement and header', () => {
    fc.assert(
      fc.property(statements, headers, (statement, rest) => {
        const header = { ...rest, subject: printBase32(statement.record) }
        const prepared = prepareEntry(statement, header)
        const sealed = sealEntry(prepared, counting(64, 0))
        assert.ok(sealed.length <= ENTRY_BYTES_MAX, 'every statement there is fits an entry')
        const read = entryOf(sealed)
        assert.deepEqual(read.statement, statement)
        assert.deepEqual(read.header, header)
        assert.equal(hex(read.toBeSigned), hex(prepared.toBeSigned))
        assert.equal(hex(sealEntry(prepareEntry(read.statement, read.header), read.signature)), hex(sealed))
      }),
      { numRuns: 300 },
    )
  })

  it('needs no bound of its own for the longest statement there is', () => {
    const label = 'x'.repeat(61)
    const origin = `${label}.${label}.xyz/candor/${NETWORK_ID}/999999999`
    const most = Number.MAX_SAFE_INTEGER
    const statement: Statement = {
      ...STATEMENT,
      kind: 'k'.repeat(32),
      version: most,
      on: { origin, index: most, leaf: counting(32, 0) },
      seen: Array.from({ length: 8 }, () => ({ origin, size: most, root: counting(32, 0) })),
    }
    const sealed = sealedEntry(statement, { issuer: origin, algorithm: -19, issuedAt: most - (most % 3_600) })
    assert.deepEqual(entryOf(sealed).statement, statement)
    assert.ok(sealed.length < ENTRY_BYTES_MAX, `${sealed.length} bytes`)
  })

  it('lets no flipped bit pass for the same statement with a good signature', () => {
    const sealed = sealedEntry(STATEMENT)
    const original = entryOf(sealed)
    const id = hex(statementId(portable, original))
    let inSignature = 0
    for (const flipped of bitFlips(sealed)) {
      const read = parseEntry(flipped)
      if (!read.ok || hex(statementId(portable, read.value)) !== id) continue
      inSignature += 1
      // One equation in eight: the whole test would cost a second and show no more.
      if (inSignature % 8 !== 1) continue
      assert.ok(!verifySignature(portable, key, read.value.toBeSigned, read.value.signature))
    }
    assert.equal(inSignature, 512, 'only bits of the signature stand outside the statement id')
  })

  it('re-encodes whatever damaged bytes it accepts', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        for (const mutant of mutants(sealedFull, seed, 100)) {
          const read = parseEntry(mutant)
          if (!read.ok) continue
          const { statement, header, signature } = read.value
          assert.equal(hex(sealEntry(prepareEntry(statement, header), signature)), hex(mutant))
        }
      }),
    )
  })

  it('names statements by what was signed, so that two signatures make one id', () => {
    const one = entryOf(sealedEntry(STATEMENT))
    const prepared = prepareEntry(STATEMENT, headerFor(STATEMENT))
    const other = entryOf(sealEntry(prepared, counting(64, 7)))
    assert.notEqual(hex(one.bytes), hex(other.bytes))
    assert.equal(hex(statementId(portable, one)), hex(statementId(portable, other)))
  })
})

/** Reads through tag 18. */
const TAGS = { 18: (content: () => unknown) => content() }
const sealedFull = sealedEntry(FULL_STATEMENT)

describe('prepareEntry', () => {
  const header = headerFor(STATEMENT)
  const bugs: readonly [string, () => unknown][] = [
    ['a kind that no reader accepts', () => prepareEntry({ ...STATEMENT, kind: 'Incident' }, header)],
    ['version 0', () => prepareEntry({ ...STATEMENT, version: 0 }, header)],
    ['no heads seen', () => prepareEntry({ ...STATEMENT, seen: [] }, header)],
    [
      'a subject that is another record',
      () => prepareEntry({ ...STATEMENT, record: counting(16, 0) }, header),
    ],
    ['a time within an hour', () => prepareEntry(STATEMENT, { ...header, issuedAt: 1 })],
    ['a time before 1970', () => prepareEntry(STATEMENT, { ...header, issuedAt: -3_600 })],
    ['an issuer that is no origin', () => prepareEntry(STATEMENT, { ...header, issuer: 'a.example' })],
    ['a short key id', () => prepareEntry(STATEMENT, { ...header, keyId: branded<KeyId>(counting(31, 0)) })],
  ]
  for (const [name, act] of bugs) it(`throws on ${name}`, () => assert.throws(act, /^Error: bug: /))

  it('never joins a signature of another length', () => {
    assert.throws(() => sealEntry(prepareEntry(STATEMENT, header), counting(65, 0)), /bug: .*64 bytes/)
  })
})

describe('entries and COSE readers nobody here wrote', () => {
  it('@auth0/cose verifies ours, and refuses one with a changed payload', async () => {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(key).toString('base64url') }
    const publicKey = createPublicKey({ key: jwk, format: 'jwk' })
    const sealed = sealedEntry(FULL_STATEMENT)
    await Sign1.decode(sealed).verify(publicKey)
    const changed = Uint8Array.from(sealed)
    const at = sealed.length - 80
    changed[at] = (changed[at] ?? 0) ^ 1
    await assert.rejects(Sign1.decode(changed).verify(publicKey))
  })

  it('cborg reads the same members of the envelope and the header', () => {
    const read = decodeCborg(sealedFull, { tags: TAGS, useMaps: true })
    assert.ok(Array.isArray(read))
    const [protectedBytes, unprotected, payload, signature] = read
    assert.ok(unprotected instanceof Map && unprotected.size === 0)
    assert.equal(hex(toBeSignedOf(protectedBytes, payload)), hex(entryOf(sealedFull).toBeSigned))
    assert.equal(hex(signature), hex(entryOf(sealedFull).signature))
    const header: unknown = decodeCborg(protectedBytes, { useMaps: true })
    const claims = new Map<number, unknown>([
      [1, ORIGIN],
      [2, printBase32(FULL_STATEMENT.record)],
      [6, 1_767_225_600],
    ])
    const { keyId } = headerFor(FULL_STATEMENT)
    assert.deepEqual(
      header,
      new Map<number, unknown>([
        [1, -8],
        [3, 'application/vnd.candor.statement+cbor'],
        [4, keyId],
        [15, claims],
      ]),
    )
  })

  it('makes the bytes to be signed of the EdDSA example of the COSE working group', function () {
    const path = sharedOrSkip(this, 'vectors', 'cose-wg-Examples', 'eddsa-examples', 'eddsa-sig-01.json')
    const example = JSON.parse(readFileSync(path, 'utf8'))
    const [protectedBytes, , payload, signature] = decodeCborg(bytes(example.output.cbor), {
      tags: TAGS,
      useMaps: true,
    })
    const toBeSigned = toBeSignedOf(protectedBytes, payload)
    assert.equal(hex(toBeSigned).toUpperCase(), example.intermediates.ToBeSign_hex)
    const theirs = admitKey(bytes(example.input.sign0.key.x_hex))
    assert.ok(theirs.ok)
    assert.ok(verifySignature(portable, theirs.value, toBeSigned, signature))
    assert.deepEqual(parseEntry(bytes(example.output.cbor)), { ok: false, fault: 'entry-envelope' })
  })

  it('makes the bytes to be signed of their untagged ES256 example too', function () {
    const path = sharedOrSkip(this, 'vectors', 'cose-wg-Examples', 'sign1-tests', 'sign-pass-03.json')
    const example = JSON.parse(readFileSync(path, 'utf8'))
    const [protectedBytes, , payload] = decodeCborg(bytes(example.output.cbor), { useMaps: true })
    const toBeSigned = hex(toBeSignedOf(protectedBytes, payload)).toUpperCase()
    assert.equal(toBeSigned, example.intermediates.ToBeSign_hex)
  })
})

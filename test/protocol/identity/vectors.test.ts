import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { native, signerOf } from '../../../node/keys/native.ts'
import { parsePhrase, printPhrase, rootSeed } from '../../../node/keys/phrase.ts'
import { printHex } from '../../../protocol/bytes.ts'
import {
  charterMessage,
  networkIdOf,
  printDocument,
  unsignedBy,
} from '../../../protocol/governance/charter.ts'
import { readCharter } from '../../../protocol/governance/charter-file.ts'
import { possessionMessage } from '../../../protocol/identity/epoch.ts'
import { admitKey, keyId } from '../../../protocol/identity/key.ts'
import { readDescriptor } from '../../../protocol/identity/member.ts'
import { verifySignature } from '../../../protocol/identity/signature.ts'
import { portable } from '../../../protocol/primitives.ts'
import { charterOf, documentOf, founder } from '../../support/founders.ts'
import { keyVectors } from '../../support/key-vectors.ts'
import { readVectors } from '../../support/vectors.ts'

type Vectors = {
  phrase: { words: string; entropy: string; seed: string; publicKey: string }
  possession: { origin: string; publicKey: string; keyId: string; message: string; signature: string }
  descriptor: { root: string; file: string }
  charter: {
    document: string
    networkId: string
    message: string
    signed: string
    unsigned: string
    refused: { fault: string; domain: string | null; file: string }[]
  }
}

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'))
const { phrase, possession, descriptor, charter } = readVectors<Vectors>('identity.json')
const [a, b] = [founder('a.example'), founder('b.example')]

describe('the vectors of epochs and keys', () => {
  it('come out of this code byte for byte', () => {
    assert.equal(keyVectors(), readFileSync('test/vectors/keys.json', 'utf8'))
  })
})

describe('the identity vectors', () => {
  it('derive the root key from the phrase', () => {
    assert.equal(printHex(parsePhrase(phrase.words)), phrase.entropy)
    assert.equal(printPhrase(bytes(phrase.entropy)), phrase.words)
    assert.equal(printHex(rootSeed(bytes(phrase.entropy))), phrase.seed)
    assert.equal(printHex(signerOf(bytes(phrase.seed)).publicKey), phrase.publicKey)
  })

  it('prove possession of a key', () => {
    const key = admitKey(bytes(possession.publicKey))
    assert.ok(key.ok)
    const id = keyId(portable, key.value)
    assert.equal(printHex(id), possession.keyId)
    const message = possessionMessage(possession.origin, 'statement', id)
    assert.equal(printHex(message), possession.message)
    assert.ok(verifySignature(portable, key.value, message, bytes(possession.signature)))
  })

  it('hold a descriptor, made and read', () => {
    assert.equal(printHex(a.descriptor(1)), descriptor.file)
    const read = readDescriptor(portable, bytes(descriptor.file))
    assert.ok(read.ok && printHex(read.value.root) === descriptor.root)
  })

  it('hold a charter, made and read with and without signatures', () => {
    const document = printDocument(documentOf([a, b]))
    assert.equal(printHex(document), charter.document)
    assert.equal(networkIdOf(native, document), charter.networkId)
    assert.equal(printHex(charterMessage(native, document)), charter.message)
    assert.equal(printHex(charterOf([a, b])), charter.signed)
    for (const [file, missing] of [
      [charter.signed, []],
      [charter.unsigned, ['a.example', 'b.example']],
    ] as const) {
      const read = readCharter(portable, bytes(file))
      assert.ok(read.ok)
      assert.equal(read.value.networkId, charter.networkId)
      assert.deepEqual(unsignedBy(read.value), missing)
    }
  })

  for (const { fault, domain, file } of charter.refused) {
    it(`refuse a charter for ${fault}`, () => {
      const read = readCharter(portable, bytes(file))
      assert.ok(!read.ok)
      assert.deepEqual([read.fault, read.domain ?? null], [fault, domain])
    })
  }
})

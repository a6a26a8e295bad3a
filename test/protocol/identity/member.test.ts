import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import { signerOf } from '../../../node/keys/native.ts'
import { encode, parse, type Value } from '../../../protocol/codec/cbor.ts'
import { isMap } from '../../../protocol/codec/value.ts'
import { DOMAINS } from '../../../protocol/identity/domains.ts'
import { isAddress, isLabel, readDescriptor, signDescriptor } from '../../../protocol/identity/member.ts'
import { portable } from '../../../protocol/primitives.ts'

const root = signerOf(new Uint8Array(32).fill(1))
const node = signerOf(new Uint8Array(32).fill(2))
const descriptor = {
  domain: 'northgrid.example',
  name: 'Northgrid Énergie',
  sector: 'energy',
  root: root.publicKey,
  node: node.publicKey,
  addresses: ['/ip4/192.0.2.7/tcp/4901', '/dns4/node.northgrid.example/tcp/4901'],
  issuedAt: 1_700_000_000,
}
const file = signDescriptor(descriptor, root.sign)

/** The descriptor with other fields, properly signed by a root key that says so. */
function signedAs(change: { [key: string]: Value }, without: readonly string[] = []): Uint8Array {
  const value: { [key: string]: Value } = { v: 1, ...descriptor, ...change }
  for (const key of without) delete value[key]
  const bytes = encode(value)
  return encode({ descriptor: bytes, signature: root.sign(encode([DOMAINS.descriptor, bytes])) })
}

function faultOf(bytes: Uint8Array): string {
  const read = readDescriptor(portable, bytes)
  return read.ok ? 'none' : read.fault
}

describe('a member descriptor', () => {
  it('reads back as it was signed', () => {
    const read = readDescriptor(portable, file)
    assert.ok(read.ok)
    assert.deepEqual(
      { ...read.value, root: [...read.value.root], node: [...read.value.node] },
      { ...descriptor, root: [...root.publicKey], node: [...node.publicKey] },
    )
  })

  it('may have no address, for a node that only dials', () => {
    assert.equal(faultOf(signedAs({ addresses: [] })), 'none')
  })

  it('refuses every altered byte and every cut', () => {
    for (let i = 0; i < file.length; i += 3) {
      const altered = Uint8Array.from(file)
      altered[i] = (altered[i] ?? 0) ^ 4
      assert.notEqual(faultOf(altered), 'none', `byte ${i}`)
      assert.equal(faultOf(file.subarray(0, i)), 'descriptor-shape', `first ${i}`)
    }
  })

  it('survives any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) =>
        assert.equal(faultOf(bytes), 'descriptor-shape'),
      ),
    )
  })

  const smallOrder = new Uint8Array(32)
  smallOrder[0] = 1
  const refused: Record<string, [{ [key: string]: Value }, string, string[]?]> = {
    'another version': [{ v: 2 }, 'descriptor-shape'],
    'an unknown field': [{ extra: 1 }, 'descriptor-shape'],
    'a missing field': [{}, 'descriptor-shape', ['sector']],
    'an empty name': [{ name: '' }, 'descriptor-shape'],
    'a name over two lines': [{ name: 'a\nb' }, 'descriptor-shape'],
    'a name that is no text': [{ name: 7 }, 'descriptor-shape'],
    'a name of 201 bytes': [{ name: 'é'.repeat(100) + 'x' }, 'descriptor-shape'],
    'a negative time': [{ issuedAt: -1 }, 'descriptor-shape'],
    'a domain in capitals': [{ domain: 'Northgrid.example' }, 'descriptor-domain'],
    'a domain without a dot': [{ domain: 'northgrid' }, 'descriptor-domain'],
    'too many addresses': [{ addresses: Array(17).fill('/ip4/192.0.2.7/tcp/1') }, 'descriptor-shape'],
    'an address with a space': [{ addresses: ['/ip4/192.0.2.7 /tcp/1'] }, 'descriptor-shape'],
    'a node key of another length': [{ node: new Uint8Array(31) }, 'descriptor-key'],
    'a node key of small order': [{ node: smallOrder }, 'descriptor-key'],
    'a root key of small order': [{ root: smallOrder }, 'descriptor-key'],
    'one key for two purposes': [{ node: root.publicKey }, 'descriptor-key'],
    'the root key of somebody else': [{ root: node.publicKey, node: root.publicKey }, 'descriptor-signature'],
  }
  for (const [name, [change, expected, without]] of Object.entries(refused)) {
    it(`refuses ${name}`, () => assert.equal(faultOf(signedAs(change, without)), expected))
  }

  it('refuses a signature made for another purpose', () => {
    const outer = parse(file)
    assert.ok(outer.ok && isMap(outer.value) && outer.value['descriptor'] instanceof Uint8Array)
    const bytes = outer.value['descriptor']
    for (const message of [bytes, encode([DOMAINS.charter, bytes])]) {
      assert.equal(
        faultOf(encode({ descriptor: bytes, signature: root.sign(message) })),
        'descriptor-signature',
      )
    }
    assert.equal(faultOf(encode({ descriptor: bytes, signature: randomBytes(64) })), 'descriptor-signature')
  })
})

describe('a label', () => {
  it('takes the scripts and joiners of people', () => {
    for (const text of ['Ø', '東京電力', 'می‌خواهم', '👩‍🔬 lab', 'a b', 'x'.repeat(200)])
      assert.ok(isLabel(text), text)
  })

  it('refuses what hides, reorders or breaks text', () => {
    const points = [
      0, 9, 10, 27, 0x7f, 0x9b, 0xad, 0x200b, 0x202e, 0x2028, 0x2066, 0xfeff, 0xffff, 0xe0041, 0x10ffff,
    ]
    for (const point of points) assert.ok(!isLabel(`a${String.fromCodePoint(point)}b`), point.toString(16))
    assert.ok(!isLabel('\ud800'))
    for (const value of ['', 7, null, undefined, [], 'x'.repeat(201), '東'.repeat(67)])
      assert.ok(!isLabel(value))
  })
})

describe('an address', () => {
  it('has the form of a multiaddress', () => {
    for (const text of ['/ip4/0.0.0.0/tcp/0', '/ip6/::1/tcp/4901', '/dns4/a-b.example/tcp/1'])
      assert.ok(isAddress(text))
    for (const text of [
      '',
      '/',
      '/ip4',
      'ip4/1.2.3.4',
      '/ip4//tcp/1',
      '/ip4/1\n/tcp/1',
      '/ip4/1/',
      7,
      '/a'.repeat(101),
    ])
      assert.ok(!isAddress(text), String(text))
  })
})

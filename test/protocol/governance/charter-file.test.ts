import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { equal } from '../../../protocol/bytes.ts'
import { encode, type Value } from '../../../protocol/codec/cbor.ts'
import { printDocument, unsignedBy } from '../../../protocol/governance/charter.ts'
import {
  addSignature,
  joinCharterFiles,
  parseCharterFile,
  printCharterFile,
  readCharter,
  type CharterFile,
} from '../../../protocol/governance/charter-file.ts'
import { portable } from '../../../protocol/primitives.ts'
import { charterOf, documentOf, founder, signatureOf } from '../../support/founders.ts'

const [a, b, stranger] = [founder('a.example'), founder('b.example'), founder('z.example')]
const document = printDocument(documentOf([a, b]))
const unsigned: CharterFile = { document, signatures: [], descriptors: [] }
const signed = charterOf([a, b])

function refusal(bytes: Uint8Array): [string, string?] {
  const read = readCharter(portable, bytes)
  if (read.ok) return ['none']
  return read.domain === undefined ? [read.fault] : [read.fault, read.domain]
}

describe('a charter file', () => {
  it('reads with everything in it checked, and prints back to the same bytes', () => {
    const read = readCharter(portable, signed)
    assert.ok(read.ok)
    assert.deepEqual([...read.value.signed], ['a.example', 'b.example'])
    assert.deepEqual(read.value.descriptors.map(({ domain }) => domain).toSorted(), [
      'a.example',
      'b.example',
    ])
    const parts = parseCharterFile(signed)
    assert.ok(parts.ok)
    assert.ok(equal(printCharterFile(parts.value), signed))
  })

  it('tells which founders have not signed yet', () => {
    const read = readCharter(
      portable,
      printCharterFile({ ...unsigned, signatures: [signatureOf(b, document)] }),
    )
    assert.ok(read.ok)
    assert.deepEqual(unsignedBy(read.value), ['a.example'])
  })

  it('names the member whose signature is bad', () => {
    const signatures = [signatureOf(a, document), { ...signatureOf(a, document), domain: 'b.example' }]
    assert.deepEqual(refusal(printCharterFile({ ...unsigned, signatures })), [
      'charter-signature',
      'b.example',
    ])
    const other = printDocument({ ...documentOf([a, b]), name: 'Another' })
    const moved = printCharterFile({ ...unsigned, signatures: [signatureOf(a, other)] })
    assert.deepEqual(refusal(moved), ['charter-signature', 'a.example'])
  })

  it('refuses the signature of somebody it does not name', () => {
    const file = printCharterFile({ ...unsigned, signatures: [signatureOf(stranger, document)] })
    assert.deepEqual(refusal(file), ['charter-signer'])
  })

  it('takes the descriptor of an affiliate, and no signature of one', () => {
    const affiliates = documentOf([stranger]).members
    const named = printDocument({ ...documentOf([a, b]), affiliates })
    const file = { document: named, signatures: [], descriptors: [stranger.descriptor(1)] }
    const read = readCharter(portable, printCharterFile(file))
    assert.ok(read.ok && read.value.descriptors[0]?.domain === stranger.domain)
    const signed = printCharterFile({ ...file, signatures: [signatureOf(stranger, named)] })
    assert.deepEqual(refusal(signed), ['charter-signer'])
  })

  it('refuses descriptors of strangers, of other root keys, altered ones, and two of one member', () => {
    const impostor = founder('impostor.example')
    const posing = documentOf([{ ...impostor, domain: 'a.example' }, b])
    const cases: [Uint8Array[], Uint8Array, [string, string?]][] = [
      [[stranger.descriptor(1)], document, ['charter-descriptor']],
      [[Uint8Array.of(1)], document, ['charter-descriptor']],
      [[a.descriptor(1)], printDocument(posing), ['charter-descriptor', 'a.example']],
      [[a.descriptor(1), a.descriptor(2)], document, ['charter-descriptor', 'a.example']],
    ]
    for (const [descriptors, document, expected] of cases) {
      assert.deepEqual(refusal(printCharterFile({ document, signatures: [], descriptors })), expected)
    }
  })

  it('refuses another order, a repetition and another shape', () => {
    const [one, two] = [signatureOf(a, document), signatureOf(b, document)].map((s) => [
      s.domain,
      s.signature,
    ])
    assert.ok(one !== undefined && two !== undefined)
    const whole: { [key: string]: Value } = { v: 1, document, signatures: [], descriptors: [] }
    const sorted = [a.descriptor(1), b.descriptor(1)].toSorted(Buffer.compare)
    const changes: { [key: string]: Value }[] = [
      { v: 2 },
      { extra: 1 },
      { document: 'text' },
      { signatures: [two, one] },
      { signatures: [one, one] },
      { signatures: [['a.example', new Uint8Array(63)]] },
      { signatures: [['a.example']] },
      { signatures: [7] },
      { signatures: 7 },
      { signatures: Array(257).fill(one) },
      { descriptors: sorted.toReversed() },
      { descriptors: ['text'] },
    ]
    for (const change of changes) assert.deepEqual(refusal(encode({ ...whole, ...change })), ['charter-file'])
    assert.deepEqual(refusal(encode(whole)), ['none'])
    assert.deepEqual(refusal(encode({ ...whole, document: Uint8Array.of(1) })), ['charter-shape'])
  })

  it('refuses every altered byte and every cut, and survives any bytes', () => {
    for (let i = 0; i < signed.length; i += 29) {
      const altered = Uint8Array.from(signed)
      altered[i] = (altered[i] ?? 0) ^ 1
      assert.notDeepEqual(refusal(altered), ['none'], `byte ${i}`)
      assert.deepEqual(refusal(signed.subarray(0, i)), ['charter-file'])
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) =>
        assert.deepEqual(refusal(bytes), ['charter-file']),
      ),
    )
  })
})

describe('signing a charter apart', () => {
  it('joins into one file, whatever the order', () => {
    const copies = [a, b].map((one, index): CharterFile => {
      const added = addSignature(
        portable,
        { ...unsigned, descriptors: [a.descriptor(index)] },
        signatureOf(one, document),
      )
      assert.ok(added.ok)
      return added.value
    })
    const [left, right] = copies
    assert.ok(left !== undefined && right !== undefined)
    const joined = [joinCharterFiles(portable, left, right), joinCharterFiles(portable, right, left)].map(
      (one) => {
        assert.ok(one.ok)
        return printCharterFile(one.value)
      },
    )
    assert.deepEqual(joined[0], joined[1])
    const read = readCharter(portable, joined[0] ?? new Uint8Array(0))
    assert.ok(read.ok)
    assert.deepEqual(unsignedBy(read.value), [])
    // The newest descriptor counts.
    assert.deepEqual(
      read.value.descriptors.map(({ issuedAt }) => issuedAt),
      [1],
    )
  })

  it('takes no signature that does not hold, and keeps one of a member', () => {
    const bad = addSignature(portable, unsigned, { domain: 'a.example', signature: new Uint8Array(64) })
    assert.deepEqual(bad, { ok: false, fault: 'charter-signature', domain: 'a.example' })
    const once = addSignature(portable, unsigned, signatureOf(a, document))
    assert.ok(once.ok)
    const twice = addSignature(portable, once.value, signatureOf(a, document))
    assert.ok(twice.ok)
    assert.equal(twice.value.signatures.length, 1)
  })

  it('joins neither different charters nor a bad copy', () => {
    const other = { ...unsigned, document: printDocument({ ...documentOf([a, b]), name: 'Another' }) }
    assert.deepEqual(joinCharterFiles(portable, unsigned, other), { ok: false, fault: 'charter-different' })
    const bad = { ...unsigned, signatures: [{ domain: 'b.example', signature: new Uint8Array(64) }] }
    const joined = joinCharterFiles(portable, unsigned, bad)
    assert.deepEqual(joined, { ok: false, fault: 'charter-signature', domain: 'b.example' })
  })
})

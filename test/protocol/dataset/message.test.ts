import assert from 'node:assert/strict'
import fc from 'fast-check'
import { encode, type Value } from '../../../protocol/codec/cbor.ts'
import { grantedFiles, printMarked, readMarked } from '../../../protocol/dataset/marked.ts'
import {
  BLOB_END_REASONS,
  BLOB_MESSAGE_BYTES_MAX,
  parseBlobAnswer,
  parseBlobMessage,
  printBlobAnswer,
  printBlobConfirmation,
  printBlobRequest,
} from '../../../protocol/dataset/message.ts'
import { FILE_BLOCKS_MAX } from '../../../protocol/limits.ts'
import { counting } from '../../support/statements.ts'

const REQUEST = { v: 1, grant: counting(32, 0), root: counting(32, 1), from: 3, count: 7 }
const CONFIRMATION = { v: 1, t: 'confirm', grant: counting(32, 0), root: counting(32, 1) }
const BLOCK = { t: 'block', index: 3, nonce: counting(12, 5), tag: counting(16, 0), proof: [counting(32, 2)] }

const BAD_REQUESTS: readonly (readonly [string, Value])[] = [
  ['a list', [REQUEST]],
  ['another version', { ...REQUEST, v: 2 }],
  ['a field too many', { ...REQUEST, path: '/etc/passwd' }],
  ['a grant of 31 bytes', { ...REQUEST, grant: counting(31, 0) }],
  ['a root that is text', { ...REQUEST, root: 'x' }],
  ['a block before the first', { ...REQUEST, from: -1 }],
  ['a block that no file has', { ...REQUEST, from: FILE_BLOCKS_MAX }],
  ['no blocks', { ...REQUEST, count: 0 }],
  ['1,025 blocks', { ...REQUEST, count: 1_025 }],
  ['a request that confirms', { ...REQUEST, t: 'confirm' }],
  ['another word', { v: 1, t: 'done', grant: counting(32, 0), root: counting(32, 1) }],
  ['a confirmation of no file', { v: 1, t: 'confirm', grant: counting(32, 0) }],
  ['a confirmation in another version', { ...CONFIRMATION, v: 2 }],
  ['a confirmation with more', { ...CONFIRMATION, from: 0 }],
]

const BAD_ANSWERS: readonly (readonly [string, Value])[] = [
  ['a list', [BLOCK]],
  ['another word', { ...BLOCK, t: 'blob' }],
  ['a field too many', { ...BLOCK, bytes: 1 }],
  ['a tag of 15 bytes', { ...BLOCK, tag: counting(15, 0) }],
  ['a nonce of 13 bytes', { ...BLOCK, nonce: counting(13, 0) }],
  ['a proof that is bytes', { ...BLOCK, proof: counting(32, 0) }],
  ['a hash of 31 bytes', { ...BLOCK, proof: [counting(31, 0)] }],
  ['a proof of 19 hashes', { ...BLOCK, proof: Array.from({ length: 19 }, () => counting(32, 0)) }],
  ['an unknown reason', { t: 'end', reason: 'because' }],
  ['an end with more', { t: 'end', reason: 'done', index: 1 }],
]

describe('the messages of blob/1', () => {
  it('are read as they were written', () => {
    const { v: _, ...request } = REQUEST
    assert.deepEqual(parseBlobMessage(printBlobRequest(request)), {
      ok: true,
      value: { kind: 'request', ...request },
    })
    const { grant, root } = request
    assert.deepEqual(parseBlobMessage(printBlobConfirmation({ grant, root })), {
      ok: true,
      value: { kind: 'confirm', grant, root },
    })
    const proof = Array.from({ length: 18 }, (_, i) => counting(32, i))
    for (const answer of [
      {
        t: 'block',
        index: FILE_BLOCKS_MAX - 1,
        nonce: counting(12, 5),
        tag: counting(16, 0),
        proof,
      } as const,
      ...BLOB_END_REASONS.map((reason) => ({ t: 'end', reason }) as const),
    ]) {
      const bytes = printBlobAnswer(answer)
      assert.ok(bytes.length <= BLOB_MESSAGE_BYTES_MAX)
      assert.deepEqual(parseBlobAnswer(bytes), { ok: true, value: answer })
    }
  })

  for (const [what, value] of BAD_REQUESTS)
    it(`refuse a request with ${what}`, () =>
      assert.deepEqual(parseBlobMessage(encode(value)), { ok: false, fault: 'blob-shape' }))
  for (const [what, value] of BAD_ANSWERS)
    it(`refuse an answer with ${what}`, () =>
      assert.deepEqual(parseBlobAnswer(encode(value)), { ok: false, fault: 'blob-shape' }))

  it('refuse what is no CBOR, and what is too long to be one', () => {
    assert.deepEqual(parseBlobMessage(counting(3, 0xf0)), { ok: false, fault: 'blob-cbor' })
    assert.deepEqual(parseBlobAnswer(counting(3, 0xf0)), { ok: false, fault: 'blob-cbor' })
    assert.deepEqual(parseBlobAnswer(new Uint8Array(1_025)), { ok: false, fault: 'blob-shape' })
  })

  it('never throw, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        parseBlobMessage(bytes)
        parseBlobAnswer(bytes)
      }),
    )
  })
})

describe('the files of a grant that were made for its reader', () => {
  const file = (base: number) => ({ base: counting(32, base), root: counting(32, 9), bytes: 5 })
  const row = [counting(32, 0), counting(32, 1), 5]

  it('are read as they were written', () => {
    assert.deepEqual(readMarked(printMarked([file(1), file(2)])), [file(1), file(2)])
  })

  const refused: readonly (readonly [string, Value])[] = [
    ['none', []],
    ['a map', {}],
    ['two of one base', [row, row]],
    ['another order', printMarked([file(2), file(1)])],
    ['a row of two fields', [row.slice(0, 2)]],
    ['a base of 31 bytes', [[counting(31, 0), row[1] ?? null, 5]]],
    ['65', Array.from({ length: 65 }, (_, i) => [counting(32, i), row[1] ?? null, 5])],
    ['a length above 256 GiB', [[row[0] ?? null, row[1] ?? null, 2 ** 38 + 1]]],
  ]
  for (const [what, value] of refused)
    it(`are refused: ${what}`, () => assert.equal(readMarked(value), undefined))

  it('stand in the place of those that they are made of, and of no others', () => {
    const manifest = [1, 2, 3].map((n) => ({
      path: `f${n}`,
      bytes: 4,
      digest: null,
      content: n === 3 ? null : { root: counting(32, n), key: counting(32, 7) },
    }))
    assert.deepEqual(
      grantedFiles(manifest, [file(2), file(5)]).map(({ path, root, bytes, isMarked }) => [
        path,
        root[0],
        bytes,
        isMarked,
      ]),
      [
        ['f1', 1, 4, false],
        ['f2', 9, 5, true],
      ],
    )
  })
})

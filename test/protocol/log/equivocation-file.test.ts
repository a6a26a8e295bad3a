import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { native } from '../../../node/keys/native.ts'
import { bytesOfText } from '../../../protocol/bytes.ts'
import { EQUIVOCATION_BYTES_MAX } from '../../../protocol/limits.ts'
import { parseEquivocation, printEquivocation } from '../../../protocol/log/equivocation-file.ts'
import { proveTree } from '../../../protocol/log/equivocation-maker.ts'
import { verifyEquivocation } from '../../../protocol/log/equivocation.ts'
import { equivocationVectors, type EquivocationVectors } from '../../support/equivocation-vectors.ts'
import { LOG, forkedTree, made } from '../../support/forked.ts'
import { readVectors } from '../../support/vectors.ts'

describe('an equivocation file', () => {
  const tree = made(proveTree(native, { subject: LOG, ...forkedTree(12, 20) }))
  const text = new TextDecoder().decode(printEquivocation(native, tree))

  it('prints back to the same bytes, or is refused', () => {
    const edits = fc.record({
      at: fc.nat(text.length),
      remove: fc.nat(3),
      insert: fc.constantFrom('', '\n', ' ', '0', '=', 'A', 'é', 'proof '),
    })
    fc.assert(
      fc.property(edits, ({ at, remove, insert }) => {
        const bytes = bytesOfText(text.slice(0, at) + insert + text.slice(at + remove))
        const read = parseEquivocation(native, bytes)
        if (read.ok) assert.deepEqual(printEquivocation(native, read.value), bytes)
      }),
      { numRuns: 200 },
    )
  })

  it('is refused with the fault of the line that is wrong', () => {
    const cases: readonly (readonly [string, string])[] = [
      ['', 'equivocation-header'],
      [` ${text}`, 'equivocation-header'],
      [text.trimEnd(), 'equivocation-shape'],
      ['candor/equivocation@v1\n', 'equivocation-shape'],
      [text.replace('kind tree', 'kind  tree'), 'equivocation-kind'],
      [text.replace('\nkind tree', ''), 'equivocation-kind'],
      [text.replace('\na ', '\nA '), 'equivocation-note'],
      [text.replace('\nb ', '\nb  '), 'equivocation-note'],
      [text.replace('prefix-root ', 'prefix-root A'), 'equivocation-hash'],
      [text.replace('prefix-root ', 'prefix_root '), 'equivocation-hash'],
      [text.replace('proof ', 'Proof '), 'equivocation-hash'],
      [`${text}\n`, 'equivocation-hash'],
      [
        text +
          text
            .split('\n')
            .filter((line) => line.startsWith('proof'))
            .join('\n')
            .concat('\n')
            .repeat(20),
        'equivocation-hash',
      ],
      [text.replace('subject ', 'subject x'), 'verifier-key'],
      [text.replace('subject log', 'log'), 'verifier-key'],
    ]
    for (const [wrong, fault] of cases) {
      assert.deepEqual(
        parseEquivocation(native, bytesOfText(wrong)),
        { ok: false, fault },
        wrong.slice(0, 80),
      )
    }
    const invalid = Uint8Array.of(...bytesOfText(text), 0xff)
    assert.deepEqual(parseEquivocation(native, invalid), { ok: false, fault: 'equivocation-utf8' })
    const long = new Uint8Array(EQUIVOCATION_BYTES_MAX + 1)
    assert.deepEqual(parseEquivocation(native, long), { ok: false, fault: 'equivocation-too-long' })
  })

  it('says what the vectors say', () => {
    const vectors = readVectors<EquivocationVectors>('log/equivocation.json')
    for (const { name, file, result, sizes, commonSizeMax } of vectors.cases) {
      const read = parseEquivocation(native, bytesOfText(file))
      if (read.ok) assert.deepEqual(printEquivocation(native, read.value), bytesOfText(file), name)
      const proven = read.ok ? verifyEquivocation(native, read.value) : read
      assert.equal(proven.ok ? 'ok' : proven.fault, result, name)
      if (proven.ok)
        assert.deepEqual([proven.value.sizes, proven.value.commonSizeMax], [sizes, commonSizeMax], name)
    }
    assert.deepEqual(vectors, JSON.parse(JSON.stringify(equivocationVectors())))
  })
})

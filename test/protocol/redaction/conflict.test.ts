import assert from 'node:assert/strict'
import { encode } from '../../../protocol/codec/cbor.ts'
import { printDisclosure } from '../../../protocol/codec/disclosure.ts'
import { portable } from '../../../protocol/primitives.ts'
import { parseConflict, printConflict, verifyConflict } from '../../../protocol/redaction/conflict.ts'
import { bytes } from '../../support/notation.ts'
import { CONFLICT, REFUSED_CONFLICTS } from '../../support/redaction-vectors.ts'
import { counting } from '../../support/statements.ts'
import { readVectors } from '../../support/vectors.ts'

type Vectors = {
  readonly conflict: string
  readonly refusedConflicts: readonly {
    readonly name: string
    readonly fault: string
    readonly conflict: string
  }[]
}
const vectors = readVectors<Vectors>('redaction.json')

describe('a conflict of two leaves with one path', () => {
  it('is proven from its bytes alone, whichever way round it was found', () => {
    const swapped = { ...CONFLICT, a: CONFLICT.b, b: CONFLICT.a }
    assert.deepEqual(printConflict(swapped), printConflict(CONFLICT))
    const read = parseConflict(bytes(vectors.conflict))
    assert.ok(read.ok)
    assert.deepEqual(printConflict(read.value), bytes(vectors.conflict))
    const proven = verifyConflict(portable, read.value)
    assert.ok(proven.ok)
    assert.deepEqual(proven.value.path, ['narrative'])
  })

  for (const [name, fault, conflict] of REFUSED_CONFLICTS)
    it(`is not proven by ${name}: ${fault}`, () =>
      assert.deepEqual(verifyConflict(portable, conflict), { ok: false, fault }))

  it('is not proven by those of the vectors', () => {
    for (const { name, fault, conflict } of vectors.refusedConflicts) {
      const read = parseConflict(bytes(conflict))
      assert.deepEqual(read.ok ? verifyConflict(portable, read.value) : read, { ok: false, fault }, name)
    }
  })

  it('is not proven by one item shown twice', () => {
    assert.deepEqual(verifyConflict(portable, { ...CONFLICT, b: CONFLICT.a }), {
      ok: false,
      fault: 'conflict-none',
    })
  })

  const [a, b] = [printDisclosure(CONFLICT.a), printDisclosure(CONFLICT.b)].sort(Buffer.compare)
  const good = {
    v: 1,
    entry: CONFLICT.entry,
    tier: 'research',
    opening: CONFLICT.opening,
    a: a ?? null,
    b: b ?? null,
  }
  const malformed = [
    ['a list', 'conflict-shape', [good]],
    ['another version', 'conflict-shape', { ...good, v: 2 }],
    ['a field too many', 'conflict-shape', { ...good, note: 1 }],
    ['the public tier', 'conflict-shape', { ...good, tier: 'public' }],
    ['an opening of 31 bytes', 'conflict-shape', { ...good, opening: counting(31, 0) }],
    ['no second disclosure', 'conflict-shape', { ...good, b: null }],
    ['the wrong order', 'conflict-order', { ...good, a: good.b, b: good.a }],
    ['the same twice', 'conflict-order', { ...good, b: good.a }],
    ['a disclosure that is none', 'disclosure-cbor', { ...good, b: Uint8Array.of(0xff) }],
  ] as const
  for (const [name, fault, value] of malformed)
    it(`is refused with ${name}: ${fault}`, () =>
      assert.deepEqual(parseConflict(encode(value)), { ok: false, fault }))
})

import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { CosignerWatch, type WatchParts } from '../../../node/witness/cosigner-watch.ts'
import { parseSignedCheckpoint } from '../../../protocol/log/checkpoint.ts'
import { readCosigned, type CosignedHead } from '../../../protocol/log/cosigned-head.ts'
import { proveCosigner } from '../../../protocol/log/equivocation-maker.ts'
import type { Equivocation } from '../../../protocol/log/equivocation.ts'
import { cosigned, headOf, LEFT, LEAVES, MIRROR, RIGHT, TIME } from '../../support/forked.ts'
import { cosignatureOf, ORIGIN, testCosigner, type TestCosigner } from '../../support/notes.ts'
import { consistencyOf, primitives, rootOf, type ReferenceTree } from '../../support/tree.ts'
import { printCheckpoint } from '../../../protocol/log/checkpoint.ts'
import { printNote } from '../../../protocol/log/note.ts'

/** A watch of a node that holds this many entries of the left history. */
function watching(held = LEAVES) {
  const proven: Equivocation[] = []
  const log = { origin: ORIGIN, edge: { size: held } }
  const logs = {
    get: () => log,
    rootAt: async (_: unknown, size: number) => (size > held ? undefined : rootOf(LEFT, 0n, BigInt(size))),
    consistencyProof: async (_: unknown, from: number, size: number) =>
      consistencyOf(LEFT, BigInt(from), BigInt(size)),
  } as unknown as WatchParts['logs']
  const accuse: WatchParts['accuse'] = async ({ prefix, ...two }) => {
    const made = proveCosigner(primitives, two, prefix)
    if (made.ok) proven.push(made.value)
  }
  return { watch: new CosignerWatch({ logs, accuse }), proven }
}

/** A head as it is read, with the line of a cosigner. */
function stated(
  tree: ReferenceTree,
  size: number,
  time: number,
  cosigner: TestCosigner = MIRROR,
): CosignedHead {
  return readAs(cosigned(tree, size, time, cosigner), cosigner)
}

function readAs(note: Uint8Array, cosigner: TestCosigner): CosignedHead {
  const signed = parseSignedCheckpoint(note)
  assert.ok(signed.ok)
  const [domain = '', , role] = cosigner.name.split('/')
  assert.ok(role === 'mirror' || role === 'witness')
  return readCosigned(primitives, signed.value, [{ domain, role, key: cosigner.key }])
}

/** A head that is of no tree at all. */
function invented(size: number, time: number): CosignedHead {
  const text = printCheckpoint({ ...headOf(LEFT, size), root: new Uint8Array(32).fill(7) })
  const line = cosignatureOf(MIRROR, { text, signatures: [] }, time)
  return readAs(printNote({ text, signatures: [line] }), MIRROR)
}

describe('the watch over cosigners', () => {
  const guilty: readonly (readonly [string, CosignedHead, CosignedHead, number?])[] = [
    ['two roots of one size', stated(LEFT, 12, TIME), stated(RIGHT, 12, TIME + 60)],
    ['two roots of one size at one time', stated(LEFT, 12, TIME), stated(RIGHT, 12, TIME)],
    ['a size below one stated before', stated(LEFT, 20, TIME), stated(LEFT, 12, TIME + 1)],
    [
      'sizes that went back, where neither head is held here',
      stated(LEFT, 20, TIME),
      stated(LEFT, 12, TIME + 1),
      3,
    ],
    ['a head that the larger one does not continue', stated(RIGHT, 12, TIME), stated(LEFT, 20, TIME + 60)],
    ['an invented head below a true one', invented(12, TIME), stated(LEFT, 20, TIME + 60)],
    ['an empty head that is not empty', invented(0, TIME), stated(LEFT, 20, TIME + 60)],
  ]
  for (const [what, a, b, held] of guilty) {
    it(`proves ${what}, in whatever order they come`, async () => {
      for (const [first, second] of [
        [a, b],
        [b, a],
      ] as const) {
        const { watch, proven } = watching(held)
        await watch.look(first)
        assert.equal(proven.length, 0)
        await watch.look(second)
        assert.equal(proven.length, 1)
      }
    })

    it(`proves ${what} after a restart that knows one of them`, async () => {
      const { watch, proven } = watching(held)
      watch.learn(a)
      await watch.look(b)
      assert.equal(proven.length, 1)
    })
  }

  const innocent: readonly (readonly [string, readonly CosignedHead[], number?])[] = [
    [
      'the same head again, later and earlier',
      [stated(LEFT, 12, TIME), stated(LEFT, 12, TIME + 60), stated(LEFT, 12, TIME + 5)],
    ],
    [
      'heads that grow with time',
      [stated(LEFT, 12, TIME), stated(LEFT, 13, TIME), stated(LEFT, 20, TIME + 9)],
    ],
    [
      'old statements that come late',
      [stated(LEFT, 20, TIME + 9), stated(LEFT, 13, TIME + 5), stated(LEFT, 12, TIME)],
    ],
    ['heads of two keys', [stated(LEFT, 20, TIME), stated(LEFT, 12, TIME + 60, testCosigner(2, 'mirror'))]],
    [
      'two roles of one member',
      [stated(LEFT, 20, TIME), stated(LEFT, 12, TIME + 60, testCosigner(1, 'witness'))],
    ],
    // Nothing here says which of the two trees is the log's, and the sizes do not tell.
    ['a head of which nothing is held here', [stated(RIGHT, 12, TIME), stated(LEFT, 20, TIME + 60)], 3],
  ]
  for (const [what, heads, held] of innocent) {
    it(`finds nothing in ${what}`, async () => {
      const { watch, proven } = watching(held)
      for (const head of heads) await watch.look(head)
      assert.deepEqual(proven, [])
    })
  }

  it('never finds an honest cosigner guilty, restarted or restored, in whatever order its lines come', async () => {
    type Act = { readonly grow: number; readonly wait: number; readonly what: 'cosign' | 'restore' }
    const act: fc.Arbitrary<Act> = fc.record({
      grow: fc.nat(4),
      wait: fc.integer({ min: -20, max: 60 }),
      what: fc.constantFrom('cosign', 'cosign', 'cosign', 'restore'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 14 }), fc.array(fc.nat()), async (acts, order) => {
        const heads = honest(acts)
        const shuffled = order.flatMap((at) => heads[at % Math.max(1, heads.length)] ?? [])
        const { watch, proven } = watching()
        for (const head of [...shuffled, ...heads]) await watch.look(head)
        assert.deepEqual(proven, [])
      }),
      { numRuns: 40 },
    )
  })

  it('finds one that goes back whatever it stated since, up to a few heads', async () => {
    const { watch, proven } = watching()
    for (const [size, time] of [
      [11, 0],
      [12, 10],
      [13, 20],
      [14, 30],
      [15, 40],
    ] as const)
      await watch.look(stated(LEFT, size, TIME + time))
    await watch.look(stated(LEFT, 12, TIME + 25))
    assert.equal(proven.length, 1)
  })
})

/** What a cosigner states that keeps its record, and takes a new key where it comes back from a backup. */
function honest(
  acts: readonly { readonly grow: number; readonly wait: number; readonly what: 'cosign' | 'restore' }[],
): readonly CosignedHead[] {
  let [size, time, now, key] = [1, 0, TIME, 1]
  const backup = { size, time }
  const heads: CosignedHead[] = []
  for (const { grow, wait, what } of acts) {
    now += wait
    if (what === 'restore') {
      key += 1
      ;({ size, time } = backup)
      continue
    }
    const next = Math.min(LEAVES, size + grow)
    if (now < time) continue
    ;[size, time] = [next, now]
    heads.push(stated(LEFT, size, time, testCosigner(key, 'mirror')))
  }
  return heads
}

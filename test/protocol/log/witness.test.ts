import assert from 'node:assert/strict'
import fc from 'fast-check'
import { judgeAddCheckpoint, type WitnessRecord, type WitnessState } from '../../../protocol/log/witness.ts'
import type { AddCheckpoint } from '../../../protocol/log/add-checkpoint.ts'
import { emptyRoot } from '../../../protocol/log/merkle.ts'
import { LOG_KEY, ORIGIN, signedBytes, testKey } from '../../support/notes.ts'
import { consistencyOf, primitives, rootOf, treeOf, type ReferenceTree } from '../../support/tree.ts'

const NOW = 1_700_000_000
const leaf = (n: number, salt = 0) => primitives.sha256(Uint8Array.of(n, salt))
const TREE = treeOf(Array.from({ length: 20 }, (_, n) => leaf(n)))
/** Shares its first seven leaves with the other. */
const FORK = treeOf(Array.from({ length: 20 }, (_, n) => leaf(n, n < 7 ? 0 : 1)))

const rootAt = (tree: ReferenceTree, size: number) => rootOf(tree, 0n, BigInt(size))
const noteAt = (size: number, tree = TREE) => signedBytes({ origin: ORIGIN, size, root: rootAt(tree, size) })
const proofOf = (from: number, size: number, tree = TREE) =>
  from === 0 || from === size ? [] : consistencyOf(tree, BigInt(from), BigInt(size))
const recordAt = (size: number, time = NOW - 60): WitnessRecord => ({ size, root: rootAt(TREE, size), time })
const knowing = (record: WitnessRecord | undefined, change: Partial<WitnessState> = {}): WitnessState => {
  return { record, logKeys: [LOG_KEY.key], isFrozen: false, ...change }
}
const seenAt = (size: number, tree = TREE) => ({ size, root: rootAt(tree, size) })
/** What is stored of a log whose record is at 7 or 12. */
const heldAt = (size: number, tree = TREE) => {
  return { ...seenAt(size, tree), atRecord: size > 12 ? rootAt(tree, 12) : rootAt(tree, 7) }
}
const ask = (oldSize: number, size: number, tree = TREE): AddCheckpoint => {
  return { oldSize, proof: proofOf(oldSize, size, tree), note: noteAt(size, tree) }
}

function outcome(state: WitnessState, request: AddCheckpoint, now = NOW) {
  const judged = judgeAddCheckpoint(primitives, state, request, now)
  if (judged.kind === 'cosign') return ['cosign', judged.record.size, judged.record.time]
  return [judged.status, judged.why, ...(judged.size === undefined ? [] : [judged.size])]
}

describe('a witness', () => {
  const table: readonly [string, WitnessState, AddCheckpoint, readonly unknown[], number?][] = [
    ['cosigns the first head it sees', knowing(undefined), ask(0, 7), ['cosign', 7, NOW]],
    ['cosigns an empty first head', knowing(undefined), ask(0, 0), ['cosign', 0, NOW]],
    ['cosigns a head that continues its own', knowing(recordAt(7)), ask(7, 12), ['cosign', 12, NOW]],
    ['cosigns the same head again', knowing(recordAt(7)), ask(7, 7), ['cosign', 7, NOW]],
    ['is not stuck at size 0', knowing(recordAt(0)), ask(0, 5), ['cosign', 5, NOW]],
    ['does not know other logs', knowing(undefined, { logKeys: undefined }), ask(0, 7), [404, 'log-unknown']],
    [
      'takes no head under another key',
      knowing(undefined, { logKeys: [testKey(2).key] }),
      ask(0, 7),
      [403, 'head-unsigned'],
    ],
    [
      'takes no head that nobody signed',
      knowing(undefined),
      { ...ask(0, 7), note: withoutLog(noteAt(7)) },
      [403, 'head-unsigned'],
    ],
    [
      'takes no empty head with another root',
      knowing(undefined),
      { oldSize: 0, proof: [], note: signedBytes({ origin: ORIGIN, size: 0, root: leaf(1) }) },
      [403, 'head-unsigned'],
    ],
    [
      'takes no head with extension lines',
      knowing(undefined),
      { ...ask(0, 7), note: withExtension(noteAt(7)) },
      [400, 'note-unreadable'],
    ],
    [
      'cosigns nothing of a frozen log',
      knowing(recordAt(7), { isFrozen: true }),
      ask(7, 12),
      [403, 'log-frozen'],
    ],
    [
      'refuses an old size above the head',
      knowing(recordAt(7)),
      { ...ask(7, 7), oldSize: 9 },
      [400, 'old-above-size'],
    ],
    [
      'says its own size where the log is behind',
      knowing(recordAt(12)),
      ask(7, 15),
      [409, 'old-not-mine', 12],
    ],
    ['says its own size where the log shrank', knowing(recordAt(12)), ask(7, 7), [409, 'old-not-mine', 12]],
    [
      'says its own size where the log believes it further',
      knowing(recordAt(7)),
      ask(12, 15),
      [409, 'old-not-mine', 7],
    ],
    ['says 0 where it has nothing yet', knowing(undefined), ask(7, 12), [409, 'old-not-mine', 0]],
    [
      'refuses another root at its own size',
      knowing(recordAt(12)),
      ask(12, 12, FORK),
      [409, 'root-differs', 12],
    ],
    [
      'refuses a proof beside the same head',
      knowing(recordAt(7)),
      { ...ask(7, 7), proof: [leaf(1)] },
      [422, 'proof-wrong'],
    ],
    [
      'refuses a proof from nothing',
      knowing(undefined),
      { ...ask(0, 7), proof: [leaf(1)] },
      [422, 'proof-wrong'],
    ],
    [
      'refuses a head without its proof',
      knowing(recordAt(7)),
      { ...ask(7, 12), proof: [] },
      [422, 'proof-wrong'],
    ],
    ['refuses a proof from a hidden branch', knowing(recordAt(12)), ask(12, 15, FORK), [422, 'proof-wrong']],
    [
      'refuses rubbish beside an honest head',
      knowing(recordAt(7)),
      { ...ask(7, 12), proof: [leaf(1), leaf(2)] },
      [422, 'proof-wrong'],
    ],
    ['goes on from what both branches share', knowing(recordAt(7)), ask(7, 12, FORK), ['cosign', 12, NOW]],
    [
      'signs nothing while its clock is behind',
      knowing(recordAt(7, NOW + 1)),
      ask(7, 12),
      [503, 'clock-behind'],
    ],
    [
      'cosigns the head that is stored here, with the proof from its own',
      knowing(recordAt(7), { held: heldAt(12) }),
      ask(7, 12),
      ['cosign', 12, NOW],
    ],
    [
      'cosigns the head that is stored here without a proof',
      knowing(recordAt(7), { held: heldAt(12) }),
      ask(12, 12),
      ['cosign', 12, NOW],
    ],
    [
      'goes on from what is stored here, by the proof from there',
      knowing(recordAt(7), { held: heldAt(12) }),
      ask(12, 15),
      ['cosign', 15, NOW],
    ],
    [
      'cosigns nothing below what is stored here',
      knowing(recordAt(7), { held: heldAt(12) }),
      ask(7, 9),
      [409, 'old-not-mine', 12],
    ],
    [
      'cosigns nothing above what is stored here by a proof from its own alone',
      knowing(recordAt(7), { held: heldAt(12) }),
      ask(7, 15, FORK),
      [409, 'old-not-mine', 12],
    ],
    [
      'cosigns no branch beside what is stored here',
      knowing(recordAt(7), { held: heldAt(12) }),
      ask(7, 12, FORK),
      [409, 'root-differs', 7],
    ],
    [
      'cosigns no branch above what is stored here',
      knowing(recordAt(7), { held: heldAt(12) }),
      ask(12, 15, FORK),
      [422, 'proof-wrong'],
    ],
    [
      'cosigns no branch beside its own, though it is stored here',
      knowing(recordAt(12), { held: heldAt(15, FORK) }),
      ask(15, 17, FORK),
      [409, 'root-differs', 12],
    ],
    [
      'needs no proof of its own where less is stored here',
      knowing(recordAt(12), { held: heldAt(7) }),
      ask(12, 15),
      ['cosign', 15, NOW],
    ],
    [
      'cosigns the newest head that is only known',
      knowing(recordAt(7), { seen: seenAt(12) }),
      ask(7, 12),
      ['cosign', 12, NOW],
    ],
    [
      'cosigns nothing below a newer head that is only known',
      knowing(recordAt(7), { held: heldAt(7), seen: seenAt(12) }),
      ask(7, 9),
      [503, 'newer-seen'],
    ],
    [
      'cosigns nothing above a head that is only known, since it cannot tell that it continues it',
      knowing(recordAt(7), { seen: seenAt(12) }),
      ask(7, 15),
      [503, 'newer-seen'],
    ],
    [
      'cosigns no branch beside a head that is only known',
      knowing(recordAt(7), { seen: seenAt(12) }),
      ask(7, 12, FORK),
      [409, 'root-differs', 12],
    ],
    [
      'is not held up by a smaller head that is only known',
      knowing(recordAt(12), { seen: seenAt(9) }),
      ask(12, 15),
      ['cosign', 15, NOW],
    ],
    ['signs twice in one second', knowing(recordAt(7, NOW)), ask(7, 12), ['cosign', 12, NOW]],
  ]
  for (const [name, state, request, expected] of table)
    it(name, () => assert.deepEqual(outcome(state, request), expected))

  it('never goes back, whatever it is asked in whatever order', () => {
    const step = fc.record({
      oldSize: fc.nat(19),
      size: fc.nat(19),
      fork: fc.boolean(),
      honestOld: fc.boolean(),
      elapsed: fc.integer({ min: -5, max: 5 }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        let record: WitnessRecord | undefined
        let now = NOW
        let branch: ReferenceTree | undefined
        for (const { oldSize, size, fork, honestOld, elapsed } of steps) {
          now += elapsed
          const tree = fork ? FORK : TREE
          const from = honestOld ? (record?.size ?? 0) : oldSize
          const request = {
            oldSize: from,
            proof: from <= size ? proofOf(from, size, tree) : [],
            note: noteAt(size, tree),
          }
          const judged = judgeAddCheckpoint(primitives, knowing(record), request, now)
          if (judged.kind === 'refuse') continue
          assert.ok(judged.record.size >= (record?.size ?? 0) && judged.record.time >= (record?.time ?? 0))
          // Above what both share it stays on one branch for good.
          if (size > 7) {
            assert.ok(branch === undefined || branch === tree)
            branch = tree
          }
          record = judged.record
        }
      }),
    )
  })

  it('states nothing beside what it stated once it holds that again, whatever its record has forgotten', () => {
    const step = fc.record({ oldSize: fc.nat(19), size: fc.nat(19), fork: fc.boolean() })
    const sizes = fc.tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 12, max: 19 }))
    fc.assert(
      fc.property(sizes, fc.array(step, { maxLength: 20 }), ([forgotten, stored], steps) => {
        let record = forgotten === 0 ? undefined : recordAt(forgotten)
        for (const { oldSize, size, fork } of steps) {
          const tree = fork ? FORK : TREE
          const proof = oldSize <= size ? proofOf(oldSize, size, tree) : []
          const held = { ...seenAt(stored), atRecord: rootAt(TREE, record?.size ?? 0) }
          const request = { oldSize, proof, note: noteAt(size, tree) }
          const judged = judgeAddCheckpoint(primitives, knowing(record, { held }), request, NOW)
          if (judged.kind === 'refuse') continue
          assert.ok(size >= stored)
          assert.equal(tree, TREE)
          record = judged.record
        }
      }),
      { numRuns: 200 },
    )
  })

  it('knows that an empty tree has the hash of nothing as its root', () => {
    assert.deepEqual(rootAt(TREE, 0), emptyRoot(primitives))
  })
})

function withoutLog(note: Uint8Array): Uint8Array {
  return Buffer.from(Buffer.from(note).toString('utf8').replace(`— ${ORIGIN} `, '— somebody '))
}

function withExtension(note: Uint8Array): Uint8Array {
  return Buffer.from(Buffer.from(note).toString('utf8').replace('\n\n', '\nmore\n\n'))
}

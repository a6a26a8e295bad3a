import assert from 'node:assert/strict'
import fc from 'fast-check'
import { judgeTrail } from '../../../protocol/audit/trail.ts'
import type { TrailFile, TrailLeaf } from '../../../protocol/audit/trail-file.ts'
import type { MemberLog } from '../../../protocol/audit/trail-log.ts'
import { leafHash } from '../../../protocol/log/merkle.ts'
import { portable } from '../../../protocol/primitives.ts'
import { DAY, NOW } from '../../support/access-facts.ts'
import { cutTrail } from '../../support/cut-trail.ts'
import {
  fileAt,
  heldBy,
  honestExchange,
  logAt,
  openedAt,
  trailOf,
  type LoggedLeaf,
} from '../../support/honest-trails.ts'
import { counting, ORIGIN, OTHER_ORIGIN } from '../../support/statements.ts'

const HOUR = 3_600

function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 0x7fff_ffff
    return state / 0x7fff_ffff
  }
}

/** Moments of batches: at most two hours apart, but for days on which the node is away. */
function batches(random: () => number, until: number): readonly number[] {
  const found: number[] = []
  for (let at = NOW; at < until; at += Math.ceil(random() * 2 * HOUR) + (random() < 0.01 ? 6 * DAY : 0))
    found.push(at)
  return found
}

const codesOf = (file: TrailFile, ...logs: readonly MemberLog[]) =>
  judgeTrail(portable, file, { logs, keyOf: () => undefined }).findings.map(({ code }) => code)

/** Ten disclosures in ten days, each logged within two hours, and the trail of their owner a month later. */
function world(at = NOW + 40 * DAY) {
  const random = randomOf(4_711)
  const happened = Array.from({ length: 10 }, (_, day) => honestExchange(random, NOW + day * DAY)).flat()
  const trail = trailOf('owner', happened)
  const moments = Array.from({ length: 40 * 24 }, (_, hour) => NOW + hour * HOUR)
  const leaves = logAt(ORIGIN, trail, moments)
  const file = openedAt(fileAt(ORIGIN, trail, at), leaves, at)
  return { trail, leaves, file, held: heldBy(file, leaves) }
}

describe('a trail and the log of its member', () => {
  it('agree where the member is honest, whenever it was made and however long its node was away', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 0x7fff_fffe }),
        fc.integer({ min: 1, max: 30 * DAY }),
        (seed, end) => {
          const random = randomOf(seed)
          const happened = [0, 1, 2].flatMap((day) => honestExchange(random, NOW + day * DAY))
          const at = NOW + end
          for (const [origin, side] of [
            [ORIGIN, 'owner'],
            [OTHER_ORIGIN, 'reader'],
          ] as const) {
            const trail = trailOf(side, happened)
            // What is overdue is logged before the trail is handed over.
            const leaves = logAt(origin, trail, [...batches(random, at), at])
            const file = openedAt(fileAt(origin, trail, at), leaves, at)
            assert.deepEqual(codesOf(file, heldBy(file, leaves)), [])
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  it('show a disclosure that was cut out whole, with every head that was logged', () => {
    const { file, held } = world()
    assert.deepEqual(codesOf(file, held), [])
    const requests = file.lines.map((line) =>
      line.kind === 'entry' ? Buffer.from(line.entry.request).toString('hex') : '',
    )
    for (const gone of new Set(requests)) {
      const less = cutTrail(file, (request) => request !== gone)
      assert.ok(less.lines.length < file.lines.length)
      // By itself it is a good trail; only the log tells.
      assert.deepEqual(codesOf(less), [])
      assert.ok(codesOf(less, held).includes('trail-leaf-withheld'))
      // With the heads that no longer fit.
      const heads = file.leaves.filter(({ kind }) => kind === 'head')
      assert.ok(codesOf({ ...less, leaves: heads }, held).includes('trail-rewritten'))
    }
  })

  it('show every single leaf that is not opened, and every one that is opened to something else', () => {
    const { file, held } = world()
    for (const leaf of file.leaves) {
      const others = file.leaves.filter((one) => one !== leaf)
      assert.ok(codesOf({ ...file, leaves: others }, held).includes('trail-leaf-withheld'))
      const wrong: TrailLeaf =
        leaf.kind === 'statement'
          ? { ...leaf, entry: (leaf.entry + 1) % file.size }
          : { ...leaf, kind: 'head', size: 0, root: counting(32, 1), ...secrets(leaf) }
      const leaves = file.leaves.map((one) => (one === leaf ? wrong : one))
      assert.ok(codesOf({ ...file, leaves }, held).includes('trail-leaf'))
    }
  })

  it('show leaves that were logged before the trail was made and lie above the head that it names', () => {
    const { file, held } = world()
    for (const less of [{ ...file, logs: [], leaves: [] }, shortened(file, 3)])
      assert.ok(codesOf(less, { ...held, root: less.logs[0]?.root }).includes('trail-leaf-withheld'))
    // What was logged since is counted, and accuses nobody.
    const [leaf] = file.leaves.slice(-1)
    const early = world(NOW + 3 * DAY)
    const judged = judgeTrail(portable, early.file, { logs: [early.held], keyOf: () => undefined })
    assert.deepEqual(judged.findings, [])
    assert.ok(leaf !== undefined && judged.logs.newer > 0)
  })

  it('show a log that did not have the head that is named, and leaves of another member', () => {
    const { file, held } = world()
    assert.deepEqual(codesOf(file, { ...held, root: counting(32, 77) }), ['trail-log'])
    const foreign = { kind: 'pruned', origin: OTHER_ORIGIN, index: 0 } as const
    assert.deepEqual(codesOf({ ...file, leaves: [...file.leaves, foreign] }, held), ['trail-leaf'])
  })

  it('show a statement that was never logged, once there was time for it', () => {
    const { trail, leaves } = world()
    const [first] = leaves.filter(({ holds }) => holds instanceof Uint8Array)
    const left = relogged(leaves.filter((leaf) => leaf !== first))
    const soon = (first?.at ?? 0) + DAY
    const early = openedAt(fileAt(ORIGIN, trail, soon), left, soon)
    const judged = judgeTrail(portable, early, { logs: [heldBy(early, left)], keyOf: () => undefined })
    assert.deepEqual([judged.findings.length, judged.logs.waiting], [0, 1])
    const at = NOW + 40 * DAY
    const late = openedAt(fileAt(ORIGIN, trail, at), left, at)
    assert.deepEqual(codesOf(late, heldBy(late, left)), ['trail-unlogged'])
  })

  it('show heads that were not logged when they were due', () => {
    const { trail, leaves } = world()
    const at = NOW + 40 * DAY
    const isHead = ({ holds }: LoggedLeaf) => !(holds instanceof Uint8Array)
    const none = relogged(leaves.filter((leaf) => !isHead(leaf)))
    const without = openedAt(fileAt(ORIGIN, trail, at), none, at)
    assert.deepEqual(codesOf(without, heldBy(without, none)), ['trail-head-late'])
    // All but the last: what was logged at last does not make up for the days before.
    const last = leaves.findLastIndex(isHead)
    const one = relogged(leaves.filter((leaf, index) => !isHead(leaf) || index === last))
    const late = openedAt(fileAt(ORIGIN, trail, at), one, at)
    assert.deepEqual(codesOf(late, heldBy(late, one)), ['trail-head-late'])
  })

  it('accept what is pruned below a head that is older than the trail is kept, and nothing else', () => {
    const { file, held } = world()
    const pruned = (count: number, retention: number) => prune({ ...file, retention }, count)
    assert.deepEqual(codesOf(pruned(3, 20), held), [])
    const judged = judgeTrail(portable, pruned(3, 20), { logs: [held], keyOf: () => undefined })
    assert.ok(judged.pruned >= 3)
    assert.ok(judged.logs.forgotten > 0)
    assert.deepEqual(codesOf(pruned(3, 365), held), ['trail-pruned'])
    assert.ok(codesOf(pruned(file.size, 36), held).includes('trail-pruned'))
    // The tree still is the one whose heads were logged.
    assert.deepEqual(codesOf({ ...pruned(3, 20), root: counting(32, 1) }, held), ['trail-head'])
  })

  it('say nothing where there is no log to compare with', () => {
    const { file } = world()
    const { findings, logs } = judgeTrail(
      portable,
      { ...file, leaves: [] },
      { logs: [], keyOf: () => undefined },
    )
    assert.deepEqual([findings.length, logs.leaves, logs.statements], [0, 0, 0])
  })

  it('count what the node that was asked does not hold yet', () => {
    const { file, held } = world()
    const access = new Map([...held.access].filter(([index]) => index < 3))
    const judged = judgeTrail(portable, file, {
      logs: [{ ...held, size: 3, root: undefined, access }],
      keyOf: () => undefined,
    })
    assert.equal(judged.logs.notHeld, file.leaves.length - 3)
  })
})

function secrets(leaf: TrailLeaf) {
  return leaf.kind === 'pruned'
    ? { opening: counting(32, 0), secret: counting(32, 0) }
    : { opening: leaf.opening, secret: leaf.secret }
}

/** As if its log went no further than this. */
function shortened(file: TrailFile, size: number): TrailFile {
  const logs = [{ origin: ORIGIN, size, root: counting(32, size) }]
  return { ...file, logs, leaves: file.leaves.filter(({ index }) => index < size) }
}

/** Leaves at their new places. */
function relogged(leaves: readonly LoggedLeaf[]): readonly LoggedLeaf[] {
  return leaves.map((leaf, index) => leaf.again(index))
}

/** The first requests as they are when nothing but leaf hashes is left of them. */
function prune(file: TrailFile, count: number): TrailFile {
  const names = file.lines.map((line) =>
    line.kind === 'entry' ? Buffer.from(line.entry.request).toString('hex') : '',
  )
  const gone = new Set([...new Set(names)].slice(0, count))
  const lines = file.lines.map((line, index) =>
    line.kind === 'entry' && gone.has(names[index] ?? '')
      ? ({ kind: 'pruned', leaf: leafHash(portable, line.bytes) } as const)
      : line,
  )
  const leaves = file.leaves.map((leaf): TrailLeaf => {
    if (leaf.kind !== 'statement' || lines[leaf.entry]?.kind === 'entry') return leaf
    return { kind: 'pruned', origin: leaf.origin, index: leaf.index }
  })
  return { ...file, lines, leaves }
}

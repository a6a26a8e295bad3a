import assert from 'node:assert/strict'
import { Pipeline } from '../../../cli/judging/pipeline.ts'
import { printRun } from '../../../cli/judging/run.ts'
import { Threads, threadsOf } from '../../../cli/judging/threads.ts'
import { checkedPrimitives } from '../../../node/api/client.ts'
import type { Leaf } from '../../../protocol/audit/judgement.ts'
import { auditLeaves, closeAudit, openAudit, type Audit } from '../../../protocol/audit/verify.ts'
import { hasCode } from '../../support/directory.ts'
import { makeSignedLog, type SignedLog } from '../../support/signed-log.ts'

const SIZE = 900
const JOBS = 2

type Damage = (leaf: Leaf, index: number) => Leaf

const flipped = (bytes: Uint8Array, at: number) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte))
const partOf = (leaf: Leaf) => {
  assert.ok(leaf.part !== null && leaf.part !== 'erased')
  return leaf.part
}

const DAMAGES: readonly (readonly [string, Damage])[] = [
  ['nothing', (leaf) => leaf],
  [
    'signatures',
    (leaf, i) => (i % 97 === 5 ? { ...leaf, bytes: flipped(leaf.bytes, leaf.bytes.length - 40) } : leaf),
  ],
  [
    'openings',
    (leaf, i) => (i % 131 === 7 ? { ...leaf, part: { ...partOf(leaf), opening: new Uint8Array(32) } } : leaf),
  ],
  ['missing parts', (leaf, i) => (i === 300 || i === 301 ? { ...leaf, part: null } : leaf)],
  ['erased parts', (leaf, i) => (i === 512 ? { ...leaf, part: 'erased' } : leaf)],
  ['envelopes', (leaf, i) => (i === 256 ? { ...leaf, bytes: flipped(leaf.bytes, 0) } : leaf)],
  ['the first entry', (leaf, i) => (i === 0 ? { ...leaf, bytes: flipped(leaf.bytes, 60) } : leaf)],
]

describe('judging on threads', () => {
  const primitives = checkedPrimitives()
  let log: SignedLog
  let threads: Threads

  before(async () => {
    log = await makeSignedLog(SIZE)
    threads = new Threads(JOBS)
  })

  after(() => threads.end())

  const opened = (): Audit => {
    const audit = openAudit({ origin: log.origin, charter: log.charter, scope: 'all', marks: [10, 300, 512] })
    assert.ok(audit.ok)
    return audit.value
  }
  const pipeline = () => {
    const onHashes = () => Promise.resolve()
    return new Pipeline({ primitives, threads, threadCount: JOBS, audit: opened(), onHashes })
  }
  const seen = (audit: Audit) => ({
    report: closeAudit(primitives, audit, log.noteOf(log.leaves)),
    roots: audit.roots,
    lastUse: audit.judgement.lastUse,
  })

  for (const [what, damage] of DAMAGES) {
    it(`finds what one fold finds, with damage to ${what}`, async () => {
      const leaves: readonly Leaf[] = log.leaves.map(damage)
      const folded = seen(auditLeaves(primitives, opened(), leaves))
      const pushed = pipeline()
      for (let at = 0; at < leaves.length; at += 400) await pushed.push(leaves.slice(at, at + 400))
      assert.deepEqual(seen(await pushed.settle()), folded)
    })
  }

  it('reads whole bundles as it reads leaves, and stops at one that is none', async () => {
    const whole = pipeline()
    const broken = pipeline()
    for (let at = 0; at < log.leaves.length; at += 256) {
      const leaves = log.leaves.slice(at, at + 256)
      const run = printRun(at, leaves)
      assert.ok(run)
      // What is handed over is moved, so each pipeline gets bytes of its own.
      await whole.pushRun({ ...run, entries: run.entries.slice(), parts: run.parts?.slice() })
      await broken.pushRun(at === 512 ? { ...run, entries: run.entries.subarray(3) } : run)
    }
    assert.deepEqual(seen(await whole.settle()), seen(auditLeaves(primitives, opened(), log.leaves)))
    assert.equal((await broken.settle()).edge.size, 512)
  })

  it('judges the leaf that declares the keys before it hands out others', async () => {
    const pushed = pipeline()
    await pushed.push(log.leaves.slice(0, 10))
    assert.equal(pushed.current().edge.size, 1)
    assert.equal((await pushed.settle()).edge.size, 10)
  })

  it('keeps its threads for the next log, unless that wants another number of them', async () => {
    const kept = threadsOf(JOBS)
    await kept.ready()
    assert.equal(threadsOf(JOBS), kept)
    const other = threadsOf(JOBS + 1)
    assert.notEqual(other, kept)
    await other.ready()
    await assert.rejects(kept.ready(), hasCode('SIGNATURES_FAILED'))
    await other.end()
    const again = threadsOf(JOBS + 1)
    assert.notEqual(again, other)
    await again.end()
  })
})

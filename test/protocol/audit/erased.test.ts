import assert from 'node:assert/strict'
import { resumeAudit, stateOf } from '../../../protocol/audit/resume.ts'
import type { Leaf, Scope } from '../../../protocol/audit/judgement.ts'
import { verdictOfLog, type LogReport } from '../../../protocol/audit/report.ts'
import { auditLeaves, closeAudit, openAudit, type Audit } from '../../../protocol/audit/verify.ts'
import { portable } from '../../../protocol/primitives.ts'
import { ERASED_INDEX, makeErasedLog } from '../../support/erased-log.ts'
import type { SignedLog } from '../../support/signed-log.ts'

const SIZE = 7
const BY = SIZE - 1

describe('the audit of a log with an erased part', () => {
  let log: SignedLog
  before(async () => (log = await makeErasedLog(SIZE)))

  const opened = (scope: Scope = 'all'): Audit => {
    const audit = openAudit({ origin: log.origin, charter: log.charter, scope })
    assert.ok(audit.ok)
    return audit.value
  }
  /** The leaves without these parts. */
  const lacking = (...indices: readonly number[]): readonly Leaf[] =>
    log.leaves.map(({ bytes, part }, index) => ({ bytes, part: indices.includes(index) ? null : part }))
  const found = ({ findings }: LogReport) => findings.map(({ code, index, by }) => [code, index, by])
  const closed = (audit: Audit, leaves: readonly Leaf[] = log.leaves) =>
    closeAudit(portable, audit, log.noteOf(log.leaves.slice(0, leaves.length)))
  const audited = (leaves: readonly Leaf[], scope: Scope = 'all') =>
    closed(auditLeaves(portable, opened(scope), leaves), leaves)

  it('is verified, and names the entry that erased it', () => {
    const report = audited(lacking(ERASED_INDEX))
    assert.deepEqual(found(report), [['audit-erased', ERASED_INDEX, BY]])
    assert.equal(verdictOfLog(report), 'verified')
    assert.deepEqual(report.counts, { entries: SIZE, signatures: SIZE, parts: SIZE - 1 })
  })

  it('comes to the same in runs of any length', () => {
    const leaves = lacking(ERASED_INDEX)
    const one = leaves.reduce((audit, leaf) => auditLeaves(portable, audit, [leaf]), opened())
    assert.deepEqual(closed(one), audited(leaves))
  })

  it('says the same of the erased entry alone', () => {
    const report = audited(lacking(ERASED_INDEX), new Set([ERASED_INDEX]))
    assert.deepEqual(found(report), [['audit-erased', ERASED_INDEX, BY]])
    assert.equal(verdictOfLog(report), 'verified')
  })

  it('is incomplete below a head that does not reach what erased it', () => {
    const report = audited(lacking(ERASED_INDEX).slice(0, BY))
    assert.deepEqual(found(report), [['part-missing', ERASED_INDEX, undefined]])
    assert.equal(verdictOfLog(report), 'incomplete')
  })

  it('takes an erasure for one part only, and for none when its own part is missing', () => {
    assert.deepEqual(found(audited(lacking(ERASED_INDEX, 3))), [
      ['part-missing', 3, undefined],
      ['audit-erased', ERASED_INDEX, BY],
    ])
    const report = audited(lacking(ERASED_INDEX, BY))
    assert.deepEqual(found(report), [
      ['part-missing', BY, undefined],
      ['part-missing', ERASED_INDEX, undefined],
    ])
  })

  it('finds nothing where the part is still there', () => {
    assert.deepEqual(found(audited(log.leaves)), [])
  })

  it('does not count an erasure whose signature was altered', () => {
    const leaves = lacking(ERASED_INDEX).map((leaf, index) =>
      index === BY
        ? { ...leaf, bytes: leaf.bytes.with(leaf.bytes.length - 1, (leaf.bytes.at(-1) ?? 0) ^ 1) }
        : leaf,
    )
    const codes = found(audited(leaves)).map(([code]) => code)
    assert.deepEqual(codes, ['signature', 'part-missing', 'audit-root'])
  })

  it('goes on where it was cut short, before or after what erased it', () => {
    const leaves = lacking(ERASED_INDEX)
    for (let cut = 1; cut <= SIZE; cut++) {
      const state = stateOf(portable, auditLeaves(portable, opened(), leaves.slice(0, cut)))
      assert.ok(state)
      const marked = state.marked.map(({ index }) => leaves[index])
      const resumed = resumeAudit(portable, opened(), state, marked)
      assert.ok(resumed.ok)
      assert.deepEqual(closed(auditLeaves(portable, resumed.value, leaves.slice(cut))), audited(leaves))
    }
  })
})

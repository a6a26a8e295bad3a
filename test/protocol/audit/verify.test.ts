import assert from 'node:assert/strict'
import { auditLeaves, closeAudit, openAudit, type AuditSubject } from '../../../protocol/audit/verify.ts'
import type { Leaf } from '../../../protocol/audit/judgement.ts'
import { verdictOfLog, verdictOfLogs, type LogReport, type Verdict } from '../../../protocol/audit/report.ts'
import { portable } from '../../../protocol/primitives.ts'
import { makeSignedLog, type SignedLeaf, type SignedLog } from '../../support/signed-log.ts'

const SIZE = 6

describe('the audit of a log', () => {
  let log: SignedLog
  before(async () => (log = await makeSignedLog(SIZE - 1)))

  function audit(leaves: readonly Leaf[], note: Uint8Array, other: Partial<AuditSubject> = {}): LogReport {
    const { origin, charter } = log
    const opened = openAudit({ origin, charter, scope: 'all', ...other })
    assert.ok(opened.ok)
    return closeAudit(portable, auditLeaves(portable, opened.value, leaves), note)
  }

  /** The leaves with one of them changed. */
  function changed(at: number, change: (leaf: SignedLeaf) => Leaf): readonly Leaf[] {
    return log.leaves.map((leaf, index) => (index === at ? change(leaf) : leaf))
  }

  function flipped(bytes: Uint8Array, at: number): Uint8Array {
    return bytes.map((byte, index) => (index === (at + bytes.length) % bytes.length ? byte ^ 1 : byte))
  }

  /** A note under the signature of another. */
  function resigned(note: Uint8Array, by: Uint8Array): Uint8Array {
    const [text, line] = [note, by].map((bytes) => Buffer.from(bytes).toString('latin1'))
    const split = (whole = '') => whole.lastIndexOf('\n\n')
    return Buffer.from((text ?? '').slice(0, split(text)) + (line ?? '').slice(split(line)), 'latin1')
  }

  function finds(report: LogReport, verdict: Verdict, ...codes: readonly string[]): void {
    assert.deepEqual([...new Set(report.findings.map(({ code }) => code))], codes)
    assert.equal(verdictOfLog(report), verdict)
  }

  it('verifies what its author signed, and counts it', () => {
    const report = audit(log.leaves, log.noteOf(log.leaves))
    finds(report, 'verified')
    assert.deepEqual(report.counts, { entries: SIZE, signatures: SIZE, parts: SIZE })
    assert.equal(report.head?.size, SIZE)
    assert.deepEqual(report.cosigners, [])
  })

  it('comes to the same in runs of any length', () => {
    const opened = openAudit({ origin: log.origin, charter: log.charter, scope: 'all' })
    assert.ok(opened.ok)
    let current = opened.value
    for (const leaf of log.leaves) current = auditLeaves(portable, current, [leaf])
    const note = log.noteOf(log.leaves)
    assert.deepEqual(closeAudit(portable, current, note), audit(log.leaves, note))
  })

  it('refuses a signature that was changed, at its place', () => {
    const leaves = changed(2, ({ bytes, part }) => ({ bytes: flipped(bytes, -1), part }))
    const report = audit(leaves, log.noteOf(log.leaves))
    finds(report, 'invalid', 'signature', 'audit-root')
    assert.equal(report.findings[0]?.index, 2)
  })

  it('refuses a public part that is not what was committed to', () => {
    const leaves = changed(3, ({ bytes, part }) => ({
      bytes,
      part: { ...part, bytes: flipped(part.bytes, -1) },
    }))
    finds(audit(leaves, log.noteOf(log.leaves)), 'invalid', 'part-commitment')
  })

  it('is incomplete where a public part is missing or erased', () => {
    const missing = changed(3, ({ bytes }) => ({ bytes, part: null }))
    finds(audit(missing, log.noteOf(log.leaves)), 'incomplete', 'part-missing')
    const erased = changed(3, ({ bytes }) => ({ bytes, part: 'erased' }))
    const report = audit(erased, log.noteOf(log.leaves))
    finds(report, 'incomplete', 'audit-part-erased')
    assert.deepEqual(report.counts, { entries: SIZE, signatures: SIZE, parts: SIZE - 1 })
  })

  it('still refuses a bad signature under an erased part', () => {
    const leaves = changed(3, ({ bytes }) => ({ bytes: flipped(bytes, -1), part: 'erased' }))
    finds(audit(leaves, log.noteOf(log.leaves)), 'invalid', 'signature', 'audit-root')
  })

  it('refuses leaves in another order', () => {
    const [first, second, third, ...rest] = log.leaves
    assert.ok(first !== undefined && second !== undefined && third !== undefined)
    finds(audit([first, third, second, ...rest], log.noteOf(log.leaves)), 'invalid', 'audit-root')
  })

  it('is incomplete without the last leaves, and without any', () => {
    const cut = audit(log.leaves.slice(0, -1), log.noteOf(log.leaves))
    finds(cut, 'incomplete', 'audit-entries-missing')
    assert.equal(cut.findings[0]?.index, SIZE - 1)
    finds(audit([], log.noteOf([])), 'key', 'audit-keyless')
    assert.equal(verdictOfLogs([]), 'incomplete')
  })

  it('refuses a head whose signature was changed', () => {
    const mixed = resigned(log.noteOf(log.leaves), log.noteOf(log.leaves.slice(0, -1)))
    finds(audit(log.leaves, mixed), 'invalid', 'head-signature')
  })

  it('refuses bytes that are no head', () => {
    finds(audit(log.leaves, Buffer.from('no note')), 'invalid', 'note-shape')
  })

  it('has nothing to say about a log outside the charter', () => {
    const origin = log.origin.replace('a.example', 'z.example')
    assert.deepEqual(openAudit({ origin, charter: log.charter, scope: 'all' }), {
      ok: false,
      fault: 'audit-outsider',
    })
  })

  it('names the unknown key that signed, and a log without keys', async () => {
    const stranger = await makeSignedLog(2)
    const report = audit(stranger.leaves, stranger.noteOf(stranger.leaves))
    assert.notEqual(verdictOfLog(report), 'verified')
    assert.ok(report.findings.some(({ code }) => code === 'audit-keyless'))
    assert.equal(report.head, undefined)
  })

  it('judges only what is in scope, and hashes all', () => {
    const opened = openAudit({ origin: log.origin, charter: log.charter, scope: new Set([4]) })
    assert.ok(opened.ok)
    const done = auditLeaves(portable, opened.value, log.leaves)
    const report = closeAudit(portable, done, log.noteOf(log.leaves))
    finds(report, 'verified')
    assert.deepEqual(report.counts, { entries: SIZE, signatures: 2, parts: 2 })
    assert.deepEqual([...done.judgement.judged.keys()], [4])
  })

  describe('compared with a head that was verified earlier', () => {
    it('says how far history is the same', () => {
      const earlier = log.noteOf(log.leaves.slice(0, 4))
      const report = audit(log.leaves, log.noteOf(log.leaves), { earlier })
      finds(report, 'verified')
      assert.equal(report.continues, 4)
    })

    it('proves a split view when the log’s key signed two histories', () => {
      const [first, ...rest] = log.leaves
      assert.ok(first !== undefined)
      const earlier = log.noteOf([first, ...rest.toReversed()].slice(0, 4))
      finds(audit(log.leaves, log.noteOf(log.leaves), { earlier }), 'split-view', 'audit-split-view')
    })

    it('is incomplete when the log is shorter than it was', () => {
      const shorter = log.leaves.slice(0, 4)
      finds(
        audit(shorter, log.noteOf(shorter), { earlier: log.noteOf(log.leaves) }),
        'incomplete',
        'audit-older',
      )
    })

    it('does not accuse by a head that the log’s key never signed, nor rest on it', () => {
      const [first, ...rest] = log.leaves
      assert.ok(first !== undefined)
      const earlier = resigned(log.noteOf([first, ...rest.toReversed()].slice(0, 4)), log.noteOf(log.leaves))
      const report = audit(log.leaves, log.noteOf(log.leaves), { earlier })
      finds(report, 'verified')
      assert.equal(report.continues, undefined)
    })
  })
})

import assert from 'node:assert/strict'
import { findingsOfEnd, openingOf, type LogEnd } from '../../../protocol/audit/ending.ts'
import { auditLeaves, closeAudit, openAudit } from '../../../protocol/audit/verify.ts'
import type { Leaf, Scope } from '../../../protocol/audit/judgement.ts'
import { verdictOfLog, type Verdict } from '../../../protocol/audit/report.ts'
import { parseSignedCheckpoint } from '../../../protocol/log/checkpoint.ts'
import { portable } from '../../../protocol/primitives.ts'
import { makeSignedLog, type SignedLog } from '../../support/signed-log.ts'

const SIZE = 6

describe('the audit of a log that its author has ended', () => {
  let log: SignedLog
  before(async () => (log = await makeSignedLog(SIZE - 1)))

  /** The head over the first entries. */
  const headAt = (size: number) => {
    const head = parseSignedCheckpoint(log.noteOf(log.leaves.slice(0, size)))
    assert.ok(head.ok)
    return head.value.checkpoint
  }
  const closedAt = (size: number): LogEnd => ({ kind: 'closed', at: headAt(size) })

  function finds(
    end: LogEnd,
    scope: Scope,
    verdict: Verdict,
    ...expected: readonly (readonly [string, number?])[]
  ) {
    const { origin, charter, leaves } = log
    const opened = openAudit({ origin, charter, scope, end })
    assert.ok(opened.ok)
    const report = closeAudit(portable, auditLeaves(portable, opened.value, leaves), log.noteOf(leaves))
    assert.deepEqual(
      report.findings.map(({ code, index }) => (index === undefined ? [code] : [code, index])),
      expected,
    )
    assert.equal(verdictOfLog(report), verdict)
  }

  it('finds nothing when it ends where it was closed', () => finds(closedAt(SIZE), 'all', 'verified'))

  it('notes what stands above, and takes nothing from what stands below', () => {
    finds(closedAt(4), 'all', 'verified', ['audit-above-closing', 4])
    finds(closedAt(4), new Set([2]), 'verified', ['audit-above-closing', 4])
  })

  it('faults an entry that was asked for and stands above', () => {
    finds(closedAt(4), new Set([2, 5]), 'key', ['audit-above-closing', 4], ['entry-void', 5])
  })

  it('faults a closing head that the log does not lead to', () => {
    const at = { ...headAt(4), root: new Uint8Array(32).fill(1) }
    finds({ kind: 'closed', at }, 'all', 'invalid', ['audit-closing', 3])
  })

  it('is incomplete when the closing head is not reached', () => {
    finds({ kind: 'closed', at: { ...headAt(SIZE), size: SIZE + 1 } }, 'all', 'incomplete', [
      'audit-closing-missing',
    ])
  })

  it('notes a log that was left out, and faults every entry of it that was asked for', () => {
    finds({ kind: 'void' }, 'all', 'verified', ['audit-epoch-void', 0])
    finds({ kind: 'void' }, new Set([2]), 'key', ['audit-epoch-void', 0], ['entry-void', 2])
  })

  it('rests on leaves 0 that the root key of the charter signed, and on no others', () => {
    const [leaf] = log.leaves
    assert.ok(leaf !== undefined)
    const read = (one: Leaf, origin = log.origin) => openingOf(portable, log.charter, origin, one)
    assert.equal(read(leaf)?.epoch, 1)
    assert.equal(
      read({
        ...leaf,
        bytes: leaf.bytes.map((byte, at) => (at === leaf.bytes.length - 1 ? byte ^ 1 : byte)),
      }),
      undefined,
    )
    assert.equal(read({ ...leaf, part: 'erased' }), undefined)
    assert.equal(read({ ...leaf, part: null }), undefined)
    assert.equal(read(leaf, log.origin.replace(/^a/, 'z')), undefined)
  })

  it('says one thing for each entry that was asked for', () => {
    const walked = { scope: new Set([0, 1]), size: 2, closingRoot: undefined }
    assert.equal(findingsOfEnd({ kind: 'void' }, walked).length, 3)
  })
})

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { native } from '../../../node/keys/native.ts'
import type { Leaf } from '../../../protocol/audit/judgement.ts'
import { MARKED_MAX } from '../../../protocol/audit/judgement.ts'
import { resumeAudit, stateOf, STATE_ROOTS_MAX, type AuditState } from '../../../protocol/audit/resume.ts'
import { parseStateFile, printStateFile } from '../../../protocol/audit/state-file.ts'
import {
  auditLeaves,
  closeAudit,
  openAudit,
  type Audit,
  type AuditSubject,
} from '../../../protocol/audit/verify.ts'
import { encode, parse, type Value } from '../../../protocol/codec/cbor.ts'
import { isMap } from '../../../protocol/codec/value.ts'
import { concat } from '../../../protocol/bytes.ts'
import { printNote } from '../../../protocol/log/note.ts'
import { BundleLab, type LogInBytes } from '../../support/bundles.ts'

const BINDING = { tool: 'candor test', charter: new Uint8Array(32).fill(3) }

describe('an audit that was cut short', function () {
  this.timeout(30_000)
  let lab: BundleLab
  let log: LogInBytes
  let leaves: readonly Leaf[]
  before(async () => {
    lab = await BundleLab.open(1)
    log = lab.log(0)
    for (let i = 0; i < 6; i++) log.say()
    const id = log.keystore.signer('statement').keyId
    log.change({ kind: 'add', purpose: 'statement' }, { kind: 'revoke', id, since: 5 })
    // By the revoked key, so not valid, and by the new one.
    log.say()
    for (let i = 0; i < 6; i++) log.say({}, log.keystore.signer('statement'))
    leaves = log.leaves.map((leaf, at) => (at === 3 ? { ...leaf, part: null } : leaf))
  })
  after(() => lab.remove())

  const subject = (other: Partial<AuditSubject> = {}): AuditSubject => ({
    origin: log.origin,
    charter: lab.charter,
    scope: 'all',
    earlier: printNote(log.head(4).note),
    marks: [2, 5, 12],
    ...other,
  })
  const opened = (other: Partial<AuditSubject> = {}): Audit => {
    const audit = openAudit(subject(other))
    assert.ok(audit.ok)
    return audit.value
  }
  const upTo = (size: number) => auditLeaves(native, opened(), leaves.slice(0, size))
  const stateAt = (size: number): AuditState => {
    const state = stateOf(native, upTo(size))
    assert.ok(state)
    return state
  }
  const markedOf = (state: AuditState, from = leaves) => state.marked.map(({ index }) => from[index])
  const noteOf = () => printNote(log.head(leaves.length).note)
  const throughFile = (state: AuditState): AuditState => {
    const read = parseStateFile(native, BINDING, printStateFile(native, BINDING, state))
    assert.ok(read.ok)
    return read.value
  }
  const resumed = (state: AuditState, from: Audit = opened(), given = leaves) =>
    resumeAudit(native, from, state, markedOf(state, given))

  it('comes to the same report wherever it was cut, also twice', () => {
    const fresh = upTo(leaves.length)
    const report = closeAudit(native, fresh, noteOf())
    assert.ok(report.findings.length > 2, 'there is something to find')
    const cuts = fc.array(fc.integer({ min: 1, max: leaves.length }), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(cuts, (sizes) => {
        let audit = opened()
        for (const size of sizes.toSorted((a, b) => a - b)) {
          audit = auditLeaves(native, audit, leaves.slice(audit.edge.size, size))
          const state = stateOf(native, audit)
          assert.ok(state)
          const again = resumed(throughFile(state))
          assert.ok(again.ok)
          audit = again.value
        }
        audit = auditLeaves(native, audit, leaves.slice(audit.edge.size))
        assert.deepEqual(closeAudit(native, audit, noteOf()), report)
        assert.deepEqual(audit.roots, fresh.roots)
        assert.deepEqual(audit.judgement.keys, fresh.judgement.keys)
      }),
      { numRuns: 60 },
    )
  })

  it('keeps of the log only what decides: keys and findings', () => {
    const indices = stateAt(leaves.length).marked.map(({ index }) => index)
    assert.deepEqual(indices, [0, 3, 7, 8, 9])
  })

  it('does not verify a log whose entries below it have changed', () => {
    const other = log.leaves.map((leaf, at) => (at === 2 ? { ...leaf, bytes: log.leaf(4).bytes } : leaf))
    const changed = auditLeaves(native, opened({ earlier: new Uint8Array(0) }), other)
    const state = stateOf(
      native,
      auditLeaves(native, opened({ earlier: new Uint8Array(0) }), other.slice(0, 8)),
    )
    assert.ok(state && changed.edge.size === leaves.length)
    const again = resumed(state, opened({ earlier: new Uint8Array(0) }), other)
    assert.ok(again.ok)
    const audit = auditLeaves(native, again.value, leaves.slice(8))
    const codes = closeAudit(native, audit, noteOf()).findings.map(({ code }) => code)
    assert.ok(codes.includes('audit-root'))
  })

  it('begins anew where what decides is another entry now, or is gone', () => {
    const state = stateAt(9)
    const swapped = leaves.map((leaf, at) => (at === 7 ? (leaves[8] ?? leaf) : leaf))
    assert.deepEqual(resumed(state, opened(), swapped), { ok: false, fault: 'resume-leaf' })
    const gone = resumeAudit(native, opened(), state, [])
    assert.deepEqual(gone, { ok: false, fault: 'resume-leaf' })
  })

  it('looks again at an entry with a finding, which may be mended', () => {
    const again = resumed(stateAt(6), opened(), log.leaves)
    assert.ok(again.ok)
    assert.deepEqual(again.value.judgement.findings, [])
    assert.deepEqual(again.value.judgement.counts, { entries: 6, signatures: 6, parts: 6 })
  })

  it('begins anew where a root is wanted that was not kept, or the log is another', () => {
    const state = stateAt(9)
    for (const other of [{ marks: [3] }, { earlier: printNote(log.head(6).note) }])
      assert.deepEqual(resumed(state, opened(other)), { ok: false, fault: 'resume-roots' })
    assert.equal(resumed(state, opened({ marks: [9, 11] })).ok, true)
    assert.deepEqual(resumed({ ...state, origin: 'x' }), { ok: false, fault: 'resume-origin' })
    assert.deepEqual(resumed(state, opened({ scope: new Set() })), { ok: false, fault: 'resume-origin' })
  })

  it('is kept only where that is shorter than the log', () => {
    const audit = upTo(9)
    const [one] = audit.judgement.marked
    assert.ok(one)
    const marked = Array.from({ length: MARKED_MAX + 1 }, () => one)
    assert.equal(stateOf(native, { ...audit, judgement: { ...audit.judgement, marked } }), undefined)
    const roots = new Map(
      Array.from({ length: STATE_ROOTS_MAX + 1 }, (_, i) => [i, new Uint8Array(32)] as const),
    )
    assert.equal(stateOf(native, { ...audit, roots }), undefined)
    assert.equal(stateOf(native, opened()), undefined)
    assert.equal(
      stateOf(native, { ...audit, judgement: { ...audit.judgement, scope: new Set() } }),
      undefined,
    )
  })

  describe('as a file', () => {
    const bytes = () => printStateFile(native, BINDING, stateAt(9))
    const changed = (change: (body: Record<string, Value>) => Record<string, Value>) => {
      const read = parse(bytes().subarray(0, -32))
      assert.ok(read.ok && isMap(read.value))
      const body = encode(change({ ...read.value }))
      return concat(body, native.sha256(body))
    }
    const faultOf = (given: Uint8Array, binding = BINDING) => {
      const read = parseStateFile(native, binding, given)
      return read.ok ? 'none' : read.fault
    }

    it('reads back, and only for the same program and charter', () => {
      assert.deepEqual(throughFile(stateAt(9)), stateAt(9))
      assert.equal(faultOf(bytes(), { ...BINDING, tool: 'candor other' }), 'state-binding')
      assert.equal(faultOf(bytes(), { ...BINDING, charter: new Uint8Array(32) }), 'state-binding')
      assert.equal(
        faultOf(changed((body) => ({ ...body, format: 'candor/audit-state@v2' }))),
        'state-binding',
      )
    })

    it('is refused with any bit changed, and cut anywhere', () => {
      const good = bytes()
      const bits = fc.integer({ min: 0, max: good.length * 8 - 1 })
      fc.assert(
        fc.property(bits, (bit) => {
          const flipped = good.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
          assert.equal(faultOf(flipped), 'state-checksum')
          assert.equal(faultOf(good.subarray(0, bit >> 3)), 'state-checksum')
        }),
        { numRuns: 200 },
      )
    })

    it('is refused where its tree is none of that size and root, or its shape is another', () => {
      assert.equal(faultOf(changed((body) => ({ ...body, size: 11 }))), 'state-edge')
      assert.equal(faultOf(changed((body) => ({ ...body, root: new Uint8Array(32) }))), 'state-edge')
      const WRONG: readonly Readonly<Record<string, Value>>[] = [
        { more: 1 },
        { origin: 1 },
        { edge: [1] },
        { counts: [1, 2] },
        { counts: [1, 2, -1] },
        { lastUse: [[new Uint8Array(32)]] },
        { lastUse: [[new Uint8Array(31), 1]] },
        { marked: [[1, new Uint8Array(32), []]] },
        { roots: [[1, new Uint8Array(1)]] },
        { roots: 1 },
      ]
      for (const wrong of WRONG)
        assert.equal(faultOf(changed((body) => ({ ...body, ...wrong }))), 'state-shape')
      assert.equal(faultOf(new Uint8Array(2_000_000)), 'state-shape')
    })
  })
})

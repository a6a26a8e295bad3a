import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { auditLog, type Auditor } from '../../cli/audit.ts'
import { auditStates, type AuditStates } from '../../cli/audit-states.ts'
import type { LeafSource } from '../../cli/leaf-source.ts'
import { native } from '../../node/keys/native.ts'
import type { AuditState } from '../../protocol/audit/resume.ts'
import { stateOf } from '../../protocol/audit/resume.ts'
import { verdictOfLog } from '../../protocol/audit/report.ts'
import { auditLeaves, openAudit, type Audit } from '../../protocol/audit/verify.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { makeSignedLog, type SignedLeaf, type SignedLog } from '../support/signed-log.ts'

const BINDING = { tool: 'candor test', charter: new Uint8Array(32) }

describe('states of audits that were cut short', () => {
  const { path, remove } = temporaryDirectory()
  let log: SignedLog
  before(async () => {
    log = await makeSignedLog(9)
  })
  after(remove)

  const auditOf = (leaves: readonly SignedLeaf[]): Audit => {
    const opened = openAudit({ origin: log.origin, charter: log.charter, scope: 'all' })
    assert.ok(opened.ok)
    return auditLeaves(native, opened.value, leaves)
  }
  const asIfLong = (audit: Audit): Audit => ({ ...audit, edge: { ...audit.edge, size: 4_096 } })
  const stateOfLeaves = (leaves: readonly SignedLeaf[]): AuditState => {
    const state = stateOf(native, auditOf(leaves))
    assert.ok(state)
    return state
  }
  const source = (other: Partial<LeafSource> = {}): LeafSource => ({
    origin: log.origin,
    head: () => Promise.resolve(log.noteOf(log.leaves)),
    entries: (from, count) => Promise.resolve(log.leaves.slice(from, from + count).map(({ bytes }) => bytes)),
    parts: (from, count) => Promise.resolve(log.leaves.slice(from, from + count).map(({ part }) => part)),
    ...other,
  })
  const resuming = async (state: AuditState, from = source()) => {
    const forgotten: string[] = []
    const states: AuditStates = {
      recall: () => state,
      keep: () => undefined,
      forget: (origin) => forgotten.push(origin),
      end: () => undefined,
    }
    const home = join(path, String(Math.random()))
    const auditor: Auditor = { charter: log.charter, home, onProgress: () => undefined, jobs: 0, states }
    const audited = await auditLog(auditor, from, 'all')
    return { ...audited, verdict: verdictOfLog(audited.report), forgotten }
  }

  it('save what they cover, and nothing else', async () => {
    const { verdict, resumed, report, forgotten } = await resuming(stateOfLeaves(log.leaves.slice(0, 6)))
    assert.deepEqual([verdict, resumed, report.counts.entries, forgotten], ['verified', 6, 10, []])
  })

  it('are dropped when the log is not the one that was hashed: the whole log is then judged', async () => {
    // Entry 2 twice; hashed, counted and, as far as the state says, without a fault.
    const swapped = log.leaves.map((leaf, at) => (at === 3 ? (log.leaves[2] ?? leaf) : leaf))
    const state = { ...stateOfLeaves(swapped.slice(0, 6)), lastUse: [] }
    const { verdict, resumed, report, forgotten } = await resuming(state)
    assert.deepEqual([verdict, resumed, report.counts.entries], ['verified', undefined, 10])
    assert.deepEqual(forgotten, [log.origin])
  })

  it('are not used for heads below them, nor for published files', async () => {
    const state = stateOfLeaves(log.leaves)
    const shorter = { head: () => Promise.resolve(log.noteOf(log.leaves.slice(0, 5))) }
    assert.equal((await resuming(state, source(shorter))).resumed, undefined)
    const bundle = () => Promise.resolve(undefined)
    assert.equal((await resuming(state, source({ bundle }))).resumed, undefined)
  })

  it('are written now and then, read back, and gone when all is done', () => {
    const home = join(path, 'home')
    const states = auditStates(home, BINDING)
    states.keep(auditOf(log.leaves))
    assert.equal(existsSync(join(home, 'audits')), false, 'too little to be worth a file')
    assert.equal(states.recall(log.origin), undefined)
    // A tree of that size has one subtree, so this file says what no log is; it shows only that one is written.
    states.keep(asIfLong(auditOf(log.leaves)))
    assert.equal(readdirSync(join(home, 'audits')).length, 1)
    assert.equal(states.recall(log.origin), undefined, 'and is not believed')
    states.forget(log.origin)
    assert.equal(readdirSync(join(home, 'audits')).length, 0)
    states.end()
    assert.equal(existsSync(join(home, 'audits')), false)
  })

  it('cost nothing but time where they cannot be written', () => {
    const states = auditStates('/dev/null', BINDING)
    states.keep(asIfLong(auditOf(log.leaves)))
    assert.equal(states.recall(log.origin), undefined)
  })
})

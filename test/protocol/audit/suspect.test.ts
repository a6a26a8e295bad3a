import assert from 'node:assert/strict'
import type { CharterState } from '../../../protocol/governance/charter.ts'
import { verdictOfLog } from '../../../protocol/audit/report.ts'
import { auditLeaves, closeAudit, openAudit } from '../../../protocol/audit/verify.ts'
import type { Scope } from '../../../protocol/audit/judgement.ts'
import { portable } from '../../../protocol/primitives.ts'
import { DOMAIN } from '../../support/declared.ts'
import { documentOf, founder } from '../../support/founders.ts'
import { NETWORK_ID } from '../../support/notes.ts'
import { ORIGIN, OwnLog } from '../../support/own-log.ts'

describe('the audit of a log with a revoked key', () => {
  let own: OwnLog
  before(async () => {
    own = await OwnLog.open()
    const id = own.idOf('statement')
    await own.appender.append([own.incident(), own.incident(), own.incident()])
    await own.say({ kind: 'add', purpose: 'statement' }, { kind: 'revoke', id, since: 2 })
    await own.appender.append([own.incident()])
  })
  after(() => own.remove())

  async function audit(scope: Scope) {
    const { logs, log, rootKey } = own
    const member = { domain: DOMAIN, name: 'A', sector: 'energy', root: rootKey }
    const document = { ...documentOf([founder(DOMAIN)]), members: [member] }
    const charter: CharterState = {
      networkId: NETWORK_ID,
      document,
      signed: new Set([DOMAIN]),
      descriptors: [],
    }
    const opened = openAudit({ origin: ORIGIN, charter, scope })
    assert.ok(opened.ok && log.complete !== undefined)
    const parts = await logs.parts(log, 0, log.edge.size)
    const leaves = logs
      .entries(log, 0, log.edge.size)
      .map((bytes, at) => ({ bytes, part: parts[at] ?? null }))
    const report = closeAudit(portable, auditLeaves(portable, opened.value, leaves), log.complete)
    return [verdictOfLog(report), ...report.findings.map(({ code, index }) => `${code} ${index}`)]
  }

  it('names the last entry of that key, which was valid and is suspect', async () => {
    assert.deepEqual(await audit('all'), ['key', 'key-suspect 3'])
  })

  it('says so of an entry that was asked for, and nothing of those below or under another key', async () => {
    assert.deepEqual(await audit(new Set([2])), ['key', 'key-suspect 2'])
    assert.deepEqual(await audit(new Set([1])), ['verified'])
    assert.deepEqual(await audit(new Set([6])), ['verified'])
  })
})

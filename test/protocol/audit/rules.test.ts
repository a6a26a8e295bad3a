import assert from 'node:assert/strict'
import { isCoalition, isPlace, ruleOf, severityOf, type AnyFault } from '../../../protocol/audit/rules.ts'
import { sectionOf } from '../../support/spec.ts'

const EXPECTED: readonly (readonly [AnyFault, string, string])[] = [
  ['audit-split-view', 'critical', 'spec 03 §9'],
  ['audit-forked', 'critical', 'spec 03 §9'],
  ['signature', 'high', 'spec 02 §1'],
  ['audit-root', 'high', 'spec 03 §2'],
  ['entry-issuer', 'high', 'spec 01 §4'],
  ['part-commitment', 'high', 'spec 01 §5'],
  ['head-signature', 'high', 'spec 03 §5'],
  ['key-not-in-force', 'high', 'spec 02 §3'],
  ['audit-outsider', 'high', 'spec 07 §2'],
  ['audit-closing', 'high', 'spec 02 §3.3'],
  ['audit-entries-missing', 'medium', 'spec 03 §2'],
  ['part-missing', 'medium', 'spec 01 §5'],
  ['log-missing', 'medium', 'spec 07 §2'],
  ['head-unwitnessed', 'medium', 'spec 03 §6'],
  ['head-unconfirmed', 'low', 'spec 03 §6'],
  ['head-stale', 'low', 'spec 03 §14'],
  ['head-ahead', 'low', 'spec 03 §14'],
  ['head-outside', 'low', 'spec 07 §1'],
  ['charter-unsigned', 'high', 'spec 07 §2'],
  ['cosigner-struck', 'high', 'spec 03 §9'],
  ['cosigner-contradicts', 'high', 'spec 03 §13'],
  ['host-read-only', 'medium', 'spec 04 §6'],
  ['log-withheld', 'medium', 'spec 03 §14'],
  ['log-stopped', 'medium', 'spec 03 §14'],
  ['audit-part-erased', 'medium', 'spec 01 §5'],
  ['audit-erased', 'note', 'spec 03 §7.2'],
  ['audit-above-closing', 'note', 'spec 02 §3.3'],
  ['store-log', 'high', 'spec 08 §7'],
  ['store-entry', 'high', 'spec 03 §2'],
  ['store-tile', 'high', 'spec 03 §4'],
  ['store-part', 'high', 'spec 01 §5'],
  ['store-head', 'high', 'spec 03 §5'],
  ['store-cosignature', 'high', 'spec 03 §13'],
  ['store-row', 'medium', 'spec 08 §7'],
  ['store-cosigner', 'medium', 'spec 03 §12'],
  ['store-sealed', 'medium', 'spec 08 §7'],
  ['tree-file', 'high', 'spec 10 §5'],
]

describe('the rules of findings', () => {
  for (const [code, severity, rule] of EXPECTED) {
    it(`${code} is ${severity} and rests on ${rule}`, () => {
      assert.equal(severityOf(code), severity)
      assert.equal(ruleOf(code), rule)
    })
  }

  it('are sections that the specification has', () => {
    for (const [code] of EXPECTED)
      assert.notEqual(sectionOf(ruleOf(code)), undefined, `${ruleOf(code)} of ${code}`)
    assert.equal(sectionOf('spec 03 §99'), undefined)
  })

  it('tell what is about a coalition from what is about bytes', () => {
    assert.ok(isCoalition('log-missing') && !isCoalition('audit-root'))
    assert.ok(isPlace('store-tile') && !isPlace('audit-root') && !isPlace('constructor'))
  })
})

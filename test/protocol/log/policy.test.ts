import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { native } from '../../../node/keys/native.ts'
import { bytesOfText } from '../../../protocol/bytes.ts'
import { POLICY_BYTES_MAX, POLICY_NAMES_MAX } from '../../../protocol/limits.ts'
import { parseSignedCheckpoint } from '../../../protocol/log/checkpoint.ts'
import { judgeByPolicy } from '../../../protocol/log/policy-judge.ts'
import { parsePolicy, printPolicy, type PolicyFault } from '../../../protocol/log/policy.ts'
import type { PolicyVectors } from '../../support/policy-vectors.ts'
import { readVectors } from '../../support/vectors.ts'

const { heads, cases } = readVectors<PolicyVectors>('log/policy.json')

describe('a trust policy', () => {
  for (const { name, policy, read, line, heads: expected = {} } of cases) {
    it(`reads as the vectors say: ${name}`, () => {
      const parsed = parsePolicy(native, bytesOfText(policy))
      if (!parsed.ok) return assert.deepEqual([parsed.fault, parsed.line], [read, line])
      assert.equal(read, 'ok')
      for (const [head, verdict] of Object.entries(expected)) {
        const signed = parseSignedCheckpoint(bytesOfText(heads[head] ?? ''))
        assert.ok(signed.ok)
        const judged = judgeByPolicy(native, parsed.value, signed.value)
        assert.equal(judged.ok ? judged.value.quorum : judged.fault, verdict, head)
      }
    })
  }

  it('provokes every fault', () => {
    const faults: Readonly<Record<PolicyFault, true>> = {
      'policy-too-long': true,
      'policy-utf8': true,
      'policy-control': true,
      'policy-line': true,
      'policy-key': true,
      'policy-key-twice': true,
      'policy-name': true,
      'policy-threshold': true,
      'policy-quorum': true,
      'policy-too-many': true,
    }
    const elsewhere = ['policy-too-long', 'policy-utf8', 'policy-too-many']
    const seen = new Set([...cases.map(({ read }) => read), ...elsewhere])
    assert.deepEqual(
      Object.keys(faults).filter((fault) => !seen.has(fault)),
      [],
    )
  })

  it('prints in one form, which reads back to the same policy', () => {
    for (const { name, policy, read } of cases) {
      if (read !== 'ok') continue
      const parsed = parsePolicy(native, bytesOfText(policy))
      assert.ok(parsed.ok)
      const printed = printPolicy(native, parsed.value)
      const again = parsePolicy(native, printed)
      assert.deepEqual(again, parsed, name)
      assert.ok(again.ok)
      assert.deepEqual(printPolicy(native, again.value), printed)
    }
  })

  it('is refused when it is not UTF-8, too long, or names more than one would read', () => {
    assert.deepEqual(parsePolicy(native, Uint8Array.of(0xff, 0x0a)), {
      ok: false,
      fault: 'policy-utf8',
      line: 0,
    })
    const long = parsePolicy(native, new Uint8Array(POLICY_BYTES_MAX + 1))
    assert.deepEqual(long, { ok: false, fault: 'policy-too-long', line: 0 })
    const [first] = cases
    const lines = Array.from(
      { length: POLICY_NAMES_MAX },
      (_, i) => `group g${i + 1} any ${i === 0 ? 'd' : `g${i}`}\n`,
    )
    const many = (first?.policy ?? '').replace(/group[^]*/, lines.join(''))
    const refused = parsePolicy(native, bytesOfText(many))
    assert.ok(!refused.ok && refused.fault === 'policy-too-many')
  })

  it('says who confirmed a head and when, and how far each group came', () => {
    const policy = parsePolicy(
      native,
      bytesOfText(cases.find(({ name }) => name === 'and one outside witness')?.policy ?? ''),
    )
    const signed = parseSignedCheckpoint(bytesOfText(heads['three'] ?? ''))
    assert.ok(policy.ok && signed.ok)
    const judged = judgeByPolicy(native, policy.value, signed.value)
    assert.ok(judged.ok)
    const { log, cosigned, groups } = judged.value
    assert.ok(log.name.startsWith('m1.example/'))
    assert.deepEqual(
      cosigned.map(({ witness, time }) => [witness.name, time - 1_700_000_000]),
      [
        ['a', 2],
        ['b', 3],
        ['c', 4],
      ],
    )
    assert.deepEqual(groups, [
      { name: 'mirrors', threshold: 3, witnessed: 3, members: 4 },
      { name: 'outside', threshold: 1, witnessed: 0, members: 1 },
      { name: 'both', threshold: 2, witnessed: 1, members: 2 },
    ])
  })

  it('never throws, whatever the text', () => {
    const words = fc.constantFrom(
      'log',
      'witness',
      'group',
      'quorum',
      'none',
      'a',
      'b',
      '1',
      'any',
      '\n',
      '#',
      '\t',
      ' ',
      'é',
    )
    fc.assert(
      fc.property(fc.array(words, { maxLength: 30 }), (text) => {
        const parsed = parsePolicy(native, bytesOfText(text.join(' ')))
        if (parsed.ok) assert.ok(parsePolicy(native, printPolicy(native, parsed.value)).ok)
      }),
      { numRuns: 500 },
    )
  })
})

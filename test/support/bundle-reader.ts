/** A bundle read and checked as its reader would, from the bytes of its file. */
import assert from 'node:assert/strict'
import { native } from '../../node/keys/native.ts'
import { checkBundle, type CheckedProof } from '../../protocol/audit/bundle-check.ts'
import type { Trust } from '../../protocol/audit/bundle-keys.ts'
import { findingsOfBundle, verdictOfBundle } from '../../protocol/audit/bundle-verdict.ts'
import { parseBundleFile, printBundleFile, type Bundle } from '../../protocol/audit/bundle.ts'
import { policyOf } from '../../protocol/governance/trust.ts'
import { readEpoch } from '../../protocol/identity/epoch.ts'
import { openKeyState } from '../../protocol/identity/keystate.ts'
import { documentOf } from '../../protocol/log/entry.ts'
import { TIME, type BundleLab, type Cosigners, type LogInBytes } from './bundles.ts'

/** Of five members, three mirrors that are not the first one's. */
export const QUORUM: Cosigners = [
  [1, TIME + 10],
  [2, TIME + 20],
  [3, TIME + 30],
]

export function checked(bundle: Bundle, by: Trust) {
  const read = parseBundleFile(printBundleFile(bundle))
  assert.ok(read.ok)
  const found = checkBundle(native, read.value, by)
  const codes = findingsOfBundle(found).map(({ code, verdict }) => `${code} ${verdict}`)
  return { checked: found, codes, verdict: verdictOfBundle(found) }
}

export function onlyProof(bundle: Bundle, by: Trust): CheckedProof {
  const [proof] = checked(bundle, by).checked.proofs
  assert.ok(proof)
  return proof
}

/** The policy that the charter and everybody's leaf 0 amount to, for this log. */
export function policyOfLab(lab: BundleLab, { origin }: LogInBytes): Trust {
  const known = lab.logs.map(({ origin: other, leaves }) => {
    assert.ok(leaves[0] !== undefined)
    const epoch = readEpoch(native, other, documentOf(leaves[0].part) ?? null)
    assert.ok(epoch.ok)
    return { state: openKeyState(native, other, epoch.value), size: 1 }
  })
  const policy = policyOf(lab.charter, known, origin)
  assert.ok(policy.ok)
  return { kind: 'policy', policy: policy.value }
}

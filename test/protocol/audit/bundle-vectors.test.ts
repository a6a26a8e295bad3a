import assert from 'node:assert/strict'
import type { Trust } from '../../../protocol/audit/bundle-keys.ts'
import { parseBundleFile } from '../../../protocol/audit/bundle.ts'
import { bytesOfText, parseHex } from '../../../protocol/bytes.ts'
import { readCharter } from '../../../protocol/governance/charter-file.ts'
import { parsePolicy } from '../../../protocol/log/policy.ts'
import { portable } from '../../../protocol/primitives.ts'
import { shown, type BundleVectors } from '../../support/bundle-vectors.ts'
import { checked } from '../../support/bundle-reader.ts'
import { readVectors } from '../../support/vectors.ts'

describe('the vectors of bundles', () => {
  const vectors = readVectors<BundleVectors>('bundle.json')
  const bytesOf = (hex: string) => {
    const read = parseHex(hex)
    assert.ok(read.ok)
    return read.value
  }
  const trusts = (): Readonly<Record<Trust['kind'], Trust>> => {
    const charter = readCharter(portable, bytesOf(vectors.charter))
    const policy = parsePolicy(portable, bytesOfText(vectors.policy))
    assert.ok(charter.ok && policy.ok)
    return {
      charter: { kind: 'charter', charter: charter.value },
      policy: { kind: 'policy', policy: policy.value },
    }
  }

  for (const { name, by, bundle, verdict, findings, statements } of vectors.cases) {
    it(`${name}: ${verdict}`, () => {
      const read = parseBundleFile(bytesOf(bundle))
      assert.ok(read.ok)
      const found = checked(read.value, trusts()[by])
      assert.deepEqual([found.verdict, found.codes], [verdict, findings])
      assert.deepEqual(shown(found), statements)
    })
  }

  for (const { name, fault, bundle } of vectors.refused) {
    it(`refuse ${name}`, () => {
      assert.deepEqual(parseBundleFile(bytesOf(bundle)), { ok: false, fault })
    })
  }

  it('have each verdict', () => {
    const verdicts = new Set(vectors.cases.map(({ verdict }) => verdict))
    assert.deepEqual([...verdicts].toSorted(), ['incomplete', 'invalid', 'split-view', 'verified'])
  })
})

/** Bundles that were damaged on the way, or made to deceive: they never show more than a good one. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { native } from '../../../node/keys/native.ts'
import { checkBundle, type CheckedBundle, type CheckedProof } from '../../../protocol/audit/bundle-check.ts'
import type { Trust } from '../../../protocol/audit/bundle-keys.ts'
import { findingsOfBundle, verdictOfBundle } from '../../../protocol/audit/bundle-verdict.ts'
import { parseBundleFile, printBundleFile, type Bundle } from '../../../protocol/audit/bundle.ts'
import { worst } from '../../../protocol/audit/report.ts'
import { printHex } from '../../../protocol/bytes.ts'
import { checked, policyOfLab } from '../../support/bundle-reader.ts'
import { BundleLab, LogInBytes, TIME, type Cosigners } from '../../support/bundles.ts'

/** Of three members, both mirrors of the others. */
const BOTH: Cosigners = [
  [1, TIME + 10],
  [2, TIME + 20],
]

describe('a hostile bundle', function () {
  this.timeout(60_000)
  let lab: BundleLab
  let log: LogInBytes
  let trust: Trust
  before(async () => {
    lab = await BundleLab.open(3)
    log = lab.log(0)
    trust = { kind: 'charter', charter: lab.charter }
    for (let i = 0; i < 3; i++) log.say()
    log.say({ kind: 'retract', on: log.targetOf(2), public: {} })
  })
  after(() => lab.remove())

  /** A record and its retraction, confirmed twice, with everything that a bundle can hold of them. */
  const good = (): Bundle => {
    const [older, newer] = [log.head(3, BOTH), log.head(5, BOTH)]
    return { ...lab.bundle(0, [2, 4], newer), consistency: [log.consistency(older, newer)] }
  }

  const flipped = (bytes: Uint8Array, bit: number) =>
    bytes.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))

  function neverMore(bundle: Bundle, by: Trust, numRuns: number): void {
    const bytes = printBundleFile(bundle)
    const before = checkBundle(native, bundle, by)
    const [facts, verdict] = [factsOf(before), verdictOfBundle(before)]
    const bits = fc.integer({ min: 0, max: bytes.length * 8 - 1 })
    const property = fc.property(bits, (bit) => {
      const read = parseBundleFile(flipped(bytes, bit))
      if (!read.ok) return
      const after = checkBundle(native, read.value, by)
      const found = verdictOfBundle(after)
      assert.equal(worst([found, verdict]), found, 'the verdict is never better')
      for (const fact of factsOf(after)) assert.ok(facts.has(fact), fact)
      after.proofs.forEach((proof) => assertNoNearer(before.proofs, proof))
      if (found !== verdict || after.proofs.length < before.proofs.length) return
      const later = ({ proofs }: CheckedBundle) => proofs.map((proof) => proof.later)
      assert.deepEqual(later(after), later(before), 'nothing that was stated later is lost in silence')
    })
    fc.assert(property, { numRuns })
  }

  it('shows no more for any bit that is flipped, under the charter', () => {
    assert.equal(checked(good(), trust).verdict, 'verified')
    neverMore(good(), trust, 250)
  })

  it('nor under a policy, nor where it was incomplete before', () => {
    neverMore(good(), policyOfLab(lab, log), 120)
    const head = log.head(5, BOTH.slice(1))
    neverMore(lab.bundle(0, [2], head), trust, 120)
  })

  it('is refused wherever it is cut', () => {
    const bytes = printBundleFile(good())
    for (let length = 0; length < bytes.length; length += 97) {
      const read = parseBundleFile(bytes.subarray(0, length))
      assert.deepEqual(read, { ok: false, fault: 'bundle-cbor' })
    }
  })

  describe('with two histories that no file in it names', () => {
    /** The same log with another entry at index 3. */
    const branch = (): LogInBytes => {
      const other = new LogInBytes(lab, log.domain, lab.coalition.members[0]?.home.keys ?? '')
      other.leaves.splice(0, 1, ...log.leaves.slice(0, 3))
      other.say()
      other.say()
      return other
    }
    const verdictOf = (bundle: Bundle) => {
      const { verdict, codes } = checked(bundle, trust)
      return [verdict, codes.includes('audit-split-view split-view')]
    }
    const good5 = () => lab.bundle(0, [2], log.head(5, BOTH))

    it('finds them in two heads of one size', () => {
      const other = branch()
      const keys = good5().keys.map((key) =>
        key.file.signed.checkpoint.origin === log.origin
          ? { ...key, file: other.proof(0, other.head(5)) }
          : key,
      )
      assert.deepEqual(verdictOf({ ...good5(), keys }), ['split-view', true])
    })

    it('finds them in a proof that leads from another tree', () => {
      const other = branch()
      // No power of two, so that the proof does not take the older root itself.
      other.say()
      const link = log.consistency(log.head(3), log.head(5))
      assert.equal(checked({ ...good5(), consistency: [link] }, trust).verdict, 'verified')
      const longer = other.head(6, BOTH)
      const hidden = { from: log.head(5), to: longer, proof: other.consistency(other.head(5), longer).proof }
      const bundle = lab.bundle(0, [2], log.head(5, BOTH))
      assert.deepEqual(verdictOf({ ...bundle, consistency: [hidden] }), ['split-view', true])
    })

    it('finds them in two entries at one index', () => {
      const other = branch()
      const mine = log.head(4, BOTH)
      const bundle = lab.bundle(0, [3], mine)
      const smuggled = { file: other.proof(3, other.head(5)), part: other.leaf(3).part }
      const keys = bundle.keys.flatMap((key) =>
        key.file.signed.checkpoint.origin === log.origin ? [key, smuggled] : [key],
      )
      const { verdict, codes } = checked({ ...bundle, keys }, trust)
      // What stands among the keys and is no key event spoils the keys; the heads are then under nobody's key.
      assert.equal(verdict, 'invalid')
      assert.ok(codes.includes('bundle-key-event invalid'))
      const byPolicy = checked({ ...bundle, keys }, policyOfLab(lab, log))
      assert.ok(byPolicy.codes.includes('audit-split-view split-view'))
      assert.equal(byPolicy.verdict, 'split-view')
    })

    it('blames nobody for a proof that anybody could have broken', () => {
      const { from, to, proof } = log.consistency(log.head(3), log.head(5))
      for (const at of proof.keys()) {
        const broken = proof.map((hash, place) => (place === at ? hash.map((byte) => byte ^ 1) : hash))
        const found = checked({ ...good5(), consistency: [{ from, to, proof: broken }] }, trust)
        assert.notEqual(found.verdict, 'split-view')
        assert.notEqual(found.verdict, 'verified')
      }
      const unsigned = { ...from, note: { ...from.note, signatures: [] } }
      const otherRoot = { ...unsigned, checkpoint: { ...from.checkpoint, root: new Uint8Array(32) } }
      const text = from.note.text.replace(/\n[^\n]+\n$/, `\n${Buffer.alloc(32).toString('base64')}\n`)
      const forged = { ...otherRoot, note: { text, signatures: from.note.signatures } }
      const found = checked({ ...good5(), consistency: [{ from: forged, to, proof }] }, trust)
      assert.equal(found.verdict, 'invalid', 'a head that its key did not sign accuses nobody')
    })
  })

  it('says what it lacks: keys, parts, a quorum', () => {
    const bundle = good()
    const LACKING: readonly (readonly [string, Bundle])[] = [
      ['audit-keyless', { ...bundle, keys: [] }],
      ['part-missing', { ...bundle, openings: [] }],
      ['quorum-not-met', lab.bundle(0, [2], log.head(5, BOTH.slice(1)))],
      // Without its keys a mirror counts for nothing, whatever it signed.
      [
        'quorum-not-met',
        {
          ...bundle,
          keys: bundle.keys.filter(({ file }) => file.signed.checkpoint.origin !== lab.log(1).origin),
        },
      ],
    ]
    for (const [code, lacking] of LACKING) {
      const found = checkBundle(native, lacking, trust)
      assert.equal(verdictOfBundle(found), 'incomplete')
      assert.ok(
        findingsOfBundle(found).some((one) => one.code === code),
        code,
      )
    }
  })
})

/** Everything that a bundle shows, each as a text. Of what is not signed or not in its log nothing is shown. */
function factsOf({ proofs }: CheckedBundle): ReadonlySet<string> {
  return new Set(
    proofs.filter(stands).flatMap(({ origin, index, leaf, signature, inLog, keyState, quorum, parts }) => {
      const name = `${origin} ${index} ${printHex(leaf)}`
      const outcomes = { signature, inLog, keyState }
      return [
        ...Object.entries(outcomes).flatMap(([what, { state }]) =>
          state === 'ok' ? [`${name} ${what}`] : [],
        ),
        ...(quorum.state === 'met' ? [`${name} quorum`] : []),
        ...quorum.cosigned.map(({ name: by }) => `${name} by ${by}`),
        ...parts.flatMap(({ tier, outcome, items }) =>
          outcome.state === 'ok' ? [`${name} ${tier} ${items ?? 'whole'}`] : [],
        ),
      ]
    }),
  )
}

function stands({ signature, inLog }: CheckedProof): boolean {
  return signature.state !== 'failed' && inLog.state !== 'failed'
}

/** A bound on the time never gets narrower. */
function assertNoNearer(
  before: readonly CheckedProof[],
  { origin, index, time, seenUpTo }: CheckedProof,
): void {
  const was = before.find((proof) => proof.origin === origin && proof.index === index)
  if (time.existedBy !== undefined)
    assert.ok(was?.time.existedBy !== undefined && time.existedBy.time >= was.time.existedBy.time)
  if (time.notBefore !== undefined)
    assert.ok(was?.time.notBefore !== undefined && time.notBefore.time <= was.time.notBefore.time)
  assert.ok(seenUpTo <= Math.max(0, ...before.map((proof) => proof.seenUpTo)))
}

import assert from 'node:assert/strict'
import type { Bundle } from '../../../protocol/audit/bundle.ts'
import type { Trust } from '../../../protocol/audit/bundle-keys.ts'
import { disclose, flatten, makeItemTree } from '../../../protocol/codec/items.ts'
import { printDisclosure } from '../../../protocol/codec/disclosure.ts'
import { ITEMS_MEDIA_TYPE } from '../../../protocol/codec/part.ts'
import {
  parseSignedCheckpoint,
  printSignedCheckpoint,
  type SignedCheckpoint,
} from '../../../protocol/log/checkpoint.ts'
import { withCount } from '../../../protocol/redaction/count.ts'
import { native } from '../../../node/keys/native.ts'
import { BundleLab, TIME, type Cosigners, type LogInBytes } from '../../support/bundles.ts'
import { checked, onlyProof, policyOfLab, QUORUM } from '../../support/bundle-reader.ts'

describe('checkBundle', function () {
  this.timeout(20_000)
  let lab: BundleLab
  let log: LogInBytes
  let trust: Trust
  before(async () => {
    lab = await BundleLab.open(5)
    log = lab.log(0)
    trust = { kind: 'charter', charter: lab.charter }
    for (let i = 0; i < 4; i++) log.say()
  })
  after(() => lab.remove())

  const check = (bundle: Bundle, by: Trust = trust) => checked(bundle, by)
  const only = (bundle: Bundle, by: Trust = trust) => onlyProof(bundle, by)
  const policyTrust = () => policyOfLab(lab, log)

  it('shows each thing apart, under the charter alone', () => {
    const bundle = lab.bundle(0, [2], log.head(5, QUORUM))
    const proof = only(bundle)
    assert.equal(check(bundle).verdict, 'verified')
    assert.deepEqual(
      [proof.signature.state, proof.inLog.state, proof.keyState.state, proof.quorum.state],
      ['ok', 'ok', 'ok', 'met'],
    )
    assert.deepEqual([proof.quorum.needed, proof.quorum.others, proof.quorum.cosigned.length], [3, 4, 3])
    assert.deepEqual(proof.time.existedBy, { time: TIME + 20, size: 5 })
    assert.equal(proof.time.notBefore, undefined)
    const parts = proof.parts.map(({ tier, outcome }) => `${tier} ${outcome.state}`)
    assert.deepEqual(parts, ['public ok', 'partner not-shown', 'research not-shown'])
    assert.deepEqual([proof.later, proof.seenUpTo], [[], 5])
  })

  it('shows the same under a policy, whose time rests on one honest witness', () => {
    const proof = only(lab.bundle(0, [2], log.head(5, QUORUM)), policyTrust())
    assert.deepEqual(
      [proof.signature.state, proof.inLog.state, proof.keyState.state, proof.quorum.state],
      ['ok', 'ok', 'ok', 'met'],
    )
    assert.deepEqual(proof.time.existedBy, { time: TIME + 30, size: 5 })
  })

  it('is incomplete below a quorum, and says who did confirm it', () => {
    for (const by of [trust, policyTrust()]) {
      const bundle = lab.bundle(0, [2], log.head(5, QUORUM.slice(1)))
      assert.deepEqual(check(bundle, by).codes, ['quorum-not-met incomplete'])
      assert.equal(only(bundle, by).quorum.cosigned.length, 2)
      assert.equal(only(bundle, by).time.existedBy, undefined)
    }
  })

  it('counts neither the author’s own mirror nor witnesses', () => {
    const own: Cosigners = [[0, TIME], ...QUORUM.slice(1)]
    for (const by of [trust, policyTrust()]) {
      assert.equal(only(lab.bundle(0, [2], log.head(5, own)), by).quorum.state, 'not-met')
      assert.equal(only(lab.bundle(0, [2], log.head(5, QUORUM, 'witness')), by).quorum.state, 'not-met')
    }
  })

  it('takes the time from the smallest confirmed head, and the earlier bound from one below', () => {
    const [small, middle, newest] = [log.head(2, QUORUM), log.head(4, QUORUM), log.head(5)]
    const bundle = lab.bundle(0, [3], newest)
    const links = [log.consistency(small, middle), log.consistency(middle, newest)]
    const proof = only({ ...bundle, consistency: links })
    assert.deepEqual([proof.quorum.state, proof.quorum.size], ['met', 4])
    assert.deepEqual(proof.time, {
      existedBy: { time: TIME + 20, size: 4 },
      notBefore: { time: TIME + 10, size: 2 },
    })
  })

  it('does not take heads together that nothing links', () => {
    const bundle = lab.bundle(0, [2], log.head(4, QUORUM))
    const keys = [
      ...log.keys(log.head(5)),
      ...bundle.keys.filter(({ file }) => file.signed.checkpoint.origin !== log.origin),
    ]
    const apart = check({ ...bundle, keys })
    assert.deepEqual(apart.codes, [
      'bundle-unlinked incomplete',
      'quorum-not-met incomplete',
      'bundle-unlinked incomplete',
    ])
    const linked = { ...bundle, keys, consistency: [log.consistency(log.head(4), log.head(5))] }
    assert.equal(check(linked).verdict, 'verified')
  })

  it('finds a consistency proof that does not hold', () => {
    const [from, to] = [log.head(2), log.head(5, QUORUM)]
    const { proof } = log.consistency(from, to)
    const wrong = proof.map((hash, at) => (at === 0 ? hash.map((byte) => byte ^ 1) : hash))
    const bundle = { ...lab.bundle(0, [2], to), consistency: [{ from, to, proof: wrong }] }
    assert.deepEqual(check(bundle).codes, ['root-mismatch invalid', 'bundle-unlinked incomplete'])
  })

  it('finds two histories that it holds itself', () => {
    const { publicKey, sign } = log.keystore.logSigner(1)
    const other = { origin: log.origin, size: 5, root: new Uint8Array(32).fill(7) }
    const forged = parseSignedCheckpoint(printSignedCheckpoint(native, other, publicKey, sign))
    assert.ok(forged.ok)
    const from = log.head(2)
    const link = { ...log.consistency(from, log.head(5)), to: forged.value }
    const found = check({ ...lab.bundle(0, [2], log.head(5, QUORUM)), consistency: [link] })
    assert.equal(found.verdict, 'split-view')
    assert.ok(found.codes.includes('audit-split-view split-view'))
  })

  it('finds what is wrong with the statement, apart from what is not', () => {
    const head = log.head(5, QUORUM)
    const good = lab.bundle(0, [2], head)
    const [file] = good.proofs
    const [opening] = good.openings
    assert.ok(file && opening)
    const flipped = {
      ...file,
      entry: file.entry.map((byte, at) => (at === file.entry.length - 1 ? byte ^ 1 : byte)),
    }
    const changed = { ...good, proofs: [flipped] }
    assert.deepEqual(check(changed).codes.slice(0, 2), ['signature invalid', 'root-mismatch invalid'])
    assert.equal(only(changed).quorum.state, 'not-met', 'what is not in the log was confirmed by nobody')
    const moved = { ...good, proofs: [{ ...file, index: 3 }] }
    assert.deepEqual([only(moved).signature.state, only(moved).inLog.state], ['ok', 'failed'])
    const part = { ...opening.part, bytes: Uint8Array.of(0xa0) }
    assert.deepEqual(check({ ...good, openings: [{ ...opening, part }] }).codes, ['part-commitment invalid'])
    assert.deepEqual(check({ ...good, openings: [] }).codes, ['part-missing incomplete'])
    const lost = { ...file, signed: withoutLine(file.signed, log.origin) }
    assert.equal(check({ ...good, proofs: [lost] }).verdict, 'key')
  })

  it('names strangers, and keys that are missing', () => {
    const bundle = lab.bundle(0, [2], log.head(5, QUORUM))
    const none = check({ ...bundle, keys: [] })
    assert.deepEqual(none.codes, ['audit-keyless incomplete', 'quorum-not-met incomplete'])
    const outside: Trust = { kind: 'charter', charter: { ...lab.charter, networkId: 'a'.repeat(52) } }
    assert.equal(check(bundle, outside).verdict, 'key')
    assert.ok(check(bundle, outside).codes.includes('audit-outsider key'))
    const nobody: Trust = { kind: 'policy', policy: { logs: [], witnesses: [], groups: [], quorum: 'none' } }
    assert.ok(check(bundle, nobody).codes.includes('policy-log key'))
  })

  it('without leaf 0, shows under a policy what rests on the head alone', () => {
    const proof = only({ ...lab.bundle(0, [2], log.head(5, QUORUM)), keys: [] }, policyTrust())
    assert.deepEqual(
      [proof.signature.state, proof.inLog.state, proof.keyState.state, proof.quorum.state],
      ['not-shown', 'ok', 'not-shown', 'met'],
    )
  })

  it('refuses keys that another root key signed', () => {
    const bundle = lab.bundle(0, [2], log.head(5, QUORUM))
    const members = lab.charter.document.members.map((member, at, all) => ({
      ...member,
      root: (at === 0 ? all[1] : member)?.root ?? member.root,
    }))
    const document = { ...lab.charter.document, members }
    const other: Trust = { kind: 'charter', charter: { ...lab.charter, document } }
    assert.ok(check(bundle, other).codes.includes('epoch-root key'))
  })

  it('opens a committed part item by item, and one that is absent', async () => {
    const partner = { narrative: 'what happened', controls: ['a', 'b'] }
    const { index, kept } = log.say({ partner })
    const [opening, secret] = kept.partner
    const [none] = kept.research
    assert.ok(opening instanceof Uint8Array && secret instanceof Uint8Array && none instanceof Uint8Array)
    // What is committed states how many items there are.
    const tree = makeItemTree(native, secret, flatten(withCount(partner)))
    const bytes = printDisclosure(disclose(native, tree, ([first]) => first === 'controls'))
    const bundle = lab.bundle(0, [index], log.head(log.leaves.length, QUORUM))
    const absent = { opening: none, mediaType: '', bytes: new Uint8Array(0) }
    const openings = [
      ...bundle.openings,
      { proof: 0, tier: 'partner', part: { opening, mediaType: ITEMS_MEDIA_TYPE, bytes } },
      { proof: 0, tier: 'research', part: absent },
    ] as const
    const parts = only({ ...bundle, openings }).parts.map(({ outcome, items }) => [outcome.state, items])
    assert.deepEqual(parts, [
      ['ok', undefined],
      ['ok', 2],
      ['ok', 0],
    ])
    const swapped = openings.map((one) =>
      one.tier === 'research' ? { ...one, part: { ...absent, opening } } : one,
    )
    assert.ok(check({ ...bundle, openings: swapped }).codes.includes('part-commitment invalid'))
  })

  it('shows later statements, and which of them count', () => {
    const { index, record } = log.say()
    const on = log.targetOf(index)
    const retracted = log.say({ kind: 'retract', on, public: {} })
    const next = log.say({ record, version: 2 })
    const head = log.head(log.leaves.length, QUORUM)
    const bundle = lab.bundle(0, [index, retracted.index, next.index], head)
    assert.deepEqual(only(bundle).later, [
      { proof: 1, kind: 'retract', counts: true },
      { proof: 2, kind: 'version 2', counts: true },
    ])
    const other = lab.log(1)
    const strange = other.say({ kind: 'retract', on, public: {} })
    const theirs = other.proof(strange.index, other.head(other.leaves.length))
    const both = { ...bundle, proofs: [...bundle.proofs, theirs] }
    assert.deepEqual(only(both).later.at(-1), { proof: 3, kind: 'retract', counts: false })
    assert.equal(only(both).seenUpTo, log.leaves.length)
  })
})

function withoutLine({ checkpoint, note }: SignedCheckpoint, name: string): SignedCheckpoint {
  return { checkpoint, note: { ...note, signatures: note.signatures.filter((line) => line.name !== name) } }
}

import assert from 'node:assert/strict'
import { comparePlaces, type Bundle, type KeyProof } from '../../../protocol/audit/bundle.ts'
import type { Trust } from '../../../protocol/audit/bundle-keys.ts'
import { printSignedCheckpoint } from '../../../protocol/log/checkpoint.ts'
import { printEquivocation } from '../../../protocol/log/equivocation-file.ts'
import { proveCosigner, proveSameSize } from '../../../protocol/log/equivocation-maker.ts'
import { printNote, SIGNATURE_TYPE } from '../../../protocol/log/note.ts'
import { native } from '../../../node/keys/native.ts'
import { BundleLab, TIME, type LogInBytes } from '../../support/bundles.ts'
import { checked, policyOfLab, QUORUM } from '../../support/bundle-reader.ts'

const compareKeys = (a: KeyProof, b: KeyProof) => comparePlaces(a.file, b.file)

describe('a bundle', function () {
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
  const policyTrust = () => policyOfLab(lab, log)

  describe('with a proof of two histories', () => {
    const other = () => {
      const { publicKey, sign } = log.keystore.logSigner(1)
      const head = { origin: log.origin, size: 5, root: new Uint8Array(32).fill(9) }
      return printSignedCheckpoint(native, head, publicKey, sign)
    }

    it('says split view when it convicts the log', () => {
      const subject = {
        name: log.origin,
        type: SIGNATURE_TYPE.ed25519,
        key: log.keystore.logSigner(1).publicKey,
      }
      const proven = proveSameSize(native, { subject, a: printNote(log.head(5).note), b: other() })
      assert.ok(proven.ok)
      const bundle = lab.bundle(0, [2], log.head(5, QUORUM))
      const equivocations = [printEquivocation(native, proven.value)]
      for (const by of [trust, policyTrust()]) {
        assert.equal(check({ ...bundle, equivocations }, by).verdict, 'split-view')
      }
      assert.equal(check({ ...bundle, proofs: [], openings: [], equivocations }).verdict, 'split-view')
      const stranger: Trust = {
        kind: 'policy',
        policy: { logs: [], witnesses: [], groups: [], quorum: 'none' },
      }
      const about = { ...bundle, proofs: [], openings: [], equivocations }
      assert.deepEqual(check(about, stranger).codes, ['key-not-declared verified'])
    })

    it('freezes nothing that was closed at a head which others confirmed, and is not held up by a false closing', () => {
      const subject = {
        name: log.origin,
        type: SIGNATURE_TYPE.ed25519,
        key: log.keystore.logSigner(1).publicKey,
      }
      const proven = proveSameSize(native, { subject, a: printNote(log.head(5).note), b: other() })
      assert.ok(proven.ok)
      const equivocations = [printEquivocation(native, proven.value)]
      const closedAt = (root: Uint8Array, mirrors = QUORUM) => {
        const bundle = lab.bundle(0, [2], log.head(5, mirrors))
        const next = log.second({ origin: log.origin, size: 5, root })
        const checkedOne = check({
          ...bundle,
          keys: [...bundle.keys, next].toSorted(compareKeys),
          equivocations,
        })
        return checkedOne.codes
      }
      const { root } = log.head(5).checkpoint
      assert.deepEqual(closedAt(root), ['epoch-closed verified'])
      assert.ok(closedAt(new Uint8Array(32).fill(9)).includes('audit-forked split-view'))
      assert.ok(closedAt(root, []).includes('audit-forked split-view'))
    })

    it('strikes a mirror that is convicted, and nothing else', () => {
      const { domain, keystore } = lab.log(1)
      const mirror = keystore.signer('mirror')
      const subject = {
        name: `${domain}/candor/mirror`,
        type: SIGNATURE_TYPE.cosignature,
        key: mirror.publicKey,
      }
      const [a, b] = [log.head(4, [[1, TIME + 99]]), log.head(5, [[1, TIME]])]
      const proven = proveCosigner(native, { subject, a: printNote(a.note), b: printNote(b.note) })
      assert.ok(proven.ok)
      const equivocations = [printEquivocation(native, proven.value)]
      const bundle = { ...lab.bundle(0, [2], log.head(5, QUORUM)), equivocations }
      for (const by of [trust, policyTrust()]) {
        assert.deepEqual(check(bundle, by).codes, ['quorum-not-met incomplete', 'cosigner-struck verified'])
      }
    })

    it('takes nothing from the rest for a file that proves nothing', () => {
      const bundle = { ...lab.bundle(0, [2], log.head(5, QUORUM)), equivocations: [Uint8Array.of(1)] }
      assert.equal(check(bundle).verdict, 'verified')
      assert.equal(check({ ...bundle, proofs: [], openings: [] }).verdict, 'incomplete')
    })
  })

  describe('after key events', () => {
    it('judges each statement by the keys below it, and marks those of a revoked key', async () => {
      const own = lab.log(2)
      const id = own.keystore.signer('statement').keyId
      const [before, suspect] = [own.say(), own.say()]
      own.change({ kind: 'add', purpose: 'statement' }, { kind: 'revoke', id, since: suspect.index })
      const after = own.say()
      const fresh = own.say({}, own.keystore.signer('statement'))
      const head = own.head(own.leaves.length, [
        [0, TIME],
        [1, TIME],
        [3, TIME],
      ])
      const bundle = lab.bundle(2, [before.index, suspect.index, after.index, fresh.index], head)
      const states = check(bundle).checked.proofs.map(({ keyState }) =>
        keyState.state === 'ok' ? 'ok' : keyState.fault,
      )
      assert.deepEqual(states, ['ok', 'key-suspect', 'key-not-in-force', 'ok'])
      assert.equal(check(bundle).verdict, 'key')
      // Left out, the key events cannot be missed; the new key is then unknown.
      const first = bundle.keys.filter(
        ({ file }) => file.signed.checkpoint.origin !== own.origin || file.index === 0,
      )
      const bare = check({ ...bundle, keys: first }).checked.proofs.at(-1)
      assert.deepEqual(bare?.keyState, { state: 'failed', fault: 'key-unknown' })
    })

    it('refuses among the keys what is no key event', () => {
      const bundle = lab.bundle(0, [2], log.head(5, QUORUM))
      const head = log.head(5, QUORUM)
      const smuggled = { file: log.proof(1, head), part: log.leaf(1).part }
      const keys = [
        ...log.keys(head),
        smuggled,
        ...bundle.keys.filter(({ file }) => file.signed.checkpoint.origin !== log.origin),
      ]
      assert.ok(check({ ...bundle, keys }).codes.includes('bundle-key-event invalid'))
    })
  })
})

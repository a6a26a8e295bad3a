import assert from 'node:assert/strict'
import { native } from '../../../node/keys/native.ts'
import { cosignerKeys } from '../../../protocol/audit/confirmation.ts'
import { countedKeys, struckByLines, struckByProofs } from '../../../protocol/audit/cosigners.ts'
import type { KeyState } from '../../../protocol/identity/keystate.ts'
import { printCosignerName } from '../../../protocol/log/cosignature.ts'
import { printEquivocation } from '../../../protocol/log/equivocation-file.ts'
import { proveCosigner, proveSameSize } from '../../../protocol/log/equivocation-maker.ts'
import { parseNote, printNote, SIGNATURE_TYPE } from '../../../protocol/log/note.ts'
import { BundleLab, TIME, type Cosigners, type LogInBytes } from '../../support/bundles.ts'
import { foldedKeys } from '../../support/folded-keys.ts'
import { rootOf, treeOf } from '../../support/tree.ts'
import { leafHash } from '../../../protocol/log/merkle.ts'

const SIZE = 5

describe('an auditor that looks at cosigners', function () {
  this.timeout(20_000)
  let lab: BundleLab
  let log: LogInBytes
  let states: readonly KeyState[]

  beforeEach(async () => {
    lab = await BundleLab.open(3)
    log = lab.log(0)
    for (let i = 1; i < SIZE; i++) log.say()
    states = lab.logs.map((one) => foldedKeys(lab, one))
  })
  afterEach(() => lab.remove())

  const inForce = () => cosignerKeys(lab.charter, new Map(states.map((one) => [one.epoch.domain, one])))
  const note = (size: number, by: Cosigners, from = log) => printNote(from.head(size, by).note)
  /** A note over the same entries in another order. */
  const otherwise = (size: number, by: Cosigners) => {
    const kept = [...log.leaves]
    log.leaves.splice(1, 2, ...log.leaves.slice(1, 3).toReversed())
    const made = note(size, by)
    log.leaves.splice(0, kept.length, ...kept)
    return made
  }
  /** With the last line, which is a cosigner's, altered. */
  const forged = (bytes: Uint8Array) => {
    const read = parseNote(bytes)
    assert.ok(read.ok)
    const { text, signatures } = read.value
    const altered = signatures.map((line, at) =>
      at === signatures.length - 1
        ? { ...line, bytes: line.bytes.map((byte, i) => (i === 20 ? byte ^ 1 : byte)) }
        : line,
    )
    return printNote({ text, signatures: altered })
  }
  const rootAt = (size: number) => {
    const hashes = log.leaves.slice(0, size).map(({ bytes }) => leafHash(native, bytes))
    return size === 0 ? undefined : rootOf(treeOf(hashes), 0n, BigInt(size))
  }
  const byLines = (...notes: readonly Uint8Array[]) =>
    struckByLines(native, { origin: log.origin, notes, rootAt }, inForce()).map(
      ({ domain, role }) => `${domain} ${role}`,
    )

  const LINES: Readonly<Record<string, readonly [() => readonly Uint8Array[], readonly string[]]>> = {
    'nobody who goes on in size and time': [
      () => [note(3, [[1, TIME]]), note(4, [[1, TIME]]), note(5, [[1, TIME + 9]])],
      [],
    ],
    'nobody who signs one head again later': [() => [note(3, [[1, TIME + 9]]), note(3, [[1, TIME]])], []],
    'nobody for the times of another': [() => [note(3, [[1, TIME + 9]]), note(5, [[2, TIME]])], []],
    'who signed a smaller head after a larger one': [
      () => [note(5, [[1, TIME]]), note(3, [[1, TIME + 1]])],
      ['b.example mirror'],
    ],
    'who signed two trees of one size': [
      () => [note(5, [[2, TIME]]), otherwise(5, [[2, TIME]])],
      ['c.example mirror'],
    ],
    'who signed a head that is no part of a larger one': [
      () => [otherwise(3, [[2, TIME]]), note(5, [[2, TIME + 1]])],
      ['c.example mirror'],
    ],
    'nobody who signed another history alone': [
      () => [otherwise(3, [[2, TIME]]), note(5, [[1, TIME + 1]])],
      [],
    ],
    'nobody over heads of another log': [
      () => [note(1, [[2, TIME + 9]], lab.log(1)), note(5, [[2, TIME]])],
      [],
    ],
    'nobody in whose name somebody else wrote a line': [
      () => [note(5, [[2, TIME]]), forged(note(3, [[2, TIME + 9]]))],
      [],
    ],
    'who signed one head before and after a larger one': [
      () => [
        note(3, [
          [1, TIME],
          [1, TIME + 9],
        ]),
        note(5, [[1, TIME + 5]]),
      ],
      ['b.example mirror'],
    ],
    'nobody over what is no head': [() => [new Uint8Array(9)], []],
  }
  for (const [who, [notes, expected]] of Object.entries(LINES)) {
    it(`strikes, by their own lines, ${who}`, () => {
      assert.deepEqual(byLines(...notes()), expected)
    })
  }

  it('strikes whom a proof convicts, once, and nobody by a file that proves nothing', () => {
    const { publicKey: key } = lab.log(1).keystore.signer('mirror')
    const subject = { name: printCosignerName('b.example', 'mirror'), type: SIGNATURE_TYPE.cosignature, key }
    const proven = proveCosigner(native, { subject, a: note(5, [[1, TIME]]), b: otherwise(5, [[1, TIME]]) })
    assert.ok(proven.ok)
    const file = printEquivocation(native, proven.value)
    const logKey = {
      name: log.origin,
      type: SIGNATURE_TYPE.ed25519,
      key: log.keystore.logSigner(1).publicKey,
    }
    const ofLog = proveSameSize(native, { subject: logKey, a: note(5, []), b: otherwise(5, []) })
    assert.ok(ofLog.ok)
    const broken = file.map((byte, at) => (at === 200 ? byte ^ 1 : byte))
    const files = [file, file, broken, printEquivocation(native, ofLog.value), new Uint8Array(3)]
    const struck = struckByProofs(native, lab.charter, states, files)
    assert.deepEqual(
      struck.map((one) => [one.code, one.domain, one.role, one.origin]),
      [['cosigner-struck', 'b.example', 'mirror', log.origin]],
    )
    const counted = countedKeys(native, inForce(), states, struck)
    assert.deepEqual(
      counted.map(({ domain, role }) => `${domain} ${role}`),
      ['a.example mirror', 'a.example witness', 'b.example witness', 'c.example mirror', 'c.example witness'],
    )
    // Where its log is not known, nobody knows the key.
    assert.deepEqual(struckByProofs(native, lab.charter, states.slice(2), files), [])
  })
})

/** A mirror and the keys of a log it copies, with the real bytes of a real log. */
import assert from 'node:assert/strict'
import { native } from '../../../node/keys/native.ts'
import { systemRandom } from '../../../node/keys/random.ts'
import { endOf, marksOfPlace } from '../../../node/log/epochs.ts'
import { composeGenesis } from '../../../node/log/genesis.ts'
import type { Proposed } from '../../../node/log/appender.ts'
import { composeKeyEvents } from '../../../node/log/key-events.ts'
import type { Signer } from '../../../node/ports.ts'
import { Logs } from '../../../node/store/logs.ts'
import { subjectOf } from '../../../node/sync/contradiction.ts'
import { Verifier, type Received } from '../../../node/sync/verifier.ts'
import { signerAt } from '../../../protocol/identity/keystate.ts'
import { parseSignedCheckpoint, printSignedCheckpoint } from '../../../protocol/log/checkpoint.ts'
import { parseNote, printNote } from '../../../protocol/log/note.ts'
import { originOf } from '../../support/declared.ts'
import { headOf, Mirror, type Claim } from '../../support/mirror.ts'
import { ORIGIN, OwnLog } from '../../support/own-log.ts'

const NEVER = new AbortController().signal

describe('a mirror', () => {
  let world: Mirror
  let own: OwnLog
  let logs: Logs
  let mirror: Verifier
  let leaves: Proposed[]
  let claims: readonly Claim[]
  beforeEach(async () => {
    world = await Mirror.open()
    ;({ own, logs, verifier: mirror, leaves, claims } = world)
  })
  afterEach(() => own.remove())

  const offer: Mirror['offer'] = (...asked) => world.offer(...asked)
  const events = (...acts: Parameters<typeof composeKeyEvents>[2]) =>
    composeKeyEvents(own.keystore, own.composer(), acts)
  const heldSize = () => logs.get(ORIGIN)?.edge.size
  const refused = (received: Received) =>
    received.kind === 'refused' ? [received.fault, received.blame, received.index] : [received.kind]

  it('takes what the old and the new key sign while both are in force', async () => {
    const [old] = own.keystore.signers('statement')
    leaves.push(...events({ kind: 'add', purpose: 'statement' }))
    leaves.push(own.incident(old), own.incident(own.keystore.signer('statement')))
    assert.equal((await offer(leaves)).kind, 'stored')
    assert.equal(heldSize(), 4)
  })

  it('keeps of a head the line of its log’s own key, whatever else stands in its name', async () => {
    const { publicKey, sign } = own.keystore.logSigner(1)
    const honest = printSignedCheckpoint(native, headOf(leaves), publicKey, sign)
    const note = parseNote(honest)
    assert.ok(note.ok)
    const [line] = note.value.signatures
    assert.ok(line)
    const junk = Array.from({ length: 300 }, (_, n) => ({ ...line, keyId: Uint8Array.of(1, 2, 3, n % 256) }))
    const heavy = printNote({ ...note.value, signatures: [...junk, line] })
    const entries = leaves.map(({ entry }) => entry.bytes)
    const chunk = { from: 0, entries, parts: leaves.map(({ part }) => part), proof: [] }
    assert.equal((await mirror.receive(heavy, chunk)).kind, 'stored')
    assert.deepEqual(Buffer.from(logs.get(ORIGIN)?.complete ?? []), Buffer.from(honest))
    const thrice = printNote({ ...note.value, signatures: [line, line, line] })
    assert.deepEqual(refused(await mirror.receive(thrice, null)), ['head-signature', 'sender', undefined])
  })

  it('keeps a head in mind whose entries do not come: its author may have stopped', async () => {
    assert.equal((await offer(leaves)).kind, 'stored')
    const { publicKey, sign } = own.keystore.logSigner(1)
    const note = printSignedCheckpoint(native, headOf([...leaves, own.incident()]), publicKey, sign)
    const broken = mirror.receiveRange(note, NEVER, () => Promise.reject(new Error('the peer is gone')))
    await mirror.settled(ORIGIN)
    await assert.rejects(broken, /the peer is gone/)
    const pending = logs.get(ORIGIN)?.pending
    assert.ok(pending !== undefined && Buffer.from(pending).equals(note))
  })

  it('proves two heads of one size whose entries never came', async () => {
    assert.equal((await offer(leaves)).kind, 'stored')
    const { publicKey, sign } = own.keystore.logSigner(1)
    const [one, other] = [own.incident(), own.incident()].map((leaf) =>
      printSignedCheckpoint(native, headOf([...leaves, leaf]), publicKey, sign),
    )
    assert.ok(one && other)
    assert.equal((await mirror.receive(one, null)).kind, 'behind')
    assert.equal((await mirror.receive(one, null)).kind, 'behind')
    assert.equal(claims.length, 0)
    await mirror.receive(other, null)
    assert.deepEqual(claims, [{ subject: subjectOf(ORIGIN, publicKey), a: other, b: one }])
  })

  it('proves that a head whose entries never came is no prefix of the history that did', async () => {
    assert.equal((await offer(leaves)).kind, 'stored')
    const { publicKey, sign } = own.keystore.logSigner(1)
    const hidden = printSignedCheckpoint(native, headOf([...leaves, own.incident()]), publicKey, sign)
    assert.equal((await mirror.receive(hidden, null)).kind, 'behind')
    leaves.push(own.incident(), own.incident())
    assert.equal((await offer(leaves, 1)).kind, 'stored')
    const [claim, ...more] = claims
    assert.deepEqual([claim?.a, claim?.b, more], [hidden, logs.get(ORIGIN)?.complete, []])
    assert.deepEqual(claim?.prefix?.prefixRoot, headOf(leaves.slice(0, 2)).root)
    // What was seen and continues does not count against anybody.
    const shown = printSignedCheckpoint(
      native,
      headOf([...leaves, own.incident()].slice(0, 4)),
      publicKey,
      sign,
    )
    await mirror.receive(shown, null)
    assert.equal(claims.length, 1)
  })

  it('gives up an answer that stands still while others wait for the same log', async () => {
    assert.equal((await offer(leaves)).kind, 'stored')
    leaves.push(own.incident(), own.incident())
    const { publicKey, sign } = own.keystore.logSigner(1)
    const note = printSignedCheckpoint(native, headOf(leaves), publicKey, sign)
    const still = mirror.receiveRange(note, NEVER, (_push, turn) => {
      return new Promise((_, reject) => turn.addEventListener('abort', () => reject(new Error('given up'))))
    })
    const other = offer(leaves, 1)
    await assert.rejects(still, /given up/)
    assert.equal((await other).kind, 'stored')
    assert.equal(heldSize(), 3)
  })

  it('keeps the largest head in mind of those that come while too many wait, and no forged one', async () => {
    assert.equal((await offer(leaves)).kind, 'stored')
    const { publicKey, sign } = own.keystore.logSigner(1)
    const forger = own.keystore.signer('statement')
    const more = Array.from({ length: 60 }, () => own.incident())
    const headAt = (size: number) => headOf([...leaves, ...more.slice(0, size - 1)])
    const notes = Array.from({ length: 60 }, (_, i) =>
      printSignedCheckpoint(native, headAt(i + 2), publicKey, sign),
    )
    const forged = printSignedCheckpoint(native, { ...headAt(61), size: 999 }, forger.publicKey, forger.sign)
    // All at once, the largest neither first nor last.
    const turned = [...notes.slice(0, 30), forged, ...notes.slice(30).toReversed()]
    const answers = turned.map((note) => mirror.receive(note, null))
    await mirror.settled(ORIGIN)
    const pending = logs.get(ORIGIN)?.pending
    const signed = pending && parseSignedCheckpoint(pending)
    assert.ok(signed?.ok === true && signed.value.checkpoint.size === 61)
    assert.ok((await Promise.all(answers)).every(({ kind }) => kind === 'behind'))
  })

  const cases: readonly [string, (first: Signer) => readonly Proposed[], string][] = [
    [
      'a key that was retired below it',
      (old) => [
        ...events({ kind: 'add', purpose: 'statement' }, { kind: 'retire', id: old.keyId }),
        own.incident(old),
      ],
      'key-not-in-force',
    ],
    [
      'a key that was revoked below it',
      (old) => [
        ...events({ kind: 'add', purpose: 'statement' }, { kind: 'revoke', id: old.keyId, since: 2 }),
        own.incident(old),
      ],
      'key-not-in-force',
    ],
    [
      'a key that is declared only above it',
      () => {
        const added = events({ kind: 'add', purpose: 'statement' }, { kind: 'add', purpose: 'witness' })
        return [...added.slice(1), own.incident(own.keystore.signer('statement')), ...added.slice(0, 1)]
      },
      'key-unknown',
    ],
    [
      'a key of another purpose',
      () => [own.incident(), own.incident(own.keystore.signer('mirror'))],
      'key-purpose',
    ],
    [
      'a key event that would leave no statement key',
      (old) => [own.incident(), ...events({ kind: 'retire', id: old.keyId })],
      'key-event-last',
    ],
  ]
  for (const [name, make, fault] of cases) {
    it(`stops at an entry signed by ${name}, and keeps what is below`, async () => {
      const [first] = own.keystore.signers('statement')
      assert.ok(first !== undefined)
      leaves.push(...make(first))
      const at = fault === 'key-unknown' ? 2 : leaves.length - 1
      assert.deepEqual(refused(await offer(leaves)), [fault, 'author', at])
      assert.equal(heldSize(), at)
      assert.deepEqual(mirror.refusalOf(ORIGIN), { index: at, fault })
    })
  }

  it('keeps what a revoked key signed before that was said, and marks it', async () => {
    const [old] = own.keystore.signers('statement')
    assert.ok(old !== undefined)
    leaves.push(own.incident(), own.incident())
    leaves.push(...events({ kind: 'add', purpose: 'statement' }, { kind: 'revoke', id: old.keyId, since: 2 }))
    leaves.push(own.incident(own.keystore.signer('statement')))
    assert.equal((await offer(leaves)).kind, 'stored')
    const log = logs.get(ORIGIN)
    assert.ok(log?.keys !== undefined)
    const marks = [1, 2].map((index) => marksOfPlace(logs, log, index, old.keyId).length)
    assert.deepEqual(marks, [0, 1])
    assert.ok(!signerAt(log.keys, 'incident', old.keyId, 6).ok)
    assert.deepEqual(marksOfPlace(logs, log, 5, own.keystore.signer('statement').keyId), [])
  })

  describe('of a log whose next epoch it holds', () => {
    beforeEach(async () => {
      leaves.push(own.incident(), own.incident())
      await offer(leaves)
      const previous = headOf(leaves.slice(0, 2))
      const logKey = own.keystore.prepareLogKey(2)
      const parts = { ...own.composer(), origin: originOf(2), random: systemRandom }
      const leaf = composeGenesis(own.keystore, parts, { logKey, previous, because: null, without: [] })
      own.keystore.commitLogKey(2)
      assert.equal((await offer([leaf], 0, originOf(2), 2)).kind, 'stored')
    })

    it('takes nothing above the closing head, and blames nobody for it', async () => {
      assert.equal(endOf(logs, ORIGIN), 2)
      leaves.push(own.incident())
      assert.equal((await offer(leaves, 3)).kind, 'void')
      assert.equal(heldSize(), 3)
      assert.equal(mirror.refusalOf(ORIGIN), undefined)
    })

    it('is not harmed by a stolen key of the closed epoch: heads above are not even compared', async () => {
      const forged = [...leaves.slice(0, 2), own.incident(), own.incident()]
      assert.equal((await offer(forged, 2)).kind, 'void')
      assert.equal((await offer(forged.slice(0, 3), 2)).kind, 'void')
    })

    it('still gives and takes what is below', async () => {
      assert.equal((await offer(leaves.slice(0, 2))).kind, 'held')
      const log = logs.get(ORIGIN)
      assert.ok(log !== undefined)
      const id = own.idOf('statement')
      assert.deepEqual(marksOfPlace(logs, log, 1, id), [])
      assert.equal(marksOfPlace(logs, log, 2, id).length, 1)
    })
  })
})

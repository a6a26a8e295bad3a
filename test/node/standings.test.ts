import assert from 'node:assert/strict'
import { native } from '../../node/keys/native.ts'
import { systemRandom } from '../../node/keys/random.ts'
import type { Proposed } from '../../node/log/appender.ts'
import { composeGenesis } from '../../node/log/genesis.ts'
import type { Head } from '../../protocol/codec/statement.ts'
import { printSignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { printEquivocation } from '../../protocol/log/equivocation-file.ts'
import { proveSameSize } from '../../protocol/log/equivocation-maker.ts'
import { printNote, SIGNATURE_TYPE } from '../../protocol/log/note.ts'
import { STALE_AFTER_SECONDS, WITHHELD_AFTER_SECONDS } from '../../protocol/log/state.ts'
import { originOf } from '../support/declared.ts'
import { cosignatureOf, noteOf, testCosigner } from '../support/notes.ts'
import { headOf } from '../support/mirror.ts'
import { ORIGIN, OwnLog } from '../support/own-log.ts'
import { JudgingMirror, NUMBERS, START } from '../support/standing-mirror.ts'

const MINUTE = 60_000

describe('how a log stands', () => {
  let own: OwnLog
  let mirror: JudgingMirror
  let leaves: Proposed[]

  beforeEach(async () => {
    own = await OwnLog.open()
    leaves = [composeGenesis(own.keystore, own.composer())]
    mirror = new JudgingMirror(own)
  })
  afterEach(() => own.remove())

  const signed = (head: Head, epoch = 1) => {
    const { publicKey, sign } = own.keystore.logSigner(epoch)
    return printSignedCheckpoint(native, head, publicKey, sign)
  }
  /** Gives the entries from where the mirror is, under a head of just these. */
  const give = async (size: number) => {
    const from = mirror.logs.get(ORIGIN)?.edge.size ?? 0
    const sent = leaves.slice(from, size)
    const entries = sent.map(({ entry }) => entry.bytes)
    const chunk = { from, entries, parts: sent.map(({ part }) => part), proof: [] }
    const { kind } = await mirror.verifier.receive(signed(headOf(leaves.slice(0, size))), chunk)
    assert.equal(kind, 'stored')
  }
  const confirm = async (size: number, seconds: number) => {
    const note = noteOf(signed(headOf(leaves.slice(0, size))))
    const lines = NUMBERS.map((n) => cosignatureOf(testCosigner(n, 'mirror'), note, seconds))
    await mirror.heads.add(printNote({ ...note, signatures: [...note.signatures, ...lines] }))
  }
  const show = (size: number) => mirror.verifier.receive(signed(headOf(leaves.slice(0, size))), null)
  const add = (count: number) => {
    for (let i = 0; i < count; i++) leaves.push(own.incident())
  }

  it('is withheld from when a head was first seen whose entries have not come, however little is given now and then', async () => {
    add(40)
    await give(1)
    assert.equal((await mirror.standing()).state, 'ok')
    await show(30)
    assert.equal((await mirror.standing()).state, 'ok')
    const after = WITHHELD_AFTER_SECONDS * 1_000
    // One entry a while, and a restart in between: neither begins the time anew.
    for (const size of [2, 3]) {
      mirror.now += 4 * MINUTE
      await give(size)
      assert.equal((await mirror.standing()).state, 'ok')
      await mirror.restart()
    }
    mirror.now = START + after
    const late = await mirror.standing()
    assert.deepEqual([late.state, late.after], ['withheld', 0])
    assert.match(late.why, /a head of 30 entries is signed, and of those above 3 nobody gave all/)
    await show(41)
    assert.equal((await mirror.standing()).after, 0)
    mirror.now += MINUTE
    await give(10)
    assert.deepEqual((await mirror.standing()).after, 0)
    // The first of the two has come; the second was seen later.
    await give(30)
    assert.equal((await mirror.standing()).state, 'ok')
    mirror.now = START + 2 * after
    const again = await mirror.standing()
    assert.deepEqual([again.state, again.after], ['withheld', after])
    await give(41)
    const ok = await mirror.standing()
    assert.deepEqual([ok.state, ok.after], ['ok', 2 * after])
  })

  it('is stale from the last confirmation on, and ok from when it is confirmed again, over restarts', async () => {
    add(2)
    await give(3)
    mirror.now += MINUTE
    await confirm(3, START / 1_000)
    const first = await mirror.standing()
    assert.deepEqual([first.state, first.why], ['ok', 'a quorum confirmed its newest head'])
    mirror.now = START + STALE_AFTER_SECONDS * 1_000
    const stale = await mirror.standing()
    assert.deepEqual([stale.state, stale.after], ['stale', 0])
    assert.match(stale.why, /no quorum of other members confirmed it for a day/)
    await mirror.restart()
    assert.deepEqual(await mirror.standing(), stale)
    await confirm(3, mirror.now / 1_000)
    const again = await mirror.standing()
    assert.deepEqual([again.state, again.after], ['ok', STALE_AFTER_SECONDS * 1_000])
    mirror.now += 7 * MINUTE
    await mirror.restart()
    assert.deepEqual(await mirror.standing(), again)
  })

  it('is stale a day after its first head came, where nobody ever confirmed it, whatever is restarted', async () => {
    await give(1)
    assert.equal((await mirror.standing()).state, 'ok')
    mirror.now += (STALE_AFTER_SECONDS * 1_000) / 2
    await mirror.restart()
    assert.equal((await mirror.standing()).state, 'ok')
    mirror.now += (STALE_AFTER_SECONDS * 1_000) / 2
    assert.deepEqual([(await mirror.standing()).state, (await mirror.standing()).after], ['stale', 0])
  })

  it('is retired from when the next epoch was seen here, with how its closing stands, and no proof freezes it', async () => {
    add(3)
    await give(4)
    await confirm(4, START / 1_000)
    const logKey = own.keystore.prepareLogKey(2)
    const parts = { ...own.composer(), origin: originOf(2), random: systemRandom }
    const opening = { logKey, previous: headOf(leaves.slice(0, 3)), because: null, without: [] }
    const leaf = composeGenesis(own.keystore, parts, opening)
    own.keystore.commitLogKey(2)
    mirror.now += 5 * MINUTE
    const chunk = { from: 0, entries: [leaf.entry.bytes], parts: [leaf.part], proof: [] }
    await mirror.verifier.receive(signed(headOf([leaf], originOf(2)), 2), chunk)
    const retired = await mirror.standing()
    assert.deepEqual([retired.state, retired.after], ['retired', 5 * MINUTE])
    assert.match(retired.why, /closed it at a head that a quorum confirmed; .*\/2 continues it/)
    mirror.now += 40 * MINUTE
    await mirror.restart()
    assert.deepEqual(await mirror.standing(), retired)
    await mirror.evidence.add(proofOfTwo(), 'a thief')
    const still = await mirror.standing()
    assert.deepEqual([still.state, still.after], ['retired', 5 * MINUTE])
    assert.match(still.why, /proofs of two histories are held \(1\), which freeze nothing any more/)
  })

  it('is forked once its proof is held although its author names a head it never had, in either order', async () => {
    add(3)
    await give(4)
    await confirm(4, START / 1_000)
    const logKey = own.keystore.prepareLogKey(2)
    const parts = { ...own.composer(), origin: originOf(2), random: systemRandom }
    const previous = { origin: ORIGIN, size: 3, root: new Uint8Array(32).fill(9) }
    const leaf = composeGenesis(own.keystore, parts, { logKey, previous, because: null, without: [] })
    own.keystore.commitLogKey(2)
    const chunk = { from: 0, entries: [leaf.entry.bytes], parts: [leaf.part], proof: [] }
    const close = () => mirror.verifier.receive(signed(headOf([leaf], originOf(2)), 2), chunk)
    const before = mirror.store.copy()
    await close()
    assert.match((await mirror.standing()).why, /CONTRADICTS what a quorum confirmed/)
    await mirror.evidence.add(proofOfTwo(), 'gossip')
    const closedFirst = await mirror.standing()

    mirror.store = before
    await mirror.restart()
    await mirror.evidence.add(proofOfTwo(), 'gossip')
    await close()
    const provenFirst = await mirror.standing()
    assert.equal(closedFirst.state, 'forked')
    assert.deepEqual(provenFirst, closedFirst)
  })

  it('is stopped, damaged or empty from when that was seen', async () => {
    add(1)
    mirror.now += MINUTE
    await mirror.logs.ensure(ORIGIN)
    assert.deepEqual([(await mirror.standing()).state, (await mirror.standing()).after], ['empty', MINUTE])
    await give(2)
    mirror.now += MINUTE
    mirror.logs.damages.add({ origin: ORIGIN, what: 'entry', index: 1, why: 'a test' })
    const damaged = await mirror.standing()
    mirror.now += MINUTE
    assert.deepEqual(await mirror.standing(), damaged)
    assert.deepEqual([damaged.state, damaged.after], ['damaged', 2 * MINUTE])
    mirror.logs.damages.clear(ORIGIN)
    const stranger = own.keystore.logSigner(1)
    leaves.push(own.incident(stranger))
    const sent = leaves.slice(2)
    const chunk = {
      from: 2,
      entries: sent.map(({ entry }) => entry.bytes),
      parts: sent.map(({ part }) => part),
      proof: [],
    }
    await mirror.verifier.receive(signed(headOf(leaves)), chunk)
    const stopped = await mirror.standing()
    assert.deepEqual([stopped.state, stopped.after], ['stopped', 3 * MINUTE])
    assert.match(stopped.why, /entry 2 is not valid \(key-purpose\)/)
  })

  function proofOfTwo(): Uint8Array {
    const honest = signed(headOf(leaves.slice(0, 4)))
    const other = signed({ origin: ORIGIN, size: 4, root: new Uint8Array(32).fill(5) })
    const { publicKey: key } = own.keystore.logSigner(1)
    const subject = { name: ORIGIN, type: SIGNATURE_TYPE.ed25519, key }
    const proven = proveSameSize(native, { subject, a: honest, b: other })
    assert.ok(proven.ok)
    return printEquivocation(native, proven.value)
  }
})

import assert from 'node:assert/strict'
import { native } from '../../../node/keys/native.ts'
import {
  attesterOf,
  confirmHead,
  cosignerKeys,
  countingNow,
  othersOf,
  pastMirrorKeys,
  timeBounds,
  type Counting,
} from '../../../protocol/audit/confirmation.ts'
import { belowEnd } from '../../../protocol/audit/ending.ts'
import { attestationsOf, joinObserved, OBSERVED_NAMES_MAX } from '../../../protocol/audit/entangled.ts'
import { resumeAudit, stateOf } from '../../../protocol/audit/resume.ts'
import { auditLeaves, openAudit, type Audit } from '../../../protocol/audit/verify.ts'
import type { CharterState } from '../../../protocol/governance/charter.ts'
import { openKeyState, type KeyState } from '../../../protocol/identity/keystate.ts'
import type { SignedCheckpoint } from '../../../protocol/log/checkpoint.ts'
import { cosign, printCosignerName } from '../../../protocol/log/cosignature.ts'
import { printNote } from '../../../protocol/log/note.ts'
import { observedDocuments, type ObservedHead } from '../../../protocol/record/observed.ts'
import { QUORUM } from '../../support/bundle-reader.ts'
import { BundleLab, TIME, type Cosigners, type LogInBytes } from '../../support/bundles.ts'

/** A day after the heads that it names. */
const STATED = TIME + 86_400
const AUTHOR = 0
const ROTATED = 1
const OBSERVER = 2

describe('a cosignature under a key that is out of force', function () {
  this.timeout(20_000)
  let lab: BundleLab
  let log: LogInBytes
  let old: SignedCheckpoint
  let oldMirror: ReturnType<LogInBytes['keystore']['signer']>

  beforeEach(async () => {
    lab = await BundleLab.open(5)
    log = lab.log(AUTHOR)
    for (let i = 0; i < 4; i++) log.say()
    old = log.head(5, QUORUM)
    oldMirror = lab.log(ROTATED).keystore.signer('mirror')
  })
  afterEach(() => lab.remove())

  const audited = ({ origin, leaves }: LogInBytes, sizes: readonly number[] = []): Audit => {
    const opened = openAudit({ origin, charter: lab.charter, scope: 'all', marks: sizes })
    assert.ok(opened.ok)
    const given = leaves.map(({ bytes, part }) => ({ bytes, part }))
    return auditLeaves(native, opened.value, given)
  }
  const keysOf = (one: LogInBytes): KeyState => {
    const { keys } = audited(one).judgement
    assert.ok(keys !== undefined)
    return keys
  }
  const observe = (by: number, head: SignedCheckpoint, names: readonly number[]) => {
    const named = names.map((number) => lab.log(number).domain)
    const stated: ObservedHead = { ...head.checkpoint, as: 'holder', by: named }
    const [document] = observedDocuments([stated])
    assert.ok(document !== undefined)
    lab.log(by).say({ kind: 'observed', public: document })
  }
  const rotate = (how: 'retire' | 'revoke') => {
    const { keyId: id } = oldMirror
    const act =
      how === 'retire' ? ({ kind: 'retire', id } as const) : ({ kind: 'revoke', id, since: 0 } as const)
    lab.log(ROTATED).change({ kind: 'add', purpose: 'mirror' }, act)
  }
  const noteOf = (head: SignedCheckpoint) => printNote(head.note)
  const othersIn = (one: LogInBytes) => othersOf(lab.charter, one.origin)
  const currentKeys = (charter: CharterState = lab.charter) =>
    cosignerKeys(charter, new Map(lab.logs.map((one) => [one.domain, keysOf(one)])))

  /** What counts when everybody's logs were audited, that of the observer under a head that these confirmed. */
  const counting = (
    confirmers: Cosigners = [
      [0, STATED],
      [3, STATED + 1],
      [4, STATED + 2],
    ],
    by = OBSERVER,
    charter = lab.charter,
  ): Counting => {
    const current = currentKeys(charter)
    const observer = lab.log(by)
    const size = observer.leaves.length
    const { judgement, roots, edge } = audited(observer, [size])
    assert.equal(edge.size, size)
    const tree = {
      notes: [noteOf(observer.head(size, confirmers))],
      keys: keysOf(observer),
      rootAt: (at: number) => roots.get(at),
      observed: judgement.observed,
    }
    const attester = attesterOf(native, tree, current, othersIn(observer))
    const past = pastMirrorKeys(charter, lab.logs.map(keysOf), current)
    return { current, past, attested: attestationsOf([attester]) }
  }
  const confirmedBy = (head: SignedCheckpoint, by: Counting) => {
    const { mirrors, isQuorum } = confirmHead(native, noteOf(head), by, othersIn(log))
    return [mirrors.map((domain) => lab.logs.findIndex((one) => one.domain === domain)), isQuorum]
  }
  const bound = (heads: readonly SignedCheckpoint[], by: Counting) => {
    const { roots } = audited(
      log,
      heads.map(({ checkpoint }) => checkpoint.size),
    )
    const tree = { notes: heads.map(noteOf), keys: keysOf(log), rootAt: (at: number) => roots.get(at) }
    return timeBounds(native, tree, by, othersIn(log)).at(-1)
  }
  /** What a thief makes of a head with the old key. */
  const forged = (head: SignedCheckpoint, time: number): SignedCheckpoint => {
    const name = printCosignerName(lab.log(ROTATED).domain, 'mirror')
    const { text } = head.note
    const line = cosign(native, { name, key: oldMirror.publicKey }, { text, time }, oldMirror.sign)
    return { ...head, note: { ...head.note, signatures: [...head.note.signatures, line] } }
  }

  it('takes the old quorum heads with it, where nobody observed them', () => {
    assert.deepEqual(confirmedBy(old, countingNow(currentKeys())), [[1, 2, 3], true])
    assert.deepEqual(bound([old], countingNow(currentKeys())), { size: 5, time: TIME + 20 })
    rotate('retire')
    assert.deepEqual(confirmedBy(old, countingNow(currentKeys())), [[2, 3], false])
    assert.deepEqual(confirmedBy(old, counting()), [[2, 3], false])
    assert.equal(bound([old], counting()), undefined)
  })

  it('counts on a head that a current member’s log names, and is as old as that statement', () => {
    observe(OBSERVER, old, [1, 2, 3])
    rotate('retire')
    assert.deepEqual(confirmedBy(old, counting()), [[1, 2, 3], true])
    // Of four others one may lie: the second smallest of two own times and the day of the statement.
    assert.deepEqual(bound([old], counting()), { size: 5, time: TIME + 30 })
    // It makes no head fresher, whatever its line says.
    assert.equal(confirmHead(native, noteOf(old), counting(), othersIn(log)).at, undefined)
  })

  it('gives a thief nothing: neither another head nor an earlier time', () => {
    observe(OBSERVER, old, [1, 2, 3])
    rotate('retire')
    const other = forged(
      log.head(4, [
        [2, TIME + 1],
        [3, TIME + 2],
      ]),
      TIME,
    )
    assert.deepEqual(confirmedBy(other, counting()), [[2, 3], false])
    const bare = log.head(5, [
      [2, TIME + 500_000],
      [3, TIME + 500_001],
    ])
    // The named head, under a forged line from long ago: the statement's own time stands in its place.
    assert.deepEqual(bound([forged(bare, TIME - 900_000)], counting()), { size: 5, time: TIME + 500_000 })
    const [attested] = [counting().attested(bare.checkpoint, lab.log(ROTATED).domain)]
    assert.equal(attested, STATED + 1)
  })

  it('is attested as well in an audit that goes on later', () => {
    observe(OBSERVER, old, [1, 2, 3])
    const observer = lab.log(OBSERVER)
    const state = stateOf(native, audited(observer))
    assert.ok(state !== undefined)
    const opened = openAudit({ origin: observer.origin, charter: lab.charter, scope: 'all' })
    assert.ok(opened.ok)
    const again = resumeAudit(
      native,
      opened.value,
      state,
      state.marked.map(({ index }) => observer.leaves[index]),
    )
    assert.ok(again.ok)
    assert.deepEqual(again.value.judgement.observed, audited(observer).judgement.observed)
    assert.equal(again.value.judgement.observed.length, 1)
  })

  it('never counts once the key was revoked', () => {
    observe(OBSERVER, old, [1, 2, 3])
    rotate('revoke')
    assert.deepEqual(confirmedBy(old, counting()), [[2, 3], false])
  })

  it('is attested by no statement that too few keys in force confirmed', () => {
    observe(OBSERVER, old, [1, 2, 3])
    rotate('retire')
    assert.deepEqual(confirmedBy(old, counting([[0, STATED]])), [[2, 3], false])
  })

  it('is attested by nobody for its own log, or for its own cosigner', () => {
    observe(AUTHOR, old, [1, 2, 3])
    observe(ROTATED, old, [1, 2, 3])
    rotate('retire')
    const confirmers: Cosigners = [
      [2, STATED],
      [3, STATED],
      [4, STATED],
    ]
    for (const by of [AUTHOR, ROTATED])
      assert.deepEqual(confirmedBy(old, counting(confirmers, by)), [[2, 3], false])
  })

  it('counts by the same rule for a member that speaks no more', () => {
    observe(OBSERVER, old, [1, 2, 3])
    const { domain } = lab.log(ROTATED)
    const document = { ...lab.charter.document, suspended: [domain] }
    const charter = { ...lab.charter, document }
    assert.deepEqual(confirmedBy(old, countingNow(currentKeys(charter))), [[2, 3], false])
    assert.deepEqual(confirmedBy(old, counting(undefined, OBSERVER, charter)), [[1, 2, 3], true])
  })

  it('may be of a key that a closed epoch declared and no later one', () => {
    observe(OBSERVER, old, [1, 2, 3])
    const state = keysOf(lab.log(ROTATED))
    const next = openKeyState(native, `${state.origin.slice(0, -1)}2`, { ...state.epoch, epoch: 2, keys: [] })
    const states = lab.logs.map((one) => (one.domain === state.epoch.domain ? next : keysOf(one)))
    const current = cosignerKeys(lab.charter, new Map(states.map((one) => [one.epoch.domain, one])))
    const past = pastMirrorKeys(lab.charter, [...states, state], current)
    assert.deepEqual(
      past.map(({ domain, key }) => [domain, key]),
      [[state.epoch.domain, oldMirror.publicKey]],
    )
    assert.deepEqual(confirmedBy(old, { ...counting(), current, past }), [[1, 2, 3], true])
    // A key that one epoch retired and another revoked counts nowhere.
    const [name, record] = [...state.keys].find(([, { purpose }]) => purpose === 'mirror') ?? []
    assert.ok(name !== undefined && record !== undefined)
    const revoked = { ...next, keys: new Map([[name, { ...record, revoked: { since: 0, at: 3 } }]]) }
    assert.deepEqual(pastMirrorKeys(lab.charter, [...states, state, revoked], current), [])
  })
})

describe('statements of what was observed', () => {
  const head: ObservedHead = {
    origin: 'a.example/candor/x/1',
    size: 3,
    root: new Uint8Array(32),
    as: 'holder',
    by: ['b.example', 'c.example'],
  }

  it('are kept up to a number of names, the earlier ones first', () => {
    const heads = Array.from({ length: OBSERVED_NAMES_MAX / 3 - 1 }, () => head)
    const earlier = [{ index: 1, heads }]
    const kept = joinObserved(earlier, [
      { index: 2, heads: [head] },
      { index: 3, heads: [head] },
    ])
    assert.deepEqual(
      kept.map(({ index }) => index),
      [1, 2],
    )
    assert.equal(joinObserved(earlier, []), earlier)
  })

  it('count below the end of a log that was closed, and nowhere in one that was left out', () => {
    const stated = [{ index: 3 }, { index: 5 }]
    assert.equal(belowEnd(undefined, stated), stated)
    const at = { origin: head.origin, size: 5, root: head.root }
    assert.deepEqual(belowEnd({ kind: 'closed', at }, stated), [{ index: 3 }])
    assert.deepEqual(belowEnd({ kind: 'void' }, stated), [])
  })
})

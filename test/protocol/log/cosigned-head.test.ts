import assert from 'node:assert/strict'
import {
  confirmedAt,
  cosignersOf,
  isQuorumHead,
  joinCosigned,
  printCosigned,
  readCosigned,
  type MemberKey,
} from '../../../protocol/log/cosigned-head.ts'
import type { CosignerRole } from '../../../protocol/log/cosignature.ts'
import { parseSignedCheckpoint } from '../../../protocol/log/checkpoint.ts'
import { printNote, type NoteSignature } from '../../../protocol/log/note.ts'
import { cosignatureOf, noteOf, ORIGIN, signedBytes, testCosigner, testKey } from '../../support/notes.ts'
import { primitives } from '../../support/tree.ts'

const TIME = 1_700_000_000
const BARE = signedBytes({ origin: ORIGIN, size: 7, root: new Uint8Array(32).fill(5) })
const NOTE = noteOf(BARE)

const memberKey = (n: number, role: CosignerRole): MemberKey => {
  return { domain: `m${n}.example`, role, key: testCosigner(n, role).key }
}
const KEYS = [1, 2, 3, 4].flatMap((n) => [memberKey(n, 'mirror'), memberKey(n, 'witness')])
const line = (n: number, role: CosignerRole = 'mirror', time = TIME) =>
  cosignatureOf(testCosigner(n, role), NOTE, time)

function read(lines: readonly NoteSignature[], keys = KEYS) {
  const signed = parseSignedCheckpoint(
    printNote({ text: NOTE.text, signatures: [...NOTE.signatures, ...lines] }),
  )
  assert.ok(signed.ok)
  return readCosigned(primitives, signed.value, keys)
}

describe('a cosigned head', () => {
  it('counts each member once for each role', () => {
    const head = read([line(1), line(2), line(1, 'witness'), line(1, 'mirror', TIME + 5)])
    assert.deepEqual(
      [...cosignersOf(head, 'mirror')],
      [
        ['m1.example', TIME],
        ['m2.example', TIME],
      ],
    )
    assert.deepEqual([...cosignersOf(head, 'witness')], [['m1.example', TIME]])
  })

  it('leaves out lines of unknown keys, and forged ones in a member’s name, without losing the others', () => {
    const forged = { ...line(2), bytes: line(2).bytes.map((byte, at) => (at === 20 ? byte ^ 1 : byte)) }
    const short = { ...line(3), bytes: line(3).bytes.subarray(1) }
    const borrowed = { ...line(3), name: testCosigner(4, 'mirror').name }
    const stranger = cosignatureOf({ ...testKey(200), name: 'm4.example/candor/mirror' }, NOTE, TIME)
    const head = read([forged, short, borrowed, stranger, line(1)])
    assert.deepEqual([...cosignersOf(head, 'mirror').keys()], ['m1.example'])
    assert.deepEqual(read(head.cosignatures.map((one) => one.line)), head)
  })

  it('does not take a witness line for a mirror’s, nor one head’s for another’s', () => {
    const other = noteOf(signedBytes({ origin: ORIGIN, size: 8, root: new Uint8Array(32).fill(6) }))
    const head = read([
      { ...line(1, 'witness'), name: 'm1.example/candor/mirror' },
      cosignatureOf(testCosigner(2, 'mirror'), other, TIME),
    ])
    assert.deepEqual(head.cosignatures, [])
  })

  it('reaches a quorum of others only, and never of nobody', () => {
    const head = read([line(1), line(2), line(3)])
    assert.ok(isQuorumHead(head, 3) && isQuorumHead(head, 4))
    assert.ok(!isQuorumHead(head, 5) && !isQuorumHead(head, 0))
    assert.ok(!isQuorumHead(read([line(1, 'witness'), line(2, 'witness'), line(3, 'witness')]), 3))
  })

  it('does not count the log’s own member', () => {
    const own: MemberKey = { domain: 'log.example', role: 'mirror', key: testKey(77).key }
    const self = cosignatureOf({ ...testKey(77), name: 'log.example/candor/mirror' }, NOTE, TIME)
    const head = read([self, line(1)], [...KEYS, own])
    assert.equal(head.cosignatures.length, 2)
    assert.deepEqual([...cosignersOf(head, 'mirror').keys()], ['m1.example'])
  })

  it('counts a member with two keys of one role once', () => {
    const second: MemberKey = { domain: 'm1.example', role: 'mirror', key: testKey(78).key }
    const again = cosignatureOf({ ...testKey(78), name: 'm1.example/candor/mirror' }, NOTE, TIME)
    const head = read([line(1), again], [...KEYS, second])
    assert.equal(head.cosignatures.length, 2)
    assert.equal(cosignersOf(head, 'mirror').size, 1)
  })

  it('keeps the earliest line of a key as evidence of age, or the latest of freshness', () => {
    const [early, late] = [read([line(1), line(2)]), read([line(1, 'mirror', TIME + 60), line(3)])]
    const times = (keep: 'earliest' | 'latest') => [
      ...cosignersOf(joinCosigned(early, late, keep), 'mirror').values(),
    ]
    assert.deepEqual(times('earliest').toSorted(), [TIME, TIME, TIME])
    assert.deepEqual(times('latest').toSorted(), [TIME, TIME, TIME + 60])
    assert.deepEqual(
      joinCosigned(early, late, 'latest').cosignatures,
      joinCosigned(late, early, 'latest').cosignatures,
    )
  })

  it('is as fresh as the last of its quorum', () => {
    const head = read([line(1), line(2, 'mirror', TIME + 10), line(3, 'mirror', TIME + 20)])
    assert.equal(confirmedAt(head, 3), TIME)
    assert.equal(confirmedAt(head, 2), TIME + 10)
    assert.equal(confirmedAt(head, 5), undefined)
  })

  it('prints the log’s line and the verified ones, and nothing else', () => {
    const stranger = { name: 'nobody', keyId: Uint8Array.of(1, 2, 3, 4), bytes: new Uint8Array(72) }
    const printed = printCosigned(read([stranger, line(2), line(1)]))
    const names = noteOf(printed).signatures.map(({ name }) => name)
    assert.deepEqual(names, [ORIGIN, 'm1.example/candor/mirror', 'm2.example/candor/mirror'])
  })
})

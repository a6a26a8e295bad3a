import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import {
  confirmedAt,
  cosignersOf,
  countLines,
  isQuorumHead,
  joinCosigned,
  printCosigned,
  readCosigned,
  readLines,
  type CosignedHead,
  type MemberKey,
  type Reading,
} from '../../../protocol/log/cosigned-head.ts'
import type { CosignerRole } from '../../../protocol/log/cosignature.ts'
import { parseSignedCheckpoint } from '../../../protocol/log/checkpoint.ts'
import { printNote, type NoteSignature } from '../../../protocol/log/note.ts'
import { cosignatureOf, noteOf, ORIGIN, signedBytes, testCosigner, testKey } from '../../support/notes.ts'
import { primitives } from '../../support/tree.ts'
import type { Primitives } from '../../../protocol/primitives.ts'
import { LINES_PER_KEY_MAX } from '../../../protocol/limits.ts'

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
  return readCosigned(primitives, signedWith(lines), keys)
}

function signedWith(lines: readonly NoteSignature[]) {
  const signed = parseSignedCheckpoint(
    printNote({ text: NOTE.text, signatures: [...NOTE.signatures, ...lines] }),
  )
  assert.ok(signed.ok)
  return signed.value
}

/** As a node reads that knows these keys, had others before, and verified these lines of the head. */
function reading(
  lines: readonly NoteSignature[],
  { keys = KEYS, declared = () => keys, known = [] }: Partial<Reading> = {},
) {
  let verified = 0
  const counting: Primitives = {
    ...primitives,
    verifyEd25519: (...all) => {
      verified += 1
      return primitives.verifyEd25519(...all)
    },
  }
  const signed = signedWith(lines)
  const paid = countLines(primitives, signed, { keys, declared, known })
  const found = readLines(counting, signed, { keys, declared, known })
  assert.ok(verified <= paid, `${verified} signatures were verified, and ${paid} paid for`)
  return { ...found, verified, paid }
}

const changed = (one: NoteSignature, at = 20): NoteSignature => {
  return { ...one, bytes: one.bytes.map((byte, i) => (i === at ? byte ^ 1 : byte)) }
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

describe('lines of one key on a note', () => {
  const NAME = 'm1.example/candor/mirror'
  const names = ({ cosignatures }: CosignedHead) => cosignatures.map(({ line: { name } }) => name)

  it('are verified no more than twice, however many there are', () => {
    const many = Array.from({ length: 9 }, (_, n) => line(1, 'mirror', TIME + n))
    const { head, verified, forged, isWhole } = reading(many)
    assert.deepEqual([verified, names(head), forged, isWhole], [LINES_PER_KEY_MAX, [NAME], [], false])
    const good = line(1)
    const bad = Array.from({ length: 400 }, (_, n) => {
      return { ...good, bytes: good.bytes.with(20, n % 256).with(21, n >> 8) }
    })
    const { verified: tried, forged: named } = reading(bad)
    assert.deepEqual([tried, named], [LINES_PER_KEY_MAX, [NAME]])
  })

  it('are verified once where they are the same bytes, and not at all where those were verified before', () => {
    const same = Array.from({ length: 9 }, () => line(1))
    const { head, verified, isWhole } = reading(same)
    assert.deepEqual([verified, names(head), isWhole], [1, [NAME], true])
    const again = reading([...same, line(2)], { known: head.cosignatures })
    assert.deepEqual([again.verified, again.paid, again.isWhole], [1, 1, true])
    assert.deepEqual(names(again.head), [NAME, 'm2.example/candor/mirror'])
  })

  it('are not believed for bytes that another key was known by', () => {
    const { head } = reading([line(1)])
    const stolen = { ...line(1), name: 'm2.example/candor/mirror', keyId: line(2).keyId }
    const { forged, head: read2 } = reading([stolen], { known: head.cosignatures })
    assert.deepEqual([forged, read2.cosignatures], [['m2.example/candor/mirror'], []])
  })

  it('are named where one was forged, and the good one beside it is kept', () => {
    for (const lines of [
      [changed(line(1)), line(1)],
      [line(1), changed(line(1))],
      [{ ...line(1), bytes: line(1).bytes.subarray(1) }, line(1)],
    ]) {
      const { head, forged, isWhole } = reading(lines)
      assert.deepEqual([names(head), forged, isWhole], [[NAME], [NAME], false])
    }
  })

  it('blame nobody where the key is not known, counts no more, or is not the one of that id', () => {
    const known = KEYS.filter(({ domain }) => domain !== 'm1.example')
    const unknown = reading([changed(line(1)), line(2)], { keys: known })
    assert.deepEqual([unknown.forged, unknown.isWhole, unknown.verified], [[], false, 1])
    const retired = reading([changed(line(1)), line(2)], { keys: known, declared: () => KEYS })
    assert.deepEqual([retired.forged, retired.isWhole, retired.verified], [[], false, 1])
    const otherId = { ...changed(line(1)), keyId: Uint8Array.of(1, 2, 3, 4) }
    assert.deepEqual([reading([otherId]).forged, reading([otherId]).isWhole], [[], false])
  })

  it('blame nobody where two keys were declared that have one id', () => {
    // Keys of one id are made in minutes; here every key has the same.
    const alike = { ...primitives, sha256: () => new Uint8Array(32) }
    const second: MemberKey = { domain: 'm1.example', role: 'mirror', key: testKey(78).key }
    const [first = second] = KEYS
    const forged = { ...changed(line(1)), keyId: new Uint8Array(4) }
    const read3 = (declared: readonly MemberKey[]) =>
      readLines(alike, signedWith([forged]), { keys: [first], declared: () => declared, known: [] })
    assert.deepEqual(read3([first]).forged, [NAME])
    assert.deepEqual(read3([first, second]).forged, [])
    assert.deepEqual(read3([first, { ...second, role: 'witness' }]).forged, [NAME])
  })

  it('never cost anybody where honest nodes joined and passed them on, whichever keys each of them knows', () => {
    const roles = ['mirror', 'witness'] as const
    const lines = fc.record({
      n: fc.integer({ min: 1, max: 4 }),
      role: fc.constantFrom(...roles),
      at: fc.integer({ min: 0, max: 3 }),
    })
    const sighting = fc.array(lines, { maxLength: 6 })
    const keep = fc.constantFrom('earliest' as const, 'latest' as const)
    const hop = fc.record({ sighting, keep, knows: fc.subarray(KEYS) })
    fc.assert(
      fc.property(fc.array(hop, { minLength: 1, maxLength: 4 }), (hops) => {
        let passed: readonly NoteSignature[] = []
        let known: CosignedHead | undefined
        for (const { sighting: seen, keep: kept, knows } of hops) {
          const fresh = new Map(seen.map(({ n, role, at }) => [`${n} ${role}`, line(n, role, TIME + at)]))
          const declared = () => KEYS
          for (const note of [passed, [...fresh.values()]]) {
            const { head, forged, isWhole } = reading(note, { keys: knows, declared })
            assert.deepEqual(forged, [])
            const isKnown = ({ name, keyId }: NoteSignature) =>
              head.cosignatures.some(
                (one) => one.line.name === name && one.line.keyId.every((b, i) => b === keyId[i]),
              )
            assert.equal(isWhole, note.every(isKnown))
            known = known === undefined ? head : joinCosigned(known, head, kept)
          }
          assert.ok(known !== undefined)
          passed = noteOf(printCosigned(known)).signatures.filter(({ name }) => name !== ORIGIN)
        }
      }),
      { numRuns: 60 },
    )
  })
})

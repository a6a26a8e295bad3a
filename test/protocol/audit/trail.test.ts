import assert from 'node:assert/strict'
import { printHex } from '../../../protocol/bytes.ts'
import { parseTrailFile, printTrailFile, type TrailFile } from '../../../protocol/audit/trail-file.ts'
import { judgeTrail } from '../../../protocol/audit/trail.ts'
import type { PartyKey } from '../../../protocol/audit/trail-party.ts'
import { accessId, parseAccess } from '../../../protocol/access/signed.ts'
import type { TrailEntry } from '../../../protocol/access/trail.ts'
import { portable } from '../../../protocol/primitives.ts'
import { signedOf, STATEMENTS } from '../../support/access-vectors.ts'
import { headOf, lineOf } from '../../support/honest-trails.ts'
import { counting, ORIGIN, OTHER_ORIGIN, publicKeyOf, SEED } from '../../support/statements.ts'

const statement = (kind: string) => {
  const found = STATEMENTS.find(([, one]) => one.kind === kind)
  assert.ok(found, kind)
  return signedOf(found[1])
}

const REQUEST = statement('request')
const ID = accessId(portable, REQUEST)

/** The statement of this kind, about that request. */
function statementAbout(kind: 'grant' | 'denial' | 'receipt', changes: object = {}): Uint8Array {
  const found = STATEMENTS.find(([, one]) => one.kind === kind)
  assert.ok(found, kind)
  return signedOf({ ...found[1], request: ID, ...changes }).bytes
}

function fileOf(origin: string, entries: readonly TrailEntry[]): TrailFile {
  const lines = entries.map(lineOf)
  return { origin, ...headOf(lines), at: 1_800_000_000, retention: 1_826, logs: [], leaves: [], lines }
}

const step = (
  side: TrailEntry['side'],
  name: TrailEntry['step'],
  bytes: Uint8Array | null = null,
): TrailEntry => ({ side, step: name, at: 1_800_000_000, request: ID, statement: bytes, facts: {} })

const nothing = { logs: [], keyOf: () => undefined }
const codes = (...given: Parameters<typeof judgeTrail>) =>
  judgeTrail(...given).findings.map(({ code }) => code)

const LOG = `log ${ORIGIN} 9 ${Buffer.from(counting(32, 3)).toString('base64')}`

/** The file with lines between its head and its first entry. */
function before(text: string, ...lines: readonly string[]): string {
  return text.replace('\nentry ', `\n${lines.join('\n')}\nentry `)
}

describe('trail files', () => {
  const file = fileOf(ORIGIN, [step('owner', 'decided', REQUEST.bytes)])

  it('parse and print to the same bytes', () => {
    const place = { origin: ORIGIN, opening: counting(32, 1), secret: counting(32, 2) }
    const text = printTrailFile({
      ...file,
      size: 2,
      logs: [
        { origin: ORIGIN, size: 9, root: counting(32, 3) },
        { origin: OTHER_ORIGIN, size: 3, root: counting(32, 4) },
      ],
      leaves: [
        { kind: 'head', ...place, index: 4, size: 1, root: file.root },
        { kind: 'statement', ...place, index: 5, entry: 0 },
        { kind: 'pruned', origin: ORIGIN, index: 8 },
        { kind: 'pruned', origin: OTHER_ORIGIN, index: 2 },
      ],
      lines: [...file.lines, { kind: 'pruned', leaf: counting(32, 5) }],
    })
    const read = parseTrailFile(text)
    assert.ok(read.ok)
    assert.equal(printTrailFile(read.value), text)
  })

  const text = printTrailFile(file)
  const wrong: readonly (readonly [string, string, string])[] = [
    ['another kind of file', text.replace('candor/trail@v1', 'candor/trail@v2'), 'trail-file-shape'],
    ['no log', text.replace(ORIGIN, 'nobody'), 'trail-file-shape'],
    ['fewer entries than it says', text.replace('\n1 ', '\n2 '), 'trail-file-shape'],
    ['a line too many', `${text}\n`, 'trail-file-shape'],
    ['no end of line', text.trimEnd(), 'trail-file-shape'],
    ['an entry that is none', text.replace(/entry .*/, 'entry AAAA'), 'trail-file-entry'],
    ['a leaf behind the entries', `${text}forgotten ${ORIGIN} 1\n`, 'trail-file-shape'],
    ['a time that is none', text.replace(' 1826\n', ' 01826\n'), 'trail-file-shape'],
    ['a leaf of a log that it does not name', before(text, `forgotten ${ORIGIN} 1`), 'trail-file-shape'],
    ['a leaf above the head of its log', before(text, LOG, `forgotten ${ORIGIN} 9`), 'trail-file-shape'],
    [
      'leaves in another order',
      before(text, LOG, `forgotten ${ORIGIN} 2`, `forgotten ${ORIGIN} 1`),
      'trail-file-shape',
    ],
    ['a leaf twice', before(text, LOG, `forgotten ${ORIGIN} 2`, `forgotten ${ORIGIN} 2`), 'trail-file-shape'],
    ['a log twice', before(text, LOG, LOG), 'trail-file-shape'],
    ['an opening that is too short', before(text, LOG, `opened ${ORIGIN} 1 0 AAAA AAAA`), 'trail-file-shape'],
    ['a line of another kind', before(text, LOG, `secret ${ORIGIN} 1`), 'trail-file-shape'],
    ['a hash that is too short', text.replace(/entry .*/, 'pruned AAAA'), 'trail-file-entry'],
  ]
  for (const [name, given, fault] of wrong) {
    it(`are refused with ${name}`, () => {
      assert.deepEqual(parseTrailFile(given), { ok: false, fault })
    })
  }
})

describe('judging a trail', () => {
  it('finds nothing wrong with steps in their order', () => {
    const entries = [
      step('owner', 'decided', REQUEST.bytes),
      step('owner', 'ruled'),
      step('reader', 'requested', REQUEST.bytes),
    ]
    assert.deepEqual(codes(portable, fileOf(ORIGIN, entries), nothing), [])
  })

  it('finds a head that the entries do not lead to', () => {
    const file = fileOf(ORIGIN, [step('owner', 'decided', REQUEST.bytes)])
    assert.deepEqual(codes(portable, { ...file, root: counting(32, 1) }, nothing), ['trail-head'])
  })

  it('finds steps without the one they need, and statements that are something else', () => {
    const skipped = fileOf(ORIGIN, [step('owner', 'confirmed')])
    assert.deepEqual(codes(portable, skipped, nothing), ['trail-order'])
    const other = fileOf(ORIGIN, [step('owner', 'decided', statement('denial').bytes)])
    assert.deepEqual(codes(portable, other, nothing), ['trail-statement'])
    const about = fileOf(ORIGIN, [
      { ...step('owner', 'decided', REQUEST.bytes), request: counting(32, 0x77) },
    ])
    assert.deepEqual(codes(portable, about, nothing), ['trail-statement'])
  })

  it('finds two answers to one request, and a step twice', () => {
    const decided = step('owner', 'decided', REQUEST.bytes)
    const [denied, offered] = [
      step('owner', 'denied', statementAbout('denial')),
      step('owner', 'offered', statementAbout('grant')),
    ]
    assert.deepEqual(codes(portable, fileOf(ORIGIN, [decided, denied, offered]), nothing), ['trail-order'])
    assert.deepEqual(codes(portable, fileOf(ORIGIN, [decided, offered, offered]), nothing), ['trail-order'])
    assert.deepEqual(codes(portable, fileOf(ORIGIN, [decided, offered]), nothing), [])
  })

  it('takes the confirmation of each file once, after blocks of it were sent', () => {
    const about = (name: 'sent' | 'confirmed', file: number): TrailEntry => {
      return { ...step('owner', name), facts: { root: counting(32, file) } }
    }
    const before = [
      step('owner', 'decided', REQUEST.bytes),
      step('owner', 'offered', statementAbout('grant')),
      step('owner', 'receipted', statementAbout('receipt')),
      step('owner', 'confirmed'),
      about('sent', 1),
      about('sent', 2),
    ]
    const isInOrder = (...then: readonly TrailEntry[]) =>
      !codes(portable, fileOf(ORIGIN, [...before, ...then]), nothing).includes('trail-order')
    assert.equal(isInOrder(about('confirmed', 1), about('confirmed', 2)), true)
    assert.equal(isInOrder(about('confirmed', 3)), false)
    assert.equal(isInOrder(about('confirmed', 1), about('confirmed', 1)), false)
    assert.equal(isInOrder(step('owner', 'confirmed')), false)
  })

  it('takes the erasure of a part after the decision about it, and not before', () => {
    const decided = step('owner', 'decided', REQUEST.bytes)
    assert.deepEqual(codes(portable, fileOf(ORIGIN, [decided, step('owner', 'erased')]), nothing), [])
    assert.deepEqual(codes(portable, fileOf(ORIGIN, [step('owner', 'erased'), decided]), nothing), [
      'trail-order',
    ])
  })

  it('finds a grant that came without the receipt for it, and a receipt for another grant', () => {
    const requested = step('reader', 'requested', REQUEST.bytes)
    const received = step('reader', 'received', statementAbout('grant'))
    const judged = (receipt: Uint8Array | undefined) =>
      codes(
        portable,
        fileOf(OTHER_ORIGIN, [requested, { ...received, facts: receipt === undefined ? {} : { receipt } }]),
        nothing,
      )
    const grant = parseAccess(statementAbout('grant'))
    assert.ok(grant.ok)
    assert.deepEqual(judged(statementAbout('receipt', { grant: accessId(portable, grant.value) })), [])
    assert.deepEqual(judged(undefined), ['trail-statement'])
    assert.deepEqual(judged(statementAbout('receipt')), ['trail-statement'])
  })

  it('finds a signature that is another’s', () => {
    const file = fileOf(ORIGIN, [step('owner', 'decided', REQUEST.bytes)])
    const by = (key: PartyKey['key'], ...parties: PartyKey['parties']) => ({
      logs: [],
      keyOf: () => ({ key, parties }),
    })
    const right = publicKeyOf(SEED)
    assert.deepEqual(codes(portable, file, by(right, 'b.example')), [])
    assert.deepEqual(codes(portable, file, by(publicKeyOf(counting(32, 0x55)), 'b.example')), [
      'trail-signature',
    ])
    // The owner itself signed what it says that another asked for; so did somebody without a log.
    assert.deepEqual(codes(portable, file, by(right, 'a.example')), ['trail-signature'])
    assert.deepEqual(codes(portable, file, by(right, null)), ['trail-signature'])
  })

  it('counts the signatures that it could not check, by key', () => {
    const file = fileOf(ORIGIN, [step('owner', 'decided', REQUEST.bytes)])
    const { signatures } = judgeTrail(portable, file, nothing)
    assert.deepEqual(signatures, { verified: 0, unchecked: new Map([[printHex(REQUEST.keyId), 1]]) })
  })
})

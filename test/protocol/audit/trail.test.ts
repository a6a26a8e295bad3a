import assert from 'node:assert/strict'
import { parseTrailFile, printTrailFile, type TrailFile } from '../../../protocol/audit/trail-file.ts'
import { compareTrails, judgeTrail } from '../../../protocol/audit/trail.ts'
import { accessId } from '../../../protocol/access/signed.ts'
import { printTrailEntry, type TrailEntry } from '../../../protocol/access/trail.ts'
import { appendLeaves, edgeRoot, EMPTY_EDGE, leafHash } from '../../../protocol/log/merkle.ts'
import { portable } from '../../../protocol/primitives.ts'
import { signedOf, STATEMENTS } from '../../support/access-vectors.ts'
import { counting, ORIGIN, OTHER_ORIGIN, publicKeyOf, SEED } from '../../support/statements.ts'

const statement = (kind: string) => {
  const found = STATEMENTS.find(([, one]) => one.kind === kind)
  assert.ok(found, kind)
  return signedOf(found[1])
}

const REQUEST = statement('request')
const ID = accessId(portable, REQUEST)

function fileOf(origin: string, entries: readonly TrailEntry[]): TrailFile {
  const all = entries.map((entry) => ({ bytes: printTrailEntry(entry), entry }))
  const leaves = all.map(({ bytes }) => leafHash(portable, bytes))
  const root = edgeRoot(portable, appendLeaves(portable, EMPTY_EDGE, leaves))
  return { origin, size: all.length, root, logged: [], entries: all }
}

const step = (
  side: TrailEntry['side'],
  name: TrailEntry['step'],
  bytes: Uint8Array | null = null,
): TrailEntry => ({ side, step: name, at: 1_800_000_000, request: ID, statement: bytes, facts: {} })

const nothing = { entryAt: () => undefined, keyOf: () => undefined }
const codes = (findings: readonly { readonly code: string }[]) => findings.map(({ code }) => code)

describe('trail files', () => {
  const file = fileOf(ORIGIN, [step('owner', 'decided', REQUEST.bytes)])

  it('parse and print to the same bytes', () => {
    const text = printTrailFile({
      ...file,
      logged: [
        {
          origin: ORIGIN,
          index: 4,
          size: 1,
          root: file.root,
          opening: counting(32, 1),
          secret: counting(32, 2),
        },
      ],
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
    ['a logged head behind the entries', `${text}logged ${ORIGIN} 1 1 A A A\n`, 'trail-file-shape'],
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
    assert.deepEqual(judgeTrail(portable, fileOf(ORIGIN, entries), nothing), [])
  })

  it('finds a head that the entries do not lead to', () => {
    const file = fileOf(ORIGIN, [step('owner', 'decided', REQUEST.bytes)])
    assert.deepEqual(codes(judgeTrail(portable, { ...file, root: counting(32, 1) }, nothing)), ['trail-head'])
  })

  it('finds logged heads that are not of these entries, and leaves that do not hold them', () => {
    const file = fileOf(ORIGIN, [step('owner', 'decided', REQUEST.bytes)])
    const head = { origin: ORIGIN, index: 4, size: 1, opening: counting(32, 1), secret: counting(32, 2) }
    const logged = [{ ...head, root: counting(32, 3) }]
    assert.deepEqual(codes(judgeTrail(portable, { ...file, logged }, nothing)), [
      'trail-rewritten',
      'trail-leaf',
    ])
  })

  it('finds steps without the one they need, and statements that are something else', () => {
    const skipped = fileOf(ORIGIN, [step('owner', 'confirmed')])
    assert.deepEqual(codes(judgeTrail(portable, skipped, nothing)), ['trail-order'])
    const other = fileOf(ORIGIN, [step('owner', 'decided', statement('denial').bytes)])
    assert.deepEqual(codes(judgeTrail(portable, other, nothing)), ['trail-statement'])
    const about = fileOf(ORIGIN, [
      { ...step('owner', 'decided', REQUEST.bytes), request: counting(32, 0x77) },
    ])
    assert.deepEqual(codes(judgeTrail(portable, about, nothing)), ['trail-statement'])
  })

  it('finds a signature that is another’s', () => {
    const file = fileOf(ORIGIN, [step('owner', 'decided', REQUEST.bytes)])
    const signer = { ...nothing, keyOf: () => publicKeyOf(SEED) }
    assert.deepEqual(judgeTrail(portable, file, signer), [])
    const stranger = { ...nothing, keyOf: () => publicKeyOf(counting(32, 0x55)) }
    assert.deepEqual(codes(judgeTrail(portable, file, stranger)), ['trail-signature'])
  })
})

describe('comparing two trails', () => {
  const [grant, receipt] = [statement('grant').bytes, statement('receipt').bytes]
  const owner = (...more: readonly TrailEntry[]) =>
    fileOf(ORIGIN, [step('owner', 'decided', REQUEST.bytes), ...more])
  const reader = (...more: readonly TrailEntry[]) =>
    fileOf(OTHER_ORIGIN, [step('reader', 'requested', REQUEST.bytes), ...more])
  const offered = step('owner', 'offered', grant)
  const receipted = step('owner', 'receipted', receipt)
  const received = step('reader', 'received', grant)
  const opened = step('reader', 'opened')

  const cases: readonly (readonly [string, TrailFile, TrailFile, readonly string[]])[] = [
    ['nothing where they agree', owner(offered, receipted), reader(received, opened), []],
    ['nothing where nothing was given', owner(), reader(), []],
    ['a grant that the owner left out', owner(), reader(received), ['trail-grant-hidden']],
    [
      'another grant than the owner has',
      owner(step('owner', 'offered', statement('denial').bytes)),
      reader(received),
      ['trail-grant-hidden'],
    ],
    ['a release that the owner left out', owner(offered), reader(received, opened), ['trail-release-hidden']],
    ['a receipt that the reader left out', owner(offered, receipted), reader(), ['trail-receipt-hidden']],
    [
      'a request that the reader left out',
      owner(offered, receipted),
      fileOf(OTHER_ORIGIN, []),
      ['trail-receipt-hidden'],
    ],
    [
      'a confirmation of what was never opened',
      owner(offered, receipted, step('owner', 'confirmed')),
      reader(received),
      ['trail-confirmation'],
    ],
  ]
  for (const [name, a, b, wanted] of cases) {
    it(`finds ${name}`, () => {
      assert.deepEqual(codes(compareTrails(a, b)), wanted)
    })
  }
})

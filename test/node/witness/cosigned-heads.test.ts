import assert from 'node:assert/strict'
import { native } from '../../../node/keys/native.ts'
import { CosignedHeads } from '../../../node/witness/cosigned-heads.ts'
import { printOrigin } from '../../../protocol/log/checkpoint.ts'
import { printNote } from '../../../protocol/log/note.ts'
import { accountsOf } from '../../support/accounts.ts'
import { cosignatureOf, NETWORK_ID, noteOf, testCosigner, testKey } from '../../support/notes.ts'
import { ORIGIN, OwnLog } from '../../support/own-log.ts'

const TIME = 1_700_000_000
const NUMBERS = [1, 2, 3]
const DOMAINS = NUMBERS.map((n) => `m${n}.example`)
const { logs: DECLARED } = accountsOf(
  NUMBERS.map((n) => ({
    origin: printOrigin({ domain: `m${n}.example`, networkId: NETWORK_ID, epoch: 1 }),
    keys: [
      ['log', testKey(90 + n).key],
      ['mirror', testCosigner(n, 'mirror').key],
    ],
  })),
)

const keysOf = (domain: string) => {
  const declared = DECLARED.find(({ origin }) => origin.startsWith(`${domain}/`))?.keys
  return declared && { open: declared, all: [declared] }
}

describe('heads whose cosigner was convicted', () => {
  let own: OwnLog
  const struck = new Set<string>()

  const open = (store = own.store) => {
    const heads = new CosignedHeads({
      primitives: native,
      store,
      logs: own.logs,
      members: [ORIGIN.slice(0, ORIGIN.indexOf('/')), ...DOMAINS],
      outside: [],
      keysOf: (domain) => keysOf(domain),
      isStruck: ({ domain }) => struck.has(domain),
      accuse: async () => undefined,
    })
    heads.open()
    return heads
  }
  const noteBy = (...numbers: readonly number[]) => {
    const { complete } = own.log
    assert.ok(complete)
    const note = noteOf(complete)
    const lines = numbers.map((n) => cosignatureOf(testCosigner(n, 'mirror'), note, TIME))
    return printNote({ ...note, signatures: [...note.signatures, ...lines] })
  }
  const shown = (heads: CosignedHeads) => {
    const { newest, quorum } = heads.get(ORIGIN) ?? {}
    return [newest?.cosignatures.map(({ domain }) => domain).toSorted(), quorum?.cosignatures.length]
  }

  beforeEach(async () => {
    own = await OwnLog.open()
    struck.clear()
  })

  afterEach(() => own.directory.remove())

  it('lose its lines and the quorum that rested on them, and regain it from the others', async () => {
    const heads = open()
    await heads.add(noteBy(1, 2, 3))
    assert.deepEqual(shown(heads), [DOMAINS, 3])
    struck.add('m2.example')
    await heads.strike()
    assert.deepEqual(shown(heads), [['m1.example', 'm3.example'], undefined])
    assert.equal(heads.confirmedAt(ORIGIN), undefined)
    assert.deepEqual(shown(open()), shown(heads))
    assert.deepEqual(heads.damaged(), [])
    assert.equal((await heads.add(noteBy(2))).kind, 'known')
  })

  it('go where nobody else cosigned them', async () => {
    const heads = open()
    await heads.add(noteBy(2))
    struck.add('m2.example')
    await heads.strike()
    assert.equal(heads.get(ORIGIN), undefined)
    assert.deepEqual([open().get(ORIGIN), heads.damaged()], [undefined, []])
  })

  it('are not called damaged by a node that ended before it let go of them', async () => {
    await open().add(noteBy(1, 2, 3))
    struck.add('m2.example')
    const again = open()
    assert.deepEqual(shown(again), [['m1.example', 'm3.example'], undefined])
    assert.deepEqual(again.damaged(), [])
  })
})

describe('two members that hold other lines on one head', () => {
  let own: OwnLog
  beforeEach(async () => {
    own = await OwnLog.open()
  })
  afterEach(() => own.directory.remove())

  // Each has the lines in memory; the rows that they write over one another are not read again here.
  const open = () => {
    const heads = new CosignedHeads({
      primitives: native,
      store: own.store,
      logs: own.logs,
      members: [ORIGIN.slice(0, ORIGIN.indexOf('/')), ...DOMAINS],
      outside: [],
      keysOf: (domain) => keysOf(domain),
      isStruck: () => false,
      accuse: async () => undefined,
    })
    heads.open()
    return heads
  }
  const noteBy = (lines: readonly (readonly [number, number])[], of = own.log.complete) => {
    assert.ok(of)
    const note = noteOf(of)
    const made = lines.map(([n, at]) => cosignatureOf(testCosigner(n, 'mirror'), note, TIME + at))
    return printNote({ ...note, signatures: [...note.signatures, ...made] })
  }
  const swap = async (a: CosignedHeads, b: CosignedHeads) => {
    for (const note of b.beyond(a.summaries())) await a.add(note)
    for (const note of a.beyond(b.summaries())) await b.add(note)
  }
  const timesOf = (heads: CosignedHeads) =>
    heads.get(ORIGIN)?.newest.cosignatures.map(({ time }) => time - TIME)

  it('end with the same, though each has as many as the other and none that is newer', async () => {
    const [a, b] = [open(), open()]
    await a.add(
      noteBy([
        [1, 9],
        [2, 0],
      ]),
    )
    await b.add(
      noteBy([
        [1, 0],
        [3, 9],
      ]),
    )
    assert.equal(a.confirmedAt(ORIGIN), undefined)
    await swap(a, b)
    assert.deepEqual([timesOf(a)?.toSorted(), timesOf(b)], [[0, 9, 9], timesOf(a)])
    assert.deepEqual(a.digest(), b.digest())
    assert.deepEqual([a.beyond(b.summaries()), b.beyond(a.summaries())], [[], []])
  })

  it('end with the same where each of them was asked again by others since', async () => {
    const [a, b] = [open(), open()]
    const old = noteBy([
      [1, 0],
      [2, 0],
      [3, 0],
    ])
    for (const heads of [a, b]) await heads.add(old)
    await a.add(
      noteBy([
        [1, 90],
        [2, 90],
      ]),
    )
    await b.add(
      noteBy([
        [2, 90],
        [3, 90],
      ]),
    )
    await swap(a, b)
    assert.deepEqual([timesOf(a), a.confirmedAt(ORIGIN)], [[90, 90, 90], TIME + 90])
    assert.deepEqual([timesOf(b), b.confirmedAt(ORIGIN)], [[90, 90, 90], TIME + 90])
  })

  it('tell one another of the confirmed head below the newest', async () => {
    const [a, b] = [open(), open()]
    await a.add(
      noteBy([
        [1, 0],
        [2, 0],
        [3, 0],
      ]),
    )
    await own.appender.append([own.incident()])
    for (const heads of [a, b]) await heads.add(noteBy([[1, 5]]))
    assert.deepEqual([b.confirmedAt(ORIGIN), b.get(ORIGIN)?.newest], [undefined, a.get(ORIGIN)?.newest])
    await swap(a, b)
    assert.equal(b.confirmedAt(ORIGIN), TIME)
    assert.deepEqual(a.digest(), b.digest())
  })

  it('say the same whatever else somebody wrote under the head', async () => {
    const [a, b] = [open(), open()]
    const note = noteBy([[1, 0]])
    const junk = new TextEncoder().encode(`\u2014 ${ORIGIN} ${btoa('x'.repeat(68))}\n`)
    await a.add(note)
    await b.add(Uint8Array.from([...note, ...junk]))
    assert.deepEqual(a.digest(), b.digest())
  })
})

describe('heads whose cosigner changed its key', () => {
  let own: OwnLog
  beforeEach(async () => {
    own = await OwnLog.open()
  })
  afterEach(() => own.directory.remove())

  const open = (keys: typeof keysOf) => {
    const heads = new CosignedHeads({
      primitives: native,
      store: own.store,
      logs: own.logs,
      members: [ORIGIN.slice(0, ORIGIN.indexOf('/')), ...DOMAINS],
      outside: [],
      keysOf: keys,
      isStruck: () => false,
      accuse: async () => undefined,
    })
    heads.open()
    return heads
  }
  const noteBy = (...numbers: readonly number[]) => {
    const { complete } = own.log
    assert.ok(complete)
    const note = noteOf(complete)
    const lines = numbers.map((n) => cosignatureOf(testCosigner(n, 'mirror'), note, TIME))
    return printNote({ ...note, signatures: [...note.signatures, ...lines] })
  }
  /** The second member went on in a next epoch, which declares no mirror; its first one may have revoked the key. */
  const moved = (revoked?: { since: number; at: number }) => (domain: string) => {
    const held = keysOf(domain)
    if (held === undefined || domain !== 'm2.example') return held
    const keys = [...held.open.keys].map(
      ([name, key]) => [name, revoked === undefined ? key : { ...key, revoked }] as const,
    )
    return { open: { ...held.open, keys: new Map() }, all: [{ ...held.open, keys: new Map(keys) }] }
  }

  it('keep their quorum over a restart when the key stayed behind in a closed epoch', async () => {
    await open(keysOf).add(noteBy(1, 2, 3))
    const again = open(moved())
    assert.equal(again.get(ORIGIN)?.quorum?.cosignatures.length, 3)
    assert.deepEqual(again.damaged(), [])
    // What comes anew counts under keys in force alone: a thief of the old key adds nothing.
    const fresh = open(moved())
    await own.appender.append([own.incident()])
    await fresh.add(noteBy(1, 2, 3))
    assert.deepEqual(
      fresh
        .get(ORIGIN)
        ?.newest.cosignatures.map(({ domain }) => domain)
        .toSorted(),
      ['m1.example', 'm3.example'],
    )
    assert.equal(fresh.get(ORIGIN)?.quorum?.checkpoint.size, 1)
  })

  it('lose it when that key was revoked', async () => {
    await open(keysOf).add(noteBy(1, 2, 3))
    const again = open(moved({ since: 0, at: 9 }))
    assert.equal(again.get(ORIGIN)?.quorum, undefined)
    assert.deepEqual(again.damaged(), [])
  })
})

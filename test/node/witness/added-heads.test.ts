import assert from 'node:assert/strict'
import { printNote, type NoteSignature } from '../../../protocol/log/note.ts'
import { cosignedStore, forged } from '../../support/cosigned-store.ts'
import { cosignatureOf, noteOf, testCosigner } from '../../support/notes.ts'
import { ORIGIN, OwnLog } from '../../support/own-log.ts'

const TIME = 1_700_000_000

describe('what a note came to that somebody handed over', () => {
  let own: OwnLog
  beforeEach(async () => {
    own = await OwnLog.open()
  })
  afterEach(() => own.directory.remove())

  const open = (struck: readonly string[] = []) =>
    cosignedStore(own.store, own.logs, { isStruck: ({ domain }) => struck.includes(domain) })
  const headNote = () => {
    const { complete } = own.log
    assert.ok(complete)
    return noteOf(complete)
  }
  const lineBy = (n: number, at = 0) => cosignatureOf(testCosigner(n, 'mirror'), headNote(), TIME + at)
  const forgedBy = (n: number) => forged(lineBy(n))
  const noteWith = (...lines: readonly NoteSignature[]) => {
    const note = headNote()
    return printNote({ ...note, signatures: [...note.signatures, ...lines] })
  }
  const STRANGER = testCosigner(41, 'mirror')

  it('is new, known or refused, and whole where every line was verified', async () => {
    const heads = open()
    assert.deepEqual(await heads.add(noteWith()), { kind: 'known', forged: [], isWhole: true })
    assert.deepEqual(await heads.add(noteWith(lineBy(1))), { kind: 'new', forged: [], isWhole: true })
    assert.deepEqual(await heads.add(noteWith(lineBy(1))), { kind: 'known', forged: [], isWhole: true })
    const unknown = cosignatureOf(STRANGER, headNote(), TIME)
    assert.deepEqual(await heads.add(noteWith(unknown, lineBy(2))), {
      kind: 'new',
      forged: [],
      isWhole: false,
    })
    const unsigned = printNote({ text: headNote().text, signatures: [lineBy(3)] })
    assert.equal((await heads.add(unsigned)).kind, 'refused')
  })

  it('names whose line was forged, and keeps the good ones beside it', async () => {
    const heads = open()
    const note = noteWith(forgedBy(1), lineBy(1), lineBy(2))
    const names = ['m1.example/candor/mirror']
    assert.deepEqual(await heads.heed(note), { kind: 'known', forged: names, isWhole: false })
    assert.deepEqual(await heads.add(note), { kind: 'new', forged: names, isWhole: false })
    assert.deepEqual(
      heads
        .get(ORIGIN)
        ?.newest.cosignatures.map(({ domain }) => domain)
        .toSorted(),
      ['m1.example', 'm2.example'],
    )
    assert.deepEqual(noteOf(heads.noteWith(note)), noteOf(noteWith(lineBy(1), lineBy(2))))
  })

  it('blames nobody for a line of a key that was convicted', async () => {
    const added = await open(['m1.example']).add(noteWith(forgedBy(1), lineBy(2)))
    assert.deepEqual(added, { kind: 'new', forged: [], isWhole: false })
  })

  it('costs a signature for each line that is not kept here with the same bytes', async () => {
    const heads = open()
    const note = noteWith(lineBy(1), lineBy(2), cosignatureOf(STRANGER, headNote(), TIME))
    assert.equal(heads.costOf(note), 2)
    await heads.add(note)
    assert.equal(heads.costOf(note), 0)
    assert.equal(heads.costOf(noteWith(lineBy(1, 5), forgedBy(1), lineBy(1), lineBy(1, 6))), 2)
    assert.equal(heads.costOf(new TextEncoder().encode('junk')), 0)
  })

  it('is passed on without what else stands in the name of the log', async () => {
    const heads = open()
    const [signed] = headNote().signatures
    assert.ok(signed)
    const junk = { ...signed, keyId: Uint8Array.of(1, 2, 3, 4) }
    assert.deepEqual(heads.noteWith(noteWith(junk)), noteWith())
    const added = await heads.add(noteWith(junk, lineBy(1)))
    assert.deepEqual([added.kind, added.isWhole], ['new', false])
    assert.deepEqual(heads.noteWith(noteWith(junk)), noteWith(lineBy(1)))
    assert.deepEqual(open().get(ORIGIN)?.newest.own, [signed])
  })
})

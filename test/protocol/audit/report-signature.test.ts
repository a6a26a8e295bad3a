import assert from 'node:assert/strict'
import { checkReport, signReport } from '../../../protocol/audit/report-signature.ts'
import { bytesOfText, textOfBytes } from '../../../protocol/bytes.ts'
import { parseNote, printNote, SIGNATURE_TYPE, type VerifierKey } from '../../../protocol/log/note.ts'
import { portable } from '../../../protocol/primitives.ts'
import { readVectors } from '../../support/vectors.ts'
import { testKey } from '../../support/notes.ts'

const REPORT = bytesOfText('{"findings":[]}\n')
const key = testKey(40)
const NAME = 'audit.example/auditor'
const signer = { name: NAME, key: key.key, sign: key.sign }
const vkey: VerifierKey = { name: NAME, type: SIGNATURE_TYPE.ed25519, key: key.key }
const signature = signReport(portable, signer, portable.sha256(REPORT))
const check = (report: Uint8Array, note: Uint8Array, by = vkey) => checkReport(portable, by, report, note)

describe('an auditor’s signature on a report', () => {
  it('is a signed note over its digest, the same as in the vector', () => {
    const { note } = readVectors<{ note: string }>('report-signature.json')
    assert.deepEqual(textOfBytes(signature), { ok: true, value: note })
  })

  it('holds for exactly these bytes', () => {
    assert.deepEqual(check(REPORT, signature), { ok: true, value: true })
    assert.deepEqual(check(bytesOfText('{"findings":[] }\n'), signature), {
      ok: false,
      fault: 'report-other',
    })
  })

  it('may stand beside signatures of others', () => {
    const other = { ...signer, name: 'other.example/auditor', key: testKey(41).key, sign: testKey(41).sign }
    const [one, two] = [signature, signReport(portable, other, portable.sha256(REPORT))].map((bytes) => {
      const note = parseNote(bytes)
      assert.ok(note.ok)
      return note.value
    })
    assert.ok(one !== undefined && two !== undefined)
    const both = printNote({ ...one, signatures: [...two.signatures, ...one.signatures] })
    assert.ok(check(REPORT, both).ok)
    assert.deepEqual(check(REPORT, printNote(two)), { ok: false, fault: 'report-unsigned' })
    const forged = printNote({
      ...one,
      signatures: one.signatures.map((line) => ({ ...line, bytes: new Uint8Array(64) })),
    })
    assert.deepEqual(check(REPORT, forged), { ok: false, fault: 'report-signature' })
  })

  it('is no signature under another name or another kind of key', () => {
    const refused = (fault: string) => ({ ok: false, fault })
    assert.deepEqual(check(REPORT, signature, { ...vkey, name: 'x.example' }), refused('report-unsigned'))
    assert.deepEqual(check(REPORT, signature, { ...vkey, type: 4 }), refused('report-key'))
    assert.deepEqual(check(REPORT, REPORT), refused('note-shape'))
  })
})

import assert from 'node:assert/strict'
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeAuditorKey, openAuditorKey, signWith } from '../../../node/keys/auditor-key.ts'
import { native } from '../../../node/keys/native.ts'
import { checkReport } from '../../../protocol/audit/report-signature.ts'
import { bytesOfText } from '../../../protocol/bytes.ts'
import { parseVerifierKey } from '../../../protocol/log/note.ts'
import { hasCode, temporaryDirectory } from '../../support/directory.ts'

const NAME = 'audit.example/auditor'
const PASSPHRASE = bytesOfText('a long passphrase')
const REPORT = bytesOfText('a report')

describe('an auditor’s key', () => {
  const { path, remove } = temporaryDirectory()
  const plain = join(path, 'plain')
  const sealed = join(path, 'sealed')
  before(() => {
    makeAuditorKey(plain, NAME, undefined)
    makeAuditorKey(sealed, NAME, PASSPHRASE)
  })
  after(remove)

  for (const [name, file, passphrase] of [
    ['a plain file', plain, undefined],
    ['a sealed one', sealed, PASSPHRASE],
  ] as const) {
    it(`from ${name} signs what its verifier key checks`, () => {
      const key = openAuditorKey(file, passphrase)
      const vkey = parseVerifierKey(native, key.verifierKey)
      assert.ok(vkey.ok && vkey.value.name === NAME)
      const note = signWith(key, native.sha256(REPORT))
      assert.ok(checkReport(native, vkey.value, REPORT, note).ok)
      assert.equal(statSync(file).mode & 0o777, 0o600)
    })
  }

  it('is never written over, and has a name that can stand in a note', () => {
    assert.throws(() => makeAuditorKey(plain, NAME, undefined), hasCode('CONFLICT'))
    for (const name of ['', 'two words', 'a+b', 'Upper']) {
      assert.throws(() => makeAuditorKey(join(path, 'new'), name, undefined), hasCode('USAGE'), name)
    }
    assert.throws(() => makeAuditorKey(join(path, 'new'), NAME, new Uint8Array(0)), hasCode('USAGE'))
  })

  it('that is sealed asks for its passphrase, and does not open under another', () => {
    assert.throws(() => openAuditorKey(sealed, undefined), hasCode('PASSPHRASE_NEEDED'))
    assert.throws(() => openAuditorKey(sealed, bytesOfText('another')), hasCode('PASSPHRASE_WRONG'))
  })

  it('that lies open to others is refused', () => {
    chmodSync(plain, 0o640)
    assert.throws(() => openAuditorKey(plain, undefined), hasCode('KEYSTORE_PERMISSIONS'))
    chmodSync(plain, 0o600)
  })

  it('that was altered or is something else is refused', () => {
    const good = readFileSync(plain)
    const bad = join(path, 'bad')
    for (const bytes of [good.subarray(1), Buffer.from('text'), Buffer.concat([good, Buffer.from([0])])]) {
      writeFileSync(bad, bytes, { mode: 0o600 })
      assert.throws(() => openAuditorKey(bad, undefined), hasCode('KEYSTORE_DAMAGED'))
    }
    assert.throws(() => openAuditorKey(join(path, 'none'), undefined), hasCode('NOT_FOUND'))
  })
})

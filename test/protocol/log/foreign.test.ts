import assert from 'node:assert/strict'
import { native } from '../../../node/keys/native.ts'
import { bytesOfText } from '../../../protocol/bytes.ts'
import { verifyCheckpoint } from '../../../protocol/log/checkpoint.ts'
import { parseForeignCheckpoint, parseKnownLogs } from '../../../protocol/log/foreign.ts'
import { printVerifierKey, SIGNATURE_TYPE } from '../../../protocol/log/note.ts'
import { ForeignLog } from '../../support/foreign-log.ts'
import { NETWORK_ID, ORIGIN, testKey } from '../../support/notes.ts'

const LOG = new ForeignLog()
const vkey = (name: string, seed = 1, type: number = SIGNATURE_TYPE.ed25519) =>
  printVerifierKey(native, { name, type, key: testKey(seed).key })

describe('a checkpoint of a log of others', () => {
  for (const [what, extension] of [
    ['of three lines', ''],
    ['with extension lines', 'time 7\nmore\n'],
  ] as const) {
    it(`is read and verified: one ${what}`, () => {
      const read = parseForeignCheckpoint(LOG.note(7, extension))
      assert.ok(read.ok)
      assert.equal(read.value.checkpoint.origin, LOG.origin)
      assert.equal(read.value.checkpoint.size, 7)
      assert.ok(verifyCheckpoint(native, read.value, LOG.key.key).ok)
      assert.ok(!verifyCheckpoint(native, read.value, testKey(1).key).ok)
    })
  }

  const sample = Buffer.from(LOG.note(7)).toString('utf8')
  const [origin = '', , root = ''] = sample.split('\n')
  const lines = sample.slice(sample.indexOf('\n\n'))
  for (const [what, text, found] of [
    ['two lines', `${origin}\n7`, 'checkpoint-lines'],
    ['an empty origin', `\n7\n${root}`, 'checkpoint-origin'],
    ['an origin without end', `${'x'.repeat(256)}\n7\n${root}`, 'checkpoint-origin'],
    ['an empty extension line', `${origin}\n7\n${root}\n\nmore`, 'checkpoint-lines'],
    ['a size with a zero before it', `${origin}\n07\n${root}`, 'checkpoint-size'],
    ['a size above 2^53', `${origin}\n9007199254740992\n${root}`, 'checkpoint-size'],
    ['a root that is cut short', `${origin}\n7\n${root.slice(0, 40)}`, 'checkpoint-root'],
  ] as const) {
    it(`is refused with ${what}`, () => {
      const read = parseForeignCheckpoint(bytesOfText(`${text}${lines}`))
      assert.deepEqual(read, { ok: false, fault: found })
    })
  }

  it('is refused where it is no note', () => {
    assert.ok(!parseForeignCheckpoint(bytesOfText('x')).ok)
  })
})

describe('a file of known logs', () => {
  const read = (text: string) => parseKnownLogs(native, bytesOfText(text), NETWORK_ID)

  it('holds the log lines of a policy, several keys of one origin included', () => {
    const found = read(
      `# ours to witness\nlog ${vkey('x.example/l')} https://x.example/\n\nlog ${vkey('x.example/l', 2)}\n`,
    )
    assert.ok(found.ok)
    assert.deepEqual(
      found.value.map(({ key }) => key.name),
      ['x.example/l', 'x.example/l'],
    )
    assert.ok(read('').ok)
  })

  for (const [what, text, found, line] of [
    ['a witness', `witness w ${vkey('w', 1, SIGNATURE_TYPE.cosignature)}\n`, 'known-logs-line', 0],
    ['a quorum', `log ${vkey('x')}\nquorum none\n`, 'policy-quorum', 3],
    ['a cosigner key as a log', `log ${vkey('x', 1, SIGNATURE_TYPE.cosignature)}\n`, 'policy-key', 1],
    ['a key twice', `log ${vkey('x')}\nlog ${vkey('y')}\n`, 'policy-key-twice', 2],
    ['a log of the coalition', `log ${vkey('x', 2)}\nlog ${vkey(ORIGIN)}\n`, 'known-logs-coalition', 0],
    ['no newline at its end', `log ${vkey('x')}`, 'policy-line', 0],
  ] as const) {
    it(`is refused with ${what}`, () => {
      assert.deepEqual(read(text), { ok: false, fault: found, line })
    })
  }
})

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { homeAt, initHome, readMember } from '../../node/home.ts'
import { Keystore } from '../../node/keys/keystore.ts'
import { parsePhrase } from '../../node/keys/phrase.ts'
import { readProposals } from '../../node/log/proposal.ts'
import { native } from '../../node/keys/native.ts'
import {
  parseAct,
  parseBecause,
  parseKeyId,
  parsePrevious,
  signEpoch,
  signKeyEvents,
} from '../../node/signing.ts'
import { parseBase64, printHex } from '../../protocol/bytes.ts'
import { verifySignature } from '../../protocol/identity/signature.ts'
import { printCheckpoint } from '../../protocol/log/checkpoint.ts'
import { checkFirstEntry } from '../../protocol/log/entry.ts'
import { headAt, originOf } from '../support/declared.ts'
import { hasCode, temporaryDirectory } from '../support/directory.ts'

const ID = 'ab'.repeat(32)
const WHO = {
  domain: 'log.example',
  name: 'L',
  sector: 'energy',
  listen: [],
  announce: [],
  passphrase: undefined,
  now: 1,
}

describe('what the root key signs', () => {
  const directory = temporaryDirectory()
  const home = homeAt(join(directory.path, 'home'))
  let words: string
  before(() => (words = initHome({ ...WHO, home }).words))
  after(() => directory.remove())
  const act = { home, origin: originOf(1), passphrase: undefined, now: Date.UTC(2026, 10, 23) }
  const read = (proposals: string) => {
    const bytes = parseBase64(proposals)
    assert.ok(bytes.ok)
    return readProposals(bytes.value)
  }

  it('are key events in the order they were asked for, with new keys on disk first', () => {
    const acts = [parseAct('add:statement'), parseAct(`retire:${ID}`), parseAct(`revoke:${ID}:7`)]
    const { proposals, added } = signKeyEvents({ ...act, acts })
    const keystore = Keystore.open(home.keys, undefined)
    assert.deepEqual(added, [printHex(keystore.signer('statement').keyId)])
    assert.ok(existsSync(join(home.keys, 'statement-2.key')))
    const root = keystore.withRoot(({ publicKey }) => publicKey)
    const events = read(proposals)
    assert.equal(events.length, 3)
    for (const { entry } of events) {
      assert.equal(entry.statement.kind, 'key')
      assert.ok(verifySignature(native, root, entry.toBeSigned, entry.signature))
    }
  })

  it('renews the descriptor with a new node key', () => {
    const before = readMember(home)
    signKeyEvents({ ...act, acts: [parseAct('add:node')] })
    const renewed = readMember(home)
    assert.deepEqual([...renewed.node], [...Keystore.open(home.keys, undefined).signer('node').publicKey])
    assert.notDeepEqual(renewed.node, before.node)
    assert.ok(renewed.issuedAt > before.issuedAt)
    assert.deepEqual([renewed.root, renewed.addresses], [before.root, before.addresses])
  })

  it('is leaf 0 of the next epoch, which names where the last one ends, with a prepared log key', () => {
    const previous = parsePrevious(Buffer.from(printCheckpoint(headAt(1, 40))).toString('base64'))
    const because = parseBecause('What happened.', ID)
    const origin = originOf(2)
    const keystore = Keystore.open(home.keys, undefined)
    const gone = keystore.signers('statement')[0]?.keyId
    assert.ok(gone !== undefined)
    const { proposals } = signEpoch({ ...act, origin, previous, because, without: [gone] })
    const [leaf] = read(proposals)
    assert.ok(leaf !== undefined)
    const { root } = readMember(home)
    const first = checkFirstEntry(native, origin, root, leaf.entry.bytes, leaf.part)
    assert.ok(first.ok)
    const { epoch } = first.value.keys
    assert.deepEqual([epoch.previous?.size, epoch.because?.text], [40, 'What happened.'])
    assert.ok(!epoch.keys.some(({ keyId }) => printHex(keyId) === printHex(gone)))
    assert.deepEqual(keystore.logEpochs(), [1])
    assert.throws(() => signEpoch({ ...act, origin: originOf(1), previous, because, without: [] }))
  })

  it('is for logs of its own member only', () => {
    const origin = originOf(1, 'other.example')
    assert.throws(
      () => signKeyEvents({ ...act, origin, acts: [parseAct('add:box')] }),
      hasCode('CONFIGURATION'),
    )
    assert.throws(() => signKeyEvents({ ...act, acts: [] }), hasCode('USAGE'))
  })

  it('is asked for in one way', () => {
    const wrong = [
      'add:root',
      'add:log',
      'add',
      'retire:ab',
      `retire:${ID}:1`,
      `revoke:${ID}`,
      `revoke:${ID}:-1`,
      'x:y',
    ]
    for (const text of wrong) assert.throws(() => parseAct(text), hasCode('USAGE'), text)
    assert.throws(() => parseKeyId(ID.toUpperCase()), hasCode('USAGE'))
    for (const text of ['', 'AAAA', '!']) assert.throws(() => parsePrevious(text), hasCode('USAGE'), text)
    assert.throws(() => parseBecause(undefined, ID), hasCode('USAGE'))
    assert.throws(() => parseBecause('x', 'ab'), hasCode('USAGE'))
    assert.deepEqual([parsePrevious(undefined), parseBecause(undefined, undefined)], [null, null])
  })

  it('can be said again by the words on another machine, under new other keys and without a log key', () => {
    const again = homeAt(join(directory.path, 'again'))
    initHome({ ...WHO, home: again, recovered: parsePhrase(words) })
    const [old, young] = [home, again].map(({ keys }) => Keystore.open(keys, undefined))
    assert.ok(old !== undefined && young !== undefined)
    assert.deepEqual(readMember(again).root, readMember(home).root)
    assert.deepEqual([old.logEpochs(), young.logEpochs()], [[1], []])
    assert.notDeepEqual(old.signers('node')[0]?.publicKey, young.signer('node').publicKey)
  })
})

import assert from 'node:assert/strict'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { NodeError } from '../../../node/errors.ts'
import { Keystore } from '../../../node/keys/keystore.ts'
import { parsePhrase } from '../../../node/keys/phrase.ts'
import { encode, parse } from '../../../protocol/codec/cbor.ts'
import { isMap } from '../../../protocol/codec/value.ts'
import { verifySignature } from '../../../protocol/identity/signature.ts'
import { portable } from '../../../protocol/primitives.ts'
import { hasCode, temporaryDirectory } from '../../support/directory.ts'
import { native } from '../../../node/keys/native.ts'

const MESSAGE = Uint8Array.of(1, 2, 3)
const FILES = [
  'box.key',
  'keystore.cbor',
  'log-1.key',
  'mirror.key',
  'node.key',
  'root.key',
  'statement.key',
  'vault.key',
  'witness.key',
]

/** What a keystore says of itself in public. */
function identity(keystore: Keystore) {
  const purposes = (['statement', 'witness', 'mirror', 'node'] as const).map((purpose) =>
    keystore.signer(purpose),
  )
  const keys = [...purposes, keystore.logSigner(1)].map(({ publicKey }) => publicKey)
  return [...keys, ...keystore.boxKeys(), keystore.withRoot(({ publicKey }) => publicKey)].map((key) =>
    Buffer.from(key).toString('hex'),
  )
}

const signerKey = (bytes: Uint8Array) => Uint8Array.from(bytes)

describe('a keystore without a passphrase', () => {
  const original = temporaryDirectory()
  let directory: { path: string; remove: () => void }
  let keys: string
  let words: string
  let made: string[]
  before(() => {
    const created = Keystore.create(join(original.path, 'keys'), undefined)
    words = created.words
    made = identity(created.keystore)
  })
  after(() => original.remove())
  beforeEach(() => {
    directory = temporaryDirectory()
    keys = join(directory.path, 'keys')
    cpSync(join(original.path, 'keys'), keys, { recursive: true })
    chmodSync(keys, 0o700)
  })
  afterEach(() => directory.remove())

  const open = () => Keystore.open(keys, undefined)
  const file = (name: string) => join(keys, name)

  it('opens with the same keys, all different, and says that it is not locked', () => {
    const keystore = open()
    assert.deepEqual(identity(keystore), made)
    assert.equal(new Set(made).size, made.length)
    assert.equal(keystore.vaultKey().length, 32)
    assert.equal(keystore.nodeSeed().length, 32)
    assert.equal(Keystore.isLocked(keys), false)
  })

  it('signs under each purpose as the rule verifies', () => {
    const keystore = open()
    keystore.withRoot((root) => {
      for (const { publicKey, sign } of [keystore.signer('statement'), keystore.logSigner(1), root]) {
        assert.ok(verifySignature(portable, publicKey, MESSAGE, sign(MESSAGE)))
      }
    })
  })

  it('lets only its owner read, in one file per key', () => {
    assert.deepEqual(readdirSync(keys).toSorted(), [...FILES, 'unlock.key'].toSorted())
    const fresh = join(original.path, 'keys')
    assert.equal(statSync(fresh).mode & 0o777, 0o700)
    for (const name of readdirSync(fresh)) assert.equal(statSync(join(fresh, name)).mode & 0o777, 0o600, name)
    assert.deepEqual(readdirSync(original.path), ['keys'])
  })

  it('gives 24 words that bring back the root key and no other', () => {
    assert.equal(words.split(' ').length, 24)
    const again = Keystore.create(join(directory.path, 'again'), undefined, parsePhrase(words))
    const recovered = identity(again.keystore)
    assert.equal(again.words, words)
    assert.equal(recovered.at(-1), made.at(-1))
    for (const [index, key] of recovered.slice(0, -1).entries()) assert.notEqual(key, made[index])
  })

  it('keeps one log key for each epoch and never replaces one', () => {
    const keystore = open()
    const prepared = keystore.prepareLogKey(2)
    assert.deepEqual(keystore.logEpochs(), [1])
    assert.deepEqual(open().prepareLogKey(2).publicKey, prepared.publicKey)
    keystore.commitLogKey(2)
    keystore.commitLogKey(2)
    const again = open()
    assert.deepEqual(again.logEpochs(), [1, 2])
    assert.deepEqual(again.logSigner(2).publicKey, prepared.publicKey)
    assert.notDeepEqual(again.logSigner(1).publicKey, prepared.publicKey)
    assert.throws(() => again.prepareLogKey(2), hasCode('KEYSTORE_EXISTS'))
    assert.throws(() => again.logSigner(3), hasCode('KEYSTORE_DAMAGED'))
  })

  it('holds several keys of one purpose, and sees those that another process adds', () => {
    const [one, other] = [open(), open()]
    for (const purpose of ['statement', 'witness', 'mirror', 'node'] as const) {
      const [first] = one.signers(purpose)
      const added = other.addKey(purpose)
      assert.deepEqual(
        one.signers(purpose).map(({ publicKey }) => publicKey),
        [first?.publicKey, signerKey(added)],
      )
      assert.deepEqual(one.signer(purpose).publicKey, signerKey(added))
    }
    const box = other.addKey('box')
    assert.deepEqual(one.boxKeys().at(-1), box)
    assert.equal(one.boxKeys().length, 2)
    for (let i = 0; i < 9; i++) other.addKey('statement')
    assert.equal(
      new Set(
        open()
          .signers('statement')
          .map(({ keyId }) => String(keyId)),
      ).size,
      11,
    )
  })

  it('gives the seed of each node key', () => {
    const keystore = open()
    const [first] = keystore.signers('node')
    const young = keystore.addKey('node')
    assert.deepEqual(keystore.nodeSeed(), keystore.nodeSeed(young))
    assert.notDeepEqual(keystore.nodeSeed(), keystore.nodeSeed(first?.publicKey))
    assert.throws(() => keystore.nodeSeed(Uint8Array.of(1)))
  })

  it('names an added key that was altered, or put in the place of another', () => {
    const keystore = open()
    keystore.addKey('witness')
    copyFileSync(file('witness.key'), file('witness-2.key'))
    refusesNaming(open, file('witness-2.key'))
  })

  it('begins without a log key where an old log must not be begun again', () => {
    const made = Keystore.create(join(directory.path, 'again'), undefined, parsePhrase(words), 'no-log')
    assert.deepEqual(made.keystore.logEpochs(), [])
    assert.deepEqual(Keystore.open(join(directory.path, 'again'), undefined).logEpochs(), [])
  })

  it('is never written over', () => {
    assert.throws(() => Keystore.create(keys, undefined), hasCode('KEYSTORE_EXISTS'))
    assert.deepEqual(identity(open()), made)
  })

  it('shows no secret when it is printed', () => {
    const keystore = open()
    const shown = inspect(keystore, { depth: 9, showHidden: true }) + JSON.stringify(keystore)
    const seed = keystore.nodeSeed()
    assert.ok(!shown.includes(Buffer.from(seed).toString('hex').slice(0, 16)))
    assert.ok(!/Buffer|Uint8Array/.test(shown), shown)
  })

  for (const name of [...FILES, 'unlock.key']) {
    it(`names ${name} when one of its bytes is altered`, () => {
      const sound = readFileSync(file(name))
      for (const at of [0, Math.floor(sound.length / 2), sound.length - 1]) {
        const altered = Buffer.from(sound)
        altered[at] = (altered[at] ?? 0) ^ 1
        writeFileSync(file(name), altered)
        refusesNaming(open, file(name))
      }
    })

    it(`names ${name} when it is cut short, overlong or gone`, () => {
      const sound = readFileSync(file(name))
      truncateSync(file(name), sound.length - 1)
      refusesNaming(open, file(name))
      writeFileSync(file(name), Buffer.concat([sound, Buffer.alloc(2_000)]))
      refusesNaming(open, file(name), 'KEYSTORE_DAMAGED', 'TOO_LARGE')
      rmSync(file(name))
      if (name !== 'log-1.key') refusesNaming(open, file(name))
      else assert.throws(() => open().logSigner(1), hasCode('KEYSTORE_DAMAGED'))
    })
  }

  it('refuses one key in the place of another', () => {
    copyFileSync(file('witness.key'), file('statement.key'))
    refusesNaming(open, file('statement.key'))
    copyFileSync(file('log-1.key'), file('log-2.key'))
    copyFileSync(file('witness.key'), file('log-1.key'))
    assert.throws(open, hasCode('KEYSTORE_DAMAGED'))
  })

  it('refuses the key of another keystore', () => {
    const other = join(directory.path, 'other')
    Keystore.create(other, undefined)
    copyFileSync(join(other, 'vault.key'), file('vault.key'))
    refusesNaming(open, file('vault.key'))
    copyFileSync(join(other, 'unlock.key'), file('unlock.key'))
    refusesNaming(open, file('unlock.key'))
  })

  for (const [name, mode, command] of [
    ['root.key', 0o640, 'chmod 600'],
    ['unlock.key', 0o604, 'chmod 600'],
    ['', 0o750, 'chmod 700'],
  ] as const) {
    it(`refuses ${name === '' ? 'a directory' : name} that others may open, with the command that mends it`, () => {
      chmodSync(join(keys, name), mode)
      assert.throws(open, (error) => {
        assert.ok(error instanceof NodeError && error.code === 'KEYSTORE_PERMISSIONS')
        assert.equal(error.fix, `${command} '${join(keys, name)}'`)
        return true
      })
    })
  }

  it('follows unlock.key to a credential of the service manager, unless everybody may read it', () => {
    const credential = join(directory.path, 'credential')
    renameSync(file('unlock.key'), credential)
    chmodSync(credential, 0o440)
    symlinkSync(credential, file('unlock.key'))
    assert.deepEqual(identity(open()), made)
    chmodSync(credential, 0o444)
    assert.throws(open, hasCode('KEYSTORE_PERMISSIONS'))
    rmSync(credential)
    refusesNaming(open, file('unlock.key'))
  })

  it('takes nothing from a directory where the making was interrupted', () => {
    const fresh = join(directory.path, 'fresh')
    mkdirSync(`${fresh}.making`)
    writeFileSync(join(`${fresh}.making`, 'root.key'), 'half')
    assert.throws(() => Keystore.open(fresh, undefined), hasCode('HOME_MISSING'))
    const { keystore } = Keystore.create(fresh, undefined)
    assert.deepEqual(identity(Keystore.open(fresh, undefined)), identity(keystore))
    assert.ok(!existsSync(`${fresh}.making`))
  })

  it('leaves nothing behind when it cannot be made', () => {
    const blocked = join(directory.path, 'blocked')
    writeFileSync(blocked, '')
    assert.throws(() => Keystore.create(join(blocked, 'keys'), undefined), hasCode('IO_FAILED'))
    assert.throws(() => Keystore.create(join(directory.path, 'empty'), new Uint8Array(0)), hasCode('USAGE'))
    assert.deepEqual(readdirSync(directory.path).toSorted(), ['blocked', 'keys'])
  })
})

describe('a keystore with a passphrase', () => {
  const passphrase = Buffer.from('correct horse')
  const directory = temporaryDirectory()
  const keys = join(directory.path, 'keys')
  let made: string[]
  before(() => {
    made = identity(Keystore.create(keys, passphrase).keystore)
  })
  after(() => directory.remove())

  it('opens with it, and has no unlock.key', () => {
    assert.deepEqual(identity(Keystore.open(keys, passphrase)), made)
    assert.deepEqual(readdirSync(keys).toSorted(), FILES)
    assert.equal(Keystore.isLocked(keys), true)
  })

  it('tells a missing passphrase from a wrong one, and quotes neither', () => {
    assert.throws(() => Keystore.open(keys, undefined), hasCode('PASSPHRASE_NEEDED'))
    assert.throws(
      () => Keystore.open(keys, Buffer.from('battery staple')),
      (error) => {
        assert.ok(error instanceof NodeError && error.code === 'PASSPHRASE_WRONG')
        assert.ok(!inspect(error).includes('battery'))
        return true
      },
    )
  })

  it('refuses a cost that would be cheap to guess or eat the memory, before it derives anything', () => {
    const header = join(keys, 'keystore.cbor')
    const sound = readFileSync(header)
    const read = parse(sound.subarray(0, -32))
    assert.ok(read.ok && isMap(read.value))
    for (const change of [
      { cost: 1 },
      { cost: 14 },
      { cost: 21 },
      { cost: 2 ** 40 },
      { v: 2 },
      { unlock: 'none' },
    ]) {
      const body = encode({ ...read.value, ...change })
      writeFileSync(header, Buffer.concat([body, native.sha256(body)]))
      refusesNaming(() => Keystore.open(keys, passphrase), header)
    }
    writeFileSync(header, sound)
  })
})

function refusesNaming(act: () => unknown, path: string, ...codes: string[]): void {
  assert.throws(act, (error) => {
    assert.ok(error instanceof NodeError, String(error))
    assert.ok([...codes, 'KEYSTORE_DAMAGED'].includes(error.code), error.code)
    assert.ok(error.message.includes(path), error.message)
    return true
  })
}

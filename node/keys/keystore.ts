/**
 * The keystore: a directory of its own, apart from the database. Every secret lies in a file of mode 0600, sealed
 * with AES-256-GCM under a key that `unlock.ts` obtains. DESIGN §3, spec 02 §6.
 *
 * The root key derives from the recovery phrase and is opened only inside `withRoot`.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { existsSync, lstatSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { assert } from '../../protocol/assert.ts'
import { bytesOfText } from '../../protocol/bytes.ts'
import { encode } from '../../protocol/codec/cbor.ts'
import { NodeError } from '../errors.ts'
import type { Signer } from '../ports.ts'
import { makePrivateDirectory, removeDirectory, renameDurably, writeFileDurably } from './files.ts'
import { readMemory, writeMemory, type Memory } from './memory.ts'
import { boxPublicKey, signerOf } from './native.ts'
import { ENTROPY_BYTES, printPhrase, rootSeed } from './phrase.ts'
import {
  damaged,
  HEADER,
  isLocked,
  makeSealingKey,
  openSealingKey,
  readKeyFile,
  UNLOCK,
  writeHeader,
  type Passphrase,
} from './unlock.ts'

/** What lies in the keystore beside the log keys, one per epoch. `vault` encrypts what rests in the database. */
const SECRETS = ['root', 'statement', 'witness', 'mirror', 'box', 'node', 'vault'] as const
type Secret = (typeof SECRETS)[number]
type SecretFile = Secret | `log-${number}`

const FIRST_EPOCH = 1
const NONCE_BYTES = 12
const TAG_BYTES = 16
const KEY_BYTES = 32
/** First byte of a key file: the layout. */
const VERSION = 1
const FILE_BYTES = 1 + NONCE_BYTES + KEY_BYTES + TAG_BYTES

/** The sealing key and the opened signers stand in `#` fields, which no log line and no inspection prints. */
export class Keystore {
  readonly #directory: string
  readonly #sealingKey: Buffer
  readonly #signers = new Map<SecretFile, Signer>()

  private constructor(directory: string, sealingKey: Buffer) {
    this.#directory = directory
    this.#sealingKey = sealingKey
  }

  /**
   * Makes all keys, in a directory beside the final one that then takes its name: a keystore is whole or absent.
   * Returns the 24 words that bring the root key back. Given the entropy of a phrase, the root key is that
   * phrase's and all the others are new.
   */
  static create(
    directory: string,
    passphrase: Passphrase,
    entropy: Uint8Array = randomBytes(ENTROPY_BYTES),
  ): { keystore: Keystore; words: string } {
    assert(entropy.length === ENTROPY_BYTES, 'a root key has 256 bits of entropy')
    if (existsSync(directory) && readdirSync(directory).length > 0) {
      throw new NodeError('KEYSTORE_EXISTS', `there is a keystore in ${directory} already`)
    }
    const making = `${directory}.making`
    // Left by an interrupted run. Nobody ever used it: it had not taken its name.
    removeDirectory(making)
    makePrivateDirectory(making)
    try {
      const { sealingKey, header } = makeSealingKey(making, passphrase)
      const keystore = new Keystore(making, sealingKey)
      for (const secret of SECRETS) {
        keystore.#write(secret, secret === 'root' ? rootSeed(entropy) : randomBytes(KEY_BYTES))
      }
      keystore.addLogKey(FIRST_EPOCH)
      writeHeader(making, header)
      renameDurably(making, directory)
      return { keystore: new Keystore(directory, sealingKey), words: printPhrase(entropy) }
    } catch (error) {
      removeDirectory(making)
      throw error
    }
  }

  static open(directory: string, passphrase: Passphrase): Keystore {
    checkPresent(directory)
    checkPermissions(directory)
    const keystore = new Keystore(directory, openSealingKey(directory, passphrase))
    // A damaged key is found now, not on the day it is needed.
    const logKeys = keystore.#epochs().map((epoch): SecretFile => `log-${epoch}`)
    for (const secret of [...SECRETS, ...logKeys]) keystore.#read(secret).fill(0)
    return keystore
  }

  /** True when the keystore asks for a passphrase. */
  static isLocked(directory: string): boolean {
    checkPresent(directory)
    return isLocked(directory)
  }

  signer(purpose: 'statement' | 'witness' | 'mirror' | 'node'): Signer {
    return this.#signer(purpose)
  }

  /** Signs the checkpoints of one epoch of our log. */
  logSigner(epoch: number): Signer {
    return this.#signer(`log-${epoch}`)
  }

  /** Makes the log key of an epoch. One that is there already is never replaced. */
  addLogKey(epoch: number): void {
    assert(Number.isSafeInteger(epoch) && epoch >= FIRST_EPOCH, 'epochs count from 1')
    const name: SecretFile = `log-${epoch}`
    if (existsSync(this.#path(name))) {
      throw new NodeError('KEYSTORE_EXISTS', `there is a log key of epoch ${epoch} already`)
    }
    this.#write(name, randomBytes(KEY_BYTES))
  }

  /**
   * Replaces the log key of an epoch that has never signed. A copy of the keystore from before then holds a key
   * that no leaf 0 names, so it can contradict nothing (spec 04 §6).
   */
  renewLogKey(epoch: number): void {
    assert(readMemory(this.#directory).signed === 'never', 'a log key that has signed is never replaced')
    const name: SecretFile = `log-${epoch}`
    this.#write(name, randomBytes(KEY_BYTES))
    this.#signers.delete(name)
  }

  /** What the keystore remembers of its own use, apart from the database. */
  memory(): Memory {
    return readMemory(this.#directory)
  }

  remember(memory: Memory): void {
    writeMemory(this.#directory, memory)
  }

  /** Opens the root key for one use. */
  withRoot<T>(use: (root: Signer) => T): T {
    return this.#opened('root', (seed) => use(signerOf(seed)))
  }

  boxKey(): Uint8Array {
    return this.#opened('box', boxPublicKey)
  }

  /** Seed of the libp2p identity. */
  nodeSeed(): Uint8Array {
    return this.#read('node')
  }

  vaultKey(): Uint8Array {
    return this.#read('vault')
  }

  #signer(name: SecretFile): Signer {
    const known = this.#signers.get(name)
    if (known !== undefined) return known
    const signer = this.#opened(name, signerOf)
    this.#signers.set(name, signer)
    return signer
  }

  #opened<T>(name: SecretFile, use: (secret: Uint8Array) => T): T {
    const secret = this.#read(name)
    try {
      return use(secret)
    } finally {
      secret.fill(0)
    }
  }

  /** Wipes `secret` once it is on disk. */
  #write(name: SecretFile, secret: Uint8Array): void {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv('aes-256-gcm', this.#sealingKey, nonce)
    cipher.setAAD(placeOf(name))
    const sealed = Buffer.concat([cipher.update(secret), cipher.final()])
    secret.fill(0)
    const file = Buffer.concat([Buffer.from([VERSION]), nonce, sealed, cipher.getAuthTag()])
    writeFileDurably(this.#path(name), file, 0o600)
  }

  #read(name: SecretFile): Buffer {
    const path = this.#path(name)
    const file = readKeyFile(path, FILE_BYTES)
    if (file[0] !== VERSION) throw damaged(path, 'has a layout this program does not know')
    const end = file.length - TAG_BYTES
    const decipher = createDecipheriv('aes-256-gcm', this.#sealingKey, file.subarray(1, 1 + NONCE_BYTES))
    decipher.setAAD(placeOf(name))
    decipher.setAuthTag(file.subarray(end))
    const secret = decipher.update(file.subarray(1 + NONCE_BYTES, end))
    try {
      decipher.final()
      return secret
    } catch (error) {
      secret.fill(0)
      throw damaged(path, 'was altered', error)
    }
  }

  #path(name: SecretFile): string {
    return join(this.#directory, `${name}.key`)
  }

  #epochs(): readonly number[] {
    const names = readdirSync(this.#directory)
    return names.flatMap((name) => LOG_KEY.exec(name)?.slice(1).map(Number) ?? [])
  }
}

const LOG_KEY = /^log-([1-9]\d{0,8})\.key$/

/** What a key file is sealed for, so that one key cannot be put in another's place. */
function placeOf(name: SecretFile): Uint8Array {
  return encode([VERSION, bytesOfText(name)])
}

function checkPresent(directory: string): void {
  if (!existsSync(directory)) {
    throw new NodeError('HOME_MISSING', `there is no keystore in ${directory}`, { fix: 'candor init' })
  }
  const header = join(directory, HEADER)
  if (!existsSync(header)) throw damaged(header, 'is missing')
}

function checkPermissions(directory: string): void {
  checkMode(directory, '700')
  for (const name of readdirSync(directory)) {
    const path = join(directory, name)
    // `unlock.key` may be a link to a credential that the service manager guards, by access lists that show in
    // the group's bits; when it is not mounted, reading it says so.
    if (name === UNLOCK && lstatSync(path).isSymbolicLink()) {
      if (existsSync(path) && (statSync(path).mode & 0o007) !== 0) throw openToOthers(path, '600')
    } else checkMode(path, '600')
  }
}

function checkMode(path: string, wanted: string): void {
  if ((lstatSync(path).mode & 0o077) !== 0) throw openToOthers(path, wanted)
}

function openToOthers(path: string, wanted: string): NodeError {
  return new NodeError('KEYSTORE_PERMISSIONS', `other users of this machine may open ${path}`, {
    fix: `chmod ${wanted} '${path}'`,
  })
}

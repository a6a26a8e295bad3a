/**
 * The keystore: a directory of its own, apart from the database. Every secret lies in a file of mode 0600, sealed
 * with AES-256-GCM under a key that `unlock.ts` obtains. DESIGN §3, spec 02 §6.
 *
 * Of each purpose there may be several keys; the log says which of them are in force (`log/own-keys.ts`). Other processes
 * of the same home add keys while a node runs, so the directory is looked at again each time.
 *
 * The root key derives from the recovery phrase and is opened only inside `withRoot`.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, lstatSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { assert } from '../../protocol/assert.ts'
import { equal } from '../../protocol/bytes.ts'
import { NodeError } from '../errors.ts'
import type { Signer } from '../ports.ts'
import { linkDurably, makePrivateDirectory, removeDirectory, renameDurably, shredFile } from './files.ts'
import { readMemory, writeMemory, type Memory } from './memory.ts'
import { boxPublicKey, signerOf } from './native.ts'
import { ENTROPY_BYTES, printPhrase, rootSeed } from './phrase.ts'
import { KEY_BYTES, readSealed, writeSealed } from './sealed-file.ts'
import {
  damaged,
  HEADER,
  isLocked,
  makeSealingKey,
  openSealingKey,
  UNLOCK,
  writeHeader,
  type Passphrase,
} from './unlock.ts'

/** Purposes of which a keystore may hold several keys: the first in `box.key`, those after it in `box-2.key` and so on. */
const ROTATING = ['statement', 'witness', 'mirror', 'box', 'node'] as const
export type RotatingPurpose = (typeof ROTATING)[number]
export type SigningPurpose = Exclude<RotatingPurpose, 'box'>

/** What lies in the keystore beside the log keys, one per epoch. `vault` encrypts what rests in the database. */
const SECRETS = ['root', ...ROTATING, 'vault'] as const
type Secret = (typeof SECRETS)[number]
type SecretName = Secret | `${RotatingPurpose}-${number}` | `log-${number}`

const FIRST_EPOCH = 1

/**
 * The log key of an epoch that is being opened: it takes the name of a key when leaf 0 of that epoch is on disk. Or the vault key
 * that the next start moves everything to.
 */
const PREPARED = 'prepared'

/** A vault key that another one has replaced, until it is overwritten. */
const RETIRED = 'retired'

/** The sealing key and the opened signers stand in `#` fields, which no log line and no inspection prints. */
export class Keystore {
  readonly #directory: string
  readonly #sealingKey: Buffer
  readonly #signers = new Map<SecretName, Signer>()
  // Public keys of box keys. A file of that name never holds another.
  readonly #boxes = new Map<SecretName, Uint8Array>()

  private constructor(directory: string, sealingKey: Buffer) {
    this.#directory = directory
    this.#sealingKey = sealingKey
  }

  /**
   * Makes all keys, in a directory beside the final one that then takes its name: a keystore is whole or absent.
   * Returns the 24 words that bring the root key back. Given the entropy of a phrase, the root key is that
   * phrase's and all the others are new; a log key there is then none (`no-log`), because the old log is not begun again.
   */
  static create(
    directory: string,
    passphrase: Passphrase,
    entropy: Uint8Array = randomBytes(ENTROPY_BYTES),
    log: 'first-epoch' | 'no-log' = 'first-epoch',
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
      if (log === 'first-epoch') keystore.#write(`log-${FIRST_EPOCH}`, randomBytes(KEY_BYTES))
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
    for (const secret of [...SECRETS, ...keystore.#later()]) keystore.#read(secret).fill(0)
    return keystore
  }

  /** True when the keystore asks for a passphrase. */
  static isLocked(directory: string): boolean {
    checkPresent(directory)
    return isLocked(directory)
  }

  /** The newest key of this purpose. Whether it is in force is the log's to say. */
  signer(purpose: SigningPurpose): Signer {
    const newest = this.signers(purpose).at(-1)
    assert(newest !== undefined, 'a keystore has a key of each purpose')
    return newest
  }

  /** The keys of this purpose, oldest first. */
  signers(purpose: SigningPurpose): readonly Signer[] {
    return this.#namesOf(purpose).map((name) => this.#signer(name))
  }

  /** Makes one more key of this purpose and answers once it is on disk. It signs nothing until the log declares it. */
  addKey(purpose: RotatingPurpose): Uint8Array {
    const name: SecretName = `${purpose}-${this.#namesOf(purpose).length + 1}`
    this.#write(name, randomBytes(KEY_BYTES))
    return purpose === 'box' ? this.#box(name) : this.#signer(name).publicKey
  }

  /** Signs the checkpoints of one epoch of our log. */
  logSigner(epoch: number): Signer {
    return this.#signer(`log-${epoch}`)
  }

  /** Epochs whose log key lies here, oldest first. */
  logEpochs(): readonly number[] {
    return this.#files(LOG_KEY).toSorted((a, b) => a - b)
  }

  /** The log key of an epoch that is about to be opened: made if it is not there yet, never replaced. */
  prepareLogKey(epoch: number): Signer {
    assert(
      Number.isSafeInteger(epoch) && epoch > FIRST_EPOCH,
      'epochs count from 1, and the first has its key',
    )
    const name: SecretName = `log-${epoch}`
    if (existsSync(this.#path(name))) {
      throw new NodeError('KEYSTORE_EXISTS', `there is a log key of epoch ${epoch} already`)
    }
    const path = this.#path(name, PREPARED)
    if (!existsSync(path)) writeSealed(path, name, this.#sealingKey, randomBytes(KEY_BYTES))
    return withWiped(readSealed(path, name, this.#sealingKey), signerOf)
  }

  /** Makes a prepared log key the key of the newest epoch. Doing it again changes nothing. */
  commitLogKey(epoch: number): void {
    const path = this.#path(`log-${epoch}`, PREPARED)
    if (existsSync(path)) renameDurably(path, this.#path(`log-${epoch}`))
  }

  /**
   * Replaces the log key of an epoch that has never signed. A copy of the keystore from before then holds a key
   * that no leaf 0 names, so it can contradict nothing (spec 04 §6).
   */
  renewLogKey(epoch: number): void {
    assert(readMemory(this.#directory).signed === 'never', 'a log key that has signed is never replaced')
    const name: SecretName = `log-${epoch}`
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

  /** Public keys of the box keys, oldest first. */
  boxKeys(): readonly Uint8Array[] {
    return this.#namesOf('box').map((name) => this.#box(name))
  }

  /** Opens the secret of the box key with this public key for one use; undefined where none lies here. */
  withBox<T>(publicKey: Uint8Array, use: (secret: Uint8Array) => Promise<T>): Promise<T> | undefined {
    const name = this.#namesOf('box').find((one) => equal(this.#box(one), publicKey))
    if (name === undefined) return undefined
    const secret = this.#read(name)
    return use(secret).finally(() => secret.fill(0))
  }

  /** Seed of the libp2p identity with this public key, the newest unless another is named. */
  nodeSeed(publicKey: Uint8Array = this.signer('node').publicKey): Uint8Array {
    const name = this.#namesOf('node').find((one) => equal(this.#signer(one).publicKey, publicKey))
    assert(name !== undefined, 'the seed of a node key that lies here')
    return this.#read(name)
  }

  vaultKey(): Uint8Array {
    return this.#read('vault')
  }

  /** Makes the vault key that the next start moves everything to. False when one waits for that already. */
  prepareVaultKey(): boolean {
    const path = this.#path('vault', PREPARED)
    if (existsSync(path)) return false
    writeSealed(path, 'vault', this.#sealingKey, randomBytes(KEY_BYTES))
    return true
  }

  /** The vault key that was prepared; undefined where none was. */
  preparedVaultKey(): Uint8Array | undefined {
    const path = this.#path('vault', PREPARED)
    return existsSync(path) ? readSealed(path, 'vault', this.#sealingKey) : undefined
  }

  /** Nothing rests under the old vault key any more: the prepared one takes its name, and the old one is overwritten. */
  commitVaultKey(): void {
    const [path, retired] = [this.#path('vault'), this.#path('vault', RETIRED)]
    const prepared = this.#path('vault', PREPARED)
    if (existsSync(prepared)) {
      // A second name first: a crash then leaves the old key where it can still be overwritten.
      if (!existsSync(retired)) linkDurably(path, retired)
      renameDurably(prepared, path)
    }
    if (existsSync(retired)) shredFile(retired)
  }

  #signer(name: SecretName): Signer {
    const known = this.#signers.get(name)
    if (known !== undefined) return known
    const signer = this.#opened(name, signerOf)
    this.#signers.set(name, signer)
    return signer
  }

  #box(name: SecretName): Uint8Array {
    const known = this.#boxes.get(name)
    if (known !== undefined) return known
    const box = this.#opened(name, boxPublicKey)
    this.#boxes.set(name, box)
    return box
  }

  #opened<T>(name: SecretName, use: (secret: Uint8Array) => T): T {
    return withWiped(this.#read(name), use)
  }

  #write(name: SecretName, secret: Uint8Array): void {
    writeSealed(this.#path(name), name, this.#sealingKey, secret)
  }

  #read(name: SecretName): Buffer {
    return readSealed(this.#path(name), name, this.#sealingKey)
  }

  #path(name: SecretName, extension: 'key' | typeof PREPARED | typeof RETIRED = 'key'): string {
    return join(this.#directory, `${name}.${extension}`)
  }

  /** Names of the keys of a purpose, oldest first. */
  #namesOf(purpose: RotatingPurpose): readonly SecretName[] {
    const numbers = this.#files(new RegExp(`^${purpose}-([1-9]\\d{0,8})\\.key$`)).toSorted((a, b) => a - b)
    return [purpose, ...numbers.map((number): SecretName => `${purpose}-${number}`)]
  }

  /** What is there beside the one key of each purpose that a new keystore has. */
  #later(): readonly SecretName[] {
    const rotated = ROTATING.flatMap((purpose) => this.#namesOf(purpose).slice(1))
    return [...rotated, ...this.logEpochs().map((epoch): SecretName => `log-${epoch}`)]
  }

  /** The numbers in the names of the files that match. */
  #files(pattern: RegExp): number[] {
    return readdirSync(this.#directory).flatMap((name) => pattern.exec(name)?.slice(1).map(Number) ?? [])
  }
}

const LOG_KEY = /^log-([1-9]\d{0,8})\.key$/

function withWiped<T>(secret: Uint8Array, use: (secret: Uint8Array) => T): T {
  try {
    return use(secret)
  } finally {
    secret.fill(0)
  }
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

/**
 * The keystore: a directory of its own, apart from the database. Every secret lies in a file of mode 0600,
 * sealed with AES-256-GCM under a key that comes from the passphrase by scrypt or, where the operator chose
 * none, from the file `unlock.key`, which can be kept elsewhere (a systemd credential). DESIGN §3.
 *
 * The root key derives from the recovery phrase and is opened only inside `withRoot`.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, scryptSync } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { entropyToMnemonic, mnemonicToEntropy, validateMnemonic } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { DOMAINS } from '../../protocol/identity/domains.ts'
import { NodeError } from '../errors.ts'
import type { Signer } from '../ports.ts'
import { syncDirectory, writeFileDurably } from './files.ts'
import { boxPublicKey, signerOf } from './native.ts'

/** What lies in the keystore. `log` is per epoch; `vault` encrypts what rests in the database. */
export const SECRETS = ['root', 'log', 'statement', 'witness', 'mirror', 'box', 'node', 'vault'] as const
export type Secret = (typeof SECRETS)[number]

export type Passphrase = Uint8Array | undefined

/** scrypt cost: 128 MiB and about half a second. Read from the file, so it is bounded when read. */
const SCRYPT = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 }
const SALT_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const KEY_BYTES = 32
/** First byte of a key file: the layout. */
const VERSION = 1

export class Keystore {
  private readonly directory: string
  private readonly sealingKey: Buffer
  private readonly signers = new Map<Secret, Signer>()

  private constructor(directory: string, sealingKey: Buffer) {
    this.directory = directory
    this.sealingKey = sealingKey
  }

  /** Makes all keys. Returns the keystore and the 24 words that bring the root key back; they are kept nowhere. */
  static create(directory: string, passphrase: Passphrase): { keystore: Keystore; words: string } {
    if (existsSync(join(directory, COMPLETE))) {
      throw new NodeError('KEYSTORE_EXISTS', `there is a keystore in ${directory} already`)
    }
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    chmodSync(directory, 0o700)
    const entropy = randomBytes(32)
    const words = entropyToMnemonic(entropy, wordlist)
    const keystore = new Keystore(directory, makeSealingKey(directory, passphrase))
    for (const secret of SECRETS)
      keystore.write(secret, secret === 'root' ? rootSeed(entropy) : randomBytes(KEY_BYTES))
    entropy.fill(0)
    // Last, so that a directory that was left half-made never looks complete.
    writeFileDurably(join(directory, COMPLETE), Buffer.from([VERSION]), 0o600)
    syncDirectory(directory)
    return { keystore, words }
  }

  static open(directory: string, passphrase: Passphrase): Keystore {
    if (!existsSync(join(directory, COMPLETE))) {
      throw new NodeError('HOME_MISSING', `there is no complete keystore in ${directory}`, {
        fix: 'candor init',
      })
    }
    checkPermissions(directory)
    const keystore = new Keystore(directory, readSealingKey(directory, passphrase))
    keystore.read('vault').fill(0)
    return keystore
  }

  /** True when the keystore asks for a passphrase. */
  static isLocked(directory: string): boolean {
    return existsSync(join(directory, SALT))
  }

  signer(secret: Exclude<Secret, 'root' | 'box' | 'vault'>): Signer {
    const known = this.signers.get(secret)
    if (known !== undefined) return known
    const seed = this.read(secret)
    const signer = signerOf(seed)
    seed.fill(0)
    this.signers.set(secret, signer)
    return signer
  }

  /** Opens the root key for one use. */
  withRoot<T>(use: (root: Signer) => T): T {
    const seed = this.read('root')
    try {
      return use(signerOf(seed))
    } finally {
      seed.fill(0)
    }
  }

  boxKey(): Uint8Array {
    return boxPublicKey(this.read('box'))
  }

  /** Seed of the libp2p identity. */
  nodeSeed(): Uint8Array {
    return this.read('node')
  }

  vaultKey(): Uint8Array {
    return this.read('vault')
  }

  private write(secret: Secret, bytes: Uint8Array): void {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv('aes-256-gcm', this.sealingKey, nonce)
    cipher.setAAD(Buffer.from(secret))
    const sealed = Buffer.concat([cipher.update(bytes), cipher.final()])
    const file = Buffer.concat([Buffer.from([VERSION]), nonce, sealed, cipher.getAuthTag()])
    writeFileDurably(this.path(secret), file, 0o600)
    bytes.fill(0)
  }

  private read(secret: Secret): Buffer {
    const path = this.path(secret)
    const file = readKeyFile(path)
    if (file.length !== 1 + NONCE_BYTES + KEY_BYTES + TAG_BYTES || file[0] !== VERSION) {
      throw new NodeError('KEYSTORE_DAMAGED', `the key file ${path} is not one of this keystore`, RESTORE)
    }
    const end = file.length - TAG_BYTES
    const decipher = createDecipheriv('aes-256-gcm', this.sealingKey, file.subarray(1, 1 + NONCE_BYTES))
    decipher.setAAD(Buffer.from(secret))
    decipher.setAuthTag(file.subarray(end))
    try {
      return Buffer.concat([decipher.update(file.subarray(1 + NONCE_BYTES, end)), decipher.final()])
    } catch (error) {
      if (secret === 'vault' && Keystore.isLocked(this.directory)) {
        throw new NodeError(
          'PASSPHRASE_WRONG',
          `the passphrase does not open the keystore in ${this.directory}`,
        )
      }
      throw new NodeError('KEYSTORE_DAMAGED', `the key file ${path} was altered`, {
        ...RESTORE,
        cause: error,
      })
    }
  }

  private path(secret: Secret): string {
    return join(this.directory, `${secret}.key`)
  }
}

/** The root seed of a recovery phrase: 24 words with a checksum. */
export function rootSeedOfWords(words: string): Uint8Array {
  const phrase = words.trim().toLowerCase().split(/\s+/).join(' ')
  if (phrase.split(' ').length !== 24 || !validateMnemonic(phrase, wordlist)) {
    throw new NodeError(
      'BAD_INPUT',
      'these are not the 24 words of a recovery phrase: one is misspelt or out of place',
    )
  }
  return rootSeed(mnemonicToEntropy(phrase, wordlist))
}

const COMPLETE = 'complete'
const SALT = 'passphrase.salt'
const UNLOCK = 'unlock.key'
const RESTORE = { fix: 'restore the keystore from a backup' }

function rootSeed(entropy: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', entropy, new Uint8Array(0), DOMAINS.root, KEY_BYTES))
}

function makeSealingKey(directory: string, passphrase: Passphrase): Buffer {
  if (passphrase === undefined) {
    const key = randomBytes(KEY_BYTES)
    writeFileDurably(join(directory, UNLOCK), key, 0o600)
    return key
  }
  const salt = randomBytes(SALT_BYTES)
  writeFileDurably(join(directory, SALT), salt, 0o600)
  return scryptSync(passphrase, salt, KEY_BYTES, SCRYPT)
}

function readSealingKey(directory: string, passphrase: Passphrase): Buffer {
  if (!Keystore.isLocked(directory)) return readKeyFile(join(directory, UNLOCK))
  if (passphrase === undefined) {
    throw new NodeError('PASSPHRASE_NEEDED', `the keystore in ${directory} is locked with a passphrase`)
  }
  return scryptSync(passphrase, readKeyFile(join(directory, SALT)), KEY_BYTES, SCRYPT)
}

function readKeyFile(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new NodeError('KEYSTORE_DAMAGED', `the key file ${path} cannot be read`, {
      ...RESTORE,
      cause: error,
    })
  }
}

function checkPermissions(directory: string): void {
  for (const name of ['.', ...readdirSync(directory)]) {
    const path = join(directory, name)
    if ((statSync(path).mode & 0o077) === 0) continue
    throw new NodeError('KEYSTORE_PERMISSIONS', `others can read ${path}`, {
      fix: `chmod -R go= ${directory}`,
    })
  }
}

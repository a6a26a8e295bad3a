/** Our own log with its keystore and a store in memory: for whatever happens between an entry's signing and its place. */
import { join } from 'node:path'
import { Keystore } from '../../node/keys/keystore.ts'
import { native } from '../../node/keys/native.ts'
import { systemRandom } from '../../node/keys/random.ts'
import { sealerOf } from '../../node/keys/vault.ts'
import { Appender, type Daily } from '../../node/log/appender.ts'
import { compose, type Composed, type ComposerParts } from '../../node/log/composer.ts'
import { composeGenesis } from '../../node/log/genesis.ts'
import { composeKeyEvents, type KeyAct } from '../../node/log/key-events.ts'
import { OwnKeys } from '../../node/log/own-keys.ts'
import type { Signer } from '../../node/ports.ts'
import type { HeldLog } from '../../node/store/log.ts'
import { Logs } from '../../node/store/logs.ts'
import type { KeyId, PublicKey } from '../../protocol/identity/key.ts'
import { originOf } from './declared.ts'
import { temporaryDirectory } from './directory.ts'
import { MemoryKeyValue } from './memory-kv.ts'

export const ORIGIN = originOf(1)

export class OwnLog {
  readonly directory = temporaryDirectory()
  readonly keystore: Keystore
  readonly store = new MemoryKeyValue()
  readonly logs = new Logs(native, this.store)
  readonly keys: OwnKeys
  readonly rootKey: PublicKey
  appender: Appender

  private constructor() {
    this.keystore = Keystore.create(join(this.directory.path, 'keys'), undefined).keystore
    this.keys = new OwnKeys(this.keystore, () => this.logs.get(ORIGIN)?.keys)
    this.rootKey = this.keystore.withRoot(({ publicKey }) => publicKey)
    this.appender = this.newAppender()
  }

  /** With leaf 0. */
  static async open(): Promise<OwnLog> {
    const own = new OwnLog()
    await own.appender.start()
    await own.appender.append([composeGenesis(own.keystore, own.composer())])
    return own
  }

  newAppender(daily: Daily = () => []): Appender {
    const { keystore, logs } = this
    const sealer = sealerOf(keystore.vaultKey())
    const signer = keystore.logSigner(1)
    return new Appender({
      primitives: native,
      logs,
      origin: ORIGIN,
      signer,
      sealer,
      daily,
      onGrown: () => {},
    })
  }

  composer(): ComposerParts {
    const clock = { now: () => Date.UTC(2026, 10, 23) }
    return {
      primitives: native,
      origin: ORIGIN,
      signer: this.keys.signer('statement'),
      random: systemRandom,
      clock,
    }
  }

  get log(): HeldLog {
    const log = this.logs.get(ORIGIN)
    if (log === undefined) throw new Error('bug: there is a log')
    return log
  }

  incident(signer: Signer = this.keys.signer('statement')): Composed {
    const unsigned = compose({ ...this.composer(), signer }, { kind: 'incident', public: { title: 'x' } })
    return unsigned.finish(signer.sign(unsigned.toBeSigned))
  }

  /** Appends what the root key says. */
  async say(...acts: readonly KeyAct[]): Promise<void> {
    await this.appender.append(composeKeyEvents(this.keystore, this.composer(), acts))
  }

  idOf(purpose: 'statement' | 'witness' | 'node'): KeyId {
    return this.keys.signer(purpose).keyId
  }

  remove(): void {
    this.directory.remove()
  }
}

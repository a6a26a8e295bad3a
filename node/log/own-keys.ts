/**
 * Our own keys as they are used: those that lie in the keystore *and* are in force in our own log. A new key is used
 * from the statement on that declares it, and the old one stays in force beside it until it is retired.
 */
import { equal } from '../../protocol/bytes.ts'
import { keysInForce, type KeyState } from '../../protocol/identity/keystate.ts'
import { NodeError } from '../errors.ts'
import type { Keystore, SigningPurpose } from '../keys/keystore.ts'
import type { Signer } from '../ports.ts'

export class OwnKeys {
  private readonly keystore: Keystore
  private readonly state: () => KeyState | undefined

  /** `state` is that of our own log; undefined until leaf 0 is there. */
  constructor(keystore: Keystore, state: () => KeyState | undefined) {
    this.keystore = keystore
    this.state = state
  }

  /** What signs for this purpose from now on: the newest key in force. */
  signer(purpose: SigningPurpose): Signer {
    const newest = this.signers(purpose).at(-1)
    if (newest !== undefined) return newest
    throw new NodeError('KEY_NOT_IN_FORCE', `no ${purpose} key in force lies in this keystore`, {
      fix: `candor key rotate ${purpose}`,
    })
  }

  /** All keys in force of this purpose, oldest first: during a rotation both, because others may know one of them only. */
  signers(purpose: SigningPurpose): readonly Signer[] {
    const state = this.state()
    if (state === undefined) return this.keystore.signers(purpose)
    const held = this.keystore.signers(purpose)
    return keysInForce(state, purpose, Number.MAX_SAFE_INTEGER).flatMap(({ keyId }) => {
      const signer = held.find((one) => equal(one.keyId, keyId))
      return signer === undefined ? [] : [signer]
    })
  }
}

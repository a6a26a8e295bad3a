/** What of our own log follows from what was opened: its epoch, its keys, and what must be on disk before it is signed. */
import { keysInForce } from '../protocol/identity/keystate.ts'
import { parseOrigin, verifyCheckpoint, type SignedCheckpoint } from '../protocol/log/checkpoint.ts'
import type { Keystore } from './keys/keystore.ts'
import { native } from './keys/native.ts'
import { OwnKeys } from './log/own-keys.ts'
import type { Recovered } from './log/recovery.ts'
import type { Opened } from './opening.ts'

export const FIRST_EPOCH = 1

export function ownKeysOf({ keystore, logs, origin }: Opened): OwnKeys {
  return new OwnKeys(keystore, () => logs.get(origin)?.keys)
}

/** The node key that our log declares last; before there is a log, that of the descriptor. */
export function nodeKeyOf(opened: Opened): Uint8Array {
  const state = opened.logs.get(opened.origin)?.keys
  return state === undefined ? opened.member.node : ownKeysOf(opened).signer('node').publicKey
}

/** Whether the keystore has the log key without which no log of ours can be written. */
export function mayOpen({ keystore, origin }: Opened): boolean {
  return keystore.logEpochs().includes(epochOf(origin))
}

export function isOurs(opened: Opened, signed: SignedCheckpoint): boolean {
  const { keystore, origin, logs } = opened
  if (mayOpen(opened))
    return verifyCheckpoint(native, signed, keystore.logSigner(epochOf(origin)).publicKey).ok
  // The log key is lost with the old keystore; the log itself says which one it was.
  const keys = logs.get(origin)?.keys
  const [log] = keys === undefined ? [] : keysInForce(keys, 'log', 0)
  return log === undefined || verifyCheckpoint(native, signed, log.key).ok
}

export function epochOf(origin: string): number {
  const read = parseOrigin(origin)
  return read.ok ? read.value.epoch : FIRST_EPOCH
}

/** What must be on disk before the first signature; says what kept it from being so. */
export function prepareToSign(keystore: Keystore, how: Recovered): unknown {
  try {
    if (how === 'first') keystore.renewLogKey(FIRST_EPOCH)
    const memory = keystore.memory()
    // From now on an empty database is a loss, never a first start.
    if (memory.signed === 'never') keystore.remember({ ...memory, signed: 'ever' })
    return undefined
  } catch (error) {
    return error
  }
}

/** What our own log rests on: which keys of the keystore it uses, how it begins, and why it cannot go on. */
import { keysInForce } from '../../protocol/identity/keystate.ts'
import type { PublicKey } from '../../protocol/identity/key.ts'
import { parseOrigin, verifyCheckpoint, type SignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { NodeError } from '../errors.ts'
import type { Keystore } from '../keys/keystore.ts'
import { native } from '../keys/native.ts'
import type { KeyValue, Signer } from '../ports.ts'
import type { Logs } from '../store/logs.ts'
import type { Proposed } from './appender.ts'
import type { ComposerParts } from './composer.ts'
import { closedBy } from './epochs.ts'
import { composeGenesis } from './genesis.ts'
import { OwnKeys } from './own-keys.ts'
import type { Recovered } from './recovery.ts'
import { decidedLeaf } from './succession.ts'

/** Our log in an opened home. */
export type OwnLog = {
  readonly keystore: Keystore
  readonly database: KeyValue
  readonly logs: Logs
  readonly origin: string
  readonly member: { readonly root: PublicKey; readonly node: PublicKey }
}

const FIRST_EPOCH = 1

export function ownKeysOf({ keystore, logs, origin }: OwnLog): OwnKeys {
  return new OwnKeys(keystore, () => logs.get(origin)?.keys)
}

export function logSignerOf({ keystore, origin }: OwnLog): Signer {
  return keystore.logSigner(epochOf(origin))
}

/** The node key that our log declares last; before there is a log, that of the descriptor. */
export function nodeKeyOf(own: OwnLog): Uint8Array {
  const state = own.logs.get(own.origin)?.keys
  const newest = state === undefined ? undefined : ownKeysOf(own).signers('node').at(-1)
  return newest?.publicKey ?? own.member.node
}

/** Whether the keystore has the log key without which no log of ours can be written. */
export function mayOpen({ keystore, origin }: OwnLog): boolean {
  return keystore.logEpochs().includes(epochOf(origin))
}

/** Whether our log key signed this head. */
export function isOurs(own: OwnLog, signed: SignedCheckpoint): boolean {
  if (mayOpen(own)) return verifyCheckpoint(native, signed, logSignerOf(own).publicKey).ok
  // The log key is lost with the old keystore; the log itself says which one it was.
  const keys = own.logs.get(own.origin)?.keys
  const [log] = keys === undefined ? [] : keysInForce(keys, 'log', 0)
  return log === undefined || verifyCheckpoint(native, signed, log.key).ok
}

/** The first epoch is opened by itself; a later one by a leaf that the root key signed when it was decided. */
export function leafZero({ keystore, database, origin, member }: OwnLog, composer: ComposerParts): Proposed {
  if (epochOf(origin) === FIRST_EPOCH) return composeGenesis(keystore, composer)
  const leaf = decidedLeaf(database, member.root, origin)
  if (leaf !== undefined) return leaf
  throw new NodeError('READ_ONLY', `leaf 0 of ${origin} is lost: nobody who answered holds it`, {
    fix: 'candor log recover',
  })
}

/** Why our log cannot go on, whatever others answer: it needs the root key. */
export function endedLog(own: OwnLog): NodeError | undefined {
  if (!mayOpen(own)) {
    const why = 'this home was recovered from its phrase and has no log key: the old log is not begun again'
    return new NodeError('READ_ONLY', why, { fix: 'candor log recover' })
  }
  const closed = closedBy(own.logs, own.origin, () => 0)
  if (closed === undefined) return undefined
  const why = `this keystore is older than the log: its newest epoch was closed by ${closed.origin}`
  return new NodeError('READ_ONLY', why, {
    fix: 'restore the newest backup of the keystore, or: candor log recover',
  })
}

function epochOf(origin: string): number {
  const read = parseOrigin(origin)
  return read.ok ? read.value.epoch : FIRST_EPOCH
}

/** What must be on disk before the first signature; says what kept it from being so. */
export function prepareToSign(keystore: Keystore, how: Recovered): unknown {
  try {
    // The key of a later epoch stands in a leaf 0 that the root key signed.
    if (how === 'first' && keystore.logEpochs().at(-1) === FIRST_EPOCH) keystore.renewLogKey(FIRST_EPOCH)
    const memory = keystore.memory()
    // From now on an empty database is a loss, never a first start.
    if (memory.signed === 'never') keystore.remember({ ...memory, signed: 'ever' })
    return undefined
  } catch (error) {
    return error
  }
}

export const OBSERVING = 'this home observes: only members of the coalition have a log'

export function observing(): NodeError {
  return new NodeError('NOT_ALLOWED', OBSERVING, { fix: 'candor request new ID' })
}

export const OWN_FROZEN = 'our own log is frozen: two histories were signed with its key'

export function ownFrozen(): NodeError {
  return new NodeError('LOG_FROZEN', OWN_FROZEN, { fix: 'candor log recover' })
}

export function aheadElsewhere(size: number): NodeError {
  return new NodeError(
    'READ_ONLY',
    `our own log is ahead elsewhere: another member holds ${size} entries of it`,
    { fix: 'stop the other node that has these keys, then: candor down, candor up' },
  )
}

export function contradicted(): NodeError {
  const why = 'another member holds a head of our own log that this database contradicts'
  return new NodeError('READ_ONLY', why, { fix: 'candor log recover' })
}

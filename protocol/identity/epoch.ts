/**
 * The epoch statement: leaf 0 of every log. The root key, which the charter binds, signs it; it declares all
 * the other keys and where the log comes from. DESIGN §3, spec 02 §3.
 */
import { bytesOfText, equal } from '../bytes.ts'
import { encode, type Value } from '../codec/cbor.ts'
import type { Head } from '../codec/statement.ts'
import { EXPLANATION_BYTES_MAX } from '../limits.ts'
import { parseOrigin, type Origin } from '../log/checkpoint.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'
import { DOMAINS } from './domains.ts'
import { admitBoxKey, admitKey, keyId, PUBLIC_KEY_BYTES, type KeyId, type PublicKey } from './key.ts'
import { verifySignature } from './signature.ts'
import { isBytes, isCount, isList, isMap } from '../codec/value.ts'

/** What a declared key is for. A key has one purpose and one owner per network. */
export const KEY_PURPOSES = ['log', 'statement', 'witness', 'mirror', 'box', 'node'] as const
export type KeyPurpose = (typeof KEY_PURPOSES)[number]

/** These sign statements, heads or cosignatures, and prove possession when they are declared. */
export const SIGNING_PURPOSES: ReadonlySet<KeyPurpose> = new Set(['log', 'statement', 'witness', 'mirror'])

export type DeclaredKey = {
  readonly purpose: KeyPurpose
  readonly key: PublicKey
  readonly keyId: KeyId
  /** Absent for `box`, which cannot sign, and `node`, which signs nothing but Noise. */
  readonly possession: Uint8Array | null
}

export type EpochDocument = {
  readonly epoch: number
  readonly domain: string
  readonly root: PublicKey
  readonly keys: readonly DeclaredKey[]
  /** The head at which the epoch before is closed: later heads of it are void. Null in the first. */
  readonly previous: Head | null
  /** Why the epoch before ended otherwise than by a new log key, in the words of its owner. */
  readonly because: Because | null
}

export type Because = {
  /** SHA-256 of the equivocation proof that froze the epoch before, or null where there is none. */
  readonly proof: Uint8Array | null
  readonly text: string
}

export type DeclarationFault =
  | 'declaration-shape'
  | 'declaration-previous'
  | 'declaration-key'
  | 'declaration-repeated'
  | 'declaration-possession'
  | 'declaration-incomplete'

const DECLARED_MAX = 32

/** What a declared key signs to prove that its owner holds it. */
export function possessionMessage(origin: string, purpose: KeyPurpose, id: KeyId): Uint8Array {
  return encode([DOMAINS.possession, origin, purpose, id])
}

export function printEpoch(document: EpochDocument): Uint8Array {
  const { epoch, domain, root, keys, previous, because } = document
  return encode({
    v: 1,
    epoch,
    domain,
    root,
    keys: keys.map(({ purpose, key, possession }) => [purpose, key, possession]),
    previous: previous === null ? null : [previous.origin, previous.size, previous.root],
    ...(because === null ? {} : { because: [because.proof, because.text] }),
  })
}

/** Reads and checks an epoch document of this origin: every key admitted, declared once, and possessed. */
export function readEpoch(
  primitives: Primitives,
  origin: string,
  value: Value,
): Result<EpochDocument, DeclarationFault> {
  if (!isMap(value)) return fault('declaration-shape')
  const { v, epoch, domain, root, keys, previous, because, ...rest } = value
  if (v !== 1 || Object.keys(rest).length > 0) return fault('declaration-shape')
  if (!isCount(epoch) || typeof domain !== 'string' || !(root instanceof Uint8Array)) {
    return fault('declaration-shape')
  }
  const from = previous === null ? null : headOf(previous)
  const why = because === undefined ? null : becauseOf(because)
  if (from === undefined || why === undefined || !isList(keys) || keys.length > DECLARED_MAX) {
    return fault('declaration-shape')
  }
  if (!follows(origin, from, why)) return fault('declaration-previous')
  const rootKey = admitKey(root)
  if (!rootKey.ok) return fault('declaration-key')
  const declared = readKeys(primitives, origin, rootKey.value, keys)
  if (!declared.ok) return declared
  return ok({ epoch, domain, root: rootKey.value, keys: declared.value, previous: from, because: why })
}

/** Reads one `[purpose, key, possession]` and checks the possession. */
export function readDeclaredKey(
  primitives: Primitives,
  origin: string,
  value: Value | undefined,
): Result<DeclaredKey, DeclarationFault> {
  if (value === undefined || !isList(value) || value.length !== 3) return fault('declaration-shape')
  const [purpose, bytes, possession] = value
  if (!isPurpose(purpose) || !(bytes instanceof Uint8Array)) return fault('declaration-shape')
  if (bytes.length !== PUBLIC_KEY_BYTES) return fault('declaration-key')
  const key = purpose === 'box' ? admitBoxKey(bytes) : admitKey(bytes)
  if (!key.ok) return fault('declaration-key')
  const id = keyId(primitives, key.value)
  if (!SIGNING_PURPOSES.has(purpose)) {
    return possession === null
      ? ok({ purpose, key: key.value, keyId: id, possession })
      : fault('declaration-shape')
  }
  if (!(possession instanceof Uint8Array)) return fault('declaration-possession')
  const proven = verifySignature(primitives, key.value, possessionMessage(origin, purpose, id), possession)
  return proven ? ok({ purpose, key: key.value, keyId: id, possession }) : fault('declaration-possession')
}

function readKeys(
  primitives: Primitives,
  origin: string,
  root: PublicKey,
  values: readonly Value[],
): Result<readonly DeclaredKey[], DeclarationFault> {
  const declared: DeclaredKey[] = []
  for (const value of values) {
    const read = readDeclaredKey(primitives, origin, value)
    if (!read.ok) return read
    const { key } = read.value
    if (equal(key, root) || declared.some((other) => equal(other.key, key)))
      return fault('declaration-repeated')
    declared.push(read.value)
  }
  const has = (purpose: KeyPurpose) => declared.filter((key) => key.purpose === purpose).length
  if (has('log') !== 1 || has('statement') === 0 || has('node') === 0) return fault('declaration-incomplete')
  return ok(declared)
}

function headOf(value: Value | undefined): Head | undefined {
  if (value === undefined || !isList(value) || value.length !== 3) return undefined
  const [origin, size, root] = value
  if (typeof origin !== 'string' || typeof size !== 'number' || !(root instanceof Uint8Array))
    return undefined
  return isBytes(root, 32) && isCount(size) && size > 0 ? { origin, size, root } : undefined
}

function becauseOf(value: Value): Because | undefined {
  if (!isList(value) || value.length !== 2) return undefined
  const [proof, text] = value
  if ((proof !== null && !isBytes(proof, 32)) || typeof text !== 'string') return undefined
  return text !== '' && bytesOfText(text).length <= EXPLANATION_BYTES_MAX ? { proof, text } : undefined
}

/**
 * The first epoch follows nothing. A later one names a head of an earlier one of the same member, or explains why
 * there is none to name; numbers may be left out, because an epoch that nobody else ever saw can be lost.
 */
function follows(origin: string, previous: Head | null, because: Because | null): boolean {
  const own = parseOrigin(origin)
  if (!own.ok) return false
  if (own.value.epoch === 1) return previous === null && because === null
  if (previous === null) return because !== null
  const before = parseOrigin(previous.origin)
  return before.ok && isEarlier(before.value, own.value)
}

function isEarlier(before: Origin, own: Origin): boolean {
  return before.domain === own.domain && before.networkId === own.networkId && before.epoch < own.epoch
}

function isPurpose(value: Value | undefined): value is KeyPurpose {
  return KEY_PURPOSES.some((purpose) => purpose === value)
}

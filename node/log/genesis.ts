/** Leaf 0 of our own log: the epoch statement, signed by the root key, which declares all other keys. DESIGN §3. */
import { equal } from '../../protocol/bytes.ts'
import { parse } from '../../protocol/codec/cbor.ts'
import type { Head } from '../../protocol/codec/statement.ts'
import { printEpoch, type Because, type DeclaredKey } from '../../protocol/identity/epoch.ts'
import type { KeyId } from '../../protocol/identity/key.ts'
import { checkFirstEntry } from '../../protocol/log/entry.ts'
import { parseOrigin } from '../../protocol/log/checkpoint.ts'
import { NodeError } from '../errors.ts'
import type { Keystore } from '../keys/keystore.ts'
import { native } from '../keys/native.ts'
import type { Signer } from '../ports.ts'
import type { Proposed } from './appender.ts'
import { compose, type ComposerParts } from './composer.ts'
import { declareBox, declareNode, declareSigner } from './key-events.ts'

/** What a later epoch says beside its keys. */
export type Opening = {
  readonly logKey: Signer
  readonly previous: Head | null
  readonly because: Because | null
  /** Keys of the keystore that are out of force and not taken along. */
  readonly without: readonly KeyId[]
}

/** Leaf 0 of the first epoch, or of a later one. The origin tells which. */
export function composeGenesis(
  keystore: Keystore,
  parts: Omit<ComposerParts, 'signer'>,
  opening?: Opening,
): Proposed {
  const origin = parseOrigin(parts.origin)
  if (!origin.ok) throw new NodeError('CONFIGURATION', `${parts.origin} is not an origin`)
  const { domain, epoch } = origin.value
  const { logKey, previous, because, without } = opening ?? firstOpening(keystore, epoch)
  const keys = declaredKeys(keystore, parts.origin, logKey, without)
  return keystore.withRoot((root) => {
    const document = printEpoch({ epoch, domain, root: root.publicKey, keys, previous, because })
    const value = parse(document)
    if (!value.ok) throw new NodeError('CONFIGURATION', 'the epoch document is not well-formed')
    const unsigned = compose({ ...parts, signer: root }, { kind: 'epoch', public: value.value })
    const composed = unsigned.finish(root.sign(unsigned.toBeSigned))
    const first = checkFirstEntry(native, parts.origin, root.publicKey, composed.entry.bytes, composed.part)
    if (!first.ok)
      throw new NodeError('CONFIGURATION', `the epoch statement would not be valid (${first.fault})`)
    return { ...composed, keys: first.value.keys }
  })
}

function firstOpening(keystore: Keystore, epoch: number): Opening {
  return { logKey: keystore.logSigner(epoch), previous: null, because: null, without: [] }
}

function declaredKeys(
  keystore: Keystore,
  origin: string,
  logKey: Signer,
  without: readonly KeyId[],
): readonly DeclaredKey[] {
  const signing = (['statement', 'witness', 'mirror'] as const).flatMap((purpose) =>
    keystore.signers(purpose).map((signer) => declareSigner(origin, purpose, signer)),
  )
  const boxes = keystore.boxKeys().map(declareBox)
  const nodes = keystore.signers('node').map(({ publicKey }) => declareNode(publicKey))
  const taken = [...signing, ...boxes, ...nodes].filter(
    ({ keyId }) => !without.some((id) => equal(id, keyId)),
  )
  return [declareSigner(origin, 'log', logKey), ...taken]
}

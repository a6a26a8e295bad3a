/** Leaf 0 of our own log: the epoch statement, signed by the root key, which declares all other keys. DESIGN §3. */
import { parse } from '../../protocol/codec/cbor.ts'
import {
  possessionMessage,
  printEpoch,
  type DeclaredKey,
  type KeyPurpose,
} from '../../protocol/identity/epoch.ts'
import { admitBoxKey, keyId } from '../../protocol/identity/key.ts'
import { checkFirstEntry } from '../../protocol/log/entry.ts'
import { parseOrigin } from '../../protocol/log/checkpoint.ts'
import { NodeError } from '../errors.ts'
import type { Keystore } from '../keys/keystore.ts'
import { native } from '../keys/native.ts'
import type { Proposed } from './appender.ts'
import { compose, type ComposerParts } from './composer.ts'

export function composeGenesis(keystore: Keystore, parts: Omit<ComposerParts, 'signer'>): Proposed {
  const origin = parseOrigin(parts.origin)
  if (!origin.ok) throw new NodeError('CONFIGURATION', `${parts.origin} is not an origin`)
  const { domain, epoch } = origin.value
  const keys = declaredKeys(keystore, parts.origin, epoch)
  return keystore.withRoot((root) => {
    const document = printEpoch({ epoch, domain, root: root.publicKey, keys, previous: null, because: null })
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

function declaredKeys(keystore: Keystore, origin: string, epoch: number): readonly DeclaredKey[] {
  const signing = (['log', 'statement', 'witness', 'mirror'] as const).map((purpose) => {
    const signer = purpose === 'log' ? keystore.logSigner(epoch) : keystore.signer(purpose)
    const { publicKey, keyId: id, sign } = signer
    return { purpose, key: publicKey, keyId: id, possession: sign(possessionMessage(origin, purpose, id)) }
  })
  const box = admitBoxKey(keystore.boxKey())
  if (!box.ok) throw new NodeError('KEYSTORE_DAMAGED', 'the box key is not usable')
  const node = keystore.signer('node').publicKey
  const silent = (purpose: KeyPurpose, key: typeof node): DeclaredKey => {
    return { purpose, key, keyId: keyId(native, key), possession: null }
  }
  return [...signing, silent('box', box.value), silent('node', node)]
}

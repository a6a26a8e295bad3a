/** Statements that change our keys, signed by the root key. What they add is on disk before they are made. DESIGN §3. */
import type { Value } from '../../protocol/codec/cbor.ts'
import { possessionMessage, type DeclaredKey, type KeyPurpose } from '../../protocol/identity/epoch.ts'
import { admitBoxKey, keyId, type KeyId, type PublicKey } from '../../protocol/identity/key.ts'
import { NodeError } from '../errors.ts'
import type { Keystore, RotatingPurpose } from '../keys/keystore.ts'
import { native } from '../keys/native.ts'
import type { Signer } from '../ports.ts'
import { compose, type Composed, type ComposerParts } from './composer.ts'

/** What an operator asks for. An added key is made by the act itself. */
export type KeyAct =
  | { readonly kind: 'add'; readonly purpose: RotatingPurpose }
  | { readonly kind: 'retire'; readonly id: KeyId }
  | { readonly kind: 'revoke'; readonly id: KeyId; readonly since: number }

/** Makes the keys that are asked for and signs one statement for each act, in their order. */
export function composeKeyEvents(
  keystore: Keystore,
  parts: Omit<ComposerParts, 'signer'>,
  acts: readonly KeyAct[],
): readonly Composed[] {
  const documents = acts.map((act) => documentOf(keystore, parts.origin, act))
  return keystore.withRoot((root) =>
    documents.map((document) => {
      const unsigned = compose({ ...parts, signer: root }, { kind: 'key', public: document })
      return unsigned.finish(root.sign(unsigned.toBeSigned))
    }),
  )
}

export function declareSigner(origin: string, purpose: KeyPurpose, signer: Signer): DeclaredKey {
  const { publicKey: key, keyId: id, sign } = signer
  return { purpose, key, keyId: id, possession: sign(possessionMessage(origin, purpose, id)) }
}

export function declareNode(key: PublicKey): DeclaredKey {
  return { purpose: 'node', key, keyId: keyId(native, key), possession: null }
}

export function declareBox(bytes: Uint8Array): DeclaredKey {
  const key = admitBoxKey(bytes)
  if (!key.ok) throw new NodeError('KEYSTORE_DAMAGED', 'the box key is not usable')
  return { purpose: 'box', key: key.value, keyId: keyId(native, key.value), possession: null }
}

function documentOf(keystore: Keystore, origin: string, act: KeyAct): Value {
  switch (act.kind) {
    case 'add': {
      const { purpose, key, possession } = declareNew(keystore, origin, act.purpose)
      return { v: 1, add: [purpose, key, possession] }
    }
    case 'retire':
      return { v: 1, retire: act.id }
    case 'revoke':
      return { v: 1, revoke: [act.id, act.since] }
  }
}

function declareNew(keystore: Keystore, origin: string, purpose: RotatingPurpose): DeclaredKey {
  const added = keystore.addKey(purpose)
  if (purpose === 'box') return declareBox(added)
  const signer = keystore.signer(purpose)
  return purpose === 'node' ? declareNode(signer.publicKey) : declareSigner(origin, purpose, signer)
}

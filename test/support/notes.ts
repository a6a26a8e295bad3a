/** Logs and cosigners with keys from fixed seeds, so that notes come out the same in every run. Never use them elsewhere. */
import { getPublicKey, sign } from '@noble/ed25519'
import type { Signer } from '../../node/ports.ts'
import { admitKey, keyId, type PublicKey } from '../../protocol/identity/key.ts'
import { printOrigin, printSignedCheckpoint, type Checkpoint } from '../../protocol/log/checkpoint.ts'
import { cosign, printCosignerName, type CosignerRole } from '../../protocol/log/cosignature.ts'
import { parseNote, type Note, type NoteSignature } from '../../protocol/log/note.ts'
import { primitives } from './tree.ts'

export type TestKey = {
  readonly seed: Uint8Array
  readonly key: PublicKey
  readonly sign: (message: Uint8Array) => Uint8Array
}

export const NETWORK_ID = `${'candor'.repeat(8)}abca`
export const ORIGIN = printOrigin({ domain: 'log.example', networkId: NETWORK_ID, epoch: 1 })

/** The key of the seed that is this byte 32 times. */
export function testKey(byte: number): TestKey {
  const seed = new Uint8Array(32).fill(byte)
  const admitted = admitKey(getPublicKey(seed))
  if (!admitted.ok) throw new Error('a fresh key is admitted')
  return { seed, key: admitted.value, sign: (message) => sign(message, seed) }
}

/** The key as what signs in a node. */
export function signerOf({ key, sign: signOne }: TestKey): Signer {
  return {
    publicKey: key,
    keyId: keyId(primitives, key),
    sign: signOne,
    signMany: async (all) => all.map(signOne),
  }
}

export const LOG_KEY = testKey(1)

/** A head of the log, signed. */
export function signedBytes(checkpoint: Checkpoint, key: TestKey = LOG_KEY): Uint8Array {
  return printSignedCheckpoint(primitives, checkpoint, key.key, key.sign)
}

export function noteOf(bytes: Uint8Array): Note {
  const note = parseNote(bytes)
  if (!note.ok) throw new Error(`not a note: ${note.fault}`)
  return note.value
}

export type TestCosigner = TestKey & { readonly name: string }

/** The witness or mirror of the n-th member. */
export function testCosigner(n: number, role: CosignerRole): TestCosigner {
  const name = printCosignerName(`m${n}.example`, role)
  return { ...testKey((role === 'mirror' ? 100 : 10) + n), name }
}

export function cosignatureOf(cosigner: TestCosigner, note: Note, time: number): NoteSignature {
  return cosign(primitives, cosigner, { text: note.text, time }, cosigner.sign)
}

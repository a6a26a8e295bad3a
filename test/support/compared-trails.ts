/** What comparing two trails finds, in short: the code, whose trail it is about, and whether it rests on a word alone. */
import { compareTrails } from '../../protocol/audit/trail-agreement.ts'
import type { TrailFile } from '../../protocol/audit/trail-file.ts'
import type { KeyOf } from '../../protocol/audit/trail-party.ts'
import { portable } from '../../protocol/primitives.ts'
import { testKey } from './notes.ts'

/** Signatures as these trails have them: all zeros is the mark of whoever it says. */
export const marked = {
  ...portable,
  verifyEd25519: (_: Uint8Array, __: Uint8Array, signature: Uint8Array) =>
    signature.every((byte) => byte === 0),
}
export const known: KeyOf = () => ({ key: testKey(1).key, parties: ['a.example', 'b.example'] })

export const codesOf = (owner: TrailFile, reader: TrailFile, keyOf = known) =>
  compareTrails(marked, owner, reader, keyOf).findings.map(
    ({ code, origin, isWord }) => `${code} ${origin.split('/')[0]}${isWord === true ? ', by word' : ''}`,
  )

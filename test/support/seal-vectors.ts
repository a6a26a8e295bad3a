/** Makes the vector file of spec 06 §6. `node dist/test/support/seal-vectors.js --write` writes it. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { sealPart } from '../../node/disclosure/seal.ts'
import { native } from '../../node/keys/native.ts'
import { keyCommitment, sealInfo, type SealContext } from '../../protocol/sealing/sealed.ts'
import { AES_256, publicOf, referenceSeal } from './hpke-reference.ts'
import { hex } from './notation.ts'
import { counting, NETWORK_ID } from './statements.ts'

export const BOX_SECRET = counting(32, 0x41)
export const EPHEMERAL = counting(32, 0x61)
export const CONTENT_KEY = counting(32, 0x81)
export const CONTEXT: SealContext = {
  network: NETWORK_ID,
  request: counting(32, 0xa1),
  grant: counting(32, 0xb1),
  tier: 'research',
  recipient: counting(32, 0xc1),
}

const RELEASES: readonly (readonly [name: string, release: Uint8Array])[] = [
  ['nothing', new Uint8Array(0)],
  ['100 bytes', counting(100, 1)],
  ['as much as the shortest ciphertext holds', counting(4_092, 2)],
  ['one byte more', counting(4_093, 3)],
]

export function sealVectorText(): string {
  const info = sealInfo(CONTEXT)
  const commitment = keyCommitment(native, CONTENT_KEY, info)
  const recipient = publicOf(BOX_SECRET)
  const sealedKey = referenceSeal(AES_256, EPHEMERAL, recipient, { info, aad: commitment }, CONTENT_KEY)
  const vectors = {
    description:
      'Sealed parts of spec 06 §6. Releases count on from their first byte. The ephemeral secret is given to make the sealed key again.',
    context: {
      ...CONTEXT,
      request: hex(CONTEXT.request),
      grant: hex(CONTEXT.grant),
      recipient: hex(CONTEXT.recipient),
    },
    info: hex(info),
    contentKey: hex(CONTENT_KEY),
    keyCommitment: hex(commitment),
    boxSecret: hex(BOX_SECRET),
    boxKey: hex(recipient),
    ephemeralSecret: hex(EPHEMERAL),
    sealedKey: hex(sealedKey),
    releases: RELEASES.map(([name, release]) => {
      const { ciphertext, offer } = sealPart(native, CONTEXT, CONTENT_KEY, release)
      return {
        name,
        first: release[0] ?? 0,
        bytes: release.length,
        length: offer.length,
        ciphertextHash: hex(offer.ciphertext),
        tag: hex(ciphertext.subarray(-16)),
      }
    }),
  }
  return `${JSON.stringify(vectors, null, 1)}\n`
}

const isProgram = process.argv[1] === fileURLToPath(import.meta.url)
if (isProgram && process.argv[2] === '--write')
  writeFileSync('test/vectors/access/sealed.json', sealVectorText())

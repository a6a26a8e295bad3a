/** Makes the vector file of spec 06 §15. `node dist/test/support/escrow-vectors.js --write` writes it. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { sealBytes } from '../../node/disclosure/seal.ts'
import { native } from '../../node/keys/native.ts'
import { escrowInfo, releaseInfo, shareDigest, shareInfo } from '../../protocol/sealing/escrowed.ts'
import { AES_256, publicOf, referenceSeal } from './hpke-reference.ts'
import { hex } from './notation.ts'
import { referenceShare } from './shamir-reference.ts'
import { counting, NETWORK_ID, ORIGIN } from './statements.ts'

const CONTENT_KEY = counting(32, 0x81)
const BOX_SECRET = counting(32, 0x41)
const EPHEMERAL = counting(32, 0x61)
/** Of degree 2, so that three shares open it; the lowest coefficients are the key. */
const COEFFICIENTS = [CONTENT_KEY, counting(32, 0x07), counting(32, 0xc5)]
const PLACES = [1, 77, 200, 255]
const ON = { origin: ORIGIN, index: 7, leaf: counting(32, 0x21) }
const COMMITMENT = counting(32, 0x23)
const ID = counting(32, 0x50)
const RECALL = counting(32, 0x53)
const RELEASE = counting(100, 1)

export const SHARES = PLACES.map((place) => referenceShare(COEFFICIENTS, place))

export function escrowVectorText(): string {
  const of = { network: NETWORK_ID, on: ON, tier: 'research', commitment: COMMITMENT } as const
  const context = { network: NETWORK_ID, escrow: ID, tier: 'research', holder: 'b.example' } as const
  const info = escrowInfo(of)
  const { ciphertext, offer } = sealBytes(native, info, CONTENT_KEY, RELEASE)
  const [share = new Uint8Array(0)] = SHARES
  const digest = shareDigest(native, share)
  const seal = (bound: Uint8Array) =>
    referenceSeal(AES_256, EPHEMERAL, publicOf(BOX_SECRET), { info: bound, aad: digest }, share)
  const [shareBound, releaseBound] = [shareInfo(context), releaseInfo(context, RECALL)]
  const vectors = {
    description:
      'Escrow of spec 06 §15: three of four shares open it. The ephemeral secret is given to make the sealed shares again.',
    network: NETWORK_ID,
    on: [ON.origin, ON.index, hex(ON.leaf)],
    tier: 'research',
    commitment: hex(COMMITMENT),
    contentKey: hex(CONTENT_KEY),
    info: hex(info),
    release: hex(RELEASE),
    length: offer.length,
    ciphertextHash: hex(offer.ciphertext),
    tag: hex(ciphertext.subarray(-16)),
    keyCommitment: hex(offer.keyCommitment),
    threshold: 3,
    coefficients: COEFFICIENTS.map(hex),
    shares: SHARES.map((one) => ({ share: hex(one), digest: hex(shareDigest(native, one)) })),
    escrow: hex(ID),
    holder: context.holder,
    boxSecret: hex(BOX_SECRET),
    boxKey: hex(publicOf(BOX_SECRET)),
    ephemeralSecret: hex(EPHEMERAL),
    shareInfo: hex(shareBound),
    sealedShare: hex(seal(shareBound)),
    recall: hex(RECALL),
    releaseInfo: hex(releaseBound),
    releasedShare: hex(seal(releaseBound)),
  }
  return `${JSON.stringify(vectors, null, 1)}\n`
}

export const SEALED = { CONTENT_KEY, BOX_SECRET, RELEASE } as const

const isProgram = process.argv[1] === fileURLToPath(import.meta.url)
if (isProgram && process.argv[2] === '--write')
  writeFileSync('test/vectors/access/escrow.json', escrowVectorText())

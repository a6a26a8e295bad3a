/**
 * Shares of a content key (Shamir, GF(2^8)), in one place: `shamir-secret-sharing`. It knows no wrong share: whoever
 * combines checks each share and the key that comes of them. `docs/decisions/0008-escrow.md`.
 */
import { combine, split } from 'shamir-secret-sharing'
import { assert } from '../../protocol/assert.ts'
import { SHARE_BYTES } from '../../protocol/sealing/escrowed.ts'
import { CONTENT_KEY_BYTES } from '../../protocol/sealing/sealed.ts'

/** As many shares of 33 bytes as there are holders; `threshold` of them make the key again, fewer tell nothing. */
export async function splitKey(
  contentKey: Uint8Array,
  holders: number,
  threshold: number,
): Promise<readonly Uint8Array[]> {
  assert(contentKey.length === CONTENT_KEY_BYTES, 'a content key has 32 bytes')
  // The library takes no view of another class, such as a Buffer.
  const shares = await split(new Uint8Array(contentKey), holders, threshold)
  assert(
    shares.every(({ length }) => length === SHARE_BYTES),
    'a share has 33 bytes',
  )
  return shares
}

/** Some key, whatever the shares are: only its commitment says whether it is the right one. Undefined for no shares at all. */
export async function combineShares(shares: readonly Uint8Array[]): Promise<Uint8Array | undefined> {
  try {
    return await combine(shares.map((share) => new Uint8Array(share)))
  } catch {
    // Two shares of one place, or one of another length: the library refuses.
    return undefined
  }
}

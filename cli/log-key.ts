/** Whether a head is signed by the key that its log's first entry declares, under the charter's root key. */
import { checkedPrimitives, NodeError, type Client } from '../node/api/client.ts'
import { speakerOf, type CharterState } from '../protocol/governance/charter.ts'
import type { PublicKey } from '../protocol/identity/key.ts'
import { keysInForce } from '../protocol/identity/keystate.ts'
import { verifySignature } from '../protocol/identity/signature.ts'
import { parseSignedCheckpoint, verifyCheckpoint } from '../protocol/log/checkpoint.ts'
import { checkFirstEntry } from '../protocol/log/entry.ts'
import type { PublicPart } from '../protocol/codec/part.ts'

export type FirstLeaf = { readonly bytes: Uint8Array; readonly part: PublicPart | null }

/** The log key that leaf 0 declares, or why there is none. */
export function logKeyOf(
  charter: CharterState,
  origin: string,
  { bytes, part }: FirstLeaf,
): PublicKey | string {
  const primitives = checkedPrimitives()
  const speaker = speakerOf(charter, origin)
  if (speaker === undefined) return 'the charter names nobody who may write it'
  const first = checkFirstEntry(primitives, origin, speaker.root, bytes, part)
  if (!first.ok) return `its first entry is not valid (${first.fault})`
  const { entry, signer, keys } = first.value
  if (!verifySignature(primitives, signer, entry.toBeSigned, entry.signature))
    return 'its first entry is not signed by the root key'
  const [log] = keysInForce(keys, 'log', 0)
  return log?.key ?? 'its first entry declares no log key'
}

/** Throws unless the log's own key signed this note. */
export async function checkHead(
  { client, charter }: { readonly client: Pick<Client, 'entries'>; readonly charter: CharterState },
  origin: string,
  note: Uint8Array,
): Promise<void> {
  const { entries, parts } = await client.entries(origin, 0, 1)
  const [bytes] = entries
  const view = parts[0] ?? null
  if (bytes === undefined) throw new NodeError('STORE_DAMAGED', `the node has no first entry of ${origin}`)
  const part = view === null ? null : { opening: view[0], mediaType: view[1], bytes: view[2] }
  const key = logKeyOf(charter, origin, { bytes, part })
  const signed = parseSignedCheckpoint(note)
  const why =
    typeof key === 'string'
      ? key
      : signed.ok && verifyCheckpoint(checkedPrimitives(), signed.value, key).ok
        ? undefined
        : 'its head is not signed by its own key'
  if (why !== undefined) throw new NodeError('STORE_DAMAGED', `${origin} cannot be relied on: ${why}`)
}

/** What a cosigner stated last for a log, as it lies on disk: the record, and the head that it was stated for. */
import { equal } from '../../protocol/bytes.ts'
import { encode, parse } from '../../protocol/codec/cbor.ts'
import { hasKeys, isBytes, isCount, isMap } from '../../protocol/codec/value.ts'
import { parseForeignCheckpoint } from '../../protocol/log/foreign.ts'
import type { WitnessRecord } from '../../protocol/log/witness.ts'
import { NodeError } from '../errors.ts'

export type Kept = WitnessRecord & { readonly note: Uint8Array }

export function printKept({ size, root, time, note }: Kept): Uint8Array {
  return encode({ size, root, time, note })
}

/** Undefined where the row is damaged: cut short, altered, or of another log than this one, where that is known. */
export function parseKept(bytes: Uint8Array, origin: string | undefined): Kept | undefined {
  const value = parse(bytes)
  if (!value.ok || !isMap(value.value) || !hasKeys(value.value, 'size', 'root', 'time', 'note'))
    return undefined
  const { size, root, time, note } = value.value
  if (!isCount(size) || !isBytes(root, 32) || !isCount(time) || !(note instanceof Uint8Array))
    return undefined
  const head = parseForeignCheckpoint(note)
  if (!head.ok || (origin !== undefined && head.value.checkpoint.origin !== origin)) return undefined
  const isHeads = head.value.checkpoint.size === size && equal(head.value.checkpoint.root, root)
  return isHeads ? { size, root, time, note } : undefined
}

/** A record that cannot be read is one we must not contradict, and cannot know. */
export function readKept(bytes: Uint8Array, origin: string): Kept {
  const kept = parseKept(bytes, origin)
  if (kept !== undefined) return kept
  throw new NodeError(
    'STORE_DAMAGED',
    'the record of what was cosigned is damaged: nothing more is cosigned',
    {
      fix: 'candor doctor --repair',
    },
  )
}

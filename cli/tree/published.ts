/** What is published of a log already: its checkpoint, and the growing tiles that lead to its root. */
import { NodeError } from '../../node/api/client.ts'
import { equal } from '../../protocol/bytes.ts'
import { parseSignedCheckpoint, type Checkpoint } from '../../protocol/log/checkpoint.ts'
import { edgeRoot } from '../../protocol/log/merkle.ts'
import { parseTile, printTilePath, TILE_WIDTH } from '../../protocol/log/tile.ts'
import { growingEdge, growingWidth, type Growing } from '../../protocol/log/tile-growth.ts'
import type { Primitives } from '../../protocol/primitives.ts'

export type Published = { readonly head: Checkpoint; readonly note: Uint8Array; readonly growing: Growing }

type Read = (path: string) => Promise<Uint8Array | undefined>

/** Undefined where nothing of the log is published. Throws where what is there cannot be continued. */
export async function readPublished(
  primitives: Primitives,
  read: Read,
  origin: string,
  where: string,
): Promise<Published | undefined> {
  const note = await read('checkpoint')
  if (note === undefined) return undefined
  const signed = parseSignedCheckpoint(note)
  if (!signed.ok) throw unusable(where, `its checkpoint is none (${signed.fault})`)
  const head = signed.value.checkpoint
  if (head.origin !== origin) {
    throw new NodeError('CONFLICT', `${where} holds another log: ${head.origin}`)
  }
  const growing: (readonly Uint8Array[])[] = []
  for (let level = 0; TILE_WIDTH ** level <= head.size; level++) {
    const width = growingWidth(head.size, level)
    growing.push(width === 0 ? [] : await readPartial(read, where, head.size, level, width))
  }
  const edge = growingEdge(primitives, head.size, growing)
  if (!equal(edgeRoot(primitives, edge), head.root)) {
    throw unusable(where, 'its growing tiles do not lead to the root of its checkpoint')
  }
  return { head, note, growing }
}

async function readPartial(
  read: Read,
  where: string,
  size: number,
  level: number,
  width: number,
): Promise<readonly Uint8Array[]> {
  const path = printTilePath({ level, index: Math.floor(size / TILE_WIDTH ** (level + 1)), width })
  const bytes = await read(path)
  const tile = bytes === undefined ? undefined : parseTile(bytes, width)
  if (tile?.ok !== true) throw unusable(where, `${path} is missing or cut`)
  return tile.value
}

/** Nothing is put on top of what is damaged: it is for a person to look at first. */
function unusable(where: string, why: string): NodeError {
  return new NodeError('CONFLICT', `what is published in ${where} is damaged: ${why}`, {
    fix: `mv ${where} ${where}.damaged, then the same command again`,
  })
}

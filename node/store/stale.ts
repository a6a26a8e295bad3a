/** Rows of a log that a log of its size does not have: left by what was damaged, and read before the right ones if they stayed. */
import { TILE_WIDTH } from '../../protocol/log/tile.ts'
import type { KeyValue, Operation } from '../ports.ts'
import { PART_GROUP } from './entries.ts'
import { after, keyOf } from './prefixes.ts'

/** Levels of tiles of the largest log. */
const LEVELS = 7

type Bounds = { readonly gte: Uint8Array; readonly lt: Uint8Array }

export async function staleRows(
  store: KeyValue,
  number: number,
  size: number,
): Promise<readonly Operation[]> {
  const log = { log: number }
  const bundles = Math.floor(size / TILE_WIDTH)
  const groups = Math.floor(size / PART_GROUP)
  const outside = (space: 'tail' | 'part', from: number): readonly Bounds[] => [
    { gte: keyOf(space, log), lt: keyOf(space, log, { index: from }) },
    { gte: keyOf(space, log, { index: size }), lt: after(keyOf(space, log)) },
  ]
  const ranges: readonly Bounds[] = [
    ...outside('tail', bundles * TILE_WIDTH),
    ...outside('part', groups * PART_GROUP),
    { gte: keyOf('bundle', log, { index: bundles }), lt: after(keyOf('bundle', log)) },
    { gte: keyOf('partGroup', log, { index: groups }), lt: after(keyOf('partGroup', log)) },
    { gte: keyOf('keyEvent', log, { index: size }), lt: after(keyOf('keyEvent', log)) },
    ...Array.from({ length: LEVELS }, (_, level) => {
      const full = Math.floor(size / TILE_WIDTH ** (level + 1))
      // The growing tile of a level above 0 is stored too, while it holds anything.
      const isGrowing = level > 0 && Math.floor(size / TILE_WIDTH ** level) % TILE_WIDTH > 0
      const first = { index: full + (isGrowing ? 1 : 0) }
      return {
        gte: keyOf('tile', log, { byte: level }, first),
        lt: after(keyOf('tile', log, { byte: level })),
      }
    }),
  ]
  const operations: Operation[] = []
  for (const bounds of ranges) {
    for await (const [key] of store.iterate(bounds)) operations.push({ type: 'del', key })
  }
  return operations
}

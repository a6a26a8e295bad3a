/** A long log of one member as a published tree (spec 10), made here because a node would take longer. */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { readerOf } from '../cli/tree/reader.ts'
import { treeSource, type TreeSource } from '../cli/tree/source.ts'
import { Keystore } from '../node/keys/keystore.ts'
import { native } from '../node/keys/native.ts'
import { systemRandom } from '../node/keys/random.ts'
import { composeMany, type ComposerParts } from '../node/log/composer.ts'
import { composeGenesis } from '../node/log/genesis.ts'
import type { CharterState } from '../protocol/governance/charter.ts'
import { readCharter } from '../protocol/governance/charter-file.ts'
import { printOrigin, printSignedCheckpoint } from '../protocol/log/checkpoint.ts'
import { edgeRoot, leafHash } from '../protocol/log/merkle.ts'
import { printParts, printPartsPath } from '../protocol/log/parts-bundle.ts'
import { printBundle, printTile, printTilePath, TILE_WIDTH } from '../protocol/log/tile.ts'
import { growingEdge, growTiles, partialTiles, type Growing, type Tile } from '../protocol/log/tile-growth.ts'
import { makeCoalition } from '../test/support/coalition.ts'
import { publicOnly } from './records.ts'

export type LongLog = {
  readonly directory: string
  readonly origin: string
  readonly charterFile: string
  readonly charter: CharterState
  readonly source: () => Promise<TreeSource>
  readonly remove: () => void
}

/** Makes a log of `count` entries with a public part of 1 KB each, the first one included. */
export async function makeLongLog(count: number): Promise<LongLog> {
  const coalition = await makeCoalition(1)
  const directory = mkdtempSync(join(tmpdir(), 'candor-bench-'))
  const member = coalition.members[0]
  const charter = readCharter(native, readFileSync(coalition.charterFile))
  if (member === undefined || !charter.ok) throw new Error('no coalition')
  const origin = printOrigin({ domain: member.domain, networkId: charter.value.networkId, epoch: 1 })
  const keystore = Keystore.open(member.home.keys, undefined)
  const composer: ComposerParts = {
    primitives: native,
    origin,
    signer: keystore.signer('statement'),
    random: systemRandom,
    clock: { now: () => Date.now() },
  }
  let size = 0
  let growing: Growing = []
  const write = (path: string, bytes: Uint8Array) => {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), bytes)
  }
  const writeTile = ({ level, index, hashes }: Tile) =>
    write(printTilePath({ level, index, width: hashes.length }), printTile(hashes))
  for (; size < count; size = Math.min(count, size + TILE_WIDTH)) {
    const [index, width] = [size / TILE_WIDTH, Math.min(TILE_WIDTH, count - size)]
    const first = size === 0 ? [composeGenesis(keystore, composer)] : []
    const contents = Array.from({ length: width - first.length }, (_, i) => publicOnly(size + i))
    const leaves = [...first, ...(await composeMany(composer, contents))]
    const entries = leaves.map(({ entry }) => entry.bytes)
    const hashes = entries.map((entry) => leafHash(native, entry))
    const grown = growTiles(native, size, growing, hashes)
    growing = grown.growing
    for (const tile of grown.full) writeTile(tile)
    write(printTilePath({ level: 'entries', index, width }), printBundle(entries))
    write(printPartsPath(index, width), printParts(leaves.map(({ part }) => part)))
  }
  for (const tile of partialTiles(size, growing)) writeTile(tile)
  const log = keystore.logSigner(1)
  const head = { origin, size, root: edgeRoot(native, growingEdge(native, size, growing)) }
  const note = printSignedCheckpoint(native, head, log.publicKey, log.sign)
  write('checkpoint', note)
  const charterFile = join(directory, 'charter.candor')
  copyFileSync(coalition.charterFile, charterFile)
  coalition.remove()
  return {
    directory,
    origin,
    charterFile,
    charter: charter.value,
    source: () => treeSource(readerOf(directory), origin),
    remove: () => rmSync(directory, { recursive: true }),
  }
}

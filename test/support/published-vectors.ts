/** Vectors of published logs, straight from the definitions of spec 10 and with nothing of `protocol/log`. */
import { createHash } from 'node:crypto'

const sha = (...bytes: readonly Uint8Array[]) => createHash('sha256').update(Buffer.concat(bytes)).digest()
const leafOf = (i: number) => sha(Uint8Array.of(0), Buffer.from(`entry ${i}`))

const SIZES = [1, 255, 256, 257, 700]
const NETWORK = 'a'.repeat(52)
const OTHER = `${'b'.repeat(51)}a`

export function publishedVectors() {
  return {
    description:
      'Published logs. Entry i is the text "entry i"; tiles are given as SHA-256 of their bytes. Bundles of parts are read with width 2.',
    sizes: SIZES.map((size) => ({ size, tiles: tilesOf(size) })),
    parts: partsVectors(),
    index: indexVectors(),
  }
}

function tilesOf(size: number): Readonly<Record<string, string>> {
  const tiles: Record<string, string> = {}
  let hashes: Buffer[] = Array.from({ length: size }, (_, i) => leafOf(i))
  for (let level = 0; hashes.length > 0; level++) {
    const above: Buffer[] = []
    for (let at = 0; at < hashes.length; at += 256) {
      const tile = hashes.slice(at, at + 256)
      const name = String(at / 256).padStart(3, '0')
      tiles[`tile/${level}/${name}${tile.length === 256 ? '' : `.p/${tile.length}`}`] = sha(...tile).toString(
        'hex',
      )
      if (tile.length === 256) above.push(rootOf(tile))
    }
    hashes = above
  }
  return tiles
}

function rootOf(hashes: readonly Buffer[]): Buffer {
  const [only] = hashes
  if (hashes.length === 1 && only !== undefined) return only
  const half = hashes.length / 2
  return sha(Uint8Array.of(1), rootOf(hashes.slice(0, half)), rootOf(hashes.slice(half)))
}

function partsVectors() {
  const opening = Buffer.alloc(32, 7)
  const place = (...rest: readonly Uint8Array[]) => {
    const bytes = Buffer.concat([opening, ...rest])
    return Buffer.concat([length(bytes.length), bytes])
  }
  const mediaType = Buffer.from('text/plain')
  const removed = length(0)
  const part = place(Uint8Array.of(mediaType.length), mediaType, Buffer.from('What happened.'))
  const bundle = Buffer.concat([part, removed])
  const refused: readonly [string, Buffer][] = [
    ['parts-cut', bundle.subarray(0, -1)],
    ['parts-cut', bundle.subarray(0, 50)],
    ['parts-width', part],
    ['parts-width', Buffer.concat([bundle, removed])],
    ['parts-place', Buffer.concat([place(), removed])],
    ['parts-place', Buffer.concat([place(Uint8Array.of(2, 65)), removed])],
    ['parts-place', Buffer.concat([place(Uint8Array.of(1, 255)), removed])],
    ['parts-place', Buffer.concat([place(Uint8Array.of(128), Buffer.alloc(128, 65)), removed])],
  ]
  return {
    bundle: bundle.toString('hex'),
    refused: refused.map(([fault, bytes]) => ({ fault, bundle: bytes.toString('hex') })),
  }
}

function indexVectors() {
  const line = (domain: string, epoch: number) =>
    `log-${domain}-${epoch} ${domain}/candor/${NETWORK}/${epoch}\n`
  const header = `candor/tiles@v1\n${NETWORK}\n`
  const refused: readonly [string, string][] = [
    ['tree-index', ''],
    ['tree-index', header.slice(0, -1)],
    ['tree-index', `candor/tiles@v2\n${NETWORK}\n`],
    ['tree-index', 'candor/tiles@v1\nnetwork\n'],
    ['tree-index', header + line('a.example', 1).slice(0, -1)],
    ['tree-index-origin', `${header}log-a.example-1\n`],
    ['tree-index-origin', `${header}log-b.example-1 a.example/candor/${NETWORK}/1\n`],
    ['tree-index-origin', `${header}log-a.example-1 a.example/candor/${OTHER}/1\n`],
    ['tree-index-origin', `${header}../x a.example/candor/${NETWORK}/1\n`],
    ['tree-index-origin', `${header}${line('a.example', 1).slice(0, -1)} x\n`],
    ['tree-index-order', header + line('b.example', 1) + line('a.example', 1)],
    ['tree-index-order', header + line('a.example', 1) + line('a.example', 1)],
  ]
  return {
    text: header + line('a.example', 1) + line('a.example', 2) + line('b.example', 1),
    refused: refused.map(([fault, text]) => ({ fault, text })),
  }
}

function length(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

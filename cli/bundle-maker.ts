/**
 * Gathers from a node what shows some records to somebody without one. Nothing is judged here: whoever reads the bundle
 * does that, and a bundle that its reader cannot verify is of no use to its maker.
 */
import { NodeError, type Client } from '../node/api/client.ts'
import {
  comparePlaces,
  type Bundle,
  type BundleConsistency,
  type BundleOpening,
  type KeyProof,
} from '../protocol/audit/bundle.ts'
import { BUNDLE_BYTES_MAX, BUNDLE_ITEMS_MAX } from '../protocol/limits.ts'
import type { SignedCheckpoint } from '../protocol/log/checkpoint.ts'
import { printProofFile } from '../protocol/log/proof-file.ts'
import type { Places } from './bundle-places.ts'
import { headIn, keyProofs, nothingWhenAbsent, proofOf, type Proven } from './key-proofs.ts'

export type BundleAsked = {
  readonly places: Places
  /** A head that the reader has: what the bundle shows is to continue it. */
  readonly since: SignedCheckpoint | undefined
  readonly onProgress: (origin: string, done: number, size: number) => void
}

/** The heads of one log: the one that all proofs lead to, and others that it continues or that continue it. */
type Heads = { readonly main: SignedCheckpoint; readonly others: readonly SignedCheckpoint[] }

export async function makeBundle(
  client: Client,
  { places, since, onProgress }: BundleAsked,
): Promise<Bundle> {
  const heads = new Map<string, Heads>()
  for (const [origin, indices] of places) heads.set(origin, await headsOf(client, origin, indices, since))
  const room = new Room()
  const found = await prove(client, places, heads, room)
  const keys = await keysOf(client, heads, room, onProgress)
  const [only, ...more] = places.keys()
  return {
    policy: await client.policy(more.length === 0 ? only : undefined).catch(nothingWhenAbsent),
    proofs: found.map(({ file }) => file),
    openings: found.flatMap(({ part }, proof): readonly BundleOpening[] =>
      part === null ? [] : [{ proof, tier: 'public', part }],
    ),
    consistency: await linksOf(client, heads),
    equivocations: await evidenceOn(client, new Set(places.keys())),
    keys,
  }
}

/** The newest quorum head that covers everything; otherwise the newest head, whoever confirmed it. */
async function headsOf(
  client: Client,
  origin: string,
  indices: ReadonlySet<number>,
  since: SignedCheckpoint | undefined,
): Promise<Heads> {
  const newest = headIn(await client.head(origin))
  const confirmed = (await client.quorumHeads(origin))
    .map((note) => headIn(Buffer.from(note, 'utf8')))
    .filter(({ checkpoint }) => checkpoint.size > 0 && checkpoint.size <= newest.checkpoint.size)
    .toSorted((a, b) => a.checkpoint.size - b.checkpoint.size)
  const all = Math.max(...indices) + 1
  const main = confirmed.findLast(({ checkpoint }) => checkpoint.size >= all) ?? newest
  // What bounds the time: the first quorum head above each statement, and the last one below it.
  const bounds = [...indices].flatMap((index) => [
    confirmed.find(({ checkpoint }) => checkpoint.size > index),
    confirmed.findLast(({ checkpoint }) => checkpoint.size <= index),
  ])
  const earlier = since?.checkpoint.origin === origin && since.checkpoint.size > 0 ? since : undefined
  const others = new Map<number, SignedCheckpoint>()
  for (const head of [earlier, newest, ...bounds]) {
    const size = head?.checkpoint.size
    if (head !== undefined && size !== undefined && size !== main.checkpoint.size) others.set(size, head)
  }
  return { main, others: [...others.values()] }
}

/** How much a bundle can still hold. Counted on the way, so that nothing is fetched for one that cannot be read. */
class Room {
  private left = BUNDLE_BYTES_MAX
  private items = BUNDLE_ITEMS_MAX

  take({ file, part }: Proven): void {
    this.items -= 1
    this.left -= printProofFile(file).length + (part?.bytes.length ?? 0) + ITEM_BYTES
    if (this.left < 0 || this.items < 0)
      throw new NodeError('TOO_LARGE', `this is more than one bundle holds (${BUNDLE_BYTES_MAX} bytes)`, {
        fix: 'candor mirror',
      })
  }
}

/** What stands around one part: its opening, its media type and the lengths. */
const ITEM_BYTES = 192

async function prove(
  client: Client,
  places: Places,
  heads: ReadonlyMap<string, Heads>,
  room: Room,
): Promise<readonly Proven[]> {
  const found: Proven[] = []
  for (const [origin, indices] of places) {
    const main = heads.get(origin)?.main
    if (main === undefined) continue
    for (const index of indices) {
      const one = await proofOf(client, origin, index, main)
      room.take(one)
      found.push(one)
    }
  }
  return found.toSorted((a, b) => comparePlaces(a.file, b.file))
}

async function linksOf(
  client: Client,
  heads: ReadonlyMap<string, Heads>,
): Promise<readonly BundleConsistency[]> {
  const links: BundleConsistency[] = []
  for (const [origin, { main, others }] of heads) {
    for (const other of others) {
      const [from, to] = [main, other].toSorted((a, b) => a.checkpoint.size - b.checkpoint.size)
      if (from === undefined || to === undefined) continue
      const proof = await client.consistency(origin, from.checkpoint.size, to.checkpoint.size)
      links.push({ from, to, proof })
    }
  }
  return links
}

/** Proofs about these logs, and about any cosigner: its lines may stand on their heads. */
async function evidenceOn(client: Client, origins: ReadonlySet<string>): Promise<readonly Uint8Array[]> {
  const held = await client.evidenceList()
  const about = held.filter(({ origin, convicts }) => origins.has(origin) || convicts !== 'log')
  return Promise.all(about.map(({ id }) => client.evidenceFile(id)))
}

/** Leaf 0 and the key events of every log: the cosigners' keys stand in their own. */
async function keysOf(
  client: Client,
  heads: ReadonlyMap<string, Heads>,
  room: Room,
  onProgress: BundleAsked['onProgress'],
): Promise<readonly KeyProof[]> {
  const keys: KeyProof[] = []
  for (const { origin, size } of await client.logs()) {
    if (size === 0) continue
    const main = bare(heads.get(origin)?.main ?? headIn(await client.head(origin)))
    const told = (done: number) => onProgress(origin, done, main.checkpoint.size)
    for (const proven of await keyProofs(client, main, told)) {
      room.take(proven)
      keys.push(proven)
    }
  }
  return keys.toSorted((a, b) => comparePlaces(a.file, b.file))
}

/** Cosignatures stand on the proofs; on the keys they would only make the file longer. */
function bare({ checkpoint, note }: SignedCheckpoint): SignedCheckpoint {
  const signatures = note.signatures.filter(({ name }) => name === checkpoint.origin)
  return { checkpoint, note: { ...note, signatures } }
}

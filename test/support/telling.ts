/** Other ways to tell a lie than an exchange of heads: in gossip, in requests to cosign, in a bundle that somebody was handed. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Frames } from '../../node/net/framing.ts'
import { protocolsOf } from '../../node/net/protocols.ts'
import { native } from '../../node/keys/native.ts'
import { comparePlaces, printBundleFile } from '../../protocol/audit/bundle.ts'
import { printAddCheckpoint } from '../../protocol/log/add-checkpoint.ts'
import { parseSignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { printEquivocation } from '../../protocol/log/equivocation-file.ts'
import { proveTree } from '../../protocol/log/equivocation-maker.ts'
import { emptyRoot, leafHash } from '../../protocol/log/merkle.ts'
import { SIGNATURE_TYPE } from '../../protocol/log/note.ts'
import type { ProofFile } from '../../protocol/log/proof-file.ts'
import { printNews, type HeadNews } from '../../protocol/sync/message.ts'
import { parseWitnessAnswer } from '../../protocol/sync/witness.ts'
import { candor } from './cli.ts'
import { SIZE, type Five } from './five.ts'
import type { Face } from './two-faced.ts'
import { pathOf, treeOf } from './tree.ts'
import { until } from './until.ts'

/** Announces heads to everybody, with the entry above what is held where there is one. Returns when the last was sent. */
export function gossip(five: Five, faces: readonly Face[]): Promise<number> {
  return announce(
    five,
    faces.map(({ note, leaves }) => {
      const more = leaves.slice(SIZE)
      const [entries, parts] = [more.map(({ bytes }) => bytes), more.map(({ part }) => part)]
      return { t: 'news', note, chunk: more.length === 0 ? null : { from: SIZE, entries, parts, proof: [] } }
    }),
  )
}

export async function announce(five: Five, all: readonly HeadNews[]): Promise<number> {
  const { pubsub } = five.liar.host.services
  const { heads } = protocolsOf(five.liar.log.charter.networkId)
  pubsub.subscribe(heads)
  await until('everybody listens', () => pubsub.getSubscribers(heads).length === five.nodes.length)
  for (const news of all) await pubsub.publish(heads, printNews(news))
  return Date.now()
}

/** Asks one node to cosign; the status of its answer. */
export async function askToCosign(
  five: Five,
  at: number,
  request: Parameters<typeof printAddCheckpoint>[0],
): Promise<number> {
  const { port } = five.coalition.members[at + 1] ?? {}
  const peer = five.peerIds[at]
  assert.ok(port !== undefined && peer !== undefined)
  const stream = await five.liar.open(port, peer, protocolsOf(five.liar.log.charter.networkId).witness)
  const frames = new Frames(stream)
  const signal = AbortSignal.timeout(10_000)
  await frames.write(printAddCheckpoint(request), signal)
  const bytes = await frames.read(65_536, signal)
  const answer = bytes === undefined ? undefined : parseWitnessAnswer(bytes)
  assert.ok(answer?.ok)
  await frames.end(signal)
  return answer.value.status
}

/** A bundle with an entry under each of these heads: where one was rewritten, that one. A head over nothing comes as a proof. */
export function bundleOf(five: Five, faces: readonly Face[]): Uint8Array {
  const shown = faces.filter(({ leaves }) => leaves.length > 0)
  const proofs = shown.map((face, at) => entryUnder(five, face, face.leaves.length - 1 - at))
  const equivocations = faces
    .filter(({ leaves }) => leaves.length === 0)
    .map((face) => overNothing(five, face))
  return printBundleFile({ ...NOTHING, proofs: proofs.toSorted(comparePlaces), equivocations })
}

/** A bundle that brings these heads of one log. What it shows under them is rubbish, and the lines on them are not. */
export function bundleWith(five: Five, notes: readonly Uint8Array[]): Uint8Array {
  const entry = five.liar.log.leaves[0]?.bytes
  const proofs = notes.map((note, index): ProofFile => {
    const signed = parseSignedCheckpoint(note)
    assert.ok(signed.ok && entry !== undefined)
    return { entry, index, proof: [], signed: signed.value }
  })
  return printBundleFile({ ...NOTHING, proofs })
}

const NOTHING = { policy: null, proofs: [], openings: [], consistency: [], equivocations: [], keys: [] }

/** Gives a bundle to a node by the command that takes it in. Returns when that began. */
export async function handOver(five: Five, at: number, directory: string, bundle: Uint8Array) {
  const home = five.coalition.members[at + 1]?.home.directory
  assert.ok(home !== undefined)
  const file = join(directory, `handed-${Date.now()}.candor-bundle`)
  writeFileSync(file, bundle)
  const from = Date.now()
  return { from, ...(await candor(['--home', home, 'evidence', 'add', file])) }
}

function entryUnder(five: Five, { note, leaves }: Face, last: number): ProofFile {
  const truth = five.truth(SIZE).leaves
  const changed = leaves.findIndex((leaf, at) => at < truth.length && leaf !== truth[at])
  const index = changed === -1 ? last : changed
  const signed = parseSignedCheckpoint(note)
  const entry = leaves[index]?.bytes
  assert.ok(signed.ok && entry !== undefined)
  const tree = treeOf(leaves.map(({ bytes }) => leafHash(native, bytes)))
  return { entry, index, proof: pathOf(tree, BigInt(index), 0n, BigInt(leaves.length)), signed: signed.value }
}

function overNothing(five: Five, { note }: Face): Uint8Array {
  const { origin, logKey: key } = five.liar.log
  const proven = proveTree(native, {
    subject: { name: origin, type: SIGNATURE_TYPE.ed25519, key },
    a: note,
    b: five.truth(SIZE).note,
    prefixRoot: emptyRoot(native),
    proof: [],
  })
  assert.ok(proven.ok)
  return printEquivocation(native, proven.value)
}

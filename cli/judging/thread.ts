/** A thread that hashes and judges runs of leaves under the key state it is given. It knows nothing else. */
import { parentPort } from 'node:worker_threads'
import { threadPrimitives } from '../../node/api/client.ts'
import { judgeLeaf, openJudgement, type Judgement } from '../../protocol/audit/judgement.ts'
import { branded } from '../../protocol/brand.ts'
import type { KeyId } from '../../protocol/identity/key.ts'
import { HASH_BYTES, leafHash } from '../../protocol/log/merkle.ts'
import { tileRoot } from '../../protocol/log/tile-growth.ts'
import { TILE_WIDTH } from '../../protocol/log/tile.ts'
import { leavesOf, splitHashes, type Answer, type Order } from './run.ts'

const port = parentPort
if (port === null) throw new Error('bug: this file is run as a thread')
const primitives = threadPrimitives()
let keys: Judgement['keys']

port.on('message', (order: Order) => {
  try {
    const answer = judge(order)
    port.postMessage(answer, 'hashes' in answer ? [answer.hashes.buffer] : [])
  } catch (error) {
    port.postMessage({ id: order.id, failure: String(error) } satisfies Answer)
  }
})

function judge({ id, place, keys: given, run }: Order): Answer {
  if (given !== 'as-before') keys = given
  const leaves = leavesOf(run)
  if (leaves === undefined) return { id, unreadable: true }
  const isFull = leaves.length === TILE_WIDTH && run.from % TILE_WIDTH === 0
  const hashes = new Uint8Array((leaves.length + (isFull ? 1 : 0)) * HASH_BYTES)
  let judgement = openJudgement(place, keys)
  for (const [at, leaf] of leaves.entries()) {
    hashes.set(leafHash(primitives, leaf.bytes), at * HASH_BYTES)
    judgement = judgeLeaf(primitives, judgement, run.from + at, leaf)
  }
  if (isFull) {
    const { hashes: found } = splitHashes(hashes, leaves.length)
    hashes.set(tileRoot(primitives, found), leaves.length * HASH_BYTES)
  }
  // The state itself stays here: runs that could change it are not given to threads.
  // A view is copied with all of the buffer under it, so what is a part of the run gets bytes of its own.
  const lastUse = judgement.lastUse.map((use) => ({ ...use, id: branded<KeyId>(use.id.slice()) }))
  return { id, hashes, judgement: { ...judgement, lastUse, keys: undefined } }
}

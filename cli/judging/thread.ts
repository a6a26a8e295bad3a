/** A thread that hashes and judges runs of leaves under the key state it is given. It knows nothing else. */
import { parentPort } from 'node:worker_threads'
import { checkedPrimitives } from '../../node/api/client.ts'
import { judgeLeaf, openJudgement, type Judgement } from '../../protocol/audit/judgement.ts'
import { HASH_BYTES, leafHash } from '../../protocol/log/merkle.ts'
import { unpackRun, type Answer, type Order } from './run.ts'

const port = parentPort
if (port === null) throw new Error('bug: this file is run as a thread')
const primitives = checkedPrimitives()
let keys: Judgement['keys']

port.on('message', (order: Order) => {
  try {
    const answer = judge(order)
    port.postMessage(answer, 'hashes' in answer ? [answer.hashes.buffer] : [])
  } catch (error) {
    port.postMessage({ id: order.id, failure: String(error) } satisfies Answer)
  }
})

function judge(order: Order): Answer {
  if (order.keys !== 'as-before') keys = order.keys
  const { from, leaves } = unpackRun(order.run)
  const hashes = new Uint8Array(leaves.length * HASH_BYTES)
  let judgement = openJudgement(order.place, keys)
  for (const [at, leaf] of leaves.entries()) {
    hashes.set(leafHash(primitives, leaf.bytes), at * HASH_BYTES)
    judgement = judgeLeaf(primitives, judgement, from + at, leaf)
  }
  // The state itself stays here: runs that could change it are not given to threads.
  return { id: order.id, hashes, judgement: { ...judgement, keys: undefined } }
}

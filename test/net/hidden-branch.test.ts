import assert from 'node:assert/strict'
import { Frames } from '../../node/net/framing.ts'
import { protocolsOf } from '../../node/net/protocols.ts'
import { printAddCheckpoint } from '../../protocol/log/add-checkpoint.ts'
import { parseWitnessAnswer } from '../../protocol/sync/witness.ts'
import { Five, LIAR, logOf, proofsOf, rewritten, SIZE } from '../support/five.ts'
import type { Face } from '../support/two-faced.ts'

describe('a member that shows a hidden history in requests to cosign, and nowhere else', function () {
  this.timeout(180_000)
  let five: Five

  beforeEach(async () => {
    five = await Five.start()
  })

  afterEach(() => five.stop())

  /** Asks the first honest node to cosign, and returns the status. */
  const ask = async (oldSize: number, note: Uint8Array, proof: readonly Uint8Array[] = []) => {
    const [node] = five.nodes
    const port = five.coalition.members[1]?.port
    assert.ok(node && port !== undefined)
    const { witness } = protocolsOf(five.liar.log.charter.networkId)
    const stream = await five.liar.open(port, (await node.client.whoami()).peerId, witness)
    const frames = new Frames(stream)
    const signal = AbortSignal.timeout(10_000)
    await frames.write(printAddCheckpoint({ oldSize, proof, note }), signal)
    const answer = parseWitnessAnswer((await frames.read(65_536, signal)) ?? new Uint8Array())
    await frames.end(signal)
    assert.ok(answer.ok)
    return answer.value.status
  }
  const hidden = (size: number): Face => {
    const { leaves } = five.truth(size)
    return five.signed(rewritten(leaves, 5, five.spare()[2]))
  }
  const isFrozenEverywhere = () => five.convicts(`all have frozen the log of ${LIAR}`, { from: Date.now() })

  it('is found by a head below what is held that is refused for its size', async () => {
    assert.equal(await ask(7, hidden(9).note), 409)
    await isFrozenEverywhere()
    assert.equal(await ask(0, hidden(9).note), 403)
  })

  it('is found by a larger head whose proof does not lead to it, when its node is asked what that continues', async () => {
    const { note, leaves } = hidden(SIZE + 2)
    // Its node shows everybody the open history, and gives what its head continues to those that ask for that.
    five.liar.face = () => ({ ...five.truth(SIZE), leaves })
    assert.equal(await ask(SIZE, note, [new Uint8Array(32)]), 422)
    await isFrozenEverywhere()
  })

  it('is not accused where it shows one history: an old head, a wrong size, rubbish beside an honest head', async () => {
    assert.equal(await ask(0, five.truth(SIZE).note), 200)
    assert.equal(await ask(3, five.truth(SIZE - 2).note), 409)
    assert.equal(await ask(SIZE, five.truth(SIZE - 2).note), 400)
    assert.equal(await ask(SIZE, five.truth(SIZE).note, [new Uint8Array(32)]), 422)
    const { note, leaves } = five.truth(SIZE + 2)
    five.liar.face = () => ({ ...five.truth(SIZE), leaves })
    assert.equal(await ask(SIZE, note, [new Uint8Array(32)]), 422)
    await five.growsOn()
    assert.ok(await five.every(async (node) => (await proofsOf(node)).length === 0))
    assert.ok(await five.every(async (node) => (await logOf(node)).state === 'ok'))
    for (const { client } of five.nodes) assert.ok((await client.peers()).every(({ score }) => score === 0))
  })
})

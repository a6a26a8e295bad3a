import assert from 'node:assert/strict'
import { native } from '../../node/keys/native.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { Five, proofsOf, SIZE } from '../support/five.ts'
import { JudgedProofs } from '../support/judged-proofs.ts'
import { LOG_LIES, type LogLie } from '../support/lies.ts'
import { askToCosign, bundleOf, gossip, handOver } from '../support/telling.ts'
import { consistencyOf, treeOf } from '../support/tree.ts'
import type { Face } from '../support/two-faced.ts'

const { path, remove } = temporaryDirectory()
const proofs = new JudgedProofs(path)

/** Tells a lie, while whoever asks for heads is told the truth. Returns when it had been told, in milliseconds since 1970. */
type Channel = (five: Five, faces: readonly Face[]) => Promise<number>

const CHANNELS: readonly (readonly [name: string, tell: Channel])[] = [
  ['in gossip', gossip],
  ['in requests to cosign', request],
  ['in a bundle that one of them was handed', bundle],
]

describe('a coalition of five in which one member signs two histories and exchanges heads honestly', function () {
  this.timeout(180_000)
  let five: Five

  beforeEach(async () => {
    five = await Five.start()
  })

  afterEach(() => five.stop())

  for (const [name, tell] of CHANNELS)
    for (const lie of LOG_LIES) {
      it(`and ${lie.what} ${name}: every honest node finds it within a round and freezes that log`, async () => {
        const faces = lie.faces(five)
        const [{ leaves } = five.truth(SIZE)] = faces
        five.tell(() => ({ ...five.truth(SIZE), hidden: leaves }))
        const from = await tell(five, faces)
        await five.convicts(`all have frozen the log of a member that ${lie.what} ${name}`, { from })
        for (const node of five.nodes) isProven(lie, await proofs.of(node, 'log'))
        await five.growsOn()
      })
    }
})

describe('proofs of lies that were told in other ways than an exchange of heads', function () {
  this.timeout(180_000)
  after(remove)

  it('hold with Go’s note and tlog, and do not with anything altered in them', async function () {
    await proofs.judge(this)
  })
})

function isProven({ kind, sizes }: LogLie, [proven, ...others]: Awaited<ReturnType<JudgedProofs['of']>>) {
  if (others.length > 0) return
  // A bundle shows entries, and two of them in one place exclude each other as well.
  assert.ok(proven?.kind === kind || proven?.kind === 'leaf')
  assert.deepEqual(
    proven.sizes,
    sizes.toSorted((a, b) => a - b),
  )
}

/** Every head to one honest member that cosigned the truth before: as an honest log asks, with the proof that its lie has. */
async function request(five: Five, faces: readonly Face[]): Promise<number> {
  const { note: truth } = five.truth(SIZE)
  assert.equal(await askToCosign(five, 0, { oldSize: 0, proof: [], note: truth }), 200)
  let known = SIZE
  for (const { note, leaves } of faces) {
    const size = leaves.length
    const tree = treeOf(leaves.map(({ bytes }) => leafHash(native, bytes)))
    const proof = size > known ? consistencyOf(tree, BigInt(known), BigInt(size)) : []
    const status = await askToCosign(five, 0, { oldSize: Math.min(known, size), proof, note })
    if (status === 200) known = size
  }
  return Date.now()
}

async function bundle(five: Five, faces: readonly Face[]): Promise<number> {
  const { from, exit, out } = await handOver(five, 1, path, bundleOf(five, faces))
  assert.equal(exit, 11, out)
  assert.match(out, /The log of a\.example signed two histories/)
  const [, c] = five.nodes
  assert.ok(c && (await proofsOf(c)).length > 0)
  return from
}

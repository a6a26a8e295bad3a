/** A holder that has the file and sends something else: what a test makes of the frames of each block. */
import { randomBytes } from 'node:crypto'
import { parseBlobMessage, printBlobAnswer } from '../../protocol/dataset/message.ts'
import type { SealedBlock } from '../../protocol/dataset/stream.ts'
import type { DataSets } from '../../node/dataset/data-sets.ts'
import { blobPorts } from '../../node/dataset/serving.ts'
import { Frames } from '../../node/net/framing.ts'
import { BLOB } from './blob-peers.ts'
import { startRawPeer } from './raw-peer.ts'
import { NETWORK_ID } from './statements.ts'

/** The frames to send in the place of one block, made of the truth about it and about others. */
export type BlockLie = (
  index: number,
  truth: (index: number) => Promise<ProvenBlock>,
) => Promise<readonly Uint8Array[]> | readonly Uint8Array[]

export type ProvenBlock = SealedBlock & { readonly proof: readonly Uint8Array[] }

export function framesOf(index: number, { nonce, tag, proof, bytes }: ProvenBlock): readonly Uint8Array[] {
  return [printBlobAnswer({ t: 'block', index, nonce, tag, proof }), bytes]
}

export async function startLyingHolder(sets: DataSets, lie: BlockLie) {
  const peer = await startRawPeer(randomBytes(32), NETWORK_ID, ['/ip4/127.0.0.1/tcp/0'])
  const [address = ''] = peer.host.getMultiaddrs().map(String)
  const ports = blobPorts({
    sets,
    clock: { now: () => Date.now() },
    authorise: () => Promise.resolve({ allowed: false }),
    record: () => Promise.resolve(),
    confirm: () => Promise.resolve(true),
  })
  const told = { frames: 0, cut: false }
  await peer.host.handle(BLOB, async (stream) => {
    const frames = new Frames(stream)
    const signal = AbortSignal.timeout(20_000)
    const request = parseBlobMessage((await frames.read(1_024, signal)) ?? new Uint8Array(0))
    if (!request.ok || request.value.kind !== 'request') return
    const blob = await ports.open(request.value)
    if (blob === undefined) return
    const truth = async (index: number) => {
      const block = await blob.block(index)
      if (block === undefined) throw new Error('the file of the test is whole')
      return { ...block, proof: blob.prove(index) }
    }
    try {
      for (let index = request.value.from; ; index++) {
        const said = await lie(index, truth)
        if (said.length === 0) break
        for (const frame of said) await frames.write(frame, signal)
        told.frames += said.length
      }
      await frames.end(signal)
    } catch {
      // The honest side ended the stream when it saw the lie.
      told.cut = true
    } finally {
      await blob.close()
    }
  })
  return { peer, address, told }
}

/**
 * A member that shows each peer another history: it has the member's keys, signs what a test wants and answers
 * `sync/1` for it, proofs included. The lying stands here, never in `node/`.
 */
import { readFileSync } from 'node:fs'
import { Frames } from '../../node/net/framing.ts'
import { protocolsOf } from '../../node/net/protocols.ts'
import { native } from '../../node/keys/native.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import { readCharter } from '../../protocol/governance/charter-file.ts'
import { parseRequest, printAnswer, type Answer, type Request } from '../../protocol/sync/message.ts'
import type { Coalition } from './coalition.ts'
import { nodeSeedOf, startRawPeer, type RawPeer } from './raw-peer.ts'
import { signedLogOf, type SignedLeaf, type SignedLog } from './signed-log.ts'
import { consistencyOf, rootOf, treeOf } from './tree.ts'

/** What one peer is shown: a head, and the entries below it. */
export type Face = {
  readonly note: Uint8Array
  readonly leaves: readonly SignedLeaf[]
  /** What is given when these entries are asked for, where that is something else. */
  readonly given?: readonly SignedLeaf[]
  /** The tree that prefix requests for more than these entries are answered from: of a head that was told elsewhere. */
  readonly hidden?: readonly SignedLeaf[]
  /** Heads of any logs with cosignatures on them. */
  readonly cosigned?: readonly Uint8Array[]
}

export type TwoFaced = RawPeer & {
  readonly log: SignedLog
  /** What a peer is shown. Replaced by tests. */
  face: (peer: string) => Face
  /** When each peer was first handed the whole of what it is shown now, by the clock of all nodes of this machine. */
  readonly told: Map<string, number>
}

/** Starts the node of a member, with a log of `count` incidents that it shows to everybody alike. */
export async function startTwoFaced(coalition: Coalition, number: number, count: number): Promise<TwoFaced> {
  const member = coalition.members[number]
  const charter = readCharter(native, readFileSync(coalition.charterFile))
  if (member === undefined || !charter.ok) throw new Error('bug: no such member')
  const { networkId } = charter.value
  const log = signedLogOf(coalition, number, count)
  const listen = [`/ip4/127.0.0.1/tcp/${member.port}`]
  const peer = await startRawPeer(nodeSeedOf(member.home), networkId, listen)
  const honest = { note: log.noteOf(log.leaves), leaves: log.leaves }
  const liar: TwoFaced = { ...peer, log, face: () => honest, told: new Map() }
  await peer.host.handle(protocolsOf(networkId).sync, async (stream, connection) => {
    const frames = new Frames(stream)
    const signal = AbortSignal.timeout(10_000)
    try {
      const bytes = await frames.read(4_096, signal)
      const request = bytes === undefined ? undefined : parseRequest(bytes)
      if (request?.ok !== true) return
      const asker = connection.remotePeer.toString()
      const { face } = liar
      const shown = face(asker)
      const answers = answersOf(shown, request.value)
      for (const answer of answers) await frames.write(printAnswer(answer), signal)
      await frames.write(
        printAnswer({ t: 'end', reason: isDone(request.value, answers) ? 'done' : 'not-held' }),
        signal,
      )
      const last = shown.cosigned === undefined ? 'frontier' : 'cosigned'
      if (request.value.t === last && liar.face === face && !liar.told.has(asker))
        liar.told.set(asker, Date.now())
      await frames.end(signal)
    } catch {
      // The honest side had enough.
    }
  })
  return liar
}

function answersOf(
  { note, leaves, given = leaves, hidden = leaves, cosigned = [] }: Face,
  request: Request,
): readonly Answer[] {
  switch (request.t) {
    case 'frontier':
      return [
        { t: 'heads', same: false, notes: [note], seen: null, struck: [], cosigned: new Uint8Array(32) },
      ]
    case 'range': {
      const shown = given.slice(request.from, request.size)
      const [entries, parts] = [shown.map(({ bytes }) => bytes), shown.map(({ part }) => part)]
      return [{ t: 'entries', chunk: { from: request.from, entries, parts, proof: [] } }]
    }
    case 'prefix': {
      const of = request.size > leaves.length ? hidden : leaves
      const tree = treeOf(of.map(({ bytes }) => leafHash(native, bytes)))
      const [from, size] = [BigInt(request.from), BigInt(request.size)]
      return [{ t: 'prefix', root: rootOf(tree, 0n, from), proof: consistencyOf(tree, from, size) }]
    }
    case 'cosigned':
      return cosigned.map((of) => ({ t: 'cosigned', note: of }))
    case 'evidence':
    case 'stated':
      return []
  }
}

/** Of nobody's cosigners nothing is known, and it says so. */
function isDone({ t }: Request, answers: readonly Answer[]): boolean {
  return answers.length > 0 || t === 'stated'
}

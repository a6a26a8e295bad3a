import assert from 'node:assert/strict'
import type { Connection } from '@libp2p/interface'
import { Peers } from '../../../node/net/peers.ts'
import { SCORE_LIE, SCORE_SLOW } from '../../../node/net/limits.ts'
import type { RefusedInput } from '../../../node/problems.ts'
import { ForgedLines, type ForgedParts } from '../../../node/sync/forged.ts'
import type { Exchange } from '../../../node/sync/fetcher.ts'
import { printOrigin } from '../../../protocol/log/checkpoint.ts'
import { NETWORK_ID, ORIGIN, signedBytes } from '../../support/notes.ts'

const NOTE = signedBytes({ origin: ORIGIN, size: 7, root: new Uint8Array(32).fill(5) })
const MEMBER = printOrigin({ domain: 'm1.example', networkId: NETWORK_ID, epoch: 1 })
const headAt = (size: number) => signedBytes({ origin: MEMBER, size, root: new Uint8Array(32).fill(5) })
const NEXT = printOrigin({ domain: 'm1.example', networkId: NETWORK_ID, epoch: 2 })
const NAME = 'm1.example/candor/witness'
const PEER = { remotePeer: { toString: () => 'the peer' } } as unknown as Connection
const HELD = 5

/** What becomes of a note with a forged line, where the exchange comes to this. */
async function judged({
  heads = [],
  forged = [NAME],
  frozen,
  pending,
  answers = true,
}: {
  readonly heads?: readonly (readonly [string, number])[]
  readonly forged?: readonly string[]
  readonly frozen?: string
  /** A head of which not all entries are here. */
  readonly pending?: Uint8Array
  readonly answers?: boolean
}) {
  const peers = new Peers({ now: () => 0 }, () => undefined)
  const named: RefusedInput[] = []
  const log = { origin: MEMBER, edge: { size: HELD }, pending }
  const exchanged = { heads: new Map(heads) } as unknown as Exchange
  const lines = new ForgedLines({
    peers,
    logs: {
      all: () => [log],
      get: (origin: string) => (origin === MEMBER ? log : undefined),
    } as unknown as ForgedParts['logs'],
    evidence: { frozen: (origin) => (origin === frozen ? ({} as never) : undefined) },
    cosigned: { heed: async () => ({ kind: 'known', forged, isWhole: false }) },
    exchange: async () => (answers ? exchanged : undefined),
    onForged: (refused) => named.push(refused),
  })
  const { signal } = new AbortController()
  await Promise.all([lines.judge(PEER, NOTE, signal), lines.judge(PEER, NOTE, signal)])
  return { score: peers.score('the peer'), reason: peers.reason('the peer'), named }
}

describe('a line in a cosigner’s name that its key did not sign', () => {
  it('costs whoever passed it on, once for one exchange, and is named', async () => {
    const { score, reason, named } = await judged({ heads: [[MEMBER, HELD]] })
    const fault = `a line in the name of ${NAME} that its key did not sign`
    assert.deepEqual([score, reason], [SCORE_LIE, fault])
    assert.deepEqual(named, [{ peer: 'the peer', origin: ORIGIN, blame: 'sender', fault, index: undefined }])
  })

  it('costs nobody when it verifies after the exchange', async () => {
    assert.deepEqual(await judged({ forged: [] }), { score: 0, reason: undefined, named: [] })
  })

  for (const [what, asked] of [
    ['more of the log that declares the key', { heads: [[MEMBER, HELD + 1]] }],
    ['a log of its next epoch', { heads: [[NEXT, 1]] }],
    ['more of a log of which entries are missing here', { pending: headAt(HELD + 1) }],
    ['a log that is frozen here', { heads: [[MEMBER, 1]], frozen: MEMBER }],
  ] as const) {
    it(`costs nobody while the sender may hold ${what}`, async () => {
      assert.deepEqual(await judged(asked), { score: 0, reason: undefined, named: [] })
    })
  }

  it('costs its sender where the largest head that was seen of that log is held', async () => {
    assert.equal((await judged({ pending: headAt(HELD) })).score, SCORE_LIE)
  })

  it('costs its sender although it holds more of the logs of others', async () => {
    assert.equal((await judged({ heads: [[ORIGIN, 99]] })).score, SCORE_LIE)
  })

  it('costs a little where the sender does not answer', async () => {
    const { score, named } = await judged({ answers: false })
    assert.deepEqual([score, named.length], [SCORE_SLOW, 1])
  })

  it('says a few names of many', async () => {
    const { reason = '' } = await judged({
      forged: Array.from({ length: 99 }, (_, n) => `m${n}.example/candor/mirror`),
    })
    assert.equal(reason.split(',').length, 4)
  })
})

/**
 * A member's node that lies: it has the member's real keys and log, and answers `sync/1` with what a test makes of
 * the truth. The lying stands here, never in `node/`.
 */
import type { Home } from '../../node/home.ts'
import { readFileSync } from 'node:fs'
import { readCharter } from '../../protocol/governance/charter-file.ts'
import { parseRequest, printAnswer, type Answer } from '../../protocol/sync/message.ts'
import { Keystore } from '../../node/keys/keystore.ts'
import { native } from '../../node/keys/native.ts'
import { Frames } from '../../node/net/framing.ts'
import { createHost, startHost, type Host } from '../../node/net/host.ts'
import { protocolsOf } from '../../node/net/protocols.ts'
import { rootKeyOf } from '../../protocol/governance/charter.ts'
import { openDatabase, type Database } from '../../node/store/database.ts'
import { Logs } from '../../node/store/logs.ts'
import { Answerer } from '../../node/sync/answerer.ts'
import type { Cosigned } from '../../node/sync/cosigned.ts'

/** What is sent in the place of an honest answer; bytes are sent as they are. */
export type Lie = (answer: Answer) => Answer | Uint8Array

export type Liar = { readonly host: Host; lie: Lie; readonly stop: () => Promise<void> }

/** A liar holds no proofs against anybody. */
const NONE = {
  frozen: () => undefined,
  struck: () => [],
  digest: () => new Uint8Array(32),
  proofAgainst: () => undefined,
}

const NOTHING_NEW = { kind: 'known', forged: [], isWhole: false } as const

/** And no cosigned heads. */
const NO_HEADS: Cosigned = {
  add: () => Promise.resolve(NOTHING_NEW),
  heed: () => Promise.resolve(NOTHING_NEW),
  costOf: () => 0,
  noteWith: (note) => note,
  get: () => undefined,
  digest: () => new Uint8Array(32),
  summaries: () => [],
  beyond: () => [],
  statedBy: () => Promise.resolve([]),
}

export async function startLiar(home: Home, listen: string): Promise<Liar> {
  const charter = readCharter(native, readFileSync(home.charter))
  if (!charter.ok) throw new Error('the charter of the test is valid')
  const database: Database = await openDatabase(home.database)
  const logs = new Logs(native, database)
  await logs.open((origin) => rootKeyOf(charter.value, origin))
  const answerer = new Answerer({
    primitives: native,
    logs,
    evidence: NONE,
    cosigned: NO_HEADS,
    onAsked: () => undefined,
    settled: () => Promise.resolve(),
    endOf: () => undefined,
    mayShow: () => true,
  })
  const protocols = protocolsOf(charter.value.networkId)
  const host = await createHost({
    seed: Keystore.open(home.keys, undefined).nodeSeed(),
    protocols,
    listen: [listen],
    announce: [],
    bootstrap: [],
    mdns: false,
    isRefused: () => false,
    scoreOf: () => 0,
  })
  const liar: { -readonly [K in keyof Liar]: Liar[K] } = {
    host,
    lie: (answer) => answer,
    stop: async () => {
      await host.stop()
      await database.close()
    },
  }
  await host.handle(protocols.sync, async (stream) => {
    const frames = new Frames(stream)
    const signal = AbortSignal.timeout(10_000)
    const bytes = await frames.read(4_096, signal)
    const request = bytes === undefined ? undefined : parseRequest(bytes)
    if (request?.ok !== true) return
    const send = (answer: Answer) => {
      const said = liar.lie(answer)
      return frames.write(said instanceof Uint8Array ? said : printAnswer(said), signal)
    }
    try {
      await send({ t: 'end', reason: await answerer.answer(request.value, send, 'anybody') })
      await frames.end(signal)
    } catch {
      // The honest side ended the stream when it saw the lie.
    }
  })
  await startHost(host, [listen])
  return liar
}

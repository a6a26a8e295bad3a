import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { native } from '../../../node/keys/native.ts'
import { askOutside } from '../../../node/net/ask-outside.ts'
import { CosignedHeads } from '../../../node/witness/cosigned-heads.ts'
import { OutsideWitnesses } from '../../../node/witness/outside.ts'
import { printCosignatureLines } from '../../../protocol/log/add-checkpoint.ts'
import { cosignersOf, isQuorumHead } from '../../../protocol/log/cosigned-head.ts'
import { lineOver, startHttpWitness, type HttpWitness } from '../../support/http-witness.ts'
import { testKey } from '../../support/notes.ts'
import { ORIGIN, OwnLog } from '../../support/own-log.ts'
import { until } from '../../support/until.ts'

const NAME = 'witness.stranger.example/w1'
const SEED = 31

type Answer = (body: Uint8Array, response: ServerResponse) => void

const line = (body: Uint8Array, name = NAME, seed = SEED, time = Math.floor(Date.now() / 1_000)) =>
  lineOver(body, name, testKey(seed), time)
const cosigned: (change: (body: Uint8Array) => Parameters<typeof printCosignatureLines>[0]) => Answer =
  (lines) => (body, response) =>
    void response.end(printCosignatureLines(lines(body)))

/** What a bad witness does, and the word for it. */
const LIES: readonly (readonly [string, Answer, string])[] = [
  ['redirects', (_, response) => void response.writeHead(307, { location: '/x' }).end(), 'redirected'],
  ['answers without end', (_, response) => endlessly(response), 'answer-too-long'],
  ['answers rubbish', (_, response) => void response.end('yes'), 'answer-unreadable'],
  ['answers nothing', (_, response) => void response.end(), 'answer-unreadable'],
  ['hangs up', (_, response) => void response.destroy(), 'unreachable'],
  ['says it cosigned more than there is', sized('9007199254740991'), 'size-ahead'],
  ['says a size that is none', sized('007'), 'answer-unreadable'],
  ['says the size it was just told', sized('0'), 'status-409'],
  [
    'says a size as another type',
    (_, response) => void response.writeHead(409, { 'content-type': 'text/plain' }).end('0\n'),
    'answer-content-type',
  ],
  ['does not know the log', (_, response) => void response.writeHead(404).end(), 'status-404'],
  ['refuses the key', (_, response) => void response.writeHead(403).end(), 'status-403'],
  ['refuses the proof', (_, response) => void response.writeHead(422).end(), 'status-422'],
  ['is broken', (_, response) => void response.writeHead(500).end(), 'status-500'],
  ['signs with another key', cosigned((body) => [line(body, NAME, 32)]), 'other-key'],
  ['signs in the name of a member', cosigned((body) => [line(body, 'b.example/candor/mirror')]), 'other-key'],
  [
    'spoils its signature',
    cosigned((body) => [{ ...line(body), bytes: line(body).bytes.with(20, 0).with(21, 0) }]),
    'signature-invalid',
  ],
  [
    'signs at a time that is not yet',
    cosigned((body) => [line(body, NAME, SEED, Math.floor(Date.now() / 1_000) + 3_600)]),
    'time-ahead',
  ],
  [
    'gives two lines of its key',
    cosigned((body) => [line(body), line(body, NAME, SEED, 5)]),
    'answer-unreadable',
  ],
]

function sized(text: string): Answer {
  return (_, response) =>
    void response.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end(`${text}\n`)
}

/** A question that is asked at all is asked by now. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

/** As much as is taken. */
function endlessly(response: ServerResponse): void {
  const more = () => {
    while (!response.destroyed && response.write(Buffer.alloc(65_536)));
  }
  response.on('drain', more)
  response.on('error', () => undefined)
  more()
}

describe('witnesses outside', () => {
  let own: OwnLog
  let witness: HttpWitness
  let heads: CosignedHeads
  let outside: OutsideWitnesses | undefined
  let asks = 0
  const spread: Uint8Array[] = []
  const clock = { ahead: 0, now: () => Date.now() + clock.ahead }

  const start = (change: { url?: string } = {}) => {
    heads = new CosignedHeads({
      primitives: native,
      store: own.store,
      logs: own.logs,
      members: ['a.example', 'b.example'],
      outside: [witness],
      keysOf: () => undefined,
      isStruck: () => false,
      accuse: async () => undefined,
    })
    outside = new OutsideWitnesses({
      primitives: native,
      clock,
      logs: own.logs,
      ownOrigin: ORIGIN,
      heads,
      witnesses: [
        {
          name: witness.name,
          key: witness.key,
          url: change.url ?? witness.url,
          ask: (body, signal) => {
            asks += 1
            return askOutside({ url: change.url ?? witness.url }, body, signal)
          },
        },
      ],
      mayAsk: () => true,
      onCosigned: (note) => spread.push(note),
      settings: { tickMs: 20, paceMs: 0, backOffMs: 10_000, backOffMaxMs: 60_000, refreshSeconds: 60 },
    })
    outside.start()
    return outside
  }
  const standing = () => outside?.standings()[0]

  beforeEach(async () => {
    own = await OwnLog.open()
    witness = await startHttpWitness(NAME, SEED, () => own.keystore.logSigner(1).publicKey)
    spread.length = 0
    clock.ahead = 0
  })

  afterEach(async () => {
    await outside?.stop()
    await witness.stop()
    own.directory.remove()
  })

  it('cosign our newest head, once, and again when it grew', async () => {
    start()
    await until('it cosigned', () => standing()?.cosigned?.size === 1)
    await own.appender.append([own.incident()])
    await until('it cosigned what came since', () => standing()?.cosigned?.size === 2)
    const newest = heads.get(ORIGIN)?.newest
    assert.ok(newest)
    assert.equal(newest.checkpoint.size, 2)
    assert.deepEqual([...cosignersOf(newest, 'outside').keys()], [NAME])
    outside?.look()
    await settled()
    assert.equal(spread.length, 2)
    // One request for the first head; a second one is for the next, with the size that was learnt.
    assert.equal(witness.count(), 2)
  })

  it('never stand in for a member', async () => {
    start()
    await until('it cosigned', () => standing()?.cosigned?.size === 1)
    const known = heads.get(ORIGIN)
    assert.ok(known)
    assert.equal(known.quorum, undefined)
    assert.ok(!isQuorumHead(known.newest, 1))
  })

  it('are asked again before their cosignature is old', async () => {
    start()
    await until('it cosigned', () => standing()?.cosigned !== undefined)
    clock.ahead = 120_000
    // The witness keeps its own time, so it may be asked more than once more before this looks.
    await until('it is asked again', () => witness.count() >= 2)
  })

  it('are asked with the right size by a node that forgot it', async () => {
    start()
    await until('it cosigned', () => standing()?.cosigned !== undefined)
    await outside?.stop()
    await own.appender.append([own.incident(), own.incident()])
    start()
    await until('it cosigned after a 409', () => standing()?.cosigned?.size === 3)
  })

  for (const [what, answer, why] of LIES) {
    it(`leave nothing behind and are asked later when one ${what}`, async () => {
      witness.answer = answer
      start()
      const failing = await until('it failed', () => standing()?.failing)
      assert.equal(failing.why, why)
      assert.equal(heads.get(ORIGIN), undefined)
      await own.appender.append([own.incident()])
      assert.equal(own.log.edge.size, 2)
      const before = asks
      outside?.look()
      await settled()
      assert.equal(asks, before)
      // Cured, it is trusted like any other.
      witness.answer = witness.honest
      clock.ahead = 11_000
      await until('it cosigned', () => standing()?.cosigned?.size === 2)
      assert.equal(standing()?.failing, undefined)
    })
  }

  it('are asked less often with each failure, up to a bound', async () => {
    witness.answer = (_, response) => void response.writeHead(500).end()
    start()
    const waits: number[] = []
    for (const count of [1, 2, 3, 4, 5]) {
      const failing = await until('it failed again', () => witness.count() === count && standing()?.failing)
      await until('it is settled', () => (standing()?.failing?.nextAt ?? 0) > clock.now())
      waits.push(Math.round(((standing()?.failing?.nextAt ?? 0) - clock.now()) / 10_000))
      clock.ahead += 61_000
      assert.ok(failing)
    }
    assert.deepEqual(waits, [1, 2, 4, 6, 6])
  })

  for (const [what, url, why] of [
    ['over plain HTTP to another machine', 'http://witness.example/', 'address-not-secure'],
    ['with a password in its address', 'https://a:b@127.0.0.1/', 'address-malformed'],
    ['with a query in its address', 'https://127.0.0.1/?x', 'address-malformed'],
    ['at an address that is none', 'https://[', 'address-malformed'],
    ['where nothing listens', 'http://127.0.0.1:1/', 'unreachable'],
    ['without TLS where TLS is asked for', 'tls', 'unreachable'],
  ] as const) {
    it(`are not asked ${what}`, async () => {
      start({ url: url === 'tls' ? witness.url.replace('http:', 'https:') : url })
      const failing = await until('it failed', () => standing()?.failing)
      assert.equal(failing.why, why)
    })
  }

  it('that stand still end with the time they have', async () => {
    witness.answer = () => undefined
    const signal = AbortSignal.timeout(50)
    const asked = await askOutside(witness, new Uint8Array(0), signal)
    assert.deepEqual(asked, { ok: false, fault: 'late' })
  })
})

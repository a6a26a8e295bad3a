import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Keystore } from '../../node/keys/keystore.ts'
import { native } from '../../node/keys/native.ts'
import { readConfiguration, writeConfiguration, type Home } from '../../node/home.ts'
import type { PublicKey } from '../../protocol/identity/key.ts'
import { parseCosignatureLines } from '../../protocol/log/add-checkpoint.ts'
import { parseOrigin, parseSignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { verifyCosignature } from '../../protocol/log/cosignature.ts'
import { parsePolicy } from '../../protocol/log/policy.ts'
import { judgeByPolicy } from '../../protocol/log/policy-judge.ts'
import { printVerifierKey, SIGNATURE_TYPE } from '../../protocol/log/note.ts'
import { readCharter } from '../../protocol/governance/charter-file.ts'
import { candor } from '../support/cli.ts'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { freePort } from '../support/port.ts'
import { ForeignLog, post } from '../support/foreign-log.ts'
import { startHttpWitness, type HttpWitness } from '../support/http-witness.ts'
import { INCIDENT } from '../support/fake-service.ts'
import { failToStart, startNode, type NodeProcess } from '../support/process.ts'
import { seededRandom } from '../support/random.ts'
import { until } from '../support/until.ts'

const KILLS = 6

const witnessKey = (home: Home) => Keystore.open(home.keys, undefined).signer('witness').publicKey

/** Turns the witness over HTTP on, for the logs of these verifier keys. */
function serveHttp(home: Home, port: number, vkeys: readonly string[]): void {
  writeFileSync(
    join(home.directory, 'logs.txt'),
    `# known logs\n${vkeys.map((key) => `log ${key}\n`).join('')}`,
  )
  const http = { listen: `127.0.0.1:${port}`, logs: 'logs.txt' }
  writeConfiguration(home, { ...readConfiguration(home), witness: { http } })
}

function homeOf({ members: [member] }: Coalition): Home {
  assert.ok(member)
  return member.home
}

describe('a node that is a witness for the log of others', function () {
  this.timeout(180_000)
  const log = new ForeignLog()
  let coalition: Coalition
  let home: Home
  let port: number
  let node: NodeProcess | undefined

  const start = async () => {
    node = await startNode(home, coalition.charterFile)
    const { client } = node
    await until('the node may cosign', async () => (await client.status()).state === 'ok')
    await until('its witness answers', async () => (await post(port, log.request(0, 0))).status !== 503)
    return node
  }
  /** The time of the line in an answer, once it is verified. */
  const timeOf = (body: Uint8Array, size: number) => {
    const lines = parseCosignatureLines(body)
    assert.ok(lines.ok)
    const cosigner = { name: 'a.example/candor/witness', key: witnessKey(home) }
    const verified = verifyCosignature(native, cosigner, { text: log.text(size), signatures: lines.value })
    assert.ok(verified.ok)
    return verified.value.time
  }

  before(async () => {
    coalition = await makeCoalition(1)
    home = homeOf(coalition)
    port = await freePort()
    serveHttp(home, port, [log.vkey()])
  })

  after(async () => {
    await node?.kill()
    coalition.remove()
  })

  it('cosigns its heads under the witness key that the member declares, and nobody else’s', async () => {
    const { client } = await start()
    const first = await post(port, log.request(0, 7))
    assert.equal(first.status, 200)
    timeOf(first.body, 7)
    assert.equal((await post(port, log.request(7, 12))).status, 200)
    const back = await post(port, log.request(0, 7))
    assert.deepEqual(
      [back.status, back.type, Buffer.from(back.body).toString()],
      [409, 'text/x.tlog.size', '12\n'],
    )
    const stranger = new ForeignLog({ origin: 'other.example' })
    assert.equal((await post(port, stranger.request(0, 7))).status, 404)
    const { origin } = await client.status().then((status) => status.log)
    const ours = new ForeignLog({ origin, seed: 43 })
    assert.equal((await post(port, ours.request(0, 7))).status, 404)
    assert.ok(parseOrigin(origin).ok)
    assert.equal((await client.logs()).length, 1)
  })

  it(`never goes back when it is killed ${KILLS} times between a request and its answer`, async () => {
    const { random, seed } = seededRandom()
    let answered = { size: 12, time: 0 }
    for (let round = 0; round < KILLS; round++) {
      const running = node ?? (await start())
      const sizeBefore = answered.size
      const asking = (async () => {
        for (let size = sizeBefore; ;) {
          const next = Math.min(size + 1, 399)
          const { status, body } = await post(port, log.request(size, next))
          if (status === 429) continue
          // The answer that the last kill cut off was stated all the same: the witness says how far it is.
          if (status === 409) size = Number(Buffer.from(body).toString())
          else assert.equal(status, 200, `a request was refused (seed ${seed})`)
          if (status !== 200) continue
          const time = timeOf(body, next)
          assert.ok(time >= answered.time, `time went back (seed ${seed})`)
          answered = { size: next, time }
          size = next
        }
      })().catch((error: unknown) => {
        if (error instanceof assert.AssertionError) throw error
      })
      await until('something is cosigned', () => answered.size > sizeBefore)
      await sleep(random() * 50)
      await running.kill()
      await asking
      node = undefined
      await start()
      const smaller = await post(port, log.request(0, answered.size - 1))
      assert.equal(smaller.status, 409)
      const kept = Number(Buffer.from(smaller.body).toString())
      assert.ok(kept >= answered.size, `it forgot size ${answered.size} and says ${kept} (seed ${seed})`)
    }
  })

  it('refuses to start with a log of its own coalition among those of others', async () => {
    await node?.stop()
    node = undefined
    const read = readCharter(native, readFileSync(home.charter))
    assert.ok(read.ok)
    const ours = new ForeignLog({ origin: `x.example/candor/${read.value.networkId}/1` })
    serveHttp(home, port, [ours.vkey()])
    const { said } = await failToStart(home, [])
    assert.match(said, /CONFIGURATION/)
    assert.match(said, /log of this coalition/)
  })
})

describe('a coalition whose charter names witnesses outside', function () {
  this.timeout(180_000)
  let theirs: Coalition
  let ours: Coalition
  let stranger: HttpWitness
  let port: number
  const nodes: NodeProcess[] = []
  const logKeys = new Map<string, PublicKey>()

  before(async () => {
    theirs = await makeCoalition(1, { under: 'elsewhere.example' })
    port = await freePort()
    stranger = await startHttpWitness('w.stranger.example', 31, (origin) => logKeys.get(origin))
    const name = 'a.elsewhere.example/candor/witness'
    const witnesses = [
      { name, key: witnessKey(homeOf(theirs)), url: `http://127.0.0.1:${port}` },
      { name: stranger.name, key: stranger.key, url: stranger.url },
    ]
    ours = await makeCoalition(2, { outside: { needed: 2, witnesses } })
  })

  after(async () => {
    for (const node of nodes) await node.kill()
    await stranger.stop()
    for (const coalition of [theirs, ours]) coalition.remove()
  })

  it('counts a node of another coalition, asked over HTTP, beside its own members', async () => {
    const [a, b] = ours.members
    assert.ok(a && b)
    nodes.push(...(await Promise.all([a, b].map(({ home }) => startNode(home, ours.charterFile)))))
    const [node, other] = nodes
    assert.ok(node && other)
    // Neither of the two witnesses outside answers yet, and the log does not wait for them.
    stranger.answer = () => undefined
    const publish = async (title: string) => {
      const content = { kind: 'incident', public: { ...INCIDENT, title } }
      await node.client.publishDraft((await node.client.addDraft(content)).id, 0)
    }
    await until('it may sign', async () => (await node.client.status()).state === 'ok')
    await publish('Before anybody outside')
    const confirmed = await until('the members alone confirm it', async () => {
      const { log } = await node.client.status()
      return log.confirmed.mirrors === 1 && log.size === 2 && log.confirmed
    })
    assert.deepEqual(confirmed.outside, { cosigned: 0, of: 2, needed: 2 })

    const { origin } = (await node.client.status()).log
    const key = Keystore.open(a.home.keys, undefined).logSigner(1).publicKey
    logKeys.set(origin, key)
    const vkey = printVerifierKey(native, { name: origin, type: SIGNATURE_TYPE.ed25519, key })
    serveHttp(homeOf(theirs), port, [vkey])
    nodes.push(await startNode(homeOf(theirs), theirs.charterFile))
    stranger.answer = stranger.honest
    const full = (client: NodeProcess['client']) => async () => {
      const found = (await client.logs()).find((one) => one.origin === origin)
      return found?.confirmed.outside?.cosigned === 2
    }
    await until('both cosigned', full(node.client), 120_000)
    await until('the other member knows it too', full(other.client))
    const shown = await candor(['--home', a.home.directory, 'status'])
    assert.match(shown.out, /outside 2 of 2 needed/)
    assert.match(shown.out, /OUTSIDE WITNESS/)
    const head = (await candor(['--home', a.home.directory, 'log', 'head'])).out
    for (const { name } of [stranger, { name: 'a.elsewhere.example/candor/witness' }])
      assert.ok(head.includes(`— ${name} `))
  })

  it('has heads that meet its policy only with both groups', async () => {
    const [node] = nodes
    assert.ok(node)
    const text = (await candor(['--home', homeOf(ours).directory, 'log', 'policy', 'a.example'])).out
    const policy = parsePolicy(native, Buffer.from(text))
    const head = parseSignedCheckpoint(await node.client.head(undefined))
    assert.ok(policy.ok && head.ok)
    const { checkpoint, note } = head.value
    const verdict = (isKept: (name: string) => boolean) => {
      const signatures = note.signatures.filter(({ name }) => isKept(name))
      const judged = judgeByPolicy(native, policy.value, { checkpoint, note: { ...note, signatures } })
      return judged.ok ? judged.value.quorum : judged.fault
    }
    assert.equal(
      verdict(() => true),
      'met',
    )
    assert.equal(
      verdict((name) => name !== 'b.example/candor/mirror'),
      'not-met',
    )
    assert.equal(
      verdict((name) => name !== stranger.name),
      'not-met',
    )
    assert.equal(
      verdict((name) => name !== 'a.elsewhere.example/candor/witness'),
      'not-met',
    )
  })
})

/**
 * Real nodes around one restricted record, and everyone who may ask for it as a raw peer. The owner (a), a bystander
 * (c) and an observer are processes, whose logs are read; the accreditor (b) runs in the process of the test, so that
 * it can state what no command would. Those who ask with a log (the member d, the suspended member e, the affiliate f) have no
 * node by then: the test has their keys.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { accreditationDocument, accreditationMessage } from '../../protocol/access/accreditation.ts'
import type { Accreditation } from '../../protocol/access/accreditation.ts'
import { combineMarkings, printTerms, RESTRICTED_MARKING } from '../../protocol/access/marking.ts'
import type { Request } from '../../protocol/access/request.ts'
import type { Tier } from '../../protocol/codec/part.ts'
import type { Target } from '../../protocol/codec/statement.ts'
import { parseEntry } from '../../protocol/codec/statement.ts'
import { readCharter } from '../../protocol/governance/charter-file.ts'
import { admitBoxKey } from '../../protocol/identity/key.ts'
import { printOrigin } from '../../protocol/log/checkpoint.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import { clientOf, type Client } from '../../node/api/client.ts'
import { homeAt, initHome, type Home } from '../../node/home.ts'
import { Keystore } from '../../node/keys/keystore.ts'
import { native } from '../../node/keys/native.ts'
import { systemRandom } from '../../node/keys/random.ts'
import { runNode, type RunningNode } from '../../node/run.ts'
import { makeCoalition, type Coalition } from './coalition.ts'
import { startNode, type NodeProcess } from './process.ts'
import { RawRequester, type Owner } from './raw-requester.ts'
import { publishDraft } from './restricted.ts'
import { until } from './until.ts'

const DAY = 86_400

export class AskingWorld {
  readonly coalition: Coalition
  readonly networkId: string
  readonly observerHome: Home
  readonly processes: NodeProcess[] = []
  readonly requesters: RawRequester[] = []
  /** What else is to be stopped. */
  readonly onStop: (() => Promise<void>)[] = []
  running: RunningNode | undefined
  on: Target = { origin: '', index: 0, leaf: new Uint8Array(32) }
  private owner: Owner = { port: 0, peer: '' }

  private constructor(coalition: Coalition) {
    this.coalition = coalition
    const charter = readCharter(native, readFileSync(coalition.charterFile))
    assert.ok(charter.ok)
    this.networkId = charter.value.networkId
    this.observerHome = homeAt(join(coalition.directory, 'observer'))
  }

  static async start(): Promise<AskingWorld> {
    const world = new AskingWorld(await makeCoalition(6, { affiliates: 1, suspended: ['e.example'] }))
    await world.open()
    return world
  }

  async stop(): Promise<void> {
    await Promise.all([...this.requesters.map((one) => one.stop()), ...this.onStop.map((stop) => stop())])
    await Promise.all([this.running?.stop(), ...this.processes.map((node) => node.kill())])
  }

  client(at: 0 | 1 | 2 | 3): Client {
    const home = at === 3 ? this.observerHome : this.member(at).home
    return clientOf({ socket: home.socket, timeoutMs: 20_000, startCommand: 'candor up' })
  }

  member(at: number) {
    const member = this.coalition.members[at]
    assert.ok(member)
    return member
  }

  originOf(at: number): string {
    return printOrigin({ domain: this.member(at).domain, networkId: this.networkId, epoch: 1 })
  }

  /** The record with restricted parts that everybody asks for. */
  async record(): Promise<string> {
    const { entries } = await this.client(0).entries(undefined, this.on.index, 1)
    const entry = entries[0] && parseEntry(entries[0])
    assert.ok(entry?.ok)
    return entry.value.header.subject
  }

  async requester(keystore: Keystore): Promise<RawRequester> {
    const made = await RawRequester.start(keystore, this.networkId, this.owner)
    this.requesters.push(made)
    return made
  }

  /** Somebody new. */
  stranger(name: string): Promise<RawRequester> {
    return this.requester(Keystore.create(join(this.coalition.directory, `keys-${name}`), undefined).keystore)
  }

  /** One of those with a log and without a node: the member d, the suspended member e, the affiliate f. */
  party(at: 3 | 4 | 5): Promise<RawRequester> {
    return this.requester(Keystore.open(this.member(at).home.keys, undefined))
  }

  /** States an accreditation of this requester in the log of b, and has c endorse it. Its id and its place. */
  async accredit({ keystore, box }: RawRequester, changes: Partial<Accreditation>, endorsed = true) {
    const signer = keystore.signer('statement')
    const boxKey = admitBoxKey(box)
    assert.ok(boxKey.ok && this.running)
    const now = Math.floor(Date.now() / 1_000)
    const accreditation: Accreditation = {
      body: 'University of C',
      statementKey: signer.publicKey,
      boxKey: boxKey.value,
      possession: signer.sign(accreditationMessage(this.networkId, signer.publicKey, box)),
      tiers: ['partner', 'research'],
      purposes: ['research'],
      sectors: ['finance', 'health'],
      notBefore: now - 10 * DAY,
      notAfter: now + 60 * DAY,
      ...changes,
    }
    const document = accreditationDocument({ act: 'accredit', accreditation })
    const { publisher } = this.running.node()
    const [placed] = await publisher.publish([{ kind: 'accreditation', public: document }])
    assert.ok(placed)
    const id = Buffer.from(placed.leaf).toString('hex')
    const c = this.client(2)
    await until('c holds it', async () => (await c.accreditations()).some((one) => one.id === id))
    if (endorsed) await c.endorse(id)
    return { id, target: { origin: this.originOf(1), index: placed.index, leaf: placed.leaf } }
  }

  /** A good request for this tier, by whoever asks. */
  request(tier: Tier, { node, box }: RawRequester, changes: Partial<Request>): Request {
    const now = Math.floor(Date.now() / 1_000)
    const marking = combineMarkings([{ tlp: 'CLEAR' }, RESTRICTED_MARKING]) ?? RESTRICTED_MARKING
    return {
      kind: 'request',
      network: this.networkId,
      at: now,
      from: null,
      accreditation: null,
      peer: node,
      box,
      owner: this.originOf(0),
      on: this.on,
      tier,
      items: null,
      purpose: 'research',
      justification: 'We run the same device.',
      recipients: ['Somebody'],
      until: now + 30 * DAY,
      terms: native.sha256(printTerms(marking, '')),
      nonce: systemRandom.bytes(16),
      expires: now + 30 * DAY,
      ...changes,
    }
  }

  private async open(): Promise<void> {
    const { charterFile } = this.coalition
    const who = {
      domain: 'observer.example',
      name: 'An observer',
      sector: 'research',
      listen: [],
      announce: [],
    }
    const made = { ...who, observer: true, passphrase: undefined, now: Date.now() } as const
    initHome({ home: this.observerHome, ...made })
    const start = (home: Home) => startNode(home, charterFile, ['--account-seconds', '1'])
    const b = { home: this.member(1).home, passphrase: undefined, charterFile, tickMs: 200, accountMs: 1_000 }
    const homes = [this.member(0).home, this.member(2).home, this.observerHome]
    const [a, c, observer, ...asking] = await Promise.all(
      [...homes, ...[3, 4, 5].map((at) => this.member(at).home)].map(start),
    )
    assert.ok(a && c && observer)
    this.running = await runNode(b)
    this.processes.push(a, c, observer)
    const all = [a.client, this.client(1), c.client, ...asking.map(({ client }) => client)]
    await until('all may sign', async () =>
      (await Promise.all(all.map((one) => one.status()))).every(({ state }) => state === 'ok'),
    )
    await until('a holds the logs of those who ask', async () =>
      (await Promise.all([3, 4, 5].map((at) => holds(a.client, this.originOf(at))))).every(Boolean),
    )
    await publishDraft(a.client)
    this.owner = { port: this.member(0).port, peer: (await a.client.whoami()).peerId }
    const { entries } = await a.client.entries(undefined, 0, 64)
    const index = entries.findIndex((bytes) => kindOf(bytes) === 'incident')
    const leaf = leafHash(native, entries[index] ?? new Uint8Array(0))
    this.on = { origin: this.originOf(0), index, leaf }
    // Whoever has no standing is told so by an owner that is fresh, and to wait by any other.
    const stranger = await this.stranger('first')
    const signed = stranger.signed(this.request('partner', stranger, {}))
    await stranger.say({ kind: 'request', signed })
    await Promise.all(asking.map((node) => node.stop()))
  }
}

async function holds(client: Client, origin: string): Promise<boolean> {
  return (await client.logs()).some((log) => log.origin === origin && log.size > 0)
}

export function kindOf(bytes: Uint8Array): string | undefined {
  const entry = parseEntry(bytes)
  return entry.ok ? entry.value.statement.kind : undefined
}

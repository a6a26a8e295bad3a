/** A coalition of five processes: four honest nodes, and a member that lies from the process of the test. */
import assert from 'node:assert/strict'
import type { ProofView } from '../../node/api/client.ts'
import { makeCoalition, type Coalition } from './coalition.ts'
import { INCIDENT } from './fake-service.ts'
import type { LogLie } from './lies.ts'
import { startNode, type NodeProcess } from './process.ts'
import type { SignedLeaf } from './signed-log.ts'
import { startTwoFaced, type Face, type TwoFaced } from './two-faced.ts'
import { until } from './until.ts'

/** Entries of the liar's log that everybody holds; more are kept back for what is shown later. */
export const SIZE = 13
const KEPT_BACK = 3

/** Two heartbeats of gossip: by then every honest node has to know what one of them can prove. */
const ROUND_MS = 2_000

export const LIAR = 'a.example'
const HONEST = ['b.example', 'c.example', 'd.example', 'e.example'] as const

type Asked = {
  readonly among?: readonly NodeProcess[]
  readonly from?: number
  readonly convicts?: ProofView['convicts']
}

export class Five {
  readonly coalition: Coalition
  readonly liar: TwoFaced
  nodes: readonly NodeProcess[] = []
  peerIds: readonly string[] = []
  private readonly tickMs: number
  // Those that are shown something else than the truth. Written by `tell` only.
  private deceived: readonly string[] = []

  private constructor(coalition: Coalition, liar: TwoFaced, tickMs: number) {
    this.coalition = coalition
    this.liar = liar
    this.tickMs = tickMs
  }

  /** All are up, may sign, and hold the liar's log as it is. */
  static async start({ tickMs = 500 }: { readonly tickMs?: number } = {}): Promise<Five> {
    const coalition = await makeCoalition(5)
    const five = new Five(coalition, await startTwoFaced(coalition, 0, SIZE - 1 + KEPT_BACK), tickMs)
    five.liar.face = () => five.truth(SIZE)
    five.nodes = await Promise.all(HONEST.map((_, at) => five.startNode(at)))
    await until('all may sign', () => five.every(isReady))
    await until('all hold the log of the liar', () => five.every((node) => holds(node, LIAR, SIZE)))
    five.peerIds = await Promise.all(five.nodes.map(async ({ client }) => (await client.whoami()).peerId))
    return five
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill()))
    await this.liar.stop()
    this.coalition.remove()
  }

  startNode(at: number): Promise<NodeProcess> {
    const home = this.coalition.members[at + 1]?.home
    assert.ok(home)
    return startNode(home, this.coalition.charterFile, ['--tick-ms', `${this.tickMs}`])
  }

  async every(isSo: (node: NodeProcess) => Promise<boolean>, among = this.nodes): Promise<boolean> {
    return (await Promise.all(among.map(isSo))).every(Boolean)
  }

  /** Entries of the liar that nobody has seen. */
  spare(): readonly SignedLeaf[] {
    return this.liar.log.leaves.slice(SIZE)
  }

  truth(size: number): Face {
    return this.signed(this.liar.log.leaves.slice(0, size))
  }

  /** A head over these entries, signed with the liar's log key. */
  signed(leaves: readonly SignedLeaf[]): Face {
    return { note: this.liar.log.noteOf(leaves), leaves }
  }

  /** Shows each honest member what it says, by its place among them, and the truth where it says nothing. */
  tell(face: (at: number) => Face | undefined): void {
    this.deceived = this.peerIds.filter((_, at) => face(at) !== undefined)
    this.liar.told.clear()
    this.liar.face = (peer) => face(this.peerIds.indexOf(peer)) ?? this.truth(SIZE)
  }

  /** Tells a lie in the exchange of heads. */
  lie({ faces, to }: LogLie): void {
    const shown = faces(this)
    this.tell((at) => shown[to[at] ?? shown.length])
  }

  /**
   * Waits until each of these has a proof against that key of the liar, and then asks them when they took it in: no later than one
   * round after `from`, in milliseconds since 1970, which is when the last lie had been told where nothing else is said. What counts
   * is the time at the nodes, not how soon a busy test hears of it.
   */
  async convicts(what: string, { among = this.nodes, from, convicts = 'log' }: Asked = {}): Promise<void> {
    const against = async (node: NodeProcess) =>
      (await proofsOf(node)).filter((proof) => proof.convicts === convicts)
    await until(what, () => this.every(async (node) => (await against(node)).length > 0, among))
    const begun = from ?? Math.max(...this.deceived.map((peer) => this.liar.told.get(peer) ?? 0))
    const sinces = await Promise.all(
      among.map(async (node) => (await against(node)).map(({ since }) => Date.parse(since ?? ''))),
    )
    const tookMs = Math.max(...sinces.map((times) => Math.min(...times))) - begun
    process.stdout.write(`      ${what}: ${tookMs} ms after it was told\n`)
    assert.ok(tookMs <= ROUND_MS, `${what}: after ${tookMs} ms`)
  }

  /**
   * Every honest member publishes, and everywhere its log grows and a quorum confirms that. Nothing honest is frozen on any node:
   * no log is but the liar's, and no proof is held but against keys of the liar.
   */
  async growsOn(): Promise<void> {
    const sizes = await Promise.all(this.nodes.map(async ({ client }) => (await client.status()).log.size))
    for (const { client } of this.nodes) {
      const content = { kind: 'incident', public: { ...INCIDENT, title: 'Business as usual' } }
      await client.publishDraft((await client.addDraft(content)).id, 0)
    }
    for (const [at, domain] of HONEST.entries()) {
      const size = (sizes[at] ?? 0) + 1
      await until(`the log of ${domain} grows and is confirmed everywhere`, () =>
        this.every(async (node) => {
          const { state, confirmed } = await logOf(node, domain)
          assert.notEqual(state, 'forked')
          return state === 'ok' && (confirmed?.quorum?.size ?? 0) >= size
        }),
      )
    }
    for (const { client } of this.nodes) {
      for (const { domain, frozen } of await client.logs())
        assert.ok(domain === LIAR || frozen === undefined, `the log of ${domain} is frozen`)
      for (const { domain } of await client.evidenceList()) assert.equal(domain, LIAR)
    }
  }
}

export async function logOf({ client }: NodeProcess, domain = LIAR) {
  const log = (await client.logs()).find((one) => one.domain === domain)
  return log ?? { size: 0, state: 'empty', frozen: undefined, confirmed: undefined }
}

async function holds(node: NodeProcess, domain: string, size: number): Promise<boolean> {
  return (await logOf(node, domain)).size >= size
}

export async function isReady({ client }: NodeProcess): Promise<boolean> {
  return (await client.status()).state === 'ok'
}

export async function isForked(node: NodeProcess): Promise<boolean> {
  return (await logOf(node)).state === 'forked'
}

export function proofsOf({ client }: NodeProcess): Promise<readonly ProofView[]> {
  return client.evidenceList()
}

export function rewritten(
  leaves: readonly SignedLeaf[],
  at: number,
  by: SignedLeaf | undefined,
): readonly SignedLeaf[] {
  assert.ok(by !== undefined && at < leaves.length)
  return leaves.with(at, by)
}

/** Whoever says anything to an owner in memory, with the right key, and sees what came of it. */
import assert from 'node:assert/strict'
import type { AccessMessage } from '../../protocol/access/message.ts'
import type { AccessStatement } from '../../protocol/access/signed.ts'
import type { GateAnswer } from '../../node/disclosure/gate.ts'
import type { AccessWorld } from './access-world.ts'
import { NOW } from './parties.ts'

/** What was said, and the peer that said it. */
export type Said = { readonly signed: Uint8Array; readonly peer: Uint8Array }

export class AccessDesk {
  /** The owner's clock. */
  now = NOW
  owner: Awaited<ReturnType<AccessWorld['owner']>>
  private readonly world: AccessWorld

  private constructor(world: AccessWorld, owner: Awaited<ReturnType<AccessWorld['owner']>>) {
    this.world = world
    this.owner = owner
  }

  /** An owner that nobody has asked yet. */
  static async open(world: AccessWorld): Promise<AccessDesk> {
    const made: { desk?: AccessDesk } = {}
    const owner = await world.owner(() => made.desk?.now ?? NOW)
    made.desk = new AccessDesk(world, owner)
    return made.desk
  }

  node(at: number): Uint8Array {
    return this.world.parties.party(at).node
  }

  ask(message: AccessMessage, peer = this.node(1)): Promise<GateAnswer> {
    return this.owner.disclosure.answer(message, peer)
  }

  say(kind: 'request' | 'receipt' | 'ack' | 'appeal', { signed, peer }: Said): Promise<GateAnswer> {
    return this.ask({ kind, signed }, peer)
  }

  byReader(statement: AccessStatement): Said {
    return { signed: this.world.signed(statement), peer: this.node(1) }
  }

  byResearcher(statement: AccessStatement): Said {
    const { keystore, node } = this.world.researcher
    return { signed: this.world.signed(statement, keystore.signer('statement')), peer: node }
  }

  /** Nothing is written, not even a line that somebody asked. */
  async leavesNoTrace(work: () => Promise<void>): Promise<void> {
    const { disk, disclosure } = this.owner
    const [rows, { size }] = [disk.size, disclosure.trail.head()]
    await work()
    assert.deepEqual([disk.size, disclosure.trail.head().size], [rows, size])
  }
}

/** An answer in a word, and why its peer pays for it. */
export function refusal({ answer, fault }: GateAnswer): string {
  return `${answer.kind === 'refused' ? answer.reason : answer.kind}${fault === undefined ? '' : `: ${fault}`}`
}

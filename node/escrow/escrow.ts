/**
 * A node's part in escrow: deposits of ours on their way to their holders, deposits of others that we hold a share of, and
 * what we recover of members that are gone. One audit trail with disclosure. DESIGN §6, spec 06 §15.
 */
import { unreachable } from '../../protocol/assert.ts'
import type { EscrowMessage } from '../../protocol/access/escrow-message.ts'
import { Turns } from '../disclosure/turns.ts'
import { bringDeposits } from './depositing.ts'
import { Deposits } from './deposits.ts'
import { ErasureWatch } from './forgetting.ts'
import { KeptDeposits } from './kept.ts'
import { depositState, takeDeposit } from './keeping.ts'
import { WAIT, type Desk, type EscrowAnswered, type EscrowParts } from './parts.ts'
import { depositPublished, openEscrow } from './publishing.ts'
import { gatherAll } from './recovering.ts'
import { checkTerms } from './settings.ts'
import { takeRecall } from './sharing.ts'

export class Escrow {
  readonly desk: Desk
  private readonly erasures: ErasureWatch
  // The round that is under way. Written by `tick` only.
  private round: Promise<void> | undefined
  // Why what was published is not in escrow. Written by `goOn` only.
  private stuck: string | undefined

  constructor(parts: EscrowParts) {
    const { store, sealer } = parts
    const deposits = new Deposits(store, sealer)
    this.desk = { parts, deposits, kept: new KeptDeposits(store, sealer), turns: new Turns() }
    this.erasures = new ErasureWatch(this.desk)
  }

  /** Throws CONFIGURATION where the settings do not fit the charter. */
  async start(): Promise<void> {
    const { settings } = this.desk.parts
    if (settings !== undefined) checkTerms(this.desk.parts, settings, 'CONFIGURATION')
    await this.desk.deposits.open()
    await this.desk.kept.open()
    await openEscrow(this.desk)
  }

  async stop(): Promise<void> {
    await this.round
  }

  /** Why what was published is not in escrow yet, in our words; undefined where nothing is in the way. */
  trouble(): string | undefined {
    return this.stuck
  }

  /** One message over `escrow/1`, from the peer with this key. What fails here is ours to say, and theirs to ask again. */
  async answer(message: EscrowMessage, peer: Uint8Array): Promise<EscrowAnswered> {
    if (!this.desk.parts.mayPublish()) return WAIT
    return this.guarded(() => this.answerNow(message, peer))
  }

  /** Deletes what the log erased by now. */
  heedErasures(): Promise<void> {
    return this.erasures.look()
  }

  /** Goes on with everything, as far as others can be reached. */
  tick(): void {
    if (!this.desk.parts.mayPublish()) return
    this.round ??= this.goOn().finally(() => (this.round = undefined))
  }

  private async goOn(): Promise<void> {
    const { onError } = this.desk.parts
    await this.heedErasures().catch(onError)
    try {
      await depositPublished(this.desk)
      this.stuck = undefined
    } catch (error) {
      const why = error instanceof Error ? error.message : 'unknown'
      if (why !== this.stuck) onError(error)
      this.stuck = why
    }
    await bringDeposits(this.desk).catch(onError)
    await gatherAll(this.desk).catch(onError)
  }

  private async answerNow(message: EscrowMessage, peer: Uint8Array): Promise<EscrowAnswered> {
    switch (message.kind) {
      case 'deposit': {
        const answered = await takeDeposit(this.desk, message, peer)
        const { take } = answered
        if (take === undefined) return answered
        const finish = (ciphertext: Uint8Array) => this.guarded(() => take.finish(ciphertext))
        return { ...answered, take: { length: take.length, finish } }
      }
      case 'recall':
        return takeRecall(this.desk, message.signed, peer)
      case 'state':
        return depositState(this.desk, message.escrow, peer)
      default:
        return unreachable(message)
    }
  }

  private async guarded(work: () => Promise<EscrowAnswered>): Promise<EscrowAnswered> {
    try {
      return await work()
    } catch (error) {
      this.desk.parts.onError(error)
      return WAIT
    }
  }
}

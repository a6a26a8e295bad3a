/**
 * A running node: every part built once, started in order, stopped in reverse. What it may do depends on two
 * things, asked here and nowhere else: the charter, for who may speak, and recovery, for signing.
 */
import { othersOf } from '../protocol/audit/confirmation.ts'
import { equal } from '../protocol/bytes.ts'
import { speakerOf } from '../protocol/governance/charter.ts'
import { NodeError } from './errors.ts'
import type { Held } from './evidence/evidence.ts'
import { native } from './keys/native.ts'
import { sealerOf } from './keys/vault.ts'
import { Appender, type Grown, type Placed, type Proposed } from './log/appender.ts'
import type { ComposerParts } from './log/composer.ts'
import { dailyOf } from './log/daily.ts'
import { closedBy, type Closed } from './log/epochs.ts'
import type { OwnKeys } from './log/own-keys.ts'
import {
  aheadElsewhere,
  contradicted,
  endedLog,
  leafZero,
  logSignerOf,
  mayOpen,
  nodeKeyOf,
  ownFrozen,
  ownKeysOf,
  prepareToSign,
} from './log/own-log.ts'
import { Publisher } from './log/publisher.ts'
import { Recovery, type Recovered } from './log/recovery.ts'
import { Succession } from './log/succession.ts'
import { networkOf, recollectingOf } from './networking.ts'
import type { Network } from './network.ts'
import { standingsOf, type Standings } from './standings.ts'
import { witnessingOf, type Witnessing } from './witness/witnessing.ts'
import { DataSets } from './dataset/data-sets.ts'
import type { ForgottenFiles } from './forgotten-files.ts'
import { Watermarks } from './dataset/watermarks.ts'
import { disclosureOf, forgottenOf, startDisclosing } from './disclosing.ts'
import type { Disclosure } from './disclosure/disclosure.ts'
import { escrowOf, type Escrow } from './escrowing.ts'
import { systemRandom } from './keys/random.ts'
import { Problems, type Problem, type RefusedInput } from './problems.ts'
import { Outgoing } from './outgoing/gate.ts'
import { readOnlyOf, type ReadOnly } from './read-only.ts'
import { openHome, type Opened, type OpenOptions } from './opening.ts'
import type { Clock, Random, Sealer } from './ports.ts'
import { completeSize } from './sync/answerer.ts'
import type { Exchange } from './sync/fetcher.ts'
import { Drafts } from './store/drafts.ts'
import { events } from './events.ts'
import { Scrubber } from './store/scrubber.ts'

export type NodeOptions = OpenOptions & {
  /** How often heads are exchanged and missing members dialled. */
  readonly tickMs: number
  readonly onGrown: (grown: Grown) => void
  /** Mean time between two batches of leaves that account for disclosures; an hour when absent. */
  readonly accountMs?: number
  /** The next epoch of our log is decided: this node is to be stopped and started again. */
  readonly onEpoch?: () => void
}

export class CandorNode {
  readonly opened: Opened
  readonly clock: Clock = { now: () => Date.now() }
  readonly startedAt = this.clock.now()
  readonly drafts: Drafts
  readonly publisher: Publisher
  readonly recovery: Recovery
  readonly scrubber: Scrubber
  readonly random: Random = systemRandom
  readonly sealer: Sealer
  readonly network: Network
  readonly keys: OwnKeys
  readonly succession: Succession
  readonly witnessing: Witnessing
  readonly standings: Standings
  readonly disclosure: Disclosure
  readonly escrow: Escrow
  readonly dataSets: DataSets
  readonly outgoing: Outgoing
  readonly watermarks: Watermarks
  readonly forgotten: ForgottenFiles
  private readonly ownNodeKey: Uint8Array
  private readonly options: NodeOptions
  private appender: Appender | undefined
  private opening: Promise<void> | undefined
  private timer: NodeJS.Timeout | undefined
  private readonly noted = new Problems(this.clock)

  private constructor(options: NodeOptions, opened: Opened, makeNetwork: (node: CandorNode) => Network) {
    this.options = options
    this.opened = opened
    this.sealer = sealerOf(opened.keystore.vaultKey())
    this.drafts = new Drafts(opened.database, this.sealer)
    this.network = makeNetwork(this)
    this.keys = ownKeysOf(opened)
    this.ownNodeKey = nodeKeyOf(opened)
    this.succession = new Succession({
      logs: opened.logs,
      keystore: opened.keystore,
      store: opened.database,
      domain: opened.member.domain,
      ownOrigin: opened.origin,
      rootKey: opened.member.root,
      appender: () => this.appender,
      confirmedSize: (origin) => this.confirmedSize(origin),
      frozen: (origin) => opened.evidence.frozen(origin),
      onDecided: () => options.onEpoch?.(),
    })
    this.recovery = new Recovery({
      clock: this.clock,
      others: () => this.network.voters().map(({ contact }) => contact.peer),
      count: othersOf(opened.charter, opened.origin),
      connected: () => this.network.connectedPeers(),
      heldSize: () => this.ownSize(),
      hasSigned: opened.keystore.memory().signed === 'ever',
      isRestored: opened.history === 'restored',
      fault: opened.logs.faultOf(opened.origin),
      onRecovered: (how) => this.onRecovered(how),
    })
    this.witnessing = witnessingOf(opened, {
      clock: this.clock,
      network: this.network,
      signers: (role) => this.keys.signers(role),
      isRecovered: () => this.recovery.isRecovered(),
      tickMs: options.tickMs,
    })
    this.standings = standingsOf(opened, this)
    this.scrubber = new Scrubber(opened.logs, opened.database, events.failed)
    this.outgoing = new Outgoing({ ...opened, clock: this.clock })
    this.publisher = new Publisher({
      clock: this.clock,
      drafts: this.drafts,
      appender: () => this.writer(),
      composer: () => this.composer(),
      admit: (draft) => this.outgoing.admit(draft),
      onKept: events.failed,
    })
    this.disclosure = disclosureOf(this, opened, options.accountMs)
    this.escrow = escrowOf(this, opened)
    this.dataSets = new DataSets(opened.home.dataSets, this.sealer)
    this.watermarks = new Watermarks(this.dataSets)
    this.forgotten = forgottenOf(this)
  }

  static async start(options: NodeOptions): Promise<CandorNode> {
    const opened = await openHome(options)
    const made: { node?: CandorNode } = {}
    try {
      const network = await networkOf(opened, options, {
        clock: { now: () => Date.now() },
        mayWriteOwn: () => made.node?.recovery.current().kind === 'asking' || !mayOpen(opened),
        mayShowOwn: () => made.node?.recovery.isRecovered() === true,
        recollecting: recollectingOf(opened, () => made.node),
        onExchange: (exchange) => made.node?.onExchange(exchange),
        note: (refusal) => made.node?.note(refusal),
      })
      const node = new CandorNode(options, opened, () => network)
      made.node = node
      opened.evidence.judgeEpochsBy((origin) => node.closedBy(origin))
      opened.evidence.onNew((held) => node.onProof(held))
      await network.start()
      await node.witnessing.start()
      await startDisclosing(node)
      node.timer = setInterval(() => node.tick(), options.tickMs)
      node.tick()
      node.publisher.start()
      node.scrubber.start()
      return node
    } catch (error) {
      await opened.database.close()
      throw error
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.timer)
    this.publisher.stop()
    await this.escrow.stop()
    await this.disclosure.stop()
    await this.scrubber.stop()
    this.succession.stop()
    await this.witnessing.stop()
    await this.network.stop()
    await this.opening
    await this.appender?.stop()
    await this.standings.lookAtAll().catch(events.failed)
    await this.opened.database.close()
  }

  private tick(): void {
    if (this.opened.role === 'member') this.recovery.check()
    this.standings.lookAtAll().catch(events.failed)
    this.disclosure.tick()
    this.escrow.tick()
  }

  /** Why the node is read-only, or undefined when it may publish. */
  readOnly(): ReadOnly | undefined {
    const { opened, startedAt, recovery, appender } = this
    return readOnlyOf({ opened, startedAt, recovery, appender })
  }

  /** Appends statements that were signed elsewhere. */
  append(proposed: readonly Proposed[]): Promise<readonly Placed[]> {
    return this.writer().append(proposed)
  }

  /** The public key of the libp2p identity that this process runs under. */
  nodeKey(): Uint8Array {
    return this.ownNodeKey
  }

  problems(): readonly Problem[] {
    return this.noted.list()
  }

  peerId(): string {
    return this.network.peerId()
  }

  /** The epoch after this one, if a next epoch of that member is held. Later heads of a closed epoch are void. */
  closedBy(origin: string): Closed | undefined {
    return closedBy(this.opened.logs, origin, (of) => this.confirmedSize(of))
  }

  /** The size of the newest head that a quorum confirmed; where there is nobody else, of the newest signed one. */
  confirmedSize(origin: string): number {
    const { logs, cosigned } = this.opened
    if (cosigned.othersOf(origin) > 0) return cosigned.get(origin)?.quorum?.checkpoint.size ?? 0
    const log = logs.get(origin)
    return log === undefined ? 0 : completeSize(log)
  }

  /** A head that we signed and do not hold means that a second node has our keys, or that this database is older. */
  private onExchange(exchange: Exchange): void {
    if (this.opened.role === 'observer') return
    this.recovery.onExchange(exchange)
    const from = this.network.voters().find(({ contact }) => contact.peer === exchange.peer)
    if (from !== undefined) this.disclosure.freshness.heard(from.contact.domain, exchange.heads)
    this.onAhead(exchange.own)
  }

  private onAhead(elsewhere: number): void {
    if (!this.recovery.isRecovered() || elsewhere <= this.ownSize()) return
    this.appender?.fail(aheadElsewhere(elsewhere))
  }

  /** Our own log key signed two histories: whoever did it, nothing more is signed with it. */
  private onProof({ convicted }: Held): void {
    if (convicted.kind === 'log' && convicted.origin === this.opened.origin) this.appender?.fail(ownFrozen())
  }

  /** Somebody showed a head of ours that contradicts what we hold. */
  private onConflict(): void {
    this.recovery.onConflict()
    this.appender?.fail(contradicted())
  }

  private note(refusal: RefusedInput): void {
    if (refusal.origin === this.opened.origin && refusal.fault === 'head-conflict') this.onConflict()
    this.noted.note(refusal)
  }

  private ownSize(): number {
    const log = this.opened.logs.get(this.opened.origin)
    return log === undefined ? 0 : Math.max(log.edge.size, completeSize(log))
  }

  private writer(): Appender {
    const readOnly = this.readOnly()
    if (readOnly !== undefined) throw readOnly.error
    if (this.appender === undefined) throw new NodeError('READ_ONLY', 'the log is being opened')
    return this.appender
  }

  private onRecovered(how: Recovered): void {
    this.openWriter(how)
    this.witnessing.onRecovered(how).catch((error: unknown) => this.appender?.fail(error))
  }

  private openWriter(how: Recovered): void {
    const { logs, origin, keystore, evidence } = this.opened
    if (evidence.frozen(origin) !== undefined || endedLog(this.opened) !== undefined) return
    const failure = prepareToSign(keystore, how)
    const appender = new Appender({
      primitives: native,
      logs,
      origin,
      signer: logSignerOf(this.opened),
      sealer: this.sealer,
      daily: dailyOf(this.opened.dayCounts, this.opened.member.domain, this.clock),
      onGrown: (grown) => {
        this.network.announce(grown)
        this.witnessing.onGrown()
        this.options.onGrown(grown)
      },
    })
    this.appender = appender
    if (failure !== undefined) return appender.fail(failure)
    this.opening = this.openLog(appender).catch((error: unknown) => appender.fail(error))
  }

  private async openLog(appender: Appender): Promise<void> {
    const { logs, origin, charter, member } = this.opened
    const log = await logs.ensure(origin)
    const speaker = speakerOf(charter, origin)
    if (speaker === undefined || !equal(speaker.root, member.root)) {
      throw new NodeError('NOT_ALLOWED', `the charter does not let ${member.domain} speak`)
    }
    await appender.start()
    if (log.edge.size > 0) return
    await appender.append([leafZero(this.opened, this.composer())])
  }

  private composer(): ComposerParts {
    return {
      primitives: native,
      origin: this.opened.origin,
      signer: this.keys.signer('statement'),
      random: this.random,
      clock: this.clock,
    }
  }
}

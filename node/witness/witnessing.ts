/**
 * A node's part in witnessing: it cosigns the logs of others, gathers cosignatures on its own, and keeps what it knows
 * of both. DESIGN §4.3 to §4.5.
 */
import { standingOf } from '../../protocol/governance/standing.ts'
import type { CharterState } from '../../protocol/governance/charter.ts'
import { speakerOf } from '../../protocol/governance/charter.ts'
import type { CosignerRole } from '../../protocol/log/cosignature.ts'
import { nameOf } from '../../protocol/log/cosigned-head.ts'
import { SIGNATURE_TYPE } from '../../protocol/log/note.ts'
import { parseSignedCheckpoint, printBare } from '../../protocol/log/checkpoint.ts'
import type { PolicyLog } from '../../protocol/log/policy.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import type { Evidence } from '../evidence/evidence.ts'
import { events } from '../events.ts'
import { native } from '../keys/native.ts'
import { keysOfEpochs } from '../log/epochs.ts'
import type { Recovered } from '../log/recovery.ts'
import type { Clock, KeyValue, Operation, Signer } from '../ports.ts'
import { sizeOf } from '../store/log.ts'
import type { Logs } from '../store/logs.ts'
import { Collector, COLLECTOR_SETTINGS, type WitnessPeer } from './collector.ts'
import { CosignedHeads } from './cosigned-heads.ts'
import { Cosigner } from './cosigner.ts'
import { ForeignCosigner } from './foreign.ts'
import { OUTSIDE_SETTINGS, OutsideWitnesses, type OutsidePeer } from './outside.ts'
import { Recollection } from './recollection.ts'
import { damagedRecords, type DamagedRecord, type RecordsParts } from './records.ts'
import { compareRefused, type RefusedHeadsParts } from './refused-heads.ts'
import { SuspectKeys } from './suspect-keys.ts'

/** What witnessing needs of the running node. */
export type WitnessingNode = {
  readonly clock: Clock
  readonly network: {
    readonly witnesses: () => readonly WitnessPeer[]
    readonly outsideWitnesses: () => readonly OutsidePeer[]
    readonly spread: (note: Uint8Array) => void
    readonly explain: RefusedHeadsParts['explain']
    readonly serveWitness: (cosign: Cosigner['answer']) => Promise<void>
    readonly serveWitnessHttp: (cosign: Cosigner['answer']) => Promise<void>
    readonly verifier: {
      readonly refusalOf: (origin: string) => unknown
      readonly receive: (note: Uint8Array, chunk: null) => Promise<{ readonly kind: string }>
    }
  }
  readonly signers: (role: CosignerRole) => readonly Signer[]
  /** Until then we cosign nothing, and show nobody a head of our own. */
  readonly isRecovered: () => boolean
  readonly tickMs: number
}

export type WitnessingHome = {
  readonly database: KeyValue
  readonly logs: Logs
  readonly charter: CharterState
  readonly evidence: Evidence
  readonly cosigned: CosignedHeads
  readonly foreign: readonly PolicyLog[] | undefined
  readonly member: { readonly domain: string }
  readonly origin: string
}

type WitnessingParts = {
  readonly cosigner: Cosigner
  readonly foreign: ForeignCosigner | undefined
  readonly collector: Collector
  readonly outside: OutsideWitnesses
  readonly network: WitnessingNode['network']
  readonly own: OwnCosigners
  readonly records: RecordsParts
  readonly recollection: Recollection
}

export class Witnessing {
  readonly cosigner: Cosigner
  readonly recollection: Recollection
  readonly outside: OutsideWitnesses
  private readonly foreign: ForeignCosigner | undefined
  private readonly collector: Collector
  private readonly network: WitnessingNode['network']
  private readonly own: OwnCosigners
  private readonly records: RecordsParts

  constructor(parts: WitnessingParts) {
    this.cosigner = parts.cosigner
    this.foreign = parts.foreign
    this.collector = parts.collector
    this.outside = parts.outside
    this.network = parts.network
    this.own = parts.own
    this.records = parts.records
    this.recollection = parts.recollection
  }

  /** Our own log grew. */
  onGrown(): void {
    this.collector.onGrown()
    this.outside.look()
  }

  /** Our own log is recovered. After a restore the old cosigner keys may have stated more than we know. */
  async onRecovered(how: Recovered): Promise<void> {
    // A crash may have come between the last head and the cosignatures on it.
    this.onGrown()
    await this.own.open(how)
  }

  /** Roles in which nothing is cosigned before a new key is there. */
  rolesWithoutKey(): readonly CosignerRole[] {
    return ROLES.filter((role) => this.own.signers(role).length === 0)
  }

  /** Records of what we stated that are damaged or lost. Nothing is cosigned on top of one that cannot be read. */
  damagedRecords(): Promise<readonly DamagedRecord[]> {
    return damagedRecords(this.records)
  }

  /**
   * Gives up what is damaged, and with it the keys that stated it: they cosign nothing again, before their record goes.
   * Returns the roles that need a new key.
   */
  async giveUpDamaged(): Promise<readonly CosignerRole[]> {
    const damaged = await this.damagedRecords()
    const roles = ROLES.filter((one) => damaged.some(({ role }) => role === one))
    await this.own.giveUp(roles)
    const operations = damaged.map(({ key }): Operation => ({ type: 'del', key }))
    await this.records.store.batch(operations, 'durable')
    return roles
  }

  async start(): Promise<void> {
    const { cosigner, foreign, network } = this
    await network.serveWitness((body) => cosigner.answer(body))
    if (foreign !== undefined) await network.serveWitnessHttp((body) => foreign.answer(body))
    this.collector.start()
    this.outside.start()
  }

  async stop(): Promise<void> {
    await Promise.all([this.collector.stop(), this.outside.stop()])
  }
}

const ROLES: readonly CosignerRole[] = ['witness', 'mirror']

/** Our cosigner keys that may be used: those in force, but none that a restored backup or a lost record made suspect. */
class OwnCosigners {
  private readonly suspects: SuspectKeys
  private readonly inForce: WitnessingNode['signers']
  private isOpen = false

  constructor(suspects: SuspectKeys, inForce: WitnessingNode['signers']) {
    this.suspects = suspects
    this.inForce = inForce
  }

  async open(how: Recovered): Promise<void> {
    if (how === 'restored') await this.giveUp(ROLES)
    this.isOpen = true
  }

  /** The keys of these roles cosign nothing again. */
  async giveUp(roles: readonly CosignerRole[]): Promise<void> {
    if (roles.length === 0) return
    await this.suspects.add(roles.flatMap((role) => this.inForce(role).map(({ keyId }) => keyId)))
  }

  mayCosign(): boolean {
    return this.isOpen && this.signers('witness').length > 0
  }

  signers(role: CosignerRole): readonly Signer[] {
    return this.inForce(role).filter(({ keyId }) => !this.suspects.has(keyId))
  }
}

/** Often enough that a quiet log stays fresh within the charter's bound (DESIGN §6). */
function refreshSeconds({ document }: CharterState): number {
  return Math.min(COLLECTOR_SETTINGS.refreshSeconds, Math.ceil(document.stalenessSeconds / 3))
}

export function witnessingOf(home: WitnessingHome, node: WitnessingNode): Witnessing {
  const { database, logs, charter, evidence, cosigned, member, origin: ownOrigin } = home
  const { clock, network, isRecovered, tickMs } = node
  const own = new OwnCosigners(new SuspectKeys(database), node.signers)
  const isFrozen = (origin: string) => evidence.frozen(origin) !== undefined
  const comparing: RefusedHeadsParts = {
    logs,
    evidence,
    receive: (note) => network.verifier.receive(note, null),
    explain: (domain, note) => network.explain(domain, note),
  }
  const cosigner = new Cosigner({
    primitives: native,
    clock,
    store: database,
    logs,
    ownDomain: member.domain,
    signers: (role) => own.signers(role),
    mayCosign: () => isRecovered() && own.mayCosign(),
    isMember: (origin) => speakerOf(charter, origin) !== undefined,
    isFrozen,
    isStopped: (origin) => network.verifier.refusalOf(origin) !== undefined,
    remember: (note) =>
      remember(logs, { verifier: network.verifier, spread: (head) => network.spread(head) }, note),
    onRefused: (refused) => void compareRefused(comparing, refused).catch(events.failed),
  })
  const gathering = {
    clock,
    logs,
    ownOrigin,
    heads: cosigned,
    // Before we know how far our log goes elsewhere, the newest head here may be one that a backup brought back.
    mayAsk: () => isRecovered() && !isFrozen(ownOrigin),
    onCosigned: (note: Uint8Array) => network.spread(note),
  }
  const peers = () => network.witnesses()
  const collector = new Collector({
    ...gathering,
    peers,
    settings: { ...COLLECTOR_SETTINGS, refreshSeconds: refreshSeconds(charter), tickMs },
  })
  const outside = new OutsideWitnesses({
    ...gathering,
    primitives: native,
    witnesses: network.outsideWitnesses(),
    settings: { ...OUTSIDE_SETTINGS, tickMs },
  })
  const foreign = foreignOf(home, node, own)
  const records = {
    primitives: native,
    store: database,
    logs,
    heads: cosigned,
    ownDomain: member.domain,
    signers: (role: CosignerRole) => own.signers(role),
    foreign: home.foreign ?? [],
  }
  const recollection = recollectionOf(home, own, records)
  return new Witnessing({ cosigner, foreign, collector, outside, network, own, records, recollection })
}

/** What others remember of our cosigners, heard wherever a line of ours comes from. */
function recollectionOf(
  { charter, cosigned }: WitnessingHome,
  own: OwnCosigners,
  records: RecordsParts,
): Recollection {
  const recollection = new Recollection({
    ...records,
    charter,
    giveUp: async (role, origin) => {
      await own.giveUp(ROLES)
      events.cosigningStopped(role, origin)
    },
  })
  cosigned.onVerified((head) => recollection.heed(head))
  return recollection
}

/** Our witness for the logs of others, where it is turned on. */
function foreignOf(
  home: WitnessingHome,
  node: WitnessingNode,
  own: OwnCosigners,
): ForeignCosigner | undefined {
  if (home.foreign === undefined) return undefined
  return new ForeignCosigner({
    primitives: native,
    clock: node.clock,
    store: home.database,
    ownDomain: home.member.domain,
    signers: () => own.signers('witness'),
    mayCosign: () => node.isRecovered() && own.mayCosign(),
    known: home.foreign,
  })
}

/** Hands a head to the verifier, and looks whether it is among what was seen of its log. */
async function remember(
  logs: Logs,
  { verifier, spread }: Pick<WitnessingNode['network'], 'verifier' | 'spread'>,
  note: Uint8Array,
): Promise<boolean> {
  const signed = parseSignedCheckpoint(note)
  if (!signed.ok) return false
  const { kind } = await verifier.receive(note, null)
  // Its entries are not here, and perhaps nowhere: another witness may be shown another head of this size.
  if (kind === 'behind') spread(printBare(signed.value))
  const log = logs.get(signed.value.checkpoint.origin)
  const seen = Math.max(sizeOf(log?.pending), sizeOf(log?.complete))
  return kind !== 'refused' && kind !== 'frozen' && seen >= signed.value.checkpoint.size
}

/** The store of cosigned heads over what this node holds. */
export function cosignedHeadsOf(
  primitives: Primitives,
  store: KeyValue,
  logs: Logs,
  charter: CharterState,
  evidence: Evidence,
): CosignedHeads {
  const heads = new CosignedHeads({
    primitives,
    store,
    logs,
    members: charter.document.members.map(({ domain }) => domain),
    keysOf: (domain) => (standingOf(charter, domain) === 'member' ? keysOfEpochs(logs, domain) : undefined),
    outside: charter.document.outside?.witnesses ?? [],
    isStruck: ({ domain, role, key }) => {
      const name = nameOf({ domain, role })
      return evidence.against({ name, type: SIGNATURE_TYPE.cosignature, key }) !== undefined
    },
    accuse: (two) => evidence.consider(two, 'cosignatures that were compared'),
  })
  heads.open()
  evidence.onNew(({ convicted }) => {
    if (convicted.kind === 'cosigner') heads.strike().catch(events.failed)
  })
  return heads
}

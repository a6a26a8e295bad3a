/** Opening a home: charter, keys, database and logs, checked against one another before anything starts. */
import { existsSync } from 'node:fs'
import { type CharterState, partyOf, rootKeyOf, unsignedBy } from '../protocol/governance/charter.ts'
import { equal } from '../protocol/bytes.ts'
import type { Descriptor } from '../protocol/identity/member.ts'
import { printOrigin } from '../protocol/log/checkpoint.ts'
import type { PolicyLog } from '../protocol/log/policy.ts'
import { openCharter, ownPlace, readCharterFile } from './charter.ts'
import { NodeError } from './errors.ts'
import { Evidence } from './evidence/evidence.ts'
import { readForeignLogs } from './foreign-logs.ts'
import { readConfiguration, readMember, type Configuration, type Home } from './home.ts'
import { writeFileDurably } from './keys/files.ts'
import { Keystore } from './keys/keystore.ts'
import { native, selfTest } from './keys/native.ts'
import type { Passphrase } from './keys/unlock.ts'
import { settleEpochs } from './log/succession.ts'
import { countStart } from './starts.ts'
import { AddressBook } from './store/addresses.ts'
import { openDatabase, type Database } from './store/database.ts'
import { events } from './events.ts'
import { DayCounts } from './store/day-counts.ts'
import { Damages, sentenceOf } from './store/damage.ts'
import { Logs } from './store/logs.ts'
import { isSalvaged, salvageDatabase } from './store/salvage.ts'
import { finishVaultRotation } from './vault-rotation.ts'
import type { CosignedHeads } from './witness/cosigned-heads.ts'
import { cosignedHeadsOf } from './witness/witnessing.ts'

export type OpenOptions = {
  readonly home: Home
  readonly passphrase: Passphrase
  /** A charter file to take into the home; the one there otherwise. */
  readonly charterFile?: string
  readonly overrides?: Partial<Configuration>
  /** Makes an unreadable database readable first. */
  readonly repair?: { readonly now: number }
}

export type Opened = {
  readonly home: Home
  readonly configuration: Configuration
  readonly charter: CharterState
  readonly charterBytes: Uint8Array
  readonly member: Descriptor
  /** An observer is not in the charter: it has no log, cosigns nothing and discloses nothing. */
  readonly role: 'member' | 'observer'
  /** Of our own log: of the newest epoch whose log key lies in the keystore. */
  readonly origin: string
  readonly keystore: Keystore
  readonly database: Database
  readonly logs: Logs
  readonly dayCounts: DayCounts
  readonly evidence: Evidence
  readonly cosigned: CosignedHeads
  readonly addresses: AddressBook
  /** Logs of others for which we are a witness over HTTP; undefined where that is off. */
  readonly foreign: readonly PolicyLog[] | undefined
  /** Stored proofs that cannot be read. Damaged logs are named in `logs.damages`. */
  readonly damaged: readonly NodeError[]
  /** Whether keystore and database come from one history, or one of them from a backup. */
  readonly history: 'continued' | 'restored'
}

export async function openHome(options: OpenOptions): Promise<Opened> {
  const { home, passphrase } = options
  selfTest()
  const member = readMember(home)
  const configuration = readConfiguration(home, options.overrides)
  const who = { member, mayObserve: configuration.observer === true }
  const { bytes: charterBytes, charter } = takeCharter(home, options.charterFile, who)
  const role = partyOf(charter, member.domain) === undefined ? 'observer' : 'member'
  const keystore = Keystore.open(home.keys, passphrase)
  if (!keystore.signers('node').some(({ publicKey }) => equal(publicKey, member.node))) {
    throw new NodeError(
      'CONFIGURATION',
      `the keystore in ${home.keys} does not belong to the member of this home`,
    )
  }
  const file = configuration.witness?.http.logs
  const foreign = file === undefined ? undefined : readForeignLogs(home.directory, file, charter.networkId)
  if (options.repair !== undefined) await salvageDatabase(home.database, options.repair.now)
  const database = await openDatabase(home.database)
  const moved = await finishVaultRotation(keystore, database, home.dataSets)
  if (moved !== undefined) events.resealed(moved.values)
  const epoch = await settleEpochs(database, keystore)
  const history = await countStart(keystore, database)
  const damages = new Damages((damage) => events.damaged(sentenceOf(damage)))
  const logs = new Logs(native, database, damages)
  await logs.open((origin) => rootKeyOf(charter, origin))
  const evidence = new Evidence({
    primitives: native,
    store: database,
    clock: { now: () => Date.now() },
    accounts: () => ({ charter, logs: declared(logs) }),
  })
  const lost = await evidence.open()
  const cosigned = cosignedHeadsOf(native, database, logs, charter, evidence)
  const addresses = new AddressBook(database)
  await addresses.open()
  const origin = printOrigin({ domain: member.domain, networkId: charter.networkId, epoch })
  const isPartial = await isSalvaged(database)
  if (isPartial) logs.distrust(origin, 'parts of the database were unreadable and are gone')
  return {
    home,
    configuration,
    charter,
    charterBytes,
    member,
    role,
    origin,
    keystore,
    database,
    logs,
    dayCounts: new DayCounts(database, charter.document.caps),
    evidence,
    cosigned,
    addresses,
    foreign,
    damaged: lost,
    // What was given up may be what was cosigned last: that is a database of an earlier day.
    history: isPartial ? 'restored' : history,
  }
}

/** The keys that the logs held here declare. */
function declared(logs: Logs) {
  return logs
    .all()
    .flatMap(({ origin, keys, edge: { size } }) => (keys === undefined ? [] : [{ origin, keys, size }]))
}

type Who = { readonly member: Descriptor; readonly mayObserve: boolean }

type TakenCharter = { readonly bytes: Uint8Array; readonly charter: CharterState }

/** Reads the home's charter, or takes a given one in once it is checked. A home belongs to one network for good. */
function takeCharter(home: Home, file: string | undefined, who: Who): TakenCharter {
  const held = existsSync(home.charter) ? readCharterFile(home.charter) : undefined
  if (file === undefined) {
    if (held !== undefined) return { bytes: held, charter: checkCharter(held, home.charter, who) }
    throw new NodeError('HOME_MISSING', `${home.directory} has no charter yet`, {
      fix: 'candor up --charter FILE',
    })
  }
  const bytes = readCharterFile(file)
  const charter = checkCharter(bytes, file, who)
  if (held !== undefined && openCharter(held, home.charter).networkId !== charter.networkId) {
    throw new NodeError('CONFLICT', `${file} is the charter of another network than this home's`, {
      fix: 'candor init --home DIR, for a home of its own',
    })
  }
  writeFileDurably(home.charter, bytes, 0o600)
  return { bytes, charter }
}

function checkCharter(bytes: Uint8Array, file: string, { member, mayObserve }: Who): CharterState {
  const charter = openCharter(bytes, file)
  const missing = unsignedBy(charter)
  if (missing.length > 0) {
    throw new NodeError('CHARTER_UNSIGNED', `${file} still lacks the signatures of ${missing.join(', ')}`, {
      fix: 'candor charter sign FILE, at each of them',
    })
  }
  // Whoever takes a member's domain is held to be that member, or nobody.
  if (!mayObserve || partyOf(charter, member.domain) !== undefined) ownPlace(charter, member)
  return charter
}

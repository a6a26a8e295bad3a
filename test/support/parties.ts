/**
 * Members of one coalition with real keys and logs, in memory: an owner with a restricted record, a reader, and others
 * who accredit. Each has a store that a test copies as often as it likes; nothing here runs by itself.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  accreditationDocument,
  accreditationMessage,
  type Accreditation,
  type AccreditationAct,
} from '../../protocol/access/accreditation.ts'
import { parseEntry, type Target } from '../../protocol/codec/statement.ts'
import { readCharter } from '../../protocol/governance/charter-file.ts'
import { rootKeyOf, type CharterState } from '../../protocol/governance/charter.ts'
import { admitBoxKey } from '../../protocol/identity/key.ts'
import { printOrigin } from '../../protocol/log/checkpoint.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import { Keystore } from '../../node/keys/keystore.ts'
import { native } from '../../node/keys/native.ts'
import { systemRandom } from '../../node/keys/random.ts'
import { sealerOf } from '../../node/keys/vault.ts'
import { Appender, type Placed, type Proposed } from '../../node/log/appender.ts'
import { composeMany, type ComposerParts, type Content } from '../../node/log/composer.ts'
import { composeGenesis } from '../../node/log/genesis.ts'
import type { KeyValue, Sealer } from '../../node/ports.ts'
import { Logs } from '../../node/store/logs.ts'
import { makeCoalition, type Coalition } from './coalition.ts'
import { MemoryKeyValue } from './memory-kv.ts'

/** The time of every test over these parties. */
export const NOW = Date.UTC(2026, 10, 23, 12)

/** Words of the restricted parts. They may stand in no byte that leaves unsealed, and on no disk. */
export const SECRETS = ['zanzibar-quokka-4711', 'xylophone-walrus-0815'] as const

export const RECORD = {
  kind: 'incident',
  public: { title: 'The alarm that was ignored', sectors: ['health'], policy: { tlp: 'CLEAR' } },
  partner: {
    narrative: `The device of ${SECRETS[0]} was misread.`,
    near_miss_barrier: 'An alarm that is tested weekly.',
    policy: { tlp: 'AMBER' },
  },
  research: { samples: [{ prompt: `dose for ${SECRETS[1]}`, output: '12 mg' }] },
} as const satisfies Content

export type Party = {
  readonly domain: string
  readonly origin: string
  readonly keystore: Keystore
  readonly sealer: Sealer
  readonly box: Uint8Array
  readonly node: Uint8Array
}

/** A researcher: two keys and no log. */
export type Researcher = {
  readonly keystore: Keystore
  readonly box: Uint8Array
  readonly node: Uint8Array
}

export class Parties {
  readonly charter: CharterState
  readonly directory: string
  private readonly coalition: Coalition
  private readonly parties: readonly Party[]
  private readonly stores: readonly MemoryKeyValue[]

  private constructor(coalition: Coalition) {
    const charter = readCharter(native, readFileSync(coalition.charterFile))
    if (!charter.ok) throw new Error('bug: the charter of the test is valid')
    this.charter = charter.value
    this.coalition = coalition
    this.directory = coalition.directory
    const { networkId } = charter.value
    this.parties = coalition.members.map(({ domain, home }) => {
      const keystore = Keystore.open(home.keys, undefined)
      const origin = printOrigin({ domain, networkId, epoch: 1 })
      return { domain, origin, keystore, sealer: sealerOf(keystore.vaultKey()), ...publicKeys(keystore) }
    })
    this.stores = this.parties.map(() => new MemoryKeyValue())
  }

  /** Logs with their first entry each; the owner is the first member, the reader the second. */
  static async make(count: number, accreditors: readonly string[] = []): Promise<Parties> {
    const made = new Parties(await makeCoalition(count, { accreditors }))
    for (const [at, { keystore }] of made.parties.entries())
      await made.append(at, (composer) => [composeGenesis(keystore, composer)])
    return made
  }

  remove(): void {
    this.coalition.remove()
  }

  party(at: number): Party {
    const found = this.parties[at]
    if (found === undefined) throw new Error('bug: no such party')
    return found
  }

  /** What lies on the disk of this member. */
  store(at: number): MemoryKeyValue {
    const found = this.stores[at]
    if (found === undefined) throw new Error('bug: no such store')
    return found.copy()
  }

  async logsIn(store: KeyValue): Promise<Logs> {
    const logs = new Logs(native, store)
    await logs.open((origin) => rootKeyOf(this.charter, origin))
    return logs
  }

  /** Says something in the log of a member; nobody else holds it before `share`. */
  async say(at: number, content: Content): Promise<Target> {
    const places = await this.append(at, (composer) => composeMany(composer, [content]))
    const [placed] = places
    if (placed === undefined) throw new Error('bug: it was placed')
    return { origin: this.party(at).origin, index: placed.index, leaf: placed.leaf }
  }

  sayOf(at: number, act: AccreditationAct, on?: Target): Promise<Target> {
    const content = { kind: 'accreditation', public: accreditationDocument(act) }
    return this.say(at, on === undefined ? content : { ...content, on })
  }

  /** Every member holds every log as it is now. */
  async share(): Promise<void> {
    for (const [to, store] of this.stores.entries()) await this.bring(to, await this.logsIn(store))
  }

  /** What the others have said by now reaches the logs that this member holds. */
  async bring(to: number, logs: Logs): Promise<void> {
    for (const [from, source] of this.stores.entries())
      if (from !== to) await copyLog(await this.logsIn(source), logs, this.party(from).origin)
  }

  researcher(name: string): Researcher {
    const { keystore } = Keystore.create(join(this.directory, name), undefined)
    return { keystore, ...publicKeys(keystore) }
  }

  /** What an accreditor says about a researcher. */
  accreditation({ keystore, box }: Researcher, changes: Partial<Accreditation> = {}): AccreditationAct {
    const signer = keystore.signer('statement')
    const boxKey = admitBoxKey(box)
    if (!boxKey.ok) throw new Error('bug: a box key of the test')
    const possession = signer.sign(accreditationMessage(this.charter.networkId, signer.publicKey, box))
    const now = NOW / 1_000
    const accreditation: Accreditation = {
      body: 'University of C',
      statementKey: signer.publicKey,
      boxKey: boxKey.value,
      possession,
      tiers: ['partner', 'research'],
      purposes: ['research'],
      sectors: null,
      notBefore: now - 86_400,
      notAfter: now + 30 * 86_400,
      ...changes,
    }
    return { act: 'accredit', accreditation }
  }

  private async append(
    at: number,
    propose: (composer: ComposerParts) => readonly Proposed[] | Promise<readonly Proposed[]>,
  ): Promise<readonly Placed[]> {
    const { keystore, origin } = this.party(at)
    const store = this.stores[at]
    if (store === undefined) throw new Error('bug: no such store')
    const appender = appenderOf(await this.logsIn(store), this.party(at))
    await appender.start()
    const signer = keystore.signer('statement')
    const clock = { now: () => NOW }
    return appender.append(await propose({ primitives: native, origin, signer, random: systemRandom, clock }))
  }
}

export function appenderOf(logs: Logs, { keystore, origin, sealer }: Party): Appender {
  const signer = keystore.logSigner(1)
  return new Appender({
    primitives: native,
    logs,
    origin,
    signer,
    sealer,
    daily: () => [],
    onGrown: () => {},
  })
}

function publicKeys(keystore: Keystore) {
  const [box] = keystore.boxKeys()
  if (box === undefined) throw new Error('bug: a keystore has a box key')
  return { box, node: keystore.signer('node').publicKey }
}

/** The log as its author holds it, put beside what another holds of it. */
export async function copyLog(from: Logs, to: Logs, origin: string): Promise<void> {
  const source = from.get(origin)
  if (source === undefined) return
  const held = await to.ensure(origin)
  const added = from.entries(source, held.edge.size, 256).map((bytes, offset) => {
    const entry = parseEntry(bytes)
    const part = from.part(source, held.edge.size + offset)
    if (!entry.ok || part === undefined) throw new Error('bug: an entry of the test')
    return { entry: entry.value, leaf: leafHash(native, bytes), part }
  })
  if (added.length > 0) await to.extend(held, added, { edge: source.edge, keys: source.keys })
}

/** The disclosure of one member as a process would run it, over a store of a test and a network that the test scripts. */
import { join } from 'node:path'
import type { AccessMessage } from '../../protocol/access/message.ts'
import type { Request } from '../../protocol/access/request.ts'
import { combineMarkings, printTerms, RESTRICTED_MARKING } from '../../protocol/access/marking.ts'
import type { Target } from '../../protocol/codec/statement.ts'
import { native } from '../../node/keys/native.ts'
import { systemRandom } from '../../node/keys/random.ts'
import type { Placed } from '../../node/log/appender.ts'
import { composeMany, type ComposerParts, type Content } from '../../node/log/composer.ts'
import { DataSets } from '../../node/dataset/data-sets.ts'
import { ForgottenFiles } from '../../node/forgotten-files.ts'
import { namedRoots } from '../../node/named-files.ts'
import { Disclosure } from '../../node/disclosure/disclosure.ts'
import type { Reply } from '../../node/disclosure/reader.ts'
import type { KeyValue } from '../../node/ports.ts'
import { Drafts } from '../../node/store/drafts.ts'
import type { Logs } from '../../node/store/logs.ts'
import { appenderOf, NOW, type Parties } from './parties.ts'

/** Every rule that the tests need; the purpose chooses among them. */
export const POLICY = `v: 1
rules:
  - { name: partners, tiers: [partner], audience: [member], purposes: [own_remediation], outcome: allow }
  - { name: by-hand, tiers: [partner], audience: [member], purposes: [research], outcome: ask }
  - { name: researchers, tiers: [research], outcome: allow }
rate: { requests: 20, seconds: 86400 }
longest: { partner: 365, research: 90 }
retention: 1826
`

export type Running = {
  readonly disclosure: Disclosure
  readonly logs: Logs
  readonly store: KeyValue
  readonly publish: (contents: readonly Content[]) => Promise<readonly Placed[]>
  readonly sets: DataSets
  readonly files: ForgottenFiles
}

export type Outside = {
  readonly ask?: (domain: string, message: AccessMessage) => Promise<Reply | undefined>
  readonly now?: () => number
  /** Nobody is connected. */
  readonly isAway?: boolean
  readonly mayPublish?: () => boolean
  /** Its files; none unless these are given. */
  readonly sets?: DataSets
}

export async function startDisclosure(
  parties: Parties,
  at: number,
  store: KeyValue,
  { ask, now = () => NOW, isAway = false, mayPublish = () => true, sets: given }: Outside = {},
): Promise<Running> {
  const party = parties.party(at)
  const sets = given ?? new DataSets(join(parties.directory, 'no-files'), party.sealer)
  const named = () => namedRoots(store, party.sealer, new Drafts(store, party.sealer))
  const files = new ForgottenFiles({ store, sets, named })
  const logs = await parties.logsIn(store)
  const { keystore, origin, sealer, domain } = party
  const clock = { now }
  const signer = () => keystore.signer('statement')
  const appender = appenderOf(logs, party)
  await appender.start()
  const composer: ComposerParts = {
    primitives: native,
    origin,
    signer: signer(),
    random: systemRandom,
    clock,
  }
  const publish = async (contents: readonly Content[]) =>
    appender.append(await composeMany(composer, contents))
  const home = {
    home: { disclosure: join(parties.directory, `policy-${domain}`) },
    // Nothing lies in files that deleted rows could stay in.
    database: Object.assign(store, { compact: () => Promise.resolve() }),
    logs,
    charter: parties.charter,
    keystore,
    member: { domain },
    role: 'member' as const,
    origin,
    cosigned: { confirmedAt: () => Math.floor(now() / 1_000) },
  }
  const disclosure = new Disclosure(home, {
    clock,
    random: systemRandom,
    sealer,
    signer,
    isOver: () => false,
    mayPublish,
    publish,
    talk: (domain) =>
      isAway
        ? undefined
        : {
            say: (message) => ask?.(domain, message) ?? Promise.resolve(undefined),
            end: () => undefined,
          },
    serve: () => Promise.resolve(),
    onError: () => undefined,
    forgetFiles: () => files.run(),
    mark: () => Promise.reject(new Error('no file')),
    accountMs: 1_000_000_000,
  })
  await disclosure.start()
  sets.open()
  await files.run()
  for (const { domain: other } of parties.charter.document.members)
    if (other !== domain) disclosure.freshness.heard(other, new Map())
  return { disclosure, logs, store, publish, sets, files }
}

/** A request for the partner part by the second member, as its node would make it. */
export function requestOf(parties: Parties, on: Target, changes: Partial<Request> = {}): Request {
  const [owner, reader] = [parties.party(0), parties.party(1)]
  const now = Math.floor(NOW / 1_000)
  return {
    kind: 'request',
    network: parties.charter.networkId,
    at: now,
    from: reader.origin,
    accreditation: null,
    peer: reader.node,
    box: reader.box,
    owner: owner.origin,
    on,
    tier: 'partner',
    items: null,
    purpose: 'own_remediation',
    justification: 'We run the same device.',
    recipients: ['Hospital B'],
    until: now + 30 * 86_400,
    terms: native.sha256(
      printTerms(combineMarkings([{ tlp: 'CLEAR' }, RESTRICTED_MARKING]) ?? RESTRICTED_MARKING, ''),
    ),
    nonce: systemRandom.bytes(16),
    expires: now + 30 * 86_400,
    ...changes,
  }
}

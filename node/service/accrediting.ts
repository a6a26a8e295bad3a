/** Accreditations as the local API makes and shows them: applications, and what accreditors state on them. */
import { standingOf } from '../../protocol/governance/standing.ts'
import { equal, parseBase64, parseHex, printBase64, printHex } from '../../protocol/bytes.ts'
import {
  accreditationDocument,
  accreditationMessage,
  readAccreditationAct,
  type AccreditationAct,
} from '../../protocol/access/accreditation.ts'
import type { AccessEndReason } from '../../protocol/access/grant.ts'
import type { Purpose } from '../../protocol/access/request.ts'
import type { Value } from '../../protocol/codec/cbor.ts'
import { TIERS, type Tier } from '../../protocol/codec/part.ts'
import { admitBoxKey, admitKey } from '../../protocol/identity/key.ts'
import { termIds } from '../../protocol/record/vocabulary.ts'
import { ACCESS_END_REASONS } from '../../protocol/record/vocabulary/access.ts'
import { PURPOSES } from '../../protocol/record/vocabulary/marking.ts'
import type {
  AccreditationOptions,
  AccreditationService,
  AccreditationView,
  Application,
} from '../api/accreditation-service.ts'
import { actsOn } from '../disclosure/accreditations.ts'
import type { RegisteredAccreditation } from '../disclosure/register.ts'
import { NodeError } from '../errors.ts'
import { native } from '../keys/native.ts'
import type { CandorNode } from '../node.ts'
import { stateNow } from './authoring.ts'
import { timeView } from './view.ts'

const DAY_SECONDS = 86_400

export function accreditationServiceOf(node: CandorNode): AccreditationService {
  return {
    application: async (body) => applicationOf(node, body),
    accreditations: () => listAccreditations(node),
    accredit: async (application, options, token) => {
      const act: AccreditationAct = {
        act: 'accredit',
        accreditation: accreditationOf(node, application, options),
      }
      return stateAct(node, act, undefined, token)
    },
    endorse: async (id, token) =>
      stateAct(node, { act: 'endorse' }, await findAccreditation(node, id), token),
    revokeAccreditation: async (id, reason, token) =>
      stateAct(node, { act: 'revoke', reason: reasonOf(reason) }, await findAccreditation(node, id), token),
    suspendAccreditation: async (id, reason, days, token) => {
      const from = nowOf(node)
      const act = {
        act: 'suspend',
        from,
        until: from + days * DAY_SECONDS,
        reason: reasonOf(reason),
      } as const
      return stateAct(node, act, await findAccreditation(node, id), token)
    },
  }
}

/** What a researcher hands to an accreditor: both keys, and the proof that they are its own. */
function applicationOf(node: CandorNode, body: string): Application {
  const { charter } = node.opened
  const { publicKey, sign } = node.keys.signer('statement')
  const box = node.disclosure.boxKey()
  if (box === undefined) throw new NodeError('KEY_NOT_IN_FORCE', 'no box key in force lies in this keystore')
  const possession = sign(accreditationMessage(charter.networkId, publicKey, box))
  return {
    v: 1,
    network: charter.networkId,
    body,
    statementKey: printBase64(publicKey),
    boxKey: printBase64(box),
    possession: printBase64(possession),
  }
}

function accreditationOf(node: CandorNode, application: Application, options: AccreditationOptions) {
  if (application.network !== node.opened.charter.networkId)
    throw new NodeError('BAD_INPUT', 'this application is for another coalition')
  const [signing, box, possession] = [
    bytesOf(application.statementKey),
    bytesOf(application.boxKey),
    bytesOf(application.possession),
  ]
  const [statementKey, boxKey] = [admitKey(signing), admitBoxKey(box)]
  if (!statementKey.ok || !boxKey.ok)
    throw new NodeError('BAD_INPUT', 'a key of the application is not admissible')
  const notBefore = nowOf(node)
  return {
    body: application.body,
    statementKey: statementKey.value,
    boxKey: boxKey.value,
    possession,
    tiers: inOrder<Tier>(TIERS.slice(1), options.tiers, 'tier'),
    purposes: inOrder<Purpose>(termIds(PURPOSES), options.purposes, 'purpose'),
    sectors: options.sectors === undefined ? null : [...new Set(options.sectors)].toSorted(),
    notBefore,
    notAfter: notBefore + options.days * DAY_SECONDS,
  }
}

/** Lets an act through the gate into our own log, once it reads back as what it is. */
async function stateAct(
  node: CandorNode,
  act: AccreditationAct,
  on: RegisteredAccreditation | undefined,
  token: string | undefined,
): Promise<AccreditationView> {
  const { charter, member } = node.opened
  const mayAccredit = charter.document.accreditors.filter((one) => standingOf(charter, one) === 'member')
  if (!mayAccredit.includes(member.domain)) {
    const who = mayAccredit.join(', ')
    throw new NodeError('NOT_ALLOWED', `the charter lets ${who} accredit, not ${member.domain}`)
  }
  const document = accreditationDocument(act)
  const read = readAccreditationAct(native, charter.networkId, document)
  if (!read.ok) throw new NodeError('BAD_INPUT', `this cannot be stated: ${SENTENCES[read.fault]}`)
  const target = on === undefined ? {} : { on: on.target }
  const published = await stateNow(node, { kind: 'accreditation', public: document, ...target }, token)
  const isIt = ({ target: { origin, index, leaf } }: RegisteredAccreditation) =>
    on === undefined
      ? published.state === 'logged' && origin === published.origin && index === published.index
      : equal(leaf, on.target.leaf)
  const found = (await registered(node)).find(isIt)
  if (found === undefined) throw new NodeError('CONFLICT', 'the statement was not placed')
  return viewOf(node, found)
}

const SENTENCES: Readonly<Record<string, string>> = {
  'accreditation-shape': 'a field is missing or not of its form (the body is a label of at most 200 bytes)',
  'accreditation-keys': 'a key is not admissible',
  'accreditation-possession': 'the application does not prove that its keys are its own',
  'accreditation-scope': 'tiers, purposes or sectors are empty, unknown or not in order',
  'accreditation-times': 'an accreditation lasts at most 90 days, a suspension at most 14',
}

async function listAccreditations(node: CandorNode): Promise<readonly AccreditationView[]> {
  return Promise.all((await registered(node)).map((one) => viewOf(node, one)))
}

function registered(node: CandorNode): Promise<readonly RegisteredAccreditation[]> {
  return node.disclosure.register.list(nowOf(node))
}

async function findAccreditation(node: CandorNode, typed: string): Promise<RegisteredAccreditation> {
  const prefix = /^[0-9a-f]{6,64}$/.test(typed) ? parseHex(typed.slice(0, typed.length & ~1)) : undefined
  if (prefix?.ok !== true)
    throw new NodeError('USAGE', 'an accreditation is named by at least six of its hexadecimal digits', {
      fix: 'candor accredit list',
    })
  const found = (await registered(node)).filter(({ target }) => printHex(target.leaf).startsWith(typed))
  const [one, second] = found
  if (one === undefined)
    throw new NodeError('NOT_FOUND', 'no such accreditation is held here', { fix: 'candor accredit list' })
  if (second !== undefined)
    throw new NodeError('AMBIGUOUS_ID', 'more than one accreditation begins like this')
  return one
}

async function viewOf(node: CandorNode, one: RegisteredAccreditation): Promise<AccreditationView> {
  const { accreditation, state, target, author } = one
  const acts = await actsOn(node.disclosure.gate.parts, target.leaf)
  const { accreditors, accreditorsNeeded } = node.opened.charter.document
  const endorsers = acts.filter(({ act }) => act.act === 'endorse').map(({ by }) => by)
  const own = node.keys.signer('statement').publicKey
  return {
    id: printHex(target.leaf),
    state,
    body: accreditation.body,
    author,
    endorsedBy: [...new Set(endorsers)].filter((domain) => accreditors.includes(domain) && domain !== author),
    needed: accreditorsNeeded,
    tiers: accreditation.tiers,
    purposes: accreditation.purposes,
    sectors: accreditation.sectors,
    notBefore: timeView(accreditation.notBefore * 1_000),
    notAfter: timeView(accreditation.notAfter * 1_000),
    statementKey: printBase64(accreditation.statementKey),
    own: equal(accreditation.statementKey, own),
  }
}

function inOrder<T extends string>(all: readonly T[], wanted: readonly string[], what: string): readonly T[] {
  const unknown = wanted.find((one) => !all.some((known) => known === one))
  if (unknown !== undefined) throw new NodeError('USAGE', `a ${what} is one of ${all.join(', ')}`)
  return all.filter((one) => wanted.includes(one))
}

function reasonOf(typed: string): AccessEndReason {
  const found = termIds(ACCESS_END_REASONS).find((id) => id === typed)
  if (found !== undefined) return found
  throw new NodeError('USAGE', `a reason is one of ${termIds(ACCESS_END_REASONS).join(', ')}`)
}

function bytesOf(text: string): Uint8Array {
  const read = parseBase64(text)
  if (read.ok) return read.value
  throw new NodeError('BAD_INPUT', 'a key of the application is not base64')
}

function nowOf(node: CandorNode): number {
  return Math.floor(node.clock.now() / 1_000)
}

/** The newest accreditation in force under our statement key that covers what is asked for. */
export async function ownAccreditation(
  node: CandorNode,
  wanted: { readonly tier: Tier; readonly purpose: Purpose },
): Promise<RegisteredAccreditation['target'] | null> {
  const key: Value = node.keys.signer('statement').publicKey
  const own = (await registered(node)).filter(({ accreditation }) => equal(accreditation.statementKey, key))
  const fits = own.filter(
    ({ accreditation, state }) =>
      state === 'in-force' &&
      accreditation.tiers.includes(wanted.tier) &&
      accreditation.purposes.includes(wanted.purpose),
  )
  // Without one that fits, the newest of ours: the owner says what is wrong with it.
  return (fits.at(-1) ?? own.at(-1))?.target ?? null
}

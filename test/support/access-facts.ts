/** Facts of disclosure decisions that are the same in every run, and the names by which the matrix calls them. */
import { sign } from '@noble/ed25519'
import type { Accreditation, AccreditationState } from '../../protocol/access/accreditation.ts'
import { accreditationMessage } from '../../protocol/access/accreditation.ts'
import type { Decision, DecisionFacts } from '../../protocol/access/decide.ts'
import type { DisclosurePolicy } from '../../protocol/access/policy.ts'
import type { Request } from '../../protocol/access/request.ts'
import type { Requester } from '../../protocol/access/requester.ts'
import { counting, NETWORK_ID, ORIGIN, OTHER_ORIGIN, publicKeyOf, SEED } from './statements.ts'
import { admitBoxKey } from '../../protocol/identity/key.ts'

export const NOW = 1_800_000_000
export const DAY = 86_400
export const PEER = counting(32, 0x11)
export const BOX = counting(32, 0x12)
export const TERMS = counting(32, 0x13)

export const REQUEST: Request = {
  kind: 'request',
  network: NETWORK_ID,
  at: NOW - 60,
  from: OTHER_ORIGIN,
  accreditation: null,
  peer: PEER,
  box: BOX,
  owner: ORIGIN,
  on: { origin: ORIGIN, index: 7, leaf: counting(32, 0x14) },
  tier: 'partner',
  items: null,
  purpose: 'research',
  justification: 'We run the same model in two hospitals.',
  recipients: ['Hospital B'],
  until: NOW + 30 * DAY,
  terms: TERMS,
  nonce: counting(16, 0x15),
  expires: NOW + 7 * DAY,
}

export function boxKeyOf(bytes: Uint8Array) {
  const admitted = admitBoxKey(bytes)
  if (!admitted.ok) throw new Error(`a test key is ${admitted.fault}`)
  return admitted.value
}

export const ACCREDITATION: Accreditation = {
  body: 'University of C',
  statementKey: publicKeyOf(SEED),
  boxKey: boxKeyOf(BOX),
  possession: sign(accreditationMessage(NETWORK_ID, publicKeyOf(SEED), BOX), SEED),
  tiers: ['partner', 'research'],
  purposes: ['research', 'audit'],
  sectors: ['finance', 'health'],
  notBefore: NOW - 10 * DAY,
  notAfter: NOW + 60 * DAY,
}

export const MEMBER: Requester = {
  identity: 'proven',
  standing: 'member',
  accreditation: null,
  nodes: [PEER],
  boxes: [BOX],
}

export function researcher(state: AccreditationState, changes: Partial<Accreditation> = {}): Requester {
  const accreditation = { accreditation: { ...ACCREDITATION, ...changes }, state }
  return { identity: 'proven', standing: 'none', accreditation, nodes: null, boxes: [BOX] }
}

export const ALLOWING: DisclosurePolicy = {
  v: 1,
  rules: [{ name: 'all', outcome: 'allow' }],
  rate: { requests: 5, seconds: DAY },
  longest: { partner: 365, research: 90 },
  retention: 1_826,
}

export const FACTS: DecisionFacts = {
  request: REQUEST,
  requester: MEMBER,
  peer: PEER,
  owner: { network: NETWORK_ID, domain: 'a.example' },
  record: { part: 'held', sectors: ['health'], markings: [{ tlp: 'AMBER' }], terms: TERMS, has: () => true },
  policy: ALLOWING,
  answered: false,
  recent: 0,
  fresh: true,
  now: NOW,
}

/** Everyone who may ask. */
export const WHO: Readonly<Record<string, Pick<DecisionFacts, 'requester' | 'peer'>>> = {
  public: {
    requester: { identity: 'anonymous', standing: 'none', accreditation: null, nodes: null, boxes: [] },
    peer: PEER,
  },
  'unknown key': {
    requester: { identity: 'unproven', standing: 'none', accreditation: null, nodes: null, boxes: [] },
    peer: PEER,
  },
  member: { requester: MEMBER, peer: PEER },
  'member from a wrong peer': { requester: MEMBER, peer: counting(32, 0x99) },
  'member from a node that is not its own': {
    requester: { ...MEMBER, nodes: [counting(32, 0x99)] },
    peer: PEER,
  },
  'member with a box key that is not its own': { requester: { ...MEMBER, boxes: [] }, peer: PEER },
  affiliate: { requester: { ...MEMBER, standing: 'affiliate' }, peer: PEER },
  'suspended member': { requester: { ...MEMBER, standing: 'suspended' }, peer: PEER },
  'suspended member, accredited': {
    requester: {
      ...MEMBER,
      standing: 'suspended',
      accreditation: { accreditation: ACCREDITATION, state: 'in-force' },
    },
    peer: PEER,
  },
  'member, accredited': {
    requester: { ...MEMBER, accreditation: { accreditation: ACCREDITATION, state: 'in-force' } },
    peer: PEER,
  },
  'member, accreditation revoked': {
    requester: { ...MEMBER, accreditation: { accreditation: ACCREDITATION, state: 'revoked' } },
    peer: PEER,
  },
  'researcher in force': { requester: researcher('in-force'), peer: PEER },
  'researcher from a wrong peer': { requester: researcher('in-force'), peer: counting(32, 0x99) },
  'researcher not yet': { requester: researcher('not-yet'), peer: PEER },
  'researcher expired': { requester: researcher('expired'), peer: PEER },
  'researcher revoked': { requester: researcher('revoked'), peer: PEER },
  'researcher suspended': { requester: researcher('suspended'), peer: PEER },
  'researcher with too few accreditors': { requester: researcher('incomplete'), peer: PEER },
  'researcher for partner parts': {
    requester: researcher('in-force', { tiers: ['partner'] }),
    peer: PEER,
  },
  'researcher for research parts': {
    requester: researcher('in-force', { tiers: ['research'] }),
    peer: PEER,
  },
  'researcher for another purpose': {
    requester: researcher('in-force', { purposes: ['audit'] }),
    peer: PEER,
  },
  'researcher for another sector': {
    requester: researcher('in-force', { sectors: ['finance'] }),
    peer: PEER,
  },
}

/** What the owner's policy comes to. */
export const POLICIES: Readonly<Record<string, Pick<DecisionFacts, 'policy'> & Partial<DecisionFacts>>> = {
  allow: { policy: ALLOWING },
  ask: { policy: { ...ALLOWING, rules: [...ALLOWING.rules, { name: 'first', outcome: 'ask' }] } },
  deny: {
    policy: {
      ...ALLOWING,
      rules: [
        ...ALLOWING.rules,
        { name: 'first', outcome: 'ask' },
        { name: 'held', outcome: 'deny', reason: 'investigation' },
      ],
    },
  },
  'no rule': { policy: { ...ALLOWING, rules: [] } },
  'nobody allowed': { policy: { ...ALLOWING, rules: [{ name: 'none', audience: [], outcome: 'allow' }] } },
}

/** The one thing that is otherwise than in a good request at a good time. */
export const CIRCUMSTANCES: Readonly<Record<string, Partial<DecisionFacts>>> = {
  none: {},
  'another network': { request: { ...REQUEST, network: 'a'.repeat(52) } },
  'another owner': { request: { ...REQUEST, owner: OTHER_ORIGIN } },
  'a record of another': {
    request: { ...REQUEST, on: { ...REQUEST.on, origin: OTHER_ORIGIN } },
  },
  'of the future': { request: { ...REQUEST, at: NOW + 301 } },
  'in the last second of skew': { request: { ...REQUEST, at: NOW + 300 } },
  'at the instant it ends': { request: { ...REQUEST, expires: NOW } },
  'a second before it ends': { request: { ...REQUEST, expires: NOW + 1 } },
  'answered before': { answered: true },
  'one too many': { recent: 5 },
  'the last of the rate': { recent: 4 },
  'not fresh': { fresh: false },
  'no recipients': { request: { ...REQUEST, recipients: [] } },
  'wanted until now': { request: { ...REQUEST, until: NOW } },
  'other terms': { request: { ...REQUEST, terms: counting(32, 0x77) } },
  'no marking': { record: { ...FACTS.record, markings: [] } },
  'red for one': { record: { ...FACTS.record, markings: [{ tlp: 'CLEAR' }, { tlp: 'RED' }] } },
  'strict amber for two': {
    request: { ...REQUEST, recipients: ['Hospital B', 'Hospital C'] },
    record: { ...FACTS.record, markings: [{ tlp: 'AMBER+STRICT' }, { tlp: 'GREEN' }] },
  },
  'marked for later': {
    record: { ...FACTS.record, markings: [{ tlp: 'GREEN', iep: { start_date: '2027-01-16' } }] },
  },
  'marked until yesterday': {
    record: { ...FACTS.record, markings: [{ tlp: 'GREEN', iep: { end_date: '2027-01-14' } }] },
  },
  'no such part': { record: { ...FACTS.record, part: 'absent' } },
  'an erased part': { record: { ...FACTS.record, part: 'erased' } },
  'items that are not there': {
    request: { ...REQUEST, items: [['nothing']] },
    record: { ...FACTS.record, has: () => false },
  },
}

/** One word for a decision, as the matrix writes it. */
export function wordOf(decision: Decision): string {
  switch (decision.kind) {
    case 'ask':
      return `ask ${decision.because}`
    case 'deny':
      return `deny ${decision.reason}`
    case 'refuse':
      return `refuse ${decision.reason}`
    default:
      return decision.kind
  }
}

/**
 * Makes the vector file of the signed statements of spec 06 §1 to §4. `node dist/test/support/access-vectors.js
 * --write` writes it; the tests make it again and compare every byte.
 */
import { sign } from '@noble/ed25519'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { sortPaths } from '../../protocol/access/fields.ts'
import { accreditationDocument, type AccreditationAct } from '../../protocol/access/accreditation.ts'
import {
  accessId,
  parseAccess,
  prepareAccess,
  sealAccess,
  type AccessStatement,
  type Signed,
} from '../../protocol/access/signed.ts'
import { concat } from '../../protocol/bytes.ts'
import { encode, parse, type Value } from '../../protocol/codec/cbor.ts'
import { sealEntry, toBeSignedOf } from '../../protocol/codec/statement.ts'
import { isMap } from '../../protocol/codec/value.ts'
import { keyId } from '../../protocol/identity/key.ts'
import { portable } from '../../protocol/primitives.ts'
import { ACCREDITATION, DAY, NOW, REQUEST, TERMS } from './access-facts.ts'
import { ESCROW_CHANGES, ESCROW_STATEMENTS, foreign, OTHER_NETWORK, type Change } from './escrow-cases.ts'
import { hex, jsonOfValue } from './notation.ts'
import { counting, NETWORK_ID, ORIGIN, OTHER_ORIGIN, publicKeyOf, SEED } from './statements.ts'

const KEY_ID = keyId(portable, publicKeyOf(SEED))
const common = { network: NETWORK_ID, at: NOW } as const
const answer = { ...common, owner: ORIGIN, to: KEY_ID } as const
const reader = { ...common, from: OTHER_ORIGIN } as const

export function signedOf<S extends AccessStatement>(statement: S, seed = SEED): Signed<S> {
  const id = keyId(portable, publicKeyOf(seed))
  const prepared = prepareAccess(statement, id)
  const signature = sign(prepared.toBeSigned, seed)
  return {
    bytes: sealAccess(prepared, signature),
    keyId: id,
    statement,
    toBeSigned: prepared.toBeSigned,
    signature,
  }
}

export const STATEMENTS: readonly (readonly [name: string, statement: AccessStatement])[] = [
  ['a request of a member for a part', REQUEST],
  [
    'a request of a researcher for two beginnings of paths',
    {
      ...REQUEST,
      from: null,
      accreditation: { origin: OTHER_ORIGIN, index: 3, leaf: counting(32, 0x21) },
      tier: 'research',
      items: sortPaths([['logs', 0], ['narrative']]),
      recipients: [],
    },
  ],
  [
    'a grant',
    {
      kind: 'grant',
      ...answer,
      request: counting(32, 0x22),
      on: REQUEST.on,
      tier: 'partner',
      commitment: counting(32, 0x23),
      leaves: { count: 19, digest: counting(32, 0x24) },
      until: NOW + DAY,
      terms: TERMS,
    },
  ],
  [
    'a grant of a file that was made for its reader',
    {
      kind: 'grant',
      ...answer,
      request: counting(32, 0x22),
      on: REQUEST.on,
      tier: 'research',
      commitment: counting(32, 0x23),
      leaves: { count: 19, digest: counting(32, 0x24) },
      until: NOW + DAY,
      terms: TERMS,
      marked: [{ base: counting(32, 0x2a), root: counting(32, 0x2b), bytes: 1_073_741_987 }],
    },
  ],
  ['a denial', { kind: 'denial', ...answer, request: counting(32, 0x22), reason: 'no_rule', note: null }],
  [
    'a revocation with a note',
    { kind: 'revocation', ...answer, grant: counting(32, 0x25), reason: 'leak', note: 'A copy\nis public.' },
  ],
  [
    'a receipt',
    {
      kind: 'receipt',
      ...reader,
      request: counting(32, 0x22),
      grant: counting(32, 0x25),
      ciphertext: counting(32, 0x26),
      keyCommitment: counting(32, 0x27),
    },
  ],
  [
    'an ack of a retraction',
    { kind: 'ack', ...reader, grant: counting(32, 0x25), of: { entry: REQUEST.on }, state: 'marked' },
  ],
  [
    'an ack of a revocation, of a researcher',
    {
      kind: 'ack',
      ...reader,
      from: null,
      grant: counting(32, 0x25),
      of: { revocation: counting(32, 0x28) },
      state: 'erased',
    },
  ],
  ...ESCROW_STATEMENTS,
  ['an appeal', { kind: 'appeal', ...reader, denial: counting(32, 0x29), reason: 'We are affected too.' }],
]

export const ACTS: readonly (readonly [name: string, act: AccreditationAct])[] = [
  ['accredit', { act: 'accredit', accreditation: ACCREDITATION }],
  ['accredit for all sectors', { act: 'accredit', accreditation: { ...ACCREDITATION, sectors: null } }],
  ['endorse', { act: 'endorse' }],
  ['revoke', { act: 'revoke', reason: 'terms_broken' }],
  ['suspend', { act: 'suspend', from: NOW, until: NOW + 14 * DAY, reason: 'under_review' }],
]

/** One thing wrong in each; `undefined` leaves a field out. */
const CHANGES: Readonly<Record<AccessStatement['kind'], readonly Change[]>> = {
  request: [
    ['a field too many', 'request-shape', { note: 1 }],
    ['no nonce', 'request-shape', { nonce: undefined }],
    ['version 2', 'request-shape', { v: 2 }],
    ['a network in capitals', 'request-shape', { network: NETWORK_ID.toUpperCase() }],
    ['a network with a spare bit', 'request-shape', { network: `${NETWORK_ID.slice(0, 51)}b` }],
    ['a negative time', 'request-shape', { at: -1 }],
    ['an unknown purpose', 'request-shape', { purpose: 'curiosity' }],
    ['a blank justification', 'request-shape', { justification: ' \n' }],
    ['a justification with a terminal sequence', 'request-shape', { justification: '\u001b[2J' }],
    ['a justification of 2,001 bytes', 'request-shape', { justification: 'x'.repeat(2_001) }],
    ['a recipient twice', 'request-shape', { recipients: ['B', 'B'] }],
    ['17 recipients', 'request-shape', { recipients: Array.from({ length: 17 }, (_, i) => `B${i}`) }],
    ['an invisible recipient', 'request-shape', { recipients: ['\u202eB'] }],
    ['terms of 31 bytes', 'request-shape', { terms: counting(31, 0) }],
    ['a nonce of 15 bytes', 'request-shape', { nonce: counting(15, 0) }],
    ['a requester of another network', 'request-party', { from: OTHER_NETWORK }],
    ['an owner of another network', 'request-party', { owner: OTHER_NETWORK }],
    ['no owner', 'request-party', { owner: null }],
    ['an accreditation of another network', 'request-party', { accreditation: foreign }],
    ['a peer of 33 bytes', 'request-party', { peer: counting(33, 0) }],
    ['a box key that is text', 'request-party', { box: 'key' }],
    ['a target of another network', 'request-target', { on: foreign }],
    ['no target', 'request-target', { on: null }],
    ['a fourth tier', 'request-target', { tier: 'secret' }],
    ['no paths', 'request-target', { items: [] }],
    ['an empty path', 'request-target', { items: [[]] }],
    ['a path twice', 'request-target', { items: [['a'], ['a']] }],
    ['paths in the wrong order', 'request-target', { items: [['b'], ['a']] }],
    ['a negative step', 'request-target', { items: [[-1]] }],
    ['65 paths', 'request-target', { items: Array.from({ length: 65 }, (_, i) => [i]) }],
    ['items of the public part', 'request-target', { tier: 'public', items: [['a']] }],
    ['wanted until it is made', 'request-times', { until: REQUEST.at }],
    ['over when it is made', 'request-times', { expires: REQUEST.at }],
    ['open for more than 30 days', 'request-times', { expires: REQUEST.at + 30 * DAY + 1 }],
    ['an end that is text', 'request-times', { expires: 'soon' }],
  ],
  grant: [
    ['a public tier', 'grant-shape', { tier: 'public' }],
    ['an end before it begins', 'grant-shape', { until: NOW }],
    ['32,769 leaves', 'grant-shape', { leaves: [32_769, counting(32, 0)] }],
    ['leaves without a digest', 'grant-shape', { leaves: [1] }],
    ['an owner of another network', 'grant-shape', { owner: OTHER_NETWORK }],
    ['a key id of 31 bytes', 'grant-shape', { to: counting(31, 0) }],
    ['files made for the reader, and none of them', 'grant-shape', { marked: [] }],
    ['no commitment', 'grant-shape', { commitment: undefined }],
    ['a target of another network', 'grant-shape', { on: foreign }],
    ['a request that is none', 'grant-shape', { request: null }],
  ],
  denial: [
    ['no reason', 'denial-shape', { reason: undefined }],
    ['a reason of one’s own', 'denial-shape', { reason: 'other:no' }],
    ['a blank note', 'denial-shape', { note: '' }],
    ['a request of 31 bytes', 'denial-shape', { request: counting(31, 0) }],
  ],
  revocation: [
    ['a reason of denials', 'revocation-shape', { reason: 'no_rule' }],
    ['a number as note', 'revocation-shape', { note: 1 }],
    ['no grant', 'revocation-shape', { grant: null }],
  ],
  receipt: [
    ['no ciphertext', 'receipt-shape', { ciphertext: null }],
    ['a key commitment of 16 bytes', 'receipt-shape', { keyCommitment: counting(16, 0) }],
    ['a grant of 33 bytes', 'receipt-shape', { grant: counting(33, 0) }],
    ['a reader of another network', 'receipt-shape', { from: OTHER_NETWORK }],
    ['an owner besides', 'receipt-shape', { owner: ORIGIN }],
  ],
  ack: [
    ['an unknown state', 'ack-shape', { state: 'ignored' }],
    ['a target of another network', 'ack-shape', { of: foreign }],
    ['nothing that it answers', 'ack-shape', { of: null }],
  ],
  ...ESCROW_CHANGES,
  appeal: [
    ['no reason', 'appeal-shape', { reason: '' }],
    ['a denial of 31 bytes', 'appeal-shape', { denial: counting(31, 0) }],
  ],
}

export type Refused = { readonly name: string; readonly bytes: Uint8Array; readonly fault: string }

export const REFUSED: readonly Refused[] = [
  ...Object.entries(CHANGES).flatMap(([kind, changes]) =>
    changes.map(([name, fault, changed]) => ({
      name: `${kind}: ${name}`,
      fault,
      bytes: enveloped(headerOfRequest(), encode(changedContent(kind, changed))),
    })),
  ),
  {
    name: 'an unknown kind',
    fault: 'access-kind',
    bytes: enveloped(headerOfRequest(), encode({ v: 1, kind: 'wish' })),
  },
  { name: 'a list', fault: 'access-content', bytes: enveloped(headerOfRequest(), encode([1])) },
  { name: 'no CBOR', fault: 'access-content', bytes: enveloped(headerOfRequest(), Uint8Array.of(0xff)) },
  {
    name: 'the header of an entry',
    fault: 'access-header',
    bytes: enveloped(otherHeader(), encode({ v: 1 })),
  },
  {
    name: 'a short key id',
    fault: 'access-header',
    bytes: enveloped(headerOfRequest().slice(0, -1), encode({ v: 1 })),
  },
  { name: 'no tag', fault: 'access-envelope', bytes: signedOf(REQUEST).bytes.slice(1) },
  { name: 'a byte more', fault: 'access-envelope', bytes: concat(signedOf(REQUEST).bytes, Uint8Array.of(0)) },
  { name: '16,385 bytes', fault: 'access-too-long', bytes: new Uint8Array(16_385) },
]

function headerOfRequest(): Uint8Array {
  return prepareAccess(REQUEST, KEY_ID).protected
}

/** The same header with another media type of the same length. */
function otherHeader(): Uint8Array {
  const header = headerOfRequest()
  header[header.indexOf(0x63)] = 0x64
  return header
}

function changedContent(kind: string, changes: Record<string, Value | undefined>): Value {
  const statement = STATEMENTS.find(([, one]) => one.kind === kind)?.[1]
  if (statement === undefined) throw new Error('bug: no statement of this kind')
  const content = parse(prepareAccess(statement, KEY_ID).payload)
  if (!content.ok || !isMap(content.value)) throw new Error('bug: no content')
  const changed: Record<string, Value> = {}
  for (const [key, value] of Object.entries({ ...content.value, ...changes }))
    if (value !== undefined) changed[key] = value
  return changed
}

function enveloped(header: Uint8Array, payload: Uint8Array): Uint8Array {
  return sealEntry({ protected: header, payload }, sign(toBeSignedOf(header, payload), SEED))
}

export function accessVectorText(): string {
  const accepted = STATEMENTS.map(([name, statement]) => {
    const signed = signedOf(statement)
    const read = parseAccess(signed.bytes)
    if (!read.ok) throw new Error(`bug: ${name} is refused`)
    const payload = parse(prepareAccess(statement, KEY_ID).payload)
    return {
      name,
      content: payload.ok ? jsonOfValue(payload.value) : undefined,
      toBeSigned: hex(signed.toBeSigned),
      id: hex(accessId(portable, signed)),
      access: hex(signed.bytes),
    }
  })
  const vectors = {
    description: 'Signed statements of spec 06 §1 to §4 and public documents of §2. Bytes are hexadecimal.',
    seed: hex(SEED),
    publicKey: hex(publicKeyOf(SEED)),
    accepted,
    // The one that is only long would fill the file.
    refused: REFUSED.filter(({ bytes }) => bytes.length <= 16_384).map(({ name, bytes, fault }) => ({
      name,
      fault,
      access: hex(bytes),
    })),
    accreditation: ACTS.map(([name, act]) => ({ name, document: hex(encode(accreditationDocument(act))) })),
  }
  return `${JSON.stringify(vectors, null, 1)}\n`
}

const isProgram = process.argv[1] === fileURLToPath(import.meta.url)
if (isProgram && process.argv[2] === '--write')
  writeFileSync('test/vectors/access/statements.json', accessVectorText())

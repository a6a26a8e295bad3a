/** Entries that must be refused, each wrong in one thing, for `test/vectors/statement.json`. */
import { encode, type Value } from '../../protocol/codec/cbor.ts'
import { MAJOR, printHead } from '../../protocol/codec/heads.ts'
import { prepareEntry, type EntryFault } from '../../protocol/codec/statement.ts'
import { bstr, envelopeBytes, joined, tstr, type Envelope } from './cose.ts'
import { hex } from './notation.ts'
import { counting, headerFor, ORIGIN, STATEMENT } from './statements.ts'

type Case = readonly [name: string, bytes: Uint8Array, fault: EntryFault]

const header = headerFor(STATEMENT)
const prepared = prepareEntry(STATEMENT, header)
const signature = new Uint8Array(64).fill(1)

const GOOD: Envelope = {
  opening: 'd284',
  protected: prepared.protected,
  unprotected: 'a0',
  payload: prepared.payload,
  signature,
  rest: '',
}

const STATEMENT_VALUE = {
  v: 1,
  kind: 'incident',
  record: STATEMENT.record,
  version: 1,
  on: null,
  parts: STATEMENT.parts,
} as const

/** The members of the protected header as bytes, in order. */
const HEADER = {
  head: 'a4',
  algorithm: '0127',
  type: joined('03', tstr('application/vnd.candor.statement+cbor')),
  keyId: joined('04', bstr(header.keyId)),
  claims: '0fa3',
  issuer: joined('01', tstr(ORIGIN)),
  subject: joined('02', tstr(header.subject)),
  issuedAt: joined('06', printHead(MAJOR.unsigned, header.issuedAt)),
} satisfies Record<string, Uint8Array | string>

const entry = (changes: Partial<Envelope>) => envelopeBytes({ ...GOOD, ...changes })
const withHeader = (changes: Partial<Record<keyof typeof HEADER, Uint8Array | string>>) =>
  entry({ protected: joined(...Object.values({ ...HEADER, ...changes })) })
const withStatement = (changes: Record<string, Value>) =>
  entry({ payload: encode({ ...STATEMENT_VALUE, ...changes }) })
const withOn = (...on: readonly Value[]) => withStatement({ on })
const issuer = (text: string) => withHeader({ issuer: joined('01', tstr(text)) })

const hash = counting(32, 0x80)
const without = (key: keyof typeof STATEMENT_VALUE): Uint8Array => {
  const { [key]: _, ...rest } = STATEMENT_VALUE
  return entry({ payload: encode(rest) })
}

const goodProtected = hex(bstr(prepared.protected))
const goodEntry = hex(envelopeBytes(GOOD))
const longHeadOfProtected = goodEntry.replace(goodProtected, `5900${goodProtected.slice(2)}`)

export const ENVELOPE_CASES: readonly Case[] = [
  ['no bytes', new Uint8Array(0), 'entry-envelope'],
  ['no tag', entry({ opening: '84' }), 'entry-envelope'],
  ['tag 18 in two bytes', entry({ opening: 'd81284' }), 'entry-envelope'],
  ['tag 98 (COSE_Sign)', entry({ opening: 'd86284' }), 'entry-envelope'],
  ['tag 17', entry({ opening: 'd184' }), 'entry-envelope'],
  ['an array of five', entry({ opening: 'd285', rest: '40' }), 'entry-envelope'],
  ['an indefinite array', entry({ opening: 'd29f', rest: 'ff' }), 'entry-envelope'],
  ['an array head in two bytes', entry({ opening: 'd29804' }), 'entry-envelope'],
  ['a key id in the unprotected map', entry({ unprotected: 'a1044131' }), 'entry-envelope'],
  ['an indefinite empty unprotected map', entry({ unprotected: 'bfff' }), 'entry-envelope'],
  ['null as unprotected map', entry({ unprotected: 'f6' }), 'entry-envelope'],
  ['a trailing byte', entry({ rest: '00' }), 'entry-envelope'],
  ['a missing last byte', envelopeBytes(GOOD).slice(0, -1), 'entry-envelope'],
  ['a signature of 63 bytes', entry({ signature: signature.slice(1) }), 'entry-envelope'],
  ['a signature of 65 bytes', entry({ signature: new Uint8Array(65) }), 'entry-envelope'],
  ['a protected header with a long head', joined(longHeadOfProtected), 'entry-envelope'],
  ['a protected header that is text', joined(goodEntry.replace('d28458', 'd28478')), 'entry-envelope'],
  ['a detached payload', joined('d284', bstr(GOOD.protected), 'a0f6', bstr(signature)), 'entry-envelope'],
  ['more than 4,096 bytes', entry({ payload: new Uint8Array(4_096) }), 'entry-too-long'],
]

export const HEADER_CASES: readonly Case[] = [
  ['an empty protected header', entry({ protected: new Uint8Array(0) }), 'entry-header'],
  ['an empty map as protected header', entry({ protected: joined('a0') }), 'entry-header'],
  ['algorithm -7 (ES256)', withHeader({ algorithm: '0126' }), 'entry-header'],
  ['algorithm -8 in two bytes', withHeader({ algorithm: '013807' }), 'entry-header'],
  ['algorithm -20', withHeader({ algorithm: '0133' }), 'entry-header'],
  ['another media type', withHeader({ type: joined('03', tstr('application/cbor')) }), 'entry-header'],
  ['no media type', withHeader({ head: 'a3', type: '' }), 'entry-header'],
  ['a key id of 31 bytes', withHeader({ keyId: joined('04', bstr(counting(31, 0))) }), 'entry-header'],
  ['labels out of order', withHeader({ algorithm: HEADER.type, type: '0127' }), 'entry-header'],
  ['a fifth label', withHeader({ head: 'a5', issuedAt: joined(HEADER.issuedAt, '181800') }), 'entry-header'],
  ['critical labels', withHeader({ head: 'a5', algorithm: '0127028103' }), 'entry-header'],
  ['an empty issuer', issuer(''), 'entry-header'],
  ['an issuer that is no origin', issuer('a.example'), 'entry-header'],
  ['an issuer with upper case', issuer(ORIGIN.toUpperCase()), 'entry-header'],
  ['an issuer with a line feed', issuer(`${ORIGIN}\n`), 'entry-header'],
  ['an issuer over 255 bytes', issuer(`${'a.'.repeat(110)}${ORIGIN}`), 'entry-header'],
  [
    'an issuer of bad UTF-8',
    withHeader({ issuer: joined('01', printHead(MAJOR.text, 1), 'ff') }),
    'entry-header',
  ],
  ['a subject of 25 characters', withHeader({ subject: joined('02', tstr('a'.repeat(25))) }), 'entry-header'],
  [
    'issued-at not on the hour',
    withHeader({ issuedAt: joined('06', printHead(MAJOR.unsigned, 1_767_225_601)) }),
    'entry-header',
  ],
  ['issued-at before 1970', withHeader({ issuedAt: '06390e0f' }), 'entry-header'],
  ['issued-at with a negative head of whole hours', withHeader({ issuedAt: '06390e10' }), 'entry-header'],
  ['issued-at as a float', withHeader({ issuedAt: '06fb41da554400000000' }), 'entry-header'],
  ['issued-at in nine bytes', withHeader({ issuedAt: '061b000000006955b900' }), 'entry-header'],
  ['a trailing byte in the header', withHeader({ issuedAt: joined(HEADER.issuedAt, '00') }), 'entry-header'],
  [
    'the subject of another record',
    withHeader({ subject: joined('02', tstr('a'.repeat(26))) }),
    'entry-subject',
  ],
  [
    'the subject in upper case',
    withHeader({ subject: joined('02', tstr(header.subject.toUpperCase())) }),
    'entry-subject',
  ],
]

export const STATEMENT_CASES: readonly Case[] = [
  ['no statement', entry({ payload: new Uint8Array(0) }), 'entry-statement'],
  ['a statement that is a list', entry({ payload: encode([STATEMENT_VALUE]) }), 'entry-statement'],
  ['a byte after the statement', entry({ payload: joined(prepared.payload, '00') }), 'entry-statement'],
  ['a long head in the statement', entry({ payload: longHead(prepared.payload) }), 'entry-statement'],
  ...(['v', 'kind', 'record', 'version', 'on', 'parts'] as const).map((key): Case => [
    `no ${key}`,
    without(key),
    'entry-statement',
  ]),
  ['version 2 of the format', withStatement({ v: 2 }), 'entry-statement'],
  ['an unknown key', withStatement({ note: 'x' }), 'entry-statement'],
  ['an empty kind', withStatement({ kind: '' }), 'entry-statement'],
  ['a kind with a capital', withStatement({ kind: 'Incident' }), 'entry-statement'],
  ['a kind with a line feed', withStatement({ kind: 'incident\n' }), 'entry-statement'],
  ['a kind of 33 characters', withStatement({ kind: 'a'.repeat(33) }), 'entry-statement'],
  ['a record of 15 bytes', withStatement({ record: counting(15, 0) }), 'entry-statement'],
  ['a record that is text', withStatement({ record: header.subject }), 'entry-statement'],
  ['version 0 of the record', withStatement({ version: 0 }), 'entry-statement'],
  ['a negative version', withStatement({ version: -1 }), 'entry-statement'],
  ['two commitments', withStatement({ parts: [hash, hash] }), 'entry-statement'],
  ['four commitments', withStatement({ parts: [hash, hash, hash, hash] }), 'entry-statement'],
  ['a commitment of 31 bytes', withStatement({ parts: [hash, hash, hash.slice(1)] }), 'entry-statement'],
  ['a null commitment', withStatement({ parts: [hash, null, hash] }), 'entry-statement'],
  ['a target of two', withOn(ORIGIN, 0), 'entry-statement'],
  ['a target of four', withOn(ORIGIN, 0, hash, 0), 'entry-statement'],
  ['a target with a negative index', withOn(ORIGIN, -1, hash), 'entry-statement'],
  ['a target with a leaf hash of 20 bytes', withOn(ORIGIN, 0, hash.slice(12)), 'entry-statement'],
  ['a target that is no origin', withOn('\u001b[31mred', 0, hash), 'entry-statement'],
  ['a target that is false', withStatement({ on: false }), 'entry-statement'],
  ['no heads seen', withStatement({ seen: [] }), 'entry-statement'],
  [
    'nine heads seen',
    withStatement({ seen: Array.from({ length: 9 }, () => [ORIGIN, 1, hash]) }),
    'entry-statement',
  ],
  ['null as heads seen', withStatement({ seen: null }), 'entry-statement'],
  ['a head without a root', withStatement({ seen: [[ORIGIN, 1, null]] }), 'entry-statement'],
]

/** The integer 1 of key "v", written in two bytes. */
function longHead(payload: Uint8Array): Uint8Array {
  return joined(hex(payload).replace('617601', '61761801'))
}

/** Statements of escrow as they are signed, and one thing wrong in each. */
import type { AccessStatement } from '../../protocol/access/signed.ts'
import type { Value } from '../../protocol/codec/cbor.ts'
import { NOW, REQUEST } from './access-facts.ts'
import { counting, NETWORK_ID, ORIGIN, OTHER_ORIGIN } from './statements.ts'

/** `undefined` leaves a field out. */
export type Change = readonly [name: string, fault: string, changes: Record<string, Value | undefined>]
export const OTHER_NETWORK = `a.example/candor/${'a'.repeat(52)}/1`
export const foreign: Value = [OTHER_NETWORK, 7, counting(32, 0)]

const common = { network: NETWORK_ID, at: NOW } as const
const holder = { ...common, from: OTHER_ORIGIN, escrow: counting(32, 0x50) } as const

export const ESCROW_STATEMENTS: readonly (readonly [name: string, statement: AccessStatement])[] = [
  [
    'a deposit that three of four holders open',
    {
      kind: 'escrow',
      ...common,
      owner: ORIGIN,
      on: REQUEST.on,
      tier: 'research',
      commitment: counting(32, 0x23),
      threshold: 3,
      afterDays: 90,
      offer: { ciphertext: counting(32, 0x26), length: 4_112, keyCommitment: counting(32, 0x27) },
      holders: ['b', 'c', 'd', 'e'].map((name, at) => ({
        domain: `${name}.example`,
        box: counting(32, 0x30 + at),
        share: counting(32, 0x40 + at),
      })),
    },
  ],
  ['a holder’s ack', { kind: 'escrow-ack', ...holder, state: 'held' }],
  ['a holder’s ack of an erasure', { kind: 'escrow-ack', ...holder, state: 'erased' }],
  [
    'a recall of a part in escrow',
    {
      kind: 'escrow-recall',
      ...holder,
      peer: counting(32, 0x51),
      box: counting(32, 0x52),
      reason: 'A is gone since May.',
    },
  ],
  [
    'a release of a share',
    {
      kind: 'escrow-release',
      ...holder,
      recall: counting(32, 0x53),
      share: counting(32, 0x40),
      reason: 'We asked A for weeks.',
    },
  ],
]

const OWNER_DOMAIN = ORIGIN.slice(0, ORIGIN.indexOf('/'))

function holdersNamed(names: readonly string[]): readonly Value[] {
  return names.map((name) => [`${name}.example`, counting(32, 0x30), counting(32, 0x40)])
}

type EscrowKind = 'escrow' | 'escrow-ack' | 'escrow-recall' | 'escrow-release'

export const ESCROW_CHANGES: Readonly<Record<EscrowKind, readonly Change[]>> = {
  escrow: [
    ['a field too many', 'escrow-shape', { note: null }],
    ['no owner', 'escrow-shape', { owner: null }],
    ['a target of another network', 'escrow-shape', { on: foreign }],
    ['the public part', 'escrow-shape', { tier: 'public' }],
    ['no commitment', 'escrow-shape', { commitment: undefined }],
    ['13 days', 'escrow-shape', { afterDays: 13 }],
    ['3,651 days', 'escrow-shape', { afterDays: 3_651 }],
    [
      'a ciphertext of 2 MiB and a tag too many',
      'escrow-shape',
      { offer: [counting(32, 0), 2_097_169, counting(32, 0)] },
    ],
    ['one share that opens it', 'escrow-holders', { threshold: 1 }],
    ['more shares than holders', 'escrow-holders', { threshold: 5 }],
    ['no holders', 'escrow-holders', { holders: [] }],
    [
      '17 holders',
      'escrow-holders',
      { holders: holdersNamed(Array.from({ length: 17 }, (_, i) => `h${i + 10}`)) },
    ],
    ['a holder twice', 'escrow-holders', { holders: holdersNamed(['b', 'b', 'c']) }],
    ['holders out of order', 'escrow-holders', { holders: holdersNamed(['c', 'b', 'd']) }],
    [
      'the owner among the holders',
      'escrow-holders',
      { holders: [...holdersNamed(['b', 'c']), [OWNER_DOMAIN, counting(32, 0), counting(32, 1)]] },
    ],
    [
      'a holder that is no domain',
      'escrow-holders',
      { holders: [['B', counting(32, 0), counting(32, 1)], ...holdersNamed(['c', 'd'])] },
    ],
    [
      'a digest of 31 bytes',
      'escrow-holders',
      { holders: [['b.example', counting(32, 0), counting(31, 1)], ...holdersNamed(['c', 'd'])] },
    ],
  ],
  'escrow-ack': [
    ['an unknown state', 'escrow-ack-shape', { state: 'lost' }],
    ['nobody', 'escrow-ack-shape', { from: null }],
    ['no deposit', 'escrow-ack-shape', { escrow: undefined }],
  ],
  'escrow-recall': [
    ['no box key', 'escrow-recall-shape', { box: null }],
    ['a peer of 31 bytes', 'escrow-recall-shape', { peer: counting(31, 0) }],
    ['a blank reason', 'escrow-recall-shape', { reason: ' ' }],
    ['an end besides', 'escrow-recall-shape', { until: NOW }],
  ],
  'escrow-release': [
    ['no recall', 'escrow-release-shape', { recall: null }],
    ['the share itself', 'escrow-release-shape', { share: counting(33, 0) }],
    ['a holder of another network', 'escrow-release-shape', { from: OTHER_NETWORK }],
  ],
}

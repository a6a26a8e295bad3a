import assert from 'node:assert/strict'
import type { AccreditationState } from '../../../protocol/access/accreditation.ts'
import type { Request } from '../../../protocol/access/request.ts'
import { requesterOf, type RequesterFacts } from '../../../protocol/access/requester.ts'
import type { Signed } from '../../../protocol/access/signed.ts'
import { printHex } from '../../../protocol/bytes.ts'
import type { CharterState } from '../../../protocol/governance/charter.ts'
import { standingOf } from '../../../protocol/governance/standing.ts'
import { keyId, type PublicKey } from '../../../protocol/identity/key.ts'
import type { KeyPurpose } from '../../../protocol/identity/epoch.ts'
import type { KeyState } from '../../../protocol/identity/keystate.ts'
import { portable } from '../../../protocol/primitives.ts'
import { ACCREDITATION, BOX, boxKeyOf, PEER, REQUEST } from '../../support/access-facts.ts'
import { epochDocument } from '../../support/declared.ts'
import { signedOf } from '../../support/access-vectors.ts'
import { counting, NETWORK_ID, OTHER_ORIGIN, publicKeyOf, SEED } from '../../support/statements.ts'

const OTHER_SEED = counting(32, 9)
const root = publicKeyOf(counting(32, 3))

const charter: CharterState = {
  networkId: NETWORK_ID,
  document: {
    name: 'Test',
    created: 0,
    nonce: counting(16, 0),
    members: [{ domain: 'b.example', name: 'B', sector: 'health', root }],
    accreditors: ['b.example'],
    accreditorsNeeded: 1,
    outside: { needed: 0, witnesses: [] },
    stalenessSeconds: 60,
    caps: { entriesPerDay: 1, bytesPerDay: 1 },
    observers: 'admit',
  },
  signed: new Set(),
  descriptors: [],
}

const declared = (
  purpose: KeyPurpose,
  key: PublicKey,
  changes: { retiredAt?: number; addedAt?: number } = {},
) =>
  [
    printHex(keyId(portable, key)),
    { purpose, key, keyId: keyId(portable, key), possession: null, addedAt: 0, ...changes },
  ] as const

function logWith(
  statement: { retiredAt?: number; addedAt?: number } = {},
): NonNullable<RequesterFacts['log']> {
  const keys: KeyState = {
    origin: OTHER_ORIGIN,
    epoch: epochDocument(2, { root, keys: [] }),
    root,
    rootId: keyId(portable, root),
    keys: new Map([
      declared('statement', publicKeyOf(SEED), statement),
      declared('box', boxKeyOf(BOX)),
      declared('box', boxKeyOf(counting(32, 0x70)), { retiredAt: 4 }),
      declared('node', boxKeyOf(PEER)),
      declared('witness', publicKeyOf(OTHER_SEED)),
    ]),
  }
  return { keys, size: 5 }
}

const held = (state: AccreditationState = 'in-force') => ({ accreditation: ACCREDITATION, state })
const named = { origin: OTHER_ORIGIN, index: 2, leaf: counting(32, 0x33) }

const asMember: RequesterFacts = {
  signed: signedOf(REQUEST),
  charter,
  log: logWith(),
  accreditation: undefined,
}
const researcher: Request = { ...REQUEST, from: null, accreditation: named }
const asResearcher: RequesterFacts = {
  signed: signedOf(researcher),
  charter,
  log: undefined,
  accreditation: held(),
}

const forged = (signed: Signed<Request>): Signed<Request> => ({
  ...signed,
  signature: signedOf(REQUEST, OTHER_SEED).signature,
})

describe('requesterOf', () => {
  it('proves a member by a statement key in force in its log', () => {
    assert.deepEqual(requesterOf(portable, asMember), {
      identity: 'proven',
      standing: 'member',
      accreditation: null,
      nodes: [PEER],
      boxes: [BOX],
    })
  })

  it('proves a researcher by the key of its accreditation, whatever state that is in', () => {
    for (const state of ['in-force', 'revoked', 'expired'] as const) {
      const found = requesterOf(portable, { ...asResearcher, accreditation: held(state) })
      assert.deepEqual(found, {
        identity: 'proven',
        standing: 'none',
        accreditation: held(state),
        nodes: null,
        boxes: [BOX],
      })
    }
  })

  it('proves a member that is accredited under its statement key', () => {
    const signed = signedOf({ ...REQUEST, accreditation: named })
    const found = requesterOf(portable, { ...asMember, signed, accreditation: held() })
    assert.deepEqual(
      [found.identity, found.standing, found.accreditation?.state],
      ['proven', 'member', 'in-force'],
    )
  })

  it('checks nothing of a request that claims nothing', () => {
    const signed = forged(signedOf({ ...REQUEST, from: null }))
    assert.equal(requesterOf(portable, { ...asMember, signed }).identity, 'anonymous')
  })

  const unproven: readonly (readonly [string, RequesterFacts])[] = [
    ['a member whose log is not held', { ...asMember, log: undefined }],
    [
      'a member with another log’s keys',
      { ...asMember, signed: signedOf({ ...REQUEST, from: OTHER_ORIGIN.replace('/2', '/3') }) },
    ],
    [
      'somebody the charter does not name',
      { ...asMember, charter: { ...charter, document: { ...charter.document, members: [] } } },
    ],
    ['a key of another purpose', { ...asMember, signed: signedOf(REQUEST, OTHER_SEED) }],
    ['a key that nobody declared', { ...asMember, signed: signedOf(REQUEST, counting(32, 0x44)) }],
    ['a key that was retired', { ...asMember, log: logWith({ retiredAt: 5 }) }],
    ['a key that is not yet added', { ...asMember, log: logWith({ addedAt: 6 }) }],
    ['a forged signature', { ...asMember, signed: forged(asMember.signed) }],
    [
      'an altered request',
      {
        ...asMember,
        signed: { ...signedOf({ ...REQUEST, purpose: 'audit' }), signature: asMember.signed.signature },
      },
    ],
    ['an accreditation that is not held', { ...asResearcher, accreditation: undefined }],
    ['an accreditation of somebody else', { ...asResearcher, signed: signedOf(researcher, OTHER_SEED) }],
    ['a forged signature under an accreditation', { ...asResearcher, signed: forged(asResearcher.signed) }],
    [
      'a member with an accreditation of somebody else',
      {
        ...asMember,
        signed: signedOf({ ...REQUEST, accreditation: named }),
        accreditation: {
          ...held(),
          accreditation: { ...ACCREDITATION, statementKey: publicKeyOf(OTHER_SEED) },
        },
      },
    ],
  ]
  for (const [name, facts] of unproven)
    it(`does not believe ${name}`, () => assert.equal(requesterOf(portable, facts).identity, 'unproven'))
})

describe('standingOf', () => {
  it('is that of the charter', () => {
    assert.equal(standingOf(charter, 'b.example'), 'member')
    assert.equal(standingOf(charter, 'a.example'), 'none')
  })
})

import assert from 'node:assert/strict'
import { Evidence, type ClosingOf } from '../../../node/evidence/evidence.ts'
import { native } from '../../../node/keys/native.ts'
import { keyOf } from '../../../node/store/prefixes.ts'
import type { Accounts } from '../../../protocol/governance/accountable.ts'
import { parseOrigin } from '../../../protocol/log/checkpoint.ts'
import { printEquivocation } from '../../../protocol/log/equivocation-file.ts'
import { proveCosigner, proveSameSize, proveTree } from '../../../protocol/log/equivocation-maker.ts'
import type { Result } from '../../../protocol/result.ts'
import type { Equivocation } from '../../../protocol/log/equivocation.ts'
import { accountsOf } from '../../support/accounts.ts'
import {
  cosigned,
  COSIGNER,
  forkedTree,
  LEFT,
  LOG,
  MIRROR,
  RIGHT,
  signed,
  TIME,
  withCosignature,
} from '../../support/forked.ts'
import { MemoryKeyValue } from '../../support/memory-kv.ts'
import { LOG_KEY, NETWORK_ID, ORIGIN, testKey } from '../../support/notes.ts'

const [MIRROR_DOMAIN = ''] = MIRROR.name.split('/')
const MIRROR_ORIGIN = `${MIRROR_DOMAIN}/candor/${NETWORK_ID}/1`

const KNOWN = accountsOf([
  { origin: ORIGIN, keys: [['log', LOG_KEY.key]] },
  {
    origin: MIRROR_ORIGIN,
    keys: [
      ['log', testKey(90).key],
      ['mirror', MIRROR.key],
    ],
  },
])

function fileOf(made: Result<Equivocation, string>): Uint8Array {
  assert.ok(made.ok, made.ok ? '' : made.fault)
  return printEquivocation(native, made.value)
}

const sameSize = (size: number) =>
  fileOf(proveSameSize(native, { subject: LOG, a: signed(LEFT, size), b: signed(RIGHT, size) }))
const tree = (small: number, large: number) =>
  fileOf(proveTree(native, { subject: LOG, ...forkedTree(small, large) }))
const backwards = () =>
  fileOf(
    proveCosigner(native, {
      subject: COSIGNER,
      a: cosigned(LEFT, 12, TIME + 60),
      b: cosigned(LEFT, 20, TIME),
    }),
  )

async function evidenceOf(
  accounts: Accounts = KNOWN,
  store = new MemoryKeyValue(),
  closingOf: ClosingOf = () => undefined,
) {
  let now = 1_000
  const evidence = new Evidence({
    primitives: native,
    store,
    clock: { now: () => (now += 1) },
    accounts: () => accounts,
  })
  evidence.judgeEpochsBy(closingOf)
  const faults = await evidence.open()
  return { evidence, store, faults }
}

describe('evidence', () => {
  it('freezes the log that a proof convicts, on disk before it answers, and says so once', async () => {
    const { evidence, store } = await evidenceOf()
    const heard: string[] = []
    evidence.onNew(({ source }) => heard.push(`${source} ${store.size}`))
    assert.equal(evidence.frozen(ORIGIN), undefined)
    const added = await evidence.add(sameSize(12), 'gossip')
    assert.equal(added.kind, 'new')
    assert.equal((await evidence.add(sameSize(12), 'again')).kind, 'known')
    assert.deepEqual(heard, ['gossip 1'])
    const frozen = evidence.frozen(ORIGIN)
    assert.deepEqual(
      [frozen?.proven.kind, frozen?.proven.sizes, frozen?.proven.commonSizeMax, frozen?.at],
      ['size', [12, 12], 11, 1_001],
    )
    assert.equal(evidence.frozen(MIRROR_ORIGIN), undefined)
  })

  it('stays frozen over a restart, by the same proof', async () => {
    const { evidence, store } = await evidenceOf()
    await evidence.add(tree(12, 20), 'gossip')
    // What is stored was judged when it came: a member that left, or a closed epoch, does not lift it.
    const again = await evidenceOf(accountsOf([]), store)
    assert.deepEqual(again.faults, [])
    assert.deepEqual(again.evidence.list(), evidence.list())
    assert.deepEqual(again.evidence.frozen(ORIGIN)?.id, evidence.frozen(ORIGIN)?.id)
    assert.deepEqual(again.evidence.digest(), evidence.digest())
  })

  it('names a damaged row and leaves it out, until somebody brings the proof again', async () => {
    const { evidence, store } = await evidenceOf()
    const added = await evidence.add(tree(12, 20), 'gossip')
    assert.ok(added.kind === 'new')
    const key = keyOf('evidence', added.held.id)
    const row = store.getSync(key)
    assert.ok(row)
    await store.batch([{ type: 'put', key, value: row.map((byte, at) => (at === 900 ? byte ^ 1 : byte)) }])
    const again = await evidenceOf(KNOWN, store)
    assert.deepEqual(
      again.faults.map(({ code }) => code),
      ['STORE_DAMAGED'],
    )
    assert.equal(again.evidence.frozen(ORIGIN), undefined)
    assert.equal((await again.evidence.add(tree(12, 20), 'a peer')).kind, 'new')
  })

  it('makes proofs of two notes as they came, with lines of anybody, in any order', async () => {
    const { evidence } = await evidenceOf()
    const [a, b] = [withCosignature(signed(RIGHT, 12), MIRROR, TIME), signed(LEFT, 12)]
    assert.equal((await evidence.consider({ subject: LOG, a, b }, 'two heads'))?.kind, 'new')
    assert.deepEqual(evidence.list()[0]?.bytes, sameSize(12))
    const { a: smaller, b: larger, prefixRoot, proof } = forkedTree(12, 20)
    const two = { subject: LOG, a: larger, b: smaller, prefix: { prefixRoot, proof } }
    assert.equal((await evidence.consider(two, 'two sizes'))?.kind, 'new')
    assert.deepEqual(evidence.list()[1]?.bytes, tree(12, 20))
    const same = { subject: LOG, a: signed(LEFT, 12), b: signed(LEFT, 12) }
    assert.equal(await evidence.consider(same, 'one head twice'), undefined)
  })

  it('strikes a cosigner, and not the log it cosigned', async () => {
    const { evidence } = await evidenceOf()
    const added = await evidence.add(backwards(), 'gossip')
    assert.ok(added.kind === 'new')
    assert.deepEqual(added.held.convicted, { kind: 'cosigner', role: 'mirror', domain: MIRROR_DOMAIN })
    assert.equal(evidence.frozen(ORIGIN), undefined)
    assert.equal(evidence.frozen(MIRROR_ORIGIN), undefined)
    assert.deepEqual(evidence.against(COSIGNER), added.held)
  })

  it('strikes an outside witness that the charter names by this key, and no other', async () => {
    const proof = fileOf(
      proveCosigner(native, {
        subject: COSIGNER,
        a: cosigned(LEFT, 12, TIME),
        b: cosigned(RIGHT, 12, TIME + 60),
      }),
    )
    const namedWith = (key: typeof MIRROR.key): Accounts => {
      const { document, ...charter } = accountsOf([{ origin: ORIGIN, keys: [['log', LOG_KEY.key]] }]).charter
      const outside = { needed: 1, witnesses: [{ name: MIRROR.name, key, url: 'https://w.example' }] }
      return { ...KNOWN, charter: { ...charter, document: { ...document, outside } } }
    }
    const { evidence, store } = await evidenceOf(namedWith(MIRROR.key))
    const added = await evidence.add(proof, 'gossip')
    assert.ok(added.kind === 'new')
    assert.deepEqual(added.held.convicted, { kind: 'cosigner', role: 'outside', domain: MIRROR.name })
    assert.equal(evidence.frozen(ORIGIN), undefined)
    const again = await evidenceOf(namedWith(MIRROR.key), store)
    assert.deepEqual(again.evidence.against(COSIGNER)?.convicted, added.held.convicted)
    // C2SP lets a witness set its clock back, so times alone convict no stranger.
    const clock = await (await evidenceOf(namedWith(MIRROR.key))).evidence.add(backwards(), 'gossip')
    assert.deepEqual(clock, { kind: 'refused', fault: 'clock-outside', blame: 'nobody' })
    const other = await evidenceOf(namedWith(testKey(9).key))
    const refused = await other.evidence.add(proof, 'gossip')
    assert.ok(refused.kind === 'refused' && refused.fault === 'not-a-member')
  })

  it('hands out the first proof against a key by the id of that key', async () => {
    const { evidence } = await evidenceOf()
    const empty = evidence.digest()
    await evidence.add(sameSize(12), 'first')
    const digest = evidence.digest()
    await evidence.add(sameSize(13), 'second')
    assert.notDeepEqual(digest, empty)
    // Nodes that hold different proofs against one key have nothing to exchange.
    assert.deepEqual(evidence.digest(), digest)
    const [subject, ...others] = evidence.struck()
    assert.ok(subject !== undefined && others.length === 0)
    assert.deepEqual(evidence.proofAgainst(subject), sameSize(12))
    assert.equal(evidence.proofAgainst(new Uint8Array(32)), undefined)
  })

  it('keeps a few proofs against one key, however many are made', async () => {
    const { evidence } = await evidenceOf()
    for (let size = 11; size <= 24; size++) await evidence.add(sameSize(size), 'gossip')
    assert.equal(evidence.list().length, 8)
    assert.equal(evidence.byOrigin(ORIGIN).length, 8)
  })
})

describe('nobody can freeze an honest member', () => {
  const { networkId: _, ...elsewhere } = KNOWN.charter
  const stranger = accountsOf([{ origin: MIRROR_ORIGIN, keys: [['mirror', MIRROR.key]] }])
  const withLog = (keys: Parameters<typeof accountsOf>[0][number]['keys']) =>
    accountsOf([{ origin: ORIGIN, keys }])
  const other = { ...KNOWN, charter: { ...elsewhere, networkId: 'b'.repeat(51) + 'a' } }
  const read = parseOrigin(ORIGIN)
  assert.ok(read.ok)

  const table: readonly (readonly [string, Accounts, Uint8Array, string, 'sender' | 'nobody'])[] = [
    ['notes of another network', other, sameSize(12), 'not-a-member', 'sender'],
    ['notes of somebody who is no member', stranger, sameSize(12), 'not-a-member', 'sender'],
    [
      'a key that the log does not declare',
      withLog([['log', testKey(9).key]]),
      sameSize(12),
      'key-not-declared',
      'sender',
    ],
    [
      'a key declared for something else',
      withLog([['statement', LOG_KEY.key]]),
      sameSize(12),
      'key-not-declared',
      'sender',
    ],
    ['a log that is not held here', { ...KNOWN, logs: [] }, sameSize(12), 'key-not-known-yet', 'nobody'],
    [
      'a mirror key that was retired',
      accountsOf([
        { origin: ORIGIN, keys: [['log', LOG_KEY.key]] },
        { origin: MIRROR_ORIGIN, keys: [['mirror', MIRROR.key, { retiredAt: 5 }]] },
      ]),
      backwards(),
      'key-not-in-force',
      'nobody',
    ],
    [
      'a witness key under the name of a mirror',
      accountsOf([
        { origin: ORIGIN, keys: [['log', LOG_KEY.key]] },
        { origin: MIRROR_ORIGIN, keys: [['witness', MIRROR.key]] },
      ]),
      backwards(),
      'key-not-in-force',
      'nobody',
    ],
    ['junk', KNOWN, Buffer.from('candor/equivocation@v1\n'), 'equivocation-shape', 'sender'],
    [
      'a proof with one byte changed',
      KNOWN,
      tree(12, 20).map((byte, at, all) => (at === all.length - 6 ? byte ^ 1 : byte)),
      'root-mismatch',
      'sender',
    ],
  ]
  for (const [what, accounts, file, fault, blame] of table) {
    it(`with ${what}`, async () => {
      const { evidence, store } = await evidenceOf(accounts)
      assert.deepEqual(await evidence.add(file, 'test'), { kind: 'refused', fault, blame })
      assert.equal(store.size, 0)
      assert.deepEqual(evidence.list(), [])
    })
  }

  it('with the stolen key of a closed epoch, whether the proof or the closing comes first', async () => {
    const isClosed = { closing: 'confirmed', isProtected: true } as const
    let closing: ReturnType<ClosingOf> = isClosed
    const { evidence, store } = await evidenceOf(KNOWN, new MemoryKeyValue(), () => closing)
    assert.equal((await evidence.add(sameSize(12), 'after the closing')).kind, 'new')
    // Kept and passed on, it freezes nothing.
    assert.deepEqual(
      [evidence.frozen(ORIGIN), evidence.byOrigin(ORIGIN).length, store.size],
      [undefined, 1, 1],
    )

    closing = undefined
    const other = await evidenceOf(KNOWN, new MemoryKeyValue(), () => closing)
    await other.evidence.add(sameSize(12), 'before the closing')
    assert.ok(other.evidence.frozen(ORIGIN))
    closing = isClosed
    assert.equal(other.evidence.frozen(ORIGIN), undefined)
    assert.deepEqual(other.evidence.struck(), evidence.struck())
    // A closing that nobody confirmed, or that contradicts what was confirmed, protects nothing.
    for (const state of ['unconfirmed', 'contradicted'] as const) {
      closing = { closing: state, isProtected: false }
      assert.ok(evidence.frozen(ORIGIN) && other.evidence.frozen(ORIGIN))
    }
  })

  it('with heads it signed once and again, or an old head beside a new one', async () => {
    const { evidence } = await evidenceOf()
    const old = { subject: LOG, a: signed(LEFT, 12), b: signed(LEFT, 20) }
    assert.equal(await evidence.consider(old, 'a replayed head'), undefined)
    const { proof } = forkedTree(12, 20)
    for (const prefixRoot of [new Uint8Array(32), LOG_KEY.key]) {
      assert.equal(await evidence.consider({ ...old, prefix: { prefixRoot, proof } }, 'rubbish'), undefined)
    }
  })
})

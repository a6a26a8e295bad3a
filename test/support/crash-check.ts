/** What must hold of an exchange at every moment, whatever crashed: by the bytes that left and what lay on the disks. */
import assert from 'node:assert/strict'
import { equal, printHex } from '../../protocol/bytes.ts'
import { isSigned, parseAccess } from '../../protocol/access/signed.ts'
import { parse, type Value } from '../../protocol/codec/cbor.ts'
import { isMap } from '../../protocol/codec/value.ts'
import type { TrailEntry } from '../../protocol/access/trail.ts'
import { parseEntry } from '../../protocol/codec/statement.ts'
import { native } from '../../node/keys/native.ts'
import { after, keyOf } from '../../node/store/prefixes.ts'
import { readVault } from '../../node/store/vault.ts'
import type { Running } from './disclosing.ts'
import type { CrashingPair, Sent, SideName } from './crashing.ts'
import type { MemoryKeyValue } from './memory-kv.ts'
import { SECRETS, type Parties } from './parties.ts'

type Trails = Sent['trails']

/** Nothing left without its entry, and no entry says what did not happen. */
export function checkSent(sent: readonly Sent[], from = 0): void {
  for (const [offset, one] of sent.slice(from).entries()) {
    checkEntryBefore(one)
    checkNothingReadable(one)
    checkClaims(one.trails, sent.slice(0, from + offset + 1))
  }
}

/** Each message rests on an entry that was on its sender's disk when it left. */
function checkEntryBefore({ from, message, ciphertext, trails, held }: Sent): void {
  const has = (step: TrailEntry['step'], statement: Uint8Array | null) =>
    assert.ok(
      trails[from].some((entry) => entry.step === step && isSame(entry.statement, statement)),
      `${message.kind} left the ${from} without "${step}"`,
    )
  switch (message.kind) {
    case 'granted': {
      has('offered', message.grant)
      const offered = trails.owner.findIndex(({ statement }) => isSame(statement, message.grant))
      assert.ok(trails.owner.slice(0, offered).some(({ step }) => step === 'decided'))
      const { ciphertext: hash } = trails.owner[offered]?.facts ?? {}
      assert.deepEqual(hash, message.offer.ciphertext)
      if (ciphertext !== undefined) assert.deepEqual(native.sha256(ciphertext), message.offer.ciphertext)
      return
    }
    case 'key':
      assert.ok(
        trails.owner.some(({ step }) => step === 'receipted'),
        'a key left without a receipt',
      )
      return
    case 'denied':
      return has('denied', message.denial)
    case 'revoked':
      return has('revoked', message.revocation)
    case 'request':
      return has('requested', message.signed)
    case 'receipt':
      assert.ok(trails.reader.some(({ facts }) => isSame(facts['receipt'], message.signed)))
      return
    case 'confirm':
      return has('opened', null)
    case 'ack': {
      const ack = parseAccess(message.signed)
      assert.ok(ack.ok && isSigned(ack.value, 'ack'))
      const { state } = ack.value.statement
      assert.ok(state !== 'erased' || !held, 'said that it erased what lies on its disk')
      return has('answered', message.signed)
    }
    default:
  }
}

/** Without the content key of a receipted grant nothing that left can be read: only the sealed form ever leaves. */
function checkNothingReadable({ bytes, ciphertext }: Sent): void {
  for (const word of SECRETS)
    for (const one of [bytes, ciphertext ?? new Uint8Array(0)])
      assert.ok(!Buffer.from(one).includes(word), `${word} left unsealed`)
}

/** What the trails say happened between the two did happen, as far as the bytes show. */
export function checkClaims(trails: Trails, sent: readonly Sent[]): void {
  const said = (from: SideName, kind: Sent['message']['kind'], bytes?: Uint8Array | null) =>
    sent.some(
      ({ from: who, message }) =>
        who === from &&
        message.kind === kind &&
        (bytes === undefined || ('signed' in message && isSame(message.signed, bytes))),
    )
  for (const { step, statement } of trails.owner) {
    if (step === 'decided') assert.ok(said('reader', 'request', statement), 'a decision on no request')
    if (step === 'receipted') assert.ok(said('reader', 'receipt', statement), 'a receipt that never came')
    if (step === 'confirmed') assert.ok(said('reader', 'confirm') && said('owner', 'key'))
    if (step === 'acknowledged') assert.ok(said('reader', 'ack', statement))
  }
  for (const { step, statement } of trails.reader) {
    const granted = ({ message }: Sent) =>
      message.kind === 'granted' && isSame(message.grant, statement ?? new Uint8Array(0))
    if (step === 'received') assert.ok(sent.some((one) => granted(one) && one.ciphertext !== undefined))
    if (step === 'opened') assert.ok(said('owner', 'key'), 'opened without a key')
  }
}

/** At the end: one grant, one ciphertext, one key; every statement logged once; nothing readable on a disk. */
export async function checkEnd(parties: Parties, pair: CrashingPair): Promise<void> {
  checkSent(pair.sent)
  const trails = { owner: await pair.trailOf('owner'), reader: await pair.trailOf('reader') }
  checkClaims(trails, pair.sent)
  for (const step of ['decided', 'offered', 'receipted', 'confirmed', 'denied', 'revoked', 'ruled', 'erased'])
    assert.ok(trails.owner.filter((entry) => entry.step === step).length <= 1, `${step} twice`)
  for (const step of ['requested', 'received', 'opened'])
    assert.ok(trails.reader.filter((entry) => entry.step === step).length <= 1, `${step} twice`)
  const grants = pair.sent.flatMap(({ message }) => (message.kind === 'granted' ? [message] : []))
  assert.ok(new Set(grants.map(({ grant }) => printHex(grant))).size <= 1, 'two grants')
  await checkStates(pair, trails.owner)
  await checkLogged(parties, pair, trails)
  for (const side of ['owner', 'reader'] as const) await checkDisk(pair.disk(side))
}

/** Of what was erased nothing is left, whatever the disk holds of it: no file, no row, and nothing still to be done. */
export async function checkErased(pair: CrashingPair, side: SideName): Promise<void> {
  assert.equal(pair.sets(side).left(), 0, `files are left at the ${side}`)
  for (const space of ['forgotten', 'erasing'] as const) {
    const start = keyOf(space)
    const rows = await collect(pair.disk(side).iterate({ gte: start, lt: after(start) }))
    assert.deepEqual(rows, [], `something is left to be done at the ${side}`)
  }
}

/** Whoever has signed that it erased something holds nothing of it, sent or not: a kill just now would leave that. */
export async function checkSigned(pair: CrashingPair): Promise<void> {
  const reader = await pair.trailOf('reader')
  const isSaid = reader.some(({ step, facts }) => step === 'answered' && facts['state'] === 'erased')
  assert.ok(!isSaid || !(await pair.holds()), 'signed that it erased what lies on its disk')
}

/** What a case is taken for agrees with the trail: only what was confirmed counts as more than unconfirmed. */
async function checkStates(pair: CrashingPair, trail: readonly TrailEntry[]): Promise<void> {
  for await (const { state, id, offered } of pair.owner.disclosure.cases.all()) {
    const steps = trail.filter(({ request }) => equal(request, id)).map(({ step }) => step)
    if (state === 'confirmed') assert.ok(steps.includes('confirmed'))
    if (state === 'receipted') assert.ok(steps.includes('receipted') && !steps.includes('confirmed'))
    if (state === 'offered') assert.ok(steps.includes('offered') && !steps.includes('receipted'))
    if (offered === null) continue
    for (const { bytes, ciphertext } of pair.sent)
      for (const one of [bytes, ciphertext ?? new Uint8Array(0)])
        assert.ok(!Buffer.from(one).includes(Buffer.from(offered.contentKey)), 'a content key left unsealed')
  }
}

/** Each signed statement stands in the log of its signer exactly once. */
async function checkLogged(parties: Parties, pair: CrashingPair, trails: Trails): Promise<void> {
  const of = (side: SideName, steps: readonly string[]) =>
    trails[side].flatMap(({ step, statement, facts }) => [
      ...(steps.includes(step) && statement !== null ? [statement] : []),
      ...(side === 'reader' && facts['receipt'] instanceof Uint8Array ? [facts['receipt']] : []),
    ])
  const owned = of('owner', ['offered', 'denied', 'revoked'])
  const asked = of('reader', ['requested', 'answered'])
  assert.deepEqual(await loggedBy(parties, 0, pair.owner), owned.map(printHex).toSorted())
  assert.deepEqual(await loggedBy(parties, 1, pair.reader), asked.map(printHex).toSorted())
}

async function loggedBy(parties: Parties, at: number, { logs, store }: Running): Promise<readonly string[]> {
  const { origin, sealer } = parties.party(at)
  const log = logs.get(origin)
  assert.ok(log)
  const logged: string[] = []
  for (const [index, bytes] of logs.entries(log, 0, 256).entries()) {
    const entry = parseEntry(bytes)
    if (!entry.ok || entry.value.statement.kind !== 'access') continue
    const document = (await readVault(store, sealer, log.number, index))?.research[2]
    const access = isMap(document) ? document['access'] : undefined
    if (access instanceof Uint8Array) logged.push(printHex(access))
  }
  return logged.toSorted()
}

async function checkDisk(disk: MemoryKeyValue): Promise<void> {
  const all = { gte: Uint8Array.of(0), lt: new Uint8Array(64).fill(255) }
  for await (const [, value] of disk.iterate(all))
    for (const word of SECRETS) assert.ok(!Buffer.from(value).includes(word), `${word} on a disk`)
}

export async function collect<T>(of: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = []
  for await (const one of of) found.push(one)
  return found
}

export function released(bytes: Uint8Array | undefined): Value | undefined {
  const read = bytes && parse(bytes)
  const document = read?.ok === true && isMap(read.value) ? read.value['document'] : undefined
  const content = document instanceof Uint8Array ? parse(document) : undefined
  return content?.ok === true ? content.value : undefined
}

function isSame(value: unknown, bytes: Uint8Array | null): boolean {
  if (bytes === null) return value === null
  return value instanceof Uint8Array && equal(value, bytes)
}

/**
 * What a reader says after a grant: the receipt against which the content key leaves, that it opened what it got,
 * that it heard of a change, that it objects to a denial. Each is checked under the key that signed its request, and
 * on disk before it is answered. Spec 06 §7, steps 4 to 6.
 */
import { equal, printHex } from '../../protocol/bytes.ts'
import { lostStanding } from '../../protocol/access/decide.ts'
import { isSigned, parseAccess, type AccessStatement, type Signed } from '../../protocol/access/signed.ts'
import type { Receipt } from '../../protocol/access/receipt.ts'
import { branded } from '../../protocol/brand.ts'
import type { PublicKey } from '../../protocol/identity/key.ts'
import { verifySignature } from '../../protocol/identity/signature.ts'
import { ACKS_MAX, type Case, type Offered } from './cases.ts'
import { askingOf, subjectOf } from './facts.ts'
import { answerOf, contextOf, refused, requestOf, type Gate, type GateAnswer } from './gate.ts'
import { sealContentKey } from './seal.ts'

/** The content key, once the receipt for exactly this ciphertext is on disk. */
export function takeReceipt(gate: Gate, bytes: Uint8Array, peer: Uint8Array): Promise<GateAnswer> {
  return withStatement(bytes, 'receipt', (signed) =>
    inTurn(gate, signed.statement.request, peer, async (one) => {
      const { offered } = one
      if (offered === null) return refused('no-grant')
      if (!isBy(gate, one, signed)) return refused('key-unknown', 'a receipt signed by another')
      if (!isFor(signed.statement, offered)) return refused('other-grant', 'a receipt for something else')
      // Whoever waits for a key that never comes is told why.
      if (one.state === 'revoked') return { answer: answerOf(one) }
      const objection = await whyNotNow(gate, one, offered)
      if (objection !== undefined) return refused(objection)
      // It is sealed while the receipt is on its way to the disk, and leaves when that is there.
      const key = keyFor(gate, one, offered)
      key.catch(() => undefined)
      if (one.receipt === null) await record(gate, one, bytes)
      return key
    }),
  )
}

/** The reader opened and verified it: entry D. */
export function takeConfirmation(gate: Gate, id: Uint8Array, peer: Uint8Array): Promise<GateAnswer> {
  return inTurn(gate, id, peer, async (one) => {
    if (one.receipt === null) return refused('no-receipt')
    if (one.state === 'receipted') {
      const next: Case = { ...one, state: 'confirmed' }
      await gate.parts.trail.append([gate.entry(next, 'confirmed', null, {})], gate.parts.cases.put(next))
    }
    return NOTED
  })
}

/** Of a revocation, a retraction, a correction or an erasure, by whoever signed a receipt. */
export async function takeAck(gate: Gate, bytes: Uint8Array, peer: Uint8Array): Promise<GateAnswer> {
  return withStatement(bytes, 'ack', async (signed) => {
    const id = await gate.parts.cases.idOf(signed.statement.grant)
    if (id === undefined) return refused('no-grant')
    return inTurn(gate, id, peer, async (one) => {
      if (!isBy(gate, one, signed)) return refused('key-unknown', 'an acknowledgement signed by another')
      // Nothing readable was disclosed without one, so there is nothing to mark or to delete.
      if (one.receipt === null) return refused('no-receipt')
      if (one.acks.some((ack) => equal(ack, bytes))) return NOTED
      if (one.acks.length >= ACKS_MAX) return refused('too-many')
      const next: Case = { ...one, acks: [...one.acks, bytes] }
      const { state } = signed.statement
      const entry = gate.entry(next, 'acknowledged', bytes, { state })
      await gate.parts.trail.append([entry], [...gate.parts.cases.put(next), ...gate.accounted(one, bytes)])
      return NOTED
    })
  })
}

export async function takeAppeal(gate: Gate, bytes: Uint8Array, peer: Uint8Array): Promise<GateAnswer> {
  return withStatement(bytes, 'appeal', async (signed) => {
    const id = await gate.parts.cases.idOf(signed.statement.denial)
    if (id === undefined) return refused('no-denial')
    return inTurn(gate, id, peer, async (one) => {
      if (!isBy(gate, one, signed)) return refused('key-unknown', 'an appeal signed by another')
      if (one.appeal !== null) return equal(one.appeal, bytes) ? NOTED : refused('too-many')
      const next: Case = { ...one, appeal: bytes }
      const rows = [...gate.parts.cases.put(next), ...gate.accounted(one, bytes)]
      await gate.parts.trail.append([gate.entry(next, 'appealed', bytes, {})], rows)
      return NOTED
    })
  })
}

const NOTED: GateAnswer = { answer: { kind: 'noted' } }

async function record(gate: Gate, one: Case, receipt: Uint8Array): Promise<void> {
  const next: Case = { ...one, state: 'receipted', receipt }
  const rows = [...gate.parts.cases.put(next), ...gate.accounted(one, receipt)]
  await gate.parts.trail.append([gate.entry(next, 'receipted', receipt, {})], rows)
}

async function keyFor(gate: Gate, one: Case, { grantId, contentKey }: Offered): Promise<GateAnswer> {
  const { box } = requestOf(one).statement
  const context = contextOf(gate.parts, one, grantId)
  const sealed = await sealContentKey(gate.parts.primitives, context, contentKey, box)
  return sealed === undefined ? refused('box-unknown') : { answer: { kind: 'key', sealed } }
}

/**
 * What came between the grant and what leaves under it now, the key or blocks of a file: its end, the end of the standing
 * it rested on, or that we have not heard enough of the others to know.
 */
export async function whyNotNow(gate: Gate, one: Case, offered: Offered): Promise<string | undefined> {
  const now = gate.now()
  if (now >= offered.until) return 'grant-ended'
  if (!gate.parts.isFresh()) return 'not-fresh'
  const signed = requestOf(one)
  const subject = await subjectOf(gate.parts, signed.statement)
  if (subject?.part === undefined) return 'part-gone'
  const { requester } = await askingOf(gate.parts, signed, now)
  return lostStanding({ request: signed.statement, requester, peer: one.peer, record: subject.facts })
}

/** The receipt names everything about one disclosure; nothing else can be claimed under it. */
function isFor(receipt: Receipt, { grantId, offer }: Offered): boolean {
  return (
    equal(receipt.grant, grantId) &&
    equal(receipt.ciphertext, offer.ciphertext) &&
    equal(receipt.keyCommitment, offer.keyCommitment)
  )
}

/** Signed with the key of the request; whether that key is still in force, `whyNotNow` asks. */
function isBy(gate: Gate, one: Case, signed: Signed): boolean {
  if (
    !equal(signed.keyId, one.requester) ||
    !equal(fromOf(signed.statement), fromOf(requestOf(one).statement))
  )
    return false
  const key = branded<PublicKey>(one.signer)
  return verifySignature(gate.parts.primitives, key, signed.toBeSigned, signed.signature)
}

function fromOf(statement: AccessStatement): Uint8Array {
  return Buffer.from('from' in statement && statement.from !== null ? statement.from : '')
}

async function inTurn(
  gate: Gate,
  id: Uint8Array,
  peer: Uint8Array,
  work: (one: Case) => Promise<GateAnswer>,
): Promise<GateAnswer> {
  return gate.turns.take(printHex(id), async () => {
    const one = await gate.parts.cases.get(id)
    if (one === undefined || !equal(one.peer, peer)) return refused('unknown-request')
    return work(one)
  })
}

async function withStatement<K extends AccessStatement['kind']>(
  bytes: Uint8Array,
  kind: K,
  work: (signed: Signed<Extract<AccessStatement, { kind: K }>>) => Promise<GateAnswer>,
): Promise<GateAnswer> {
  const signed = parseAccess(bytes)
  if (!signed.ok) return refused('malformed', signed.fault)
  return isSigned(signed.value, kind) ? work(signed.value) : refused('malformed', `no ${kind}`)
}

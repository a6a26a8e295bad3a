/**
 * Requests to this node, each with what became of it: the state that an answer is made of. A case is written in one
 * batch with the trail entry of the step that changed it, sealed, because it holds content keys and justifications.
 */
import { encode, parse, type Value } from '../../protocol/codec/cbor.ts'
import { isBytes, isCount, isList, isMap, type MapValue } from '../../protocol/codec/value.ts'
import { offerOf } from '../../protocol/access/message.ts'
import { accessId, parseAccess } from '../../protocol/access/signed.ts'
import type { SealOffer } from '../../protocol/sealing/sealed.ts'
import { native } from '../keys/native.ts'
import type { KeyValue, Operation, Sealer } from '../ports.ts'
import { after, keyOf } from '../store/prefixes.ts'
import { SPACE } from './space.ts'

/** How the released part is made of what the vault holds; the same form gives the same bytes again. */
export type ReleaseForm =
  | { readonly kind: 'whole' }
  /** Redacted by these rules, as `protocol/redaction/rules.ts` reads them. */
  | { readonly kind: 'redaction'; readonly rules: Value }

export type Offered = {
  readonly grant: Uint8Array
  readonly grantId: Uint8Array
  readonly until: number
  readonly form: ReleaseForm
  readonly offer: SealOffer
  readonly contentKey: Uint8Array
}

/** `asked`: a person has to decide. `allowed`: somebody or a rule did, and the grant is not signed yet. */
export type CaseState = 'asked' | 'allowed' | 'denied' | 'offered' | 'receipted' | 'confirmed' | 'revoked'

export type Case = {
  readonly id: Uint8Array
  readonly request: Uint8Array
  /** Ed25519 key of the peer that brought it. */
  readonly peer: Uint8Array
  /** Key id of the requester. */
  readonly requester: Uint8Array
  /** Public key under which the request verified: its later statements are signed with the same. */
  readonly signer: Uint8Array
  /** Seconds since 1970. */
  readonly at: number
  readonly state: CaseState
  readonly denial: Uint8Array | null
  /** The terms that hold, where others were accepted. */
  readonly terms: Uint8Array | null
  readonly offered: Offered | null
  readonly receipt: Uint8Array | null
  readonly revocation: Uint8Array | null
  readonly acks: readonly Uint8Array[]
  readonly appeal: Uint8Array | null
  /** Of which blocks were sent under the grant. */
  readonly files: readonly SentFile[]
}

/** A file by its root, and whether its reader said that it holds it whole. */
export type SentFile = { readonly root: Uint8Array; readonly isConfirmed: boolean }

/** Acknowledgements kept of one case: one for each change of a record, and few records change often. */
export const ACKS_MAX = 64

export class Cases {
  private readonly store: KeyValue
  private readonly sealer: Sealer

  constructor(store: KeyValue, sealer: Sealer) {
    this.store = store
    this.sealer = sealer
  }

  put(one: Case): readonly Operation[] {
    const key = keyOf('disclosure', { byte: SPACE.case }, one.id)
    const row: Operation = { type: 'put', key, value: this.sealer.seal(key, printCase(one)) }
    return one.offered === null ? [row] : [row, this.named(one.offered.grantId, one.id)]
  }

  /** The row by which a request is found again from the grant or the denial that answered it. */
  named(answer: Uint8Array, id: Uint8Array): Operation {
    return { type: 'put', key: keyOf('disclosure', { byte: SPACE.answer }, answer), value: id }
  }

  /** Nothing of it stays, nor what led to it. */
  async remove(id: Uint8Array): Promise<readonly Operation[]> {
    const one = await this.get(id)
    if (one === undefined) return []
    const denial = one.denial === null ? undefined : parseAccess(one.denial)
    const names = [
      ...(one.offered === null ? [] : [one.offered.grantId]),
      ...(denial?.ok === true ? [accessId(native, denial.value)] : []),
    ]
    const rows = [
      keyOf('disclosure', { byte: SPACE.case }, id),
      ...names.map((name) => keyOf('disclosure', { byte: SPACE.answer }, name)),
    ]
    return rows.map((key): Operation => ({ type: 'del', key }))
  }

  async get(id: Uint8Array): Promise<Case | undefined> {
    const key = keyOf('disclosure', { byte: SPACE.case }, id)
    const sealed = await this.store.get(key)
    return sealed === undefined ? undefined : readCase(this.sealer.open(key, sealed))
  }

  /** The request that this grant or denial answers. */
  idOf(answer: Uint8Array): Promise<Uint8Array | undefined> {
    return this.store.get(keyOf('disclosure', { byte: SPACE.answer }, answer))
  }

  async *all(): AsyncGenerator<Case> {
    const start = keyOf('disclosure', { byte: SPACE.case })
    for await (const [key, sealed] of this.store.iterate({ gte: start, lt: after(start) })) {
      const one = readCase(this.sealer.open(key, sealed))
      if (one !== undefined) yield one
    }
  }
}

function printCase(one: Case): Uint8Array {
  const { offered, files: sent, ...others } = one
  const files: Value = sent.map(({ root, isConfirmed }) => [root, isConfirmed])
  const rest = { ...others, files }
  if (offered === null) return encode({ v: 1, ...rest, offered })
  const { ciphertext, length, keyCommitment } = offered.offer
  const form: Value = offered.form.kind === 'whole' ? null : offered.form.rules
  const printed = { ...offered, form, offer: [ciphertext, length, keyCommitment] }
  return encode({ v: 1, ...rest, offered: printed })
}

function readCase(bytes: Uint8Array): Case | undefined {
  const read = parse(bytes)
  if (!read.ok || !isMap(read.value) || read.value['v'] !== 1) return undefined
  const value = read.value
  const { id, request, peer, requester, signer, at, state, acks } = value
  if (!isBytes(id, 32) || !isBytes(peer, 32) || !isBytes(requester, 32) || !isBytes(signer, 32))
    return undefined
  if (!(request instanceof Uint8Array) || !isCount(at) || !isList(acks)) return undefined
  const known = STATES.find((one) => one === state)
  const offered = value['offered'] === null ? null : offeredOf(value['offered'])
  if (known === undefined || offered === undefined) return undefined
  return {
    id,
    request,
    peer,
    requester,
    signer,
    at,
    state: known,
    offered,
    denial: bytesAt(value, 'denial'),
    terms: bytesAt(value, 'terms'),
    receipt: bytesAt(value, 'receipt'),
    revocation: bytesAt(value, 'revocation'),
    appeal: bytesAt(value, 'appeal'),
    acks: acks.filter((ack) => ack instanceof Uint8Array),
    files: filesOf(value['files']),
  }
}

const STATES: readonly CaseState[] = [
  'asked',
  'allowed',
  'denied',
  'offered',
  'receipted',
  'confirmed',
  'revoked',
]

function offeredOf(value: Value | undefined): Offered | undefined {
  if (!isMap(value)) return undefined
  const { grant, grantId, until, form, contentKey } = value
  const offer = offerOf(value['offer'])
  if (!(grant instanceof Uint8Array) || !isBytes(grantId, 32) || !isBytes(contentKey, 32)) return undefined
  if (!isCount(until) || form === undefined || offer === undefined) return undefined
  const made: ReleaseForm = form === null ? { kind: 'whole' } : { kind: 'redaction', rules: form }
  return { grant, grantId, until, form: made, offer, contentKey }
}

/** None in cases of before it was kept. */
function filesOf(value: Value | undefined): readonly SentFile[] {
  if (!isList(value)) return []
  return value.flatMap((file) => {
    const [root, isConfirmed] = isList(file) ? file : []
    return isBytes(root, 32) ? [{ root, isConfirmed: isConfirmed === true }] : []
  })
}

function bytesAt(value: MapValue, key: string): Uint8Array | null {
  const found = value[key]
  return found instanceof Uint8Array ? found : null
}

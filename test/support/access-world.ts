/**
 * An owner in memory with everyone who may ask it: members, a researcher with accreditations of every kind, and
 * strangers. Statements are made here as anybody can make them, with right keys and wrong ones.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AccessAnswer } from '../../protocol/access/message.ts'
import type { Receipt } from '../../protocol/access/receipt.ts'
import type { Request } from '../../protocol/access/request.ts'
import {
  accessId,
  parseAccess,
  prepareAccess,
  sealAccess,
  type AccessStatement,
} from '../../protocol/access/signed.ts'
import type { Target } from '../../protocol/codec/statement.ts'
import { native } from '../../node/keys/native.ts'
import type { Signer } from '../../node/ports.ts'
import { stateAccess } from '../../node/disclosure/statements.ts'
import { POLICY, requestOf, startDisclosure, type Running } from './disclosing.ts'
import type { MemoryKeyValue } from './memory-kv.ts'
import { NOW, Parties, RECORD, type Researcher } from './parties.ts'

export const SECONDS = NOW / 1_000
const DAY = 86_400

/** Accreditations that were stated about one researcher. All but the first are wrong in one thing. */
export type Accredited =
  | 'in force'
  | 'by the wrong body'
  | 'expired'
  | 'not yet'
  | 'revoked'
  | 'of another sector'
  | 'of another purpose'

export class AccessWorld {
  readonly parties: Parties
  readonly on: Target
  readonly researcher: Researcher
  readonly stranger: Researcher
  readonly accreditations: ReadonlyMap<Accredited, Target>

  private constructor(
    parties: Parties,
    on: Target,
    given: {
      readonly researcher: Researcher
      readonly stranger: Researcher
      readonly accreditations: ReadonlyMap<Accredited, Target>
    },
  ) {
    this.parties = parties
    this.on = on
    this.researcher = given.researcher
    this.stranger = given.stranger
    this.accreditations = given.accreditations
  }

  /** The owner and the third member accredit, the second does not. */
  static async make(): Promise<AccessWorld> {
    const parties = await Parties.make(3, ['a.example', 'c.example'])
    writeFileSync(join(parties.directory, 'policy-a.example'), POLICY)
    const on = await parties.say(0, RECORD)
    const [researcher, stranger] = [parties.researcher('r'), parties.researcher('s')]
    const accreditations = new Map<Accredited, Target>()
    const accredit = async (
      name: Accredited,
      by: number,
      changes: Parameters<Parties['accreditation']>[1],
    ) => {
      const target = await parties.sayOf(by, parties.accreditation(researcher, changes))
      await parties.sayOf(2, { act: 'endorse' }, target)
      accreditations.set(name, target)
      return target
    }
    await accredit('in force', 0, {})
    await accredit('by the wrong body', 1, {})
    await accredit('expired', 0, { notBefore: SECONDS - 9 * DAY, notAfter: SECONDS })
    await accredit('not yet', 0, { notBefore: SECONDS + 1 })
    const revoked = await accredit('revoked', 0, {})
    await parties.sayOf(2, { act: 'revoke', reason: 'terms_broken' }, revoked)
    await accredit('of another sector', 0, { sectors: ['finance'] })
    await accredit('of another purpose', 0, { purposes: ['audit'] })
    await parties.share()
    return new AccessWorld(parties, on, { researcher, stranger, accreditations })
  }

  remove(): void {
    this.parties.remove()
  }

  /** The owner as its process runs it, over a fresh copy of its disk unless there is one already. */
  async owner(
    now: () => number = () => NOW,
    disk: MemoryKeyValue = this.parties.store(0),
  ): Promise<Running & { readonly disk: MemoryKeyValue }> {
    return { ...(await startDisclosure(this.parties, 0, disk, { now })), disk }
  }

  accreditation(name: Accredited): Target {
    const found = this.accreditations.get(name)
    if (found === undefined) throw new Error('bug: it was stated')
    return found
  }

  /** A good request of the second member, with these changes. */
  request(changes: Partial<Request> = {}): Request {
    return requestOf(this.parties, this.on, changes)
  }

  /** A good request of the researcher, with these changes. */
  research(name: Accredited, changes: Partial<Request> = {}): Request {
    const { node, box } = this.researcher
    return this.request({
      from: null,
      accreditation: this.accreditation(name),
      peer: node,
      box,
      tier: 'research',
      purpose: 'research',
      ...changes,
    })
  }

  signer(at: number): Signer {
    return this.parties.party(at).keystore.signer('statement')
  }

  signed(statement: AccessStatement, signer: Signer = this.signer(1)): Uint8Array {
    return stateAccess(native, signer, statement).bytes
  }

  /** Says that one key signed it, and signs it with another. */
  forged(statement: AccessStatement, claimed: Signer, signer: Signer): Uint8Array {
    const prepared = prepareAccess(statement, claimed.keyId)
    return sealAccess(prepared, signer.sign(prepared.toBeSigned))
  }

  /** The receipt for what this answer offers, with these changes. */
  receipt(answer: AccessAnswer, request: Uint8Array, changes: Partial<Receipt> = {}): Receipt {
    if (answer.kind !== 'granted') throw new Error(`nothing was granted but ${JSON.stringify(answer)}`)
    return {
      kind: 'receipt',
      network: this.parties.charter.networkId,
      at: SECONDS,
      from: this.parties.party(1).origin,
      request: idOf(request),
      grant: idOf(answer.grant),
      ciphertext: answer.offer.ciphertext,
      keyCommitment: answer.offer.keyCommitment,
      ...changes,
    }
  }
}

/** The id of a signed statement of an access. */
export function idOf(bytes: Uint8Array): Uint8Array {
  const signed = parseAccess(bytes)
  if (!signed.ok) throw new Error(`bug: ${signed.fault}`)
  return accessId(native, signed.value)
}

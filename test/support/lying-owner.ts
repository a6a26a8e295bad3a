/**
 * An owner that lies to a reader in memory: it has a member's real keys and its restricted part, and answers with what
 * a test makes of the truth. The lying stands here, never in `node/`.
 */
import { parseAccessAnswer, printAccessAnswer, type AccessMessage } from '../../protocol/access/message.ts'
import type { Grant } from '../../protocol/access/grant.ts'
import { leavesOf, printRelease, type Release } from '../../protocol/access/release.ts'
import {
  accessId,
  isSigned,
  parseAccess,
  type AccessStatement,
  type Signed,
} from '../../protocol/access/signed.ts'
import type { Request } from '../../protocol/access/request.ts'
import { parseEntry, type Entry } from '../../protocol/codec/statement.ts'
import { TIERS } from '../../protocol/codec/part.ts'
import { heldPart, type HeldPart } from '../../node/disclosure/release.ts'
import type { Reply } from '../../node/disclosure/reader.ts'
import { sealContentKey, sealPart } from '../../node/disclosure/seal.ts'
import { stateAccess } from '../../node/disclosure/statements.ts'
import { native } from '../../node/keys/native.ts'
import { systemRandom } from '../../node/keys/random.ts'
import type { Signer } from '../../node/ports.ts'
import { readVault } from '../../node/store/vault.ts'
import type { AccessWorld } from './access-world.ts'
import { SECONDS } from './access-world.ts'
import { startDisclosure, type Outside, type Running } from './disclosing.ts'

/** What a message is answered; undefined where nothing comes back. */
export type Lie = (message: AccessMessage) => Promise<Reply | undefined> | Reply | undefined

export type Crafted = {
  readonly granted: Reply & { readonly ciphertext: Uint8Array }
  readonly grantId: Uint8Array
  readonly contentKey: Uint8Array
  /** The answer to the receipt. */
  readonly key: Reply
}

export class LyingOwner {
  readonly part: HeldPart
  readonly honest: Running
  /** What the reader said, in order. */
  readonly heard: AccessMessage[] = []
  lie: Lie = (message) => this.truth(message)
  private readonly world: AccessWorld
  readonly entry: Entry

  private constructor(world: AccessWorld, honest: Running, part: HeldPart, entry: Entry) {
    this.world = world
    this.honest = honest
    this.part = part
    this.entry = entry
  }

  static async open(world: AccessWorld): Promise<LyingOwner> {
    const { parties, on } = world
    const store = parties.store(0)
    const honest = await startDisclosure(parties, 0, store)
    const log = honest.logs.get(on.origin)
    const [bytes] = log === undefined ? [] : honest.logs.entries(log, on.index, 1)
    const entry = parseEntry(bytes ?? new Uint8Array(0))
    const kept = log && (await readVault(store, parties.party(0).sealer, log.number, on.index))
    const part = heldPart(kept?.partner)
    if (part === undefined || !entry.ok) throw new Error('bug: the owner holds its part')
    return new LyingOwner(world, honest, part, entry.value)
  }

  /** The reader that asks this owner, from a fresh copy of its disk. */
  reader(now: () => number, more: Pick<Outside, 'mayPublish' | 'sets'> = {}): Promise<Running> {
    return startDisclosure(this.world.parties, 1, this.world.parties.store(1), {
      ...more,
      now,
      ask: async (_, message) => {
        this.heard.push(message)
        const reply = await this.lie(message)
        if (reply === undefined) return undefined
        const said = parseAccessAnswer(printAccessAnswer(reply.answer))
        if (!said.ok) throw new Error('bug: even a lie has the grammar of an answer')
        return { answer: said.value, ciphertext: reply.ciphertext }
      },
    })
  }

  async truth(message: AccessMessage): Promise<Reply> {
    const { answer, ciphertext } = await this.honest.disclosure.answer(
      message,
      this.world.parties.party(1).node,
    )
    return { answer, ciphertext }
  }

  stated(statement: AccessStatement, signer: Signer = this.world.signer(0)): Uint8Array {
    return stateAccess(native, signer, statement).bytes
  }

  whole(changes: Partial<Extract<Release, { kind: 'whole' }>> = {}): Release {
    const { opening, secret, document } = this.part
    return { kind: 'whole', opening, secret, document, ...changes }
  }

  /** A grant of this release, as consistent as it can be made, with these changes. */
  async craft(
    message: AccessMessage,
    release: Release = this.whole(),
    changes: Partial<Grant> = {},
    signer: Signer = this.world.signer(0),
  ): Promise<Crafted> {
    const request = requestIn(message)
    const { statement } = request
    const { on, tier, terms, owner, network, until } = statement
    const commitment = this.entry.statement.parts[TIERS.indexOf(tier)]
    if (commitment === undefined) throw new Error('bug: an entry has three parts')
    const id = accessId(native, request)
    const leaves = leavesOf(native, release)
    const common = { kind: 'grant', network, at: SECONDS, owner, to: request.keyId, request: id } as const
    const grant: Grant = { ...common, on, tier, commitment, leaves, until, terms, ...changes }
    const { bytes, id: grantId } = stateAccess(native, signer, grant)
    const context = { network, request: id, grant: grantId, tier, recipient: request.keyId }
    const contentKey = systemRandom.bytes(32)
    const { ciphertext, offer } = sealPart(native, context, contentKey, printRelease(release))
    const sealed = await sealContentKey(native, context, contentKey, statement.box)
    if (sealed === undefined) throw new Error('bug: a box key of the test')
    return {
      granted: { answer: { kind: 'granted', grant: bytes, offer }, ciphertext },
      grantId,
      contentKey,
      key: { answer: { kind: 'key', sealed }, ciphertext: undefined },
    }
  }
}

function requestIn(message: AccessMessage): Signed<Request> {
  const signed = 'signed' in message ? parseAccess(message.signed) : undefined
  if (signed?.ok !== true || !isSigned(signed.value, 'request')) throw new Error('bug: a request was sent')
  return signed.value
}

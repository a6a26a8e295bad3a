/** Logs of a whole coalition made of bytes, their heads cosigned by whoever is named, and bundles out of them. */
import { randomFillSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Keystore } from '../../node/keys/keystore.ts'
import { native } from '../../node/keys/native.ts'
import { compose, type ComposerParts, type Content } from '../../node/log/composer.ts'
import { composeGenesis } from '../../node/log/genesis.ts'
import { composeKeyEvents, type KeyAct } from '../../node/log/key-events.ts'
import { comparePlaces, type Bundle, type KeyProof } from '../../protocol/audit/bundle.ts'
import { parseEntry, type Head, type Target } from '../../protocol/codec/statement.ts'
import type { CharterState } from '../../protocol/governance/charter.ts'
import { readCharter } from '../../protocol/governance/charter-file.ts'
import {
  parseSignedCheckpoint,
  printOrigin,
  printSignedCheckpoint,
  type SignedCheckpoint,
} from '../../protocol/log/checkpoint.ts'
import { cosign, printCosignerName, type CosignerRole } from '../../protocol/log/cosignature.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import type { ProofFile } from '../../protocol/log/proof-file.ts'
import { makeCoalition, type Coalition } from './coalition.ts'
import type { SignedLeaf } from './signed-log.ts'
import { consistencyOf, pathOf, rootOf, treeOf } from './tree.ts'

export const TIME = 1_790_000_000

/** Who cosigned a head, by the place of the member, and when. */
export type Cosigners = readonly (readonly [number: number, time: number])[]

export class LogInBytes {
  readonly origin: string
  readonly domain: string
  readonly keystore: Keystore
  readonly leaves: SignedLeaf[] = []
  private readonly parts: ComposerParts
  private readonly lab: BundleLab

  constructor(lab: BundleLab, domain: string, keys: string) {
    this.lab = lab
    this.domain = domain
    this.keystore = Keystore.open(keys, undefined)
    this.origin = printOrigin({ domain, networkId: lab.charter.networkId, epoch: 1 })
    const random = { bytes: (count: number) => randomFillSync(new Uint8Array(count)) }
    const clock = { now: () => TIME * 1_000 }
    const signer = this.keystore.signer('statement')
    this.parts = { primitives: native, origin: this.origin, signer, random, clock }
    this.begin()
  }

  /** Begins the log with what the keystore holds now. */
  begin(): void {
    const { entry, part } = composeGenesis(this.keystore, this.parts)
    this.leaves.splice(0, this.leaves.length, { bytes: entry.bytes, part })
  }

  /** States something; what comes back is its index and what the author keeps. */
  say(content: Partial<Content> = {}, signer = this.parts.signer) {
    const unsigned = compose(
      { ...this.parts, signer },
      { kind: 'incident', public: { title: `Incident ${this.leaves.length}` }, ...content },
    )
    const { entry, part, kept, record } = unsigned.finish(signer.sign(unsigned.toBeSigned))
    this.leaves.push({ bytes: entry.bytes, part })
    return { index: this.leaves.length - 1, kept, record }
  }

  change(...acts: readonly KeyAct[]): void {
    for (const { entry, part } of composeKeyEvents(this.keystore, this.parts, acts))
      this.leaves.push({ bytes: entry.bytes, part })
  }

  targetOf(index: number): Target {
    return { origin: this.origin, index, leaf: leafHash(native, this.leaf(index).bytes) }
  }

  leaf(index: number): SignedLeaf {
    const leaf = this.leaves[index]
    if (leaf === undefined) throw new Error('bug: no such leaf')
    return leaf
  }

  /** A signed head with cosignatures. */
  head(size: number, mirrors: Cosigners = [], role: CosignerRole = 'mirror'): SignedCheckpoint {
    const root = rootOf(this.tree(size), 0n, BigInt(size))
    const { publicKey, sign } = this.keystore.logSigner(1)
    const head = { origin: this.origin, size, root }
    const signed = parseSignedCheckpoint(printSignedCheckpoint(native, head, publicKey, sign))
    if (!signed.ok) throw new Error('bug: a head of ours')
    const { checkpoint, note } = signed.value
    const lines = mirrors.map(([number, time]) => {
      const { domain, keystore } = this.lab.log(number)
      const { publicKey: key, sign: by } = keystore.signer(role)
      return cosign(native, { name: printCosignerName(domain, role), key }, { text: note.text, time }, by)
    })
    return { checkpoint, note: { ...note, signatures: [...note.signatures, ...lines] } }
  }

  proof(index: number, signed: SignedCheckpoint): ProofFile {
    const { size } = signed.checkpoint
    const proof = pathOf(this.tree(size), BigInt(index), 0n, BigInt(size))
    return { entry: this.leaf(index).bytes, index, proof, signed }
  }

  consistency(from: SignedCheckpoint, to: SignedCheckpoint) {
    const [older, newer] = [BigInt(from.checkpoint.size), BigInt(to.checkpoint.size)]
    return { from, to, proof: consistencyOf(this.tree(to.checkpoint.size), older, newer) }
  }

  /** Leaf 0 and the key events below a head, under it. */
  keys(signed: SignedCheckpoint): readonly KeyProof[] {
    return this.leaves.slice(0, signed.checkpoint.size).flatMap(({ bytes, part }, index) => {
      const entry = parseEntry(bytes)
      const isKey = entry.ok && ['epoch', 'key'].includes(entry.value.statement.kind)
      return isKey ? [{ file: this.proof(index, signed), part }] : []
    })
  }

  /** Leaf 0 of the second epoch, which closes the first at this head, under its own first head. */
  second(previous: Head): KeyProof {
    const origin = printOrigin({ domain: this.domain, networkId: this.lab.charter.networkId, epoch: 2 })
    const logKey = this.keystore.prepareLogKey(2)
    const opening = { logKey, previous, because: null, without: [] }
    const { entry, part } = composeGenesis(this.keystore, { ...this.parts, origin }, opening)
    const root = leafHash(native, entry.bytes)
    const note = printSignedCheckpoint(native, { origin, size: 1, root }, logKey.publicKey, logKey.sign)
    const signed = parseSignedCheckpoint(note)
    if (!signed.ok) throw new Error('bug: a head of ours')
    return { file: { entry: entry.bytes, index: 0, proof: [], signed: signed.value }, part }
  }

  private tree(size: number) {
    return treeOf(this.leaves.slice(0, size).map(({ bytes }) => leafHash(native, bytes)))
  }
}

export class BundleLab {
  readonly charter: CharterState
  readonly charterBytes: Uint8Array
  readonly logs: readonly LogInBytes[]
  readonly coalition: Coalition

  constructor(coalition: Coalition) {
    this.coalition = coalition
    this.charterBytes = new Uint8Array(readFileSync(coalition.charterFile))
    const charter = readCharter(native, this.charterBytes)
    if (!charter.ok) throw new Error('bug: a charter of ours')
    this.charter = charter.value
    this.logs = coalition.members.map(({ domain, home }) => new LogInBytes(this, domain, home.keys))
  }

  static async open(members: number, options: Parameters<typeof makeCoalition>[1] = {}): Promise<BundleLab> {
    return new BundleLab(await makeCoalition(members, options))
  }

  log(number: number): LogInBytes {
    const log = this.logs[number]
    if (log === undefined) throw new Error('bug: no such member')
    return log
  }

  remove(): void {
    this.coalition.remove()
  }

  /** Statements of one log under one head, with everybody's keys and the public parts. */
  bundle(number: number, indices: readonly number[], signed: SignedCheckpoint): Bundle {
    const log = this.log(number)
    const others = this.logs.filter((other) => other !== log)
    const keys = [
      ...log.keys(signed),
      ...others.flatMap((other) => other.keys(other.head(other.leaves.length))),
    ]
    return {
      policy: null,
      proofs: indices.map((index) => log.proof(index, signed)),
      openings: indices.map((index, proof) => ({ proof, tier: 'public', part: log.leaf(index).part })),
      consistency: [],
      equivocations: [],
      keys: keys.toSorted((a, b) => comparePlaces(a.file, b.file)),
    }
  }
}

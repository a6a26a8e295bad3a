/** A data set of an owner in memory, granted to an accredited member and to a researcher, and what ends such a grant. */
import type { Target } from '../../protocol/codec/statement.ts'
import { printDigest } from '../../protocol/dataset/manifest.ts'
import { printHex } from '../../protocol/bytes.ts'
import type { OwnHead } from '../../node/dataset/head.ts'
import { Gate } from '../../node/disclosure/gate.ts'
import { revoke } from '../../node/disclosure/person.ts'
import { AccessDesk, type Said } from './access-desk.ts'
import { AccessWorld, idOf, SECONDS } from './access-world.ts'
import { RECORD } from './parties.ts'
import { counting } from './statements.ts'

export type FileGrant = {
  readonly id: Uint8Array
  readonly request: Uint8Array
  readonly by: 'member' | 'researcher'
}

/** What a manifest says of a file. */
export type DescribedFile = Pick<OwnHead, 'path' | 'bytes' | 'digest' | 'root' | 'contentKey'>

export const ANY_FILE: DescribedFile = {
  path: 'data/rows.csv',
  bytes: 40 * 1_048_576,
  digest: counting(32, 0x50),
  root: counting(32, 0x51),
  contentKey: counting(32, 0x52),
}

export class FileGrants {
  readonly world: AccessWorld
  desk: AccessDesk
  /** The gate that is asked; another one stands for a charter that was changed. */
  gate: Gate
  private readonly on: Target
  private readonly accreditations: Readonly<Record<FileGrant['by'], Target>>

  private constructor(
    world: AccessWorld,
    desk: AccessDesk,
    on: Target,
    accreditations: FileGrants['accreditations'],
  ) {
    this.world = world
    this.desk = desk
    this.gate = desk.owner.disclosure.gate
    this.on = on
    this.accreditations = accreditations
  }

  static async of({ path, bytes, digest, root, contentKey }: DescribedFile): Promise<FileGrants> {
    const world = await AccessWorld.make()
    const { parties } = world
    const [file, tree, key] = [printDigest(digest), printDigest(root), printHex(contentKey)]
    const manifest = [{ path, digest: file, bytes, root: tree, key }]
    const on = await parties.say(0, { ...RECORD, research: { manifest } })
    const { keystore, box, node } = parties.party(1)
    const member = await parties.sayOf(0, parties.accreditation({ keystore, box, node }))
    await parties.sayOf(2, { act: 'endorse' }, member)
    await parties.share()
    const researcher = world.accreditation('in force')
    return new FileGrants(world, await AccessDesk.open(world), on, { member, researcher })
  }

  /** Granted and, unless said otherwise, receipted. */
  async grant(by: FileGrant['by'], until: 'granted' | 'receipted' = 'receipted'): Promise<FileGrant> {
    const { world, desk } = this
    const request = by === 'member' ? this.memberAsks() : this.researcherAsks()
    const { answer } = await desk.say('request', request)
    if (answer.kind !== 'granted') throw new Error(`bug: it is ${JSON.stringify(answer)}`)
    const made = { id: idOf(answer.grant), request: idOf(request.signed), by }
    if (until === 'granted') return made
    const receipt = world.receipt(answer, request.signed, by === 'member' ? {} : { from: null })
    const said = by === 'member' ? desk.byReader(receipt) : desk.byResearcher(receipt)
    const { answer: key } = await desk.say('receipt', said)
    if (key.kind !== 'key') throw new Error(`bug: it is ${JSON.stringify(key)}`)
    return made
  }

  /** The key of whoever was granted it, as the connection proves it. */
  peerOf({ by }: FileGrant): Uint8Array {
    return by === 'member' ? this.desk.node(1) : this.world.researcher.node
  }

  /** With which a host of whoever was granted it proves that key. */
  seedOf({ by }: FileGrant): Uint8Array {
    const { parties, researcher } = this.world
    return (by === 'member' ? parties.party(1) : researcher).keystore.nodeSeed()
  }

  /** An owner whom nobody asked yet; what was said of accreditations reaches it only when more is said. */
  async renew(): Promise<void> {
    this.desk = await AccessDesk.open(this.world)
    this.gate = this.desk.owner.disclosure.gate
  }

  remove(): void {
    this.world.remove()
  }

  private memberAsks(): Said {
    const { on, accreditations } = this
    const asked = { on, tier: 'research', purpose: 'research', accreditation: accreditations.member } as const
    return this.desk.byReader(this.world.request(asked))
  }

  private researcherAsks(): Said {
    return this.desk.byResearcher(this.world.research('in force', { on: this.on }))
  }

  private async stated(act: Parameters<AccessWorld['parties']['sayOf']>[1], on: Target): Promise<void> {
    await this.world.parties.sayOf(2, act, on)
    await this.world.parties.bring(0, this.desk.owner.logs)
  }

  accreditationOf({ by }: FileGrant): Target {
    return this.accreditations[by]
  }

  /** Each of these ends the right to have files under a grant, at once. What is revoked stays so: that comes last. */
  static readonly ENDINGS: Readonly<Record<string, (grants: FileGrants, grant: FileGrant) => Promise<void>>> =
    {
      'the grant is revoked': ({ gate }, { request }) =>
        revoke(gate, request, { reason: 'leak', note: null }),
      'the accreditation is suspended': (grants, grant) => {
        const times = { from: SECONDS - 60, until: SECONDS + 86_400 }
        return grants.stated(
          { act: 'suspend', ...times, reason: 'under_review' },
          grants.accreditationOf(grant),
        )
      },
      'the accreditation is revoked': (grants, grant) =>
        grants.stated({ act: 'revoke', reason: 'terms_broken' }, grants.accreditationOf(grant)),
      'the owner has heard nothing of the others for two days': ({ desk }) => {
        desk.now += 2 * 86_400_000
        return Promise.resolve()
      },
    }

  /** The same gate under a charter that suspends the member. */
  suspendMember(): void {
    const { charter } = this.gate.parts
    const document = { ...charter.document, suspended: ['b.example'] }
    this.gate = new Gate({ ...this.gate.parts, charter: { ...charter, document } })
  }
}

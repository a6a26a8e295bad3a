/** Three members' logs made of bytes only, under heads that the others cosigned, as a node would hand them over. */
import { Keystore } from '../../node/keys/keystore.ts'
import { native } from '../../node/keys/native.ts'
import type { Service } from '../../node/api/client.ts'
import { bytesOfText } from '../../protocol/bytes.ts'
import { cosign, printCosignerName, type CosignerRole } from '../../protocol/log/cosignature.ts'
import { parseNote, printNote } from '../../protocol/log/note.ts'
import { makeCoalition, type Coalition } from './coalition.ts'
import { signedLogOf, type SignedLeaf, type SignedLog } from './signed-log.ts'

const MEMBERS = [0, 1, 2] as const

/** What a node shows of one log; changed by tests. */
export type Shown = { note: Uint8Array; leaves: readonly SignedLeaf[] }

export class AuditedCoalition {
  readonly coalition: Coalition
  readonly logs: readonly SignedLog[]

  private constructor(coalition: Coalition, logs: readonly SignedLog[]) {
    this.coalition = coalition
    this.logs = logs
  }

  static async make(incidents: number): Promise<AuditedCoalition> {
    const coalition = await makeCoalition(MEMBERS.length)
    return new AuditedCoalition(
      coalition,
      MEMBERS.map((number) => signedLogOf(coalition, number, incidents)),
    )
  }

  remove(): void {
    this.coalition.remove()
  }

  /** A note with the lines of these members over it, at this time; seconds since 1970. */
  cosigned(
    note: Uint8Array,
    by: readonly number[],
    time: number,
    roles: readonly CosignerRole[] = ['mirror', 'witness'],
  ): Uint8Array {
    const read = parseNote(note)
    if (!read.ok) throw new Error('bug: a note')
    const { text, signatures } = read.value
    const lines = by.flatMap((number) => {
      const member = this.coalition.members[number]
      if (member === undefined) throw new Error('bug: a member')
      const keystore = Keystore.open(member.home.keys, undefined)
      return roles.map((role) => {
        const { publicKey: key, sign } = keystore.signer(role)
        return cosign(native, { name: printCosignerName(member.domain, role), key }, { text, time }, sign)
      })
    })
    return printNote({ text, signatures: [...signatures, ...lines] })
  }

  /** Every log under its newest head, confirmed by both others at this time. */
  shown(time: number): Shown[] {
    return this.logs.map(({ leaves, noteOf }, number) => ({
      leaves,
      note: this.cosigned(
        noteOf(leaves),
        MEMBERS.filter((other) => other !== number),
        time,
      ),
    }))
  }

  /** A node that shows this of the first, the second and the third log, and holds none for which nothing is given. */
  service(shown: readonly (Shown | undefined)[]): Partial<Service> {
    const find = (origin: string | undefined) => {
      const at = this.logs.findIndex((log) => log.origin === origin)
      const one = shown[at]
      if (one === undefined) throw new Error('bug: a log that is shown')
      return one
    }
    const views = this.logs.flatMap(({ origin }, at) => {
      const one = shown[at]
      return one === undefined ? [] : [{ origin, domain: domainOf(origin), size: one.leaves.length }]
    })
    return {
      charter: () => Promise.resolve(this.logs[0]?.charterBytes ?? bytesOfText('')),
      logs: () => Promise.resolve(views as never),
      head: (origin) => Promise.resolve(find(origin).note),
      quorumHeads: (origin) => Promise.resolve([Buffer.from(find(origin).note).toString('utf8')]),
      evidenceList: () => Promise.resolve([]),
      entries: (origin, from, count) => {
        const some = find(origin).leaves.slice(from, from + count)
        const parts = some.map(({ part }) => [part.opening, part.mediaType, part.bytes] as const)
        return Promise.resolve({ from, entries: some.map(({ bytes }) => bytes), parts })
      },
    }
  }
}

function domainOf(origin: string): string {
  return origin.split('/')[0] ?? origin
}

/** What a member's cosigner states that it must not: of an honest log, and not signed by it. */
import { cosign, printCosignerName, type CosignerRole } from '../../protocol/log/cosignature.ts'
import { printCheckpoint, type Checkpoint } from '../../protocol/log/checkpoint.ts'
import { parseNote, printNote } from '../../protocol/log/note.ts'
import { Keystore } from '../../node/keys/keystore.ts'
import { native } from '../../node/keys/native.ts'
import type { Coalition } from './coalition.ts'

/** Of one log that is honest: its newest head, and one that it signed before. */
export type Heads = {
  readonly origin: string
  readonly newest: Uint8Array
  readonly before: Uint8Array
  /** Of the newest. */
  readonly size: number
}

export type CosignerLie = {
  readonly what: string
  /**
   * The lines on these heads exclude each other; by the place of the honest member that is shown them. A head that its log never
   * signed comes last: it costs its sender, and whoever is banned tells nothing more.
   */
  readonly notes: (liar: LyingCosigner, heads: Heads) => readonly (readonly Uint8Array[])[]
}

const TIME = Math.floor(Date.now() / 1_000)

export const COSIGNER_LIES: readonly CosignerLie[] = [
  {
    what: 'goes back in size as time goes on',
    notes: (liar, { origin, newest, before }) => [
      [liar.over(newest, origin, TIME)],
      [liar.over(before, origin, TIME + 60)],
      [],
      [],
    ],
  },
  {
    what: 'goes back in time as the log grows',
    notes: (liar, { origin, newest, before }) => [
      [],
      [],
      [liar.over(before, origin, TIME)],
      [liar.over(newest, origin, TIME - 60)],
    ],
  },
  {
    what: 'cosigns two roots of one size, of which the log signed one',
    notes: (liar, { origin, newest, size }) => [
      [liar.over(newest, origin, TIME)],
      [],
      [],
      [liar.invented({ origin, size, root: new Uint8Array(32).fill(7) }, TIME + 60)],
    ],
  },
  {
    what: 'cosigns a head that is not part of the larger one it cosigned too',
    notes: (liar, { origin, newest, size }) => [
      [],
      [liar.over(newest, origin, TIME + 60)],
      [liar.invented({ origin, size: size - 1, root: new Uint8Array(32).fill(7) }, TIME)],
      [],
    ],
  },
]

export class LyingCosigner {
  private readonly keystore: Keystore
  private readonly domain: string
  private readonly role: CosignerRole

  constructor({ members }: Coalition, number: number, role: CosignerRole = 'witness') {
    const member = members[number]
    if (member === undefined) throw new Error('bug: no such member')
    this.keystore = Keystore.open(member.home.keys, undefined)
    this.domain = member.domain
    this.role = role
  }

  /** A note as its log signed it, with our line at this time alone beside the log's own. */
  over(note: Uint8Array, origin: string, time: number): Uint8Array {
    const read = parseNote(note)
    if (!read.ok) throw new Error('bug: a note')
    const { text, signatures } = read.value
    const own = signatures.filter(({ name }) => name === origin)
    return printNote({ text, signatures: [...own, this.line(text, time)] })
  }

  /** A head that its log never signed. */
  invented(head: Checkpoint, time: number): Uint8Array {
    const text = printCheckpoint(head)
    return printNote({ text, signatures: [this.line(text, time)] })
  }

  key() {
    return this.keystore.signer(this.role).publicKey
  }

  private line(text: string, time: number) {
    const { publicKey: key, sign } = this.keystore.signer(this.role)
    return cosign(native, { name: printCosignerName(this.domain, this.role), key }, { text, time }, sign)
  }
}

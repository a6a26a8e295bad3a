/** What a member's cosigner states that it must not: of an honest log, and not signed by it. */
import { cosign, printCosignerName, type CosignerRole } from '../../protocol/log/cosignature.ts'
import { printCheckpoint, type Checkpoint } from '../../protocol/log/checkpoint.ts'
import { parseNote, printNote } from '../../protocol/log/note.ts'
import { Keystore } from '../../node/keys/keystore.ts'
import { native } from '../../node/keys/native.ts'
import type { Coalition } from './coalition.ts'

export class LyingCosigner {
  private readonly keystore: Keystore
  private readonly domain: string

  constructor({ members }: Coalition, number: number) {
    const member = members[number]
    if (member === undefined) throw new Error('bug: no such member')
    this.keystore = Keystore.open(member.home.keys, undefined)
    this.domain = member.domain
  }

  /** A note as its log signed it, with our line at this time alone beside the log's own. */
  over(note: Uint8Array, origin: string, time: number, role: CosignerRole = 'witness'): Uint8Array {
    const read = parseNote(note)
    if (!read.ok) throw new Error('bug: a note')
    const { text, signatures } = read.value
    const own = signatures.filter(({ name }) => name === origin)
    return printNote({ text, signatures: [...own, this.line(text, time, role)] })
  }

  /** A head that its log never signed. */
  invented(head: Checkpoint, time: number, role: CosignerRole = 'witness'): Uint8Array {
    const text = printCheckpoint(head)
    return printNote({ text, signatures: [this.line(text, time, role)] })
  }

  private line(text: string, time: number, role: CosignerRole) {
    const { publicKey: key, sign } = this.keystore.signer(role)
    return cosign(native, { name: printCosignerName(this.domain, role), key }, { text, time }, sign)
  }
}

/** The rows in which the cosigned heads of a log are stored. */
import { printCosignerName } from '../../protocol/log/cosignature.ts'
import { printCosigned, type CosignedHead } from '../../protocol/log/cosigned-head.ts'
import { parseNote, printNote } from '../../protocol/log/note.ts'
import type { KeyValue, Operation } from '../ports.ts'
import { after, keyOf } from '../store/prefixes.ts'

export const KIND = { newest: 0, quorum: 1, earlier: 2 } as const

/** The two rows of a log as they are to be. */
export function rowsOf(
  log: number,
  newest: CosignedHead | undefined,
  quorum: CosignedHead | undefined,
): readonly Operation[] {
  const row = (kind: number, head: CosignedHead | undefined): Operation => {
    const key = keyOf('cosigned', { log }, { byte: kind })
    return head === undefined ? { type: 'del', key } : { type: 'put', key, value: printCosigned(head) }
  }
  return [row(KIND.newest, newest), row(KIND.quorum, quorum)]
}

/** Heads of a log that are looked at for what a member stated last: those of about an hour in which the log grew. */
const LOOKED_AT_MAX = 8

/** Of the last heads that are kept for good, the newest with lines of this member, with those alone. */
export async function earlierBy(
  store: KeyValue,
  log: number,
  domain: string,
): Promise<Uint8Array | undefined> {
  const prefix = keyOf('cosigned', { log }, { byte: KIND.earlier })
  const names = [printCosignerName(domain, 'witness'), printCosignerName(domain, 'mirror')]
  for await (const [, note] of store.iterate({
    gte: prefix,
    lt: after(prefix),
    reverse: true,
    limit: LOOKED_AT_MAX,
  })) {
    const read = parseNote(note)
    const lines = read.ok ? read.value.signatures.filter(({ name }) => names.includes(name)) : []
    if (read.ok && lines.length > 0) return printNote({ text: read.value.text, signatures: lines })
  }
  return undefined
}

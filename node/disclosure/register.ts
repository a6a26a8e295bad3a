/**
 * The accreditations that stand in the logs held here: found by reading each entry once, and kept in memory from then
 * on. Derived; a restart finds them again. Spec 06 §2.
 */
import { parseEntry, type Target } from '../../protocol/codec/statement.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import { accreditationAt, type AccreditationSource } from './accreditations.ts'
import type { HeldAccreditation } from '../../protocol/access/requester.ts'

export type RegisteredAccreditation = HeldAccreditation & { readonly target: Target; readonly author: string }

/** Entries read at once. */
const READ_AT_ONCE = 256

/** Stands in the entry of every accreditation; entries without it need not be parsed. */
const KIND = Buffer.from('accreditation')

export class Register {
  private readonly source: AccreditationSource
  // How far each log was read, and what was found. Written by `refresh` only.
  private readonly readTo = new Map<string, number>()
  private found: Target[] = []

  constructor(source: AccreditationSource) {
    this.source = source
  }

  /** All accreditations and what each comes to at this moment, in seconds since 1970. */
  async list(now: number): Promise<readonly RegisteredAccreditation[]> {
    this.refresh()
    const listed: RegisteredAccreditation[] = []
    for (const target of this.found) {
      const held = await accreditationAt(this.source, target, now)
      if (held === undefined) continue
      listed.push({ ...held, target, author: target.origin.slice(0, target.origin.indexOf('/')) })
    }
    return listed
  }

  private refresh(): void {
    const { logs, primitives } = this.source
    for (const log of logs.all()) {
      let at = this.readTo.get(log.origin) ?? 0
      while (at < log.edge.size) {
        const entries = logs.entries(log, at, Math.min(READ_AT_ONCE, log.edge.size - at))
        if (entries.length === 0) break
        for (const [offset, bytes] of entries.entries()) {
          if (!isAccreditation(bytes)) continue
          this.found.push({ origin: log.origin, index: at + offset, leaf: leafHash(primitives, bytes) })
        }
        at += entries.length
      }
      this.readTo.set(log.origin, at)
    }
  }
}

/** Acts on an accreditation are of the same kind and are left out: they are on another entry. */
function isAccreditation(bytes: Uint8Array): boolean {
  if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(KIND)) return false
  const entry = parseEntry(bytes)
  return entry.ok && entry.value.statement.kind === 'accreditation' && entry.value.statement.on === null
}

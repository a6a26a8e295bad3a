/** What stands in an audit trail about each request: entries by request, and the signed statements in them. Spec 06 §11. */
import { printHex } from '../bytes.ts'
import { isSigned, parseAccess, type AccessStatement, type Signed } from '../access/signed.ts'
import type { TrailEntry, TrailStep } from '../access/trail.ts'
import type { TrailFile } from './trail-file.ts'

/** Entries about each request that were not pruned, in their order; requests are named in hexadecimal. */
export function byRequest({ lines }: Pick<TrailFile, 'lines'>): ReadonlyMap<string, readonly TrailEntry[]> {
  const found = new Map<string, TrailEntry[]>()
  for (const line of lines) {
    if (line.kind === 'pruned') continue
    const name = printHex(line.entry.request)
    const known = found.get(name)
    if (known === undefined) found.set(name, [line.entry])
    else known.push(line.entry)
  }
  return found
}

/** The bytes of every signed statement in an entry: that of the step, and the receipt beside a grant that came. */
export function statementsIn({ statement, facts }: TrailEntry): readonly Uint8Array[] {
  const { receipt } = facts
  const beside = receipt instanceof Uint8Array ? [receipt] : []
  return statement === null ? beside : [statement, ...beside]
}

export function signedIn(bytes: Uint8Array | null | undefined): Signed | undefined {
  const read = bytes === null || bytes === undefined ? undefined : parseAccess(bytes)
  return read?.ok === true ? read.value : undefined
}

/** The statement of this kind that the first entry with one holds. */
export function statedIn<K extends AccessStatement['kind']>(
  entries: readonly TrailEntry[],
  step: TrailStep,
  kind: K,
): Signed<Extract<AccessStatement, { kind: K }>> | undefined {
  for (const entry of entries) {
    const signed = entry.step === step ? signedIn(entry.statement) : undefined
    if (signed !== undefined && isSigned(signed, kind)) return signed
  }
  return undefined
}

export function domainOf(origin: string): string {
  return origin.slice(0, origin.indexOf('/'))
}

/** What was released to us: what it was sealed for, and whether it is what the entry committed to and the grant names. */
import { isSigned, parseAccess, type Signed } from '../../protocol/access/signed.ts'
import { checkRelease, parseRelease } from '../../protocol/access/release.ts'
import type { Request } from '../../protocol/access/request.ts'
import { parseEntry } from '../../protocol/codec/statement.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import type { SealContext } from '../../protocol/sealing/sealed.ts'
import type { Logs } from '../store/logs.ts'
import type { AskedCase } from './asked.ts'

/** Our copy of the log is behind or being made whole; that is nobody's fault. */
export const NOT_HELD = 'the entry is not held here'

/** What is wrong with an opened release, by the entry as it is held here. */
export function faultOfRelease(
  { logs, primitives }: { readonly logs: Logs; readonly primitives: Primitives },
  one: AskedCase,
  request: Signed<Request>,
  bytes: Uint8Array,
): string | undefined {
  const { on } = request.statement
  const log = logs.get(on.origin)
  const [held] = log === undefined ? [] : logs.entries(log, on.index, 1)
  const entry = held && parseEntry(held)
  const grant = parseAccess(one.grant ?? new Uint8Array(0))
  if (entry?.ok !== true || !grant.ok || !isSigned(grant.value, 'grant')) return NOT_HELD
  const release = parseRelease(bytes)
  if (!release.ok) return release.fault
  const asked = { entry: entry.value, request, grant: grant.value }
  const checked = checkRelease(primitives, asked, release.value)
  return checked.ok ? undefined : checked.fault
}

export function sealContextOf(
  { statement: { network, tier }, keyId }: Signed<Request>,
  request: Uint8Array,
  grant: Uint8Array,
): SealContext {
  return { network, request, grant, tier, recipient: keyId }
}

/** What the accreditation that a request names comes to now, from the entries held here. Spec 06 §2. */
import { equal } from '../../protocol/bytes.ts'
import {
  accreditationState,
  readAccreditationAct,
  type AccreditationAct,
} from '../../protocol/access/accreditation.ts'
import type { HeldAccreditation } from '../../protocol/access/requester.ts'
import { parseEntry, type Target } from '../../protocol/codec/statement.ts'
import type { CharterState } from '../../protocol/governance/charter.ts'
import { standingOf } from '../../protocol/governance/standing.ts'
import { parseOrigin } from '../../protocol/log/checkpoint.ts'
import { documentOf } from '../../protocol/log/entry.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import type { KeyValue } from '../ports.ts'
import type { Logs } from '../store/logs.ts'
import { after, keyOf, numberAt } from '../store/prefixes.ts'

export type AccreditationSource = {
  readonly primitives: Primitives
  readonly store: KeyValue
  readonly logs: Logs
  readonly charter: CharterState
}

export type FoundAct = { readonly by: string; readonly act: AccreditationAct }

/** Undefined where the statement is not held, or is no accreditation. */
export async function accreditationAt(
  source: AccreditationSource,
  target: Target,
  now: number,
): Promise<HeldAccreditation | undefined> {
  const found = actAt(source, target.origin, target.index, target.leaf)
  if (found?.act.act !== 'accredit') return undefined
  const { document } = source.charter
  const { accreditation } = found.act
  const state = accreditationState({
    accreditation,
    by: found.by,
    acts: await actsOn(source, target.leaf),
    accreditors: document.accreditors,
    needed: document.accreditorsNeeded,
    isSuspended: (domain) => standingOf(source.charter, domain) === 'suspended',
    now,
  })
  return { accreditation, state }
}

/** What members stated on an accreditation, those of one member in the order of its log. */
export async function actsOn(source: AccreditationSource, leaf: Uint8Array): Promise<readonly FoundAct[]> {
  const prefix = keyOf('target', leaf)
  const found: FoundAct[] = []
  for await (const [key] of source.store.iterate({ gte: prefix, lt: after(prefix) })) {
    const origin = source.logs.originOf(numberAt(key, prefix.length, 4))
    const index = numberAt(key, prefix.length + 4, 6)
    const act = origin === undefined ? undefined : actAt(source, origin, index, undefined)
    if (act !== undefined) found.push(act)
  }
  return found
}

function actAt(
  { primitives, logs, charter }: AccreditationSource,
  origin: string,
  index: number,
  leaf: Uint8Array | undefined,
): FoundAct | undefined {
  const log = logs.get(origin)
  const by = parseOrigin(origin)
  const [bytes] = log === undefined || index >= log.edge.size ? [] : logs.entries(log, index, 1)
  if (log === undefined || bytes === undefined || !by.ok) return undefined
  if (leaf !== undefined && !equal(leafHash(primitives, bytes), leaf)) return undefined
  const entry = parseEntry(bytes)
  const part = logs.part(log, index)
  if (!entry.ok || part === undefined || entry.value.statement.kind !== 'accreditation') return undefined
  const isOn = entry.value.statement.on !== null
  const document = documentOf(part)
  const act =
    document === undefined ? undefined : readAccreditationAct(primitives, charter.networkId, document)
  if (act?.ok !== true) return undefined
  // An accreditation is on nothing; everything else is on one.
  return (act.value.act === 'accredit') === isOn ? undefined : { by: by.value.domain, act: act.value }
}

/** Findings about where an audit's bytes came from: what a host says of its own store, and files of a published tree. Spec 08 §7. */
import { NodeError, type Client, type LogView, type StatusView, type StoreCheck } from '../node/api/client.ts'
import { placeText, ruleOf, severityOf, type PlaceFault } from '../protocol/audit/rules.ts'
import type { AuditFinding } from './audit-report.ts'
import { isHeldBack } from './held-back.ts'
import type { OriginFault } from './tree/audit.ts'

/** What a host found when it read its own store again; `said` is undefined where it could not be asked. */
export type StoreSaid = {
  readonly entries: number
  readonly damaged: readonly Damaged[]
}

/** What a host says of itself, beside the bytes that it hands over. */
export type HostSaid = {
  readonly status: Pick<StatusView, 'member' | 'readOnly'>
  readonly logs: readonly Pick<LogView, 'origin' | 'state' | 'why'>[]
  /** Files that may prove something against a cosigner. */
  readonly proofs: readonly Uint8Array[]
}

type Damaged = Extract<StoreCheck, { event: 'damaged' }>

/** Damages that are taken from a host: a lost disk has thousands, and the first say it. */
const DAMAGES_MAX = 1_000

/** Proofs that are taken from a host: the first against each key convicts, and a coalition has so many keys. */
const PROOFS_MAX = 1_024

export async function askHost(
  client: Pick<Client, 'status' | 'logs' | 'evidenceList' | 'evidenceFile'>,
): Promise<HostSaid> {
  const [status, logs] = [await client.status(), await client.logs()]
  return { status, logs, proofs: await cosignerProofs(client) }
}

/** Files that may prove something against a cosigner, as a node hands them over. */
export async function cosignerProofs(
  client: Pick<Client, 'evidenceList' | 'evidenceFile'>,
): Promise<readonly Uint8Array[]> {
  const listed = (await client.evidenceList()).filter(({ kind }) => kind === 'cosigner')
  const files: Uint8Array[] = []
  for (const { id } of listed.slice(0, PROOFS_MAX)) files.push(await client.evidenceFile(id))
  return files
}

/** What a host says against itself: it can only make a verdict worse. */
export function hostFindings({ status, logs }: HostSaid): readonly AuditFinding[] {
  const { member, readOnly } = status
  const own =
    readOnly !== undefined && isHeldBack(status)
      ? [{ ...hostFinding('host-read-only', member.domain, readOnly.why), origin: null }]
      : []
  return [
    ...own,
    ...logs.flatMap(({ origin, state, why }) =>
      state === 'withheld' || state === 'stopped' ? [hostFinding(`log-${state}`, origin, why)] : [],
    ),
  ]
}

/** Has a node read its store again. Undefined where it is doing so, or mending it, already. */
export async function askStore(
  client: Pick<Client, 'checkStore'>,
  onProgress: (origin: string, done: number, of: number) => void,
): Promise<StoreSaid | undefined> {
  const damaged: Damaged[] = []
  try {
    for await (const event of client.checkStore()) {
      if (event.event === 'reading') onProgress(`store of ${event.origin}`, event.entries, event.of)
      if (event.event === 'damaged' && damaged.length < DAMAGES_MAX) damaged.push(event)
      if (event.event === 'checked') return { entries: event.entries, damaged }
    }
  } catch (error) {
    if (!(error instanceof NodeError) || error.code !== 'CONFLICT') throw error
  }
  return undefined
}

const CODES: Readonly<Record<Damaged['what'], PlaceFault>> = {
  log: 'store-log',
  entry: 'store-entry',
  tile: 'store-tile',
  part: 'store-part',
  head: 'store-head',
  row: 'store-row',
  sealed: 'store-sealed',
  cosignature: 'store-cosignature',
  cosigner: 'store-cosigner',
}

export function storeFindings({ damaged }: StoreSaid): readonly AuditFinding[] {
  return damaged.map(({ origin, what, index, why }) => {
    return { ...hostFinding(CODES[what] ?? 'store-log', origin, why), index: index ?? null }
  })
}

export function fileFindings(files: readonly OriginFault[]): readonly AuditFinding[] {
  return files.map(({ origin, file, why }) => {
    const code = 'tree-file'
    return { ...placeFinding(code, origin, `${placeText(code)}: ${why}`), file }
  })
}

/** With the host's own words, which end what is said. */
function hostFinding(code: PlaceFault, origin: string, why: string): AuditFinding {
  return { ...placeFinding(code, origin, `${placeText(code)}; the host itself says: ${why}`), theirs: why }
}

function placeFinding(code: PlaceFault, origin: string, says: string): AuditFinding {
  const domain = origin.split('/')[0] ?? origin
  return {
    severity: severityOf(code),
    code,
    domain,
    origin,
    index: null,
    file: null,
    rule: ruleOf(code),
    says,
    theirs: null,
  }
}

/** Records as readers see them: lists and one in detail, with what everybody stated about it. */
import { printBase32, printHex } from '../../protocol/bytes.ts'
import { parseEntry, statementId } from '../../protocol/codec/statement.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import { KINDS } from '../../protocol/record/kinds.ts'
import type {
  EvidenceView,
  ExportItem,
  RecordDetail,
  RecordPage,
  RecordQuery,
  RecordRow,
  StatementView,
} from '../api/service.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { CatalogRow } from '../catalog/documents.ts'
import { NodeError } from '../errors.ts'
import { native } from '../keys/native.ts'
import { marksOfPlace } from '../log/epochs.ts'
import type { KeyValue, Sealer } from '../ports.ts'
import { damageError } from '../store/damage.ts'
import { readVault } from '../store/vault.ts'
import type { HeldLog } from '../store/log.ts'
import type { Logs } from '../store/logs.ts'
import { idRange } from './ids.ts'
import { erasedMarks, statementAt, statementsAbout, statementsOn, type Stated } from './statements.ts'
import { completeHead, domainOf, headView, jsonOf, statementView } from './view.ts'

/** Statements about one record that are shown. More than this about one record is an attack or a study. */
const ATTESTATIONS_MAX = 1_000

/** Different records that a prefix may match before the answer is that it is ambiguous. */
const CANDIDATES_MAX = 10

export type Reader = {
  readonly store: KeyValue
  readonly logs: Logs
  readonly catalog: Pick<Catalog, 'query'>
  readonly ownOrigin: string
  readonly sealer: Sealer
  /** The proof that froze a log. Its entries stay good and are shown, marked. */
  readonly frozen: (origin: string) => object | undefined
}

/** The author of this log signed two histories; another reader may have been shown the other one. */
const FORKED_MARK = 'in a forked log'

export async function listRecords(reader: Reader, query: RecordQuery): Promise<RecordPage> {
  const page = await reader.catalog.query(query)
  const items = await Promise.all(page.items.map((document) => rowOf(reader, document)))
  const heads = headsOf(reader.logs)
  return { heads, total: page.total, items, ...(page.next === undefined ? {} : { next: page.next }) }
}

export async function showRecord(
  reader: Reader,
  typed: string,
  author: string | undefined,
): Promise<RecordDetail> {
  const versions = await findRecord(reader, typed, author)
  const [first] = versions
  if (first === undefined)
    throw new NodeError('NOT_FOUND', 'no record has this id', { fix: 'candor search WORDS' })
  const attestations = await attestationsOf(reader, versions)
  const involved = new Set([...versions, ...attestations].map(({ log }) => log))
  const newest = versions.at(-1) ?? first
  return {
    record: printBase32(first.entry.statement.record),
    author: domainOf(first.log.origin),
    versions: versions.map((stated) => viewOf(reader, stated, [])),
    attestations: attestations
      .map((stated) => viewOf(reader, stated, standingMarks(stated, first.log.origin)))
      .toSorted(byWeight),
    tiers: await tiersOf(reader, newest),
    heads: [...involved].flatMap((log) => {
      const head = completeHead(log)
      return head === undefined ? [] : [headView(head)]
    }),
  }
}

/** Records exported at once: a page of the catalogue. */
const EXPORT_PAGE = 500

/** The newest version of each record that the query finds, behind the heads they rest on. */
export async function* exportRecords(
  reader: Reader,
  networkId: string,
  query: Omit<RecordQuery, 'limit' | 'cursor'>,
): AsyncGenerator<ExportItem> {
  yield { item: 'heads', networkId, heads: headsOf(reader.logs) }
  let cursor: string | undefined
  do {
    const page = await reader.catalog.query({
      ...query,
      limit: EXPORT_PAGE,
      ...(cursor === undefined ? {} : { cursor }),
    })
    for (const { log: number, index } of page.items) {
      const log = reader.logs.get(reader.logs.originOf(number) ?? '')
      const stated = log === undefined ? undefined : statementAt(reader.logs, log, index)
      if (stated !== undefined) yield { item: 'record', statement: viewOf(reader, stated, []) }
    }
    cursor = page.next
  } while (cursor !== undefined)
}

/** What a reader needs to check a record alone: each version's entry, part, head and proof. */
export async function proveRecord(
  reader: Reader,
  typed: string,
  author: string | undefined,
): Promise<readonly EvidenceView[]> {
  const versions = await findRecord(reader, typed, author)
  if (versions.length === 0) throw new NodeError('NOT_FOUND', 'no record has this id')
  return Promise.all(versions.map(({ log, index }) => proveEntry(reader.logs, log, index, undefined)))
}

export async function proveEntry(
  logs: Logs,
  log: HeldLog,
  index: number,
  size: number | undefined,
): Promise<EvidenceView> {
  const head = completeHead(log)
  if (head === undefined || log.complete === undefined || index >= head.size) {
    throw new NodeError('NOT_FOUND', `the log ${log.origin} has no entry ${index} under a complete head`)
  }
  const [entry] = logs.entries(log, index, 1)
  if (entry === undefined)
    throw new NodeError('STORE_DAMAGED', `entry ${index} of ${log.origin} is missing here`)
  const part = logs.part(log, index)
  const read = parseEntry(entry)
  const isWhole =
    logs.isAt(log, index, entry) && read.ok && part !== undefined && logs.fits(log, index, read.value, part)
  if (!isWhole) throw damageError(`entry ${index} of ${log.origin} or its public part is damaged here`)
  return {
    origin: log.origin,
    index,
    entry,
    part: part === undefined ? null : [part.opening, part.mediaType, part.bytes],
    note: log.complete,
    proof: await logs.inclusionProof(log, index, size ?? head.size),
  }
}

/** The versions of the one record that a typed id means, oldest first. */
export async function findRecord(
  reader: Reader,
  typed: string,
  author: string | undefined,
): Promise<readonly Stated[]> {
  const incidents = new Map<string, Stated[]>()
  const observed = new Map<string, Stated[]>()
  const repeats = new Set<string>()
  for await (const stated of statementsAbout(reader.store, reader.logs, idRange(typed))) {
    const { kind, record } = stated.entry.statement
    if ((kind !== 'incident' && kind !== 'observed') || isRepeated(repeats, stated)) continue
    const domain = domainOf(stated.log.origin)
    if (author !== undefined && author !== domain) continue
    const found = kind === 'incident' ? incidents : observed
    const name = `${printBase32(record)} by ${domain}`
    found.set(name, [...(found.get(name) ?? []), stated])
    if (found.size > CANDIDATES_MAX) break
  }
  // Who types a few letters means a record; what nodes observed is found where no record begins like this.
  const found = incidents.size > 0 ? incidents : observed
  if (found.size > 1) {
    throw new NodeError(
      'AMBIGUOUS_ID',
      `more than one record begins like this: ${[...found.keys()].slice(0, CANDIDATES_MAX).join(', ')}`,
    )
  }
  const [versions = []] = found.values()
  return versions.toSorted((a, b) => a.entry.statement.version - b.entry.statement.version)
}

export function headsOf(logs: Logs) {
  return logs.all().flatMap((log) => {
    const head = completeHead(log)
    return head === undefined ? [] : [headView(head)]
  })
}

async function attestationsOf(reader: Reader, versions: readonly Stated[]): Promise<readonly Stated[]> {
  const found: Stated[] = []
  const repeats = new Set<string>()
  for (const { entry } of versions) {
    for await (const stated of statementsOn(reader.store, reader.logs, leafHash(native, entry.bytes))) {
      if (isRepeated(repeats, stated)) continue
      found.push(stated)
      if (found.length === ATTESTATIONS_MAX) return found
    }
  }
  return found
}

/** A statement that is repeated in its log is void; what comes first counts. DESIGN §2. */
function isRepeated(seen: Set<string>, { log, entry }: Stated): boolean {
  const name = `${log.number} ${printHex(statementId(native, entry))}`
  const repeated = seen.has(name)
  seen.add(name)
  return repeated
}

/** A correction, supersession or retraction counts only from the target's author. DESIGN §5. */
function standingMarks(stated: Stated, author: string): readonly string[] {
  const { kind } = stated.entry.statement
  const rule = Object.entries(KINDS).find(([name]) => name === kind)?.[1]
  const counts =
    rule === undefined || rule.countsFrom === 'anybody' || domainOf(stated.log.origin) === domainOf(author)
  return counts ? [] : ['does not count: only the author of the record can say this']
}

function viewOf(reader: Reader, stated: Stated, standing: readonly string[]): StatementView {
  const marks = [...stated.marks, ...standing, ...forkedMarks(reader, stated.log.origin)]
  const document = stated.document === undefined ? null : jsonOf(stated.document)
  return statementView(stated.entry, stated.index, document, marks)
}

function forkedMarks({ frozen }: Reader, origin: string): readonly string[] {
  return frozen(origin) === undefined ? [] : [FORKED_MARK]
}

/** Disputes and retractions first, so that dissent is seen before agreement. */
function byWeight(a: StatementView, b: StatementView): number {
  const weight = ({ kind }: StatementView) =>
    ['retract', 'dispute', 'supersede', 'correction'].indexOf(kind) + 1 || 9
  return weight(a) - weight(b) || (a.issuedAt < b.issuedAt ? -1 : 1)
}

function isErased({ logs }: Reader, { log, index, part }: Stated): boolean {
  return part === undefined && logs.erasedBy(log, index) !== undefined
}

async function tiersOf(reader: Reader, newest: Stated): Promise<RecordDetail['tiers']> {
  const isOwn = domainOf(newest.log.origin) === domainOf(reader.ownOrigin)
  const kept = isOwn
    ? await readVault(reader.store, reader.sealer, newest.log.number, newest.index)
    : undefined
  // Only who wrote it can tell an absent part from one that is kept.
  const state = (part: readonly unknown[] | undefined) =>
    part === undefined ? 'committed' : part.length === 1 ? 'absent' : 'held'
  return [
    { tier: 'public', state: isErased(reader, newest) ? 'erased' : 'public' },
    { tier: 'partner', state: state(kept?.partner) },
    { tier: 'research', state: state(kept?.research) },
  ]
}

async function rowOf(reader: Reader, document: CatalogRow): Promise<RecordRow> {
  const { record, author, index, version, kind, title, summary, occurred, sectors, harms } = document
  const origin = reader.logs.originOf(document.log) ?? ''
  const log = reader.logs.get(origin)
  const [bytes] = log === undefined ? [] : reader.logs.entries(log, index, 1)
  let disputes = 0
  let retracted = false
  if (bytes !== undefined) {
    for await (const { entry, log: by } of statementsOn(reader.store, reader.logs, leafHash(native, bytes))) {
      if (entry.statement.kind === 'dispute') disputes += 1
      if (entry.statement.kind === 'retract' && domainOf(by.origin) === author) retracted = true
    }
  }
  const stated = log === undefined ? undefined : parseEntry(bytes ?? new Uint8Array(0))
  const marks =
    log === undefined || stated?.ok !== true
      ? []
      : [
          ...marksOfPlace(reader.logs, log, index, stated.value.header.keyId),
          ...erasedMarks(reader.logs, log, index),
          ...forkedMarks(reader, origin),
        ]
  const row = {
    record: printBase32(record),
    author,
    origin,
    index,
    version,
    kind,
    title,
    summary,
    sectors,
    harms,
    disputes,
    retracted,
  }
  return { ...row, marks, ...(occurred === undefined ? {} : { occurred: occurred.start }) }
}

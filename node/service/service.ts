/** The node as the local API sees it. */
import { readFileSync } from 'node:fs'
import type { Service } from '../api/service.ts'
import type { StoreService } from '../api/store-service.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { printCosigned } from '../../protocol/log/cosigned-head.ts'
import { NodeError } from '../errors.ts'
import { openLogOf } from '../log/epochs.ts'
import type { CandorNode } from '../node.ts'
import { forgetErased } from '../store/forgetting.ts'
import type { HeldLog } from '../store/log.ts'
import { accessServiceOf } from './access.ts'
import { accreditationServiceOf } from './accrediting.ts'
import { addDraft, attest, cancelDraft, listDrafts, publishDraft, showDraft } from './authoring.ts'
import { approve, checkDraft, publicationTrail, suppress } from './checking.ts'
import { dataSetServiceOf } from './data-sets.ts'
import { dropDraft, findDraft } from './drafting.ts'
import { escrowServiceOf } from './escrow.ts'
import { addBundle, addProof, findProof, listProofs } from './evidence.ts'
import { importFiles } from './importing.ts'
import { keyServiceOf } from './keys.ts'
import { policyText } from './policy.ts'
import { exportRecords, listRecords, proveEntry, proveRecord, showRecord, type Reader } from './records.ts'
import { logsOf } from './logs.ts'
import { peersOf, statusOf, whoami } from './status.ts'
import { completeHead } from './view.ts'

export function serviceOf(
  node: CandorNode,
  catalog: Pick<Catalog, 'query'>,
  stop: () => void,
): Omit<Service, keyof StoreService> {
  const { logs, database, evidence, cosigned, origin, charter, charterBytes, home } = node.opened
  const frozen = (of: string) => evidence.frozen(of)
  const reader: Reader = { store: database, logs, catalog, ownOrigin: origin, sealer: node.sealer, frozen }
  const logOf = (asked: string | undefined) => findLog(node, asked)
  return {
    status: () => statusOf(node),
    peers: async () => peersOf(node),
    whoami: async () => whoami(node),
    charter: async () => charterBytes,
    descriptor: async () => readFileSync(home.descriptor),
    records: (query) => listRecords(reader, query),
    record: (id, author) => showRecord(reader, id, author),
    evidence: (id, author) => proveRecord(reader, id, author),
    addDraft: (content) => addDraft(node, content),
    drafts: () => listDrafts(node),
    draft: (id) => showDraft(node, id),
    dropDraft: async (id) => {
      await dropDraft(node, (await findDraft(node, id)).record)
      await forgetErased(database, 'draft')
    },
    checkDraft: (id) => checkDraft(node, id),
    suppress: (id, options, token) => suppress(node, id, options, token),
    approve: (id, confirmed, token) => approve(node, id, confirmed, token),
    publicationTrail: (id) => publicationTrail(node, reader, id),
    publishDraft: (id, holdSeconds, options, token) => publishDraft(node, id, holdSeconds, options, token),
    cancel: (id) => cancelDraft(node, id),
    attest: (record, author, content, token) => attest(node, reader, { record, author, content, token }),
    importFiles: (uploads, options, token) => importFiles(node, uploads, options, token),
    logs: async () => logsOf(node),
    head: async (asked) => cosigned.noteWith(headOf(logOf(asked))),
    quorumHead: async (asked) => quorumHeadOf(node, logOf(asked)),
    quorumHeads: async (asked) =>
      (await cosigned.history(logOf(asked).origin)).map((note) => Buffer.from(note).toString('utf8')),
    policy: async (asked) => policyText(node, asked === undefined ? undefined : logOf(asked).origin),
    entries: (asked, from, count) => entriesOf(node, logOf(asked), from, count),
    inclusion: async (asked, index, size) => proveEntry(logs, logOf(asked), index, size),
    consistency: (asked, from, to) => logs.consistencyProof(logOf(asked), from, to),
    exportRecords: (query) => exportRecords(reader, charter.networkId, query),
    evidenceList: async () => listProofs(evidence),
    evidenceFile: async (id) => findProof(evidence, id).bytes,
    addEvidence: (bytes, options = { checkOnly: false }) => addProof(evidence, bytes, options),
    addBundle: (bytes) => addBundle(node, bytes),
    stop,
    ...keyServiceOf(node),
    ...accessServiceOf(node, reader),
    ...accreditationServiceOf(node),
    ...dataSetServiceOf(node),
    ...escrowServiceOf(node, reader),
  }
}

/** A log by its origin or by its member's domain; our own when none is named. */
function findLog(node: CandorNode, asked: string | undefined): HeldLog {
  const { logs, origin } = node.opened
  const name = asked ?? origin
  // A member's name means its open log; a closed one is asked for by its origin.
  const log =
    logs.get(name) ?? openLogOf(logs, name) ?? logs.all().find((one) => one.origin.startsWith(`${name}/`))
  if (log !== undefined) return log
  throw new NodeError('NOT_FOUND', 'this node holds no such log', { fix: 'candor status' })
}

function quorumHeadOf(node: CandorNode, { origin }: HeldLog): Uint8Array {
  const head = node.opened.cosigned.get(origin)?.quorum
  if (head !== undefined) return printCosigned(head)
  throw new NodeError('NOT_FOUND', `no quorum of other members confirmed a head of ${origin} yet`, {
    fix: 'candor log list',
  })
}

function headOf(log: HeldLog): Uint8Array {
  if (log.complete !== undefined) return log.complete
  throw new NodeError('NOT_FOUND', `no complete head of ${log.origin} is held yet`)
}

async function entriesOf(node: CandorNode, log: HeldLog, from: number, count: number) {
  const { logs } = node.opened
  const size = completeHead(log)?.size ?? 0
  const entries = logs.entries(log, from, Math.min(count, Math.max(0, size - from)))
  const parts = await logs.parts(log, from, entries.length)
  const view = parts.map((part) =>
    part === undefined ? null : ([part.opening, part.mediaType, part.bytes] as const),
  )
  return { from, entries, parts: view }
}

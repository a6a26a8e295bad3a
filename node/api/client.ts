/**
 * The node as a command sees it: the same `Service`, over the socket. The only file of `node/` that `cli/`
 * imports, and cheap to import: no libp2p, no database.
 */
import { join } from 'node:path'
import type { Upload } from '../interop/upload.ts'
import { native, selfTest } from '../keys/native.ts'
import { printFrames } from './frames.ts'
import { sendForBytes, sendForJson, sendForLines, type Call, type Connection } from './http.ts'
import type {
  AddedBundleView,
  AddedProofView,
  DraftView,
  ExportItem,
  ImportOptions,
  ImportProgress,
  LogView,
  NewContent,
  PeerView,
  ProofView,
  PublishedView,
  RecordDetail,
  RecordPage,
  RecordQuery,
  Service,
  StatusView,
  WhoAmIView,
} from './service.ts'
import { accessCalls } from './access-calls.ts'
import { accreditationCalls } from './accreditation-calls.ts'
import { checkCalls } from './check-calls.ts'
import type { PublishOptions } from './check-service.ts'
import { dataSetCalls } from './data-set-calls.ts'
import { escrowCalls } from './escrow-calls.ts'
import { keyCalls } from './key-calls.ts'
import { storeCalls } from './store-calls.ts'
import { readEntries, readEvidence, readHashes, readList } from './wire.ts'

export { ERRORS, NodeError, type ErrorCode } from '../errors.ts'
export type * from './access-service.ts'
export type * from './check-service.ts'
export type * from './data-set-service.ts'
export type * from './escrow-service.ts'
export type * from './accreditation-service.ts'
export type * from './key-service.ts'
export type * from './service.ts'
export type { StoreCheck, StoreRepair } from './store-service.ts'
export type { Connection, Upload }

/** A service that is asked over the socket. */
export type Client = Omit<Service, 'stop'> & { readonly stop: () => Promise<void> }

/** Entries asked for at once; fewer come when they are long. */
export const ENTRIES_PER_CALL = 512

/** Where the node of a home listens. */
export function socketIn(home: string): string {
  return join(home, 'api.sock')
}

// Whether the self-test has passed in this process. Written by `checkedPrimitives` only.
let isTested = false

/** Primitives that a verifier in this process may rely on: OpenSSL's, after the self-test has passed. */
export function checkedPrimitives(): typeof native {
  if (!isTested) selfTest()
  isTested = true
  return native
}

/** The same for a thread, whose process has passed the self-test with `checkedPrimitives` before it started one. */
export function threadPrimitives(): typeof native {
  return native
}

/** Making and joining charters needs the home's code, which only those commands should pay for. */
export function founding(): Promise<typeof import('../founding.ts')> {
  return import('../founding.ts')
}

export function clientOf(connection: Connection): Client {
  return {
    ...nodeCalls(connection),
    ...recordCalls(connection),
    ...draftCalls(connection),
    ...checkCalls(connection),
    ...logCalls(connection),
    ...evidenceCalls(connection),
    ...streams(connection),
    ...keyCalls(connection),
    ...accessCalls(connection),
    ...accreditationCalls(connection),
    ...dataSetCalls(connection),
    ...escrowCalls(connection),
    ...storeCalls(connection),
  }
}

function nodeCalls(to: Connection) {
  return {
    status: () => sendForJson<StatusView>(to, get('/v1/status')),
    peers: () => sendForJson<readonly PeerView[]>(to, get('/v1/peers')),
    whoami: () => sendForJson<WhoAmIView>(to, get('/v1/whoami')),
    charter: () => sendForBytes(to, get('/v1/charter')),
    descriptor: () => sendForBytes(to, get('/v1/descriptor')),
    stop: () => ignore(sendForBytes(to, { method: 'POST', path: '/v1/stop' })),
  }
}

function recordCalls(to: Connection) {
  const at = (id: string, rest = '') => `/v1/records/${encodeURIComponent(id)}${rest}`
  return {
    records: (query: RecordQuery) => sendForJson<RecordPage>(to, get('/v1/records', query)),
    record: (id: string, author: string | undefined) =>
      sendForJson<RecordDetail>(to, get(at(id), { author })),
    evidence: async (id: string, author: string | undefined) =>
      readList(await sendForBytes(to, get(at(id, '/evidence'), { author }))).map(readEvidence),
    attest: (id: string, author: string | undefined, json: NewContent) =>
      sendForJson<PublishedView>(to, {
        method: 'POST',
        path: at(id, '/attestations'),
        query: { author },
        json,
      }),
  }
}

function draftCalls(to: Connection) {
  const at = (id: string, rest = '') => `/v1/drafts/${encodeURIComponent(id)}${rest}`
  return {
    drafts: () => sendForJson<readonly DraftView[]>(to, get('/v1/drafts')),
    draft: (id: string) => sendForJson<DraftView>(to, get(at(id))),
    addDraft: (json: NewContent) => sendForJson<DraftView>(to, { method: 'POST', path: '/v1/drafts', json }),
    dropDraft: (id: string) => ignore(sendForBytes(to, { method: 'DELETE', path: at(id) })),
    publishDraft: (id: string, holdSeconds: number | undefined, options: PublishOptions = {}) =>
      sendForJson<PublishedView>(to, {
        method: 'POST',
        path: at(id, '/publication'),
        json: { holdSeconds, ...options },
      }),
    cancel: (id: string) => sendForJson<DraftView>(to, { method: 'DELETE', path: at(id, '/publication') }),
  }
}

function logCalls(to: Connection) {
  return {
    logs: () => sendForJson<readonly LogView[]>(to, get('/v1/logs')),
    policy: (origin: string | undefined) => sendForBytes(to, get('/v1/policy', { origin })),
    head: (origin: string | undefined) => sendForBytes(to, get('/v1/log/head', { origin })),
    quorumHead: (origin: string | undefined) => sendForBytes(to, get('/v1/log/quorum-head', { origin })),
    quorumHeads: (origin: string | undefined) =>
      sendForJson<readonly string[]>(to, get('/v1/log/quorum-heads', { origin })),
    entries: async (origin: string | undefined, from: number, count: number) =>
      readEntries(await sendForBytes(to, get('/v1/log/entries', { origin, from, count }))),
    inclusion: async (origin: string | undefined, index: number, size: number | undefined) =>
      readEvidence(await sendForBytes(to, get('/v1/log/inclusion', { origin, index, size }))),
    consistency: async (origin: string | undefined, from: number, size: number) =>
      readHashes(await sendForBytes(to, get('/v1/log/consistency', { origin, from, to: size }))),
  }
}

function evidenceCalls(to: Connection) {
  return {
    evidenceList: () => sendForJson<readonly ProofView[]>(to, get('/v1/evidence')),
    evidenceFile: (id: string) => sendForBytes(to, get(`/v1/evidence/${encodeURIComponent(id)}`)),
    addEvidence: (bytes: Uint8Array, { checkOnly } = { checkOnly: false }) => {
      const call = {
        method: 'POST',
        path: '/v1/evidence',
        query: { checkOnly },
        stream: once(bytes),
      } as const
      return sendForJson<AddedProofView>(to, call)
    },
    addBundle: (bytes: Uint8Array) => {
      const call = { method: 'POST', path: '/v1/evidence/bundles', stream: once(bytes) } as const
      return sendForJson<AddedBundleView>(to, call)
    },
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

function streams(to: Connection) {
  return {
    importFiles(uploads: AsyncIterable<Upload>, { format, publish, dryRun }: ImportOptions) {
      const query = { publish, dryRun }
      const path = `/v1/imports/${encodeURIComponent(format)}`
      return sendForLines<ImportProgress>(to, { method: 'POST', path, query, stream: printFrames(uploads) })
    },
    exportRecords: (query: Omit<RecordQuery, 'limit' | 'cursor'>) =>
      sendForLines<ExportItem>(to, get('/v1/export', query)),
  }
}

function get(path: string, query: Call['query'] = {}): Call {
  return { method: 'GET', path, query }
}

async function ignore(answer: Promise<unknown>): Promise<void> {
  await answer
}

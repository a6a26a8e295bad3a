/** Files of data sets as the local API takes, fetches and hands them out. Content keys never leave the node. */
import { Readable } from 'node:stream'
import { printHex } from '../../protocol/bytes.ts'
import { parseRelease } from '../../protocol/access/release.ts'
import type { MapValue } from '../../protocol/codec/value.ts'
import { isList } from '../../protocol/codec/value.ts'
import { printDigest, type ManifestFile } from '../../protocol/dataset/manifest.ts'
import type { DataSetService, FetchedFileView, FileView } from '../api/data-set-service.ts'
import type { AskedCase } from '../disclosure/asked.ts'
import { grantedFiles, type GrantedContent } from '../../protocol/dataset/marked.ts'
import { filesIn, markedIn } from '../disclosure/files.ts'
import { NodeError } from '../errors.ts'
import { readAll } from '../dataset/reader.ts'
import type { FetchEnd } from '../dataset/fetching.ts'
import type { CandorNode } from '../node.ts'
import { findAsked } from './asking.ts'
import { checkContent } from './authoring.ts'
import { findDraft } from './drafting.ts'
import { jsonOf } from './view.ts'

export function dataSetServiceOf(node: CandorNode): DataSetService {
  return {
    addFile: (draft, file, body) => addFile(node, draft, file, body),
    files: async () => listFiles(node),
    fetchFiles: (request) => fetchFiles(node, request),
    exportFile: (request, path) => exportFile(node, request, path),
    traceFile: async (body) =>
      (await node.watermarks.trace(body)).map(({ request, path, found, rows }) => ({
        request: printHex(request),
        path,
        found,
        rows,
      })),
  }
}

/** Reads a file in, encrypted, and names it in the research part of a draft. The same path again replaces the row. */
async function addFile(
  node: CandorNode,
  typed: string,
  { path, bytes }: { readonly path: string; readonly bytes: number },
  body: AsyncIterable<Uint8Array>,
): Promise<FileView> {
  const before = await findDraft(node, typed)
  const { head } = await node.dataSets.import({ path, bytes, body })
  const [digest, root, key] = [printDigest(head.digest), printDigest(head.root), printHex(head.contentKey)]
  // Looked up again: reading a large file in takes hours, and the draft may be another by then.
  await node.drafts.alone(before.record, async (draft) => {
    const { research = {} } = draft
    const manifest = isList(research['manifest']) ? research['manifest'] : []
    const others = manifest.filter((row) => !isRowOf(row, path))
    const changed: MapValue = { ...research, manifest: [...others, { path, digest, bytes, root, key }] }
    checkContent({
      kind: draft.kind,
      public: jsonOf(draft.public),
      ...(draft.partner === undefined ? {} : { partner: jsonOf(draft.partner) }),
      research: jsonOf(changed),
    })
    await node.drafts.put({ ...draft, research: changed })
  })
  return { path, bytes, digest, root, kind: 'own', state: 'whole' }
}

function isRowOf(row: unknown, path: string): boolean {
  return typeof row === 'object' && row !== null && 'path' in row && row.path === path
}

function listFiles(node: CandorNode): readonly FileView[] {
  return node.dataSets.list().map(({ head }): FileView => {
    const { path, bytes } = head
    const digest = head.kind === 'own' ? { digest: printDigest(head.digest) } : {}
    const root = 'root' in head ? { root: printDigest(head.root) } : {}
    const state = head.kind === 'granted' && !head.isWhole ? 'partial' : 'whole'
    return { path, bytes, ...digest, ...root, kind: head.kind, state }
  })
}

async function fetchFiles(node: CandorNode, typed: string): Promise<readonly FetchedFileView[]> {
  const one = await findAsked(node, typed)
  const { files, grant } = await receivedFiles(node, one)
  const views: FetchedFileView[] = []
  const marked = one.grant === null ? undefined : markedIn(one.grant)
  for (const file of files) {
    const [given] = grantedFiles([file], marked)
    views.push(await fetchOne(node, one.owner, grant, file, given))
  }
  if (views.every(({ state }) => state === 'whole')) {
    const { reader } = node.disclosure
    await reader.write([reader.entry(one, 'fetched', null, { files: views.length })], [])
  }
  return views
}

async function fetchOne(
  node: CandorNode,
  owner: string,
  grant: Uint8Array,
  file: ManifestFile,
  given: GrantedContent | undefined,
): Promise<FetchedFileView> {
  const { path } = file
  if (given === undefined)
    return { path, bytes: file.bytes, state: 'described', why: 'its author does not hand it over' }
  const { root, bytes, key: contentKey } = given
  const receiving = await node.dataSets.receive({ path, bytes, root, contentKey, grant })
  try {
    const end = await node.network.fetchBlob(owner, receiving)
    return { path, bytes, ...(given.isMarked ? { marked: true } : {}), ...stateOf(end) }
  } finally {
    await receiving.close()
  }
}

function stateOf(end: FetchEnd | undefined): Pick<FetchedFileView, 'state' | 'why'> {
  if (end === undefined) return { state: 'partial', why: 'the owner is not connected' }
  switch (end.kind) {
    case 'whole':
      return { state: 'whole' }
    case 'ended':
      return { state: 'partial', why: `the owner ended it: ${end.reason}` }
    case 'cut':
      return { state: 'partial', why: 'the connection was cut' }
    case 'damaged':
      return { state: 'partial', why: 'a block is damaged where it came from' }
    case 'lied':
      return { state: 'false', why: `what came is not the file: ${end.fault}` }
  }
}

/** A whole file in the clear, block by block, each checked again as it is opened. */
async function exportFile(node: CandorNode, typed: string, path: string): Promise<Readable> {
  const one = await findAsked(node, typed)
  const { grant } = await receivedFiles(node, one)
  const copy = node.dataSets.granted(grant).find(({ head }) => head.path === path && head.isWhole)
  if (copy === undefined)
    throw new NodeError('NOT_FOUND', 'no whole file of this path was fetched', {
      fix: `candor request fetch ${typed} --files DIR`,
    })
  const reader = await node.dataSets.reader(copy)
  return Readable.from(readAll(copy, reader)).once('close', () => void reader.close())
}

async function receivedFiles(node: CandorNode, one: AskedCase) {
  const bytes = one.state === 'opened' ? await node.disclosure.asked.release(one.id) : undefined
  const release = bytes && parseRelease(bytes)
  if (release?.ok !== true || one.grantId === null)
    throw new NodeError('NOT_FOUND', `nothing was received for this request (it is ${one.state})`)
  return { files: filesIn(release.value), grant: one.grantId }
}

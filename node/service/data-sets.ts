/** Files of data sets as the local API takes, fetches and hands them out. Content keys never leave the node. */
import { Readable } from 'node:stream'
import { printHex } from '../../protocol/bytes.ts'
import { parseRelease } from '../../protocol/access/release.ts'
import type { MapValue } from '../../protocol/codec/value.ts'
import { isList, isMap } from '../../protocol/codec/value.ts'
import { printDigest, type ManifestFile } from '../../protocol/dataset/manifest.ts'
import type { DataSetService, FetchedFileView, FileView } from '../api/data-set-service.ts'
import type { AskedCase } from '../disclosure/asked.ts'
import type { BlobConfirmation } from '../../protocol/dataset/message.ts'
import { grantedFiles, type GrantedContent } from '../../protocol/dataset/marked.ts'
import { filesIn, markedIn } from '../disclosure/files.ts'
import { NodeError } from '../errors.ts'
import type { Copy } from '../dataset/copy.ts'
import type { OwnHead } from '../dataset/head.ts'
import { rootsIn } from '../named-files.ts'
import { readAll } from '../dataset/reader.ts'
import type { FetchEnd } from '../dataset/fetching.ts'
import type { CandorNode } from '../node.ts'
import { findAsked } from './asking.ts'
import { checkContent } from './authoring.ts'
import { findDraft } from './drafting.ts'
import { trailFileOf } from './trail-file.ts'
import { jsonOf } from './view.ts'

export function dataSetServiceOf(node: CandorNode): DataSetService {
  return {
    addFile: (draft, file, body) => addFile(node, draft, file, body),
    addTrail: (draft) => addTrail(node, draft),
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
  const copy = await node.forgotten.import({ path, bytes, body })
  try {
    return await nameFile(node, before.record, copy)
  } finally {
    await node.forgotten.settle(copy)
  }
}

async function nameFile(node: CandorNode, record: Uint8Array, copy: Copy<OwnHead>): Promise<FileView> {
  const { head } = copy
  const { path, bytes } = head
  const [digest, root, key] = [printDigest(head.digest), printDigest(head.root), printHex(head.contentKey)]
  // Looked up again: reading a large file in takes hours, and the draft may be another by then.
  await node.drafts.alone(record, async (draft) => {
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
    // What stood under this path before is named by this draft no more.
    const left = node.forgotten.own(rootsIn(research))
    await node.forgotten.name(copy, () => node.drafts.put({ ...draft, research: changed }, left))
  })
  return { path, bytes, digest, root, kind: 'own', state: 'whole' }
}

/** How the trail is called among the files of a data set. */
const TRAIL_PATH = 'audit.trail'

/**
 * From the database into the vault: nothing of it lies on the disk in the clear. It shows recipients of one another, so the
 * part is marked `RED`: no rule lets it out, a person has to name the auditor. Spec 06 §5, question 11.
 */
async function addTrail(node: CandorNode, typed: string): Promise<FileView> {
  const bytes = Buffer.from(await trailFileOf(node))
  const { record } = await findDraft(node, typed)
  // Before the file is named, so that none that has it is without the marking.
  await node.drafts.alone(record, async (draft) => {
    const { research = {} } = draft
    const policy = isMap(research['policy']) ? research['policy'] : {}
    await node.drafts.put({ ...draft, research: { ...research, policy: { ...policy, tlp: 'RED' } } })
  })
  return addFile(node, typed, { path: TRAIL_PATH, bytes: bytes.length }, Readable.from([bytes]))
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
    const view = await fetchOne(node, one, grant, file, given)
    views.push(view)
    if (view.state === 'whole' && given !== undefined)
      await confirm(node, one, view.bytes, { grant, root: given.root })
  }
  return views
}

/** Writes down that the file is here, and then says so to its owner; said again with every fetch, as it may not have come. */
async function confirm(
  node: CandorNode,
  one: AskedCase,
  bytes: number,
  confirmation: BlobConfirmation,
): Promise<void> {
  const { reader } = node.disclosure
  const { root } = confirmation
  await reader.write([reader.entry(one, 'fetched', null, { root, bytes })], [])
  await node.network.confirmBlob(one.owner, confirmation)
}

async function fetchOne(
  node: CandorNode,
  one: AskedCase,
  grant: Uint8Array,
  file: ManifestFile,
  given: GrantedContent | undefined,
): Promise<FetchedFileView> {
  const { path } = file
  if (given === undefined)
    return { path, bytes: file.bytes, state: 'described', why: 'its author does not hand it over' }
  const { root, bytes, key: contentKey } = given
  const receiving = await node.disclosure.reader.whileHeld(one.id, () =>
    node.dataSets.receive({ path, bytes, root, contentKey, grant }),
  )
  try {
    const end = await node.network.fetchBlob(one.owner, receiving)
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

async function receivedFiles(node: CandorNode, { id }: AskedCase) {
  const one = await node.disclosure.settle(id)
  const bytes = one.state === 'opened' ? await node.disclosure.asked.release(one.id) : undefined
  const release = bytes && parseRelease(bytes)
  if (release?.ok !== true || one.grantId === null)
    throw new NodeError('NOT_FOUND', `nothing was received for this request (it is ${one.state})`)
  return { files: filesIn(release.value), grant: one.grantId }
}

/**
 * Which files a grant gives, and to whom: what `blob/1` asks before each run of blocks. A grant gives files once the
 * receipt for the part that names them is on disk, and as long as it is neither ended nor revoked. Spec 11 §3.
 */
import { manifestOfItems, readManifest, type ManifestFile } from '../../protocol/dataset/manifest.ts'
import { isSigned, parseAccess } from '../../protocol/access/signed.ts'
import { grantedFiles, type MarkedFile } from '../../protocol/dataset/marked.ts'
import type { Release } from '../../protocol/access/release.ts'
import { isMap } from '../../protocol/codec/value.ts'
import { unreachable } from '../../protocol/assert.ts'
import { subjectOf } from './facts.ts'
import type { Case } from './cases.ts'
import { requestOf, type Gate } from './gate.ts'
import { makeRelease } from './release.ts'

/** Roots of the files that this peer may have under this grant at this moment; none where it may have nothing. */
export async function filesGranted(
  gate: Gate,
  grant: Uint8Array,
  isPeer: (key: Uint8Array) => boolean,
): Promise<readonly Uint8Array[]> {
  const one = await caseOf(gate, grant)
  if (one === undefined || one.offered === null || one.receipt === null || one.state === 'revoked') return []
  if (gate.now() >= one.offered.until || !isPeer(one.peer)) return []
  const request = requestOf(one)
  const subject = await subjectOf(gate.parts, request.statement)
  if (subject?.part === undefined) return []
  const { primitives } = gate.parts
  const release = makeRelease(primitives, subject.part, request.statement.items, one.offered.form)
  if (release === undefined) return []
  return grantedFiles(filesIn(release), markedIn(one.offered.grant)).map(({ root }) => root)
}

/** The files that a signed grant says were made for its reader. */
export function markedIn(grant: Uint8Array): readonly MarkedFile[] | undefined {
  const signed = parseAccess(grant)
  return signed.ok && isSigned(signed.value, 'grant') ? signed.value.statement.marked : undefined
}

/** The files that a released part names. A manifest with faults names none. */
export function filesIn(release: Release): readonly ManifestFile[] {
  const read = manifestIn(release)
  return read.ok ? read.value : []
}

function manifestIn(release: Release) {
  switch (release.kind) {
    case 'whole':
      return readManifest(isMap(release.document) ? release.document['manifest'] : undefined)
    case 'items':
      return manifestOfItems(release.disclosure.items)
    case 'redaction':
      return manifestOfItems(release.redaction.items)
    default:
      return unreachable(release)
  }
}

/** Writes down that blocks of a file are about to leave. If it throws, nothing does. */
export async function recordSent(
  gate: Gate,
  sent: {
    readonly grant: Uint8Array
    readonly root: Uint8Array
    readonly from: number
    readonly count: number
  },
): Promise<void> {
  const one = await caseOf(gate, sent.grant)
  if (one === undefined) throw new Error('bug: what is sent was granted')
  const { root, from, count } = sent
  await gate.parts.trail.append([gate.entry(one, 'sent', null, { root, from, count })])
}

async function caseOf({ parts }: Gate, grant: Uint8Array): Promise<Case | undefined> {
  const id = await parts.cases.idOf(grant)
  return id && parts.cases.get(id)
}

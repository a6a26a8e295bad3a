/**
 * Which files a grant gives, and to whom: what `blob/1` asks before each run of blocks. A grant gives files once the
 * receipt for the part that names them is on disk, and as long as the content key would still be given for it: it is
 * neither ended nor revoked, the part is held, whoever asked has keys and standing, and this node is fresh. Spec 11 §3.
 */
import { manifestOfItems, readManifest, type ManifestFile } from '../../protocol/dataset/manifest.ts'
import { isSigned, parseAccess } from '../../protocol/access/signed.ts'
import { grantedFiles, type MarkedFile } from '../../protocol/dataset/marked.ts'
import type { TrailEntry } from '../../protocol/access/trail.ts'
import type { Release } from '../../protocol/access/release.ts'
import { equal, printHex } from '../../protocol/bytes.ts'
import { isBytes, isMap } from '../../protocol/codec/value.ts'
import type { BlobConfirmation } from '../../protocol/dataset/message.ts'
import { unreachable } from '../../protocol/assert.ts'
import { subjectOf } from './facts.ts'
import type { Case, Offered } from './cases.ts'
import { requestOf, type Gate } from './gate.ts'
import { whyNotNow } from './receipts.ts'
import { makeRelease } from './release.ts'

/** Grants whose files are remembered: more than are being sent at once. One names 4,096 files at most, so 8 MiB. */
const REMEMBERED_MAX = 64

export class GrantedFiles {
  private readonly gate: Gate
  // Roots by grant, least recently asked first. A grant gives the same files for as long as it gives any, and making them
  // anew from a large part for each run of blocks would take longer than sending those. Written by `rootsOf` only.
  private readonly roots = new Map<string, readonly Uint8Array[]>()

  constructor(gate: Gate) {
    this.gate = gate
  }

  /** Roots of the files that this peer may have under this grant at this moment; none where it may have nothing. */
  async at(grant: Uint8Array, isPeer: (key: Uint8Array) => boolean): Promise<readonly Uint8Array[]> {
    const one = await caseOf(this.gate, grant)
    if (one === undefined || one.offered === null || one.receipt === null || one.state === 'revoked')
      return []
    if (!isPeer(one.peer)) return []
    if ((await whyNotNow(this.gate, one, one.offered)) !== undefined) return []
    return this.rootsOf(one, one.offered)
  }

  private async rootsOf(one: Case, offered: Offered): Promise<readonly Uint8Array[]> {
    const name = printHex(offered.grantId)
    const roots = this.roots.get(name) ?? (await rootsIn(this.gate, one, offered))
    this.roots.delete(name)
    this.roots.set(name, roots)
    const [oldest] = this.roots.keys()
    if (this.roots.size > REMEMBERED_MAX && oldest !== undefined) this.roots.delete(oldest)
    return roots
  }
}

async function rootsIn(gate: Gate, one: Case, { form, grant }: Offered): Promise<readonly Uint8Array[]> {
  const request = requestOf(one)
  const subject = await subjectOf(gate.parts, request.statement)
  if (subject?.part === undefined) return []
  const release = makeRelease(gate.parts.primitives, subject.part, request.statement.items, form)
  if (release === undefined) return []
  return grantedFiles(filesIn(release), markedIn(grant)).map(({ root }) => root)
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
  { grant, ...sent }: BlobConfirmation & { readonly from: number; readonly count: number },
): Promise<void> {
  const isWritten = await withCase(gate, grant, async (one) => {
    const { root, from, count } = sent
    const isNew = !one.files.some((file) => equal(file.root, root))
    const next: Case = isNew ? { ...one, files: [...one.files, { root, isConfirmed: false }] } : one
    const entry = gate.entry(next, 'sent', null, { root, from, count })
    await gate.parts.trail.append([entry], isNew ? gate.parts.cases.put(next) : [])
    return true
  })
  if (!isWritten) throw new Error('bug: what is sent was granted')
}

/**
 * Entry D of a file: its reader says that it holds it whole. Only of a file of which something was sent, to the peer that
 * was sent it; whether it may have more of it is not asked, as what it holds it holds.
 */
export function confirmFile(
  gate: Gate,
  { grant, root }: BlobConfirmation,
  isPeer: (key: Uint8Array) => boolean,
): Promise<boolean> {
  return withCase(gate, grant, async (one) => {
    const file = one.files.find((sent) => equal(sent.root, root))
    if (file === undefined || !isPeer(one.peer)) return false
    if (file.isConfirmed) return true
    const files = one.files.map((sent) => (sent === file ? { root, isConfirmed: true } : sent))
    const next: Case = { ...one, files }
    await gate.parts.trail.append([gate.entry(next, 'confirmed', null, { root })], gate.parts.cases.put(next))
    return true
  })
}

/** Whether an entry of the trail says that blocks were sent of which their reader never said that it holds the file. */
export function isUnconfirmed({ step, facts }: TrailEntry, one: Case | undefined): boolean {
  const { root } = facts
  if (step !== 'sent') return false
  return one?.files.some((file) => file.isConfirmed && isBytes(root, 32) && equal(file.root, root)) !== true
}

/** In turn with everything else about its request. False where there is none. */
async function withCase(
  gate: Gate,
  grant: Uint8Array,
  work: (one: Case) => Promise<boolean>,
): Promise<boolean> {
  const id = await gate.parts.cases.idOf(grant)
  if (id === undefined) return false
  return gate.turns.take(printHex(id), async () => {
    const one = await gate.parts.cases.get(id)
    return one !== undefined && work(one)
  })
}

async function caseOf({ parts }: Gate, grant: Uint8Array): Promise<Case | undefined> {
  const id = await parts.cases.idOf(grant)
  return id && parts.cases.get(id)
}

/**
 * Importing records of others: idempotent by external id and digest, streaming, signed as the importer. What a
 * crash interrupts is either in the log with its row in the table of imports, or in neither. What is published at once
 * passes the gate, record by record; what the gate keeps is a draft.
 */
import { setImmediate } from 'node:timers/promises'
import { bytesOfText, equal, printBase32 } from '../../protocol/bytes.ts'
import { encode, parse } from '../../protocol/codec/cbor.ts'
import { isBytes, isCount, isMap } from '../../protocol/codec/value.ts'
import type { ImportOptions, ImportProgress } from '../api/service.ts'
import { readAiid } from '../interop/aiid.ts'
import { readAtlas } from '../interop/atlas.ts'
import { readAvid } from '../interop/avid.ts'
import type { ImportEvent, Upload } from '../interop/upload.ts'
import { NodeError } from '../errors.ts'
import type { Content } from '../log/composer.ts'
import type { CandorNode } from '../node.ts'
import type { Looked } from '../outgoing/gate.ts'
import type { Operation } from '../ports.ts'
import type { Draft } from '../store/drafts.ts'
import { after, keyOf, numberAt } from '../store/prefixes.ts'
import { domainOf } from './view.ts'

type Read = (uploads: AsyncIterable<Upload>) => AsyncIterable<ImportEvent>
type Imported = Extract<ImportEvent, { kind: 'record' }>

/** What is known of an external id. */
type Known = { readonly record: Uint8Array; readonly version: number; readonly digest: Uint8Array }

const READERS: Readonly<Record<string, Read>> = { aiid: readAiid, atlas: readAtlas, avid: readAvid }

/** Records that share two syncs of the disk. */
const BATCH_RECORDS = 256

/** Records that are looked through before others who wait for the node get their turn: a few hundredths of a second. */
const LOOKED_AT_ONCE = 16

export async function* importFiles(
  node: CandorNode,
  uploads: AsyncIterable<Upload>,
  options: ImportOptions,
  token?: string,
): AsyncGenerator<ImportProgress> {
  const read = Object.hasOwn(READERS, options.format) ? READERS[options.format] : undefined
  if (read === undefined)
    throw new NodeError('USAGE', `there is no importer for this format: ${Object.keys(READERS).join(', ')}`)
  if (options.publish && !options.dryRun) {
    const readOnly = node.readOnly()
    if (readOnly !== undefined) throw readOnly.error
  }
  const look = options.publish ? node.outgoing.importer(token) : undefined
  const counts = { imported: 0, present: 0, skipped: 0, ignored: 0, kept: 0, asked: 0 }
  let batch: Imported[] = []
  const flush = async function* () {
    const events = await store(node, batch, { ...options, look })
    batch = []
    for (const event of events) {
      if (event.event === 'imported' && event.kept !== undefined) counts.kept += 1
      if (event.event === 'imported' && event.asked !== undefined) counts.asked += 1
      if (event.event !== 'done') counts[event.event] += 1
      yield event
    }
  }
  for await (const event of read(uploads)) {
    if (event.kind === 'record') {
      batch.push(event)
      if (batch.length === BATCH_RECORDS) yield* flush()
      continue
    }
    counts[event.kind] += 1
    yield { event: event.kind, name: event.name, reason: event.reason }
  }
  yield* flush()
  yield { event: 'done', ...counts }
}

/** Writes one batch and answers when it is durable. */
async function store(
  node: CandorNode,
  batch: readonly Imported[],
  options: ImportOptions & { readonly look: ((draft: Draft) => Looked) | undefined },
): Promise<readonly ImportProgress[]> {
  const known = await Promise.all(
    batch.map(({ externalId }) => node.opened.database.get(externalKey(externalId))),
  )
  const { look } = options
  const events: ImportProgress[] = []
  const contents: Content[] = []
  const drafted: Operation[] = []
  const placing: number[] = []
  for (const [offset, one] of batch.entries()) {
    const before = knownOf(known[offset])
    if (before !== undefined && equal(before.digest, one.digest)) {
      events.push({ event: 'present', externalId: one.externalId, record: printBase32(before.record) })
      continue
    }
    if (before !== undefined && (await wasErased(node, before.record))) {
      const reason = 'the public part of this record was erased here; what was erased is not imported again'
      events.push({ event: 'skipped', name: one.externalId, reason })
      continue
    }
    const record = before?.record ?? node.random.bytes(16)
    const version = (before?.version ?? 0) + 1
    const row = rowOf(one, record, version)
    const draft: Draft = { record, version, createdAt: node.clock.now(), ...one.content }
    if (look !== undefined && offset % LOOKED_AT_ONCE === 0) await setImmediate()
    const looked = one.publishable ? look?.(draft) : undefined
    const leaves = looked !== undefined && looked.kept.length === 0
    if (leaves) {
      placing.push(events.length)
      const trail = node.drafts.trailOperations(looked.draft)
      const alongside = () => [row, ...trail, ...node.drafts.removeOperations(record)]
      contents.push({ record, version, ...one.content, alongside })
    } else {
      drafted.push(node.drafts.putOperation(draft), row)
    }
    events.push({
      event: 'imported',
      externalId: one.externalId,
      record: printBase32(record),
      version,
      ...(looked === undefined || leaves ? {} : { kept: looked.kept }),
      ...(looked === undefined || looked.asked.length === 0 ? {} : { asked: looked.asked }),
    })
  }
  if (options.dryRun) return events
  if (drafted.length > 0) await node.opened.database.batch(drafted, 'durable')
  const published = await node.publisher.publish(contents)
  for (const [number, at] of placing.entries()) {
    const [index, event] = [published[number]?.index, events[at]]
    if (index !== undefined && event?.event === 'imported') events[at] = { ...event, index }
  }
  return events
}

/** Whether a public part of this record of ours was erased. */
async function wasErased({ opened }: CandorNode, record: Uint8Array): Promise<boolean> {
  const prefix = keyOf('record', record)
  for await (const [key] of opened.database.iterate({ gte: prefix, lt: after(prefix) })) {
    const log = opened.logs.get(opened.logs.originOf(numberAt(key, 17, 4)) ?? '')
    const isOwn = log !== undefined && domainOf(log.origin) === opened.member.domain
    if (isOwn && opened.logs.erasedBy(log, numberAt(key, 21, 6)) !== undefined) return true
  }
  return false
}

function externalKey(externalId: string): Uint8Array {
  return keyOf('external', bytesOfText(externalId))
}

function rowOf({ externalId, digest }: Imported, record: Uint8Array, version: number): Operation {
  return { type: 'put', key: externalKey(externalId), value: encode({ record, version, digest }) }
}

function knownOf(row: Uint8Array | undefined): Known | undefined {
  const read = row === undefined ? undefined : parse(row)
  if (read?.ok !== true || !isMap(read.value)) return undefined
  const { record, version, digest } = read.value
  return isBytes(record, 16) && isCount(version) && isBytes(digest, 32)
    ? { record, version, digest }
    : undefined
}

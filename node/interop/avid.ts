/**
 * The AI Vulnerability Database: a tree of JSON files, one report or vulnerability each.
 *
 * AVID stamps every published file with a new `data_version` on each release, so the digest that decides
 * between "already there" and "new version" leaves that field out (spec 05 §7).
 */
import type { Value } from '../../protocol/codec/cbor.ts'
import type { MapValue } from '../../protocol/codec/value.ts'
import { daysOf } from '../../protocol/record/date.ts'
import { EXTERNAL_ID_LENGTH_MAX, lengthOf } from '../../protocol/record/field.ts'
import { LINKS_MAX, PARTIES_MAX, SYSTEMS_MAX } from '../../protocol/record/incident-public.ts'
import { REFERENCES_MAX } from '../../protocol/record/shared-fields.ts'
import { cutText } from '../../protocol/record/summary.ts'
import { impactOf } from './avid-impact.ts'
import { KIND_OF_CLASS, KIND_OF_TYPE, SYSTEM_OF_ARTIFACT } from './avid-terms.ts'
import { canonicalJson } from './canonical-json.ts'
import { finish, Seen, sha256, type Catalogue } from './draft.ts'
import { fitList, fitNames, fitTexts, isAddress, listField, Mapping } from './mapping.ts'
import { isOriginal, listAt, objectAt, oneLine, textAt, textsAt, type Original } from './original.ts'
import {
  decodeText,
  describeEncoding,
  FIELD_LENGTH_MAX,
  JSON_BYTES_MAX,
  readWhole,
  type ImportEvent,
  type Upload,
} from './upload.ts'

const AVID: Catalogue = {
  scheme: 'avid',
  licence: 'MIT',
  attribution: 'AI Vulnerability Database (AVID), https://avidml.org',
}

/** Reads AVID files in the order given. */
export async function* readAvid(uploads: AsyncIterable<Upload>): AsyncGenerator<ImportEvent> {
  const seen = new Seen()
  for await (const upload of uploads) yield await readFile(upload, seen)
}

async function readFile(upload: Upload, seen: Seen): Promise<ImportEvent> {
  const name = upload.path
  if (!/\.json$/iu.test(name)) return { kind: 'ignored', name, reason: 'is not a .json file' }
  const bytes = await readWhole(upload, JSON_BYTES_MAX)
  if (bytes === undefined) return { kind: 'skipped', name, reason: `is longer than ${JSON_BYTES_MAX} bytes` }
  const text = decodeText(bytes)
  if (text === undefined) return { kind: 'skipped', name, reason: describeEncoding(bytes) }
  const original = parseJson(text)
  if (typeof original === 'string') return { kind: 'skipped', name, reason: original }
  return readOriginal(name, bytes, original, seen)
}

function parseJson(text: string): Original | string {
  if (text.trim() === '') return 'is empty'
  try {
    const value: unknown = JSON.parse(text)
    return isOriginal(value) ? value : 'holds no JSON object'
  } catch (error) {
    // The parser's message quotes the file; only the position is passed on.
    const at = /position (\d+)/u.exec(error instanceof Error ? error.message : '')?.[1]
    return at === undefined ? 'is not JSON, or is cut off' : `is not JSON (at character ${at})`
  }
}

function readOriginal(name: string, bytes: Uint8Array, original: Original, seen: Seen): ImportEvent {
  const { data_version: _, ...lasting } = original
  const comparable = canonicalJson(lasting)
  if (comparable === undefined) return { kind: 'skipped', name, reason: 'is nested too deep' }
  const metadata = objectAt(original, 'metadata')
  const id = textAt(metadata, 'report_id') ?? textAt(metadata, 'vuln_id')
  const title = textAt(objectAt(objectAt(original, 'problemtype'), 'description'), 'value')
  const description = textAt(objectAt(original, 'description'), 'value')
  if (id === undefined)
    return { kind: 'skipped', name, reason: 'has neither metadata.report_id nor metadata.vuln_id' }
  if (lengthOf(id) > EXTERNAL_ID_LENGTH_MAX)
    return { kind: 'skipped', name, reason: `its id has more than ${EXTERNAL_ID_LENGTH_MAX} characters` }
  if (title === undefined)
    return { kind: 'skipped', name, reason: 'has no title (problemtype.description.value)' }
  const long = title.length > FIELD_LENGTH_MAX ? 'problemtype.description.value' : 'description.value'
  if (Math.max(title.length, description?.length ?? 0) > FIELD_LENGTH_MAX)
    return { kind: 'skipped', name, reason: `${long} has more than ${FIELD_LENGTH_MAX} characters` }
  const mapping = new Mapping()
  mapping.set('metadata', 'direct', 'source.external_ids')
  const texts = fitTexts(
    mapping,
    { title, description },
    { title: 'problemtype.description', description: 'description' },
  )
  const facts = factsOf(mapping, original)
  mapping.set('data_version', 'unmapped', undefined, 'restamped on every release; not compared')
  mapping.rest(original)
  return finish(AVID, seen, {
    name,
    id: oneLine(id),
    public: { ...texts.public, ...facts.public },
    ...(texts.narrative === undefined ? {} : { partner: { narrative: texts.narrative } }),
    mapping,
    originalDigest: sha256(bytes),
    comparisonDigest: sha256(comparable),
    aliases: facts.aliases,
  })
}

function factsOf(mapping: Mapping, original: Original): { public: MapValue; aliases: readonly MapValue[] } {
  const kind = kindOf(mapping, objectAt(original, 'problemtype'))
  const impact = impactOf(mapping, original, kind)
  const references = referencesOf(mapping, original)
  return {
    public: {
      kind,
      occurred: occurredOf(mapping, original),
      ...systemsOf(mapping, objectAt(original, 'affects')),
      ...partiesOf(mapping, original),
      ...impact,
      ...listField('references', references),
      ...linksOf(mapping, original),
    },
    aliases: aliasesOf(references),
  }
}

function kindOf(mapping: Mapping, problem: Original): string {
  const type = textAt(problem, 'type')
  const classof = textAt(problem, 'classof')
  if (type !== undefined) mapping.set('problemtype.type', 'approximate', 'kind')
  if (classof !== undefined) mapping.set('problemtype.classof', 'direct', 'classifications')
  return KIND_OF_TYPE.get(type ?? '') ?? KIND_OF_CLASS.get(classof ?? '') ?? 'hazard'
}

function occurredOf(mapping: Mapping, original: Original): MapValue {
  for (const field of ['reported_date', 'published_date']) {
    const start = textAt(original, field)
    if (start !== undefined && daysOf(start, 'day') !== undefined) {
      mapping.set(field, field === 'reported_date' ? 'direct' : 'approximate', 'occurred')
      return { start, precision: 'day', basis: 'reported' }
    }
  }
  return { precision: 'unknown', basis: 'reported' }
}

function systemsOf(mapping: Mapping, affects: Original): MapValue {
  const artifacts = listAt(affects, 'artifacts').filter(isOriginal)
  const developers = fitNames(mapping, 'affects.developer', textsAt(affects, 'developer'))
  const [provider] = developers.length === 1 ? developers : []
  if (artifacts.length > 0) mapping.set('affects.artifacts', 'direct', 'systems')
  const systems = artifacts.flatMap((artifact): Value[] => {
    const type = SYSTEM_OF_ARTIFACT.get((textAt(artifact, 'type') ?? '').toLowerCase())
    const [name] = fitNames(mapping, 'affects.artifacts', textsAt({ names: [artifact['name']] }, 'names'))
    if (type === undefined) mapping.cut('affects.artifacts', 'without those of an unknown type')
    if (type === undefined) return []
    return [
      { type, ...(name === undefined ? {} : { name }), ...(provider === undefined ? {} : { provider }) },
    ]
  })
  return listField('systems', fitList(mapping, 'affects.artifacts', systems, SYSTEMS_MAX))
}

function partiesOf(mapping: Mapping, original: Original): MapValue {
  const affects = objectAt(original, 'affects')
  const parties = ['developer', 'deployer'].flatMap((role): Value[] => {
    const names = fitNames(mapping, `affects.${role}`, textsAt(affects, role))
    if (names.length > 0) mapping.set(`affects.${role}`, 'direct', 'parties')
    return names.map((name) => ({ role, name }))
  })
  const credit = listAt(original, 'credit').filter(isOriginal)
  const reporters = fitNames(
    mapping,
    'credit',
    credit.flatMap((entry) => textAt(entry, 'value') ?? []),
  )
  if (reporters.length > 0) mapping.set('credit', 'direct', 'parties')
  const all = [...parties, ...reporters.map((name) => ({ role: 'reporter', name }))]
  return listField('parties', fitList(mapping, 'affects', all, PARTIES_MAX))
}

function referencesOf(mapping: Mapping, original: Original): readonly MapValue[] {
  const all = listAt(original, 'references').filter(isOriginal)
  if (all.length > 0) mapping.set('references', 'direct', 'references')
  const usable = all.filter((reference) => isAddress(textAt(reference, 'url') ?? ''))
  if (usable.length < all.length) mapping.cut('references', 'without those that are no http(s) address')
  return fitList(mapping, 'references', usable, REFERENCES_MAX).map((reference) => {
    const label = cutText(oneLine(textAt(reference, 'label') ?? ''), 400).text
    const type = cutText(oneLine(textAt(reference, 'type') ?? ''), 40).text
    return {
      url: textAt(reference, 'url') ?? '',
      ...(label === '' ? {} : { label }),
      ...(type === '' ? {} : { type }),
    }
  })
}

/** A report on a CVE names it in a reference of its own; then both identify one thing. */
function aliasesOf(references: readonly MapValue[]): readonly MapValue[] {
  const ids = references.flatMap(({ url, label }) => {
    const id = typeof url === 'string' ? /[?&]id=(CVE-\d{4}-\d{4,7})$/u.exec(url)?.[1] : undefined
    return id !== undefined && label === 'NVD entry' ? [id] : []
  })
  return [...new Set(ids)].slice(0, 8).map((id) => ({ scheme: 'cve', id }))
}

/** A vulnerability derives from reports; a report is part of a vulnerability. */
function linksOf(mapping: Mapping, original: Original): MapValue {
  const reports = listAt(original, 'reports').filter(isOriginal)
  const ids = reports.flatMap((report) => textAt(report, 'report_id') ?? [])
  if (ids.length > 0) mapping.set('reports', 'approximate', 'links')
  const vulnerability = textAt(objectAt(objectAt(original, 'impact'), 'avid'), 'vuln_id')
  if (vulnerability !== undefined) mapping.set('impact.avid.vuln_id', 'approximate', 'links')
  const links = [
    ...fitNames(mapping, 'reports', ids).map((id) => ({
      rel: 'derived-from',
      target: { scheme: 'avid', id },
    })),
    ...fitNames(mapping, 'impact.avid.vuln_id', vulnerability === undefined ? [] : [vulnerability]).map(
      (id) => ({
        rel: 'part-of',
        target: { scheme: 'avid', id },
      }),
    ),
  ]
  return listField('links', fitList(mapping, 'reports', links, LINKS_MAX))
}

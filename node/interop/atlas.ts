/**
 * MITRE ATLAS: case studies as YAML files of their own (`data/case-studies/*.yaml`), or collected in a release
 * (`dist/ATLAS.yaml`). A directory may hold both: a release repeats its case studies word for word with their
 * identifiers resolved, so both forms have one comparison digest and the second is passed over.
 */
import type { MapValue } from '../../protocol/codec/value.ts'
import { EXTERNAL_ID_LENGTH_MAX, lengthOf } from '../../protocol/record/field.ts'
import { ATLAS_ANCHORS } from './atlas-anchors.ts'
import { factsOf } from './atlas-case.ts'
import { canonicalJson } from './canonical-json.ts'
import { finish, Seen, sha256, STANDS_TWICE, type Catalogue } from './draft.ts'
import { fitTexts, Mapping } from './mapping.ts'
import { isOriginal, listAt, oneLine, textAt, type Original } from './original.ts'
import {
  decodeText,
  describeEncoding,
  FIELD_LENGTH_MAX,
  readWhole,
  YAML_BYTES_MAX,
  type ImportEvent,
  type Upload,
} from './upload.ts'
import { readYaml } from './yaml-worker.ts'

const ATLAS: Catalogue = {
  scheme: 'mitre-atlas',
  licence: 'Apache-2.0',
  attribution: 'MITRE ATLAS, https://atlas.mitre.org',
}

/** Reads ATLAS files in the order given. */
export async function* readAtlas(uploads: AsyncIterable<Upload>): AsyncGenerator<ImportEvent> {
  const seen = new Seen()
  for await (const upload of uploads) yield* readFile(upload, seen)
}

async function* readFile(upload: Upload, seen: Seen): AsyncGenerator<ImportEvent> {
  const name = upload.path
  if (!/\.ya?ml$/iu.test(name)) return yield { kind: 'ignored', name, reason: 'is not a .yaml file' }
  const bytes = await readWhole(upload, YAML_BYTES_MAX)
  if (bytes === undefined)
    return yield { kind: 'skipped', name, reason: `is longer than ${YAML_BYTES_MAX} bytes` }
  const text = decodeText(bytes)
  if (text === undefined) return yield { kind: 'skipped', name, reason: describeEncoding(bytes) }
  const read = await readYaml(text)
  if (!read.ok) return yield { kind: 'skipped', name, reason: read.reason }
  const document = read.value
  if (isCollection(document)) return yield* readCollection(name, bytes, document, seen)
  yield isOriginal(document)
    ? readCase(name, bytes, document, seen)
    : { kind: 'skipped', name, reason: 'holds no YAML object' }
}

/** Tactics, techniques, mitigations, the matrix and whole releases: the rest of the ATLAS repository. */
function isCollection(document: unknown): boolean {
  if (Array.isArray(document))
    return document.every((item) => isOriginal(item) && COMPANIONS.has(String(item['object-type'])))
  return isOriginal(document) && document['id'] === 'ATLAS'
}

const COMPANIONS: ReadonlySet<string> = new Set(['tactic', 'technique', 'mitigation'])

function* readCollection(
  name: string,
  bytes: Uint8Array,
  document: unknown,
  seen: Seen,
): Generator<ImportEvent> {
  const cases = isOriginal(document) ? listAt(document, 'case-studies') : []
  if (cases.length === 0) yield { kind: 'ignored', name, reason: 'holds no case studies' }
  let again = 0
  for (const [index, item] of cases.entries()) {
    const at = `${name}: case study ${index + 1}`
    const event: ImportEvent = isOriginal(item)
      ? readCase(at, bytes, item, seen)
      : { kind: 'skipped', name: at, reason: 'is no object' }
    if (event.kind === 'skipped' && event.reason === STANDS_TWICE) again += 1
    else yield event
  }
  if (again > 0) yield { kind: 'ignored', name, reason: `${again} case studies in it were read before` }
}

function readCase(name: string, bytes: Uint8Array, raw: Original, seen: Seen): ImportEvent {
  const original = eachText(raw, (text) => text.replace(ANCHOR, identifierOf))
  const comparable = canonicalJson(eachText(original, oneLine))
  if (!isOriginal(original) || comparable === undefined)
    return { kind: 'skipped', name, reason: 'is nested too deep' }
  const id = textAt(original, 'id')
  const title = textAt(original, 'name')
  const summary = textAt(original, 'summary')
  if (id === undefined) return { kind: 'skipped', name, reason: 'has no id' }
  if (lengthOf(id) > EXTERNAL_ID_LENGTH_MAX)
    return { kind: 'skipped', name, reason: `its id has more than ${EXTERNAL_ID_LENGTH_MAX} characters` }
  if (title === undefined) return { kind: 'skipped', name, reason: 'has no title (name)' }
  if (Math.max(title.length, summary?.length ?? 0) > FIELD_LENGTH_MAX)
    return {
      kind: 'skipped',
      name,
      reason: `its name or summary has more than ${FIELD_LENGTH_MAX} characters`,
    }
  const mapping = new Mapping()
  mapping.set('id', 'direct', 'source.external_ids')
  mapping.set('object-type', 'direct', 'kind')
  const texts = fitTexts(mapping, { title, description: summary }, { title: 'name', description: 'summary' })
  const facts = factsOf(mapping, original)
  mapping.rest(original)
  const partner: MapValue = {
    ...(texts.narrative === undefined ? {} : { narrative: texts.narrative }),
    ...facts.partner,
  }
  return finish(ATLAS, seen, {
    name,
    id: oneLine(id),
    public: { ...texts.public, ...facts.public },
    ...(Object.keys(partner).length === 0 ? {} : { partner }),
    mapping,
    originalDigest: sha256(bytes),
    comparisonDigest: sha256(comparable),
  })
}

/** The same document with every text changed; undefined where it is nested too deep. */
function eachText(value: unknown, change: (text: string) => string, depth = 0): unknown {
  if (depth > DEPTH_MAX) return undefined
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((item) => eachText(item, change, depth + 1))
  if (!isOriginal(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, eachText(item, change, depth + 1)]),
  )
}

/** Nesting of a case study. Real ones have three levels. */
const DEPTH_MAX = 32

/** How the source files name a tactic or technique; a release writes its identifier. */
const ANCHOR = /\{\{\s*(\w{1,64})\.id\s*\}\}/gu

/** An anchor of a newer release stays as it is; the timeline then goes without it. */
function identifierOf(whole: string, anchor: string): string {
  return ATLAS_ANCHORS.get(anchor) ?? whole
}

/** The `impact` of an AVID record: taxonomy terms, stages of the life cycle, severities side by side. */
import type { Value } from '../../protocol/codec/cbor.ts'
import type { MapValue } from '../../protocol/codec/value.ts'
import { CLASSIFICATIONS_MAX, SCORES_MAX } from '../../protocol/record/shared-fields.ts'
import { HARMS_MAX } from '../../protocol/record/incident-public.ts'
import { cutText } from '../../protocol/record/summary.ts'
import { HARM_OF_SEP } from './avid-terms.ts'
import { fitList, listField, type Mapping } from './mapping.ts'
import { isOriginal, listAt, objectAt, oneLine, textAt, textsAt, type Original } from './original.ts'

export function impactOf(mapping: Mapping, original: Original, kind: string): MapValue {
  const impact = objectAt(original, 'impact')
  const avid = objectAt(impact, 'avid')
  const fields = {
    ...classificationsOf(mapping, original, impact, avid),
    ...lifecycleOf(mapping, avid),
    ...harmsOf(mapping, avid, kind),
    ...scoresOf(mapping, impact),
  }
  mapping.rest(avid, 'impact.avid.')
  mapping.rest(impact, 'impact.')
  return fields
}

function classificationsOf(mapping: Mapping, original: Original, impact: Original, avid: Original): MapValue {
  const problem = objectAt(original, 'problemtype')
  const version = textAt(avid, 'taxonomy_version')
  const cwes = listAt(impact, 'cwe').filter(isOriginal)
  if (cwes.length > 0) mapping.set('impact.cwe', 'direct', 'classifications')
  for (const field of ['sep_view', 'risk_domain'])
    if (textsAt(avid, field).length > 0) mapping.set(`impact.avid.${field}`, 'direct', 'classifications')
  if (version !== undefined) mapping.set('impact.avid.taxonomy_version', 'direct', 'classifications')
  const all = [
    ...texts(problem, 'classof').map((id) => term('avid/class', id)),
    ...texts(problem, 'type').map((id) => term('avid/type', id)),
    ...textsAt(avid, 'risk_domain').map((id) => term('avid/risk-domain', id)),
    ...textsAt(avid, 'sep_view').map((text) => coded('avid/sep', text, version)),
    ...cwes.flatMap((cwe) => texts(cwe, 'cweId').map((id) => term('cwe', id, textAt(cwe, 'description')))),
    ...textsAt(impact, 'atlas').map((id) => term('mitre-atlas/technique', id)),
  ].filter((item) => item['id'] !== '')
  return listField('classifications', fitList(mapping, 'impact.avid', all, CLASSIFICATIONS_MAX))
}

function lifecycleOf(mapping: Mapping, avid: Original): MapValue {
  const all = textsAt(avid, 'lifecycle_view')
  const stages = all.flatMap((text) => /^L0[1-6](?=:|$)/u.exec(text)?.[0] ?? [])
  if (all.length > 0) mapping.set('impact.avid.lifecycle_view', 'direct', 'lifecycle')
  if (stages.length < all.length)
    mapping.cut('impact.avid.lifecycle_view', 'without stages it does not define')
  return listField('lifecycle', [...new Set(stages)])
}

/** Kinds of harm by the SEP taxonomy: potential, unless the record is about harm that happened. */
function harmsOf(mapping: Mapping, avid: Original, kind: string): MapValue {
  const codes = textsAt(avid, 'sep_view').flatMap((text) => /^[SEP]\d{4}/u.exec(text)?.[0] ?? [])
  const types = codes.flatMap((code) => HARM_OF_SEP.get(code) ?? HARM_OF_SEP.get(code.slice(0, 1)) ?? [])
  if (types.length === 0) return {}
  mapping.set(
    'impact.avid.sep_view',
    'approximate',
    'classifications, harms',
    'the terms directly, the harms by judgement',
  )
  const realised = kind === 'harm_event' ? 'unknown' : 'potential'
  const harms = [...new Set(types)].map((type) => ({ type, realised }))
  return listField('harms', fitList(mapping, 'impact.avid.sep_view', harms, HARMS_MAX))
}

function scoresOf(mapping: Mapping, impact: Original): MapValue {
  const cvss = impact['cvss']
  const all = (Array.isArray(cvss) ? cvss : [cvss]).filter(isOriginal)
  const scores = all.flatMap((score): Value[] => {
    const version = fitted(score, 'version', 20)
    const vector = fitted(score, 'vectorString', 400)
    const label = fitted(score, 'baseSeverity', 80)
    const value = decimalOf(score['baseScore'])
    if (vector === undefined && value === undefined && label === undefined) return []
    return [{ system: 'cvss', ...pick({ version, vector, value, label }) }]
  })
  if (scores.length > 0) mapping.set('impact.cvss', 'direct', 'scores', 'the components stand in the vector')
  return listField('scores', fitList(mapping, 'impact.cvss', scores, SCORES_MAX))
}

/** A score as exact text, as the original spells it. */
function decimalOf(value: unknown): string | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0 || value > 100) return undefined
  const text = String(value)
  return text.includes('e') ? undefined : text
}

/** `S0301: Information Leak` as id and label. */
function coded(scheme: string, text: string, version: string | undefined): MapValue {
  const [, code = text, label] = /^([A-Z]\d{4}):\s*(.+)$/su.exec(text) ?? []
  const cut = version === undefined ? undefined : cutText(oneLine(version), 20).text
  return { ...term(scheme, code, label), ...pick({ version: cut }) }
}

function term(scheme: string, id: string, label?: string): MapValue {
  const words = label === undefined ? undefined : cutText(oneLine(label), 400).text
  return { scheme, id: cutText(oneLine(id), 200).text, ...pick({ label: words === '' ? undefined : words }) }
}

function fitted(of: Original, key: string, max: number): string | undefined {
  const text = cutText(oneLine(textAt(of, key) ?? ''), max).text
  return text === '' ? undefined : text
}

function texts(of: Original, key: string): readonly string[] {
  const text = textAt(of, key)
  return text === undefined ? [] : [text]
}

/** Only the fields that have a value: a record never holds `undefined`. */
function pick(fields: Readonly<Record<string, string | undefined>>): MapValue {
  const all: [string, Value][] = []
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) all.push([key, value])
  return Object.fromEntries(all)
}

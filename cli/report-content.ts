/** The content of a report, from flags, from a file, or from answers. The node checks it against the schema. */
import { NodeError, type NewContent } from '../node/api/client.ts'
import { usage } from './context.ts'

export type ReportOptions = {
  readonly kind?: string
  readonly nearMiss?: true
  readonly title?: string
  readonly summary?: string
  readonly description?: string
  readonly occurred?: string
  readonly sector?: readonly string[]
  readonly region?: readonly string[]
  readonly harm?: readonly string[]
  readonly system?: readonly string[]
  readonly status?: string
  readonly verification?: string
  readonly tlp?: string
  readonly role?: string
  readonly narrative?: string
  readonly barrier?: string
}

type Document = Readonly<Record<string, unknown>>

export function contentOf(options: ReportOptions): NewContent {
  const { title, summary, description, sector, region, harm, system, narrative, barrier } = options
  const isNearMiss = options.nearMiss === true || options.kind?.replaceAll('-', '_') === 'near_miss'
  const open = given({
    kind: isNearMiss ? 'near_miss' : (options.kind?.replaceAll('-', '_') ?? 'harm_event'),
    verification: options.verification ?? 'reported',
    status: options.status ?? 'open',
    title,
    summary,
    description,
    occurred: occurredOf(options.occurred),
    sectors: sector,
    regions: region,
    harms: harm?.map((text) => harmOf(text, isNearMiss ? 'potential' : 'actual')),
    systems: system?.map(systemOf),
    policy: { tlp: options.tlp ?? 'CLEAR' },
    made_by: { role: options.role ?? 'deployer' },
  })
  const partner = given({ narrative, near_miss_barrier: barrier })
  return { kind: 'incident', public: open, ...(Object.keys(partner).length === 0 ? {} : { partner }) }
}

/** A file holds either all tiers ({kind, public, partner?, research?}) or the public part alone. */
export async function contentOfFile(path: string, bytes: Uint8Array): Promise<NewContent> {
  const value = await parseFile(path, bytes)
  if (!isMap(value)) throw new NodeError('BAD_INPUT', `${path} holds no object`)
  if (!isMap(value['public'])) return { kind: 'incident', public: datesAsText(value) }
  const { kind, public: open, partner, research, ...rest } = value
  const [unknown] = Object.keys(rest)
  if (unknown !== undefined) {
    throw new NodeError('BAD_INPUT', `${path} holds more than kind, public, partner and research`)
  }
  return {
    kind: typeof kind === 'string' ? kind : 'incident',
    public: datesAsText(open),
    ...(partner === undefined ? {} : { partner }),
    ...(research === undefined ? {} : { research }),
  }
}

/** How precise a date is shows in how it is written. */
export function occurredOf(text: string | undefined): Document {
  if (text === undefined || text === 'unknown') return { precision: 'unknown', basis: 'occurred' }
  const [start = '', end] = text.split('/')
  const precisions: Readonly<Record<number, string>> = { 4: 'year', 7: 'month', 10: 'day', 14: 'hour' }
  const precision = precisions[start.length]
  if (precision === undefined)
    throw usage('a date is 2026, 2026-04, 2026-04-09 or 2026-04-09T13Z; two of them with a / between')
  return { start, ...(end === undefined ? {} : { end }), precision, basis: 'occurred' }
}

function harmOf(text: string, otherwise: string): Document {
  const [type, realised, severity] = text.split(':')
  return given({ type, realised: realised ?? otherwise, oecd_severity: severity })
}

function systemOf(text: string): Document {
  const [type, name, version] = text.split(':')
  return name === undefined ? { type: 'system', name: type } : given({ type, name, version })
}

async function parseFile(path: string, bytes: Uint8Array): Promise<unknown> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    if (/^\s*\{/.test(text)) return JSON.parse(text)
    const { parse } = await import('yaml')
    return parse(text, { maxAliasCount: 10 })
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''
    throw new NodeError('BAD_INPUT', `${path} is neither JSON nor YAML in UTF-8: ${why}`, { cause: error })
  }
}

/** YAML reads `start: 2026` as a number; a year is meant. */
function datesAsText(open: unknown): unknown {
  if (!isMap(open) || !isMap(open['occurred'])) return open
  const occurred = Object.entries(open['occurred']).map(([key, value]) => [
    key,
    typeof value === 'number' ? String(value) : value,
  ])
  return { ...open, occurred: Object.fromEntries(occurred) }
}

function given(entries: Readonly<Record<string, unknown>>): Document {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined))
}

function isMap(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

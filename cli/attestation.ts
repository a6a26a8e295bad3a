/** The document of an attestation from the words of a command. The node checks it against the schema of its kind. */
import { usage } from './context.ts'

export type AttestOptions = {
  readonly reason?: string
  readonly note?: string
  readonly at?: string
  readonly count?: string
  readonly harm?: readonly string[]
  readonly score?: readonly string[]
  readonly term?: readonly string[]
  readonly field?: readonly string[]
  readonly position?: string
  readonly confidence?: string
  readonly change?: readonly string[]
  readonly to?: string
  readonly by?: string
}

type Document = Readonly<Record<string, unknown>>

/** `target` is the record that --to or --by names. */
export function attestationOf(
  kind: string,
  value: string | undefined,
  options: AttestOptions,
  target: Document | undefined,
): Document {
  const { reason, note, at, position, field: fields, confidence, count } = options
  switch (kind) {
    case 'sighting':
      return given({
        value: needed(value, 'seen, reproduced, not_reproduced, …'),
        at,
        count: number(count),
        note,
      })
    case 'opinion':
      return given({ value: number(needed(value, 'a number from 0 to 100')), reason })
    case 'severity':
      return given({ harms: options.harm?.map(harmOf), scores: options.score?.map(scoreOf), reason })
    case 'classification':
      return given({ terms: options.term?.map(termOf), reason })
    case 'dispute':
      return given({ reason, fields, position })
    case 'link':
      return given({
        rel: needed(value, 'same-event, same-cause, …'),
        target: needed(target, '--to ID'),
        confidence: number(confidence),
        note,
      })
    case 'correction':
      return given({ reason, changes: options.change?.map(changeOf) })
    case 'supersede':
      return given({ by: needed(target, '--by ID'), reason })
    case 'retract':
      return given({ class: needed(value, 'factual_error, duplicate, published_by_mistake, …'), reason })
    default:
      throw usage(`a ${kind} is not attested`, 'candor attest --help')
  }
}

function harmOf(text: string): Document {
  const [type, realised, severity] = text.split(':')
  return given({
    type,
    realised: needed(realised, '--harm TYPE:REALISED:SEVERITY'),
    oecd_severity: needed(severity, '--harm TYPE:REALISED:SEVERITY'),
  })
}

function scoreOf(text: string): Document {
  const [scheme, value] = split(text, ':', '--score SCHEME:VALUE')
  const isNumber = /^-?\d+(?:\.\d+)?$/.test(value)
  return isNumber ? { system: scheme, value } : { system: scheme, label: value }
}

function termOf(text: string): Document {
  const [scheme, id] = split(text, ':', '--term SCHEME:ID')
  return { scheme, id }
}

function changeOf(text: string): Document {
  const [path, correct] = split(text, '=', '--change PATH=VALUE')
  return correct === '' ? { path } : { path, correct }
}

function split(text: string, by: string, shape: string): readonly [string, string] {
  const at = text.indexOf(by)
  if (at <= 0) throw usage(`this takes ${shape}`)
  return [text.slice(0, at), text.slice(at + 1)]
}

function number(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,9}$/.test(text)) throw usage('this takes a whole number')
  return Number(text)
}

function needed<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw usage(`this needs a value: ${what}`, 'candor attest --help')
  return value
}

function given(entries: Readonly<Record<string, unknown>>): Document {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined))
}

/**
 * What cannot be true together, though each field alone is well-formed: a red marking on a part for everybody,
 * a near miss with actual harm. The rules are data, so that they can be read, printed and tested one by one.
 *
 * A contradiction stops publishing. It is no schema problem: a statement of others that contradicts itself is
 * shown with a mark.
 */
import type { Tier } from '../codec/part.ts'
import type { Value } from '../codec/cbor.ts'
import { isList, isMap, type MapValue } from '../codec/value.ts'
import { PROBLEMS_MAX, type Problem, type RecordContent } from './content.ts'

type Allowed = Readonly<Record<string, readonly (string | boolean)[]>>

/** True when some value at `path` (lists are looked through) fits; `where` asks for fields of one and the same item. */
type Condition = {
  readonly tier: Tier
  readonly path: string
  readonly is: 'present' | 'absent' | readonly string[]
  readonly where?: Allowed
}

export type ContradictionRule = {
  readonly id: string
  readonly when: readonly Condition[]
  /** Where the person should look first. */
  readonly tier: Tier
  readonly path: string
  readonly message: string
}

const ACTUAL_HARM: Condition = {
  tier: 'public',
  path: 'harms',
  is: 'present',
  where: { realised: ['actual'] },
}

export const CONTRADICTIONS: readonly ContradictionRule[] = [
  {
    id: 'tlp-public',
    when: [{ tier: 'public', path: 'policy.tlp', is: ['GREEN', 'AMBER', 'AMBER+STRICT', 'RED'] }],
    tier: 'public',
    path: 'policy.tlp',
    message: 'the public part is for everybody, which only TLP:CLEAR allows',
  },
  {
    id: 'tlp-partner',
    when: [{ tier: 'partner', path: 'policy.tlp', is: ['RED'] }],
    tier: 'partner',
    path: 'policy.tlp',
    message: 'TLP:RED is for named recipients; the partner part is for every partner',
  },
  {
    id: 'near-miss-harm',
    when: [{ tier: 'public', path: 'kind', is: ['near_miss'] }, ACTUAL_HARM],
    tier: 'public',
    path: 'harms',
    message: 'a near miss has no actual harm; with actual harm it is a harm event',
  },
  {
    id: 'hazard-harm',
    when: [{ tier: 'public', path: 'kind', is: ['hazard', 'vulnerability'] }, ACTUAL_HARM],
    tier: 'public',
    path: 'harms',
    message: 'a hazard or vulnerability has no actual harm yet; with actual harm it is a harm event',
  },
  {
    id: 'exercise-harm',
    when: [{ tier: 'public', path: 'kind', is: ['exercise'] }, ACTUAL_HARM],
    tier: 'public',
    path: 'harms',
    message: 'an exercise has no actual harm; with actual harm it is a harm event',
  },
  {
    id: 'harm-event-without-harm',
    when: [
      { tier: 'public', path: 'kind', is: ['harm_event'] },
      { tier: 'public', path: 'harms', is: 'present' },
      { tier: 'public', path: 'harms', is: 'absent', where: { realised: ['actual', 'unknown'] } },
    ],
    tier: 'public',
    path: 'harms',
    message:
      'every harm of this harm event is potential; then it is a near miss, a hazard or a vulnerability',
  },
  {
    id: 'harm-event-barrier',
    when: [
      { tier: 'public', path: 'kind', is: ['harm_event'] },
      { tier: 'partner', path: 'near_miss_barrier', is: 'present' },
    ],
    tier: 'partner',
    path: 'near_miss_barrier',
    message: 'a harm event reached somebody, so nothing stopped it; what limited it belongs into controls',
  },
  {
    id: 'hazard-severity',
    when: [
      {
        tier: 'public',
        path: 'harms',
        is: 'present',
        where: { realised: ['actual'], oecd_severity: ['hazard', 'serious_hazard'] },
      },
    ],
    tier: 'public',
    path: 'harms',
    message: 'the OECD calls actual harm an incident, not a hazard',
  },
  {
    id: 'potential-severity',
    when: [
      {
        tier: 'public',
        path: 'harms',
        is: 'present',
        where: { realised: ['potential'], oecd_severity: ['incident', 'serious_incident', 'disaster'] },
      },
    ],
    tier: 'public',
    path: 'harms',
    message: 'the OECD calls potential harm a hazard, not an incident',
  },
  {
    id: 'importer-source',
    when: [
      { tier: 'public', path: 'made_by.role', is: ['importer'] },
      { tier: 'public', path: 'source', is: 'absent' },
    ],
    tier: 'public',
    path: 'source',
    message: 'an importer names the source',
  },
  {
    id: 'source-importer',
    when: [
      { tier: 'public', path: 'source', is: 'present' },
      {
        tier: 'public',
        path: 'made_by.role',
        is: ['developer', 'deployer', 'user', 'affected'],
      },
    ],
    tier: 'public',
    path: 'made_by.role',
    message: 'a record of others is signed as importer, not in the role of those it is about',
  },
]

/** Every contradiction in a content, each with the tier and path to look at. None for kinds without rules. */
export function contradictionsOf(content: RecordContent): readonly Problem[] {
  if (content.kind !== 'incident') return []
  const found = CONTRADICTIONS.filter((rule) => rule.when.every((condition) => holds(content, condition)))
  return [...found.map(({ tier, path, message }) => ({ tier, path, message })), ...missingPaths(content)]
}

/** The research part holds every partner path, or a reader of both could not tell what was redacted. */
function missingPaths(content: RecordContent): readonly Problem[] {
  const { partner, research } = content
  if (partner === undefined || research === undefined) return []
  const missing: string[] = []
  for (const [key, value] of Object.entries(partner))
    if (!NOT_REPEATED.has(key)) collectMissing(value, research[key], key, missing)
  return missing.slice(0, PROBLEMS_MAX).map((path) => ({
    tier: 'research',
    path,
    message: 'the partner part has this field, so the research part must have it too',
  }))
}

/** What is about one tier alone. */
const NOT_REPEATED: ReadonlySet<string> = new Set(['policy', 'redactions'])

/**
 * The research part with what the partner part says added where it says nothing of its own: the usual way to
 * write one, since only redacted fields differ.
 */
export function withPartnerFields(partner: MapValue, research: MapValue): MapValue {
  const added = Object.entries(partner).filter(
    ([key]) => !NOT_REPEATED.has(key) && !Object.hasOwn(research, key),
  )
  return { ...research, ...Object.fromEntries(added) }
}

function collectMissing(have: Value, other: Value | undefined, path: string, missing: string[]): void {
  if (missing.length >= PROBLEMS_MAX) return
  if (other === undefined) {
    missing.push(path)
  } else if (isList(have)) {
    have.forEach((item, index) =>
      collectMissing(item, isList(other) ? other[index] : undefined, `${path}.${index}`, missing),
    )
  } else if (isMap(have)) {
    for (const [key, item] of Object.entries(have))
      collectMissing(item, isMap(other) ? other[key] : undefined, `${path}.${key}`, missing)
  }
}

function holds(content: RecordContent, condition: Condition): boolean {
  const { tier, path, is, where } = condition
  const values = valuesAt(content[tier], path.split('.')).filter((value) => fits(value, where))
  if (is === 'present') return values.length > 0
  if (is === 'absent') return values.length === 0
  return values.some((value) => typeof value === 'string' && is.includes(value))
}

function fits(value: Value, where: Allowed | undefined): boolean {
  if (where === undefined) return true
  return (
    isMap(value) &&
    Object.entries(where).every(([key, allowed]) => {
      const field = value[key]
      return (typeof field === 'string' || typeof field === 'boolean') && allowed.includes(field)
    })
  )
}

function valuesAt(value: Value | undefined, path: readonly string[]): readonly Value[] {
  if (value === undefined) return []
  if (isList(value)) return value.flatMap((item) => valuesAt(item, path))
  const [key, ...rest] = path
  if (key === undefined) return [value]
  return isMap(value) && Object.hasOwn(value, key) ? valuesAt(value[key], rest) : []
}

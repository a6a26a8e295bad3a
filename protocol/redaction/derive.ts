/**
 * The partner part out of the research part, by rules; and the check, for whoever reads both, that nothing differs
 * without being stated. DESIGN §2, spec 06 §9.
 */
import { encode, type Value } from '../codec/cbor.ts'
import { equal } from '../bytes.ts'
import { flatten, unflatten, type Item, type Path } from '../codec/items.ts'
import { isMap, type MapValue } from '../codec/value.ts'
import { PARTNER_FIELDS, TIER_FIELDS } from '../record/incident-restricted.ts'
import { withoutCount } from './count.ts'
import {
  isLeftOut,
  ruleFor,
  statedPath,
  transformed,
  type RedactionReason,
  type RedactionRule,
  type RedactionTransform,
} from './rules.ts'

/** As the partner part states it. */
export type StatedRedaction = {
  readonly path: string
  readonly reason: RedactionReason
  readonly transform: RedactionTransform
}

export type Derived = {
  /** Without `policy`, which the author sets for each tier; with `redactions` where there are any. */
  readonly partner: MapValue
  readonly redactions: readonly StatedRedaction[]
}

export type DeriveFault = 'derive-uncovered' | 'derive-transform' | 'derive-gap' | 'derive-empty'

export type DeriveResult =
  | { readonly ok: true; readonly value: Derived }
  | { readonly ok: false; readonly fault: DeriveFault; readonly path: string }

/** Applies the rules to every item. What only the research part may have needs a rule: nothing is dropped in silence. */
export function derivePartner(research: MapValue, rules: readonly RedactionRule[]): DeriveResult {
  const kept: Item[] = []
  const stated = new Map<string, StatedRedaction>()
  for (const item of sharedItems(research)) {
    const rule = ruleFor(rules, item.path)
    if (rule === undefined) {
      if (!PARTNER_FIELDS.has(String(item.path[0]))) return failed('derive-uncovered', item.path)
      kept.push(item)
      continue
    }
    const { reason, transform } = rule
    if (isLeftOut(rule)) {
      const path = statedPath(rule, item.path)
      stated.set(path, { path, reason, transform })
      continue
    }
    const value = transformed(rule, item.value)
    if (value === undefined || !PARTNER_FIELDS.has(String(item.path[0])))
      return failed('derive-transform', item.path)
    kept.push({ path: item.path, value })
    if (!same(value, item.value)) {
      const path = item.path.join('.')
      stated.set(path, { path, reason, transform })
    }
  }
  return assembled(kept, [...stated.values()])
}

export type DerivationProblem = {
  readonly path: string
  readonly problem: 'not-in-research' | 'changed-unstated' | 'missing-unstated'
}

/** Where two parts do not fit one another. `stated` is what the partner part states as `redactions`. */
export function checkDerived(
  research: MapValue,
  partner: MapValue,
  stated: readonly Pick<StatedRedaction, 'path' | 'transform'>[],
): readonly DerivationProblem[] {
  const problems: DerivationProblem[] = []
  const originals = new Map(sharedItems(research).map((item) => [item.path.join('.'), item.value]))
  const shown = new Set<string>()
  const replaced = new Set(stated.filter((one) => !isLeftOut(one)).map(({ path }) => path))
  for (const { path, value } of sharedItems(partner)) {
    const name = path.join('.')
    shown.add(name)
    const original = originals.get(name)
    if (original === undefined) problems.push({ path: name, problem: 'not-in-research' })
    else if (!same(original, value) && !replaced.has(name))
      problems.push({ path: name, problem: 'changed-unstated' })
  }
  const leftOut = stated.filter(isLeftOut).map(({ path }) => path)
  for (const name of originals.keys()) {
    const isStated = leftOut.some((path) => name === path || name.startsWith(`${path}.`))
    if (!shown.has(name) && !isStated) problems.push({ path: name, problem: 'missing-unstated' })
  }
  return problems
}

/** Items of fields that the tiers can have in common, the count left out. */
function sharedItems(document: MapValue): readonly Item[] {
  return flatten(withoutCount(document)).filter(({ path }) => !TIER_FIELDS.has(String(path[0])))
}

function assembled(kept: readonly Item[], redactions: readonly StatedRedaction[]): DeriveResult {
  const gap = gapIn(kept)
  if (gap !== undefined) return failed('derive-gap', gap)
  const partner = unflatten(kept)
  if (!isMap(partner) || kept.length === 0) return failed('derive-empty', [])
  const stated = redactions.map((one): Value => ({ ...one }))
  const document = stated.length === 0 ? partner : { ...partner, redactions: stated }
  return { ok: true, value: { partner: document, redactions } }
}

/** A list that lost an element and kept a later one: places would move, and with them what a path means. */
function gapIn(items: readonly Item[]): Path | undefined {
  const lists = new Map<string, { readonly path: Path; readonly places: Set<number> }>()
  for (const { path } of items)
    for (const [depth, step] of path.entries()) {
      if (typeof step !== 'number') continue
      const list = path.slice(0, depth)
      const name = JSON.stringify(list)
      const { places } = lists.get(name) ?? { places: new Set<number>() }
      lists.set(name, { path: list, places: places.add(step) })
    }
  for (const { path, places } of lists.values()) if (Math.max(...places) !== places.size - 1) return path
  return undefined
}

function same(a: Value, b: Value): boolean {
  return equal(encode(a), encode(b))
}

function failed(fault: DeriveFault, path: Path): DeriveResult {
  return { ok: false, fault, path: path.join('.') }
}

/**
 * Markings (TLP 2.0, IEP 2.0) as they bear on a disclosure. Those of a record and of its part AND together: of two
 * the stricter wins, field by field. DESIGN §6, spec 06 §5.
 */
import * as v from 'valibot'
import { encode, type Value } from '../codec/cbor.ts'
import type { Primitives } from '../primitives.ts'
import { daysSince1970 } from '../record/date.ts'
import { PolicySchema } from '../record/shared-fields.ts'
import { IEP_ACTIONS, TLP } from '../record/vocabulary/marking.ts'

export type Marking = v.InferOutput<typeof PolicySchema>
type Iep = NonNullable<Marking['iep']>
type Answer = NonNullable<Iep['attribution']>

/** The marking in a document, or undefined when there is none that this version knows. */
export function readMarking(value: Value | undefined): Marking | undefined {
  const read = v.safeParse(PolicySchema, value)
  return read.success ? read.output : undefined
}

/** What a restricted part without a marking of its own counts as: it was not written for everybody. */
export const RESTRICTED_MARKING: Marking = { tlp: 'AMBER' }

/** The marking of something that carries all of these; undefined when there is none, which allows nothing. */
export function combineMarkings(markings: readonly Marking[]): Marking | undefined {
  return markings.length === 0 ? undefined : markings.reduce(stricter)
}

/** The seconds since 1970 from which and until which a marking allows anything at all. */
export function windowOf({ iep }: Marking): { readonly from: number; readonly until: number } {
  return {
    from: iep?.start_date === undefined ? 0 : secondsOf(iep.start_date).first,
    until: iep?.end_date === undefined ? Number.MAX_SAFE_INTEGER : secondsOf(iep.end_date).after,
  }
}

/** The terms that hold for a part: its combined marking, and its data-use terms where it has such. */
export function printTerms(marking: Marking, dataUse: string): Uint8Array {
  const { tlp, iep } = marking
  const marked: Value = iep === undefined ? { tlp } : { tlp, iep: { ...iep } }
  return encode({ v: 1, marking: marked, text: dataUse })
}

/** Names the terms that hold for a part; a request accepts them by it. */
export function termsDigest(primitives: Primitives, marking: Marking, dataUse: string): Uint8Array {
  return primitives.sha256(printTerms(marking, dataUse))
}

function stricter(a: Marking, b: Marking): Marking {
  const tlp = later(TLP_ORDER, a.tlp, b.tlp)
  return a.iep === undefined && b.iep === undefined
    ? { tlp }
    : { tlp, iep: stricterIep(a.iep ?? {}, b.iep ?? {}) }
}

const TLP_ORDER = TLP.terms.map(({ id }) => id)
const ACTIONS = IEP_ACTIONS.terms.map(({ id }) => id).toReversed()
/** For what a recipient does to others, silence is stricter; for what protects the content, the duty. */
const PERMISSIONS: readonly Answer[] = ['may', 'must', 'must-not']
const DUTIES: readonly Answer[] = ['must-not', 'may', 'must']

function stricterIep(a: Iep, b: Iep): Iep {
  const iep: { -readonly [K in keyof Iep]: Iep[K] } = {}
  const actions = both(a.permitted_actions, b.permitted_actions, (x, y) => later(ACTIONS, x, y))
  if (actions !== undefined) iep.permitted_actions = actions
  for (const field of ['affected_party_notifications', 'attribution', 'unmodified_resale'] as const) {
    const answer = both(a[field], b[field], (x, y) => later(PERMISSIONS, x, y))
    if (answer !== undefined) iep[field] = answer
  }
  const encrypt = both(a.encrypt_in_transit, b.encrypt_in_transit, (x, y) => later(DUTIES, x, y))
  if (encrypt !== undefined) iep.encrypt_in_transit = encrypt
  const start = both(a.start_date, b.start_date, (x, y) => (secondsOf(x).first < secondsOf(y).first ? y : x))
  if (start !== undefined) iep.start_date = start
  const end = both(a.end_date, b.end_date, (x, y) => (secondsOf(y).after < secondsOf(x).after ? y : x))
  if (end !== undefined) iep.end_date = end
  return iep
}

function both<T>(a: T | undefined, b: T | undefined, choose: (a: T, b: T) => T): T | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return choose(a, b)
}

function later<T>(order: readonly T[], a: T, b: T): T {
  return order.indexOf(a) < order.indexOf(b) ? b : a
}

const DAY_SECONDS = 86_400

/** First second of a date, and the first after it. */
function secondsOf(date: string): { readonly first: number; readonly after: number } {
  const { first, after } = daysSince1970(date)
  const hour = date.length === 'YYYY-MM-DDThhZ'.length ? Number(date.slice(11, 13)) : undefined
  if (hour === undefined) return { first: first * DAY_SECONDS, after: after * DAY_SECONDS }
  const start = first * DAY_SECONDS + hour * 3_600
  return { first: start, after: start + 3_600 }
}

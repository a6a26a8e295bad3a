/** How the demo's records are told: a few fields by hand, the rest as every record needs it. Synthetic throughout. */
import type { NewContent } from '../api/service.ts'

export type DemoRecord = { readonly member: string; readonly content: NewContent }

/** A statement of one demo member about a record, which is found by its title. */
export type DemoAttestation = {
  readonly member: string
  readonly title: string
  readonly kind: string
  readonly document: object
  /** For a link: the title of the record it leads to. Its id is known only once that is published. */
  readonly to?: string
}

export type Told = {
  readonly kind: 'harm_event' | 'near_miss' | 'hazard' | 'vulnerability' | 'exercise'
  readonly title: string
  readonly summary: string
  readonly description?: string
  /** `2026`, `2026-03` or `2026-03-14`. */
  readonly on: string
  readonly sectors: readonly string[]
  /** Type of harm, actual or potential, and the OECD severity. */
  readonly harms: readonly (readonly [string, 'actual' | 'potential', string])[]
  readonly systems?: readonly (readonly ['dataset' | 'model' | 'system' | 'agent', string])[]
  readonly detected?: string
  readonly verification?: 'reported' | 'suspected' | 'confirmed'
  readonly status?: 'open' | 'under_review' | 'mitigating' | 'closed'
  readonly regions?: readonly string[]
  readonly partner?: object
  readonly research?: object
}

export function told(member: string, one: Told): DemoRecord {
  const { partner, research, on, harms, systems, detected, ...rest } = one
  const precision = on.length === 4 ? 'year' : on.length === 7 ? 'month' : 'day'
  const open = {
    verification: 'confirmed',
    status: 'closed',
    ...rest,
    occurred: { start: on, precision, basis: 'occurred' },
    harms: harms.map(([type, realised, oecd_severity]) => ({ type, realised, oecd_severity })),
    ...(systems === undefined ? {} : { systems: systems.map(([type, name]) => ({ type, name })) }),
    ...(detected === undefined ? {} : { detected: { method: detected } }),
    policy: { tlp: 'CLEAR' },
    made_by: { role: 'deployer', ai_assistance: 'none', review: 'peer-reviewed' },
  }
  const content = { kind: 'incident', public: open }
  return {
    member,
    content: {
      ...content,
      ...(partner === undefined ? {} : { partner }),
      ...(research === undefined ? {} : { research }),
    },
  }
}

/** A research part, the rules that make a partner note of it, and entries that commit to such parts. */
import type { Value } from '../../protocol/codec/cbor.ts'
import { flatten, makeItemTree, type ItemTree } from '../../protocol/codec/items.ts'
import { commit } from '../../protocol/codec/part.ts'
import type { Entry, Statement } from '../../protocol/codec/statement.ts'
import type { MapValue } from '../../protocol/codec/value.ts'
import { portable } from '../../protocol/primitives.ts'
import { withCount } from '../../protocol/redaction/count.ts'
import type { RedactionRule } from '../../protocol/redaction/rules.ts'
import { OPENING, TIER_SECRET } from './item-cases.ts'
import { entryOf, ORIGIN, sealedEntry, STATEMENT } from './statements.ts'

/** Nineteen items. */
export const RESEARCH: MapValue = {
  narrative: 'Nurse Marlowe of ward 7 saw a dose of 40 mg instead of 4 mg and stopped the pump.',
  timeline: [
    { at: '2026-01-02T13Z', text: 'Release 4.2 was deployed.' },
    { at: '2026-02-03', text: 'The pump was stopped.', technique: 'AML.T0043' },
  ],
  deployment: { breadth: 'narrow', critical_function: true },
  controls: [
    { name: 'Second check by a nurse', state: 'worked' },
    { name: 'Dose limits', state: 'absent', note: 'Vendor rule set 3b was not licensed.' },
  ],
  contact: { role: 'Patient safety', channel: 'safety@hospital.example' },
  samples: [{ prompt: 'Dose for 8 kg?', output: '40 mg' }],
  reproduction: ['Ask for a child of 8 kg.'],
  data_use_terms: 'No re-identification.',
}

export const RULES: readonly RedactionRule[] = [
  {
    rule: 'names',
    path: 'narrative',
    transform: 'paraphrase',
    reason: 'personal_data',
    with: 'A nurse saw a tenfold dose and stopped the pump.',
  },
  { rule: 'dates', path: 'timeline.*.at', transform: 'generalise', reason: 'personal_data', to: 'month' },
  { rule: 'vendor', path: 'controls.*.note', transform: 'suppress', reason: 'trade_secret' },
  { rule: 'samples', path: 'samples.**', transform: 'commit_only', reason: 'trade_secret' },
  { rule: 'steps', path: 'reproduction.**', transform: 'suppress', reason: 'exploit_detail' },
  { rule: 'terms', path: 'data_use_terms', transform: 'suppress', reason: 'third_party' },
]

/** What the rules make of it, written by hand. */
export const PARTNER: MapValue = {
  narrative: 'A nurse saw a tenfold dose and stopped the pump.',
  timeline: [
    { at: '2026-01', text: 'Release 4.2 was deployed.' },
    { at: '2026-02', text: 'The pump was stopped.', technique: 'AML.T0043' },
  ],
  deployment: { breadth: 'narrow', critical_function: true },
  controls: [
    { name: 'Second check by a nurse', state: 'worked' },
    { name: 'Dose limits', state: 'absent' },
  ],
  contact: { role: 'Patient safety', channel: 'safety@hospital.example' },
  redactions: [
    { path: 'narrative', reason: 'personal_data', transform: 'paraphrase' },
    { path: 'timeline.0.at', reason: 'personal_data', transform: 'generalise' },
    { path: 'timeline.1.at', reason: 'personal_data', transform: 'generalise' },
    { path: 'controls.1.note', reason: 'trade_secret', transform: 'suppress' },
    { path: 'samples', reason: 'trade_secret', transform: 'commit_only' },
    { path: 'reproduction', reason: 'exploit_detail', transform: 'suppress' },
    { path: 'data_use_terms', reason: 'third_party', transform: 'suppress' },
  ],
}

export const COUNTED = withCount(RESEARCH)

export function treeOf(document: Value): ItemTree {
  return makeItemTree(portable, TIER_SECRET, flatten(document))
}

export const TREE = treeOf(COUNTED)

/** An entry of the test log whose research part is this tree. */
export function entryWith({ content }: Pick<ItemTree, 'content'>): Entry {
  const { record, version } = STATEMENT
  const place = { issuer: ORIGIN, record, version, tier: 'research' } as const
  const [open, partner] = STATEMENT.parts
  const statement: Statement = {
    ...STATEMENT,
    parts: [open, partner, commit(portable, OPENING, place, content)],
  }
  return entryOf(sealedEntry(statement))
}

/**
 * The whole matrix of decisions: who × tier × circumstance × policy. `node dist/test/support/access-matrix.js --write`
 * writes `test/vectors/access/matrix.json`; the tests compare every cell with the file and with an oracle of its own.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { decide, type DecisionFacts } from '../../protocol/access/decide.ts'
import { TIERS, type Tier } from '../../protocol/codec/part.ts'
import { CIRCUMSTANCES, FACTS, POLICIES, WHO, wordOf } from './access-facts.ts'

/** One row of the file; the outcomes stand in the order of its `policies`. */
export type Row = readonly [who: string, tier: Tier, circumstance: string, ...outcomes: string[]]

export type Cell = {
  readonly who: string
  readonly tier: Tier
  readonly circumstance: string
  readonly policy: string
  readonly facts: DecisionFacts
}

export function cellsOf(who: string, tier: Tier, circumstance: string): readonly Cell[] {
  const changed = { ...FACTS, ...WHO[who], ...CIRCUMSTANCES[circumstance] }
  const request = { ...changed.request, tier }
  return Object.entries(POLICIES).map(([policy, given]) => ({
    who,
    tier,
    circumstance,
    policy,
    facts: { ...changed, ...given, request },
  }))
}

export function everyRow(): readonly (readonly Cell[])[] {
  return Object.keys(WHO).flatMap((who) =>
    TIERS.flatMap((tier) =>
      Object.keys(CIRCUMSTANCES).map((circumstance) => cellsOf(who, tier, circumstance)),
    ),
  )
}

export function matrixText(): string {
  const rows = everyRow().map((cells) => {
    const [first] = cells
    return JSON.stringify([
      first?.who,
      first?.tier,
      first?.circumstance,
      ...cells.map(({ facts }) => wordOf(decide(facts))),
    ])
  })
  const description =
    'Decisions of spec 06 §5: who asks, tier, what is otherwise than in a good request, then one outcome for each policy.'
  const head = JSON.stringify({ description, policies: Object.keys(POLICIES) }).slice(0, -1)
  return `${head}, "rows": [\n${rows.join(',\n')}\n]}\n`
}

const isProgram = process.argv[1] === fileURLToPath(import.meta.url)
if (isProgram && process.argv[2] === '--write') writeFileSync('test/vectors/access/matrix.json', matrixText())

/** A member alone, whose node has rules of publishing, and drafts for it. */
import assert from 'node:assert/strict'
import { clientOf, NodeError, type Client } from '../../node/api/client.ts'
import { readConfiguration, writeConfiguration, type Configuration, type Home } from '../../node/home.ts'
import { systemRandom } from '../../node/keys/random.ts'
import { addOperator } from '../../node/outgoing/operators.ts'
import { runNode, type RunningNode } from '../../node/run.ts'
import { makeCoalition, type Coalition } from './coalition.ts'
import { until } from './until.ts'

export const PUBLIC = {
  kind: 'hazard',
  verification: 'confirmed',
  status: 'closed',
  title: 'Who may publish',
  summary: 'Nothing that tells on anybody.',
  occurred: { start: '2026-10', precision: 'month', basis: 'occurred' },
  policy: { tlp: 'CLEAR' },
  made_by: { role: 'deployer' },
}
const NARRATIVE = { narrative: 'Nothing more.' }
export const SHALLOW = { kind: 'incident', public: PUBLIC }
export const PARTNER = { ...SHALLOW, partner: NARRATIVE }
export const DEEP = { ...PARTNER, research: NARRATIVE }

export const code = (wanted: string) => (error: unknown) =>
  error instanceof NodeError && error.code === wanted

/** A member alone, whose node has these rules of publishing. */
export function withRules(publishing?: NonNullable<Configuration['publishing']>) {
  const made: { coalition?: Coalition; running?: RunningNode } = {}
  const home = (): Home => {
    const found = made.coalition?.members[0]?.home
    assert.ok(found)
    return found
  }
  before(async () => {
    const coalition = await makeCoalition(1)
    made.coalition = coalition
    if (publishing !== undefined) writeConfiguration(home(), { ...readConfiguration(home()), publishing })
    const { charterFile } = coalition
    made.running = await runNode({ home: home(), passphrase: undefined, charterFile, tickMs: 200 })
    await until(
      'it may sign',
      async () => (await clientOf({ socket: home().socket }).status()).state === 'ok',
    )
  })
  after(async () => {
    await made.running?.stop()
    made.coalition?.remove()
  })
  const as = (token: string | undefined): Client =>
    clientOf({ socket: home().socket, ...(token === undefined ? {} : { token: () => token }) })
  const name = (who: string, role: string, days = 30) =>
    addOperator(home().operators, { name: who, role, days }, { random: systemRandom, now: Date.now() })
  return { home, as, name }
}

export const newDraft = async (client: Client, content: typeof SHALLOW) => (await client.addDraft(content)).id

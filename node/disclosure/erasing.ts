/**
 * Erasing what only we and whom we gave it to can read of one entry of ours: in one batch with the statement that says so,
 * the part goes from the vault and the content keys from the cases, so that nothing sealed can be opened later, and the trail
says so of each disclosure. DESIGN §2, spec 06 §16.
 */
import { equal } from '../../protocol/bytes.ts'
import type { Request } from '../../protocol/access/request.ts'
import type { Value } from '../../protocol/codec/cbor.ts'
import type { Target } from '../../protocol/codec/statement.ts'
import type { Tier } from '../../protocol/codec/part.ts'
import type { ForgottenFiles } from '../forgotten-files.ts'
import { rootsIn } from '../named-files.ts'
import type { Content } from '../log/composer.ts'
import type { Operation } from '../ports.ts'
import { erasingRow } from '../store/forgetting.ts'
import { eraseOperations, readVault } from '../store/vault.ts'
import type { Case } from './cases.ts'
import type { Gate } from './gate.ts'
import { heldPart } from './release.ts'
import { atStandstill } from './standstill.ts'

export type ErasureParts = {
  readonly gate: Gate
  readonly files: Pick<ForgottenFiles, 'own'>
  readonly publish: (contents: readonly Content[]) => Promise<unknown>
}

export type Erasure = {
  readonly on: Target
  /** Local number of the log that the entry stands in. */
  readonly log: number
  readonly tiers: readonly Tier[]
  /** Why: a term of `candor/erasure-basis@1`. */
  readonly basis: string
  /** What the statement says. */
  readonly public: Value
}

/** Answers when the statement is logged, and what it names is gone from vault and cases. Its files are named to go. */
export function eraseParts(parts: ErasureParts, erasure: Erasure): Promise<void> {
  const { gate, publish } = parts
  const { on, tiers } = erasure
  const isAbout = (request: Request) => tiers.includes(request.tier) && equal(request.on.leaf, on.leaf)
  return atStandstill(gate, isAbout, async (cases) => {
    const offered = cases.filter((one) => one.offered !== null)
    const operations = await operationsFor(parts, erasure, offered)
    const { trail } = gate.parts
    const entries = offered.map((one) => gate.entry(one, 'erased', null, { basis: erasure.basis }))
    await trail.appendWithin(entries, (rows) => {
      const alongside = () => [...operations, ...rows]
      return publish([{ kind: 'erase', on, public: erasure.public, alongside }])
    })
  })
}

async function operationsFor(
  { gate, files }: ErasureParts,
  { on: { index }, log, tiers }: Erasure,
  offered: readonly Case[],
): Promise<readonly Operation[]> {
  const { store, sealer } = gate.parts
  const kept = tiers.includes('research') ? await readVault(store, sealer, log, index) : undefined
  const vault = await eraseOperations(store, sealer, { log, index }, tiers)
  // So that a kill before the files are freed is made good at the next start.
  const later = vault.length > 0 ? [erasingRow('sealed', log, index)] : []
  const named = files.own(rootsIn(heldPart(kept?.research)?.document))
  return [...vault, ...later, ...named, ...offered.flatMap((one) => gate.parts.cases.put(withoutKey(one)))]
}

const NO_KEY = new Uint8Array(32)

function withoutKey(one: Case): Case {
  return one.offered === null ? one : { ...one, offered: { ...one.offered, contentKey: NO_KEY } }
}

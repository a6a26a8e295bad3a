/** Whose cosignatures count in an audit: by the keys that the audited logs declare, without those that a proof or their own lines strike. */
import { checkedPrimitives } from '../node/api/client.ts'
import {
  attesterOf,
  cosignerKeys,
  othersOf,
  pastMirrorKeys,
  type Counting,
} from '../protocol/audit/confirmation.ts'
import { countedKeys, struckByLines, struckByProofs, type Struck } from '../protocol/audit/cosigners.ts'
import { attestationsOf } from '../protocol/audit/entangled.ts'
import type { CharterState } from '../protocol/governance/charter.ts'
import { standingOf } from '../protocol/governance/standing.ts'
import { judgeEpochs } from '../protocol/identity/epochs.ts'
import type { KeyState } from '../protocol/identity/keystate.ts'
import type { AuditedLog } from './audit.ts'

export type Counted = { readonly counting: Counting; readonly struck: readonly Struck[] }

export type KeyFacts = {
  readonly charter: CharterState
  readonly audited: readonly AuditedLog[]
  /** Key states of logs that were not audited. */
  readonly others?: readonly KeyState[]
  /** Files that may prove something against a cosigner. */
  readonly proofs: readonly Uint8Array[]
}

/** The cosigner keys that the members' open logs have in force, those of them that count, and what struck the rest. */
export function keysInForce({ charter, audited, others = [], proofs }: KeyFacts) {
  const primitives = checkedPrimitives()
  const open = openStates([...statesIn(audited), ...others])
  const inForce = cosignerKeys(charter, open)
  const struck: readonly Struck[] = [
    ...struckByProofs(primitives, charter, [...open.values()], proofs),
    ...audited.flatMap(({ report: { origin }, cosigned, roots }) =>
      struckByLines(primitives, { origin, notes: cosigned, rootAt: (size) => roots.get(size) }, inForce),
    ),
  ]
  return { inForce, struck, counted: countedKeys(primitives, inForce, [...open.values()], struck) }
}

/** Keys in force now, and past ones as far as the audited logs of current members attest to their cosignatures. */
export function countingOf(facts: KeyFacts): Counted {
  const { charter, audited } = facts
  const primitives = checkedPrimitives()
  const { inForce, struck, counted: current } = keysInForce(facts)
  const attesters = audited.flatMap(({ keys, roots, cosigned, observed, report }) => {
    const speaks = keys !== undefined && standingOf(charter, keys.epoch.domain) === 'member'
    if (!speaks || observed.length === 0) return []
    const log = { notes: cosigned, keys, rootAt: (size: number) => roots.get(size), observed }
    return [attesterOf(primitives, log, current, othersOf(charter, report.origin))]
  })
  // What is struck is in force all the same, and never a past key.
  const past = pastMirrorKeys(charter, statesIn(audited), inForce)
  return { counting: { current, past, attested: attestationsOf(attesters) }, struck }
}

/** The key states of the members' open logs. */
function openStates(states: readonly KeyState[]): ReadonlyMap<string, KeyState> {
  const open = new Map<string, KeyState>()
  for (const domain of new Set(states.map(({ epoch }) => epoch.domain))) {
    const own = states.filter(({ epoch }) => epoch.domain === domain)
    const held = own.map(({ origin, epoch }) => ({ origin, document: epoch, confirmed: undefined }))
    const last = judgeEpochs(held).find(({ state }) => state.kind === 'open')
    const state = own.find(({ origin }) => origin === last?.origin)
    if (state !== undefined) open.set(domain, state)
  }
  return open
}

function statesIn(audited: readonly AuditedLog[]): readonly KeyState[] {
  return audited.flatMap(({ keys }) => (keys === undefined ? [] : [keys]))
}

/**
 * Audits that were cut short, one file for each log under the home: the auditor's own files, as much as the program is.
 * What is wrong with one costs the time that it would have saved, and nothing else. Spec 08 §6.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkedPrimitives } from '../node/api/client.ts'
import type { Leaf } from '../protocol/audit/judgement.ts'
import { resumeAudit, stateOf, type AuditState } from '../protocol/audit/resume.ts'
import { parseStateFile, printStateFile, type StateBinding } from '../protocol/audit/state-file.ts'
import type { Audit } from '../protocol/audit/verify.ts'
import type { LeafSource } from './leaf-source.ts'
import { nameOf } from './remembered.ts'

export type AuditStates = {
  readonly recall: (origin: string) => AuditState | undefined
  /** Writes how far an audit has come, now and then. */
  readonly keep: (audit: Audit) => void
  readonly forget: (origin: string) => void
  /** The audit of everything is done: there is nothing left to go on with. */
  readonly end: () => void
}

/** Entries between two writes: less than a second's work. */
const KEEP_EVERY = 4_096

export function auditStates(home: string, binding: StateBinding): AuditStates {
  const primitives = checkedPrimitives()
  const directory = join(home, 'audits')
  const pathOf = (origin: string) => join(directory, `${nameOf(primitives.sha256, origin)}.state`)
  const kept = new Map<string, number>()
  const write = (state: AuditState) => {
    const path = pathOf(state.origin)
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 })
      writeFileSync(`${path}.new`, printStateFile(primitives, binding, state), { mode: 0o600 })
      renameSync(`${path}.new`, path)
    } catch {
      // A read-only home: this audit cannot be gone on with, and is complete all the same.
    }
  }
  return {
    recall: (origin) => {
      const bytes = read(pathOf(origin))
      const state = bytes === undefined ? undefined : parseStateFile(primitives, binding, bytes)
      return state?.ok === true && state.value.origin === origin ? state.value : undefined
    },
    keep: (audit) => {
      const { origin } = audit.judgement
      if (audit.edge.size - (kept.get(origin) ?? 0) < KEEP_EVERY) return
      kept.set(origin, audit.edge.size)
      const state = stateOf(primitives, audit)
      if (state !== undefined) write(state)
    },
    forget: (origin) => rmSync(pathOf(origin), { force: true }),
    end: () => rmSync(directory, { recursive: true, force: true }),
  }
}

/**
 * The audit as it was when it was cut short, if what is kept of it still fits the log as the source has it. Bundles of 256
 * entries are read from the first one: published files are quicker to hash again than to be cut in the middle.
 */
export async function goOn(
  states: AuditStates | undefined,
  source: LeafSource,
  opened: Audit,
  size: number,
): Promise<Audit | undefined> {
  const isPossible = opened.judgement.scope === 'all' && source.bundle === undefined
  const state = isPossible ? states?.recall(source.origin) : undefined
  if (state === undefined || state.edge.size > size) return undefined
  const leaves: (Leaf | undefined)[] = []
  for (const { index } of state.marked) leaves.push(await leafAt(source, index))
  const resumed = resumeAudit(checkedPrimitives(), opened, state, leaves)
  return resumed.ok ? resumed.value : undefined
}

async function leafAt(source: LeafSource, index: number): Promise<Leaf | undefined> {
  const [bytes] = await source.entries(index, 1)
  const [part = null] = await source.parts(index, 1)
  return bytes === undefined ? undefined : { bytes, part }
}

function read(path: string): Uint8Array | undefined {
  try {
    return new Uint8Array(readFileSync(path))
  } catch {
    return undefined
  }
}

/**
 * Trust policies (C2SP tlog-policy): which logs a verifier knows, which cosigners, and how many of them a head needs.
 * People write them and other programs read them, so what C2SP allows is read, comments and tabs included; what
 * is printed is one form. Spec 03 §11.
 */
import { bytesOfText, printHex, textOfBytes } from '../bytes.ts'
import { POLICY_BYTES_MAX, POLICY_NAMES_MAX } from '../limits.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'
import { parseVerifierKey, printVerifierKey, SIGNATURE_TYPE, type VerifierKey } from './note.ts'

export type PolicyLog = { readonly key: VerifierKey; readonly url?: string }

/** `name` has a meaning in the policy only; signature lines bear the name of the key. */
export type PolicyWitness = { readonly name: string; readonly key: VerifierKey; readonly url?: string }

/** Witnessed when at least `threshold` of its members are, each a witness or a group above it. */
export type PolicyGroup = {
  readonly name: string
  readonly threshold: number
  readonly members: readonly string[]
}

export type Policy = {
  readonly logs: readonly PolicyLog[]
  readonly witnesses: readonly PolicyWitness[]
  readonly groups: readonly PolicyGroup[]
  /** A witness, a group, or `none`: no cosignature is asked for. */
  readonly quorum: string
}

export type PolicyFault =
  | 'policy-too-long'
  | 'policy-utf8'
  | 'policy-control'
  | 'policy-line'
  | 'policy-key'
  | 'policy-key-twice'
  | 'policy-name'
  | 'policy-threshold'
  | 'policy-quorum'
  | 'policy-too-many'

/** A fault, and the line it stands in, from 1; the last one for what is missing. */
export type PolicyRefusal = { readonly ok: false; readonly fault: PolicyFault; readonly line: number }

export const NO_QUORUM = 'none'

type Draft = { logs: PolicyLog[]; witnesses: PolicyWitness[]; groups: PolicyGroup[]; quorum?: string }

/** What has been defined so far. `used` holds names that some group counts already: none counts twice. */
type Known = { readonly names: Set<string>; readonly used: Set<string>; readonly keys: Set<string> }

export function parsePolicy(
  primitives: Primitives,
  bytes: Uint8Array,
): { readonly ok: true; readonly value: Policy } | PolicyRefusal {
  if (bytes.length > POLICY_BYTES_MAX) return { ...fault('policy-too-long'), line: 0 }
  const text = textOfBytes(bytes)
  if (!text.ok) return { ...fault('policy-utf8'), line: 0 }
  const lines = text.value.split('\n')
  // The last line ends in a newline too, so nothing stands behind it.
  if (lines.pop() !== '') return { ...fault('policy-line'), line: lines.length + 1 }
  const draft: Draft = { logs: [], witnesses: [], groups: [] }
  const known: Known = { names: new Set(), used: new Set(), keys: new Set() }
  for (const [at, line] of lines.entries()) {
    const read = hasControl(line) ? fault('policy-control') : readLine(primitives, draft, known, line)
    if (!read.ok) return { ...read, line: at + 1 }
  }
  const { quorum, ...rest } = draft
  return quorum === undefined ? { ...fault('policy-quorum'), line: lines.length } : ok({ ...rest, quorum })
}

/** Prints a policy in one form: logs, witnesses, groups, quorum, one space between words. */
export function printPolicy(primitives: Primitives, { logs, witnesses, groups, quorum }: Policy): Uint8Array {
  const key = (one: PolicyLog) =>
    `${printVerifierKey(primitives, one.key)}${one.url === undefined ? '' : ` ${one.url}`}`
  const lines = [
    ...logs.map((log) => `log ${key(log)}`),
    ...witnesses.map((witness) => `witness ${witness.name} ${key(witness)}`),
    ...groups.map(({ name, threshold, members }) => `group ${name} ${threshold} ${members.join(' ')}`),
    `quorum ${quorum}`,
  ]
  return bytesOfText(`${lines.join('\n')}\n`)
}

function readLine(
  primitives: Primitives,
  draft: Draft,
  known: Known,
  line: string,
): Result<true, PolicyFault> {
  const [word, ...rest] = line.split(/[ \t]+/).filter((item) => item !== '')
  if (word === undefined || word.startsWith('#')) return ok(true)
  switch (word) {
    case 'log':
      return readLog(primitives, draft, known, rest)
    case 'witness':
      return readWitness(primitives, draft, known, rest)
    case 'group':
      return readGroup(draft, known, rest)
    case 'quorum':
      return readQuorum(draft, known, rest)
    default:
      return fault('policy-line')
  }
}

function readLog(
  primitives: Primitives,
  draft: Draft,
  known: Known,
  [vkey, url, ...rest]: readonly string[],
): Result<true, PolicyFault> {
  if (vkey === undefined || rest.length > 0) return fault('policy-line')
  const key = readKey(primitives, known, SIGNATURE_TYPE.ed25519, vkey)
  if (!key.ok) return key
  draft.logs.push(url === undefined ? { key: key.value } : { key: key.value, url })
  return ok(true)
}

function readWitness(
  primitives: Primitives,
  draft: Draft,
  known: Known,
  [name, vkey, url, ...rest]: readonly string[],
): Result<true, PolicyFault> {
  if (name === undefined || vkey === undefined || rest.length > 0) return fault('policy-line')
  const key = readKey(primitives, known, SIGNATURE_TYPE.cosignature, vkey)
  if (!key.ok) return key
  draft.witnesses.push(url === undefined ? { name, key: key.value } : { name, key: key.value, url })
  return define(known, name)
}

/** Logs and witnesses are each known by their keys, so that none counts twice; no key serves as both. */
function readKey(
  primitives: Primitives,
  { keys }: Known,
  type: number,
  text: string,
): Result<VerifierKey, PolicyFault> {
  if (keys.size >= POLICY_NAMES_MAX) return fault('policy-too-many')
  const key = parseVerifierKey(primitives, text)
  if (!key.ok || key.value.type !== type) return fault('policy-key')
  const name = printHex(key.value.key)
  if (keys.has(name)) return fault('policy-key-twice')
  keys.add(name)
  return key
}

function readGroup(
  draft: Draft,
  known: Known,
  [name, count, ...members]: readonly string[],
): Result<true, PolicyFault> {
  if (name === undefined || count === undefined || members.length === 0) return fault('policy-line')
  const threshold = thresholdOf(count, members.length)
  if (threshold === undefined) return fault('policy-threshold')
  for (const member of members) {
    if (!known.names.has(member) || known.used.has(member)) return fault('policy-name')
    known.used.add(member)
  }
  draft.groups.push({ name, threshold, members })
  return define(known, name)
}

function thresholdOf(count: string, members: number): number | undefined {
  if (count === 'all') return members
  if (count === 'any') return 1
  const threshold = /^[1-9]\d{0,8}$/.test(count) ? Number(count) : 0
  return threshold >= 1 && threshold <= members ? threshold : undefined
}

function readQuorum(
  draft: Draft,
  { names }: Known,
  [name, ...rest]: readonly string[],
): Result<true, PolicyFault> {
  if (name === undefined || rest.length > 0) return fault('policy-line')
  if (draft.quorum !== undefined) return fault('policy-quorum')
  if (name !== NO_QUORUM && !names.has(name)) return fault('policy-name')
  draft.quorum = name
  return ok(true)
}

function define({ names }: Known, name: string): Result<true, PolicyFault> {
  if (names.size >= POLICY_NAMES_MAX) return fault('policy-too-many')
  if (name === NO_QUORUM || names.has(name)) return fault('policy-name')
  names.add(name)
  return ok(true)
}

/** Of ASCII control characters C2SP allows the tab and the newline; U+007F is none of its octets either. */
function hasControl(line: string): boolean {
  for (let i = 0; i < line.length; i++) {
    const code = line.charCodeAt(i)
    if ((code < 0x20 && code !== 0x09) || code === 0x7f) return true
  }
  return false
}

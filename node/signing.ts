/**
 * What the root key signs after a home was made: key events and leaf 0 of later epochs. Each act is a process of its
 * own, which opens the root key once; a running node takes what was signed, and checks it.
 */
import { branded } from '../protocol/brand.ts'
import { parseBase64, parseHex, printBase64, printHex } from '../protocol/bytes.ts'
import type { Head } from '../protocol/codec/statement.ts'
import type { Because } from '../protocol/identity/epoch.ts'
import type { KeyId } from '../protocol/identity/key.ts'
import { signDescriptor } from '../protocol/identity/member.ts'
import { parseCheckpoint, parseCount, parseOrigin } from '../protocol/log/checkpoint.ts'
import { NodeError } from './errors.ts'
import { readMember, type Home } from './home.ts'
import { writeFileDurably } from './keys/files.ts'
import { Keystore, type RotatingPurpose } from './keys/keystore.ts'
import { native } from './keys/native.ts'
import { systemRandom } from './keys/random.ts'
import type { Passphrase } from './keys/unlock.ts'
import { composeGenesis } from './log/genesis.ts'
import { composeKeyEvents, type KeyAct } from './log/key-events.ts'
import { printProposals } from './log/proposal.ts'

type Act = {
  readonly home: Home
  /** Of the log that the statement is for. */
  readonly origin: string
  readonly passphrase: Passphrase
  readonly now: number
}

/** Signed statements in base64, and the ids of the keys that the act made. */
export type Signed = { readonly proposals: string; readonly added: readonly string[] }

export function signKeyEvents(act: Act & { readonly acts: readonly KeyAct[] }): Signed {
  const { home, acts } = act
  if (acts.length === 0) throw new NodeError('USAGE', '--act is needed')
  const { keystore, parts } = openFor(act)
  const before = new Set(idsOf(keystore))
  const composed = composeKeyEvents(keystore, parts, acts)
  if (acts.some((one) => one.kind === 'add' && one.purpose === 'node'))
    renewDescriptor(home, keystore, act.now)
  const added = idsOf(keystore).filter((id) => !before.has(id))
  return { proposals: printBase64(printProposals(composed)), added }
}

export type EpochAct = Act & {
  readonly previous: Head | null
  readonly because: Because | null
  /** Keys that are out of force in the epoch before. */
  readonly without: readonly KeyId[]
}

export function signEpoch(act: EpochAct): Signed {
  const { keystore, parts, epoch } = openFor(act)
  const { previous, because, without } = act
  const logKey = keystore.prepareLogKey(epoch)
  const leaf = composeGenesis(keystore, parts, { logKey, previous, because, without })
  return { proposals: printBase64(printProposals([leaf])), added: [printHex(logKey.keyId)] }
}

/** `add:<purpose>`, `retire:<key id>` or `revoke:<key id>:<since index>`. */
export function parseAct(text: string): KeyAct {
  const [kind, subject = '', since = '', ...rest] = text.split(':')
  if (rest.length === 0) {
    if (kind === 'add' && since === '' && isRotating(subject)) return { kind, purpose: subject }
    if (kind === 'retire' && since === '') return { kind, id: parseKeyId(subject) }
    const index = parseCount(since)
    if (kind === 'revoke' && index !== undefined) return { kind, id: parseKeyId(subject), since: index }
  }
  throw new NodeError('USAGE', '--act takes add:PURPOSE, retire:KEY or revoke:KEY:SINCE')
}

export function parseKeyId(text: string): KeyId {
  const read = parseHex(text)
  if (read.ok && read.value.length === 32) return branded<KeyId>(read.value)
  throw new NodeError('USAGE', 'a key is named by its id, 64 hexadecimal digits')
}

/** The three lines of a checkpoint, in base64. */
export function parsePrevious(text: string | undefined): Head | null {
  if (text === undefined) return null
  const bytes = parseBase64(text)
  const head = bytes.ok ? parseCheckpoint(Buffer.from(bytes.value).toString('utf8')) : undefined
  if (head?.ok === true) return head.value
  throw new NodeError('USAGE', '--previous takes the lines of a checkpoint in base64')
}

export function parseBecause(text: string | undefined, proof: string | undefined): Because | null {
  if (text === undefined) {
    if (proof === undefined) return null
    throw new NodeError('USAGE', 'a proof needs an explanation: --because')
  }
  const id = proof === undefined ? null : parseHex(proof)
  if (id !== null && (!id.ok || id.value.length !== 32)) {
    throw new NodeError('USAGE', 'a proof is named by its id, 64 hexadecimal digits')
  }
  return { proof: id === null ? null : id.value, text }
}

function openFor({ home, origin, passphrase, now }: Act) {
  const member = readMember(home)
  const read = parseOrigin(origin)
  if (!read.ok || read.value.domain !== member.domain) {
    throw new NodeError('CONFIGURATION', `${origin} is not a log of ${member.domain}`)
  }
  const keystore = Keystore.open(home.keys, passphrase)
  const parts = { primitives: native, origin, random: systemRandom, clock: { now: () => now } }
  return { keystore, parts, epoch: read.value.epoch }
}

/** Whoever has only the descriptor finds the node under its new key. */
function renewDescriptor(home: Home, keystore: Keystore, now: number): void {
  const member = readMember(home)
  const node = keystore.signer('node').publicKey
  const issuedAt = Math.max(member.issuedAt + 1, Math.floor(now / 1_000))
  const descriptor = keystore.withRoot((root) => signDescriptor({ ...member, node, issuedAt }, root.sign))
  writeFileDurably(home.descriptor, descriptor, 0o600)
}

function idsOf(keystore: Keystore): readonly string[] {
  const signing = (['statement', 'witness', 'mirror', 'node'] as const).flatMap((purpose) =>
    keystore.signers(purpose).map(({ keyId }) => keyId),
  )
  return [...signing, ...keystore.boxKeys().map(native.sha256)].map((id) => printHex(id))
}

function isRotating(text: string): text is RotatingPurpose {
  return ['statement', 'witness', 'mirror', 'box', 'node'].includes(text)
}

/** Keys and epochs as the local API sees them. */
import { equal, parseBase64, printBase64, printHex } from '../../protocol/bytes.ts'
import type { JudgedEpoch } from '../../protocol/identity/epochs.ts'
import { keysInForce, type KeyRecord, type KeyState } from '../../protocol/identity/keystate.ts'
import { verifySignature } from '../../protocol/identity/signature.ts'
import { isMap } from '../../protocol/codec/value.ts'
import { documentOf } from '../../protocol/log/entry.ts'
import type { ClosingView, EpochView, KeyService, KeysView, KeyView } from '../api/key-service.ts'
import { NodeError } from '../errors.ts'
import type { Keystore } from '../keys/keystore.ts'
import { native } from '../keys/native.ts'
import type { Proposed } from '../log/appender.ts'
import { epochsOf, openLogOf } from '../log/epochs.ts'
import { readProposals } from '../log/proposal.ts'
import type { Closing } from '../log/succession.ts'
import type { CandorNode } from '../node.ts'
import { headView } from './view.ts'

export function keyServiceOf(node: CandorNode): KeyService {
  return {
    keys: async (domain) => keysOf(node, domain),
    addKeyEvents: (proposals) => addKeyEvents(node, bytesOf(proposals)),
    beginClosing: async (options) => {
      const { succession } = node
      if (options.mode === 'rotate') return closingView(await succession.close())
      if (options.alone !== true) checkFetched(node)
      return closingView(await succession.abandon(options))
    },
    prepareVaultKey: async () => ({ made: node.opened.keystore.prepareVaultKey() }),
    callOffClosing: async () => node.succession.callOff(),
    openEpoch: (proposals) => node.succession.open(bytesOf(proposals)),
  }
}

/** Before our log is given up, all that the other members hold of it is here: what they have confirmed stays good. */
function checkFetched(node: CandorNode): void {
  const { logs, member } = node.opened
  const state = node.recovery.current()
  const fix = 'candor peers, then the same again; or, if nobody will answer: --alone'
  if (state.kind === 'asking') throw new NodeError('READ_ONLY', `not yet: ${state.why}`, { fix })
  for (const { contact, lastExchange } of node.network.members()) {
    for (const [origin, size] of lastExchange?.heads ?? []) {
      const held = logs.get(origin)?.edge.size ?? 0
      if (!origin.startsWith(`${member.domain}/`) || held > 0) continue
      throw new NodeError('READ_ONLY', `not yet: ${contact.domain} holds ${size} entries of ${origin}`, {
        fix,
      })
    }
  }
}

function keysOf(node: CandorNode, asked: string | undefined): KeysView {
  const { logs, member, keystore } = node.opened
  const domain = asked ?? member.domain
  const log = openLogOf(logs, domain)
  if (log?.keys === undefined) {
    throw new NodeError('NOT_FOUND', 'this node holds no log of that member', { fix: 'candor status' })
  }
  const { keys: state } = log
  const held = domain === member.domain ? heldIds(keystore, state) : new Set<string>()
  return {
    domain,
    origin: log.origin,
    size: log.edge.size,
    rootKeyId: printHex(state.rootId),
    keys: [...state.keys.values()].map((key) => keyView(state, key, held)),
    epochs: epochsOf(logs, domain, (origin) => node.confirmedSize(origin)).map((epoch) =>
      epochView(node, epoch),
    ),
  }
}

function keyView(state: KeyState, key: KeyRecord, held: ReadonlySet<string>): KeyView {
  const { purpose, addedAt, retiredAt, revoked } = key
  const keyId = printHex(key.keyId)
  const inForce = keysInForce(state, purpose, Number.MAX_SAFE_INTEGER).includes(key)
  return {
    keyId,
    purpose,
    publicKey: printBase64(key.key),
    addedAt,
    inForce,
    held: held.has(keyId),
    ...(retiredAt === undefined ? {} : { retiredAt }),
    ...(revoked === undefined ? {} : { revokedSince: revoked.since }),
  }
}

function epochView(node: CandorNode, { origin, state, closing, cutShort }: JudgedEpoch): EpochView {
  const log = node.opened.logs.get(origin)
  const because = log?.keys?.epoch.because ?? undefined
  return {
    origin,
    size: log?.edge.size ?? 0,
    state: state.kind,
    ...(state.kind === 'closed' || state.kind === 'void' ? { by: state.by } : {}),
    ...(state.kind === 'closed'
      ? {
          closedAt: state.at.size,
          confirmed: closing === 'confirmed',
          contradicted: closing === 'contradicted',
        }
      : {}),
    ...(cutShort === undefined ? {} : { cutShort }),
    ...(because === undefined
      ? {}
      : { because: { proof: because.proof && printHex(because.proof), text: because.text } }),
  }
}

/** Appends statements of the root key. The node checks them as everybody will, and what it would be left without. */
async function addKeyEvents(node: CandorNode, bytes: Uint8Array) {
  const { logs, origin } = node.opened
  const proposed = readProposals(bytes)
  const state = logs.get(origin)?.keys
  if (state === undefined) throw new NodeError('READ_ONLY', 'the log is being opened')
  for (const one of proposed) checkEvent(node, state, one)
  const placed = await node.append(proposed)
  const last = placed.at(-1)
  if (last === undefined) throw new NodeError('BAD_INPUT', 'there is no key event')
  return { index: last.index, head: headView(last.head) }
}

function checkEvent(node: CandorNode, state: KeyState, { entry, part }: Proposed): void {
  const { statement, header, toBeSigned, signature } = entry
  if (statement.kind !== 'key' || !equal(header.keyId, state.rootId)) {
    throw new NodeError('BAD_INPUT', 'this is not a key event of our root key')
  }
  if (!verifySignature(native, state.root, toBeSigned, signature)) {
    throw new NodeError('BAD_INPUT', 'our root key did not sign this key event')
  }
  const document = documentOf(part)
  const ended = isMap(document) ? (document['retire'] ?? listed(document['revoke'])) : undefined
  const key = ended instanceof Uint8Array ? state.keys.get(printHex(ended)) : undefined
  if (key?.purpose === 'node' && equal(key.key, node.nodeKey())) {
    throw new NodeError('CONFLICT', 'this node runs under that key: others would refuse it', {
      fix: 'candor key rotate node, then: candor down, candor up',
    })
  }
}

function listed(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : undefined
}

/** Ids of the declared keys whose private half lies here. */
function heldIds(keystore: Keystore, state: KeyState): ReadonlySet<string> {
  const logs = keystore.logEpochs().map((epoch) => keystore.logSigner(epoch).publicKey)
  const signing = (['statement', 'witness', 'mirror', 'node'] as const).flatMap((purpose) =>
    keystore.signers(purpose).map(({ publicKey }) => publicKey),
  )
  const all = new Set([...logs, ...signing, ...keystore.boxKeys()].map((key) => printHex(key)))
  const declared = [...state.keys.values()].filter(({ key }) => all.has(printHex(key)))
  return new Set(declared.map(({ keyId }) => printHex(keyId)))
}

function closingView({ previous, proof, origin, confirmed, leftOut, without }: Closing): ClosingView {
  const head = previous === null ? null : headView(previous)
  return { origin, previous: head, confirmed, leftOut, without, proof: proof ?? null }
}

function bytesOf(proposals: string): Uint8Array {
  const read = parseBase64(proposals)
  if (read.ok) return read.value
  throw new NodeError('USAGE', 'proposals: must be base64')
}

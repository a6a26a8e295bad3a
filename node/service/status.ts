/** How it stands with a node: its log, its copies of the others', its peers and what needs somebody. */
import { printHex } from '../../protocol/bytes.ts'
import { unsignedBy } from '../../protocol/governance/charter.ts'
import { keysInForce, type KeyRecord } from '../../protocol/identity/keystate.ts'
import { printCosignerName } from '../../protocol/log/cosignature.ts'
import { printVerifierKey, SIGNATURE_TYPE } from '../../protocol/log/note.ts'
import { KEY_PURPOSES } from '../../protocol/identity/epoch.ts'
import type { Notice, PeerView, ReadOnlyView, StatusView, WhoAmIView } from '../api/service.ts'
import { native } from '../keys/native.ts'
import type { CandorNode } from '../node.ts'
import type { Problem } from '../problems.ts'
import { whyCapped } from '../standings.ts'
import { emptyView, logsOf } from './logs.ts'
import { outsideNotices, outsideOf } from './outside.ts'
import { domainOf, timeView } from './view.ts'

export const VERSION = '0.1.0'

export async function statusOf(node: CandorNode): Promise<StatusView> {
  const { member, charter, origin } = node.opened
  const logs = logsOf(node)
  const own = logs.find((log) => log.origin === origin) ?? emptyView(node)
  const readOnly = node.readOnly()
  const asking = node.opened.role === 'member' && node.recovery.current().kind === 'asking'
  const peers = node.network.members()
  let drafts = 0
  for await (const _ of node.drafts.all()) drafts += 1
  return {
    member: { domain: member.domain, name: member.name, sector: member.sector },
    network: { id: charter.networkId, name: charter.document.name, members: charter.document.members.length },
    state: readOnly === undefined ? 'ok' : asking ? 'recovering' : 'read-only',
    ...(readOnly === undefined ? {} : { readOnly: readOnlyView(readOnly) }),
    log: own,
    logs,
    peers: { connected: peers.filter(({ state }) => state === 'connected').length, members: peers.length },
    ...(charter.document.outside === undefined ? {} : { outside: outsideOf(node) }),
    drafts,
    outbox: (await node.drafts.held()).length,
    problems: noticesOf(node),
    version: VERSION,
    pid: process.pid,
    startedAt: timeView(node.startedAt),
  }
}

export function peersOf(node: CandorNode): readonly PeerView[] {
  return node.network.members().map(({ contact, state, kind, since, failure, lastExchange }) => {
    const score = Math.round(node.network.peers.score(contact.peer))
    const why = failure ?? (state === 'refused' ? node.network.peers.reason(contact.peer) : undefined)
    return {
      domain: contact.domain,
      peerId: contact.peer,
      state,
      protocol: kind,
      since: timeView(since),
      addresses: contact.addresses,
      score,
      skipped: lastExchange?.skipped ?? [],
      ...(why === undefined ? {} : { failure: why }),
    }
  })
}

export function whoami(node: CandorNode): WhoAmIView {
  const { member, charter, origin, logs } = node.opened
  const state = logs.get(origin)?.keys
  const keys =
    state === undefined
      ? []
      : KEY_PURPOSES.flatMap((purpose) => keysInForce(state, purpose, Number.MAX_SAFE_INTEGER))
  return {
    domain: member.domain,
    name: member.name,
    sector: member.sector,
    peerId: node.peerId(),
    networkId: charter.networkId,
    origin,
    addresses: node.network.host.getMultiaddrs().map(String),
    keys: keys.map((key) => ({ purpose: key.purpose, keyId: printHex(key.keyId), ...vkeyOf(node, key) })),
  }
}

function vkeyOf({ opened }: CandorNode, { purpose, key }: KeyRecord): { readonly vkey?: string } {
  if (purpose !== 'log' && purpose !== 'witness' && purpose !== 'mirror') return {}
  const { ed25519, cosignature } = SIGNATURE_TYPE
  const name = purpose === 'log' ? opened.origin : printCosignerName(opened.member.domain, purpose)
  const type = purpose === 'log' ? ed25519 : cosignature
  return { vkey: printVerifierKey(native, { name, type, key }) }
}

function readOnlyView(readOnly: NonNullable<ReturnType<CandorNode['readOnly']>>): ReadOnlyView {
  const { since, why, error } = readOnly
  const { code, fix } = error
  return { since: timeView(since), code, why, ...(fix === undefined ? {} : { fix }) }
}

function noticesOf(node: CandorNode): readonly Notice[] {
  const { damaged, logs, charter } = node.opened
  const notices: Notice[] = [...logs.damages.errors(), ...damaged].map(({ code, message, fix }) => ({
    code,
    message,
    ...(fix === undefined ? {} : { fix }),
  }))
  const missing = unsignedBy(charter)
  if (missing.length > 0)
    notices.push({ code: 'CHARTER_UNSIGNED', message: `not signed by ${missing.join(', ')}` })
  for (const role of node.witnessing.rolesWithoutKey()) {
    notices.push({
      code: 'COSIGNING_STOPPED',
      message: `the ${role} key may have stated more than this home knows, which came back from a backup or lost its record: it cosigns nothing again`,
      fix: `candor key rotate ${role}`,
    })
  }
  for (const { contact, kind } of node.network.members()) {
    if (kind === 'newer-protocol') {
      notices.push({
        code: 'PEER_NEWER',
        message: `${contact.domain} speaks a newer protocol than this version ${VERSION}`,
      })
    }
    if (kind === 'another-network') {
      notices.push({
        code: 'PEER_ELSEWHERE',
        message: `the node at the address of ${contact.domain} belongs to another network`,
      })
    }
  }
  for (const { origin, edge } of node.opened.logs.all()) {
    const stop = node.network.verifier.stopOf(origin, edge.size)
    if (stop !== undefined)
      notices.push({ code: 'LOG_CAPPED', message: `the log of ${domainOf(origin)}: ${whyCapped(stop)}` })
  }
  for (const { id, convicted } of node.opened.evidence.list()) {
    const whom = convicted.kind === 'log' ? 'log' : `${convicted.role} key`
    const what = convicted.kind === 'log' ? 'signed two histories' : 'cosigned what excludes one another'
    const fix = `candor evidence show ${printHex(id).slice(0, 12)}`
    notices.push({ code: 'SPLIT_VIEW', message: `the ${whom} of ${convicted.domain} ${what}`, fix })
  }
  return [...notices, ...outsideNotices(node), ...node.problems().map((problem) => noticeOf(node, problem))]
}

function noticeOf(node: CandorNode, { peer, origin, blame, fault, index, at }: Problem): Notice {
  const member = node.network.members().find(({ contact }) => contact.peer === peer)
  const sender = member?.contact.domain ?? `peer ${peer}`
  const place = index === undefined ? '' : ` at entry ${index}`
  const what = origin === undefined ? '' : ` in the log of ${domainOf(origin)}${place}`
  const who = blame === 'author' && origin !== undefined ? domainOf(origin) : sender
  return {
    code: 'INPUT_REFUSED',
    message: `refused from ${sender}${what}: ${fault} (${who} answers for it; ${timeView(at)})`,
    fix: 'candor peers',
  }
}

/** The logs of a lab as a node that holds all of them would hand them over. */
import { native } from '../../node/keys/native.ts'
import { NodeError, type KeyView, type LogView, type Service } from '../../node/api/client.ts'
import { printBase32, printBase64, printHex } from '../../protocol/bytes.ts'
import { parseEntry, statementId } from '../../protocol/codec/statement.ts'
import type { KeyState } from '../../protocol/identity/keystate.ts'
import type { SignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import { printNote } from '../../protocol/log/note.ts'
import { printPolicy } from '../../protocol/log/policy.ts'
import { policyOfLab } from './bundle-reader.ts'
import type { BundleLab, Cosigners, LogInBytes } from './bundles.ts'
import { foldedKeys } from './folded-keys.ts'

export type LabFacts = {
  /** Who cosigned the newest head of each log, by the place of its member. */
  readonly cosigners: (number: number) => Cosigners
  /** Files of evidence, by id, about these origins. */
  readonly evidence?: readonly { readonly id: string; readonly origin: string; readonly file: Uint8Array }[]
}

export function labService(lab: BundleLab, { cosigners, evidence = [] }: LabFacts): Partial<Service> {
  const logOf = (name: string | undefined): LogInBytes => {
    const found = lab.logs.find(({ origin, domain }) => origin === name || domain === name)
    if (found === undefined) throw new NodeError('NOT_FOUND', 'no such log')
    return found
  }
  const headOf = (log: LogInBytes): SignedCheckpoint =>
    log.head(log.leaves.length, cosigners(lab.logs.indexOf(log)))
  const partOf = (log: LogInBytes, index: number) => {
    const { opening, mediaType, bytes } = log.leaf(index).part
    return [opening, mediaType, bytes] as const
  }
  return {
    charter: () => Promise.resolve(lab.charterBytes),
    logs: () => Promise.resolve(lab.logs.map((log) => viewOf(log, headOf(log)))),
    head: async (name) => printNote(headOf(logOf(name)).note),
    quorumHeads: async (name) => [Buffer.from(printNote(headOf(logOf(name)).note)).toString('utf8')],
    policy: async (name) => {
      const { policy } = policyOfLab(lab, logOf(name ?? lab.log(0).origin)) as never as { policy: never }
      return printPolicy(native, policy)
    },
    entries: async (name, from, count) => {
      const log = logOf(name)
      const some = log.leaves.slice(from, from + count)
      return {
        from,
        entries: some.map(({ bytes }) => bytes),
        parts: some.map((_, at) => partOf(log, from + at)),
      }
    },
    inclusion: async (name, index, size) => {
      const log = logOf(name)
      const head = log.head(size ?? log.leaves.length)
      const { entry, proof } = log.proof(index, head)
      return { origin: log.origin, index, entry, part: partOf(log, index), note: printNote(head.note), proof }
    },
    consistency: async (name, from, to) => {
      const log = logOf(name)
      return log.consistency(log.head(from), log.head(to)).proof
    },
    keys: async (name) => {
      const log = logOf(name)
      const keys = [...foldedKeys(lab, log).keys.values()].map(keyView)
      return {
        domain: log.domain,
        origin: log.origin,
        size: log.leaves.length,
        rootKeyId: '',
        keys,
        epochs: [],
      }
    },
    record: async (id) => ({
      record: id,
      author: '',
      versions: lab.logs.flatMap((log) => statementsOf(log, id)),
      attestations: [],
      tiers: [],
      heads: [],
    }),
    evidenceList: async () => evidence.map(({ id, origin }) => ({ id, origin, convicts: 'log' }) as never),
    evidenceFile: async (id) => evidence.find((one) => one.id === id)?.file ?? new Uint8Array(0),
  }
}

function keyView({ keyId, purpose, key, addedAt, retiredAt, revoked }: KeyRecordOf): KeyView {
  return {
    keyId: printHex(keyId),
    purpose,
    publicKey: printBase64(key),
    addedAt,
    inForce: true,
    held: false,
    ...(retiredAt === undefined ? {} : { retiredAt }),
    ...(revoked === undefined ? {} : { revokedSince: revoked.since }),
  }
}

type KeyRecordOf = KeyState['keys'] extends ReadonlyMap<string, infer T> ? T : never

function viewOf({ origin, domain }: LogInBytes, { checkpoint }: SignedCheckpoint): LogView {
  const { size, root } = checkpoint
  const confirmed = { others: 0, needed: 0, mirrors: 0, witnesses: 0, quorum: null }
  return {
    origin,
    domain,
    size,
    root: printBase64(root),
    held: size,
    own: false,
    state: 'ok',
    why: 'a quorum confirmed its newest head',
    since: '2026-11-23T09:00:00.000Z',
    confirmed,
  }
}

function statementsOf(log: LogInBytes, id: string) {
  return log.leaves.flatMap(({ bytes }, index) => {
    const entry = parseEntry(bytes)
    if (!entry.ok || printBase32(entry.value.statement.record) !== id) return []
    const { kind, version } = entry.value.statement
    return [
      {
        author: log.domain,
        origin: log.origin,
        index,
        kind,
        record: id,
        version,
        issuedAt: '',
        statementId: printHex(statementId(native, entry.value)),
        leaf: printHex(leafHash(native, bytes)),
        keyId: '',
        document: {},
        marks: [],
      },
    ]
  })
}

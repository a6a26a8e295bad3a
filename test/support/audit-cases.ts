/** What can be wrong with a coalition, one thing at a time, and what an audit says of it. */
import { native } from '../../node/keys/native.ts'
import { bytesOfText } from '../../protocol/bytes.ts'
import type { AuditVerdict } from '../../protocol/audit/report.ts'
import type { Severity } from '../../protocol/audit/rules.ts'
import { parseCharterFile, printCharterFile } from '../../protocol/governance/charter-file.ts'
import { keyId } from '../../protocol/identity/key.ts'
import { eraseOf } from './erased-log.ts'
import { printNote } from '../../protocol/log/note.ts'
import { LATELY, type AuditedLab, type openAuditedLab } from './audited-lab.ts'
import { at, reheaded, cosigners, altered, flipped, readOnly } from './audit-changes.ts'
import { OF_CONFIRMATION } from './audit-cases-heads.ts'
import { OF_LOGS } from './audit-cases-logs.ts'

/** Severity, code, member and entry. */
export type Found = readonly [Severity, string, string, number | null]

export type Case = {
  readonly options?: Parameters<typeof openAuditedLab>[0]
  readonly make: (made: AuditedLab) => void
  /** What is shown once a first audit has verified what `make` left. */
  readonly later?: (made: AuditedLab) => void
  readonly exit: number
  readonly verdict: AuditVerdict
  readonly found: readonly Found[]
}

const A = 'a.example'
const B = 'b.example'
const C = 'c.example'

const OF_ENTRIES: Readonly<Record<string, Case>> = {
  'a signature that is not valid': {
    make: (made) => altered(made, 0, 3, ({ bytes, part }) => ({ bytes: flipped(bytes), part })),
    exit: 10,
    verdict: 'invalid',
    found: [
      ['high', 'signature', A, 3],
      ['high', 'audit-root', A, null],
    ],
  },
  'a commitment that does not open': {
    make: (made) =>
      altered(made, 0, 3, ({ bytes, part }) => ({
        bytes,
        part: part && { ...part, opening: new Uint8Array(32) },
      })),
    exit: 10,
    verdict: 'invalid',
    found: [['high', 'part-commitment', A, 3]],
  },
  'a public part that is missing': {
    make: (made) => altered(made, 0, 3, ({ bytes }) => ({ bytes, part: null })),
    exit: 12,
    verdict: 'incomplete',
    found: [['medium', 'part-missing', A, 3]],
  },
  'a public part that was erased, which is no fault': {
    make: (made) => {
      const { log } = at(made, 0)
      log.say(eraseOf(log.origin, log.leaves))
      reheaded(made, 0, cosigners(1, 2, LATELY))
      altered(made, 0, 2, ({ bytes }) => ({ bytes, part: null }))
    },
    exit: 0,
    verdict: 'verified',
    found: [['note', 'audit-erased', A, 2]],
  },
  'an entry of another log': {
    make: (made) => {
      const { log } = at(made, 0)
      log.leaves.push(at(made, 1).log.leaf(2))
      reheaded(made, 0, cosigners(1, 2, LATELY))
    },
    exit: 10,
    verdict: 'invalid',
    found: [['high', 'entry-issuer', A, 5]],
  },
  'bytes that are no entry': {
    make: (made) => {
      const { log } = at(made, 0)
      log.leaves.push({ ...log.leaf(2), bytes: bytesOfText('<script>alert(1)</script>') })
      reheaded(made, 0, cosigners(1, 2, LATELY))
    },
    exit: 10,
    verdict: 'invalid',
    found: [['high', 'entry-envelope', A, 5]],
  },
  'a log without a valid first entry': {
    make: (made) => altered(made, 0, 0, ({ bytes, part }) => ({ bytes: flipped(bytes), part })),
    exit: 10,
    verdict: 'invalid',
    // Its mirror confirms nobody any more.
    found: [
      ['high', 'signature', A, 0],
      ...[1, 2, 3, 4, null].map((index): Found => ['high', 'audit-keyless', A, index]),
      ...[B, C].map((domain): Found => ['low', 'head-unconfirmed', domain, null]),
    ],
  },
}

const OF_KEYS: Readonly<Record<string, Case>> = {
  'an entry under a key that was retired before': {
    make: (made) => {
      const { log } = at(made, 0)
      const old = log.keystore.signer('statement')
      log.change({ kind: 'add', purpose: 'statement' }, { kind: 'retire', id: keyId(native, old.publicKey) })
      log.say({}, old)
      reheaded(made, 0, cosigners(1, 2, LATELY))
    },
    exit: 13,
    verdict: 'key',
    found: [['high', 'key-not-in-force', A, 7]],
  },
  'an entry under a key that was revoked later': {
    make: (made) => {
      const { log } = at(made, 0)
      const id = keyId(native, log.keystore.signer('statement').publicKey)
      log.change({ kind: 'add', purpose: 'statement' }, { kind: 'revoke', id, since: 2 })
      reheaded(made, 0, cosigners(1, 2, LATELY))
    },
    exit: 13,
    verdict: 'key',
    found: [['high', 'key-suspect', A, 4]],
  },
  'an entry under a key that the log never declared': {
    make: (made) => {
      const { log } = at(made, 0)
      log.say({}, at(made, 1).log.keystore.signer('statement'))
      reheaded(made, 0, cosigners(1, 2, LATELY))
    },
    exit: 13,
    verdict: 'key',
    found: [['high', 'key-unknown', A, 5]],
  },
  'a key that two members declare': {
    make: (made) => {
      const [{ log: one }, { log: other }] = [at(made, 0), at(made, 1)]
      const ours = other.keystore.signers.bind(other.keystore)
      other.keystore.signers = (purpose) =>
        (purpose === 'mirror' ? one.keystore : { signers: ours }).signers(purpose)
      other.begin()
      reheaded(made, 1, cosigners(0, 2, LATELY))
    },
    exit: 13,
    verdict: 'key',
    // It counts for neither of them.
    found: [
      ['high', 'key-repeated', B, 0],
      ['medium', 'head-unwitnessed', C, null],
      ['low', 'head-unconfirmed', A, null],
      ['low', 'head-unconfirmed', B, null],
    ],
  },
  'a head that the log’s key did not sign': {
    make: (made) => {
      const { log, shown } = at(made, 0)
      const { text, signatures } = log.head(5, cosigners(1, 2, LATELY)).note
      shown.note = printNote({ text, signatures: signatures.filter(({ name }) => name !== log.origin) })
    },
    exit: 13,
    verdict: 'key',
    found: [['high', 'head-unsigned', A, null]],
  },
  'a charter that a founder has not signed': {
    make: (made) => {
      const file = parseCharterFile(made.charterBytes)
      if (!file.ok) throw new Error('bug: a charter')
      made.charterBytes = printCharterFile({
        ...file.value,
        signatures: file.value.signatures.filter(({ domain }) => domain !== C),
      })
    },
    exit: 13,
    verdict: 'key',
    found: [['high', 'charter-unsigned', C, null]],
  },
}

const OF_HOSTS: Readonly<Record<string, Case>> = {
  'a read-only node': {
    make: (made) => (made.status = readOnly('READ_ONLY')),
    exit: 14,
    verdict: 'read-only',
    found: [['medium', 'host-read-only', A, null]],
  },
  'a read-only node below what is worse': {
    make: (made) => {
      made.status = readOnly('READ_ONLY')
      altered(made, 0, 3, ({ bytes }) => ({ bytes, part: null }))
    },
    exit: 12,
    verdict: 'incomplete',
    found: [
      ['medium', 'part-missing', A, 3],
      ['medium', 'host-read-only', A, null],
    ],
  },
  'nothing in a home that only observes': {
    make: (made) => (made.status = readOnly('NOT_ALLOWED')),
    exit: 0,
    verdict: 'verified',
    found: [],
  },
}

export const CASES: Readonly<Record<string, Case>> = {
  ...OF_CONFIRMATION,
  ...OF_LOGS,
  ...OF_ENTRIES,
  ...OF_KEYS,
  ...OF_HOSTS,
}

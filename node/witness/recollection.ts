/**
 * What others remember of our own cosigners. A line of ours that goes beyond our record says that this home came back from a
 * backup, though nothing else of it shows that: what we stated since is lost, and the keys that stated it are given up.
 * DESIGN §4.2, Spec 03 §12.
 *
 * A record is on disk before its line leaves, so no line of a node that forgot nothing is beyond its record.
 */
import { equal } from '../../protocol/bytes.ts'
import { speakerOf, type CharterState } from '../../protocol/governance/charter.ts'
import { parseSignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import type { CosignerRole } from '../../protocol/log/cosignature.ts'
import { readCosigned, type CosignedHead } from '../../protocol/log/cosigned-head.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import type { KeyValue, Signer } from '../ports.ts'
import { keyOf } from '../store/prefixes.ts'
import type { Logs } from '../store/logs.ts'
import { ROLE_BYTE } from './cosigner.ts'
import { parseKept } from './kept.ts'

export type RecollectionParts = {
  readonly primitives: Primitives
  readonly charter: CharterState
  readonly store: KeyValue
  readonly logs: Logs
  readonly ownDomain: string
  /** Our keys of a role that are not given up. */
  readonly signers: (role: CosignerRole) => readonly Signer[]
  /** Gives up the keys of both roles, for what this one stated about a log; on disk once it resolves. */
  readonly giveUp: (role: CosignerRole, origin: string) => Promise<void>
}

const ROLES: readonly CosignerRole[] = ['witness', 'mirror']

export class Recollection {
  private readonly parts: RecollectionParts

  constructor(parts: RecollectionParts) {
    this.parts = parts
  }

  /** Judges a note that somebody says has a line of ours. Whatever else stands in it is nobody's word. */
  async heedNote(note: Uint8Array): Promise<void> {
    const { primitives, charter, ownDomain, signers } = this.parts
    const signed = parseSignedCheckpoint(note)
    if (!signed.ok || speakerOf(charter, signed.value.checkpoint.origin) === undefined) return
    const keys = ROLES.flatMap((role) =>
      signers(role).map(({ publicKey: key }) => ({ domain: ownDomain, role, key })),
    )
    await this.heed(readCosigned(primitives, signed.value, keys))
  }

  /** Judges verified lines on a head. */
  async heed({ checkpoint, cosignatures }: CosignedHead): Promise<void> {
    const { ownDomain, logs, giveUp } = this.parts
    const { origin, size } = checkpoint
    for (const { domain, role, key, time } of cosignatures) {
      if (domain !== ownDomain || role === 'outside' || !this.isOurs(role, key)) continue
      const log = logs.get(origin)
      const record = log === undefined ? NOTHING : this.recordOf(log.number, origin, role)
      // Of a record that is damaged nothing can be told; it cosigns nothing as it is.
      if (record === undefined || (size <= record.size && time <= record.time)) continue
      await giveUp(role, origin)
      return
    }
  }

  private isOurs(role: CosignerRole, key: Uint8Array): boolean {
    return this.parts.signers(role).some(({ publicKey }) => equal(publicKey, key))
  }

  private recordOf(
    log: number,
    origin: string,
    role: CosignerRole,
  ): { readonly size: number; readonly time: number } | undefined {
    const row = this.parts.store.getSync(keyOf('cosigner', { log }, { byte: ROLE_BYTE[role] }))
    return row === undefined ? NOTHING : parseKept(row, origin)
  }
}

const NOTHING = { size: -1, time: -1 }

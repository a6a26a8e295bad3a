/**
 * What our cosigners stated last, read again: a record that is damaged, or behind what our own lines on stored heads
 * say. A key whose record is lost may state no more; a new one takes its place. DESIGN §4.2 and §4.3.
 */
import { bytesOfText, equal } from '../../protocol/bytes.ts'
import type { CosignerRole } from '../../protocol/log/cosignature.ts'
import type { PolicyLog } from '../../protocol/log/policy.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import type { KeyValue, Signer } from '../ports.ts'
import { after, keyOf, numberAt } from '../store/prefixes.ts'
import type { Logs } from '../store/logs.ts'
import type { CosignedHeads } from './cosigned-heads.ts'
import { ROLE_BYTE } from './cosigner.ts'
import { parseKept } from './kept.ts'

export type DamagedRecord = {
  readonly key: Uint8Array
  /** The log it is about; undefined for one that is known no more. */
  readonly origin: string | undefined
  readonly role: CosignerRole
  readonly why: 'unreadable' | 'behind'
}

export type RecordsParts = {
  readonly primitives: Primitives
  readonly store: KeyValue
  readonly logs: Logs
  readonly heads: Pick<CosignedHeads, 'get'>
  readonly ownDomain: string
  readonly signers: (role: CosignerRole) => readonly Signer[]
  readonly foreign: readonly PolicyLog[]
}

const ROLES: readonly CosignerRole[] = ['witness', 'mirror']

export async function damagedRecords(parts: RecordsParts): Promise<readonly DamagedRecord[]> {
  return [...(await unreadable(parts)), ...behind(parts), ...(await unreadableForeign(parts))]
}

async function unreadable({ store, logs }: RecordsParts): Promise<readonly DamagedRecord[]> {
  const found: DamagedRecord[] = []
  const prefix = keyOf('cosigner')
  for await (const [key, value] of store.iterate({ gte: prefix, lt: after(prefix) })) {
    const origin = logs.all().find(({ number }) => number === numberAt(key, 1, 4))?.origin
    const role = ROLES.find((one) => ROLE_BYTE[one] === key[5])
    if (role !== undefined && parseKept(value, origin) === undefined)
      found.push({ key: key.slice(), origin, role, why: 'unreadable' })
  }
  return found
}

/** What is answered was on disk before, so no line of ours is ahead of its record unless that was lost. */
function behind({ store, logs, heads, ownDomain, signers }: RecordsParts): readonly DamagedRecord[] {
  return logs.all().flatMap(({ origin, number }) =>
    ROLES.flatMap((role): readonly DamagedRecord[] => {
      const key = keyOf('cosigner', { log: number }, { byte: ROLE_BYTE[role] })
      const row = store.getSync(key)
      const kept = row === undefined ? undefined : parseKept(row, origin)
      if (row !== undefined && kept === undefined) return []
      const known = heads.get(origin)
      const isAhead = [known?.newest, known?.quorum].some((head) =>
        head?.cosignatures.some(
          (one) =>
            one.domain === ownDomain &&
            one.role === role &&
            signers(role).some(({ publicKey }) => equal(publicKey, one.key)) &&
            (kept === undefined || head.checkpoint.size > kept.size || one.time > kept.time),
        ),
      )
      return isAhead ? [{ key, origin, role, why: 'behind' }] : []
    }),
  )
}

async function unreadableForeign(parts: RecordsParts): Promise<readonly DamagedRecord[]> {
  const { primitives, store, foreign } = parts
  const found: DamagedRecord[] = []
  const prefix = keyOf('foreign')
  for await (const [key, value] of store.iterate({ gte: prefix, lt: after(prefix) })) {
    const isRecord = key[33] === 0
    const origin = foreign.find(({ key: { name } }) =>
      equal(primitives.sha256(bytesOfText(name)), key.subarray(1, 33)),
    )?.key.name
    if (isRecord && parseKept(value, origin) === undefined)
      found.push({ key: key.slice(), origin, role: 'witness', why: 'unreadable' })
  }
  return found
}

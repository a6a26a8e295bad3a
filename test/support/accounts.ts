/** Whom a network knows, for tests: members by their domains, and the keys their logs declare. */
import { native } from '../../node/keys/native.ts'
import { printHex } from '../../protocol/bytes.ts'
import type { Accounts } from '../../protocol/governance/accountable.ts'
import type { KeyPurpose } from '../../protocol/identity/epoch.ts'
import { keyId, type PublicKey } from '../../protocol/identity/key.ts'
import type { KeyState } from '../../protocol/identity/keystate.ts'
import { parseOrigin } from '../../protocol/log/checkpoint.ts'
import { testKey } from './notes.ts'

export type DeclaredLog = {
  readonly origin: string
  readonly keys: readonly (readonly [KeyPurpose, PublicKey, { readonly retiredAt?: number }?])[]
}

const ROOT = testKey(200).key

/** A network whose members are those whose logs are given. */
export function accountsOf(logs: readonly DeclaredLog[], other: Partial<Accounts> = {}): Accounts {
  const origins = logs.map(({ origin }) => {
    const read = parseOrigin(origin)
    if (!read.ok) throw new Error('bug: an origin')
    return read.value
  })
  const document = {
    name: 'Test',
    created: 0,
    nonce: new Uint8Array(16),
    members: origins.map(({ domain }) => ({ domain, name: domain, sector: 'finance', root: ROOT })),
    accreditors: [],
    accreditorsNeeded: 1,
    stalenessSeconds: 3_600,
    caps: { entriesPerDay: 1, bytesPerDay: 1 },
    observers: 'admit' as const,
  }
  const networkId = origins[0]?.networkId ?? ''
  return {
    charter: { networkId, document, signed: new Set(), descriptors: [] },
    logs: logs.map(({ origin, keys }) => ({ origin, keys: keyStateOf(origin, keys), size: 10 })),
    isClosed: () => false,
    ...other,
  }
}

function keyStateOf(origin: string, keys: DeclaredLog['keys']): KeyState {
  const records = keys.map(([purpose, key, ends]) => {
    const id = keyId(native, key)
    return [printHex(id), { purpose, key, keyId: id, possession: null, addedAt: 0, ...ends }] as const
  })
  const epoch = { epoch: 1, domain: '', root: ROOT, keys: [], previous: null, because: null }
  return { origin, epoch, root: ROOT, rootId: keyId(native, ROOT), keys: new Map(records) }
}

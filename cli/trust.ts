/** What an auditor trusts: a charter or a C2SP policy, from a file of theirs, by its hash, or, if nothing else, from the node. */
import { resolve } from 'node:path'
import { checkedPrimitives, NodeError, type Client } from '../node/api/client.ts'
import type { Trust } from '../protocol/audit/bundle-keys.ts'
import { printHex } from '../protocol/bytes.ts'
import { readCharter } from '../protocol/governance/charter-file.ts'
import { parsePolicy } from '../protocol/log/policy.ts'
import { readInput } from './files.ts'

export type TrustBrought = {
  readonly trust: Trust
  /** SHA-256 of its bytes, in hexadecimal. */
  readonly digest: string
  readonly from: string
  /** Whether it came from a host that the bundle may have come from. */
  readonly isTheirs: boolean
}

const BY_HASH = 'sha256:'

/** `--trust FILE`, or `--trust sha256:HEX` of the policy that the bundle itself carries. */
export function trustFrom(option: string, carried: Uint8Array | null): TrustBrought {
  if (!option.startsWith(BY_HASH)) return brought(readInput(option), resolve(option), false)
  const wanted = option.slice(BY_HASH.length)
  if (!/^[0-9a-f]{64}$/.test(wanted))
    throw new NodeError('USAGE', '--trust sha256: takes 64 hexadecimal digits in lower case')
  if (carried === null) throw mismatch('the bundle carries no policy, so its hash says nothing')
  if (digestOf(carried) !== wanted) throw mismatch('the policy in the bundle is not the one with this hash')
  return brought(carried, 'the bundle, by the hash that you gave', false)
}

/** The charter of the node, where nothing else was brought. */
export async function trustOfNode(client: Pick<Client, 'charter'>): Promise<TrustBrought> {
  return brought(await client.charter(), 'this node', true)
}

function brought(bytes: Uint8Array, from: string, isTheirs: boolean): TrustBrought {
  return { trust: readTrust(bytes, from), digest: digestOf(bytes), from, isTheirs }
}

function readTrust(bytes: Uint8Array, from: string): Trust {
  const primitives = checkedPrimitives()
  const charter = readCharter(primitives, bytes)
  if (charter.ok) return { kind: 'charter', charter: charter.value }
  const policy = parsePolicy(primitives, bytes)
  if (policy.ok) return { kind: 'policy', policy: policy.value }
  const why = `as a charter: ${charter.fault}; as a policy: ${policy.fault} in line ${policy.line}`
  throw new NodeError('BAD_INPUT', `${from} is neither a charter nor a trust policy; ${why}`)
}

function mismatch(message: string): NodeError {
  return new NodeError('TRUST_MISMATCH', message, { fix: 'candor bundle inspect FILE' })
}

export function digestOf(bytes: Uint8Array): string {
  return printHex(checkedPrimitives().sha256(bytes))
}

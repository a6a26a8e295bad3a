/** A real log of a real member, made of bytes only: for whoever checks logs without a node. */
import { randomFillSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { native } from '../../node/keys/native.ts'
import { Keystore } from '../../node/keys/keystore.ts'
import { compose, type ComposerParts, type Content } from '../../node/log/composer.ts'
import { composeGenesis } from '../../node/log/genesis.ts'
import type { PublicPart } from '../../protocol/codec/part.ts'
import type { CharterState } from '../../protocol/governance/charter.ts'
import type { PublicKey } from '../../protocol/identity/key.ts'
import { readCharter } from '../../protocol/governance/charter-file.ts'
import { printOrigin, printSignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { appendLeaf, EMPTY_EDGE, edgeRoot, leafHash } from '../../protocol/log/merkle.ts'
import { makeCoalition, type Coalition } from './coalition.ts'

export type SignedLeaf = { readonly bytes: Uint8Array; readonly part: PublicPart }

export type SignedLog = {
  readonly origin: string
  readonly charter: CharterState
  readonly charterBytes: Uint8Array
  readonly leaves: readonly SignedLeaf[]
  readonly logKey: PublicKey
  /** The note of a head over these leaves, signed with the log's key. */
  readonly noteOf: (leaves: readonly SignedLeaf[]) => Uint8Array
}

/** What one of the last entries says, given those before it. */
type Last = (origin: string, leaves: readonly SignedLeaf[]) => Content

/** A member's log with the epoch statement and `count` incidents. */
export async function makeSignedLog(count: number, ...last: readonly Last[]): Promise<SignedLog> {
  const coalition = await makeCoalition(1)
  try {
    return signedLogOf(coalition, 0, count, ...last)
  } finally {
    coalition.remove()
  }
}

/** The same of one member of a coalition, whose node need not run. */
export function signedLogOf(
  coalition: Coalition,
  number: number,
  count: number,
  ...last: readonly Last[]
): SignedLog {
  const member = coalition.members[number]
  const charterBytes = new Uint8Array(readFileSync(coalition.charterFile))
  const charter = readCharter(native, charterBytes)
  if (member === undefined || !charter.ok) throw new Error('bug: no such member')
  const { networkId } = charter.value
  const origin = printOrigin({ domain: member.domain, networkId, epoch: 1 })
  const keystore = Keystore.open(member.home.keys, undefined)
  const clock = { now: () => Date.UTC(2026, 10, 23) }
  const signer = keystore.signer('statement')
  const random = { bytes: (count: number) => randomFillSync(new Uint8Array(count)) }
  const parts: ComposerParts = { primitives: native, origin, signer, random, clock }
  const leaves = [leafOf(composeGenesis(keystore, parts))]
  for (let i = 0; i < count; i++) {
    const plain: Content = { kind: 'incident', public: { title: `Incident ${i}` } }
    const said = last[i - count + last.length]
    const unsigned = compose(parts, said === undefined ? plain : said(origin, leaves))
    leaves.push(leafOf(unsigned.finish(signer.sign(unsigned.toBeSigned))))
  }
  const log = keystore.logSigner(1)
  const noteOf = (under: readonly SignedLeaf[]) => {
    const edge = under.reduce(
      (edge, { bytes }) => appendLeaf(native, edge, leafHash(native, bytes)),
      EMPTY_EDGE,
    )
    const head = { origin, size: edge.size, root: edgeRoot(native, edge) }
    return printSignedCheckpoint(native, head, log.publicKey, log.sign)
  }
  return { origin, charter: charter.value, charterBytes, leaves, logKey: log.publicKey, noteOf }
}

function leafOf({
  entry,
  part,
}: {
  readonly entry: { readonly bytes: Uint8Array }
  readonly part: PublicPart
}): SignedLeaf {
  return { bytes: entry.bytes, part }
}

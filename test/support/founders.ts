/** Founders of a charter with fixed keys, without homes or files. */
import { bytesOfText } from '../../protocol/bytes.ts'
import { charterMessage, printDocument, type CharterDocument } from '../../protocol/governance/charter.ts'
import { printCharterFile } from '../../protocol/governance/charter-file.ts'
import { signDescriptor } from '../../protocol/identity/member.ts'
import { native, signerOf } from '../../node/keys/native.ts'
import type { Signer } from '../../node/ports.ts'

export type Founder = {
  readonly domain: string
  readonly root: Signer
  readonly descriptor: (issuedAt: number) => Uint8Array
}

export function founder(domain: string): Founder {
  const seed = (purpose: string) => native.sha256(bytesOfText(`${domain} ${purpose}`))
  const root = signerOf(seed('root'))
  const node = signerOf(seed('node')).publicKey
  const who = { domain, name: domain.toUpperCase(), sector: 'energy', root: root.publicKey, node }
  const addresses = ['/ip4/192.0.2.7/tcp/4901']
  return {
    domain,
    root,
    descriptor: (issuedAt) => signDescriptor({ ...who, addresses, issuedAt }, root.sign),
  }
}

export function documentOf(founders: readonly Founder[]): CharterDocument {
  return {
    name: 'Test coalition',
    created: 1_700_000_000,
    nonce: new Uint8Array(16).fill(9),
    members: founders.map(({ domain, root }) => ({
      domain,
      name: domain.toUpperCase(),
      sector: 'energy',
      root: root.publicKey,
    })),
    accreditors: founders.map(({ domain }) => domain),
    accreditorsNeeded: 1,
    stalenessSeconds: 86_400,
    caps: { entriesPerDay: 1_000, bytesPerDay: 1_000_000 },
    observers: 'admit',
  }
}

export function signatureOf({ domain, root }: Founder, document: Uint8Array) {
  return { domain, signature: root.sign(charterMessage(native, document)) }
}

/** A charter file that all of them signed. */
export function charterOf(founders: readonly Founder[]): Uint8Array {
  const document = printDocument(documentOf(founders))
  const signatures = founders.map((one) => signatureOf(one, document))
  return printCharterFile({ document, signatures, descriptors: founders.map((one) => one.descriptor(1)) })
}

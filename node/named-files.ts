/** Which files of ours are named, by a draft or by a part that rests in the vault. Spec 11 §1. */
import { printHex } from '../protocol/bytes.ts'
import type { Value } from '../protocol/codec/cbor.ts'
import { isMap } from '../protocol/codec/value.ts'
import { readManifest } from '../protocol/dataset/manifest.ts'
import { heldPart } from './disclosure/release.ts'
import type { KeyValue, Sealer } from './ports.ts'
import type { Drafts } from './store/drafts.ts'
import { allKept } from './store/vault.ts'

/** Roots of the files that a research part names. */
export function rootsIn(research: Value | undefined): readonly Uint8Array[] {
  const manifest = readManifest(isMap(research) ? research['manifest'] : undefined)
  return manifest.ok ? manifest.value.flatMap(({ content }) => content?.root ?? []) : []
}

/** In hexadecimal. */
export async function namedRoots(
  store: KeyValue,
  sealer: Sealer,
  drafts: Pick<Drafts, 'all'>,
): Promise<ReadonlySet<string>> {
  const named = new Set<string>()
  const add = (research: Value | undefined) => {
    for (const root of rootsIn(research)) named.add(printHex(root))
  }
  for await (const { research } of drafts.all()) add(research)
  for await (const { research } of allKept(store, sealer)) add(heldPart(research)?.document)
  return named
}

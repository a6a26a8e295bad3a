/** Readers of the fields that several statements of an access share. Each refuses what its printer would not write. */
import { bytesOfText, compare } from '../bytes.ts'
import { encode, type Value } from '../codec/cbor.ts'
import type { Path } from '../codec/items.ts'
import { TIERS, type Tier } from '../codec/part.ts'
import { readTarget, type Target } from '../codec/statement.ts'
import { isBytes, isCount, isList, type MapValue } from '../codec/value.ts'
import { ACCESS_TEXT_BYTES_MAX, CBOR_DEPTH_MAX, REQUEST_PATHS_MAX } from '../limits.ts'
import { parseOrigin } from '../log/checkpoint.ts'
import { termIds, type TermId, type Vocabulary } from '../record/vocabulary.ts'

/** What every statement of an access begins with. */
export type Common = {
  /** The network it is valid in, and in no other. */
  readonly network: string
  /** Seconds since 1970, as its signer says. */
  readonly at: number
}

export function commonOf(value: MapValue): Common | undefined {
  const { v, network, at } = value
  if (v !== 1 || typeof network !== 'string' || !isCount(at)) return undefined
  return NETWORK.test(network) ? { network, at } : undefined
}

/** The network id: 52 characters of base32, of which the last carries one bit. */
const NETWORK = /^[a-z2-7]{51}[aq]$/

/** An origin of this network. */
export function originOf(value: Value | undefined, network: string): string | undefined {
  if (typeof value !== 'string') return undefined
  const read = parseOrigin(value)
  return read.ok && read.value.networkId === network ? value : undefined
}

/** An origin of this network, or null for somebody without a log. */
export function partyOf(value: Value | undefined, network: string): string | null | undefined {
  return value === null ? null : originOf(value, network)
}

/** An entry in a log of this network. */
export function targetOf(value: Value | undefined, network: string): Target | undefined {
  const target = readTarget(value)
  return target !== undefined && originOf(target.origin, network) !== undefined ? target : undefined
}

export function hashOf(value: Value | undefined): Uint8Array | undefined {
  return isBytes(value, 32) ? value : undefined
}

export function tierOf(value: Value | undefined): Tier | undefined {
  return TIERS.find((tier) => tier === value)
}

export function termOf<const V extends Vocabulary>(of: V, value: Value | undefined): TermId<V> | undefined {
  return termIds(of).find((id) => id === value)
}

/** A text for people: of the control characters only line feed and tab, not blank, bounded in bytes. */
export function textOf(value: Value | undefined): string | undefined {
  if (typeof value !== 'string' || !/\S/u.test(value) || /[^\P{Cc}\n\t]/u.test(value)) return undefined
  return bytesOfText(value).length <= ACCESS_TEXT_BYTES_MAX ? value : undefined
}

export function noteOf(value: Value | undefined): string | null | undefined {
  return value === null ? null : textOf(value)
}

/** Paths in the order of their encoded bytes, none twice and none empty: one choice has one spelling. */
export function pathsOf(value: Value | undefined): readonly Path[] | undefined {
  if (!isList(value) || value.length === 0 || value.length > REQUEST_PATHS_MAX) return undefined
  const paths = value.map(pathOf).filter((path) => path !== undefined)
  return paths.length === value.length && isAscending(paths) ? paths : undefined
}

/** Brings paths into the order in which they are written. */
export function sortPaths(paths: readonly Path[]): readonly Path[] {
  return paths.toSorted((a, b) => compare(encode(a), encode(b)))
}

function pathOf(value: Value): Path | undefined {
  if (!isList(value) || value.length === 0 || value.length > CBOR_DEPTH_MAX) return undefined
  const path = value.filter((step) => typeof step === 'string' || isCount(step))
  return path.length === value.length ? path : undefined
}

function isAscending(paths: readonly Path[]): boolean {
  return paths.every((path, index) => {
    const before = paths[index - 1]
    return before === undefined || compare(encode(before), encode(path)) < 0
  })
}

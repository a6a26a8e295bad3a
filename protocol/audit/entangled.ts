/**
 * What members' `observed` statements show of cosigners whose keys are out of force: whose mirror cosigned which head, and by
 * when at the latest. DESIGN §4.7, spec 03 §10.
 *
 * Whoever holds a key that was retired, or that of a member that left, can sign any head with it, under any time. So such a line
 * counts only on a head that the log of a current member names with that cosigner, in a statement that a quorum of keys in force
 * confirmed; and the time in the line is never believed: it is as old as that statement is shown to be. A thief can make
 * none of these.
 */
import { printHex } from '../bytes.ts'
import type { Entry } from '../codec/statement.ts'
import { parse } from '../codec/cbor.ts'
import type { PublicPart } from '../codec/part.ts'
import type { Checkpoint } from '../log/checkpoint.ts'
import { observedHeads, type ObservedHead } from '../record/observed.ts'

/** A valid `observed` statement at its index: the heads of others' logs, with members whose mirrors it saw on them. */
export type Observed = { readonly index: number; readonly heads: readonly ObservedHead[] }

/** Heads and cosigners named in one log that are kept for its audit: ten years of days in a coalition of sixteen. */
export const OBSERVED_NAMES_MAX = 65_536

export type Attester = {
  /** The log of a current member. */
  readonly origin: string
  readonly observed: readonly Observed[]
  /** By when the entry at an index existed, in seconds since 1970, by cosignatures of keys in force alone. */
  readonly existedBy: (index: number) => number | undefined
}

/** By when this member's mirror had cosigned this head at the latest, in seconds since 1970; undefined where no log names it. */
export type Attested = (head: Checkpoint, domain: string) => number | undefined

export const NOTHING_ATTESTED: Attested = () => undefined

export function attestationsOf(attesters: readonly Attester[]): Attested {
  const found = new Map<string, number>()
  for (const { origin, observed, existedBy } of attesters) {
    const author = domainOf(origin)
    for (const { index, heads } of observed) {
      const time = existedBy(index)
      if (time === undefined) continue
      for (const head of heads) {
        // Nobody speaks for its own log, or for its own cosigner.
        if (domainOf(head.origin) === author) continue
        for (const domain of head.by.filter((one) => one !== author)) {
          const name = nameOf(head, domain)
          found.set(name, Math.min(time, found.get(name) ?? time))
        }
      }
    }
  }
  return (head, domain) => found.get(nameOf(head, domain))
}

/** What an entry states of the heads of others' logs, where it is an `observed` statement that names cosigners. */
export function observedIn(
  { statement }: Pick<Entry, 'statement'>,
  index: number,
  part: PublicPart,
): Observed | undefined {
  if (statement.kind !== 'observed') return undefined
  const document = parse(part.bytes)
  const heads = document.ok ? observedHeads(document.value) : undefined
  const naming = heads?.filter(({ by }) => by.length > 0) ?? []
  return naming.length === 0 ? undefined : { index, heads: naming }
}

/** The earlier ones stay: they bound the time of older entries. */
export function joinObserved(earlier: readonly Observed[], later: readonly Observed[]): readonly Observed[] {
  if (later.length === 0) return earlier
  let names = earlier.reduce(countNames, 0)
  const kept = later.filter((one) => (names = countNames(names, one)) <= OBSERVED_NAMES_MAX)
  return kept.length === 0 ? earlier : [...earlier, ...kept]
}

function countNames(names: number, { heads }: Observed): number {
  return heads.reduce((count, { by }) => count + 1 + by.length, names)
}

function nameOf({ origin, size, root }: Checkpoint, domain: string): string {
  return `${origin} ${size} ${printHex(root)} ${domain}`
}

function domainOf(origin: string): string {
  return origin.split('/')[0] ?? origin
}

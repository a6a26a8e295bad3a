/**
 * How each log stands here: one word, since when, and why (spec 03 §14). Since when is kept over restarts, and so is when each head
 * was first seen whose entries have not come: an author that gives one entry now and then withholds the rest all the same.
 */
import { encode, parse } from '../protocol/codec/cbor.ts'
import { isCount, isList, isMap, type MapValue } from '../protocol/codec/value.ts'
import type { LogFacts } from '../protocol/log/state.ts'
import { stateOfLog } from '../protocol/log/state.ts'
import type { Refusal } from '../protocol/sync/chunk.ts'
import type { Held } from './evidence/evidence.ts'
import type { Closed } from './log/epochs.ts'
import type { Clock, KeyValue, Operation } from './ports.ts'
import type { Stop } from './store/day-counts.ts'
import type { Damages } from './store/damage.ts'
import { sizeOf, type HeldLog } from './store/log.ts'
import type { Logs } from './store/logs.ts'
import { keyOf } from './store/prefixes.ts'

export const SHOWN_STATES = [
  'ok',
  'fetching',
  'stopped',
  'damaged',
  'empty',
  'forked',
  'stale',
  'withheld',
  'retired',
] as const
export type ShownState = (typeof SHOWN_STATES)[number]

/** `since`: milliseconds since 1970. */
export type Standing = { readonly state: ShownState; readonly since: number; readonly why: string }

/** A head above what is held, and when it was first seen here; milliseconds since 1970. */
export type Awaited = { readonly size: number; readonly since: number }

export type StandingsParts = {
  readonly clock: Clock
  readonly store: KeyValue
  readonly logs: Logs
  readonly damages: Pick<Damages, 'errorOf'>
  readonly evidence: {
    readonly frozen: (origin: string) => Held | undefined
    readonly byOrigin: (origin: string) => readonly Held[]
  }
  readonly cosigned: {
    readonly othersOf: (origin: string) => number
    readonly get: (origin: string) => { readonly quorum: Quorum | undefined } | undefined
    readonly confirmedAt: (origin: string) => number | undefined
  }
  readonly refusalOf: (origin: string) => Refusal | undefined
  /** Why no more is taken for a while of a log of this size. */
  readonly stopOf: (origin: string, size: number) => Stop | undefined
  readonly closedBy: (origin: string) => Closed | undefined
}

type Quorum = { readonly checkpoint: { readonly size: number } }

/** What is remembered of one log. `held`: when a complete head of it was first held here. */
type Remembered = {
  readonly state: ShownState
  readonly since: number
  readonly held: number | null
  /** In the order of sizes and of times. */
  readonly awaited: readonly Awaited[]
}

type Seen = Pick<Remembered, 'held' | 'awaited'> & { readonly now: number }

/** Heads remembered of one log until their entries come; of more than these every second one is let go. */
const AWAITED_MAX = 64

export class Standings {
  private readonly parts: StandingsParts
  // By origin. Written by `recall` and `look` only.
  private readonly remembered = new Map<string, Remembered>()
  // Rows that are not on disk yet, by origin. Written by `look` and `lookAtAll` only.
  private readonly unwritten = new Map<string, Operation>()
  private tail: Promise<unknown> = Promise.resolve()

  constructor(parts: StandingsParts) {
    this.parts = parts
  }

  /** Looks at every log now and writes down what changed. Resolves when that is on disk. */
  lookAtAll(): Promise<unknown> {
    for (const log of this.parts.logs.all()) this.look(log)
    const operations = [...this.unwritten.values()]
    this.unwritten.clear()
    if (operations.length > 0) {
      this.tail = this.tail.then(() => this.parts.store.batch(operations, 'durable'))
    }
    return this.tail
  }

  of(log: HeldLog): Standing {
    return this.look(log)
  }

  private look(log: HeldLog): Standing {
    const now = this.parts.clock.now()
    const before = this.recall(log)
    const held = before?.held ?? (sizeOf(log.complete) > 0 ? now : null)
    const awaited = awaitedOf(before?.awaited ?? [], log, now)
    const found = this.judge(log, { now, held, awaited })
    const isSame = before?.state === found.state
    const since = found.since ?? (isSame ? before.since : now)
    const isKnown = isSame && before.since === since && before.held === held && before.awaited === awaited
    if (!isKnown) {
      const next: Remembered = { state: found.state, since, held, awaited }
      const value = encode({ v: 1, ...next, awaited: awaited.map((head) => [head.size, head.since]) })
      this.remembered.set(log.origin, next)
      this.unwritten.set(log.origin, { type: 'put', key: rowOf(log), value })
    }
    return { state: found.state, since, why: found.why }
  }

  private judge(
    log: HeldLog,
    { now, held, awaited }: Seen,
  ): Omit<Standing, 'since'> & { readonly since?: number | undefined } {
    const { evidence, damages, refusalOf, stopOf } = this.parts
    const frozen = evidence.frozen(log.origin)
    if (frozen !== undefined) return { state: 'forked', since: frozen.at, why: whyFrozen(frozen) }
    // What this node alone can say of its copy comes after what is proven, and before what is only late.
    const damage = damages.errorOf(log.origin)
    if (damage !== undefined) return { state: 'damaged', why: damage.message }
    const refusal = refusalOf(log.origin)
    if (refusal !== undefined) return { state: 'stopped', why: whyStopped(refusal) }
    const stop = stopOf(log.origin, log.edge.size)
    if (stop !== undefined) return { state: 'stopped', since: stop.since, why: whyCapped(stop) }
    const size = sizeOf(log.complete)
    const { state, since, why } = stateOfLog(this.facts(log, { now, held, awaited }))
    if (state === 'retired') return { state, why: this.whyRetired(log.origin, why) }
    if (state !== 'ok') return { state, since: since === undefined ? undefined : since * 1_000, why }
    if (log.edge.size > size) {
      return {
        state: 'fetching',
        why: `${log.edge.size} entries are here, the newest whole head covers ${size}`,
      }
    }
    return size === 0 ? { state: 'empty', why: 'no head of it is held whole yet' } : { state, why }
  }

  private facts({ origin, complete }: HeldLog, { now, held, awaited }: Seen): LogFacts {
    const { cosigned, closedBy } = this.parts
    const size = sizeOf(complete)
    const quorumSize = cosigned.get(origin)?.quorum?.checkpoint.size
    const confirmedAt = cosigned.confirmedAt(origin)
    const closed = closedBy(origin)
    const [oldest] = awaited
    return {
      now: seconds(now),
      newest: size === 0 ? undefined : { size, time: seconds(held ?? now) },
      quorumHead:
        quorumSize === undefined || confirmedAt === undefined
          ? undefined
          : { size: quorumSize, time: confirmedAt },
      others: cosigned.othersOf(origin),
      seenElsewhere: oldest && { size: oldest.size, time: seconds(oldest.since) },
      frozen: undefined,
      closed: closed && { by: closed.origin, closing: closed.closing },
    }
  }

  private whyRetired(origin: string, why: string): string {
    const proofs = this.parts.evidence.byOrigin(origin).length
    if (proofs === 0) return why
    return `${why}; of its key, proofs of two histories are held (${proofs}), which freeze nothing any more`
  }

  private recall(log: HeldLog): Remembered | undefined {
    const known = this.remembered.get(log.origin)
    if (known !== undefined) return known
    const row = this.parts.store.getSync(rowOf(log))
    const read = row === undefined ? undefined : parse(row)
    const stored = read?.ok === true && isMap(read.value) ? readRow(read.value) : undefined
    if (stored !== undefined) this.remembered.set(log.origin, stored)
    return stored
  }
}

export function standingsOf(
  { database, logs, evidence, cosigned }: StandingsHome,
  node: Pick<StandingsParts, 'clock' | 'closedBy'> & {
    readonly network: { readonly verifier: Pick<StandingsParts, 'refusalOf' | 'stopOf'> }
  },
): Standings {
  return new Standings({
    clock: node.clock,
    store: database,
    logs,
    damages: logs.damages,
    evidence,
    cosigned,
    refusalOf: (origin) => node.network.verifier.refusalOf(origin),
    stopOf: (origin, size) => node.network.verifier.stopOf(origin, size),
    closedBy: (origin) => node.closedBy(origin),
  })
}

type StandingsHome = Pick<StandingsParts, 'logs' | 'evidence' | 'cosigned'> & { readonly database: KeyValue }

/** Heads whose entries are here go, the newest that was seen comes. The same list where nothing changed. */
function awaitedOf(
  before: readonly Awaited[],
  { edge, pending }: Pick<HeldLog, 'edge' | 'pending'>,
  now: number,
): readonly Awaited[] {
  const left = before.every(({ size }) => size > edge.size)
    ? before
    : before.filter(({ size }) => size > edge.size)
  const newest = sizeOf(pending)
  if (newest <= edge.size || (left.at(-1)?.size ?? 0) >= newest) return left
  const all = [...left, { size: newest, since: now }]
  return all.length <= AWAITED_MAX ? all : all.filter((_, at) => at % 2 === 0)
}

function rowOf({ number }: HeldLog): Uint8Array {
  return keyOf('standing', { log: number })
}

function readRow({ v, state, since, held, awaited }: MapValue): Remembered | undefined {
  const known = SHOWN_STATES.find((one) => one === state)
  if (v !== 1 || known === undefined || !isCount(since) || !isList(awaited)) return undefined
  if (held !== null && !isCount(held)) return undefined
  const heads = awaited.flatMap((one): readonly Awaited[] => {
    if (!isList(one) || one.length !== 2) return []
    const [size, seen] = one
    return isCount(size) && isCount(seen) ? [{ size, since: seen }] : []
  })
  return { state: known, since, held, awaited: heads }
}

function seconds(millis: number): number {
  return Math.floor(millis / 1_000)
}

function whyStopped({ index, fault }: Refusal): string {
  return `entry ${index} is not valid (${fault}); nothing after it is taken`
}

export function whyCapped({ fault, until }: Stop): string {
  const what = fault === 'cap-entries' ? 'entries' : 'bytes'
  const when = new Date(until).toISOString()
  return `its author added more ${what} than the charter lets it in a day; nothing more is taken before ${when}`
}

function whyFrozen({ proven: { sizes, commonSizeMax } }: Held): string {
  const heads = `sizes ${sizes[0]} and ${sizes[1]}`
  return `it signed two histories (${heads}, at most ${commonSizeMax} entries in common); nothing more of it is taken`
}

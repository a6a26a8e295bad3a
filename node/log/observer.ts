/**
 * Says once a day, in our own log, which heads of the others' logs we hold (DESIGN §4.7). What is stated there
 * stands under the cosignatures of everybody who cosigns us, and is never erased.
 *
 * When the last statement was made is written with the statement, in one batch: a crash neither doubles nor loses one.
 */
import { encode, parse } from '../../protocol/codec/cbor.ts'
import { parseEntry } from '../../protocol/codec/statement.ts'
import { isCount } from '../../protocol/codec/value.ts'
import { bytesOfText } from '../../protocol/bytes.ts'
import { type CharterState, parties } from '../../protocol/governance/charter.ts'
import { parseSignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { cosignersOf, type CosignedHead } from '../../protocol/log/cosigned-head.ts'
import { observedDocuments, type ObservedHead } from '../../protocol/record/observed.ts'
import type { Clock, KeyValue, Operation } from '../ports.ts'
import type { Logs } from '../store/logs.ts'
import { keyOf } from '../store/prefixes.ts'
import type { Content } from './composer.ts'
import { openLogOf } from './epochs.ts'

export type ObserverParts = {
  readonly clock: Clock
  readonly store: KeyValue
  readonly intervalMs: number
  /** When our log began, for a node that has not observed anything yet; undefined before it did. */
  readonly beganAt: () => number | undefined
  readonly heads: () => readonly ObservedHead[]
  readonly publish: (contents: readonly Content[]) => Promise<unknown>
}

/** Between two statements of a node that is told nothing else. */
const OBSERVE_INTERVAL_MS = 86_400_000

/** How often it is asked whether a statement is due: a node that was down states it within a minute. */
const CHECK_MS = 60_000

export class Observer {
  private readonly parts: ObserverParts
  private timer: NodeJS.Timeout | undefined
  // Written by `check` only.
  private checking: Promise<void> | undefined

  constructor(parts: ObserverParts) {
    this.parts = parts
  }

  start(): void {
    this.timer = setInterval(() => void this.check(), Math.min(CHECK_MS, this.parts.intervalMs))
    this.timer.unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.timer)
    await this.checking
  }

  /** States the heads if a statement is due. What fails is tried again at the next check; why it fails, `status` says. */
  check(): Promise<void> {
    this.checking ??= this.observe()
      .catch(() => undefined)
      .finally(() => (this.checking = undefined))
    return this.checking
  }

  private async observe(): Promise<void> {
    const { clock, intervalMs, heads, publish } = this.parts
    const now = clock.now()
    const last = (await this.lastAt()) ?? this.parts.beganAt()
    // A clock that was far ahead must not silence the node until that day comes.
    if (last === undefined || Math.abs(now - last) < intervalMs) return
    const documents = observedDocuments(heads())
    const contents = documents.map((document, index): Content => {
      const content = { kind: 'observed', public: document }
      return index === 0 ? { ...content, alongside: () => [stamp(now)] } : content
    })
    if (contents.length > 0) await publish(contents)
  }

  private async lastAt(): Promise<number | undefined> {
    const bytes = await this.parts.store.get(LAST)
    const read = bytes === undefined ? undefined : parse(bytes)
    return read?.ok === true && isCount(read.value) ? read.value : undefined
  }
}

type Parts = {
  readonly logs: Logs
  readonly database: KeyValue
  readonly origin: string
  readonly member: { readonly domain: string }
  readonly charter: CharterState
  /** The newest head of a log that a quorum confirmed, and who did. */
  readonly cosigned: {
    readonly get: (origin: string) => { readonly quorum: CosignedHead | undefined } | undefined
  }
}

/** The observer of an opened home. */
export function observerOf(
  { logs, database, origin, member, charter, cosigned }: Parts,
  how: Pick<ObserverParts, 'clock' | 'publish'> & { readonly intervalMs: number | undefined },
): Observer {
  const domains = parties(charter).map(({ domain }) => domain)
  const others = domains.filter((domain) => domain !== member.domain)
  return new Observer({
    clock: how.clock,
    publish: how.publish,
    intervalMs: how.intervalMs ?? OBSERVE_INTERVAL_MS,
    store: database,
    beganAt: () => beganAt(logs, origin),
    heads: () =>
      heldHeads(logs, others).map((head) =>
        confirmed(head, cosigned.get(head.origin)?.quorum, member.domain),
      ),
  })
}

/** Heads of the other members' open logs whose entries are all held and checked here. */
export function heldHeads(logs: Logs, domains: readonly string[]): readonly ObservedHead[] {
  return domains.flatMap((domain): readonly ObservedHead[] => {
    const note = openLogOf(logs, domain)?.complete
    const signed = note === undefined ? undefined : parseSignedCheckpoint(note)
    if (signed?.ok !== true || signed.value.checkpoint.size === 0) return []
    return [{ ...signed.value.checkpoint, as: 'holder', by: [] }]
  })
}

/** Where a quorum confirmed a head of the log, that one is stated, with those who did and our own part in it. */
function confirmed(held: ObservedHead, head: CosignedHead | undefined, own: string): ObservedHead {
  if (head === undefined) return held
  const mirrors = cosignersOf(head, 'mirror')
  const as = mirrors.has(own) ? 'mirror' : cosignersOf(head, 'witness').has(own) ? 'witness' : 'holder'
  return { ...head.checkpoint, as, by: [...mirrors.keys()].toSorted() }
}

/** What leaf 0 says of its time: an hour off at most. */
function beganAt(logs: Logs, origin: string): number | undefined {
  const log = logs.get(origin)
  const [bytes] = log === undefined || log.edge.size === 0 ? [] : logs.entries(log, 0, 1)
  const entry = bytes === undefined ? undefined : parseEntry(bytes)
  return entry?.ok === true ? entry.value.header.issuedAt * 1_000 : undefined
}

const LAST = keyOf('meta', bytesOfText('observed'))

function stamp(now: number): Operation {
  return { type: 'put', key: LAST, value: encode(now) }
}

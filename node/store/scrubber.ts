/**
 * The slow reading-again of everything stored: one bundle at a time, for as long as the node runs. A log died of one
 * flipped bit that nobody read for months (Yeti 2022); here it is found within the time of one round, named in
 * `status`, and mended by `candor doctor --repair` while other members still hold what is right.
 */
import { encode, parse } from '../../protocol/codec/cbor.ts'
import { isCount, isMap } from '../../protocol/codec/value.ts'
import type { KeyValue } from '../ports.ts'
import { bundlesOf } from './check.ts'
import type { Logs } from './logs.ts'
import { keyOf } from './prefixes.ts'

/** Between two bundles: a thousand entries a second at most, a few hundredths of one core. */
const PAUSE_MS = 250

/** Between two rounds, when everything was read. */
const REST_MS = 3_600_000

/** How often the place is written down, in bundles. A crash repeats no more than this. */
const REMEMBER_EVERY = 64

const PLACE = keyOf('upkeep', Uint8Array.of(1))

/** The bundle to read next, in the log with this number or the next larger one. */
type Place = { readonly log: number; readonly bundle: number }

const START: Place = { log: 0, bundle: 0 }

export class Scrubber {
  private readonly logs: Logs
  private readonly store: KeyValue
  private readonly onError: (error: unknown) => void
  // Written by `step` only.
  private place: Place | undefined
  private steps = 0
  private timer: NodeJS.Timeout | undefined
  private running: Promise<void> = Promise.resolve()

  constructor(logs: Logs, store: KeyValue, onError: (error: unknown) => void) {
    this.logs = logs
    this.store = store
    this.onError = onError
  }

  start(): void {
    this.wait(PAUSE_MS)
  }

  async stop(): Promise<void> {
    clearTimeout(this.timer)
    await this.running
    clearTimeout(this.timer)
  }

  /** Reads one bundle. Says whether the round goes on. */
  async step(): Promise<boolean> {
    const at = this.place ?? readPlace(await this.store.get(PLACE))
    const log = this.logs
      .all()
      .filter(({ number, edge }) => number >= at.log && edge.size > 0)
      .toSorted((a, b) => a.number - b.number)
      .find((one) => one.number > at.log || at.bundle < bundlesOf(one))
    if (log === undefined) {
      await this.remember(START)
      return false
    }
    const bundle = log.number === at.log ? at.bundle : 0
    await this.logs.check(log, bundle)
    this.place = { log: log.number, bundle: bundle + 1 }
    this.steps += 1
    if (this.steps % REMEMBER_EVERY === 0) await this.remember(this.place)
    return true
  }

  private async remember(place: Place): Promise<void> {
    this.place = place
    await this.store.batch([{ type: 'put', key: PLACE, value: encode(place) }], 'buffered')
  }

  private wait(ms: number): void {
    this.timer = setTimeout(() => {
      this.running = this.step().then(
        (goesOn) => this.wait(goesOn ? PAUSE_MS : REST_MS),
        (error: unknown) => {
          this.onError(error)
          this.wait(REST_MS)
        },
      )
    }, ms)
    this.timer.unref()
  }
}

function readPlace(stored: Uint8Array | undefined): Place {
  const read = stored === undefined ? undefined : parse(stored)
  if (read?.ok !== true || !isMap(read.value)) return START
  const { log, bundle } = read.value
  return isCount(log) && isCount(bundle) ? { log, bundle } : START
}

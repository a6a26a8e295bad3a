/**
 * Signed statements that have still to be logged: one `access` leaf each, appended in batches at times that do not
 * depend on any exchange, so that the logs tell that disclosures are accounted for and nothing more. Spec 06 §8.
 *
 * A statement enters the queue in the batch of the step that made it and leaves it in the batch that logs it: none is
 * lost and none is logged twice, wherever a crash falls.
 */
import { encode, parse, type Value } from '../../protocol/codec/cbor.ts'
import { isMap } from '../../protocol/codec/value.ts'
import type { Content } from '../log/composer.ts'
import type { Clock, KeyValue, Operation, Random, Sealer } from '../ports.ts'
import { after, keyOf, numberAt } from '../store/prefixes.ts'
import { SPACE } from './space.ts'
import type { TrailHead } from './trail.ts'

export type UnloggedParts = {
  readonly store: KeyValue
  readonly sealer: Sealer
  readonly random: Random
  readonly clock: Clock
  /** Mean time between two batches. */
  readonly everyMs: number
  /** False for somebody without a log: the member that discloses to it logs its statements. */
  readonly isKept: boolean
  readonly head: () => TrailHead
  /** Local number of our log. */
  readonly logNumber: () => number
  /** False while nothing may be signed, or for somebody without a log. */
  readonly mayPublish: () => boolean
  readonly publish: (contents: readonly Content[]) => Promise<unknown>
  readonly onError: (error: unknown) => void
}

/** Leaves of one batch; what is left comes with the next. */
const BATCH_MAX = 256

/** When the head of the trail was logged last. */
const HEAD_LOGGED = keyOf('disclosure', { byte: SPACE.unlogged }, { index: 0 })
const DAY_MS = 86_400_000

export class Unlogged {
  private readonly parts: UnloggedParts
  // The number of the next statement. Written by `open` and `put` only.
  private next = 1
  private timer: NodeJS.Timeout | undefined
  private running: Promise<void> | undefined

  constructor(parts: UnloggedParts) {
    this.parts = parts
  }

  async open(): Promise<void> {
    const start = keyOf('disclosure', { byte: SPACE.unlogged })
    const newest = { gte: start, lt: after(start), reverse: true, limit: 1 }
    for await (const [key] of this.parts.store.iterate(newest)) this.next = numberAt(key, 2, 6) + 1
  }

  start(): void {
    this.schedule()
  }

  async stop(): Promise<void> {
    clearTimeout(this.timer)
    await this.running
  }

  /** The row of a statement, to be written with the step that made it. */
  put(signed: Uint8Array): readonly Operation[] {
    if (!this.parts.isKept) return []
    const key = keyOf('disclosure', { byte: SPACE.unlogged }, { index: this.next })
    this.next += 1
    return [{ type: 'put', key, value: this.parts.sealer.seal(key, encode({ v: 1, access: signed })) }]
  }

  /** Logs what waits, if the head of the trail is due: what a trail that is handed over has to show is then in the log. */
  async flushIfDue(): Promise<void> {
    if (this.parts.isKept && (await this.headIfDue()).length > 0) await this.flush()
  }

  /** Logs what waits, now. */
  flush(): Promise<void> {
    this.running ??= this.log().finally(() => (this.running = undefined))
    return this.running
  }

  /** Anywhere within twice the mean: when something happened cannot be read off when it was logged. */
  private schedule(): void {
    const [a = 0, b = 0, c = 0] = this.parts.random.bytes(3)
    const share = (a * 65_536 + b * 256 + c) / 16_777_216
    this.timer = setTimeout(
      () => {
        this.flush()
          .catch(this.parts.onError)
          .finally(() => this.schedule())
      },
      2 * this.parts.everyMs * share,
    )
    this.timer.unref()
  }

  private async log(): Promise<void> {
    if (!this.parts.mayPublish()) return
    const contents = [...(await this.waiting()), ...(await this.headIfDue())]
    if (contents.length > 0) await this.parts.publish(contents)
  }

  private async waiting(): Promise<readonly Content[]> {
    const { store, sealer } = this.parts
    const start = keyOf('disclosure', { byte: SPACE.unlogged }, { index: 1 })
    const end = after(keyOf('disclosure', { byte: SPACE.unlogged }))
    const contents: Content[] = []
    for await (const [key, sealed] of store.iterate({ gte: start, lt: end, limit: BATCH_MAX })) {
      const read = parse(sealer.open(key, sealed))
      if (read.ok) contents.push(leaf(read.value, [{ type: 'del', key }]))
    }
    return contents
  }

  /** Once a day the head of the trail, in a leaf that looks like all the others. */
  private async headIfDue(): Promise<readonly Content[]> {
    const { store, clock, head } = this.parts
    const last = await store.get(HEAD_LOGGED)
    const read = last === undefined ? undefined : parse(last)
    const { size: known, at } = stampOf(read?.ok === true ? read.value : null)
    const { size, root } = head()
    const now = clock.now()
    if (size === known || Math.abs(now - at) < DAY_MS) return []
    const stamp: Operation = { type: 'put', key: HEAD_LOGGED, value: encode({ size, at: now }) }
    const place = (index: number): Operation => ({
      type: 'put',
      key: keyOf('disclosure', { byte: SPACE.head }, { log: this.parts.logNumber() }, { index }),
      value: encode(size),
    })
    return [{ ...leaf({ v: 1, trail: [size, root] }, []), alongside: (index) => [stamp, place(index)] }]
  }
}

function leaf(research: Value, operations: readonly Operation[]): Content {
  return { kind: 'access', public: undefined, research, alongside: () => operations }
}

function stampOf(value: Value): { readonly size: number; readonly at: number } {
  const { size, at } = isMap(value) ? value : {}
  return { size: typeof size === 'number' ? size : 0, at: typeof at === 'number' ? at : 0 }
}

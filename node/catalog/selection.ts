/** From the documents that have the terms to one page: versions, visibility, dates, order. Synchronous, over the columns alone. */
import { NONE, type Columns } from './columns.ts'
import { NO_MOMENT } from './moments.ts'
import type { Cursor, Plan } from './query.ts'

export type Selection = {
  readonly total: number
  readonly numbers: readonly number[]
  readonly hasMore: boolean
}

/**
 * The page of `candidates` that the plan asks for. Documents from `end` on have arrived since the query began and
 * are as if they were not there.
 */
export function select(
  columns: Columns,
  plan: Plan,
  candidates: Uint32Array | 'all',
  end: number,
): Selection {
  const shown = new Shown(columns, plan, end)
  const best = new Best(plan.limit + 1, (a, b) => columns.compare(a, b))
  let total = 0
  const count = candidates === 'all' ? end : candidates.length
  for (let at = 0; at < count; at++) {
    const number = candidates === 'all' ? at : (candidates[at] ?? 0)
    if (!isWithin(columns, plan, number) || !shown.has(number)) continue
    total += 1
    if (plan.after === undefined || isBehind(columns, number, plan.after)) best.offer(number)
  }
  const numbers = best.sorted()
  return {
    total,
    numbers: numbers.slice(0, plan.limit),
    hasMore: plan.limit > 0 && numbers.length > plan.limit,
  }
}

function isWithin(columns: Columns, { span }: Plan, number: number): boolean {
  if (span === undefined) return true
  const first = columns.first[number] ?? NO_MOMENT
  return first !== NO_MOMENT && first <= span.to && (columns.last[number] ?? NO_MOMENT) >= span.from
}

/** The order of `Columns.compare`, against a place that need not exist any more. */
function isBehind(columns: Columns, number: number, place: Cursor): boolean {
  const order =
    place.first - (columns.first[number] ?? 0) ||
    (columns.log[number] ?? 0) - place.log ||
    place.index - (columns.index[number] ?? 0)
  return order > 0
}

/** Which documents may be listed: visible, and without a newer version that is. */
class Shown {
  private readonly columns: Columns
  private readonly plan: Plan
  private readonly end: number
  // Whether some newer version is visible, for versions looked at. A record can have any number of them, so that
  // each is looked at once in a query.
  private readonly outdated = new Map<number, boolean>()

  constructor(columns: Columns, plan: Plan, end: number) {
    this.columns = columns
    this.plan = plan
    this.end = end
  }

  has(number: number): boolean {
    if (!this.isVisible(number)) return false
    return this.plan.versions === 'all' || !this.isOutdated(number)
  }

  private isVisible(number: number): boolean {
    if (number >= this.end) return false
    const { visible } = this.plan
    return visible === undefined || visible(this.columns.log[number] ?? 0, this.columns.index[number] ?? 0)
  }

  private isOutdated(number: number): boolean {
    const { newer } = this.columns
    const passed: number[] = []
    let at = number
    let outdated = false
    for (;;) {
      const next = newer[at] ?? NONE
      if (next === NONE) break
      const known = this.outdated.get(at)
      if (known !== undefined) {
        outdated = known
        break
      }
      passed.push(at)
      if (this.isVisible(next)) {
        outdated = true
        break
      }
      at = next
    }
    for (const one of passed) this.outdated.set(one, outdated)
    return outdated
  }
}

/** The first `size` of what is offered, in order: a heap whose root is the last of them. */
class Best {
  private readonly size: number
  private readonly compare: (a: number, b: number) => number
  private readonly heap: number[] = []

  constructor(size: number, compare: (a: number, b: number) => number) {
    this.size = size
    this.compare = compare
  }

  offer(number: number): void {
    if (this.heap.length < this.size) {
      this.heap.push(number)
      this.rise(this.heap.length - 1)
    } else if (this.compare(number, this.at(0)) < 0) {
      this.heap[0] = number
      this.sink(0)
    }
  }

  sorted(): readonly number[] {
    return this.heap.toSorted(this.compare)
  }

  private at(place: number): number {
    return this.heap[place] ?? 0
  }

  private rise(from: number): void {
    let place = from
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (this.compare(this.at(place), this.at(parent)) <= 0) return
      this.swap(place, parent)
      place = parent
    }
  }

  private sink(from: number): void {
    let place = from
    for (;;) {
      const left = place * 2 + 1
      const right = left + 1
      if (left >= this.heap.length) return
      const child = right < this.heap.length && this.compare(this.at(right), this.at(left)) > 0 ? right : left
      if (this.compare(this.at(child), this.at(place)) <= 0) return
      this.swap(place, child)
      place = child
    }
  }

  private swap(a: number, b: number): void {
    const kept = this.at(a)
    this.heap[a] = this.at(b)
    this.heap[b] = kept
  }
}

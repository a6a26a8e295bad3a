/** What was found damaged in the store and is not whole again yet. `status` shows it; nothing named here is served as good. */
import { NodeError } from '../errors.ts'

export type DamagedThing = 'log' | 'entry' | 'tile' | 'part' | 'head' | 'row'

export type Damage = {
  readonly origin: string
  readonly what: DamagedThing
  /** The first entry it concerns; undefined for what has no place in the log. */
  readonly index: number | undefined
  /** A clause: what is wrong. */
  readonly why: string
}

/** Damages remembered of one log; a lost disk has thousands, and repairing begins with the first. */
export const DAMAGES_MAX = 100

export class Damages {
  // By origin, in the order found. Written by `add` and `clear` only.
  private readonly found = new Map<string, readonly Damage[]>()
  private readonly onFound: (damage: Damage) => void

  constructor(onFound: (damage: Damage) => void = () => undefined) {
    this.onFound = onFound
  }

  add(damage: Damage): void {
    const known = this.found.get(damage.origin) ?? []
    const isKnown = known.some(({ what, index }) => what === damage.what && index === damage.index)
    if (isKnown || known.length >= DAMAGES_MAX) return
    this.found.set(damage.origin, [...known, damage])
    this.onFound(damage)
  }

  of(origin: string): readonly Damage[] {
    return this.found.get(origin) ?? []
  }

  all(): readonly Damage[] {
    return [...this.found.values()].flat()
  }

  /** One error for each log that is damaged. */
  errors(): readonly NodeError[] {
    return [...this.found.keys()].flatMap((origin) => this.errorOf(origin) ?? [])
  }

  /** Forgets what was found of a log, or of one kind of thing in it, once it is whole again. */
  clear(origin: string, what?: DamagedThing): void {
    const rest = what === undefined ? [] : this.of(origin).filter((damage) => damage.what !== what)
    if (rest.length > 0) this.found.set(origin, rest)
    else this.found.delete(origin)
  }

  /** Why a log must not be written on, or undefined when nothing in it is known to be damaged. */
  errorOf(origin: string): NodeError | undefined {
    const [first, ...others] = this.of(origin)
    if (first === undefined) return undefined
    const more = others.length === 0 ? '' : `, and ${others.length} more`
    return damageError(`${sentenceOf(first)}${more}`)
  }
}

export function sentenceOf({ origin, what, index, why }: Damage): string {
  if (what === 'log') return why
  const place =
    index === undefined ? '' : what === 'entry' || what === 'part' ? ` ${index}` : ` at entry ${index}`
  const names = { entry: 'entry', tile: 'a hash tile', part: 'the public part of entry' }
  const name = what === 'head' ? 'the signed head' : what === 'row' ? 'an index row' : names[what]
  return `the stored log ${origin} is damaged: ${name}${place}: ${why}`
}

export function damageError(message: string): NodeError {
  return new NodeError('STORE_DAMAGED', message, { fix: 'candor doctor --repair' })
}

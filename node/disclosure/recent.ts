/** How many requests each key made lately, for the rate of the policy: times only, in memory, read back at start. */
import { printHex } from '../../protocol/bytes.ts'

/** Keys that are remembered. Each has standing, or its requests would not be counted. */
const KEYS_MAX = 65_536
/** Requests of one key that are remembered: no policy allows more within its span. */
const TIMES_MAX = 10_000

export class Recent {
  private readonly byKey = new Map<string, { readonly id: string; readonly at: number }[]>()

  note(requester: Uint8Array, id: Uint8Array, at: number): void {
    const key = printHex(requester)
    const name = printHex(id)
    const times = this.byKey.get(key) ?? []
    // A request whose entry could not be written comes again, and is still one.
    if (!times.some((one) => one.id === name)) times.push({ id: name, at })
    if (times.length > TIMES_MAX) times.shift()
    // The key that is used again moves to the end; the one that was silent longest is forgotten.
    this.byKey.delete(key)
    this.byKey.set(key, times)
    if (this.byKey.size > KEYS_MAX) this.byKey.delete(this.byKey.keys().next().value ?? key)
  }

  /** Requests of this key since a moment, other than this one. */
  count(requester: Uint8Array, id: Uint8Array, since: number): number {
    const name = printHex(id)
    const times = this.byKey.get(printHex(requester)) ?? []
    return times.filter((one) => one.at > since && one.id !== name).length
  }
}

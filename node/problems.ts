/** What went wrong lately, for whoever looks after the node: bad input and bans, the newest last. */
import type { Clock } from './ports.ts'

/** Bad input: what, from whom, and who answers for it. */
export type RefusedInput = {
  readonly peer: string
  readonly origin: string | undefined
  readonly blame: 'sender' | 'author'
  readonly fault: string
  readonly index: number | undefined
}

export type Problem = RefusedInput & { readonly at: number }

/** Problems kept for `status`. */
const PROBLEMS_MAX = 64

export class Problems {
  private readonly clock: Clock
  private readonly noted: Problem[] = []

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** Notes it; the same again replaces what was said last. */
  note(refusal: RefusedInput): void {
    const last = this.noted.at(-1)
    const isSame =
      last?.origin === refusal.origin && last?.peer === refusal.peer && last?.fault === refusal.fault
    if (isSame) this.noted.pop()
    this.noted.push({ ...refusal, at: this.clock.now() })
    if (this.noted.length > PROBLEMS_MAX) this.noted.shift()
  }

  list(): readonly Problem[] {
    return this.noted
  }
}

/** A peer that was cut off, as input that was refused. */
export function banned(peer: string, reason: string): RefusedInput {
  return { peer, origin: undefined, blame: 'sender', fault: `banned: ${reason}`, index: undefined }
}

/** A member whose answer to a request to cosign has a line that its own key did not sign. */
export function falseCosignature(peer: string, origin: string): RefusedInput {
  const fault = 'a cosignature in its own name that its key did not sign'
  return { peer, origin, blame: 'sender', fault, index: undefined }
}

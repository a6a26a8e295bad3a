/**
 * Publishing: content becomes statements of ours and goes to the appender; drafts wait in the outbox until
 * their hold ends, and can be cancelled until then. DESIGN §6.
 */
import { NodeError } from '../errors.ts'
import type { Clock } from '../ports.ts'
import type { Draft, Drafts, Held } from '../store/drafts.ts'
import { isOutdated } from './admission.ts'
import type { Appender, Placed } from './appender.ts'
import { composeMany, type Composed, type ComposerParts, type Content } from './composer.ts'

export type Published = Placed & { readonly record: Uint8Array; readonly version: number }

export type PublisherParts = {
  readonly clock: Clock
  readonly drafts: Drafts
  /** Throws READ_ONLY while nothing may be signed. */
  readonly appender: () => Appender
  readonly composer: () => ComposerParts
  /** Throws while a draft may not leave: the linter, limits, persons. */
  readonly admit: (draft: Draft) => void
  /** Hears why a draft stays here after its time in the outbox. */
  readonly onKept: (error: unknown) => void
}

/** How often the outbox is looked at. */
const OUTBOX_TICK_MS = 1_000

/** Keys are retired by hand, one at a time: a second retirement in the way of one publication is chance, a fifth is none. */
const SIGNING_TRIES_MAX = 4

export class Publisher {
  private readonly parts: PublisherParts
  private timer: NodeJS.Timeout | undefined
  // Whether a look at the outbox is under way. Written by `releaseDue` only.
  private isLooking = false

  constructor(parts: PublisherParts) {
    this.parts = parts
  }

  start(): void {
    this.timer = setInterval(() => void this.releaseDue().catch(() => undefined), OUTBOX_TICK_MS)
    this.timer.unref()
  }

  stop(): void {
    clearInterval(this.timer)
  }

  /** Puts content into the log at once. Answers when a durable, signed head covers all of it. */
  async publish(contents: readonly Content[]): Promise<readonly Published[]> {
    for (let tries = 1; ; tries++) {
      const appender = this.parts.appender()
      const composed = await composeMany(this.parts.composer(), contents)
      try {
        return placed(composed, await appender.append(composed))
      } catch (error) {
        // The key was retired between signing and writing: nothing was written, and the new one signs it.
        if (!isOutdated(error) || tries === SIGNING_TRIES_MAX) throw error
      }
    }
  }

  /** Publishes a stored draft now, or holds it in the outbox for that long. */
  async publishDraft(record: Uint8Array, holdSeconds: number): Promise<Published | Held> {
    this.parts.appender()
    if (holdSeconds === 0) return this.release(record)
    return this.parts.drafts.alone(record, async (draft) => {
      this.parts.admit(draft)
      const held = { record, until: this.parts.clock.now() + holdSeconds * 1_000 }
      await this.parts.drafts.hold(held)
      return held
    })
  }

  private async releaseDue(): Promise<void> {
    if (this.isLooking) return
    this.isLooking = true
    try {
      const now = this.parts.clock.now()
      for (const { record, until } of await this.parts.drafts.held()) {
        if (until > now) continue
        const draft = await this.parts.drafts.get(record)
        if (draft !== undefined && (await this.mayLeave(draft))) await this.release(record)
      }
    } finally {
      this.isLooking = false
    }
  }

  /** What was true when it was published may not be any more: a word on the blocklist, a limit. Then it is a draft again. */
  private async mayLeave(draft: Draft): Promise<boolean> {
    try {
      this.parts.admit(draft)
      return true
    } catch (error) {
      await this.parts.drafts.cancel(draft.record)
      this.parts.onKept(error)
      return false
    }
  }

  private release(wanted: Uint8Array): Promise<Published> {
    const { drafts } = this.parts
    return drafts.alone(wanted, async (draft) => {
      this.parts.admit(draft)
      const { record, version, kind, on, partner, research } = draft
      const [published] = await this.publish([
        {
          kind,
          record,
          version,
          public: draft.public,
          ...(on === undefined ? {} : { on }),
          ...(partner === undefined ? {} : { partner }),
          ...(research === undefined ? {} : { research }),
          alongside: () => [...drafts.trailOperations(draft), ...drafts.removeOperations(record)],
        },
      ])
      if (published === undefined) throw new NodeError('CONFLICT', 'the draft was not placed')
      return published
    })
  }
}

function placed(composed: readonly Composed[], places: readonly Placed[]): readonly Published[] {
  return composed.flatMap(({ record, version }, index) => {
    const place = places[index]
    return place === undefined ? [] : [{ ...place, record, version }]
  })
}

/** The check of drafts as the local API shows and takes it. No finding carries the words it is about. */

export type CheckView = {
  readonly id: string
  /** Whether publishing would go through. */
  readonly passes: boolean
  readonly findings: readonly FindingView[]
  readonly audience: readonly AudienceView[]
}

export type FindingView = {
  readonly rule: string
  readonly severity: 'block' | 'ask'
  readonly tier: string
  readonly path: string
  readonly line: number
  readonly column: number
  readonly length: number
  /** Let pass: why, and by whom. */
  readonly suppressed?: { readonly reason: string; readonly by: string }
}

/** Who could come to read how many words. */
export type AudienceView = {
  readonly tier: string
  readonly words: number
  readonly readers: readonly string[]
}

export type SuppressionOptions = {
  readonly rule: string
  readonly tier: string
  readonly path: string
  readonly reason: string
  readonly by: string
}

export type CheckService = {
  readonly checkDraft: (id: string) => Promise<CheckView>
  readonly suppress: (id: string, options: SuppressionOptions) => Promise<CheckView>
}

/** The check of drafts as the local API shows and takes it. No finding carries the words it is about. */
import type { Tier } from '../../protocol/codec/part.ts'

export type CheckView = {
  readonly id: string
  /** Whether nothing blocks. */
  readonly passes: boolean
  /** Findings that ask and that nobody answered: whoever publishes has to say yes to each. */
  readonly asks: number
  /** Faults of the schema and contradictions, each with its place. */
  readonly problems: readonly string[]
  readonly findings: readonly FindingView[]
  readonly audience: readonly AudienceView[]
  /** Operators who stand behind it as it is. */
  readonly approvals: readonly ApprovalView[]
}

export type ApprovalView = { readonly act: 'publish' | 'approve'; readonly by: string; readonly at: string }

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
  /** Who lets it pass, where the node names no operators. */
  readonly by: string
}

/** A place at which a finding asks, which was shown to somebody who said yes. */
export type ConfirmedPlace = Pick<SuppressionOptions, 'rule' | 'tier' | 'path'>

export type PublishOptions = {
  /** The deepest part that is meant to go: a draft with a deeper one, or without it, is refused. */
  readonly tier?: Tier
  readonly confirmed?: readonly ConfirmedPlace[]
  /** Who publishes, where the node names no operators. */
  readonly by?: string
}

/** How a record came to be published. It stays with its author. */
export type PublicationTrailView = {
  readonly id: string
  readonly version: number
  readonly suppressed: readonly (SuppressionOptions & { readonly at: string })[]
  readonly approvals: readonly ApprovalView[]
}

/** `token` says which operator asks; over the socket it comes with the connection. */
export type CheckService = {
  readonly checkDraft: (id: string) => Promise<CheckView>
  readonly suppress: (id: string, options: SuppressionOptions, token?: string) => Promise<CheckView>
  readonly approve: (id: string, confirmed: readonly ConfirmedPlace[], token?: string) => Promise<CheckView>
  readonly publicationTrail: (id: string) => Promise<PublicationTrailView>
}

/** Escrow as the local API shows and takes it: deposits of ours, deposits that we hold, and what is recovered. */

export type EscrowHolderView = {
  readonly domain: string
  /** Of ours: waiting, held, refused, erased or none. Of others: own, gathered, pending, or what it answered. */
  readonly state: string
  readonly why?: string
}

export type EscrowView = {
  readonly id: string
  readonly side: 'ours' | 'kept'
  /** Of ours: waiting, held or erased. Of others: held, recovering, recovered, erased or false. */
  readonly state: string
  readonly why?: string
  readonly owner: string
  readonly record: string
  readonly version: number
  readonly tier: string
  /** Shares that open it. */
  readonly threshold: number
  readonly afterDays: number
  readonly at: string
  readonly holders: readonly EscrowHolderView[]
  /** Of others: since when the owner is silent, from when a share may go, and why none may go now. */
  readonly silence?: { readonly since: string; readonly until: string; readonly refusal?: string }
  /** Who asked for our share, with their words, and to whom a person released it. */
  readonly called: readonly { readonly domain: string; readonly at: string; readonly reason: string }[]
  readonly released: readonly {
    readonly domain: string
    readonly at: string
    readonly by: string
    readonly reason: string
  }[]
  /** Shares that are here, our own included. */
  readonly shares: number
}

export type EscrowsView = {
  /** What the operator set; absent while escrow is off. */
  readonly settings?: {
    readonly threshold: number
    readonly holders: readonly string[]
    readonly afterDays: number
    readonly tiers: readonly string[]
  }
  /** Why what was published is not in escrow yet. */
  readonly trouble?: string
  readonly deposits: readonly EscrowView[]
}

/** What is not said is as the operator set it. */
export type EscrowOptions = {
  readonly tiers?: readonly ('partner' | 'research')[]
  readonly threshold?: number
  readonly holders?: readonly string[]
  readonly afterDays?: number
}

export type EscrowReleaseOptions = { readonly to: string; readonly by: string; readonly reason: string }
export type EscrowRecoveryOptions = { readonly by: string; readonly reason: string }

/** A part that was recovered, after it was checked again. */
export type RecoveredView = {
  readonly escrow: EscrowView
  readonly document: unknown
  readonly verdict: string
}

export type EscrowService = {
  readonly escrows: () => Promise<EscrowsView>
  readonly escrow: (id: string) => Promise<EscrowView>
  /** Puts the restricted parts of a record of ours into escrow. */
  readonly addEscrow: (record: string, options: EscrowOptions) => Promise<readonly EscrowView[]>
  readonly releaseEscrow: (id: string, options: EscrowReleaseOptions) => Promise<EscrowView>
  readonly recoverEscrow: (id: string, options: EscrowRecoveryOptions) => Promise<EscrowView>
  readonly recoveredPart: (id: string) => Promise<RecoveredView>
}

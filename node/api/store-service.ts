/** The stored logs as the local API checks and repairs them. */

export type DamageView = {
  readonly origin: string
  readonly what: 'log' | 'entry' | 'tile' | 'part' | 'head' | 'row' | 'sealed' | 'cosignature' | 'cosigner'
  /** The first entry it concerns. */
  readonly index?: number
  readonly why: string
}

export type StoreCheck =
  | { readonly event: 'reading'; readonly origin: string; readonly entries: number; readonly of: number }
  | ({ readonly event: 'damaged' } & DamageView)
  | { readonly event: 'checked'; readonly logs: number; readonly entries: number; readonly damaged: number }

export type StoreRepair =
  | { readonly event: 'repairing'; readonly origin: string }
  | {
      readonly event: 'repaired'
      readonly origin: string
      readonly size: number
      /** Entries that came from other members, and rows that were written anew. */
      readonly fetched: number
      readonly written: number
    }
  /** What a cosigner of ours stated last is not known: its keys cosign nothing again, and a new one is needed. */
  | { readonly event: 'given-up'; readonly role: 'witness' | 'mirror'; readonly fix: string }
  | { readonly event: 'unrepaired'; readonly origin: string; readonly why: string; readonly fix?: string }
  | { readonly event: 'done'; readonly repaired: number; readonly unrepaired: number }

export type StoreService = {
  /** Reads everything that is stored again, now. */
  readonly checkStore: () => AsyncIterable<StoreCheck>
  /** Mends every log that is known to be damaged. */
  readonly repairStore: () => AsyncIterable<StoreRepair>
}

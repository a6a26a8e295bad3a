/** Disclosure as the local API shows and takes it: requests of ours, requests to us, and what was decided. */
import type { DraftView } from './service.ts'

export type RequestOptions = {
  /** Record id, or a unique beginning of it. */
  readonly record: string
  readonly author?: string | undefined
  readonly version?: number | undefined
  readonly tier: 'partner' | 'research'
  /** Beginnings of paths, or the whole part when absent. */
  readonly items?: readonly (readonly (string | number)[])[] | undefined
  readonly purpose: string
  readonly justification: string
  readonly recipients: readonly string[]
  /** Days for which it is wanted. */
  readonly days: number
  /** Hexadecimal digest of the terms accepted; those of the public marking when absent. */
  readonly terms?: string | undefined
}

export type AskedView = {
  readonly id: string
  readonly state: string
  readonly why?: string
  /** What the owner wrote beside a denial or a revocation. */
  readonly note?: string
  readonly owner: string
  readonly record: string
  readonly version: number
  readonly tier: string
  readonly items: readonly (readonly (string | number)[])[] | null
  readonly purpose: string
  readonly justification: string
  readonly recipients: readonly string[]
  /** Days for which it was asked. */
  readonly days: number
  readonly at: string
  /** When a grant ends, and whether that is past. */
  readonly until?: string
  readonly over: boolean
  /** The terms that hold, where others were accepted. */
  readonly terms?: TermsView
  /** Statements that its author made on the record since. */
  readonly changes: readonly string[]
  /** Acknowledgements that the owner does not have yet. */
  readonly owed: number
}

export type TermsView = { readonly digest: string; readonly marking: unknown; readonly text: string }

/** What was received, after it was checked again. */
export type ReceivedView = {
  readonly request: AskedView
  readonly kind: 'whole' | 'items' | 'redaction'
  readonly document?: unknown
  readonly items?: readonly { readonly path: readonly (string | number)[]; readonly value: unknown }[]
  /** The verdict in words, and what it does not prove. */
  readonly verdict: string
}

export type CaseView = {
  readonly id: string
  readonly state: string
  readonly at: string
  readonly requester: RequesterView
  readonly record: string
  readonly version: number
  readonly tier: string
  readonly items: readonly (readonly (string | number)[])[] | null
  readonly purpose: string
  readonly justification: string
  readonly recipients: readonly string[]
  readonly until: string
  readonly grantUntil?: string
  readonly reason?: string
  readonly acks: number
  /** Files of which blocks were sent, and how many of them the reader never said to hold whole. */
  readonly files?: { readonly sent: number; readonly unconfirmed: number }
  readonly appeal?: string
}

export type RequesterView = {
  /** The member, or the body that answers for an accredited researcher. */
  readonly name: string
  readonly kind: 'member' | 'researcher' | 'unknown'
  readonly keyId: string
}

export type RulingOptions =
  | {
      readonly outcome: 'allow'
      readonly by: string
      readonly days?: number | undefined
      readonly rules?: unknown
      /** Whether the files it names are made for this reader alone. */
      readonly mark?: boolean | undefined
    }
  | {
      readonly outcome: 'deny'
      readonly by: string
      readonly reason: string
      readonly note?: string | undefined
    }

export type TrailView = {
  readonly index: number
  readonly side: 'owner' | 'reader' | 'escrow'
  readonly step: string
  readonly at: string
  readonly request: string
  readonly facts: unknown
  /** Blocks were to be sent, and their reader never said that it holds the file: they may have left. */
  readonly unconfirmed?: boolean
}

export type TrailPage = {
  readonly size: number
  readonly root: string
  readonly entries: readonly TrailView[]
}

export type ReachView = {
  readonly record: string
  /** Holders of a receipt. */
  readonly holders: number
  /** Of these, how many acknowledged every change. */
  readonly acknowledged: number
  readonly changes: readonly {
    readonly kind: string
    readonly index: number
    readonly acknowledged: number
  }[]
  readonly missing: readonly RequesterView[]
  /** Of an erased public part: which other members deleted it. Every member held it. */
  readonly copies?: {
    readonly index: number
    readonly erased: readonly string[]
    readonly open: readonly string[]
  }
}

export type ErasureOptions = {
  readonly tiers: readonly ('public' | 'partner' | 'research')[]
  readonly basis: string
}

export type ErasureView = {
  readonly record: string
  readonly versions: number
  readonly tiers: readonly string[]
}

export type PolicyView = {
  readonly text: string
  readonly digest: string
  readonly fault?: string
  readonly rules: number
}

export type RedactionOptions = {
  /** As `protocol/redaction/rules.ts` reads them. */
  readonly rules: unknown
  /** Of a record; its partner part where it has one, when nothing is said. */
  readonly tier?: 'partner' | 'research' | undefined
}

export type RedactedItem = {
  readonly path: readonly (string | number)[]
  readonly outcome: 'shown' | 'changed' | 'withheld'
  readonly before: unknown
  /** What stands instead, where it was changed. */
  readonly after?: unknown
  /** The rule by which it is not shown as it is. */
  readonly by?: { readonly rule: string; readonly transform: string; readonly reason: string }
}

/** What rules would let through of our own part. It stays here: nobody else is shown it. */
export type RedactionView = {
  readonly of: 'draft' | 'record'
  readonly id: string
  readonly version: number
  /** The part that was redacted. */
  readonly tier: 'partner' | 'research'
  readonly items: readonly RedactedItem[]
  /** Whether the draft has a partner part that a derived one would replace. */
  readonly replaces: boolean
}

/** Which disclosures; all that is given must fit, and something must be. */
export type DisclosureSelection = {
  /** Record id of ours, or a unique beginning of it. */
  readonly record?: string
  /** Whoever asked, by name or key id, or an organisation that was named as a reader. */
  readonly party?: string
  readonly purpose?: string
  /** A text in the title of the record or in the justification, whatever its case. */
  readonly matching?: string
}

export type AccessService = {
  readonly requestDetail: (options: RequestOptions) => Promise<AskedView>
  readonly requests: () => Promise<readonly AskedView[]>
  readonly request: (id: string) => Promise<AskedView>
  /** Goes on with it now, and gives what was received. */
  readonly fetchDetail: (id: string) => Promise<ReceivedView>
  readonly appeal: (id: string, reason: string) => Promise<AskedView>
  readonly cases: (state: string | undefined) => Promise<readonly CaseView[]>
  readonly case: (id: string) => Promise<CaseView>
  readonly rule: (id: string, ruling: RulingOptions) => Promise<CaseView>
  readonly revoke: (id: string, reason: string, note: string | undefined, by?: string) => Promise<CaseView>
  readonly trail: (from: number, count: number) => Promise<TrailPage>
  /** The whole trail as a file for a mandated auditor. */
  readonly trailFile: () => Promise<string>
  /** JSON lines: the selected disclosures with every statement as it was signed. */
  readonly disclosureFile: (selection: DisclosureSelection) => Promise<string>
  /** Deletes restricted parts of all versions of a record of ours, here and at every holder. */
  readonly erase: (record: string, options: ErasureOptions) => Promise<ErasureView>
  readonly previewRedaction: (id: string, options: RedactionOptions) => Promise<RedactionView>
  /** Derives the partner part of a draft from its research part. */
  readonly writePartner: (draft: string, rules: unknown) => Promise<DraftView>
  readonly reach: (record: string) => Promise<ReachView>
  readonly disclosurePolicy: () => Promise<PolicyView>
  /** What a policy would be; nothing is changed. */
  readonly checkDisclosurePolicy: (text: string) => Promise<PolicyView>
  readonly putDisclosurePolicy: (text: string) => Promise<PolicyView>
}

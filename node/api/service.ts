/**
 * What the local API can ask of a node. Routes are thin over it; a fake one stands in tests. All values are what
 * goes over the socket: texts, numbers, base64, and JSON views of documents with bytes as base64url.
 */
import type { Upload } from '../interop/upload.ts'
import type { AccessService } from './access-service.ts'
import type { AccreditationService } from './accreditation-service.ts'
import type { CheckService, PublishOptions } from './check-service.ts'
import type { DataSetService } from './data-set-service.ts'
import type { EscrowService } from './escrow-service.ts'
import type { KeyService } from './key-service.ts'
import type { StoreService } from './store-service.ts'

export type HeadView = { readonly origin: string; readonly size: number; readonly root: string }

export type LogView = HeadView & {
  readonly domain: string
  /** Entries held here; more than `size` while the rest of a newer head is fetched. */
  readonly held: number
  readonly own: boolean
  readonly state:
    'ok' | 'fetching' | 'stopped' | 'damaged' | 'empty' | 'forked' | 'stale' | 'withheld' | 'retired'
  readonly why: string
  /** Since when it is so, as far as this node looked. */
  readonly since: string
  readonly confirmed: ConfirmationView
  /** The proof that froze this log, where there is one. */
  readonly frozen?: { readonly since: string; readonly proof: string; readonly commonSizeMax: number }
}

/** What other members say of a log's head. */
export type ConfirmationView = {
  /** Other members that could confirm it. Of none, nobody can: it is its author's word alone. */
  readonly others: number
  /** Mirrors of other members that a quorum takes. */
  readonly needed: number
  /** Mirrors and witnesses that cosigned the newest head. */
  readonly mirrors: number
  readonly witnesses: number
  /** The newest head that a quorum confirmed, and when it last did. */
  readonly quorum: { readonly size: number; readonly at: string } | null
  /** Witnesses outside that the charter names: how many cosigned the newest head, of how many, and how many it asks for. */
  readonly outside?: { readonly cosigned: number; readonly of: number; readonly needed: number }
}

/** How it stands between this node and a witness outside that the charter names. */
export type OutsideView = {
  readonly name: string
  readonly url: string
  /** The last head of our log that it cosigned since the node started. */
  readonly cosigned?: { readonly size: number; readonly at: string }
  readonly failing?: { readonly why: string; readonly since: string; readonly nextAt: string }
}

/** A proof of equivocation that this node holds, or what a file proves. */
export type ProofView = {
  readonly id: string
  readonly kind: 'size' | 'tree' | 'leaf' | 'cosigner'
  /** Whom it convicts: a log, which is frozen, or a cosigner, whose lines count no more. */
  readonly convicts: 'log' | 'witness' | 'mirror' | 'outside'
  /** Of a log: false when its author had closed it at a head that others confirmed, so that nothing is frozen. */
  readonly freezes?: boolean
  readonly domain: string
  /** The key that signed both, as a C2SP verifier key. */
  readonly subject: string
  readonly origin: string
  /** The two heads that exclude each other. */
  readonly heads: readonly [HeadView, HeadView]
  /** The two histories share at most this many first entries. */
  readonly commonSizeMax: number
  /** When the cosigner signed each, in seconds since 1970. */
  readonly times?: readonly [number, number]
  readonly since?: string
  readonly source?: string
}

export type AddedProofView = { readonly state: 'new' | 'known' | 'checked'; readonly proof: ProofView }

/** What came of a bundle that was given to the node. */
export type AddedBundleView = {
  /** All that is held against the logs and cosigners in it. */
  readonly proofs: readonly AddedProofView[]
  /** Heads that agree with what is held; that are kept until their entries come; and what says nothing here. */
  readonly heads: { readonly agree: number; readonly wait: number; readonly passedOver: number }
}

export type Notice = { readonly code: string; readonly message: string; readonly fix?: string }

/** Why a node signs nothing; `code` is that of the error with which it answers whatever would sign. */
export type ReadOnlyView = {
  readonly since: string
  readonly code: string
  readonly why: string
  readonly fix?: string
}

export type StatusView = {
  readonly member: { readonly domain: string; readonly name: string; readonly sector: string }
  readonly network: { readonly id: string; readonly name: string; readonly members: number }
  readonly state: 'ok' | 'recovering' | 'read-only'
  readonly readOnly?: ReadOnlyView
  readonly log: LogView
  readonly logs: readonly LogView[]
  readonly peers: { readonly connected: number; readonly members: number }
  /** Where the charter names witnesses outside. */
  readonly outside?: readonly OutsideView[]
  readonly drafts: number
  readonly outbox: number
  readonly problems: readonly Notice[]
  readonly version: string
  readonly pid: number
  readonly startedAt: string
}

export type PeerView = {
  readonly domain: string
  readonly peerId: string
  readonly state: 'connected' | 'dialling' | 'unreachable' | 'refused'
  readonly protocol: 'same-protocol' | 'newer-protocol' | 'another-network' | 'unknown'
  readonly since: string
  readonly addresses: readonly string[]
  readonly score: number
  readonly failure?: string
  /** What was left out at the last exchange, and why. */
  readonly skipped: readonly { readonly origin: string; readonly reason: string }[]
}

export type WhoAmIView = {
  readonly domain: string
  readonly name: string
  readonly sector: string
  readonly peerId: string
  readonly networkId: string
  readonly origin: string
  readonly addresses: readonly string[]
  readonly keys: readonly {
    readonly purpose: string
    readonly keyId: string
    /** Of keys that sign heads: as a C2SP verifier key, for whoever runs a witness or a log elsewhere. */
    readonly vkey?: string
  }[]
}

export type RecordQuery = {
  readonly kind?: string
  readonly sector?: string
  readonly harm?: string
  readonly from?: string
  readonly to?: string
  readonly text?: string
  readonly author?: string
  readonly status?: string
  readonly limit: number
  readonly cursor?: string
}

export type RecordRow = {
  readonly record: string
  readonly author: string
  readonly origin: string
  readonly index: number
  readonly version: number
  readonly kind: string
  readonly title: string
  readonly summary: string
  readonly occurred?: string
  readonly sectors: readonly string[]
  readonly harms: readonly string[]
  readonly disputes: number
  readonly retracted: boolean
  readonly marks: readonly string[]
}

export type RecordPage = {
  readonly heads: readonly HeadView[]
  readonly total: number
  readonly items: readonly RecordRow[]
  readonly next?: string
}

export type StatementView = {
  readonly author: string
  readonly origin: string
  readonly index: number
  readonly kind: string
  readonly record: string
  readonly version: number
  readonly issuedAt: string
  readonly statementId: string
  readonly leaf: string
  readonly keyId: string
  readonly document: unknown
  readonly marks: readonly string[]
}

export type RecordDetail = {
  readonly record: string
  readonly author: string
  readonly versions: readonly StatementView[]
  /** Disputes and retractions first. */
  readonly attestations: readonly StatementView[]
  readonly tiers: readonly {
    readonly tier: string
    readonly state: 'public' | 'erased' | 'held' | 'absent' | 'committed'
  }[]
  readonly heads: readonly HeadView[]
}

export type DraftView = {
  readonly id: string
  readonly kind: string
  readonly version: number
  readonly title: string
  readonly createdAt: string
  readonly heldUntil?: string
  readonly public: unknown
  readonly partner?: unknown
  readonly research?: unknown
}

export type NewContent = {
  readonly kind: string
  readonly public: unknown
  readonly partner?: unknown
  readonly research?: unknown
}

export type PublishedView =
  | { readonly state: 'held'; readonly record: string; readonly until: string }
  | {
      readonly state: 'logged'
      readonly record: string
      readonly origin: string
      readonly index: number
      readonly head: HeadView
    }

export type ImportOptions = { readonly format: string; readonly publish: boolean; readonly dryRun: boolean }

export type ImportProgress =
  | {
      readonly event: 'imported'
      readonly externalId: string
      readonly record: string
      readonly version: number
      readonly index?: number
      /** Why it is a draft, though it was to be published: places, never words. */
      readonly kept?: readonly string[]
      /** Places at which the linter asks, and which were published all the same. */
      readonly asked?: readonly string[]
    }
  | { readonly event: 'present'; readonly externalId: string; readonly record: string }
  | { readonly event: 'skipped' | 'ignored'; readonly name: string; readonly reason: string }
  | {
      readonly event: 'done'
      readonly imported: number
      readonly present: number
      readonly skipped: number
      readonly ignored: number
      /** Of the imported: drafts that were to be published, and those published with a question open. */
      readonly kept: number
      readonly asked: number
    }

export type EntriesView = {
  readonly from: number
  readonly entries: readonly Uint8Array[]
  /** Opening, media type, bytes; null where the part is not held. */
  readonly parts: readonly (readonly [Uint8Array, string, Uint8Array] | null)[]
}

export type EvidenceView = {
  readonly origin: string
  readonly index: number
  readonly entry: Uint8Array
  readonly part: readonly [Uint8Array, string, Uint8Array] | null
  readonly note: Uint8Array
  readonly proof: readonly Uint8Array[]
}

/** What an export rests on comes first, then the newest version of each record, oldest first. */
export type ExportItem =
  | { readonly item: 'heads'; readonly networkId: string; readonly heads: readonly HeadView[] }
  | { readonly item: 'record'; readonly statement: StatementView }

type Upkeep = CheckService &
  DataSetService &
  EscrowService &
  KeyService &
  StoreService &
  AccessService &
  AccreditationService

export type Service = Upkeep & {
  readonly status: () => Promise<StatusView>
  readonly peers: () => Promise<readonly PeerView[]>
  readonly whoami: () => Promise<WhoAmIView>
  readonly charter: () => Promise<Uint8Array>
  readonly descriptor: () => Promise<Uint8Array>
  readonly records: (query: RecordQuery) => Promise<RecordPage>
  readonly record: (id: string, author: string | undefined) => Promise<RecordDetail>
  readonly evidence: (id: string, author: string | undefined) => Promise<readonly EvidenceView[]>
  readonly addDraft: (content: NewContent) => Promise<DraftView>
  readonly drafts: () => Promise<readonly DraftView[]>
  readonly draft: (id: string) => Promise<DraftView>
  readonly dropDraft: (id: string) => Promise<void>
  /** Here and below, `token` says which operator asks; over the socket it comes with the connection. */
  readonly publishDraft: (
    id: string,
    holdSeconds: number | undefined,
    options?: PublishOptions,
    token?: string,
  ) => Promise<PublishedView>
  readonly cancel: (id: string) => Promise<DraftView>
  readonly attest: (
    id: string,
    author: string | undefined,
    content: NewContent,
    token?: string,
  ) => Promise<PublishedView>
  readonly importFiles: (
    uploads: AsyncIterable<Upload>,
    options: ImportOptions,
    token?: string,
  ) => AsyncIterable<ImportProgress>
  readonly logs: () => Promise<readonly LogView[]>
  /** The newest head with the cosignatures known for it. */
  readonly head: (origin: string | undefined) => Promise<Uint8Array>
  /** The newest head that a quorum of other members confirmed. */
  readonly quorumHead: (origin: string | undefined) => Promise<Uint8Array>
  /** Quorum heads of the past, oldest first, at most one in ten minutes: what bounds the time of entries. */
  readonly quorumHeads: (origin: string | undefined) => Promise<readonly string[]>
  /** The trust policy for one log, or for all. */
  readonly policy: (origin: string | undefined) => Promise<Uint8Array>
  readonly entries: (origin: string | undefined, from: number, count: number) => Promise<EntriesView>
  readonly inclusion: (
    origin: string | undefined,
    index: number,
    size: number | undefined,
  ) => Promise<EvidenceView>
  readonly consistency: (
    origin: string | undefined,
    from: number,
    to: number,
  ) => Promise<readonly Uint8Array[]>
  /** Ends with an error if the heads moved so far that the rows no longer rest on those named. */
  readonly exportRecords: (query: Omit<RecordQuery, 'limit' | 'cursor'>) => AsyncIterable<ExportItem>
  readonly evidenceList: () => Promise<readonly ProofView[]>
  /** The file of a proof, by its id or a unique beginning of it. */
  readonly evidenceFile: (id: string) => Promise<Uint8Array>
  /** Checks a proof and, unless it is only to be checked, takes it in: what it convicts is frozen from then on. */
  readonly addEvidence: (
    bytes: Uint8Array,
    options?: { readonly checkOnly: boolean },
  ) => Promise<AddedProofView>
  /** Compares what a bundle shows with what is held: what contradicts itself is made into proofs, and taken in. */
  readonly addBundle: (bytes: Uint8Array) => Promise<AddedBundleView>
  readonly stop: () => void
}

/** What can be wrong with audit trails. Spec 06 §11. */

export type TrailFindingCode =
  /** The entries do not lead to the head that the file states. */
  | 'trail-head'
  /** A head that was logged is not one of these entries: they were changed or taken away since. */
  | 'trail-rewritten'
  /** A leaf in the log does not hold what is said to be logged there. */
  | 'trail-leaf'
  /** A leaf of kind `access` is not opened: what it holds was left out of the trail, or lost. */
  | 'trail-leaf-withheld'
  /** The log does not have the head that the file says it had. */
  | 'trail-log'
  /** A statement was not logged within the time for it. */
  | 'trail-unlogged'
  /** A head of the trail was not logged within the time for it. */
  | 'trail-head-late'
  /** Entries were pruned that the stated retention does not explain. */
  | 'trail-pruned'
  /** A step stands before the one that it needs, without it, or twice. */
  | 'trail-order'
  /** The statement of a step is not what the step says, or about something else. */
  | 'trail-statement'
  /** The signature of a statement does not verify under the key that it names, or that key is another party's. */
  | 'trail-signature'
  /** Of two trails (`compareTrails`): what one has and the other had to have. */
  | 'trail-request-hidden'
  | 'trail-denial-hidden'
  | 'trail-grant-hidden'
  | 'trail-receipt-hidden'
  | 'trail-release-hidden'
  | 'trail-confirmation'
  | 'trail-files-hidden'
  | 'trail-revocation-hidden'
  | 'trail-answer-hidden'
  /** A holder gave another its share of a part in escrow. */
  | 'trail-share-hidden'

export type TrailFinding = {
  readonly code: TrailFindingCode
  /** Whose trail it is about. */
  readonly origin: string
  /** Id of the request, in hexadecimal; null where it is about the whole. */
  readonly request: string | null
  /**
   * Set where nothing but the other trail says so: one of the two leaves something out or the other one invented it, and which of
   * them cannot be told. Otherwise a statement shows it whose
   * signature by this party was verified.
   */
  readonly isWord?: true
}

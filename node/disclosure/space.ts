/** The kinds of rows under the prefix of disclosures. A number is never used again. */
export const SPACE = {
  /** index → sealed entry of the audit trail. */
  trail: 0,
  /** → size and right edge of the tree over the trail. */
  edge: 1,
  /** request id → sealed case: a request to us and what became of it. */
  case: 2,
  /** request id → sealed case: a request of ours and what became of it. */
  asked: 3,
  /** number → sealed signed statement that has still to be logged as an `access` leaf. */
  unlogged: 4,
  /** id of a grant or a denial → request id. */
  answer: 5,
  /** request id → sealed ciphertext of a grant to us, until it is opened. */
  ciphertext: 6,
  /** request id → sealed part that we were given. */
  release: 7,
  /** log index of ours → size of the trail whose head was logged there. */
  head: 8,
  /** deposit id → sealed: a deposit of ours and who has it. */
  deposit: 9,
  /** deposit id → sealed ciphertext of a deposit of ours, until all holders have it. */
  depositBytes: 10,
  /** deposit id → sealed: a deposit of another of which we hold a share. */
  kept: 11,
  /** deposit id → sealed ciphertext of a deposit of another. */
  keptBytes: 12,
  /** deposit id → sealed part that we recovered. */
  recovered: 13,
  /** → how far our logs were put into escrow. */
  escrowed: 14,
} as const

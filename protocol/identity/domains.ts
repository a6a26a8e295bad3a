/**
 * Every domain-separation string of the protocol, in one list. DESIGN §3: never reuse one, never delete one.
 */
export const DOMAINS = {
  /** HMAC key of a part's commitment (spec 01 §5). */
  part: 'candor/part/v1',
  /** First bytes of the HMAC message that derives an item's salt from the tier secret (spec 01 §6). */
  itemSalt: 'candor/item-salt/v1',
  /** First bytes of the HMAC message that derives a decoy leaf's salt from the tier secret (spec 01 §6). */
  itemDecoy: 'candor/item-decoy/v1',
  /** First item of the array a declared key signs to prove that its owner holds it (spec 02 §3). */
  possession: 'candor/possession/v1',
  /** First item of the array a founder's root key signs for the charter document (spec 07 §2). */
  charter: 'candor/charter/v1',
  /** First item of the array a root key signs for its member descriptor (spec 02 §4). */
  descriptor: 'candor/descriptor/v1',
  /** HKDF info of the root key derived from the recovery phrase (spec 02 §2). */
  root: 'candor/root/v1',
  /** First item of the array a researcher signs to be accredited under its two keys (spec 06 §2). */
  accreditation: 'candor/accreditation/v1',
  /** First bytes of the HMAC message that derives the key of a sealed part from its content key (spec 06 §6). */
  contentKey: 'candor/content-key/v1',
  /** First bytes of the HMAC message that commits to a content key (spec 06 §6). */
  keyCommitment: 'candor/key-commitment/v1',
  /** First bytes of the HMAC message from which the rows of a marked copy are made (spec 11 §5). */
  watermark: 'candor/watermark/v1',
  /** First item of the info of a part in escrow, of a share on its way to its holder, and of one that is released (spec 06 §15). */
  escrow: 'candor/escrow/v1',
  escrowShare: 'candor/escrow-share/v1',
  escrowRelease: 'candor/escrow-release/v1',
  /** HMAC message that makes the digest of a share, whose bytes are the key (spec 06 §15). */
  escrowDigest: 'candor/escrow-digest/v1',
} as const

/**
 * Every key space of the database, in one table. Keys are a prefix byte and fixed-width big-endian fields, so
 * that the order of bytes is the order of numbers. `log` is a number given to an origin when it is first seen.
 *
 * A prefix is never reused: databases written by released versions must stay readable.
 */

export const PREFIX = {
  /** `m` name → value: version of the layout and the like. */
  meta: 0x6d,
  /** `l` origin → log number. */
  log: 0x6c,
  /** `s` log → size and root that the stored entries lead to, written with them. */
  state: 0x73,
  /** `c` log → newest signed note whose entries are all held. */
  complete: 0x63,
  /** `w` log → newest signed note that covers entries held so far, while a log is fetched. */
  pending: 0x77,
  /** `k` log index → nothing: the key events that the key state is folded from. */
  keyEvent: 0x6b,
  /** `j` epoch → leaf 0 of a later epoch of our own log, from the moment it was decided. */
  epoch: 0x6a,
  /** `b` log bundle → full C2SP entry bundle, 256 entries, as it is served. */
  bundle: 0x62,
  /** `t` log index → entry of the bundle that is not full yet. */
  tail: 0x74,
  /** `h` log level tile → C2SP hash tile, full or growing. Level-0 tiles only when full. */
  tile: 0x68,
  /** `p` log index → opening and public part, of a group that is not full yet. */
  part: 0x70,
  /** `q` log group → sixteen openings and public parts. */
  partGroup: 0x71,
  /** `E` log index → index of the entry that erased the public part of this one. */
  erased: 0x45,
  /** `D` kind log index → nothing: something of this entry was erased, and its bytes may still be in the files. */
  erasing: 0x44,
  /** `F` kind id → nothing: a copy of a file of ours (0), or what came under a grant (1), is to go from the disk. */
  forgotten: 0x46,
  /** `r` record log index → statement id: finds the statements about a record, by any unique prefix. Of those
   * with one id in one log, the first counts and the others are void. */
  record: 0x72,
  /** `a` leaf-hash log index → nothing: what was stated about an entry. */
  target: 0x61,
  /** `v` log index → sealed partner and research parts, openings and tier secrets of our entries from index on. */
  vault: 0x76,
  /** `d` draft → sealed draft. */
  draft: 0x64,
  /** `S` record version → sealed: findings of the linter that a person let pass and why, and who approved it. */
  publication: 0x53,
  /** `o` draft → when it leaves the outbox. */
  outbox: 0x6f,
  /** `x` source NUL external id → record, version and digest of what was imported. */
  external: 0x78,
  /** `e` id → proof of equivocation, when and whence it came, whom it convicts. A log so convicted is frozen. */
  evidence: 0x65,
  /** `i` log role → what we cosigned last for a log as a witness or a mirror: size, root, time and note. */
  cosigner: 0x69,
  /**
   * `z` SHA-256(origin) what → what we cosigned last, as a witness, for a log that is none of the coalition's; and two
   * heads of it that contradict each other.
   */
  foreign: 0x7a,
  /** `u` log kind (size) → heads of a log with the cosignatures on them that were verified here. */
  cosigned: 0x75,
  /** `y` kind … sealed: the audit trail of disclosures, cases of requests to us and by us, statements to be logged. */
  disclosure: 0x79,
  /** `A` log → how it stands here and since when, and when each head was first seen whose entries have not come. */
  standing: 0x41,
  /** `n` domain → addresses at which a member was last reached. */
  address: 0x6e,
  /** `g` name → value: how far the stored logs were read again, and whether the database was salvaged. */
  upkeep: 0x67,
  /** `C` domain → day, and entries and bytes that this member added to its logs on it. */
  daily: 0x43,
  /** `f` … the catalogue: derived, can be deleted and rebuilt. */
  catalog: 0x66,
} as const

export type Space = keyof typeof PREFIX

/** A field of a key: raw bytes, a log number (4 bytes), an index (6 bytes) or a small number (1 byte). */
export type Field =
  Uint8Array | { readonly log: number } | { readonly index: number } | { readonly byte: number }

export function keyOf(space: Space, ...fields: readonly Field[]): Uint8Array {
  let length = 1
  for (const field of fields) length += widthOf(field)
  const key = new Uint8Array(length)
  key[0] = PREFIX[space]
  let at = 1
  for (const field of fields) {
    if (field instanceof Uint8Array) key.set(field, at)
    else if ('log' in field) writeNumber(key, at, 4, field.log)
    else if ('index' in field) writeNumber(key, at, 6, field.index)
    else key[at] = field.byte
    at += widthOf(field)
  }
  return key
}

/** The smallest key above every key that starts with `prefix`. */
export function after(prefix: Uint8Array): Uint8Array {
  const end = prefix.slice()
  for (let i = end.length - 1; i >= 0; i--) {
    const byte = end[i] ?? 0
    if (byte < 0xff) {
      end[i] = byte + 1
      return end.subarray(0, i + 1)
    }
  }
  return new Uint8Array([0xff, 0xff])
}

/** The number in `width` bytes of a key. */
export function numberAt(key: Uint8Array, at: number, width: number): number {
  let value = 0
  for (let i = 0; i < width; i++) value = value * 256 + (key[at + i] ?? 0)
  return value
}

function widthOf(field: Field): number {
  if (field instanceof Uint8Array) return field.length
  if ('log' in field) return 4
  return 'index' in field ? 6 : 1
}

function writeNumber(key: Uint8Array, at: number, width: number, value: number): void {
  let rest = value
  for (let i = width - 1; i >= 0; i--) {
    key[at + i] = rest % 256
    rest = Math.floor(rest / 256)
  }
}

/** Every bound of the protocol, with the reason for its value. Bounds of a node's network stand in `node/net/limits.ts`. */

/** The largest integer that sizes, indices and CBOR integers take: 2^53 − 1, exact in every JavaScript. */
export const INTEGER_MAX = Number.MAX_SAFE_INTEGER

/** Nesting of CBOR items. A record needs about six; 32 keeps every reader's stack small. */
export const CBOR_DEPTH_MAX = 32

/** CBOR items in one value, map keys included. A million empty items in a megabyte would cost a reader seconds. */
export const CBOR_ITEMS_MAX = 65_536

/** Bytes of one CBOR value. One network frame holds at most this much. */
export const CBOR_BYTES_MAX = 1_048_576

/** Bytes of one entry (a signed statement). It holds no content, only commitments. */
export const ENTRY_BYTES_MAX = 4_096

/** Bytes of a public part. It is always read whole by everybody, so it must be cheap to check. */
export const PUBLIC_PART_BYTES_MAX = 65_536

/** Bytes of a media type (RFC 6838 §4.2 advises less than 64 for each half). It travels and is stored beside each part. */
export const MEDIA_TYPE_BYTES_MAX = 127

/** Bytes of an origin: a domain of up to 127, "/candor/", 52 of network id, "/" and an epoch. C2SP allows 255. */
export const ORIGIN_BYTES_MAX = 255

/** Heads a statement may name as seen. */
export const SEEN_MAX = 8

/** Items of one restricted part, decoys included. A technical note has dozens, a data-set manifest thousands. */
export const ITEMS_MAX = 32_768

/** Entries in one chunk of a synchronisation: one full C2SP entry bundle, as it is stored and served. */
export const CHUNK_ENTRIES_MAX = 256

/** Bytes of one chunk's parts and entries, so that it fits a frame of 1 MiB with its proof and heads. */
export const CHUNK_BYTES_MAX = 900_000

/** Bytes of one gossip message. Longer news names the head only and the rest is fetched. */
export const NEWS_BYTES_MAX = 65_536

/**
 * Epochs of one member, by the highest number of one: a new log key, a lost or a frozen log opens the next, so this is one a month
 * for twenty years. Every node keeps all epochs of all members; by their number everybody refuses the same ones.
 */
export const EPOCHS_MAX = 256

/** Logs in one frontier. Each member has one per epoch; 2,048 notes fill a frame. */
export const LOGS_MAX = 2_048

/** Logs in one request for cosigned heads: with the longest origins they fit a request. */
export const SUMMARIES_MAX = 1_024

/** Notes in one answer about what a member's cosigners stated: for each log two keys of two roles, during a rotation, and one for good. */
export const STATED_NOTES_MAX = 5 * LOGS_MAX

/** Bytes of a signed note with all its cosignature lines (C2SP signed-note asks readers for 64 KiB at most). */
export const NOTE_BYTES_MAX = 65_536

/**
 * Signature lines read from one note. C2SP asks for at least 16; a head with the witness and mirror lines of 200
 * members has 401 and fits in 64 KiB. Go's sumdb/note reads at most 100, so heads for strangers carry no more (spec 03 §5).
 */
export const SIGNATURES_MAX = 512

/**
 * Lines of one key that are read on one note; the log's own key included. A note in its right form has one: whoever joins two
 * sightings of a head keeps one line of each key. The second is read so that one forged line in front does not hide the good one;
 * with more, whoever writes notes would choose how many signatures are verified.
 */
export const LINES_PER_KEY_MAX = 2

/** Hashes in one proof (C2SP). A log of 2^53 − 1 entries needs 53 for inclusion and 54 for consistency at most. */
export const PROOF_HASHES_MAX = 63

/** Bytes of one proof file: a note, an entry in base64 and 63 hashes come to 73,900. */
export const PROOF_FILE_BYTES_MAX = 75_776

/** Bytes of one bundle: some two hundred records with their proofs. Who shows more publishes the logs (spec 10). */
export const BUNDLE_BYTES_MAX = 1_048_576

/** Proofs, openings or heads in one bundle: a reader checks each, and keys cost 2 ms. */
export const BUNDLE_ITEMS_MAX = 1_024

/** Keys with a proof of misbehaviour against them, as one answer names them: a few for each member and epoch. */
export const STRUCK_MAX = 4_096

/**
 * Bytes of one equivocation proof: two proof files with one signature line each come to 25,000 in base64. It has to fit
 * into one gossip message.
 */
export const EQUIVOCATION_BYTES_MAX = 32_768

/** Bytes of one trust policy: 1,024 keys with names and addresses of a few hundred bytes each. */
export const POLICY_BYTES_MAX = 524_288

/** Keys, and names of witnesses and groups, in one policy. C2SP asks for 32; 256 members have 512. Each key costs 2 ms. */
export const POLICY_NAMES_MAX = 1_024

/** Members of one coalition. Cosignatures and frontiers grow with it. */
export const MEMBERS_MAX = 256

/** C2SP witnesses outside the coalition that a charter names. A node asks each of them for each of its heads. */
export const OUTSIDE_WITNESSES_MAX = 16

/** Addresses in one member descriptor. */
export const DESCRIPTOR_ADDRESSES_MAX = 16

/** Bytes of a name of an organisation or of a coalition, of a sector or an address. */
export const TEXT_BYTES_MAX = 200

/** Keys one epoch of a log may ever declare: members rotate each key a few times a year. */
export const KEYS_MAX = 1_024

/** Bytes of the text by which a member explains why it opened a new epoch. */
export const EXPLANATION_BYTES_MAX = 2_000

/** Staleness that a charter may ask for: a node that hears others once a minute meets the lower, a month is no bound. */
export const STALENESS_SECONDS_MIN = 60
export const STALENESS_SECONDS_MAX = 2_592_000

/** Bytes of one signed statement of an access (a request, a grant …): 64 paths and a justification come to 12,000. */
export const ACCESS_BYTES_MAX = 16_384

/** Paths that one detail request may name. Who wants more asks for the tier. */
export const REQUEST_PATHS_MAX = 64

/** Organisations that a request may name as readers. */
export const RECIPIENTS_MAX = 16

/** Bytes of a justification, an explanation of a denial or an appeal. */
export const ACCESS_TEXT_BYTES_MAX = 2_000

/** How long a request can wait for its answer: owners are away for weeks, and no longer is what was asked still wanted. */
export const REQUEST_SECONDS_MAX = 2_592_000

/** How far a peer's clock may run ahead of ours before its request is of the future. */
export const CLOCK_SKEW_SECONDS = 300

/** The head of an audit trail is logged a day after the last one. */
export const TRAIL_HEAD_SECONDS = 86_400

/** How long a step of a trail may wait for its leaf, and for a head over it: a day, and a day for the batches. */
export const TRAIL_LATE_SECONDS = 172_800

/** How far the hour in a leaf may lie from the moment of what it holds: the hour is cut, and a batch is not made at once. */
export const TRAIL_STAMP_SECONDS = 7_200

/** An accreditation ends by itself after 90 days; a renewal is a new statement. */
export const ACCREDITATION_SECONDS_MAX = 7_776_000

/** A single accreditor may suspend an accreditation for 14 days, and no longer. */
export const SUSPENSION_SECONDS_MAX = 1_209_600

/** Sectors of an accreditation or a rule: the vocabulary has 20, and own words are allowed. */
export const SCOPE_SECTORS_MAX = 64

/** Rules in one disclosure policy. People have to read it. */
export const POLICY_RULES_MAX = 64

/** Bytes of one sealed part before padding: a frame of items with their salts, or a whole document with its secret. */
export const RELEASE_BYTES_MAX = 1_048_576

/** Bytes of a sealed part: the padded release and the tag of its cipher. */
export const CIPHERTEXT_BYTES_MAX = 2 * RELEASE_BYTES_MAX + 16

/** Bytes of the terms that hold for a part: a marking and its data-use terms. */
export const TERMS_BYTES_MAX = 262_144

/** Members that hold a share of one part. Each is asked by hand when it comes to that, and a quorum of 16 is 11. */
export const ESCROW_HOLDERS_MAX = 16

/** Shares that open a part: with one, any single holder could read it. */
export const ESCROW_THRESHOLD_MIN = 2

/** Days of silence before shares are released: less is a holiday or an outage, more than ten years is never. */
export const ESCROW_DAYS_MIN = 14
export const ESCROW_DAYS_MAX = 3_650

/** Deposits that a holder keeps for one owner, and bytes of their ciphertexts: a decade of records, not a free disk. */
export const ESCROW_DEPOSITS_MAX = 4_096
export const ESCROW_BYTES_MAX = 268_435_456

/** Bytes of one block of a data set: what is checked, stored and fetched as one. A frame holds it. */
export const BLOCK_BYTES = 1_048_576

/** Blocks of one file: 256 GiB. Its leaf hashes fit in 8 MiB and a proof has at most 18. */
export const FILE_BLOCKS_MAX = 262_144
export const FILE_BYTES_MAX = FILE_BLOCKS_MAX * BLOCK_BYTES

/** Hashes in the proof of one block. */
export const BLOCK_PROOF_HASHES_MAX = 18

/** Files of one manifest, and bytes of all of them: 4 TiB. */
export const MANIFEST_FILES_MAX = 4_096
export const MANIFEST_BYTES_MAX = 4_398_046_511_104

/** Characters of a path in a manifest, names in it, and bytes of a name: what the common file systems take. */
export const MANIFEST_PATH_LENGTH_MAX = 400
export const MANIFEST_PATH_NAMES_MAX = 16
export const MANIFEST_NAME_BYTES_MAX = 255

/** Blocks that one request can ask for. After a GiB the reader asks again, and whoever waits has a turn. */
export const BLOB_BLOCKS_MAX = 1_024

/** Files of one grant that were made for its reader: their roots have to fit the grant. */
export const MARKED_FILES_MAX = 64

/** Entries of a day that a member keeps for what protects somebody: more keys than it has, and as many erasures. */
export const PROTECTIVE_ENTRIES_MAX = 256

/** Findings of one rule of the redaction linter in one text: whoever lets the rule pass there lets all of them pass. */
export const LINT_FINDINGS_PER_RULE_MAX = 20

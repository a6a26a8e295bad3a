/** Every bound of a node's network, with the reason for its value. Those of the protocol stand in `protocol/limits.ts`. */

/** Bytes of one frame. A chunk of a synchronisation is built to fit. */
export const FRAME_BYTES_MAX = 1_048_576

/** Bytes of a request frame: a summary of a hundred bytes for each log at most. */
export const REQUEST_BYTES_MAX = 524_288

/** Unread bytes of one stream at which its sender is paused: two frames, so that reading never starves. */
export const UNREAD_BYTES_MAX = 2 * FRAME_BYTES_MAX

/** Unsent bytes of one stream above which nothing more is handed to it: with them it starts again while the next frame is made. */
export const UNSENT_BYTES_MAX = 262_144

/** Yamux window, at most half of the read buffer: a window above it lets a fast sender reset its own stream. */
export const STREAM_WINDOW_BYTES = 2 * 1_048_576
export const STREAM_READ_BUFFER_BYTES = 4 * 1_048_576
export const STREAM_WRITE_BUFFER_BYTES = 8 * 1_048_576

/** Time to reach a peer and agree on a protocol. */
export const DIAL_MS = 5_000

/** Time between two frames of an answer, in either direction; a slow peer may not hold a stream longer. */
export const FRAME_MS = 10_000

/**
 * Time for one whole answer. What came is kept and the rest is asked for again, perhaps of another peer, so a slow
 * one cannot hold a log up for long.
 */
export const ANSWER_MS = 60_000

/** Streams of one protocol that one connection may hold open towards us. */
export const INBOUND_STREAMS_MAX = 8

/** Answers being given at once, over all peers: each reads the disk and fills a write buffer. */
export const ANSWERS_MAX = 16

/** Answers of `access/1` being given to one peer: whoever reads slowly keeps nobody else waiting. */
export const ANSWERS_PER_PEER_MAX = 4

/** Connections: a coalition of 100 members, twice over, leaves room for observers. */
export const CONNECTIONS_MAX = 256

/** Half-open connections. libp2p's 10 let eight idle sockets lock a member out. */
export const PENDING_CONNECTIONS_MAX = 64

/** Time for a stranger to complete Noise and Yamux. */
export const UPGRADE_MS = 3_000

/** Bytes queued towards one gossip peer before it is dropped; libp2p's gossip has no write back-pressure. */
export const GOSSIP_OUTBOUND_BYTES_MAX = 16 * 1_048_576

/** How often missing members are dialled again, at first and at most. */
export const REDIAL_MS = 1_000
export const REDIAL_MAX_MS = 60_000

/** Ticks a connected peer may be absent from gossip before the connection is made anew. */
export const GOSSIP_SILENT_TICKS_MAX = 3

/** Addresses kept for a member. */
export const ADDRESSES_MAX = 16

/** Score of a peer: −100 to 100, halves in ten minutes. Below −50 it is banned until it has decayed. */
export const SCORE_HALF_LIFE_MS = 600_000
export const SCORE_MIN = -100
export const SCORE_BAN = -50
export const SCORE_LIE = -40
export const SCORE_MALFORMED = -20
export const SCORE_SLOW = -5

/** Peers whose score is remembered. The best are forgotten first: a ban must outlive a flood of new names. */
export const SCORED_PEERS_MAX = 4_096

/** Requests one peer may make: a burst, and then this many a second. Cost is what a request asks for. */
export const REQUEST_BURST = 64
export const REQUESTS_PER_SECOND = 16

/** Bytes of a ciphertext in one frame. */
export const ACCESS_CHUNK_BYTES = 524_288

/** Data sets being sent at once, over all peers: each reads the disk and has a block and 256 KiB waiting at most. */
export const BLOB_STREAMS_MAX = 4

/** Streams of data sets that one connection may hold open towards us: one that ends, and the next. */
export const BLOB_PEER_STREAMS_MAX = 2

/** Time in which a reader has to take what is waiting for it: most of a block, so some 13 KB a second. */
export const BLOB_FRAME_MS = 60_000

/** Time for one request of at most a GiB. The rest is asked for again; a slow reader holds a turn no longer. */
export const BLOB_STREAM_MS = 900_000

/** Blocks that are read and sealed before the reader takes them. */
export const BLOB_AHEAD_BLOCKS = 1

/** Blocks and time after which the right to have a file is asked again: a revocation stops what is on its way. */
export const BLOB_ASK_BLOCKS = 16
export const BLOB_ASK_MS = 5_000

/** How often a whole file may be fetched under one grant, damage and new beginnings included, while this node runs. */
export const BLOB_TIMES_MAX = 4

/** Files of grants of which it is remembered how much was sent. */
export const BLOB_FILES_MAX = 4_096

/** Bytes of a witness's answer over HTTP: a few lines of 300 bytes. Whoever sends more is not read further. */
export const HTTP_ANSWER_BYTES_MAX = 16_384

/** Bytes of the headers of an HTTP message: neither side of add-checkpoint needs any of length. */
export const HTTP_HEADER_BYTES_MAX = 8_192

/** Connections to our witness over HTTP, and how long one may take for its request or rest between two. */
export const HTTP_CONNECTIONS_MAX = 64
export const HTTP_REQUEST_MS = 10_000
export const HTTP_IDLE_MS = 5_000

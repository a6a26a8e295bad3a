/**
 * Makes `test/vectors/log/*.json`. Expected values come from the reference tree, from node:crypto and from texts
 * joined here, never from the code under test.
 */
import { cosignature, hex, line, publicKey, sha256, signature, vkey } from './reference-notes.ts'
import { consistencyOf, pathOf, rootOf, treeOf, type ReferenceTree } from './tree.ts'

export type TreeVectors = {
  readonly description: string
  readonly entries: readonly string[]
  readonly leaves: readonly string[]
  readonly roots: readonly string[]
  readonly inclusion: readonly {
    readonly index: number
    readonly size: number
    readonly proof: readonly string[]
  }[]
  readonly consistency: readonly {
    readonly oldSize: number
    readonly size: number
    readonly proof: readonly string[]
  }[]
}

export type BigTreeVectors = {
  readonly description: string
  readonly usualLeaf: string
  readonly cases: readonly {
    readonly special: readonly { readonly index: string; readonly leaf: string }[]
    readonly oldSize: string
    readonly size: string
    readonly oldRoot: string
    readonly root: string
    readonly inclusion: { readonly index: string; readonly leaf: string; readonly proof: readonly string[] }
    readonly consistency: readonly string[]
  }[]
}

export type HeadVectors = {
  readonly description: string
  readonly logSeed: string
  readonly mirrorSeed: string
  readonly logKey: string
  readonly mirrorKey: string
  readonly logVkey: string
  readonly mirrorVkey: string
  readonly note: string
  readonly time: number
  readonly cases: readonly HeadCase[]
}

export type HeadCase = {
  readonly name: string
  readonly note: string
  /** `ok`, or the fault of reading or of verifying under the log's key. */
  readonly head: string
  /** `ok`, or the fault of the mirror's line; absent when the head is refused. */
  readonly mirror?: string
}

export type ProofFileVectors = {
  readonly description: string
  readonly logVkey: string
  readonly cases: readonly { readonly name: string; readonly file: string; readonly result: string }[]
}

export type TilePathVectors = {
  readonly description: string
  readonly valid: readonly {
    readonly level: number | 'entries'
    readonly index: number
    readonly width: number
    readonly path: string
  }[]
  readonly invalid: readonly string[]
}

const ENTRIES = Array.from({ length: 21 }, (_, i) => Buffer.alloc(i * 7, i))
const TREE = treeOf(ENTRIES.map((entry) => sha256(Buffer.of(0), entry)))
const ORIGIN = `log.example/candor/${'candor'.repeat(8)}abca/1`
const MIRROR = 'm1.example/candor/mirror'
const TIME = 1_700_000_000
const [LOG_SEED, MIRROR_SEED] = [Buffer.alloc(32, 1), Buffer.alloc(32, 101)]

export function treeVectors(): TreeVectors {
  const sizes = [1, 2, 3, 4, 7, 8, 13, 16, 21]
  const pairs = sizes.flatMap((size) => Array.from({ length: size }, (_, at) => ({ at, size })))
  return {
    description:
      'RFC 6962 tree (spec 03 §2, §3) over these entries; roots[n] is the root of the first n. All bytes in hexadecimal.',
    entries: ENTRIES.map(hex),
    leaves: ENTRIES.map((entry) => hex(sha256(Buffer.of(0), entry))),
    roots: Array.from({ length: ENTRIES.length + 1 }, (_, n) => hex(rootOf(TREE, 0n, BigInt(n)))),
    inclusion: pairs.map(({ at, size }) => ({
      index: at,
      size,
      proof: pathOf(TREE, BigInt(at), 0n, BigInt(size)).map(hex),
    })),
    consistency: pairs.map(({ at, size }) => ({
      oldSize: at + 1,
      size,
      proof: consistencyOf(TREE, BigInt(at + 1), BigInt(size)).map(hex),
    })),
  }
}

export function bigTreeVectors(): BigTreeVectors {
  const max = 2n ** 53n - 1n
  const sizes: readonly (readonly [bigint, bigint, bigint])[] = [
    [0n, 1n, max],
    [max - 1n, max - 1n, max],
    [2n ** 52n, 2n ** 52n, max],
    [2n ** 52n - 1n, 2n ** 52n + 1n, max - 1n],
    [2n ** 31n, 2n ** 31n, 2n ** 31n + 1n],
    [2n ** 32n + 5n, 2n ** 32n + 1n, 2n ** 33n - 3n],
    [4_294_967_295n, 4_294_967_295n, 4_294_967_297n],
    [1_234_567_890_123_456n, 6_000_000_000_000_000n, 9_007_199_254_740_881n],
  ]
  const usual = Buffer.alloc(32, 7)
  return {
    description:
      'Trees near 2^31 and 2^53: every leaf hash is usualLeaf but for the special ones. Numbers are decimal texts; hashes in hexadecimal.',
    usualLeaf: hex(usual),
    cases: sizes.map(([index, oldSize, size]) => {
      const places = [...new Set([0n, index, oldSize - 1n, size - 1n])]
      const special = new Map(places.map((place, i) => [place, new Uint8Array(32).fill(100 + i)]))
      const tree: ReferenceTree = { usual, special }
      return {
        special: [...special].map(([place, leaf]) => ({ index: String(place), leaf: hex(leaf) })),
        oldSize: String(oldSize),
        size: String(size),
        oldRoot: hex(rootOf(tree, 0n, oldSize)),
        root: hex(rootOf(tree, 0n, size)),
        inclusion: {
          index: String(index),
          leaf: hex(rootOf(tree, index, index + 1n)),
          proof: pathOf(tree, index, 0n, size).map(hex),
        },
        consistency: consistencyOf(tree, oldSize, size).map(hex),
      }
    }),
  }
}

/** Written out by hand from C2SP tlog-tiles, with its own two examples: tile 1234067, and a log of 70,000. */
export function tilePathVectors(): TilePathVectors {
  const [zero, top] = ['tile/0', 'x009/x007/x199/x254/x740/99']
  return {
    description: 'Paths of C2SP tiles and entry bundles (spec 03 §4). A width of 256 is a full tile.',
    valid: [
      { level: 0, index: 0, width: 256, path: `${zero}/000` },
      { level: 0, index: 273, width: 112, path: `${zero}/273.p/112` },
      { level: 1, index: 1, width: 17, path: 'tile/1/001.p/17' },
      { level: 2, index: 0, width: 1, path: 'tile/2/000.p/1' },
      { level: 0, index: 1_234_067, width: 256, path: `${zero}/x001/x234/067` },
      { level: 0, index: 9_007_199_254_740_991, width: 255, path: `${zero}/${top}1.p/255` },
      { level: 'entries', index: 1000, width: 256, path: 'tile/entries/x001/000' },
    ],
    invalid: [
      `${zero}/0`,
      `${zero}/x000/001`,
      `${zero}/001/000`,
      `${zero}/000.p/0`,
      `${zero}/000.p/256`,
      `${zero}/000.p/01`,
      `${zero}/${top}2`,
      'tile/00/000',
      'tile/64/000',
      'tile/entry/000',
    ],
  }
}

export function headVectors(): HeadVectors {
  const { text, logLine, mirrorLine } = head()
  const note = `${text}\n${logLine}${mirrorLine}`
  const emptyRoot = sha256().toString('base64')
  const signed = (body: string) => `${body}\n${line(ORIGIN, 1, LOG_SEED, signature(LOG_SEED, body))}`
  const cut = (target: string) => target.replace(/.{4}\n$/, '\n')
  return {
    description:
      'Checkpoints and cosignatures (spec 03 §5, §6): what each note is to a reader that knows both keys.',
    logSeed: hex(LOG_SEED),
    mirrorSeed: hex(MIRROR_SEED),
    logKey: hex(publicKey(LOG_SEED)),
    mirrorKey: hex(publicKey(MIRROR_SEED)),
    logVkey: vkey(ORIGIN, 1, LOG_SEED),
    mirrorVkey: vkey(MIRROR, 4, MIRROR_SEED),
    note,
    time: TIME,
    cases: [
      { name: 'signed and cosigned', note, head: 'ok', mirror: 'ok' },
      { name: 'signed only', note: `${text}\n${logLine}`, head: 'ok', mirror: 'cosignature-absent' },
      { name: 'lines in another order', note: `${text}\n${mirrorLine}${logLine}`, head: 'ok', mirror: 'ok' },
      {
        name: 'a line of an unknown key',
        note: note + line('x', 1, MIRROR_SEED, Buffer.alloc(64)),
        head: 'ok',
        mirror: 'ok',
      },
      {
        name: 'empty log',
        note: signed(`${ORIGIN}\n0\n${emptyRoot}\n`),
        head: 'ok',
        mirror: 'cosignature-absent',
      },
      {
        name: 'size 0 with another root',
        note: signed(text.replace('\n21\n', '\n0\n')),
        head: 'head-empty-root',
      },
      { name: 'cosigned only', note: `${text}\n${mirrorLine}`, head: 'head-unsigned' },
      { name: 'other size than signed', note: note.replace('\n21\n', '\n20\n'), head: 'head-signature' },
      {
        name: 'mirror line cut',
        note: `${text}\n${logLine}${cut(mirrorLine)}`,
        head: 'ok',
        mirror: 'cosignature-length',
      },
      {
        name: 'mirror line of another time',
        note: `${text}\n${logLine}${line(MIRROR, 4, MIRROR_SEED, cosignature(text, TIME, TIME + 1, MIRROR_SEED))}`,
        head: 'ok',
        mirror: 'cosignature-invalid',
      },
      { name: 'extension line', note: signed(`${text}extension\n`), head: 'checkpoint-lines' },
      {
        name: 'size with leading zero',
        note: signed(text.replace('\n21\n', '\n021\n')),
        head: 'checkpoint-size',
      },
      {
        name: 'size 2^53',
        note: signed(text.replace('\n21\n', '\n9007199254740992\n')),
        head: 'checkpoint-size',
      },
      { name: 'root without padding', note: signed(text.replace('=\n', '\n')), head: 'checkpoint-root' },
      {
        name: 'origin cosignature/v1',
        note: signed(text.replace(ORIGIN, 'cosignature/v1')),
        head: 'checkpoint-origin',
      },
      { name: 'no last newline', note: note.trimEnd(), head: 'note-shape' },
      { name: 'carriage returns', note: note.replaceAll('\n', '\r\n'), head: 'note-control' },
      { name: 'hyphen for dash', note: note.replaceAll('—', '-'), head: 'note-signature-line' },
    ],
  }
}

export function proofFileVectors(): ProofFileVectors {
  const { text, logLine, mirrorLine } = head()
  const [index, size] = [5n, BigInt(ENTRIES.length)]
  const proof = pathOf(TREE, index, 0n, size).map((hash) => `${Buffer.from(hash).toString('base64')}\n`)
  const extra = `extra ${ENTRIES[5]?.toString('base64') ?? ''}\n`
  const note = `${text}\n${logLine}${mirrorLine}`
  const file = `c2sp.org/tlog-proof@v1\n${extra}index 5\n${proof.join('')}\n${note}`
  return {
    description:
      'C2SP tlog-proof files with the entry in the extra line (spec 03 §8), verified under logVkey.',
    logVkey: vkey(ORIGIN, 1, LOG_SEED),
    cases: [
      { name: 'entry 5 of 21', file, result: 'ok' },
      { name: 'another index', file: file.replace('index 5', 'index 4'), result: 'root-mismatch' },
      { name: 'index outside', file: file.replace('index 5', 'index 21'), result: 'index-outside' },
      { name: 'a hash fewer', file: file.replace(proof[0] ?? '', ''), result: 'proof-length' },
      { name: 'another entry', file: file.replace(extra, 'extra AAAA\n'), result: 'root-mismatch' },
      { name: 'no entry', file: file.replace(extra, ''), result: 'proof-file-entry' },
      { name: 'another version', file: file.replace('@v1', '@v2'), result: 'proof-file-header' },
      {
        name: 'index with leading zero',
        file: file.replace('index 5', 'index 05'),
        result: 'proof-file-index',
      },
      { name: 'unsigned head', file: file.replace(logLine, ''), result: 'head-unsigned' },
    ],
  }
}

function head() {
  const root = Buffer.from(rootOf(TREE, 0n, BigInt(ENTRIES.length))).toString('base64')
  const text = `${ORIGIN}\n${ENTRIES.length}\n${root}\n`
  const logLine = line(ORIGIN, 1, LOG_SEED, signature(LOG_SEED, text))
  const mirrorLine = line(MIRROR, 4, MIRROR_SEED, cosignature(text, TIME, TIME, MIRROR_SEED))
  return { text, logLine, mirrorLine }
}

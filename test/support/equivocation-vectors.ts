/** Makes `test/vectors/log/equivocation.json` from the reference tree, node:crypto and texts joined here. */
import { cosignedBy, line, sha256, signature, vkey } from './reference-notes.ts'
import { consistencyOf, pathOf, rootOf, treeOf, type ReferenceTree } from './tree.ts'

export type EquivocationVectors = {
  readonly description: string
  readonly cases: readonly {
    readonly name: string
    readonly file: string
    /** `ok`, or the fault of reading or of verifying. */
    readonly result: string
    readonly sizes?: readonly [number, number]
    readonly commonSizeMax?: number
  }[]
}

const NETWORK = `${'candor'.repeat(8)}abca`
const ORIGIN = `log.example/candor/${NETWORK}/1`
const [LOG_SEED, MIRROR_SEED] = [Buffer.alloc(32, 1), Buffer.alloc(32, 101)]
const [LOG, MIRROR] = [vkey(ORIGIN, 1, LOG_SEED), vkey('m1.example/candor/mirror', 4, MIRROR_SEED)]
const TIME = 1_700_000_000

const entriesOf = (rewritten: number | undefined) =>
  Array.from({ length: 13 }, (_, i) => Buffer.from(i === rewritten ? `entry ${i}, rewritten` : `entry ${i}`))
const [ENTRIES, OTHERS] = [entriesOf(undefined), entriesOf(3)]
const [HONEST, FORKED] = [ENTRIES, OTHERS].map((entries) =>
  treeOf(entries.map((entry) => sha256(Buffer.of(0), entry))),
) as [ReferenceTree, ReferenceTree]

export function equivocationVectors(): EquivocationVectors {
  const [a, b] = [head(HONEST, 6), head(FORKED, 11)]
  const prefix = rootOf(FORKED, 0n, 6n)
  const proof = consistencyOf(FORKED, 6n, 11n)
  const tree = fileOf('tree', LOG, [signed(a), signed(b)], prefix, proof)
  const [left, right] = inOrder(head(HONEST, 9), head(FORKED, 9))
  const size = fileOf('size', LOG, [signed(left), signed(right)])
  const leaf = fileOf('leaf', LOG, [leafFile(ENTRIES, HONEST, 8), leafFile(OTHERS, FORKED, 13)])
  const back = fileOf('cosigner', MIRROR, [cosigned(a, TIME + 9), cosigned(head(HONEST, 11), TIME)])
  const honest = consistencyOf(HONEST, 6n, 11n)
  const sizes = [6, 11] as const
  return {
    description:
      'Equivocation proofs (spec 03 §9). What each file proves by itself: the sizes of its two heads and how many first entries both histories share at most.',
    cases: [
      { name: 'two roots of one size', file: size, result: 'ok', sizes: [9, 9], commonSizeMax: 8 },
      { name: 'another tree continued', file: tree, result: 'ok', sizes, commonSizeMax: 5 },
      { name: 'two entries at one index', file: leaf, result: 'ok', sizes: [8, 13], commonSizeMax: 3 },
      {
        name: 'size 0 with another root',
        file: fileOf('tree', LOG, [signed(`${ORIGIN}\n0\n${base64(prefix)}\n`), signed(b)], sha256(), []),
        result: 'ok',
        sizes: [0, 11],
        commonSizeMax: 0,
      },
      {
        name: 'a mirror behind two roots of one size',
        file: fileOf('cosigner', MIRROR, [cosigned(left, TIME), cosigned(right, TIME)]),
        result: 'ok',
        sizes: [9, 9],
        commonSizeMax: 8,
      },
      {
        name: 'a mirror behind two trees',
        file: fileOf('cosigner', MIRROR, [cosigned(a, TIME), cosigned(b, TIME)], prefix, proof),
        result: 'ok',
        sizes,
        commonSizeMax: 5,
      },
      { name: 'a mirror that went back in size', file: back, result: 'ok', sizes, commonSizeMax: 6 },
      {
        name: 'an honest log that grew',
        file: fileOf('tree', LOG, [signed(a), signed(head(HONEST, 11))], rootOf(HONEST, 0n, 6n), honest),
        result: 'equivocation-consistent',
      },
      {
        name: 'an honest mirror',
        file: fileOf('cosigner', MIRROR, [cosigned(a, TIME), cosigned(head(HONEST, 11), TIME)]),
        result: 'equivocation-consistent',
      },
      {
        name: 'the same head twice',
        file: fileOf('size', LOG, [signed(a), signed(a)]),
        result: 'equivocation-consistent',
      },
      {
        name: 'a and b swapped',
        file: fileOf('size', LOG, [signed(right), signed(left)]),
        result: 'equivocation-order',
      },
      {
        name: 'a line of somebody else',
        file: fileOf('size', LOG, [signed(left), signed(right) + mirrorLine(right, TIME)]),
        result: 'equivocation-lines',
      },
      {
        name: 'two networks',
        file: fileOf('size', LOG, [signed(left), signed(right.replace(NETWORK, 'a'.repeat(52)))]),
        result: 'equivocation-lines',
      },
      {
        name: 'another key',
        file: size.replace(LOG, vkey(ORIGIN, 1, MIRROR_SEED)),
        result: 'equivocation-lines',
      },
      { name: 'a mirror for a log', file: size.replace(LOG, MIRROR), result: 'equivocation-subject' },
      {
        name: 'no prefix root',
        file: fileOf('tree', LOG, [signed(a), signed(b)]),
        result: 'equivocation-prefix',
      },
      {
        name: 'a hash fewer',
        file: fileOf('tree', LOG, [signed(a), signed(b)], prefix, proof.slice(1)),
        result: 'proof-length',
      },
      { name: 'another version', file: size.replace('@v1', '@v2'), result: 'equivocation-header' },
      { name: 'another kind', file: size.replace('kind size', 'kind fork'), result: 'equivocation-kind' },
      { name: 'no last newline', file: size.trimEnd(), result: 'equivocation-shape' },
      { name: 'a hash cut', file: tree.replace(/.{4}\n$/, '\n'), result: 'equivocation-hash' },
    ],
  }
}

function head(tree: ReferenceTree, size: number): string {
  return `${ORIGIN}\n${size}\n${base64(rootOf(tree, 0n, BigInt(size)))}\n`
}

function signed(text: string): string {
  const [origin = ''] = text.split('\n')
  return `${text}\n${line(origin, 1, LOG_SEED, signature(LOG_SEED, text))}`
}

function cosigned(text: string, time: number): string {
  return `${text}\n${mirrorLine(text, time)}`
}

function mirrorLine(text: string, time: number): string {
  return cosignedBy('m1.example/candor/mirror', MIRROR_SEED, text, time)
}

function leafFile(entries: readonly Buffer[], tree: ReferenceTree, size: number): string {
  const path = pathOf(tree, 3n, 0n, BigInt(size)).map((hash) => `${base64(hash)}\n`)
  const extra = entries[3]?.toString('base64') ?? ''
  return `c2sp.org/tlog-proof@v1\nextra ${extra}\nindex 3\n${path.join('')}\n${signed(head(tree, size))}`
}

/** Heads of one size stand in the order of their roots. */
function inOrder(one: string, other: string): readonly [string, string] {
  const root = (text: string) => Buffer.from(text.split('\n')[2] ?? '', 'base64')
  return Buffer.compare(root(one), root(other)) < 0 ? [one, other] : [other, one]
}

function fileOf(
  kind: string,
  subject: string,
  [a, b]: readonly [string, string],
  prefixRoot?: Uint8Array,
  proof: readonly Uint8Array[] = [],
): string {
  const lines = [
    'candor/equivocation@v1',
    `kind ${kind}`,
    `subject ${subject}`,
    `a ${base64(Buffer.from(a))}`,
    `b ${base64(Buffer.from(b))}`,
    ...(prefixRoot === undefined ? [] : [`prefix-root ${base64(prefixRoot)}`]),
    ...proof.map((hash) => `proof ${base64(hash)}`),
  ]
  return `${lines.join('\n')}\n`
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

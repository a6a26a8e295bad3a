/** The lies that a member can tell about its own log, each as the heads it signs and the entries below them. */
import { printSignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import type { EquivocationKind } from '../../protocol/log/equivocation.ts'
import { Keystore } from '../../node/keys/keystore.ts'
import { native } from '../../node/keys/native.ts'
import { rewritten, SIZE, type Five } from './five.ts'
import type { Face } from './two-faced.ts'

export type LogLie = {
  readonly what: string
  /** What is shown instead of the truth. */
  readonly faces: (five: Five) => readonly Face[]
  /** Which of these each honest member is shown, by its place among them; undefined for the truth. */
  readonly to: readonly (number | undefined)[]
  /** What a proof shows that is made of it and of what everybody holds. */
  readonly kind: EquivocationKind
  readonly sizes: readonly [number, number]
}

export const LOG_LIES: readonly LogLie[] = [
  {
    what: 'signs two heads of one size',
    faces: (five) =>
      five
        .spare()
        .slice(0, 2)
        .map((leaf) => five.signed([...five.truth(SIZE).leaves, leaf])),
    to: [0, 1, 0, 1],
    kind: 'size',
    sizes: [SIZE + 1, SIZE + 1],
  },
  {
    what: 'shrinks its log',
    faces: (five) => [five.signed(rewritten(five.truth(SIZE - 4).leaves, SIZE - 5, five.spare()[0]))],
    to: [undefined, 0, undefined, undefined],
    kind: 'tree',
    sizes: [SIZE - 4, SIZE],
  },
  {
    what: 'rewrites a leaf',
    faces: (five) => [five.signed(rewritten(five.truth(SIZE).leaves, 3, five.spare()[0]))],
    to: [undefined, undefined, 0, undefined],
    kind: 'size',
    sizes: [SIZE, SIZE],
  },
  {
    what: 'signs a head of size 0 with another root than that of nothing',
    faces: (five) => [emptyWithRoot(five)],
    to: [undefined, undefined, undefined, 0],
    kind: 'tree',
    sizes: [0, SIZE],
  },
  {
    what: 'shows a proof out of a hidden branch',
    faces: (five) => {
      const hidden = rewritten(five.truth(SIZE).leaves, 3, five.spare()[0])
      return [five.signed([...hidden, ...five.spare().slice(1, 2)])]
    },
    to: [0, undefined, undefined, undefined],
    kind: 'tree',
    sizes: [SIZE, SIZE + 1],
  },
]

function emptyWithRoot({ coalition, liar }: Five): Face {
  const { publicKey, sign } = Keystore.open(coalition.members[0]?.home.keys ?? '', undefined).logSigner(1)
  const head = { origin: liar.log.origin, size: 0, root: new Uint8Array(32).fill(7) }
  return { note: printSignedCheckpoint(native, head, publicKey, sign), leaves: [] }
}

/**
 * Showing one item of a part of 10 to 1,000: time to make and to check the proof, and its bytes. Once as the item with the
 * hashes that it takes (`redaction.prove`, `.verify`, `.bytes`), once as a redaction that states every item that it leaves out
 * (`redaction.whole-…`). Proving begins with the part as its owner holds it, so making the tree is in it.
 */
import { parseDisclosure, printDisclosure, verifyDisclosure } from '../protocol/codec/disclosure.ts'
import { disclose, flatten, makeItemTree, type Path } from '../protocol/codec/items.ts'
import type { Entry } from '../protocol/codec/statement.ts'
import type { Value } from '../protocol/codec/cbor.ts'
import { parseRedaction, printRedaction, redact, verifyRedaction } from '../protocol/redaction/redaction.ts'
import { native } from '../node/keys/native.ts'
import { OPENING, TIER_SECRET } from '../test/support/item-cases.ts'
import { entryWith } from '../test/support/redaction-cases.ts'
import { print } from './report.ts'

const SIZES = [10, 100, 1_000]
const TIMES = 200

type Proving = {
  readonly prove: (document: Value) => Uint8Array
  /** Why it is refused, if it is. */
  readonly verify: (entry: Entry, proof: Uint8Array) => string | undefined
}

export function benchRedaction(): void {
  for (const size of SIZES) {
    const document = { fields: Array.from({ length: size - 1 }, (_, i) => `value ${i}`), $items: size - 1 }
    const entry = entryWith(treeOf(document))
    measure('redaction.', { size, document, entry }, ONE_ITEM)
    measure('redaction.whole-', { size, document, entry }, WHOLE)
  }
}

const ONE_ITEM: Proving = {
  prove: (document) => printDisclosure(disclose(native, treeOf(document), isShown)),
  verify: (entry, proof) => {
    const read = parseDisclosure(proof)
    if (!read.ok) return read.fault
    const verified = verifyDisclosure(native, entry, 'research', { opening: OPENING, disclosure: read.value })
    return verified.ok ? undefined : verified.fault
  },
}

const WITHHELD = { rule: 'bench', transform: 'suppress', reason: 'trade_secret', path: 'hidden' } as const

const WHOLE: Proving = {
  prove: (document) => {
    // The count has to be shown for a redaction to be faithful.
    const choose = (path: Path) => (path[0] === '$items' || isShown(path) ? 'show' : WITHHELD)
    return printRedaction(redact(native, treeOf(document), choose))
  },
  verify: (entry, proof) => {
    const read = parseRedaction(proof)
    if (!read.ok) return read.fault
    const verified = verifyRedaction(native, entry, 'research', { opening: OPENING, redaction: read.value })
    return verified.ok ? undefined : verified.fault
  },
}

function measure(
  name: string,
  of: { readonly size: number; readonly document: Value; readonly entry: Entry },
  { prove, verify }: Proving,
): void {
  const times: { readonly prove: number[]; readonly verify: number[] } = { prove: [], verify: [] }
  let proof = new Uint8Array(0)
  for (let time = 0; time < TIMES; time++) {
    times.prove.push(measured(() => (proof = new Uint8Array(prove(of.document)))))
    times.verify.push(
      measured(() => {
        const fault = verify(of.entry, proof)
        if (fault !== undefined) throw new Error(`the proof is refused: ${fault}`)
      }),
    )
  }
  print({ name: `${name}prove`, unit: 'ms', n: of.size, values: times.prove })
  print({ name: `${name}verify`, unit: 'ms', n: of.size, values: times.verify })
  print({ name: `${name}bytes`, unit: 'bytes', n: of.size, values: [proof.length] })
}

function treeOf(document: Value) {
  return makeItemTree(native, TIER_SECRET, flatten(document))
}

function isShown(path: Path): boolean {
  return path[0] === 'fields' && path[1] === 0
}

function measured(work: () => void): number {
  const begun = performance.now()
  work()
  return performance.now() - begun
}

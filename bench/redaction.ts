/** Showing one item of a part of 10 to 1,000: time to make and to check the proof, and its bytes. */
import { printDisclosure } from '../protocol/codec/disclosure.ts'
import { disclose, flatten, makeItemTree } from '../protocol/codec/items.ts'
import { parseRedaction, printRedaction, redact, verifyRedaction } from '../protocol/redaction/redaction.ts'
import { native } from '../node/keys/native.ts'
import { OPENING, TIER_SECRET } from '../test/support/item-cases.ts'
import { entryWith } from '../test/support/redaction-cases.ts'
import { print } from './report.ts'

const SIZES = [10, 100, 1_000]
const TIMES = 200

export function benchRedaction(): void {
  for (const size of SIZES) {
    const document = { fields: Array.from({ length: size - 1 }, (_, i) => `value ${i}`), $items: size - 1 }
    const tree = makeItemTree(native, TIER_SECRET, flatten(document))
    const entry = entryWith(tree)
    const isShown = (path: readonly unknown[]) => path[0] === '$items' || path[1] === 0
    const [prove, verify]: [number[], number[]] = [[], []]
    let proof = new Uint8Array(0)
    for (let time = 0; time < TIMES; time++) {
      prove.push(
        measured(() => {
          const redacted = redact(native, tree, (path) =>
            isShown(path)
              ? 'show'
              : { rule: 'bench', transform: 'suppress', reason: 'trade_secret', path: 'hidden' },
          )
          proof = new Uint8Array(printRedaction(redacted))
        }),
      )
      verify.push(
        measured(() => {
          const read = parseRedaction(proof)
          const verified = read.ok
            ? verifyRedaction(native, entry, 'research', { opening: OPENING, redaction: read.value })
            : read
          if (!verified.ok) throw new Error(`the redaction is refused: ${verified.fault}`)
        }),
      )
    }
    const shown = disclose(native, tree, (path) => path[0] === 'fields' && path[1] === 0)
    print({ name: 'redaction.prove', unit: 'ms', n: size, values: prove })
    print({ name: 'redaction.verify', unit: 'ms', n: size, values: verify })
    print({ name: 'redaction.bytes', unit: 'bytes', n: size, values: [proof.length] })
    print({
      name: 'redaction.one-item-bytes',
      unit: 'bytes',
      n: size,
      values: [printDisclosure(shown).length],
    })
  }
}

function measured(work: () => void): number {
  const begun = performance.now()
  work()
  return performance.now() - begun
}

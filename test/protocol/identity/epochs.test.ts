import assert from 'node:assert/strict'
import fc from 'fast-check'
import { judgeEpochs, originOfEpoch, standingAt, type HeldEpoch } from '../../../protocol/identity/epochs.ts'
import { epochDocument, headAt, originOf } from '../../support/declared.ts'

/** What a held epoch says of itself; its keys do not matter here. */
const FIRST = { ...epochDocument(1), keys: [] }
const LOST = { proof: null, text: 'All copies are lost.' }

/** The tree of each epoch here: the heads that `headAt` names are its own. */
const treeOf = (epoch: number, size: number) => ({ size, rootAt: (at: number) => headAt(epoch, at).root })

/** Epoch `number`, closing `before` at `size`. */
function held(number: number, before: number, size: number, confirmedSize = 0): HeldEpoch {
  const previous = before === 0 ? null : headAt(before, size)
  const because = before === 0 && number > 1 ? LOST : null
  const document = { ...FIRST, epoch: number, previous, because }
  return { origin: originOf(number), document, confirmed: treeOf(number, confirmedSize) }
}

const statesOf = (epochs: readonly HeldEpoch[]) => judgeEpochs(epochs).map(({ state }) => state)
const open = { kind: 'open' }
const closed = (by: number, epoch: number, size: number) => ({
  kind: 'closed',
  by: originOf(by),
  at: headAt(epoch, size),
})

describe('the epochs of a member', () => {
  it('are none, or one that is open', () => {
    assert.deepEqual(judgeEpochs([]), [])
    assert.deepEqual(statesOf([held(1, 0, 0)]), [open])
    assert.deepEqual(statesOf([held(7, 6, 10)]), [open])
  })

  it('are closed by the next one, at the head it names', () => {
    const states = statesOf([held(1, 0, 0), held(2, 1, 40), held(3, 2, 5)])
    assert.deepEqual(states, [closed(2, 1, 40), closed(3, 2, 5), open])
  })

  it('are void when a later one leaves them out', () => {
    const states = statesOf([held(1, 0, 0), held(2, 1, 40), held(3, 1, 60)])
    assert.deepEqual(states, [closed(3, 1, 60), { kind: 'void', by: originOf(3) }, open])
    const lost = statesOf([held(1, 0, 0), held(2, 0, 0)])
    assert.deepEqual(lost, [{ kind: 'void', by: originOf(2) }, open])
  })

  it('are unknown below one that is not held', () => {
    const states = statesOf([held(1, 0, 0), held(3, 2, 5)])
    assert.deepEqual(states, [{ kind: 'unknown', missing: originOf(2) }, open])
  })

  it('say whether others had confirmed the head at which one was closed', () => {
    const at = (confirmed: number) => judgeEpochs([held(1, 0, 0, confirmed), held(2, 1, 40)])[0]
    assert.deepEqual([at(0)?.closing, at(0)?.isProtected], ['unconfirmed', false])
    assert.deepEqual([at(39)?.closing, at(39)?.isProtected], ['unconfirmed', false])
    assert.deepEqual([at(40)?.closing, at(40)?.isProtected], ['confirmed', true])
    assert.equal(at(40)?.cutShort, undefined)
  })

  it('are protected by no head that the confirmed tree does not have at that size, and by none that is not held', () => {
    const closedUnder = (rootAt: (size: number) => Uint8Array | undefined) => {
      const [first] = judgeEpochs([{ ...held(1, 0, 0), confirmed: { size: 50, rootAt } }, held(2, 1, 40)])
      return [first?.state.kind, first?.closing, first?.isProtected]
    }
    assert.deepEqual(
      closedUnder(() => new Uint8Array(32).fill(9)),
      ['closed', 'contradicted', false],
    )
    assert.deepEqual(
      closedUnder(() => undefined),
      ['closed', 'unconfirmed', false],
    )
  })

  it('are protected by no closing that names a proof: its author says that two histories exist', () => {
    const second = held(2, 1, 40)
    const because = { proof: new Uint8Array(32).fill(7), text: 'Two machines.' }
    const admitted = { ...second, document: { ...second.document, because } }
    const [first] = judgeEpochs([held(1, 0, 0, 40), admitted])
    assert.deepEqual([first?.closing, first?.isProtected], ['confirmed', false])
  })

  it('show what a quorum had confirmed and the owner left behind', () => {
    const [cut] = judgeEpochs([held(1, 0, 0, 50), held(2, 1, 40)])
    assert.deepEqual(cut?.cutShort, { from: 40, to: 50 })
    const [lost] = judgeEpochs([held(1, 0, 0, 50), held(2, 0, 0)])
    assert.deepEqual(lost?.cutShort, { from: 0, to: 50 })
  })

  it('void what stands above the closing head and nothing below it', () => {
    const [one, two, three] = judgeEpochs([held(1, 0, 0), held(2, 1, 40), held(3, 1, 60)])
    assert.ok(one !== undefined && two !== undefined && three !== undefined)
    assert.equal(standingAt(one, 59), undefined)
    assert.equal(standingAt(one, 60), 'above-closing')
    assert.equal(standingAt(two, 0), 'epoch-void')
    assert.equal(standingAt(three, 1_000), undefined)
  })

  it('are judged in one pass, whatever their number', () => {
    const many = Array.from({ length: 20_000 }, (_, at) => held(at + 1, at, 5, 5))
    const judged = judgeEpochs(many)
    assert.ok(judged.slice(0, -1).every(({ isProtected }) => isProtected))
    assert.equal(judged.at(-1)?.state.kind, 'open')
  }).timeout(5_000)

  it('are named after the member, the network and their number', () => {
    assert.equal(originOfEpoch(originOf(1), 9), originOf(9))
  })

  const epochs = fc
    .uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 })
    .chain((numbers) =>
      fc.tuple(
        ...numbers.map((number) =>
          fc
            .tuple(fc.nat(number - 1), fc.integer({ min: 1, max: 60 }), fc.nat(60))
            .map(([before, size, confirmed]) => held(number, before, size, confirmed)),
        ),
      ),
    )

  it('are judged alike in whatever order they are held, with exactly one open: the newest', () => {
    fc.assert(
      fc.property(epochs, (some) => {
        const judged = judgeEpochs(some)
        assert.deepEqual(judgeEpochs(some.toReversed()), judged)
        const opened = judged.filter(({ state }) => state.kind === 'open')
        assert.deepEqual(opened, judged.slice(-1))
      }),
      { numRuns: 100 },
    )
  })

  it('are never opened again by a later one', () => {
    fc.assert(
      fc.property(epochs, fc.nat(8), fc.integer({ min: 1, max: 60 }), (some, before, size) => {
        const next = judgeEpochs([...some, held(10, before, size)])
        assert.ok(next.slice(0, -1).every(({ state }) => state.kind !== 'open'))
      }),
      { numRuns: 100 },
    )
  })
})

import assert from 'node:assert/strict'
import { Collector, type WitnessPeer } from '../../../node/witness/collector.ts'
import type { CosignedHeads } from '../../../node/witness/cosigned-heads.ts'
import { printCosignatureLines } from '../../../protocol/log/add-checkpoint.ts'
import type { NoteSignature } from '../../../protocol/log/note.ts'
import { cosignedStore, forged } from '../../support/cosigned-store.ts'
import { cosignatureOf, noteOf, testCosigner, testKey } from '../../support/notes.ts'
import { ORIGIN, OwnLog } from '../../support/own-log.ts'
import { until } from '../../support/until.ts'

const TIME = 1_700_000_000
describe('a log that gathers cosignatures', () => {
  let own: OwnLog
  let heads: CosignedHeads
  beforeEach(async () => {
    own = await OwnLog.open()
    heads = cosignedStore(own.store, own.logs)
  })
  afterEach(() => own.directory.remove())

  const line = (n: number, role: 'mirror' | 'witness' = 'mirror') => {
    const { complete } = own.log
    assert.ok(complete)
    return cosignatureOf(testCosigner(n, role), noteOf(complete), TIME)
  }
  /** Asks members that answer with these lines, and says who was blamed. */
  const gathered = async (answers: readonly (readonly NoteSignature[])[]) => {
    const blamed: string[] = []
    let spread: Uint8Array | undefined
    const peers = answers.map((lines, at): WitnessPeer => {
      const name = `m${at + 1}.example`
      const ask = async () => ({ status: 200, body: printCosignatureLines(lines) })
      return { name, ask, compare: () => undefined, blame: () => blamed.push(name) }
    })
    const collector = new Collector({
      clock: { now: () => TIME * 1_000 },
      logs: own.logs,
      ownOrigin: ORIGIN,
      heads,
      peers: () => peers,
      mayAsk: () => true,
      onCosigned: (note) => {
        spread = note
      },
      settings: { delayMs: 1, tickMs: 60_000, refreshSeconds: 60 },
    })
    collector.onGrown()
    await until('it is cosigned', () => spread !== undefined)
    await collector.stop()
    const names = noteOf(spread ?? new Uint8Array()).signatures.map(({ name }) => name)
    return { blamed, names: names.filter((name) => name !== ORIGIN) }
  }

  it('takes from each member its own lines', async () => {
    const { blamed, names } = await gathered([
      [line(1), line(1, 'witness')],
      [line(2), line(3)],
    ])
    assert.deepEqual(blamed, [])
    assert.deepEqual(names, [line(1).name, line(1, 'witness').name, line(2).name])
  })

  it('blames a member for a line in its own name that its key did not sign, and keeps the good ones', async () => {
    const { blamed, names } = await gathered([[forged(line(1)), line(1, 'witness')], [line(2)]])
    assert.deepEqual(blamed, ['m1.example'])
    assert.deepEqual(names, [line(1, 'witness').name, line(2).name])
  })

  it('blames nobody for what another one answers in its name, and for keys that are not known here', async () => {
    const other = cosignatureOf(
      { ...testKey(200), name: line(2).name },
      noteOf(own.log.complete ?? new Uint8Array()),
      TIME,
    )
    const { blamed, names } = await gathered([[line(1), forged(line(3))], [other], [line(3)]])
    assert.deepEqual(blamed, [])
    assert.deepEqual(names, [line(1).name, line(3).name])
  })
})

import assert from 'node:assert/strict'
import { clientOf, type Client } from '../../node/api/client.ts'
import { runNode, type RunningNode } from '../../node/run.ts'
import { parseEntry } from '../../protocol/codec/statement.ts'
import { printBase32 } from '../../protocol/bytes.ts'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { until } from '../support/until.ts'

describe('two members that observe one another', function () {
  this.timeout(180_000)
  let coalition: Coalition
  const running: RunningNode[] = []
  const clients: Client[] = []

  before(async () => {
    coalition = await makeCoalition(2)
    for (const { home } of coalition.members) {
      const { charterFile } = coalition
      running.push(await runNode({ home, passphrase: undefined, charterFile, tickMs: 200, observeMs: 1_000 }))
      clients.push(clientOf({ socket: home.socket, timeoutMs: 20_000, startCommand: 'candor up' }))
    }
  })

  after(async () => {
    await Promise.all(running.map(({ stop }) => stop()))
    coalition.remove()
  })

  /** Record ids of the observed statements in a's log, as the node of this client holds it. */
  async function observedBy(client: Client, domain: string): Promise<readonly string[]> {
    if (!(await client.logs()).some(({ origin }) => origin.startsWith(`${domain}/`))) return []
    const { entries } = await client.entries(domain, 0, 256)
    return entries.flatMap((bytes) => {
      const entry = parseEntry(bytes)
      assert.ok(entry.ok)
      const { kind, record } = entry.value.statement
      return kind === 'observed' ? [printBase32(record)] : []
    })
  }

  it('state each other’s heads at intervals, and each holds what the other stated', async () => {
    const [a, b] = clients
    assert.ok(a && b)
    await until('both observed twice, and heard it', async () => {
      const counts = await Promise.all([observedBy(b, 'a.example'), observedBy(a, 'b.example')])
      return counts.every(({ length }) => length >= 2)
    })
    // When the first ones were stated nobody may have cosigned yet: then what is seen is seen as a holder.
    const heads = await until('one states what was cosigned', async () => {
      const id = (await observedBy(b, 'a.example')).at(-1)
      const shown = await b.record(id ?? '', undefined)
      assert.equal(shown.author, 'a.example')
      const [version] = shown.versions
      assert.deepEqual([version?.kind, version?.marks], ['observed', []])
      const document = version?.document as { heads: { origin: string; as: string }[] }
      return document.heads.some(({ as }) => as === 'mirror') && document.heads
    })
    assert.equal(heads.length, 1)
    assert.ok(heads[0]?.origin.startsWith('b.example/candor/'))
  })

  it('do not find these among their records', async () => {
    const [a] = clients
    const page = await a?.records({ limit: 10 })
    assert.equal(page?.total, 0)
  })

  it('let nobody state by hand what only the node can know', async () => {
    const [a] = clients
    const heads = [
      {
        origin: `b.example/candor/${'a'.repeat(52)}/1`,
        size: 1,
        root: `sha256:${'0'.repeat(64)}`,
        as: 'holder',
      },
    ]
    await assert.rejects(
      async () => a?.addDraft({ kind: 'observed', public: { heads } }),
      /cannot state this kind/,
    )
  })
})

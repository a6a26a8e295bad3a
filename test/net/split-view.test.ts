import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DEFAULT_TICK_MS } from '../../node/network.ts'
import { candor } from '../support/cli.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { Five, isForked, isReady, LIAR, logOf, proofsOf, rewritten, SIZE } from '../support/five.ts'
import { JudgedProofs } from '../support/judged-proofs.ts'
import { LOG_LIES } from '../support/lies.ts'
import { until } from '../support/until.ts'

const { path, remove } = temporaryDirectory()
const proofs = new JudgedProofs(path)

describe('a coalition of five in which one member signs two histories', function () {
  this.timeout(180_000)
  let five: Five

  beforeEach(async () => {
    five = await Five.start()
  })

  afterEach(() => five.stop())

  for (const lie of LOG_LIES) {
    it(`and ${lie.what}: every honest node finds it within a round and freezes that log`, async () => {
      five.lie(lie)
      await five.convicts(`all have frozen the log of a member that ${lie.what}`)
      for (const node of five.nodes) {
        const [proven, ...others] = await proofs.of(node, 'log')
        if (others.length === 0) assert.deepEqual([proven?.kind, proven?.sizes], [lie.kind, lie.sizes])
      }
      await five.growsOn()
    })
  }

  it('is shown for what it did, with both branches, by every command that shows its log', async () => {
    const [b] = five.nodes
    const home = five.coalition.members[1]?.home.directory
    assert.ok(b && home !== undefined)
    const changed = five.signed(rewritten(five.truth(SIZE).leaves, 3, five.spare()[0]))
    five.tell((at) => (at === 0 ? changed : undefined))
    await until('it is frozen', () => isForked(b))
    const [proof] = await proofsOf(b)
    assert.ok(proof !== undefined)
    const asked = (...words: string[]) => candor(['--home', home, ...words])
    assert.match((await asked('status')).out, /forked since .*: it signed two histories \(sizes 13 and 13/)
    assert.match((await asked('list', '--author', LIAR)).out, /in a forked log/)
    const [row] = (await b.client.records({ author: LIAR, limit: 1 })).items
    assert.match((await asked('show', row?.record ?? '')).out, /in a forked log/)
    const shown = await asked('evidence', 'show', proof.id.slice(0, 12))
    for (const { root } of proof.heads) assert.ok(shown.out.includes(root))
    assert.match(shown.out, /at most the first 12 entries/)
    const verified = await asked('verify', '--all')
    assert.equal(verified.exit, 11)
    assert.match(verified.out, /SPLIT VIEW/)
    const file = join(path, 'exported.txt')
    assert.equal((await asked('evidence', 'export', proof.id, '-o', file)).exit, 0)
    assert.equal((await asked('evidence', 'check', file)).exit, 11)
    proofs.add(readFileSync(file))
  })

  it('is known for it to a member that was off meanwhile, and over restarts', async () => {
    const [b, c, d, e] = five.nodes
    assert.ok(b && c && d && e)
    await e.stop()
    const [one, two] = five.spare().map((leaf) => five.signed([...five.truth(SIZE).leaves, leaf]))
    five.tell((at) => (at === 3 ? undefined : at === 0 ? one : two))
    await five.convicts('the others have frozen it', { among: [b, c, d] })
    assert.ok(await five.every(isForked, [b, c, d]))
    // From here on the liar tells the truth: only the others know.
    five.tell(() => undefined)
    await b.stop()
    five.nodes = [await five.startNode(0), c, d, await five.startNode(3)]
    await until('the one that was off has frozen it too', () => five.every(isForked))
    await until('all may sign again', () => five.every(isReady))
    assert.ok((await logOf(c)).frozen !== undefined)
    await five.growsOn()
  })
})

describe('a coalition of five that exchanges heads as seldom as nodes do by default', function () {
  this.timeout(180_000)
  let five: Five

  beforeEach(async () => {
    five = await Five.start({ tickMs: DEFAULT_TICK_MS })
  })

  afterEach(() => five.stop())

  it('finds two heads of one size within a round after they were told all the same', async () => {
    const [lie] = LOG_LIES
    assert.ok(lie)
    five.lie(lie)
    await five.convicts('all have frozen the log')
    for (const node of five.nodes) await proofs.of(node, 'log')
    await five.growsOn()
  })
})

describe('proofs that a member signed two histories', function () {
  this.timeout(180_000)
  after(remove)

  it('hold with Go’s note and tlog, and do not with anything altered in them', async function () {
    await proofs.judge(this)
  })
})

import assert from 'node:assert/strict'
import { parseSignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { COSIGNER_LIES, LyingCosigner, type CosignerLie } from '../support/cosigner-lies.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { INCIDENT } from '../support/fake-service.ts'
import { Five, LIAR, logOf, SIZE } from '../support/five.ts'
import { JudgedProofs } from '../support/judged-proofs.ts'
import { announce, bundleWith, handOver } from '../support/telling.ts'
import { until } from '../support/until.ts'

const { path, remove } = temporaryDirectory()
const proofs = new JudgedProofs(path)

/** Two lies in each coalition, one by each cosigner key of the member: of an honest log’s own heads, and with one that nobody signed. */
const PAIRS = COSIGNER_LIES.slice(0, 2).flatMap((lie, at) => {
  const other = COSIGNER_LIES[at + 2]
  return other === undefined ? [] : [[lie, other] as const]
})

/** Shows the honest members these notes, by their place. Returns when they had been told; undefined for when each had asked. */
type Channel = (
  five: Five,
  notes: readonly (readonly Uint8Array[])[],
  role: string,
) => Promise<number | undefined>

const CHANNELS: readonly (readonly [name: string, tell: Channel])[] = [
  ['when heads are exchanged', exchange],
  ['in gossip', gossip],
  ['in a bundle that one of them was handed', bundle],
]

describe('a coalition of five in which the cosigner keys of one member lie', function () {
  this.timeout(180_000)
  let five: Five

  beforeEach(async () => {
    five = await Five.start()
  })

  afterEach(() => five.stop())

  for (const [name, tell] of CHANNELS)
    for (const [first, second] of PAIRS) {
      it(`and it ${first.what}, and ${second.what}, ${name}: every honest node finds it within a round, and no log is frozen`, async () => {
        await isFound(first, 'witness', tell)
        await isFound(second, 'mirror', tell)
        await five.growsOn()
      })
    }

  async function isFound(lie: CosignerLie, role: 'witness' | 'mirror', tell: Channel): Promise<void> {
    const notes = lie.notes(new LyingCosigner(five.coalition, 0, role), await grown())
    const from = await tell(five, notes, role)
    const what = `all have convicted a ${role} that ${lie.what}`
    await five.convicts(what, { convicts: role, ...(from === undefined ? {} : { from }) })
    for (const node of five.nodes) {
      for (const { kind } of await proofs.of(node, role)) assert.equal(kind, 'cosigner')
      for (const { state, frozen } of await node.client.logs())
        assert.deepEqual([state === 'forked', frozen], [false, undefined])
    }
    // From here on its lines are nowhere, and whatever it states is not taken any more.
    await until('nobody has a line of it', () =>
      five.every(
        async ({ client }) => !textOf(await client.head('b.example')).includes(`${LIAR}/candor/${role}`),
      ),
    )
  }

  /** The log of an honest member, a head of it from before, and the newest, which everybody holds. */
  async function grown() {
    const [b] = five.nodes
    assert.ok(b)
    const { client } = b
    const before = await client.head('b.example')
    const draft = await client.addDraft({ kind: 'incident', public: { ...INCIDENT, title: 'x' } })
    await client.publishDraft(draft.id, 0)
    const newest = await until('the log grew', async () => {
      const note = await client.head('b.example')
      return sizeOf(note) > sizeOf(before) && note
    })
    const size = sizeOf(newest)
    await until('all hold it', () =>
      five.every(async (node) => (await logOf(node, 'b.example')).size >= size),
    )
    return { origin: (await client.status()).log.origin, newest, before, size }
  }
})

describe('proofs that a cosigner contradicted itself', function () {
  this.timeout(180_000)
  after(remove)

  it('hold with Go’s note and tlog, and do not with anything altered in them', async function () {
    await proofs.judge(this)
  })
})

async function exchange(five: Five, notes: readonly (readonly Uint8Array[])[]): Promise<undefined> {
  await Promise.resolve()
  five.tell((at) => {
    const cosigned = notes[at] ?? []
    return cosigned.length === 0 ? undefined : { ...five.truth(SIZE), cosigned }
  })
}

function gossip(five: Five, notes: readonly (readonly Uint8Array[])[]): Promise<number> {
  return announce(
    five,
    notes.flat().map((note) => ({ t: 'news', note, chunk: null })),
  )
}

/** Handed to a member that is not the author of the log which it is about. */
async function bundle(five: Five, notes: readonly (readonly Uint8Array[])[], role: string): Promise<number> {
  const { from, exit, out } = await handOver(five, 2, path, bundleWith(five, notes.flat()))
  assert.equal(exit, 11, out)
  assert.match(out, new RegExp(`The ${role} key of a\\.example signed two histories`))
  return from
}

function textOf(note: Uint8Array): string {
  return Buffer.from(note).toString('utf8')
}

function sizeOf(note: Uint8Array): number {
  const read = parseSignedCheckpoint(note)
  return read.ok ? read.value.checkpoint.size : 0
}

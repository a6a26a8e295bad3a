/** Who is sent a data set, asked of the gate of a node while it is being sent, over libp2p. */
import assert from 'node:assert/strict'
import { admitKey } from '../../protocol/identity/key.ts'
import { BLOCK_BYTES } from '../../protocol/limits.ts'
import type { Copy } from '../../node/dataset/copy.ts'
import type { DataSets } from '../../node/dataset/data-sets.ts'
import type { OwnHead } from '../../node/dataset/head.ts'
import { confirmFile, GrantedFiles, isUnconfirmed, recordSent } from '../../node/disclosure/files.ts'
import { peerOf } from '../../node/contacts.ts'
import { collect } from '../support/crash-check.ts'
import {
  BLOB,
  connect,
  fetchOnce,
  grantedOf,
  startHolder,
  startReader,
  type Holder,
} from '../support/blob-peers.ts'
import { dataSetsIn, inChunks, markedFile } from '../support/data-set.ts'
import type { RawPeer } from '../support/raw-peer.ts'
import { counting } from '../support/statements.ts'
import { confirmBlob } from '../../node/net/ask-blob.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { FileGrants, type FileGrant } from '../support/file-grants.ts'

const BLOCKS = 40
const FILE = markedFile(BLOCKS * BLOCK_BYTES)

describe('a data set that is being sent', function () {
  this.timeout(180_000)
  let home: ReturnType<typeof temporaryDirectory>
  let ours: DataSets
  let copy: Copy<OwnHead>
  let grants: FileGrants
  let holder: Holder
  /** What happens before the right to have it is asked for the second time. */
  let meanwhile: () => Promise<void>

  before(async () => {
    home = temporaryDirectory()
    ours = dataSetsIn(`${home.path}/ours`)
    copy = await ours.import({ path: 'data/rows.csv', bytes: FILE.length, body: inChunks(FILE) })
    grants = await FileGrants.of(copy.head)
  })

  after(() => {
    grants.remove()
    home.remove()
  })

  beforeEach(async () => {
    await grants.renew()
    meanwhile = () => Promise.resolve()
    holder = await startHolder(ours, {
      authorise: async (grant, peer) => {
        if (holder.asked === 2) await meanwhile()
        const roots = await new GrantedFiles(grants.gate).at(grant, (key) => isPeer(key, peer))
        return roots.length === 0 ? { allowed: false } : { allowed: true, roots }
      },
      record: (served) => recordSent(grants.gate, served),
      confirm: (confirmed, peer) => confirmFile(grants.gate, confirmed, (key) => isPeer(key, peer)),
    })
  })

  afterEach(() => holder.peer.stop())

  /** Fetches with the node key that was granted it; how it ended, and blocks that came. */
  const fetched = async (grant: FileGrant, seed = grants.seedOf(grant)) => {
    const reader = await startReader(seed)
    const theirs = dataSetsIn(`${home.path}/${Buffer.from(grant.id).toString('hex')}`)
    const file = grantedOf(copy, grant.id)
    try {
      const end = await fetchOnce(theirs, file, await connect(reader.host, holder.address))
      const receiving = await theirs.receive(file)
      const blocks = receiving.held()
      await receiving.close()
      return { end: end.kind === 'ended' ? end.reason : end.kind, blocks }
    } finally {
      await reader.stop()
    }
  }

  it('comes whole to whoever was granted it, and not at all to another', async () => {
    const grant = await grants.grant('researcher')
    assert.deepEqual(await fetched(grant, undefined), { end: 'whole', blocks: BLOCKS })
    const stranger = await fetched(await grants.grant('researcher'), Buffer.alloc(32, 7))
    assert.deepEqual(stranger, { end: 'refused', blocks: 0 })
  })

  it('claims nothing that may not have come: it is unconfirmed until its reader says that it holds it', async () => {
    const grant = await grants.grant('member')
    const before = grants.gate.parts.trail.head().size
    const steps = async () => {
      const one = await grants.gate.parts.cases.get(grant.request)
      const all = await collect(grants.gate.parts.trail.entries(before))
      return all.map(({ entry }) => (isUnconfirmed(entry, one) ? `${entry.step}, unconfirmed` : entry.step))
    }
    meanwhile = () => Promise.reject(new Error('the owner died'))
    assert.equal((await fetched(grant)).end, 'failed')
    assert.deepEqual(await steps(), ['sent, unconfirmed'])
    assert.equal((await fetched(grant)).end, 'whole')
    assert.deepEqual(await steps(), ['sent, unconfirmed', 'sent, unconfirmed'])
    const [stranger, reader] = [await startReader(), await startReader(grants.seedOf(grant))]
    const says = async ({ host }: RawPeer, root = copy.head.root) => {
      const connection = await connect(host, holder.address)
      return confirmBlob(connection, BLOB, { grant: grant.id, root }, AbortSignal.timeout(5_000))
    }
    assert.equal(await says(stranger), 'refused')
    assert.equal(await says(reader, counting(32, 1)), 'refused')
    assert.equal((await steps()).length, 2)
    for (let time = 0; time < 2; time++) assert.equal(await says(reader), 'done')
    assert.deepEqual(await steps(), ['sent', 'sent', 'confirmed'])
    await Promise.all([stranger.stop(), reader.stop()])
  })

  for (const by of ['member', 'researcher'] as const)
    for (const [name, end] of Object.entries(FileGrants.ENDINGS))
      it(`stops on its way to a ${by} when ${name}`, async () => {
        const grant = await grants.grant(by)
        meanwhile = () => end(grants, grant)
        assert.deepEqual(await fetched(grant), { end: 'refused', blocks: 16 })
        assert.deepEqual(await fetched(grant), { end: 'refused', blocks: 16 })
      })

  it('stops on its way to a member that is suspended', async () => {
    const grant = await grants.grant('member')
    meanwhile = () => Promise.resolve(grants.suspendMember())
    assert.deepEqual(await fetched(grant), { end: 'refused', blocks: 16 })
  })
})

function isPeer(key: Uint8Array, peer: string): boolean {
  const admitted = admitKey(key)
  return admitted.ok && peerOf(admitted.value) === peer
}

import assert from 'node:assert/strict'
import { Keystore } from '../../node/keys/keystore.ts'
import { native } from '../../node/keys/native.ts'
import type { ProofView } from '../../node/api/client.ts'
import { printSignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { cosign, printCosignature, printCosignerName } from '../../protocol/log/cosignature.ts'
import { parseEquivocation, printEquivocation } from '../../protocol/log/equivocation-file.ts'
import { proveCosigner, proveSameSize } from '../../protocol/log/equivocation-maker.ts'
import { verifyEquivocation } from '../../protocol/log/equivocation.ts'
import { noteKeyId, parseNote, printNote, SIGNATURE_TYPE } from '../../protocol/log/note.ts'
import { printNews } from '../../protocol/sync/message.ts'
import { protocolsOf } from '../../node/net/protocols.ts'
import { portable } from '../../protocol/primitives.ts'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { INCIDENT } from '../support/fake-service.ts'
import { startNode, type NodeProcess } from '../support/process.ts'
import { signedLogOf, type SignedLeaf } from '../support/signed-log.ts'
import { startTwoFaced, type Face, type TwoFaced } from '../support/two-faced.ts'
import { until } from '../support/until.ts'

/** Incidents in the liar's log, besides leaf 0. */
const INCIDENTS = 12
const SIZE = INCIDENTS + 1

/** Two heartbeats of gossip. */
const ROUND_MS = 2_000

const LIAR = 'a.example'
const HONEST = ['b.example', 'c.example', 'd.example', 'e.example'] as const

/** Shows each honest member what this says, by its place among them; what it says nothing about sees the truth. */
type Lie = (liar: TwoFaced, spare: readonly SignedLeaf[]) => readonly (Face | undefined)[]

describe('a coalition of five in which one member lies', function () {
  this.timeout(60_000)
  let coalition: Coalition
  let liar: TwoFaced
  let nodes: NodeProcess[] = []

  beforeEach(async () => {
    coalition = await makeCoalition(5)
    liar = await startTwoFaced(coalition, 0, INCIDENTS + 3)
    // Three entries are kept back for what is shown later.
    tell(liar, () => truth(INCIDENTS + 1))
    nodes = await Promise.all(HONEST.map((_, at) => start(at)))
    await until('all may sign', () => every((node) => isReady(node)))
    await until('all hold the log of the liar', () =>
      every(async (node) => (await logOf(node)).size === SIZE),
    )
  })

  afterEach(async () => {
    await Promise.all(nodes.map((node) => node.kill()))
    await liar.stop()
    coalition.remove()
  })

  const start = (at: number) => {
    const home = coalition.members[at + 1]?.home
    assert.ok(home)
    return startNode(home, coalition.charterFile)
  }
  const every = async (holds: (node: NodeProcess) => Promise<boolean>, among = nodes) =>
    (await Promise.all(among.map(holds))).every(Boolean)
  const isReady = async ({ client }: NodeProcess) => (await client.status()).state === 'ok'
  const logOf = async ({ client }: NodeProcess, domain = LIAR) => {
    const log = (await client.logs()).find((one) => one.domain === domain)
    return log ?? { size: 0, state: 'empty', frozen: undefined }
  }
  const isForked = async (node: NodeProcess) => (await logOf(node)).state === 'forked'
  const truth = (size: number): Face => {
    const leaves = liar.log.leaves.slice(0, size)
    return { note: liar.log.noteOf(leaves), leaves }
  }
  const tell = (to: TwoFaced, face: (at: number) => Face) => {
    const places = new Map<string, number>()
    to.face = (peer) => face(places.get(peer) ?? placeOf(peer, places))
  }
  // Which honest member a peer is, found out once from what the nodes say of themselves.
  let peerIds: readonly string[] = []
  const placeOf = (peer: string, places: Map<string, number>): number => {
    const place = peerIds.indexOf(peer)
    places.set(peer, place)
    return place
  }
  const meet = async () => {
    peerIds = await Promise.all(nodes.map(async ({ client }) => (await client.whoami()).peerId))
  }

  /** The log of every honest member grows, at every honest member, and none of them is frozen anywhere. */
  const growsOn = async () => {
    for (const { client } of nodes) {
      const draft = await client.addDraft({
        kind: 'incident',
        public: { ...INCIDENT, title: 'Business as usual' },
      })
      await client.publishDraft(draft.id, 0)
    }
    for (const domain of HONEST) {
      const grown = async (node: NodeProcess) => (await logOf(node, domain)).size >= 2
      await until(`the log of ${domain} grows everywhere`, () => every(grown))
      assert.ok(await every(async (node) => (await logOf(node, domain)).state === 'ok'))
    }
    for (const { client } of nodes) {
      for (const { domain } of await client.evidenceList()) assert.equal(domain, LIAR)
    }
  }
  const proofsOf = ({ client }: NodeProcess) => client.evidenceList()
  const checkProof = async (node: NodeProcess, { id }: ProofView) => {
    const file = await node.client.evidenceFile(id)
    const claim = parseEquivocation(portable, file)
    assert.ok(claim.ok)
    const proven = verifyEquivocation(portable, claim.value)
    assert.ok(proven.ok)
    return proven.value
  }

  const extended = (leaves: readonly SignedLeaf[]): Face => ({ note: liar.log.noteOf(leaves), leaves })
  const rewritten = (leaves: readonly SignedLeaf[], at: number, by: SignedLeaf | undefined) =>
    leaves.map((leaf, index) => (index === at && by !== undefined ? by : leaf))

  const lies: readonly (readonly [string, Lie, ProofView['kind'], readonly [number, number]])[] = [
    [
      'signs two heads of one size',
      ({ log }, [x, y]) => {
        const base = log.leaves.slice(0, SIZE)
        return x === undefined || y === undefined
          ? []
          : [extended([...base, x]), extended([...base, y]), extended([...base, x]), extended([...base, y])]
      },
      'size',
      [SIZE + 1, SIZE + 1],
    ],
    [
      'shrinks its log',
      ({ log }, [x]) => [undefined, extended(rewritten(log.leaves.slice(0, SIZE - 4), SIZE - 5, x))],
      'tree',
      [SIZE - 4, SIZE],
    ],
    [
      'rewrites a leaf',
      ({ log }, [x]) => [undefined, undefined, extended(rewritten(log.leaves.slice(0, SIZE), 3, x))],
      'size',
      [SIZE, SIZE],
    ],
    [
      'signs a head of size 0 with another root',
      ({ log }) => {
        const keystore = Keystore.open(coalition.members[0]?.home.keys ?? '', undefined)
        const { publicKey, sign } = keystore.logSigner(1)
        const head = { origin: log.origin, size: 0, root: new Uint8Array(32).fill(7) }
        return [
          undefined,
          undefined,
          undefined,
          { note: printSignedCheckpoint(native, head, publicKey, sign), leaves: [] },
        ]
      },
      'tree',
      [0, SIZE],
    ],
    [
      'shows a proof out of a hidden branch',
      ({ log }, [x, y]) =>
        x === undefined || y === undefined
          ? []
          : [extended([...rewritten(log.leaves.slice(0, SIZE), 3, x), y])],
      'tree',
      [SIZE, SIZE + 1],
    ],
  ]
  for (const [what, lie, kind, sizes] of lies) {
    it(`${what}: every honest node finds it within a round, and freezes that log for good`, async () => {
      await meet()
      const faces = lie(liar, liar.log.leaves.slice(SIZE))
      tell(liar, (at) => faces[at] ?? truth(SIZE))
      await until(`all have frozen the log of a member that ${what}`, () => every(isForked), ROUND_MS)
      for (const node of nodes) {
        const [proof, ...others] = await proofsOf(node)
        assert.ok(proof !== undefined)
        assert.deepEqual([proof.convicts, proof.domain], ['log', LIAR])
        const proven = await checkProof(node, proof)
        if (others.length === 0) assert.deepEqual([proven.kind, proven.sizes], [kind, sizes])
        assert.match((await node.client.status()).problems.map(({ code }) => code).join(), /SPLIT_VIEW/)
      }
      await growsOn()
    })
  }

  it('is found by a member that was off meanwhile, and stays frozen over restarts', async () => {
    await meet()
    const [b, , , e] = nodes
    assert.ok(b && e)
    await e.stop()
    const [x, y] = liar.log.leaves.slice(SIZE)
    assert.ok(x && y)
    const base = liar.log.leaves.slice(0, SIZE)
    tell(liar, (at) => (at === 0 ? extended([...base, x]) : extended([...base, y])))
    await until('the others have frozen it', () => every(isForked, nodes.slice(0, 3)), ROUND_MS)
    // From here on the liar is silent: only the others can tell.
    tell(liar, () => truth(SIZE))
    await b.stop()
    nodes = [await start(0), ...nodes.slice(1, 3), await start(3)]
    await until('the one that was off has frozen it too', () => every(isForked))
    await until('all may sign again', () => every(isReady))
    await growsOn()
  })

  it('cannot harm anybody with forged cosignatures, old heads, junk or the notes of another network', async () => {
    await meet()
    const [b] = nodes
    assert.ok(b)
    const witness = Keystore.open(coalition.members[1]?.home.keys ?? '', undefined).signer(
      'witness',
    ).publicKey
    const name = printCosignerName('b.example', 'witness')
    const keyId = noteKeyId(native, name, SIGNATURE_TYPE.cosignature, witness)
    const forged = { name, keyId, bytes: printCosignature(1_800_000_000, new Uint8Array(64).fill(9)) }
    const { note, leaves } = truth(SIZE + 1)
    const parsed = parseNote(note)
    assert.ok(parsed.ok)
    const withForged = printNote({ ...parsed.value, signatures: [...parsed.value.signatures, forged] })
    tell(liar, () => ({ note: withForged, leaves }))
    const isGrown = async (node: NodeProcess) => (await logOf(node)).size === SIZE + 1
    await until('its log grows all the same', () => every(isGrown))
    for (const { client } of nodes) {
      const held = parseNote(await client.head(LIAR))
      assert.ok(held.ok)
      assert.deepEqual(
        held.value.signatures.map((line) => line.name),
        [liar.log.origin],
      )
    }
    tell(liar, () => truth(SIZE - 3))

    const other = await makeCoalition(1)
    const foreign = signedLogOf(other, 0, 4)
    const [first, second] = [
      foreign.leaves.slice(0, 4),
      rewritten(foreign.leaves.slice(0, 4), 3, foreign.leaves[4]),
    ]
    const subject = { name: foreign.origin, type: SIGNATURE_TYPE.ed25519, key: foreign.logKey }
    const proof = proveSameSize(native, { subject, a: foreign.noteOf(first), b: foreign.noteOf(second) })
    other.remove()
    assert.ok(proof.ok)
    const file = printEquivocation(native, proof.value)
    await assert.rejects(b.client.addEvidence(file), { code: 'EVIDENCE_KEY' })
    await assert.rejects(b.client.addEvidence(Buffer.from('junk')), { code: 'EVIDENCE_INVALID' })
    const { pubsub } = liar.host.services
    const { heads } = protocolsOf(liar.log.charter.networkId)
    await until('the nodes hear the liar', () => pubsub.getSubscribers(heads).length > 0)
    for (const bytes of [file, Buffer.from('junk')]) {
      await pubsub.publish(heads, printNews({ t: 'evidence', proof: bytes }))
    }
    await growsOn()
    assert.ok(await every(async (node) => (await proofsOf(node)).length === 0))
    assert.ok(await every(async (node) => (await logOf(node)).state === 'ok'))
  })

  it('pays when it gives other entries than its head covers, and is believed when it gives the right ones', async () => {
    await meet()
    const more = truth(SIZE + 2)
    const [x] = liar.log.leaves.slice(SIZE + 2)
    const scores = () =>
      Promise.all(
        nodes.map(
          async ({ client }) => (await client.peers()).find(({ domain }) => domain === LIAR)?.score ?? 0,
        ),
      )
    // Its proof is of the tree that it signed, so the entries are the lie: the head that is held is continued.
    let isLying = true
    liar.face = () => (isLying ? { ...more, given: rewritten(more.leaves, SIZE, x) } : more)
    await until('it pays', async () => (await scores()).some((score) => score < 0))
    isLying = false
    await until('it is believed', () => every(async (node) => (await logOf(node)).size === SIZE + 2), 10_000)
    assert.ok(await every(async (node) => (await proofsOf(node)).length === 0))
  })

  it('loses the cosigner that goes back in time, and nobody loses a log', async () => {
    const [b] = nodes
    assert.ok(b)
    const keystore = Keystore.open(coalition.members[0]?.home.keys ?? '', undefined)
    const { publicKey, sign } = keystore.signer('witness')
    const name = printCosignerName(LIAR, 'witness')
    const cosigned = (size: number, time: number) => {
      const note = parseNote(liar.log.noteOf(liar.log.leaves.slice(0, size)))
      assert.ok(note.ok)
      const { text } = note.value
      return printNote({ text, signatures: [cosign(native, { name, key: publicKey }, { text, time }, sign)] })
    }
    const subject = { name, type: SIGNATURE_TYPE.cosignature, key: publicKey }
    const proof = proveCosigner(native, {
      subject,
      a: cosigned(9, 1_800_000_060),
      b: cosigned(12, 1_800_000_000),
    })
    assert.ok(proof.ok)
    const { state } = await b.client.addEvidence(printEquivocation(native, proof.value))
    assert.equal(state, 'new')
    await until('all have it', () => every(async (node) => (await proofsOf(node)).length === 1), ROUND_MS)
    for (const node of nodes) assert.equal((await proofsOf(node))[0]?.convicts, 'witness')
    assert.ok(await every(async (node) => (await logOf(node)).state === 'ok'))
    await growsOn()
  })
})

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { setTimeout as sleep } from 'node:timers/promises'
import { Keystore } from '../../node/keys/keystore.ts'
import { native } from '../../node/keys/native.ts'
import { Frames } from '../../node/net/framing.ts'
import { protocolsOf } from '../../node/net/protocols.ts'
import { peerOf } from '../../node/contacts.ts'
import { parseCosignatureLines, printAddCheckpoint } from '../../protocol/log/add-checkpoint.ts'
import { printCosignerName, verifyCosignature, type CosignerRole } from '../../protocol/log/cosignature.ts'
import { readCharter } from '../../protocol/governance/charter-file.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import { parseNote } from '../../protocol/log/note.ts'
import { parseWitnessAnswer, type WitnessAnswer } from '../../protocol/sync/witness.ts'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { startNode, type NodeProcess } from '../support/process.ts'
import { seededRandom } from '../support/random.ts'
import { nodeSeedOf, serveLog, startRawPeer, type RawPeer } from '../support/raw-peer.ts'
import { signedLogOf, type SignedLog } from '../support/signed-log.ts'
import { consistencyOf, treeOf, type ReferenceTree } from '../support/tree.ts'
import { until } from '../support/until.ts'

const KILLS = 20

/** Entries of the log that asks; all are held by the node, so it answers as a mirror too. */
const ENTRIES = 120

const ROLES: readonly CosignerRole[] = ['witness', 'mirror']

describe('a cosigner that is killed', function () {
  this.timeout(240_000)
  let coalition: Coalition
  let node: NodeProcess | undefined
  let asker: RawPeer
  let log: SignedLog
  let tree: ReferenceTree
  let protocol: string
  /** What was answered last: nothing may ever be below it. */
  const answered = { size: 0, time: 0 }
  /** The largest head that was shown. */
  let asked = 1

  before(async () => {
    coalition = await makeCoalition(2)
    const charter = readCharter(native, readFileSync(coalition.charterFile))
    assert.ok(charter.ok)
    const { networkId } = charter.value
    protocol = protocolsOf(networkId).witness
    log = signedLogOf(coalition, 0, ENTRIES)
    tree = treeOf(log.leaves.map(({ bytes }) => leafHash(native, bytes)))
    const [member] = coalition.members
    assert.ok(member)
    asker = await startRawPeer(nodeSeedOf(member.home), networkId, [`/ip4/127.0.0.1/tcp/${member.port}`])
    // It shows no more of its log than it asked to be cosigned: nothing below what is known of it ever is.
    await serveLog(asker, networkId, () => noteAt(asked), log.leaves)
  })

  after(async () => {
    await node?.kill()
    await asker.stop()
    coalition.remove()
  })

  const start = async () => {
    const home = coalition.members[1]?.home
    assert.ok(home)
    node = await startNode(home, coalition.charterFile, ['--tick-ms', '100'])
    return node
  }
  const keystore = () => Keystore.open(coalition.members[1]?.home.keys ?? '', undefined)
  const noteAt = (size: number) => log.noteOf(log.leaves.slice(0, size))
  const ask = async (oldSize: number, size: number): Promise<WitnessAnswer | undefined> => {
    const member = coalition.members[1]
    assert.ok(member)
    asked = Math.max(asked, size)
    const isProven = oldSize > 0 && oldSize < size
    const proof = isProven ? consistencyOf(tree, BigInt(oldSize), BigInt(size)) : []
    const peer = peerOf(keystore().signer('node').publicKey)
    const frames = new Frames(await asker.open(member.port, peer, protocol))
    const signal = AbortSignal.timeout(5_000)
    await frames.write(printAddCheckpoint({ oldSize, proof, note: noteAt(size) }), signal)
    const frame = await frames.read(65_536, signal)
    const answer = frame === undefined ? undefined : parseWitnessAnswer(frame)
    return answer?.ok === true ? answer.value : undefined
  }
  /** The times in an answer, of each role that is there, each line verified. */
  const timesIn = (body: Uint8Array, size: number): readonly number[] => {
    const note = parseNote(noteAt(size))
    const lines = parseCosignatureLines(body)
    assert.ok(note.ok && lines.ok)
    const keys = keystore()
    return ROLES.flatMap((role) => {
      const cosigner = { name: printCosignerName('b.example', role), key: keys.signer(role).publicKey }
      const read = verifyCosignature(native, cosigner, { text: note.value.text, signatures: lines.value })
      return read.ok ? [read.value.time] : []
    })
  }

  it(`${KILLS} times under load never answers with a smaller size or an earlier time`, async () => {
    const { random, seed } = seededRandom()
    const counts = { answers: 0, mirrors: 0, ahead: 0 }
    /**
     * Asks for one size after the other until the node is gone. The size that was answered once more, or a larger one, is honest. A stream that
     * breaks before is a machine that is busy, or the kill.
     */
    const load = async (killed: { yet: boolean }) => {
      let size = answered.size
      while (!killed.yet) {
        const next = Math.min(size + Math.floor(random() * 3), ENTRIES + 1)
        const answer = await ask(size, next).catch(() => undefined)
        if (answer === undefined) await sleep(20)
        else if (answer.status === 409) {
          const kept = Number(Buffer.from(answer.body).toString())
          assert.ok(kept >= answered.size, `it says ${kept} after ${answered.size} (seed ${seed})`)
          // The answer that the kill cut off was stated all the same.
          if (kept > answered.size) counts.ahead += 1
          size = kept
        } else if (answer.status === 200) {
          const times = timesIn(answer.body, next)
          assert.ok(times.length > 0)
          assert.ok(
            times.every((time) => time >= answered.time),
            `time went back (seed ${seed})`,
          )
          counts.answers += 1
          counts.mirrors += times.length - 1
          answered.size = next
          answered.time = Math.max(...times)
          size = next
        } else await sleep(20)
      }
    }
    for (let round = 0; round < KILLS; round++) {
      const running = await start()
      let last: unknown
      await until('the node answers', async () => {
        const probe = await ask(answered.size, answered.size).catch((error: unknown) => {
          last = error
          return undefined
        })
        last = probe ?? last
        if (answered.size === 0) return probe !== undefined && probe.status !== 503
        return probe?.status === 200 || probe?.status === 409
      }).catch((error: unknown) => {
        throw new Error(`after ${inspect(answered)} it says ${inspect(last)}: ${running.log()}`, {
          cause: error,
        })
      })
      const before = counts.answers
      const killed = { yet: false }
      const loading = load(killed)
      loading.catch(() => undefined)
      await until('something is cosigned', () => counts.answers > before || answered.size > ENTRIES)
      await sleep(random() * 60)
      await running.kill()
      killed.yet = true
      await loading
    }
    await start()
    // A smaller head, honest and signed, which it would have cosigned once.
    const smaller = Math.floor(answered.size / 2)
    const back = await until('the node answers', async () => {
      const probe = await ask(smaller, smaller + 1).catch(() => undefined)
      return probe !== undefined && probe.status !== 503 && probe.status !== 404 ? probe : undefined
    })
    assert.equal(back.status, 409)
    assert.ok(Number(Buffer.from(back.body).toString()) >= answered.size)
    process.stdout.write(
      `      ${KILLS} kills, seed ${seed}: ${counts.answers} answers (${counts.mirrors} also as a mirror), ${counts.ahead} stated without being heard\n`,
    )
  })
})

/** Whole exchanges, driven to their end through every crash that a test can name. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Request } from '../../protocol/access/request.ts'
import { printHex } from '../../protocol/bytes.ts'
import type { Value } from '../../protocol/codec/cbor.ts'
import { printDigest } from '../../protocol/dataset/manifest.ts'
import { DataSets } from '../../node/dataset/data-sets.ts'
import type { AskedCase } from '../../node/disclosure/asked.ts'
import { changesOf, expire, heed, letGo } from '../../node/disclosure/changes.ts'
import { eraseParts } from '../../node/disclosure/erasing.ts'
import { revoke, rule } from '../../node/disclosure/person.ts'
import { native } from '../../node/keys/native.ts'
import { readVault } from '../../node/store/vault.ts'
import { checkEnd, checkErased, checkSent, checkSigned, collect } from './crash-check.ts'
import { CrashingPair, type Fate, type SideName } from './crashing.ts'
import { POLICY, requestOf } from './disclosing.ts'
import { copyLog, Parties, RECORD } from './parties.ts'
import { counting } from './statements.ts'

/** Whoever is asked again and again goes on within this many rounds. */
const ROUNDS_MAX = 60
const ROUND_SECONDS = 7_200

export type Exchange = 'allowed' | 'revoked' | 'denied' | 'erased' | 'retracted' | 'ended'

/** One round of everything that both nodes would do by themselves. True when nothing is left to do. */
type Script = (pair: CrashingPair) => Promise<boolean>

export class CrashRun {
  private readonly parties: Parties
  // Where the owner's files lie before anything happens.
  private readonly files: string
  private readonly scripts: Readonly<Record<Exchange, Script>>

  private constructor(parties: Parties, request: Request, files: string) {
    this.parties = parties
    this.files = files
    const until = request.at + 86_400
    this.scripts = {
      erased: (pair) => erased(parties, pair, request),
      retracted: (pair) => retracted(pair, request),
      ended: (pair) => ended(pair, { ...request, until }),
      allowed: (pair) => allowed(pair, request),
      revoked: (pair) => revoked(pair, { ...request, purpose: 'research' }),
      denied: (pair) => denied(pair, { ...request, purpose: 'audit' }),
    }
  }

  static async make(): Promise<CrashRun> {
    const parties = await Parties.make(2)
    writeFileSync(join(parties.directory, 'policy-a.example'), POLICY)
    const files = join(parties.directory, 'files')
    const manifest = await filesOf(new DataSets(files, parties.party(0).sealer))
    const on = await parties.say(0, { ...RECORD, research: { ...RECORD.research, manifest } })
    await parties.share()
    return new CrashRun(parties, requestOf(parties, on), files)
  }

  remove(): void {
    this.parties.remove()
  }

  /** Every way in which a process can be killed once in this exchange, or those that may differ from one another. */
  async kills(name: Exchange, which: 'all' | 'telling'): Promise<readonly ReadonlyMap<number, Fate>[]> {
    const { points } = await this.run(name)
    return points.flatMap((point, at) =>
      (which === 'all' ? SIDES : tellingSides(point)).map(
        (side) => new Map<number, Fate>([[at, { kind: 'kill', side }]]),
      ),
    )
  }

  /** Every batch refused in turn, and whether it reached the disk all the same. */
  async failures(
    name: Exchange,
    of: readonly SideName[] = SIDES,
  ): Promise<readonly ReadonlyMap<number, Fate>[]> {
    const { points } = await this.run(name)
    return points.flatMap((point, at) =>
      of.some((side) => point === `${side}: before a batch` || point === `${side}: before a file goes`)
        ? [false, true].map((kept) => new Map<number, Fate>([[at, { kind: 'full', kept }]]))
        : [],
    )
  }

  /** Runs to the end through these fates. Every byte that is sent on the way is checked, and the end. */
  async run(name: Exchange, fates: ReadonlyMap<number, Fate> = new Map()): Promise<CrashingPair> {
    try {
      return await this.driven(this.scripts[name], fates)
    } catch (error) {
      const named = [...fates].map(([at, fate]) => `${JSON.stringify(fate)} at point ${at}`).join(', ')
      throw new Error(`${name} with ${named}`, { cause: error })
    }
  }

  private async driven(script: Script, fates: ReadonlyMap<number, Fate>): Promise<CrashingPair> {
    const pair = await CrashingPair.start(this.parties, this.files, fates)
    for (let round = 0, checked = 0; round < ROUNDS_MAX; round++) {
      let failure: unknown
      const isDone = await script(pair).catch((error: unknown) => {
        failure = error
        return false
      })
      // With a disk that is full the process lives on for a while, and must not disclose anything.
      if (failure !== undefined) await script(pair).catch(() => undefined)
      checkSent(pair.sent, checked)
      checked = pair.sent.length
      await checkSigned(pair)
      const isRevived = await pair.revive()
      if (failure !== undefined && !isRevived) throw failure
      if (isDone && !isRevived) {
        await checkEnd(this.parties, pair)
        pair.end()
        return pair
      }
      pair.elapsed += ROUND_SECONDS
    }
    throw new Error(`it never came to an end: ${pair.points.join(', ')}`)
  }
}

const SIDES: readonly SideName[] = ['owner', 'reader']

/** Who dies before it writes or sends might as well have died after it did so last; who only waits, at the next message. */
function tellingSides(point: string): readonly SideName[] {
  if (point.endsWith('before a batch') || point.endsWith('before a file goes')) return []
  if (/after a batch|a file$|a file went/.test(point)) return SIDES.filter((side) => point.startsWith(side))
  if (point.includes('after it sent')) return SIDES
  return point.startsWith('owner') ? ['reader'] : []
}

/** Asked, granted by a rule, opened and confirmed. */
async function allowed(pair: CrashingPair, request: Request): Promise<boolean> {
  const one = await asked(pair, request)
  await flush(pair)
  const [found] = await collect(pair.owner.disclosure.cases.all())
  return found?.state === 'confirmed' && one.state === 'opened'
}

/** Asked, let through by a person, opened, confirmed, revoked and erased. */
async function revoked(pair: CrashingPair, request: Request): Promise<boolean> {
  await asked(pair, request)
  const { gate, cases } = pair.owner.disclosure
  const [found] = await collect(cases.all())
  if (found?.state === 'asked')
    await rule(gate, found.id, 'the duty officer', {
      outcome: 'allow',
      form: { kind: 'whole' },
      until: undefined,
    })
  if (found?.state === 'confirmed') await revoke(gate, found.id, { reason: 'terms_broken', note: null })
  const one = await takeFile(pair)
  if (one === undefined) return false
  const next = await tick(pair, one.id)
  const isTold = next.state === 'revoked' && next.owed.acks === 0 && found?.acks.length === 1
  if (!isTold) return false
  await checkErased(pair, 'reader')
  return (await pair.reader.disclosure.asked.release(one.id)) === undefined
}

/** Asked, opened with its file, erased by its author, and at whoever holds it. */
async function erased(parties: Parties, pair: CrashingPair, request: Request): Promise<boolean> {
  await asked(pair, request)
  const one = await takeFile(pair)
  if (one === undefined) return false
  const { disclosure, files, logs, publish, store } = pair.owner
  const log = logs.get(request.on.origin)?.number ?? 0
  const kept = await readVault(store, parties.party(0).sealer, log, request.on.index)
  if (kept?.partner.length !== 0) {
    const order = { tiers: ['partner', 'research'], basis: 'safety' } as const
    const parts = { gate: disclosure.gate, files, publish }
    await eraseParts(parts, { on: request.on, log, ...order, public: order })
  }
  await disclosure.free()
  await copyLog(logs, pair.reader.logs, request.on.origin)
  const next = await tick(pair, one.id)
  const [found] = await collect(disclosure.cases.all())
  if (next.state !== 'erased' || next.owed.acks > 0 || found?.acks.length !== 1) return false
  for (const side of SIDES) await checkErased(pair, side)
  assert.deepEqual(found.offered?.contentKey, new Uint8Array(32))
  assert.ok(found.receipt, 'whoever holds it counts still')
  return (await collect(disclosure.trail.entries())).some(({ entry }) => entry.step === 'erased')
}

/** Asked, opened with its file, and retracted: marked, and nothing is deleted. */
async function retracted(pair: CrashingPair, request: Request): Promise<boolean> {
  await asked(pair, request)
  const one = await takeFile(pair)
  if (one === undefined) return false
  const { disclosure, logs, publish, store } = pair.owner
  const changes = await changesOf({ logs, primitives: native }, store, request)
  if (changes.length === 0)
    await publish([{ kind: 'retract', on: request.on, public: { reason: 'It was another device.' } }])
  await copyLog(logs, pair.reader.logs, request.on.origin)
  const next = await tick(pair, one.id)
  const [found] = await collect(disclosure.cases.all())
  if (next.owed.acks > 0 || found?.acks.length !== 1) return false
  assert.equal(pair.sets('reader').left(), 1)
  return (await pair.reader.disclosure.asked.release(one.id)) !== undefined
}

/** Asked, opened with its file, until its time is over. */
async function ended(pair: CrashingPair, request: Request): Promise<boolean> {
  const { state } = await asked(pair, request)
  const one = await takeFile(pair)
  if (state !== 'ended' && one === undefined) return false
  const { reader, asked: cases } = pair.reader.disclosure
  const [made] = await collect(cases.all())
  if (made === undefined) return false
  await expire(reader, made.id)
  const next = await tick(pair, made.id)
  if (next.state !== 'ended') return false
  await checkErased(pair, 'reader')
  return (await cases.release(made.id)) === undefined
}

/** What the reader's node does in each round about one request. */
async function tick(pair: CrashingPair, id: Uint8Array): Promise<AskedCase> {
  const { disclosure, store } = pair.reader
  await letGo(disclosure.reader, store, id)
  await disclosure.free()
  await heed(disclosure.reader, store, id)
  const next = await disclosure.reader.pursue(id)
  await flush(pair)
  return next
}

/** The reader has its part, and the file that came with it. Undefined before the owner knows that. */
async function takeFile(pair: CrashingPair): Promise<AskedCase | undefined> {
  await flush(pair)
  const { disclosure, sets } = pair.reader
  const [one] = await collect(disclosure.asked.all())
  if (one?.state === 'opened' && one.grantId !== null && sets.granted(one.grantId).length === 0) {
    const head = { kind: 'granted', path: 'rows.csv', bytes: 3, isWhole: false } as const
    sets.make({ ...head, grant: one.grantId, root: counting(32, 1), contentKey: counting(32, 2) })
  }
  const [found] = await collect(pair.owner.disclosure.cases.all())
  return one !== undefined && found !== undefined && TAKEN.has(found.state) ? one : undefined
}

const TAKEN: ReadonlySet<string> = new Set(['confirmed', 'revoked'])

/** One file of the owner's under two paths, a copy made of it for some reader, and how a manifest names them. */
async function filesOf(sets: DataSets): Promise<Value> {
  const content = Buffer.from('id,dose\n1,12\n')
  const rows: Value[] = []
  for (const path of ['rows.csv', 'again.csv']) {
    const body = (async function* () {
      yield content
    })()
    const { head } = await sets.import({ path, bytes: content.length, body })
    const [digest, root, key] = [printDigest(head.digest), printDigest(head.root), printHex(head.contentKey)]
    rows.push({ path, digest, bytes: content.length, root, key })
    if (path !== 'rows.csv') continue
    const marked = { path, bytes: content.length, contentKey: head.contentKey, base: head.root }
    sets.make({ kind: 'marked', ...marked, root: counting(32, 3), request: counting(32, 4), insertions: [] })
  }
  return rows
}

/** Asked for what no rule allows. */
async function denied(pair: CrashingPair, request: Request): Promise<boolean> {
  const one = await asked(pair, request)
  await flush(pair)
  return one.state === 'denied'
}

async function asked(pair: CrashingPair, request: Request): Promise<AskedCase> {
  const { reader, asked: cases } = pair.reader.disclosure
  const [made] = await collect(cases.all())
  const { id } = made ?? (await reader.make(request))
  return reader.pursue(id)
}

async function flush(pair: CrashingPair): Promise<void> {
  await pair.owner.disclosure.unlogged.flush()
  await pair.reader.disclosure.unlogged.flush()
}

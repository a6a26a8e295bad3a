/** Whole exchanges, driven to their end through every crash that a test can name. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Request } from '../../protocol/access/request.ts'
import type { AskedCase } from '../../node/disclosure/asked.ts'
import { heed } from '../../node/disclosure/changes.ts'
import { revoke, rule } from '../../node/disclosure/person.ts'
import { checkEnd, checkSent, collect } from './crash-check.ts'
import { CrashingPair, type Fate, type SideName } from './crashing.ts'
import { POLICY, requestOf } from './disclosing.ts'
import { Parties, RECORD } from './parties.ts'

/** Whoever is asked again and again goes on within this many rounds. */
const ROUNDS_MAX = 60
const ROUND_SECONDS = 7_200

export type Exchange = 'allowed' | 'revoked' | 'denied'

/** One round of everything that both nodes would do by themselves. True when nothing is left to do. */
type Script = (pair: CrashingPair) => Promise<boolean>

export class CrashRun {
  private readonly parties: Parties
  private readonly scripts: Readonly<Record<Exchange, Script>>

  private constructor(parties: Parties, request: Request) {
    this.parties = parties
    this.scripts = {
      allowed: (pair) => allowed(pair, request),
      revoked: (pair) => revoked(pair, { ...request, purpose: 'research' }),
      denied: (pair) => denied(pair, { ...request, purpose: 'audit' }),
    }
  }

  static async make(): Promise<CrashRun> {
    const parties = await Parties.make(2)
    writeFileSync(join(parties.directory, 'policy-a.example'), POLICY)
    const on = await parties.say(0, RECORD)
    await parties.share()
    return new CrashRun(parties, requestOf(parties, on))
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
      of.some((side) => point === `${side}: before a batch`)
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
    const pair = await CrashingPair.start(this.parties, fates)
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
      const isRevived = await pair.revive()
      if (failure !== undefined && !isRevived) throw failure
      if (isDone && !isRevived) {
        await checkEnd(this.parties, pair)
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
  if (point.endsWith('before a batch')) return []
  if (point.endsWith('after a batch')) return SIDES.filter((side) => point.startsWith(side))
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
  const { store, disclosure } = pair.reader
  const [one] = await collect(disclosure.asked.all())
  if (one === undefined) return false
  await heed(disclosure.reader, store, one.id)
  const next = await disclosure.reader.pursue(one.id)
  await flush(pair)
  const isTold = next.state === 'revoked' && next.owed.acks === 0 && found?.acks.length === 1
  return isTold && (await disclosure.asked.release(one.id)) === undefined
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

/** A reader in memory that asks a lying owner, and goes on for some days as its node would. */
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import type { AccessAnswer } from '../../protocol/access/message.ts'
import type { Request } from '../../protocol/access/request.ts'
import type { AskedCase } from '../../node/disclosure/asked.ts'
import { heed, letGo } from '../../node/disclosure/changes.ts'
import type { Reply } from '../../node/disclosure/reader.ts'
import type { AccessWorld } from './access-world.ts'
import { SECONDS } from './access-world.ts'
import { collect } from './crash-check.ts'
import { PointSets } from './crashing-files.ts'
import type { Running } from './disclosing.ts'
import { LyingOwner } from './lying-owner.ts'
import { NOW } from './parties.ts'
import { counting } from './statements.ts'

const DAY_MS = 86_400_000

export class ReaderDesk {
  readonly owner: LyingOwner
  readonly running: Running
  /** It may not publish, and so says nothing. */
  isMute = false
  /** Its files. */
  readonly sets: PointSets
  private readonly world: AccessWorld
  private readonly clock: { now: number }

  private constructor(
    world: AccessWorld,
    owner: LyingOwner,
    running: { readonly running: Running; readonly sets: PointSets },
    clock: { now: number },
  ) {
    this.world = world
    this.owner = owner
    this.running = running.running
    this.sets = running.sets
    this.clock = clock
  }

  static async open(world: AccessWorld): Promise<ReaderDesk> {
    const clock = { now: NOW }
    const owner = await LyingOwner.open(world)
    const made: { desk?: ReaderDesk } = {}
    const { directory } = world.parties
    const sets = new PointSets(mkdtempSync(join(directory, 'files-')), world.parties.party(1).sealer)
    const running = await owner.reader(() => clock.now, {
      mayPublish: () => made.desk?.isMute !== true,
      sets,
    })
    made.desk = new ReaderDesk(world, owner, { running, sets }, clock)
    return made.desk
  }

  async asked(changes: Partial<Request> = {}): Promise<AskedCase> {
    const { id } = await this.running.disclosure.reader.make(this.world.request(changes))
    return this.goOn(id)
  }

  async goOn(id: Uint8Array): Promise<AskedCase> {
    const { reader } = this.running.disclosure
    let one = await reader.pursue(id)
    for (let day = 0; day < 4; day++) one = await this.nextDay(id)
    return one
  }

  async nextDay(id: Uint8Array): Promise<AskedCase> {
    const { disclosure, store } = this.running
    const { reader } = disclosure
    this.clock.now += DAY_MS
    await letGo(reader, store, id)
    await disclosure.free()
    await heed(reader, store, id)
    return reader.pursue(id)
  }

  /** One round of the node's own. */
  async round(): Promise<void> {
    this.running.disclosure.tick()
    await this.running.disclosure.stop()
  }

  pass(days: number): void {
    this.clock.now += days * DAY_MS
  }

  /** A request to which a good grant came, and then nothing. */
  async received(): Promise<AskedCase> {
    this.owner.lie = async (message) =>
      message.kind === 'request' ? (await this.owner.craft(message)).granted : say({ kind: 'wait' })
    return this.asked()
  }

  /** The steps of the reader's trail. */
  async steps(): Promise<readonly string[]> {
    return (await collect(this.running.disclosure.trail.entries())).map(({ entry }) => entry.step)
  }

  release(one: AskedCase): Promise<Uint8Array | undefined> {
    return this.running.disclosure.asked.release(one.id)
  }

  denialOf(one: AskedCase, changes: object = {}, signer = 0): Uint8Array {
    return this.owner.stated(
      { ...this.answered(one), kind: 'denial', request: one.id, reason: 'no_rule', note: null, ...changes },
      this.world.signer(signer),
    )
  }

  /** Of this grant, or of some other where there is none. */
  revocationOf(one: AskedCase, grant: Uint8Array | null, signer = 0): Uint8Array {
    const named = grant ?? counting(32, 1)
    return this.owner.stated(
      { ...this.answered(one), kind: 'revocation', grant: named, reason: 'mistake', note: null },
      this.world.signer(signer),
    )
  }

  private answered(one: AskedCase) {
    const { signed } = this.running.disclosure.reader.madeOf(one)
    const { network, owner } = signed.statement
    return { network, at: SECONDS, owner, to: signed.keyId }
  }
}

export function say(answer: AccessAnswer): Reply {
  return { answer, ciphertext: undefined }
}

/**
 * An owner and a reader that are killed wherever a test says: before and after every batch, and before and after every
 * message on either side. What the disk held then is what the next process finds; what was sent was sent. The bytes
 * that left either of them are kept, with what lay on the disks at that moment.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  parseAccessAnswer,
  parseAccessMessage,
  printAccessAnswer,
  printAccessMessage,
  type AccessAnswer,
  type AccessMessage,
} from '../../protocol/access/message.ts'
import type { TrailEntry } from '../../protocol/access/trail.ts'
import { AskedCases } from '../../node/disclosure/asked.ts'
import { Trail } from '../../node/disclosure/trail.ts'
import type { Reply } from '../../node/disclosure/reader.ts'
import { native } from '../../node/keys/native.ts'
import type { Operation } from '../../node/ports.ts'
import { PointSets, type FilePoint } from './crashing-files.ts'
import { startDisclosure, type Running } from './disclosing.ts'
import { MemoryKeyValue } from './memory-kv.ts'
import { NOW, type Parties } from './parties.ts'

export type SideName = 'owner' | 'reader'

/** What happens at a point: nothing, the end of one of the processes, or a disk that takes nothing any more. */
export type Fate =
  | { readonly kind: 'kill'; readonly side: SideName }
  /** The batch is refused, and all after it until a restart; `kept` when it reached the disk all the same. */
  | { readonly kind: 'full'; readonly kept: boolean }

export type Sent = {
  readonly from: SideName
  readonly message: AccessMessage | AccessAnswer
  readonly bytes: Uint8Array
  readonly ciphertext: Uint8Array | undefined
  /** The owner's and the reader's trail on disk when it left. */
  readonly trails: Readonly<Record<SideName, readonly TrailEntry[]>>
  /** Whether anything was left on the reader's disk then of what it was given. */
  readonly held: boolean
}

export class Killed extends Error {}

const NUMBER = { owner: 0, reader: 1 } as const

/** A store in which each batch is two points, and which nobody hears of any more once its process is dead. */
class PointStore extends MemoryKeyValue {
  at: (what: string) => Fate | undefined = () => undefined
  isDead = false
  isFull = false

  override async batch(operations: readonly Operation[]): Promise<void> {
    // A disk takes its time: whoever does not wait for it is found out.
    await new Promise((resolve) => setImmediate(resolve))
    this.expectAlive()
    if (this.isFull) throw new Error('no space left on device')
    const fate = this.at('before a batch')
    if (fate?.kind === 'full') {
      this.isFull = true
      if (fate.kept) await super.batch(operations)
      throw new Error('no space left on device')
    }
    if (this.dies()) throw new Killed('killed before a batch')
    await super.batch(operations)
    this.at('after a batch')
    if (this.dies()) throw new Killed('killed after a batch')
  }

  /** The same for an act on a file beside the store. */
  act(what: FilePoint): void {
    this.expectAlive()
    if (this.isFull) throw new Error('no space left on device')
    if (this.at(what)?.kind === 'full') {
      this.isFull = true
      throw new Error('no space left on device')
    }
    if (this.dies()) throw new Killed(`killed ${what}`)
  }

  expectAlive(): void {
    if (this.isDead) throw new Killed('the process is dead')
  }

  private dies(): boolean {
    return this.isDead
  }

  static of(store: MemoryKeyValue): PointStore {
    const made = new PointStore()
    made.take(store)
    return made
  }
}

type Side = { store: PointStore; sets: PointSets; running: Running }

export class CrashingPair {
  readonly sent: Sent[] = []
  /** Names of the points that were passed, in order. */
  readonly points: string[] = []
  /** Seconds that have passed since the beginning. */
  elapsed = 0
  private readonly parties: Parties
  private readonly fates: ReadonlyMap<number, Fate>
  private readonly sides = new Map<SideName, Side>()
  private readonly directory: string

  private constructor(parties: Parties, fates: ReadonlyMap<number, Fate>) {
    this.parties = parties
    this.fates = fates
    this.directory = mkdtempSync(join(parties.directory, 'pair-'))
  }

  /** Both start from these disks, the owner with these files. At the points with these numbers something happens. */
  static async start(
    parties: Parties,
    files: string,
    fates: ReadonlyMap<number, Fate> = new Map(),
  ): Promise<CrashingPair> {
    const pair = new CrashingPair(parties, fates)
    cpSync(files, join(pair.directory, 'owner'), { recursive: true })
    mkdirSync(join(pair.directory, 'reader'))
    for (const side of ['owner', 'reader'] as const) await pair.boot(side, parties.store(NUMBER[side]))
    return pair
  }

  /** Nothing of its files is needed any more. */
  end(): void {
    rmSync(this.directory, { recursive: true })
  }

  sets(name: SideName): PointSets {
    return this.side(name).sets
  }

  /** Whether anything is left on the reader's disk of what it was given. */
  async holds(): Promise<boolean> {
    const { sets, store, running } = this.side('reader')
    if (sets.left() > 0) return true
    const { asked } = running.disclosure
    for await (const { id } of new AskedCases(store, this.parties.party(1).sealer).all())
      if ((await asked.release(id)) !== undefined || (await asked.ciphertext(id)) !== undefined) return true
    return false
  }

  get owner(): Running {
    return this.side('owner').running
  }

  get reader(): Running {
    return this.side('reader').running
  }

  disk(name: SideName): MemoryKeyValue {
    return this.side(name).store.copy()
  }

  /** Starts whoever is dead or has a full disk again, from what its disk holds. True if somebody was. */
  async revive(): Promise<boolean> {
    let revived = false
    for (const [name, { store }] of this.sides) {
      if (!store.isDead && !store.isFull) continue
      store.isDead = true
      await this.boot(name, store.copy())
      revived = true
    }
    return revived
  }

  trailOf(name: SideName): Promise<readonly TrailEntry[]> {
    return trailIn(this.parties, name, this.disk(name))
  }

  private side(name: SideName): Side {
    const found = this.sides.get(name)
    if (found === undefined) throw new Error('bug: both sides are started')
    return found
  }

  private async boot(name: SideName, disk: MemoryKeyValue): Promise<void> {
    const store = PointStore.of(disk)
    const sets = new PointSets(join(this.directory, name), this.parties.party(NUMBER[name]).sealer)
    const running = await startDisclosure(this.parties, NUMBER[name], store, {
      ask: (_, message) => this.exchange(store, message),
      now: () => NOW + this.elapsed * 1_000,
      sets,
    })
    // Nothing happens while a process starts; that is tried by killing the one before it at any point.
    store.at = (what) => this.point(`${name}: ${what}`)
    sets.at = (what) => store.act(what)
    sets.expectAlive = () => store.expectAlive()
    this.sides.set(name, { store, sets, running })
  }

  private point(what: string): Fate | undefined {
    const fate = this.fates.get(this.points.length)
    this.points.push(what)
    if (fate?.kind === 'kill') this.side(fate.side).store.isDead = true
    return fate
  }

  /** One message there and its answer back. Whoever is dead sends nothing, and nothing reaches it. */
  private async exchange(asker: PointStore, message: AccessMessage): Promise<Reply | undefined> {
    this.point(`reader: before it sends ${message.kind}`)
    if (asker.isDead) throw new Killed('killed before it sent')
    const bytes = printAccessMessage(message)
    await this.keep('reader', message, bytes, undefined)
    this.point(`reader: after it sent ${message.kind}`)
    const owner = this.side('owner')
    if (owner.store.isDead) throw new Error('nobody is there')
    const parsed = parseAccessMessage(bytes)
    if (!parsed.ok) throw new Error('bug: an honest reader speaks the protocol')
    const { answer, ciphertext } = await owner.running.disclosure.answer(
      parsed.value,
      this.parties.party(1).node,
    )
    this.point(`owner: before it sends ${answer.kind}`)
    if (owner.store.isDead) throw new Error('the stream ended')
    const said = printAccessAnswer(answer)
    await this.keep('owner', answer, said, ciphertext)
    this.point(`owner: after it sent ${answer.kind}`)
    if (asker.isDead) throw new Killed('killed while it waited')
    const heard = parseAccessAnswer(said)
    if (!heard.ok) throw new Error('bug: an honest owner speaks the protocol')
    return { answer: heard.value, ciphertext: ciphertext?.slice() }
  }

  private async keep(
    from: SideName,
    message: Sent['message'],
    bytes: Uint8Array,
    ciphertext: Uint8Array | undefined,
  ): Promise<void> {
    const trails = { owner: await this.trailOf('owner'), reader: await this.trailOf('reader') }
    this.sent.push({ from, message, bytes, ciphertext, trails, held: await this.holds() })
  }
}

export async function trailIn(
  parties: Parties,
  name: SideName,
  store: MemoryKeyValue,
): Promise<readonly TrailEntry[]> {
  const trail = new Trail({ primitives: native, store, sealer: parties.party(NUMBER[name]).sealer })
  await trail.open()
  if (!(await trail.isWhole())) throw new Error(`the trail of the ${name} is not whole`)
  const entries: TrailEntry[] = []
  for await (const { entry } of trail.entries()) entries.push(entry)
  return entries
}

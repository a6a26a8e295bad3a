/**
 * One log on its way through an audit: runs of leaves are judged on threads, several at a time, and taken in in their
 * order. A run in which keys may change is judged here, between those before it and those after it.
 */
import { absorbJudgement, auditLeaves, type Audit } from '../../protocol/audit/verify.ts'
import { mayChangeKeys, type Leaf } from '../../protocol/audit/judgement.ts'
import { leafHash, type HashedLeaves } from '../../protocol/log/merkle.ts'
import { TILE_WIDTH } from '../../protocol/log/tile.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import { leavesOf, printRun, type Run } from './run.ts'
import type { JudgedRun, Threads } from './threads.ts'

/** Runs on their way for each thread: enough that none waits, few enough that memory stays small. */
const RUNS_PER_THREAD = 4

export type PipelineParts = {
  readonly primitives: Primitives
  readonly threads: Threads
  readonly threadCount: number
  readonly audit: Audit
  /** Hears the leaf hashes of each run that was taken in, in order. */
  readonly onHashes: (leaves: HashedLeaves) => Promise<void>
}

export class Pipeline {
  private readonly parts: PipelineParts
  private audit: Audit
  // Leaves taken in or on their way: the index of the next one.
  private next: number
  private readonly flying: Promise<JudgedRun | undefined>[] = []
  private ended = false

  constructor(parts: PipelineParts) {
    this.parts = parts
    this.audit = parts.audit
    this.next = parts.audit.edge.size
  }

  /** Takes the next leaves. False once nothing more is wanted. */
  async push(leaves: readonly Leaf[]): Promise<boolean> {
    for (let at = 0; at < leaves.length && !this.ended; at += TILE_WIDTH) {
      const some = leaves.slice(at, at + TILE_WIDTH)
      const run = printRun(this.next, some)
      const isHard = run === undefined || mayChangeKeys(run.entries)
      if (isHard) await this.judgeHere(some)
      else await (this.next === 0 ? this.begin(some) : this.send(run))
    }
    return !this.ended
  }

  /** Takes the next leaves unread. False once nothing more is wanted: what came is no run of that width. */
  async pushRun(run: Run, isHard = mayChangeKeys(run.entries)): Promise<boolean> {
    if (this.next > 0 && !isHard) return this.send(run)
    const leaves = leavesOf(run)
    if (leaves === undefined) return this.end()
    return isHard ? this.judgeHere(leaves) : this.begin(leaves)
  }

  /** The audit with everything that was pushed, up to the first run that could not be read. */
  async settle(): Promise<Audit> {
    while (this.flying.length > 0) await this.takeIn()
    return this.audit
  }

  /** How far it has come for sure. */
  current(): Audit {
    return this.audit
  }

  /** The first leaf of a log tells its keys; what comes behind it goes to the threads, which would wait meanwhile. */
  private async begin(leaves: readonly Leaf[]): Promise<boolean> {
    const [first, rest] = [leaves.slice(0, 1), leaves.slice(1)]
    if (!(await this.judgeHere(first)) || rest.length === 0) return !this.ended
    const run = printRun(this.next, rest)
    return run === undefined ? this.judgeHere(rest) : this.send(run)
  }

  private async judgeHere(leaves: readonly Leaf[]): Promise<boolean> {
    await this.settle()
    if (this.ended) return false
    const { primitives } = this.parts
    this.audit = auditLeaves(primitives, this.audit, leaves)
    this.next += leaves.length
    await this.parts.onHashes({ hashes: leaves.map(({ bytes }) => leafHash(primitives, bytes)) })
    return true
  }

  private async send(run: Run): Promise<boolean> {
    const { origin, rootKey, scope, keys } = this.audit.judgement
    const judged = this.parts.threads.judge({ origin, rootKey, scope }, keys, run)
    // A failure is heard when the run is taken in; until then it must not count as unheard.
    judged.catch(() => undefined)
    this.flying.push(judged)
    this.next += run.width
    while (this.flying.length >= RUNS_PER_THREAD * this.parts.threadCount) await this.takeIn()
    return !this.ended
  }

  private async takeIn(): Promise<void> {
    const run = await this.flying.shift()
    if (run === undefined) this.end()
    if (run === undefined || this.ended) return
    const { keys } = this.audit.judgement
    const judged = { ...run.judgement, keys }
    this.audit = absorbJudgement(this.parts.primitives, this.audit, run.leaves, judged)
    await this.parts.onHashes(run.leaves)
  }

  private end(): boolean {
    this.ended = true
    return false
  }
}

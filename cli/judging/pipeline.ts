/**
 * One log on its way through an audit: runs of leaves are judged on threads, several at a time, and taken in in their
 * order. A run in which keys may change is judged here, between those before it and those after it.
 */
import { absorbJudgement, auditLeaves, type Audit } from '../../protocol/audit/verify.ts'
import { mayChangeKeys, type Leaf } from '../../protocol/audit/judgement.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import type { JudgedRun, Threads } from './threads.ts'

/** Runs on their way for each thread: enough that none waits, few enough that memory stays small. */
const RUNS_PER_THREAD = 3

export class Pipeline {
  private readonly primitives: Primitives
  private readonly threads: Threads
  private readonly runsMax: number
  private audit: Audit
  // Leaves taken in or on their way: the index of the next one.
  private next: number
  private readonly flying: Promise<JudgedRun>[] = []

  constructor(primitives: Primitives, threads: Threads, threadCount: number, audit: Audit) {
    this.primitives = primitives
    this.threads = threads
    this.runsMax = RUNS_PER_THREAD * threadCount
    this.audit = audit
    this.next = audit.edge.size
  }

  /** Takes the next leaves, and waits while too many are on their way. */
  async push(leaves: readonly Leaf[]): Promise<void> {
    if (this.next === 0 || leaves.some(({ bytes }) => mayChangeKeys(bytes))) {
      await this.settle()
      this.audit = auditLeaves(this.primitives, this.audit, leaves)
      this.next += leaves.length
      return
    }
    const { origin, rootKey, scope, keys } = this.audit.judgement
    const run = this.threads.judge({ origin, rootKey, scope }, keys, { from: this.next, leaves })
    // A failure is heard when the run is taken in; until then it must not count as unheard.
    run.catch(() => undefined)
    this.flying.push(run)
    this.next += leaves.length
    while (this.flying.length >= this.runsMax) await this.takeIn()
  }

  /** The audit with everything that was pushed. */
  async settle(): Promise<Audit> {
    while (this.flying.length > 0) await this.takeIn()
    return this.audit
  }

  /** How far it has come for sure. */
  size(): number {
    return this.audit.edge.size
  }

  private async takeIn(): Promise<void> {
    const run = await this.flying.shift()
    if (run === undefined) return
    const { keys } = this.audit.judgement
    this.audit = absorbJudgement(this.primitives, this.audit, run.hashes, { ...run.judgement, keys })
  }
}

/** Files of a process that can be killed before, halfway through and after the erasure of each, or whose disk refuses it. */
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { equal } from '../../protocol/bytes.ts'
import type { Copy } from '../../node/dataset/copy.ts'
import { DataSets } from '../../node/dataset/data-sets.ts'
import type { Head } from '../../node/dataset/head.ts'
import type { Sealer } from '../../node/ports.ts'

export type FilePoint = 'before a file goes' | 'halfway through a file' | 'after a file went'

export class PointSets extends DataSets {
  /** Throws where the process is dead, or dies, or its disk refuses. */
  at: (what: FilePoint) => void = () => undefined
  /** Throws where the process is dead. */
  expectAlive: () => void = () => undefined
  readonly place: string

  constructor(place: string, sealer: Sealer) {
    super(place, sealer)
    this.place = place
  }

  override keep<H extends Head>(copy: Copy<H>): Copy<H> {
    this.expectAlive()
    return super.keep(copy)
  }

  override erase(copy: Copy): void {
    this.at('before a file goes')
    if (!this.hasMarked(copy)) this.halfway(copy)
    super.erase(copy)
    this.at('after a file went')
  }

  private halfway(copy: Copy): void {
    try {
      this.at('halfway through a file')
    } catch (error) {
      // The key is overwritten, and all the rest is there still.
      writeFileSync(copy.files.head, new Uint8Array(64))
      throw error
    }
  }

  /** Copies made of it go before it, and have points of their own. */
  private hasMarked({ head }: Copy): boolean {
    if (head.kind !== 'own' || this.ownCopies(head.root).length > 1) return false
    return this.list().some((one) => one.head.kind === 'marked' && equal(one.head.base, head.root))
  }

  /** Copies of which anything is left on the disk. */
  left(): number {
    return readdirSync(this.place).filter((name) => readdirSync(join(this.place, name)).length > 0).length
  }
}

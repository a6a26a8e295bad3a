/**
 * Erasures: once the owner's log erases a part, its deposit goes, everywhere and for good. At the owner nothing waits for
 * holders any more; a holder deletes ciphertext, share and what it recovered, and signs that it did, which it says when
 * nothing of it is left in the files either. Spec 06 §15.
 */
import { printHex } from '../../protocol/bytes.ts'
import type { Escrow } from '../../protocol/access/escrow.ts'
import { parseEntry } from '../../protocol/codec/statement.ts'
import { changesOf } from '../disclosure/changes.ts'
import { stateAccess } from '../disclosure/statements.ts'
import type { HeldLog } from '../store/log.ts'
import { erasingRow } from '../store/forgetting.ts'
import { numberAt } from '../store/prefixes.ts'
import { escrowIn } from './deposits.ts'
import type { Kept } from './kept.ts'
import { entryOf, nowOf, type Desk } from './parts.ts'

/** Entries read at once. */
const READ_AT_ONCE = 256

/** Stands in the entry of every erasure; entries without it need not be parsed. */
const KIND = Buffer.from('erase')

export class ErasureWatch {
  private readonly desk: Desk
  // How far each log was read; undefined until everything held was looked at once. Written by `look` only.
  private readTo: Map<string, number> | undefined
  private running: Promise<void> = Promise.resolve()

  constructor(desk: Desk) {
    this.desk = desk
  }

  /** Acts on erasures that are new since the last look; on the first, on all there ever were. */
  look(): Promise<void> {
    const run = this.running.then(() => this.lookNow())
    this.running = run.catch(() => undefined)
    return run
  }

  private async lookNow(): Promise<void> {
    const { deposits, kept } = this.desk
    const isFirst = this.readTo === undefined
    const readTo = (this.readTo ??= new Map())
    let isErased = false
    for (const log of this.desk.parts.logs.all()) {
      const from = readTo.get(log.origin) ?? 0
      // What was erased before is found by the deposits, of which there are fewer than entries.
      const leaves = isFirst ? [] : this.erasedIn(log, from)
      for (const leaf of leaves)
        isErased = (await this.act(deposits.about(leaf), kept.about(leaf))) || isErased
      readTo.set(log.origin, log.edge.size)
    }
    if (isFirst) isErased = await this.act(deposits.about(), kept.about())
    if (isErased) await this.desk.parts.free()
  }

  /** The leaves that entries of a log from here on erase something of. */
  private erasedIn(log: HeldLog, from: number): readonly Uint8Array[] {
    const { logs } = this.desk.parts
    const leaves: Uint8Array[] = []
    for (let at = from; at < log.edge.size;) {
      const entries = logs.entries(log, at, Math.min(READ_AT_ONCE, log.edge.size - at))
      if (entries.length === 0) break
      for (const bytes of entries) {
        if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(KIND)) continue
        const entry = parseEntry(bytes)
        const { kind, on } = entry.ok ? entry.value.statement : {}
        if (kind === 'erase' && on !== undefined && on !== null) leaves.push(on.leaf)
      }
      at += entries.length
    }
    return leaves
  }

  private async act(ours: readonly Uint8Array[], kept: readonly Uint8Array[]): Promise<boolean> {
    let isErased = false
    for (const id of ours) isErased = (await forgetDeposit(this.desk, id)) || isErased
    for (const id of kept) isErased = (await forgetKept(this.desk, id)) || isErased
    return isErased
  }
}

async function isErasedBy({ parts }: Desk, { on, tier }: Pick<Escrow, 'on' | 'tier'>): Promise<boolean> {
  const changes = await changesOf(parts, parts.store, { on, tier })
  return changes.some(({ kind }) => kind === 'erase')
}

function forgetDeposit(desk: Desk, id: Uint8Array): Promise<boolean> {
  return desk.turns.take(printHex(id), async () => {
    const one = await desk.deposits.get(id)
    if (one === undefined || one.isErased || !(await isErasedBy(desk, escrowIn(one.signed).statement)))
      return false
    const holders = one.holders.map((holder) => ({ ...holder, share: null, nextAt: 0, tries: 0 }))
    const rows = [
      desk.deposits.put({ ...one, isErased: true, holders }),
      desk.deposits.dropCiphertext(id),
      erasingRow('sealed', 0, numberAt(id, 0, 6)),
    ]
    await desk.parts.trail.append([entryOf(desk, id, 'forgotten', null, {})], rows)
    return true
  })
}

function forgetKept(desk: Desk, id: Uint8Array): Promise<boolean> {
  return desk.turns.take(printHex(id), async () => {
    const one = await desk.kept.get(id)
    if (one === undefined || one.state === 'erased') return false
    if (!(await isErasedBy(desk, escrowIn(one.signed).statement))) return false
    const { primitives, charter, origin, signer, trail } = desk.parts
    const { bytes: ack } = stateAccess(primitives, signer(), {
      kind: 'escrow-ack',
      network: charter.networkId,
      at: nowOf(desk),
      from: origin,
      escrow: id,
      state: 'erased',
    })
    const next: Kept = { ...one, state: 'erased', share: null, gathered: [], ack }
    await trail.append(
      [entryOf(desk, id, 'forgotten', null, {})],
      [desk.kept.put(next), ...desk.kept.erase(id)],
    )
    desk.kept.count(one, -1)
    return true
  })
}

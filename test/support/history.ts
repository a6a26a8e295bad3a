/** What a node told of its log: the heads it showed and the entries it acknowledged, to be held against it later. */
import assert from 'node:assert/strict'
import { parseSignedCheckpoint, type Checkpoint } from '../../protocol/log/checkpoint.ts'
import { verifyConsistency } from '../../protocol/log/proof.ts'
import { parseEntry } from '../../protocol/codec/statement.ts'
import { printBase32 } from '../../protocol/bytes.ts'
import { portable } from '../../protocol/primitives.ts'
import type { Client } from '../../node/api/client.ts'

/** By external id. An index of -1 is not looked up. */
export type Acknowledged = Map<string, { readonly record: string; readonly index: number }>

/** Every head a node showed, by size: two different roots at one size would be two histories. */
export class Heads {
  private readonly bySize = new Map<number, Checkpoint>()

  add(note: Uint8Array): void {
    const signed = parseSignedCheckpoint(note)
    assert.ok(signed.ok)
    const { checkpoint } = signed.value
    const known = this.bySize.get(checkpoint.size)
    if (known !== undefined)
      assert.deepEqual(checkpoint.root, known.root, `two heads of size ${checkpoint.size}`)
    this.bySize.set(checkpoint.size, checkpoint)
  }

  /** Every head ever seen is a prefix of the newest one. */
  async check(client: Client): Promise<void> {
    const signed = parseSignedCheckpoint(await client.head(undefined))
    assert.ok(signed.ok)
    const newest = signed.value.checkpoint
    for (const { size, root } of this.bySize.values()) {
      assert.ok(size <= newest.size, `a head of size ${size} was signed, the log has ${newest.size}`)
      const proof = await client.consistency(undefined, size, newest.size)
      const claim = { oldSize: size, oldRoot: root, size: newest.size, root: newest.root, proof }
      assert.deepEqual(verifyConsistency(portable, claim), { ok: true, value: true })
    }
  }

  get newest(): number {
    return Math.max(0, ...this.bySize.keys())
  }

  get count(): number {
    return this.bySize.size
  }
}

/** Every acknowledged entry stands where it was acknowledged. */
export async function checkAcknowledged(client: Client, acknowledged: Acknowledged): Promise<void> {
  const missing = new Map([...acknowledged.values()].map(({ index, record }) => [index, record]))
  for (let from = 0; missing.size > 0;) {
    const { entries } = await client.entries(undefined, from, 256)
    if (entries.length === 0) break
    for (const [offset, bytes] of entries.entries()) {
      const entry = parseEntry(bytes)
      assert.ok(entry.ok)
      const expected = missing.get(from + offset)
      if (expected === undefined) continue
      assert.equal(printBase32(entry.value.statement.record), expected)
      missing.delete(from + offset)
    }
    from += entries.length
  }
  assert.equal(missing.size, 0, `${missing.size} acknowledged entries are missing`)
}

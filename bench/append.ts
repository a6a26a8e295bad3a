/**
 * Appending: content in, durable and under a signed head out. Paired with a raw `level` that writes values of the
 * same size in synced batches of the same length. `--records N` (10,000), `--runs N` (5), `--json`.
 */
import '../node/runtime.ts'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Level } from 'level'
import type { Content } from '../node/log/composer.ts'
import { makeCoalition, openNode, publishMany, writable } from './node.ts'
import { allTiers, bytesOf, publicOnly } from './records.ts'
import { median, option, print, printMachine } from './report.ts'

const records = option('records', 10_000)
const runs = option('runs', 5)
const BATCH = 1_024

async function append(make: (n: number) => Content, count: number): Promise<number> {
  const coalition = await makeCoalition(1)
  const node = await openNode(coalition, 0)
  await writable(node)
  const rate = await publishMany(node, count, make)
  await node.stop()
  coalition.remove()
  return rate
}

async function rawLevel(count: number): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'candor-bench-'))
  const level = new Level<Uint8Array, Uint8Array>(directory, { keyEncoding: 'view', valueEncoding: 'view' })
  await level.open()
  const values = Array.from({ length: BATCH }, () => randomBytes(bytesOf(publicOnly(1)) + 400))
  const begun = performance.now()
  for (let at = 0; at < count; at += BATCH) {
    const batch = values.slice(0, Math.min(BATCH, count - at)).map((value, i) => {
      const key = Buffer.alloc(8)
      key.writeUIntBE(at + i, 0, 6)
      return { type: 'put' as const, key, value }
    })
    await level.batch(batch, { sync: true })
  }
  const rate = count / ((performance.now() - begun) / 1_000)
  await level.close()
  rmSync(directory, { recursive: true })
  return rate
}

printMachine()
await append(publicOnly, Math.min(records, 2_000))
const [raw, one, three]: [number[], number[], number[]] = [[], [], []]
for (let run = 0; run < runs; run++) {
  raw.push(await rawLevel(records))
  one.push(await append(publicOnly, records))
  three.push(await append(allTiers, Math.min(records, 10_000)))
}
const baseline = median(raw)
print({ name: 'append.raw-level', unit: 'records/s', n: records, values: raw })
print({ name: 'append.public', unit: 'records/s', n: records, values: one, baseline })
print({ name: 'append.all-tiers', unit: 'records/s', n: Math.min(records, 10_000), values: three, baseline })
process.exit(0)

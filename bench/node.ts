/** One node of a bench coalition, in this process. */
import { CandorNode } from '../node/node.ts'
import { makeCoalition, type Coalition } from '../test/support/coalition.ts'
import { until } from '../test/support/until.ts'
import type { Content } from '../node/log/composer.ts'

/** Content handed over at once; the appender joins what waits. */
const BATCH = 256
/** Batches being composed or written at one time. */
const IN_FLIGHT = 8

export async function openNode(coalition: Coalition, number: number, tickMs = 500): Promise<CandorNode> {
  const home = coalition.members[number]?.home
  if (home === undefined) throw new Error('no such member')
  const { charterFile } = coalition
  return CandorNode.start({ home, passphrase: undefined, charterFile, tickMs, onGrown: () => undefined })
}

export async function writable(node: CandorNode): Promise<void> {
  await until('the node may sign', () => node.readOnly() === undefined)
}

/** Publishes `count` records durably, in batches, and returns records per second. */
export async function publishMany(
  node: CandorNode,
  count: number,
  make: (n: number) => Content,
): Promise<number> {
  const begun = performance.now()
  const waiting: Promise<unknown>[] = []
  for (let at = 0; at < count; at += BATCH) {
    const length = Math.min(BATCH, count - at)
    waiting.push(node.publisher.publish(Array.from({ length }, (_, i) => make(at + i))))
    if (waiting.length >= IN_FLIGHT) await waiting.shift()
  }
  await Promise.all(waiting)
  return count / ((performance.now() - begun) / 1_000)
}

export { makeCoalition }

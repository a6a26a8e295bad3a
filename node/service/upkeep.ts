/** Checking and repairing everything that is stored, as a stream of what is found and done. */
import type { DamageView, StoreCheck, StoreRepair, StoreService } from '../api/store-service.ts'
import { NodeError } from '../errors.ts'
import type { CandorNode } from '../node.ts'
import { native } from '../keys/native.ts'
import { bundlesOf } from '../store/check.ts'
import { locateDamage } from '../store/locate.ts'
import { after, keyOf } from '../store/prefixes.ts'
import type { DamagedRecord } from '../witness/records.ts'
import { repairLog } from './repair.ts'

/** Bundles between two words of progress. */
const TELL_EVERY = 64

export function upkeepOf(node: CandorNode, onRepaired: () => Promise<void>): StoreService {
  let isBusy = false
  const alone = async function* <T>(work: () => AsyncIterable<T>): AsyncGenerator<T> {
    if (isBusy) throw new NodeError('CONFLICT', 'the store is being checked or repaired already')
    isBusy = true
    try {
      yield* work()
    } finally {
      isBusy = false
    }
  }
  return {
    checkStore: () => alone(() => checkStore(node)),
    repairStore: () => alone(() => repairStore(node, onRepaired)),
  }
}

async function* checkStore(node: CandorNode): AsyncGenerator<StoreCheck> {
  const { logs } = node.opened
  let entries = 0
  for (const { origin } of logs.all()) {
    // Looked up again for each bundle: the log grows meanwhile.
    for (let bundle = 0; ; bundle++) {
      const log = logs.get(origin)
      if (log === undefined || bundle >= bundlesOf(log)) break
      await logs.check(log, bundle)
      const done = Math.min(log.edge.size, (bundle + 1) * 256)
      if (bundle % TELL_EVERY === 0) yield { event: 'reading', origin, entries: done, of: log.edge.size }
    }
    entries += logs.get(origin)?.edge.size ?? 0
  }
  await locateFaults(node)
  const sealed = await sealedFaults(node)
  const found = logs.damages.all()
  for (const { origin, what, index, why } of found)
    yield { event: 'damaged', origin, what, why, ...(index === undefined ? {} : { index }) }
  const { origin } = node.opened
  for (const why of sealed) yield { event: 'damaged', origin, what: 'sealed', why }
  const cosigned = node.opened.cosigned.damaged()
  for (const of of cosigned) yield { event: 'damaged', origin: of, what: 'cosignature', why: COSIGNED_WHY }
  const records = await node.witnessing.damagedRecords()
  for (const record of records) yield { event: 'damaged', ...recordDamage(record) }
  const damaged = found.length + sealed.length + cosigned.length + records.length
  yield { event: 'checked', logs: logs.all().length, entries, damaged }
}

const COSIGNED_WHY =
  'the stored cosignatures on its heads are not those that were verified; they are not counted'

function recordDamage({ origin, role, why }: DamagedRecord): DamageView {
  const what = `what our ${role} stated last of this log`
  const found = why === 'unreadable' ? `${what} cannot be read` : `${what} is behind its own cosignatures`
  const cure = `candor doctor --repair gives the ${role} key up, then: candor key rotate ${role}`
  return { origin: origin ?? 'a log that is known no more', what: 'cosigner', why: `${found}; ${cure}` }
}

/** Logs that could not even be opened: says where. */
async function locateFaults(node: CandorNode): Promise<void> {
  const { logs, database } = node.opened
  for (const origin of new Set(logs.damages.all().map((damage) => damage.origin))) {
    const number = logs.numberOf(origin)
    if (number === undefined || logs.get(origin) !== undefined) continue
    for (const damage of await locateDamage(native, database, origin, number)) logs.damages.add(damage)
  }
}

/** Drafts and restricted parts: only this node has them, so they come back from a backup alone. */
async function sealedFaults(node: CandorNode): Promise<readonly string[]> {
  const faults: string[] = []
  for (const [space, name] of [
    ['vault', 'partner and research parts'],
    ['draft', 'a draft'],
    ['publication', 'what was let pass when a record was published'],
  ] as const) {
    let count = 0
    for await (const [key, value] of node.opened.database.iterate({
      gte: keyOf(space),
      lt: after(keyOf(space)),
    })) {
      try {
        node.sealer.open(key, value)
      } catch {
        count += 1
      }
    }
    if (count > 0) faults.push(`${count} sealed values (${name}) cannot be opened; they are in a backup only`)
  }
  return faults
}

async function* repairStore(node: CandorNode, onRepaired: () => Promise<void>): AsyncGenerator<StoreRepair> {
  const { damages } = node.opened.logs
  await node.opened.cosigned.mend()
  for (const role of await node.witnessing.giveUpDamaged())
    yield { event: 'given-up', role, fix: `candor key rotate ${role}` }
  const origins = [...new Set(damages.all().map(({ origin }) => origin))]
  let repaired = 0
  for (const origin of origins) {
    yield { event: 'repairing', origin }
    const result = await repairOrSay(node, origin)
    if (result.kind === 'not') {
      const { why, fix } = result
      yield { event: 'unrepaired', origin, why, ...(fix === undefined ? {} : { fix }) }
      continue
    }
    repaired += 1
    const { size, fetched, written } = result
    yield { event: 'repaired', origin, size, fetched, written }
  }
  if (repaired > 0) await onRepaired()
  yield { event: 'done', repaired, unrepaired: origins.length - repaired }
}

/** A log that grew while it was mended is mended again by the next run. */
async function repairOrSay(node: CandorNode, origin: string): ReturnType<typeof repairLog> {
  try {
    return await repairLog(node, origin)
  } catch (error) {
    if (!(error instanceof NodeError)) throw error
    return { kind: 'not', why: error.message, ...(error.fix === undefined ? {} : { fix: error.fix }) }
  }
}

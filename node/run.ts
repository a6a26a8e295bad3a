/** A node as a process runs it: opened, indexed, serving its socket, until it is told to stop. */
import { ApiServer } from './api/server.ts'
import { openCatalog } from './catalog/catalog.ts'
import { Indexer } from './catalog/indexer.ts'
import { events } from './events.ts'
import type { Grown } from './log/appender.ts'
import { observerOf, type Observer } from './log/observer.ts'
import { CandorNode, type NodeOptions } from './node.ts'
import { serviceOf } from './service/service.ts'
import { upkeepOf } from './service/upkeep.ts'
import { Forgetter } from './store/forgetting.ts'
import { keyOf } from './store/prefixes.ts'

export type RunningNode = {
  /** Another one after each opening of an epoch: everything starts again under the new origin. */
  readonly node: () => CandorNode
  /** Resolves when the node was asked to stop and has stopped; rejects when it could not start again. */
  readonly stopped: Promise<void>
  readonly stop: () => Promise<void>
}

type Options = Omit<NodeOptions, 'onGrown' | 'onEpoch'> & {
  /** How often it is stated which heads of others are held; a day when absent. */
  readonly observeMs?: number
}

type Parts = {
  readonly node: CandorNode
  readonly indexer: Indexer
  readonly observer: Observer
  readonly forgetter: Forgetter
  readonly api: ApiServer
}

export async function runNode(options: Options): Promise<RunningNode> {
  const { promise: stopped, resolve, reject } = Promise.withResolvers<void>()
  let stopping: Promise<void> | undefined
  const again = async () => {
    await stopAll(parts)
    if (stopping !== undefined) return
    parts = await startAll(options, hooks)
  }
  // Starting again and stopping wait for one another.
  let turn: Promise<void> = Promise.resolve()
  const hooks = {
    stop: () => {
      stopping ??= turn.then(() => stopAll(parts)).then(resolve, reject)
      return stopping
    },
    // After this turn, so that whoever opened the epoch hears of it first.
    onEpoch: () => void setImmediate(() => (turn = again().catch(reject))),
  }
  let parts = await startAll(options, hooks)
  return { node: () => parts.node, stopped, stop: hooks.stop }
}

type Hooks = { readonly stop: () => Promise<void>; readonly onEpoch: () => void }

async function startAll(options: Options, { stop, onEpoch }: Hooks): Promise<Parts> {
  const made: { -readonly [K in keyof Parts]?: Parts[K] } = {}
  // What grows before there is an indexer is found by its first reading of the logs.
  const onGrown = (grown: Grown) => {
    made.indexer?.grown(grown)
    if (grown.added.some(({ entry }) => entry.statement.kind === 'erase')) made.forgetter?.look()
  }
  const node = await CandorNode.start({ ...options, onGrown, onEpoch })
  try {
    const { database, logs } = node.opened
    const catalog = await openCatalog(database, keyOf('catalog'))
    const indexer = new Indexer({ catalog, logs, onError: events.failed })
    made.indexer = indexer
    await indexer.catchUp()
    made.forgetter = new Forgetter({
      database,
      forgetSealed: () => node.disclosure.free(),
      reindex: () => indexer.renew(),
      onError: events.failed,
    })
    made.forgetter.look()
    for (const { message } of node.opened.damaged) events.damaged(message)
    const upkeep = upkeepOf(node, () => indexer.catchUp())
    const service = { ...serviceOf(node, indexer, () => void stop()), ...upkeep }
    const api = await ApiServer.start({ socket: options.home.socket, service, onError: events.failed })
    const observer = observerOf(node.opened, {
      clock: node.clock,
      intervalMs: options.observeMs,
      publish: (contents) => node.publisher.publish(contents),
    })
    observer.start()
    events.started(node.opened.origin, node.peerId())
    return { node, indexer, observer, api, forgetter: made.forgetter }
  } catch (error) {
    await made.indexer?.stop()
    await made.forgetter?.stop()
    await node.stop()
    throw error
  }
}

async function stopAll({ api, indexer, observer, forgetter, node }: Parts): Promise<void> {
  await api.stop()
  await observer.stop()
  await indexer.stop()
  await forgetter.stop()
  await node.stop()
  events.stopped()
}

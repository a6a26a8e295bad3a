/** A node as a process runs it: opened, indexed, serving its socket, until it is told to stop. */
import { ApiServer } from './api/server.ts'
import { openCatalog } from './catalog/catalog.ts'
import { Indexer } from './catalog/indexer.ts'
import { events } from './events.ts'
import { CandorNode, type NodeOptions } from './node.ts'
import { serviceOf } from './service/service.ts'
import { keyOf } from './store/prefixes.ts'

export type RunningNode = {
  readonly node: CandorNode
  /** Resolves when the node was asked to stop and has stopped. */
  readonly stopped: Promise<void>
  readonly stop: () => Promise<void>
}

export async function runNode(options: Omit<NodeOptions, 'onGrown'>): Promise<RunningNode> {
  const made: { api?: ApiServer; indexer?: Indexer } = {}
  // What grows before there is an indexer is found by its first reading of the logs.
  const node = await CandorNode.start({ ...options, onGrown: (grown) => made.indexer?.grown(grown) })
  let stopping: Promise<void> | undefined
  const { promise: stopped, resolve } = Promise.withResolvers<void>()
  const stop = () => {
    stopping ??= stopAll(node, made).then(resolve)
    return stopping
  }
  try {
    const { database, logs } = node.opened
    const catalog = await openCatalog(database, keyOf('catalog'))
    made.indexer = new Indexer({ catalog, logs, onError: events.failed })
    await made.indexer.catchUp()
    for (const { message } of node.opened.damaged) events.damaged(message)
    const service = serviceOf(node, made.indexer, () => void stop())
    made.api = await ApiServer.start({ socket: options.home.socket, service, onError: events.failed })
  } catch (error) {
    await made.indexer?.stop()
    await node.stop()
    throw error
  }
  events.started(node.opened.origin, node.peerId())
  return { node, stopped, stop }
}

async function stopAll(
  node: CandorNode,
  { api, indexer }: { readonly api?: ApiServer; readonly indexer?: Indexer },
): Promise<void> {
  await api?.stop()
  await indexer?.stop()
  await node.stop()
  events.stopped()
}

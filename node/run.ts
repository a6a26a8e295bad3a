/** A node as a process runs it: opened, indexed, serving its socket, until it is told to stop. */
import { ApiServer } from './api/server.ts'
import { Catalog } from './catalog/catalog.ts'
import { buildCatalog, indexGrown } from './catalog/indexer.ts'
import { events } from './events.ts'
import { CandorNode, type NodeOptions } from './node.ts'
import { serviceOf } from './service/service.ts'

export type RunningNode = {
  readonly node: CandorNode
  /** Resolves when the node was asked to stop and has stopped. */
  readonly stopped: Promise<void>
  readonly stop: () => Promise<void>
}

export async function runNode(options: Omit<NodeOptions, 'onGrown'>): Promise<RunningNode> {
  const catalog = new Catalog()
  const node = await CandorNode.start({ ...options, onGrown: (grown) => indexGrown(catalog, grown) })
  let stopping: Promise<void> | undefined
  const { promise: stopped, resolve } = Promise.withResolvers<void>()
  const made: { api?: ApiServer } = {}
  const stop = () => {
    stopping ??= stopAll(node, made.api).then(resolve)
    return stopping
  }
  try {
    await buildCatalog(catalog, node.opened.logs)
    for (const { message } of node.opened.damaged) events.damaged(message)
    const service = serviceOf(node, catalog, () => void stop())
    made.api = await ApiServer.start({ socket: options.home.socket, service, onError: events.failed })
  } catch (error) {
    await node.stop()
    throw error
  }
  events.started(node.opened.origin, node.peerId())
  return { node, stopped, stop }
}

async function stopAll(node: CandorNode, api: ApiServer | undefined): Promise<void> {
  await api?.stop()
  await node.stop()
  events.stopped()
}

/** Ports on loopback for nodes that are addressed before they listen, and stop and start again meanwhile. */
import { createServer } from 'node:net'

/**
 * Systems give ports to outgoing connections and to listeners that name none from 32768 (Linux) or 49152 (RFC 6335) on. A port
 * from there may be taken by anybody's connection before the node that was told to use it comes up, or while it is down.
 */
const FROM = 20_000
const BELOW = 32_000

/** Other runs of these tests on this machine most likely begin elsewhere. */
let next = FROM + Math.floor(Math.random() * (BELOW - FROM))

/** A port that nobody listens on now and that this process hands out once. */
export async function freePort(): Promise<number> {
  for (let tried = FROM; tried < BELOW; tried++) {
    const port = next
    next = next + 1 < BELOW ? next + 1 : FROM
    if (await isFree(port)) return port
  }
  throw new Error('no port is free')
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

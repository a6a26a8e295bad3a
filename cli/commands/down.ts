/** `candor down`: asks the node to stop and waits until it has. */
import { existsSync } from 'node:fs'
import { NodeError, socketIn } from '../../node/api/client.ts'
import { marked } from '../look.ts'
import type { Commands } from '../program.ts'

/** What was accepted is written first; after this long something is wrong. */
const STOP_MS_MAX = 30_000
const POLL_MS = 50

export function addDown({ group, context }: Commands): void {
  group('down')
    .description('stop the node')
    .action(async (_options: object, command) => {
      const at = context(command)
      const { pid } = await at.client.status()
      await at.client.stop()
      const end = Date.now() + STOP_MS_MAX
      while (existsSync(socketIn(at.home)) || isAlive(pid)) {
        if (Date.now() > end) throw new NodeError('IO_FAILED', `the node (pid ${pid}) has not stopped yet`)
        await new Promise((done) => setTimeout(done, POLL_MS))
      }
      await at.answer('node-stopped', { pid }, () => [marked(at.look, 'ok', 'the node has stopped')])
    })
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0) && pid !== process.pid
  } catch {
    return false
  }
}

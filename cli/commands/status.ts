/** `candor status`: what is happening now, and what needs a person. */
import { renderStatus } from '../render/status.ts'
import type { Commands } from '../program.ts'

export function addStatus({ group, context }: Commands): void {
  group('status')
    .description('what the node does, and what needs you')
    .action(async (_options: object, command) => {
      const at = context(command)
      const status = await at.client.status()
      await at.answer('status', status, () => renderStatus(at.look, status, at.typed))
    })
}

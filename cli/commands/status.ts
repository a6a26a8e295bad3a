/** `candor status`: what is happening now, and what needs a person. A member's node that signs nothing is exit code 14. */
import { isHeldBack } from '../held-back.ts'
import { EXIT } from '../exit-codes.ts'
import { renderStatus } from '../render/status.ts'
import type { Commands } from '../program.ts'

export function addStatus({ group, context }: Commands): void {
  group('status')
    .description('what the node does, and what needs you')
    .action(async (_options: object, command) => {
      const at = context(command)
      const status = await at.client.status()
      if (isHeldBack(status)) at.setExit(EXIT.aheadElsewhere)
      await at.answer('status', status, () => renderStatus(at.look, status, at.typed))
    })
}

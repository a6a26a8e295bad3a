/** `candor peers`: the other members' nodes, and why one is not reached. */
import type { Commands } from '../program.ts'
import { renderPeers } from '../render/status.ts'

export function addPeers({ group, context }: Commands): void {
  group('peers')
    .description("the other members' nodes, and why one is not reached")
    .action(async (_options: object, command) => {
      const at = context(command)
      const peers = await at.client.peers()
      await at.answer('peers', peers, () => renderPeers(at.look, peers))
    })
}

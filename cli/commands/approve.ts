/** `candor approve`: a second operator stands behind a draft, after seeing what leaves and what was let pass. */
import { NodeError } from '../../node/api/client.ts'
import { marked } from '../look.ts'
import type { Commands } from '../program.ts'
import { Prompter } from '../prompt.ts'
import { openPlaces, renderCheck } from '../render/check.ts'
import { SHORT_ID } from '../render/records.ts'

export function addApprove({ group, context }: Commands): void {
  group('approve')
    .description('stand behind a draft as the second person, where the node asks for two')
    .argument('<draft>', 'the id of a draft, or its first six letters or more')
    .action(async (id: string, _options: object, command) => {
      const at = context(command)
      const [draft, check] = await Promise.all([at.client.draft(id), at.client.checkDraft(id)])
      await at.note(renderCheck(at.look, draft, check).join('\n'))
      if (!at.isYes) {
        if (!at.mayAsk)
          throw new NodeError(
            'CONFIRMATION_NEEDED',
            'an approval is of what you have read: say --yes to approve it',
          )
        const prompter = new Prompter(at.io)
        try {
          const answer = await prompter.line('Type “approve” to stand behind exactly this:')
          if (answer !== 'approve') throw new NodeError('CONFIRMATION_NEEDED', 'nothing was approved')
        } finally {
          prompter.close()
        }
      }
      const approved = await at.client.approve(draft.id, openPlaces(check))
      await at.answer('check', approved, () => [
        marked(at.look, 'ok', 'approved as it is; whatever changes in it ends the approval'),
        `  ${at.typed(`candor publish ${draft.id.slice(0, SHORT_ID)}`)}`,
      ])
    })
}

/** `candor show`: one record with its versions, and what everybody stated about it. */
import type { Commands } from '../program.ts'
import { renderHeld } from '../render/access.ts'
import { renderRecord } from '../render/record.ts'

export function addShow({ group, context }: Commands): void {
  group('show')
    .description('one record, and what members stated about it')
    .argument('<id>', 'a record id, or its first six letters or more')
    .option('--author <domain>', 'where two members use one id')
    .action(async (id: string, { author }: { author?: string }, command) => {
      const at = context(command)
      const record = await at.client.record(id, author)
      const received = (await at.client.requests()).filter(
        (one) => one.record === record.record && one.owner === record.author && one.state === 'opened',
      )
      await at.answer('record', { ...record, received }, () => [
        ...renderRecord(at.look, record, at.typed),
        ...renderHeld(at.look, received, at.typed),
      ])
    })
}

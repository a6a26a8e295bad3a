/** `candor log policy`: whose heads and whose cosignatures count, as text for this and any other C2SP verifier. */
import type { Command } from 'commander'
import type { Commands } from '../program.ts'
import { safe } from '../safe.ts'

export function addPolicy(log: Command, context: Commands['context']): void {
  log
    .command('policy')
    .description(
      'the trust policy (C2SP tlog-policy) that the charter and the logs this node holds amount to',
    )
    .argument('[domain]', "for the log of this member: its own mirror is left out; all members' when absent")
    .action(async (domain: string | undefined, _options: object, command: Command) => {
      const at = context(command)
      const text = Buffer.from(await at.client.policy(domain)).toString('utf8')
      await at.answer('policy', { policy: text }, () => text.trimEnd().split('\n').map(safe))
    })
}

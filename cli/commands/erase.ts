/** `candor erase`: deletes parts of a record of ours, here and at everybody who holds them. For good. */
import { NodeError } from '../../node/api/client.ts'
import type { Context } from '../context.ts'
import { usage } from '../context.ts'
import { faint, marked } from '../look.ts'
import { repeated } from '../options.ts'
import type { Commands } from '../program.ts'
import { Prompter } from '../prompt.ts'
import { safe } from '../safe.ts'

type Options = { readonly tier: readonly string[]; readonly basis: string }

export function addErase({ group, context }: Commands): void {
  group('erase')
    .description('delete parts of a record of ours, here and at everybody who holds them, for good')
    .argument('<id>', 'a record id, or its first six letters or more')
    .requiredOption('--tier <tier>', 'public, partner or research; repeatable', repeated)
    .requiredOption(
      '--basis <basis>',
      'data_subject, legal_order, third_party, safety, published_by_mistake or retention_ended',
    )
    .action(async (id: string, { tier, basis }: Options, command) => {
      const at = context(command)
      const tiers = tier.map(tierOf)
      await confirm(at, id, tiers)
      const erased = await at.client.erase(id, { tiers, basis })
      await at.answer('erased', erased, () => [
        marked(at.look, 'ok', `${erased.tiers.join(' and ')} of ${versions(erased.versions)} deleted here`),
        faint(
          at.look,
          '  the entries and their commitments stay; without the deleted bytes they tell nothing',
        ),
        ...(erased.tiers.some((one) => one !== 'public') ? [faint(at.look, OLD_COPIES)] : []),
        `  who has deleted it, too: ${at.typed(`candor reach ${erased.record}`)}`,
      ])
    })
}

const OLD_COPIES =
  '  the next start moves the vault to another key: older copies of its files then open no more, backups of the whole home do'

function tierOf(text: string): 'public' | 'partner' | 'research' {
  if (text === 'public' || text === 'partner' || text === 'research') return text
  throw usage('a tier is public, partner or research')
}

async function confirm(at: Context, id: string, tiers: readonly string[]): Promise<void> {
  await at.note(`This deletes the ${tiers.join(' and ')} part of ${safe(id)}, here and at every holder.`)
  if (at.isYes) return
  if (!at.mayAsk) {
    throw new NodeError('CONFIRMATION_NEEDED', 'an erasure cannot be undone: say --yes to erase')
  }
  const prompter = new Prompter(at.io)
  try {
    const answer = await prompter.line('Type “erase” to delete it:')
    if (answer !== 'erase') throw new NodeError('CONFIRMATION_NEEDED', 'nothing was erased')
  } finally {
    prompter.close()
  }
}

function versions(count: number): string {
  return count === 1 ? 'one version' : `${count} versions`
}

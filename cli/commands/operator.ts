/** `candor operator`: who may publish, by name. It writes into the home, so it asks for the node's own account. */
import { resolve } from 'node:path'
import { usage } from '../context.ts'
import { secondsOf } from '../duration.ts'
import { columns, marked } from '../look.ts'
import type { Commands } from '../program.ts'
import { safe } from '../safe.ts'
import { actOfNode } from '../spawn-node.ts'

type AddOptions = { readonly role: string; readonly for: string; readonly output: string }
type Listed = { readonly name: string; readonly role: string; readonly until: string }

const DAY_SECONDS = 86_400

export function addOperator({ group, context }: Commands): void {
  const operator = group('operator').description(
    'who may publish: add, list, remove; where nobody is named, everybody',
  )
  operator
    .command('add')
    .description('name somebody who may publish; their token goes into a file for them')
    .argument('<name>')
    .requiredOption('--role <role>', 'a role that publishing.roles in candor.json names')
    .requiredOption('-o, --output <file>', 'where to write the token')
    .option('--for <time>', 'how long the token lasts', '90d')
    .action(async (name: string, { role, for: time, output }: AddOptions, command) => {
      const at = context(command)
      const days = Math.floor(secondsOf(time) / DAY_SECONDS)
      if (days < 1) throw usage('a token lasts a day or more, such as --for 90d')
      const file = resolve(output)
      const named = ['--name', name, '--role', role, '--days', String(days), '--file', file]
      await actOfNode(['operator-add', '--home', at.home, ...named], undefined)
      await at.answer('operator', { name, role, days, file }, () => [
        marked(at.look, 'ok', `${safe(name)} may publish as ${safe(role)} for ${days} days`),
        `  the token is in ${file}: hand it to them, and keep none`,
      ])
    })
  operator
    .command('list')
    .description('who may publish')
    .action(async (_options: object, command) => {
      const at = context(command)
      const said = await actOfNode(['operator-list', '--home', at.home], undefined)
      const operators = listedIn(said['operators'])
      await at.answer('operators', operators, () => {
        if (operators.length === 0) return ['Nobody is named: everybody who can use this node may publish.']
        const rows = operators.map(({ name, role, until }) => [name, role, until.slice(0, 10)])
        return columns(at.look, ['NAME', 'ROLE', 'UNTIL'], rows)
      })
    })
  operator
    .command('remove')
    .description('end a name and its token; approvals of theirs count no longer')
    .argument('<name>')
    .action(async (name: string, _options: object, command) => {
      const at = context(command)
      await actOfNode(['operator-remove', '--home', at.home, '--name', name], undefined)
      await at.answer('operator-removed', { name }, () => [
        marked(at.look, 'ok', `${safe(name)} may publish no longer`),
      ])
    })
}

function listedIn(value: unknown): readonly Listed[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((one: unknown) => {
    if (typeof one !== 'object' || one === null) return []
    const { name, role, until } = { name: '', role: '', until: '', ...one }
    return [{ name, role, until }]
  })
}

/** Naming who may publish: acts on the home of a member, by whoever runs its node. Spec 06 §14. */
import { existsSync } from 'node:fs'
import { NodeError } from './errors.ts'
import { readConfiguration, type Home } from './home.ts'
import { writeFileDurably } from './keys/files.ts'
import { systemRandom } from './keys/random.ts'
import { addOperator, OPERATOR_NAME, readOperators, removeOperator } from './outgoing/operators.ts'

/** A token is renewed at least once a year, or somebody who left keeps theirs. */
const DAYS_MAX = 366

export type Naming = {
  readonly name: string
  readonly role: string
  readonly days: number
  readonly file: string
}

/** Names an operator and writes their token into a file that only its owner can read. */
export function nameOperator(home: Home, { name, role, days, file }: Naming, now: number): object {
  const roles = readConfiguration(home).publishing?.roles ?? {}
  if (!OPERATOR_NAME.test(name))
    throw new NodeError('USAGE', 'a name has 1 to 64 letters, digits, spaces and .@-')
  if (!Object.hasOwn(roles, role)) {
    const known = Object.keys(roles).join(', ')
    throw new NodeError(
      'USAGE',
      `${home.configuration} names no such role under publishing.roles: ${known || 'none'}`,
    )
  }
  if (days < 1 || days > DAYS_MAX) throw new NodeError('USAGE', `a token lasts 1 to ${DAYS_MAX} days`)
  if (existsSync(file)) throw new NodeError('CONFLICT', `${file} exists and is not overwritten`)
  const token = addOperator(home.operators, { name, role, days }, { random: systemRandom, now })
  writeFileDurably(file, Buffer.from(`${token}\n`), 0o600)
  return { event: 'named', name, role, file }
}

export function listOperators(home: Home): object {
  const operators = readOperators(home.operators).map(({ name, role, until }) => ({
    name,
    role,
    until: new Date(until * 1_000).toISOString(),
  }))
  return { event: 'operators', operators }
}

export function unnameOperator(home: Home, name: string): object {
  removeOperator(home.operators, name)
  return { event: 'unnamed', name }
}

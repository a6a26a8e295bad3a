/**
 * Standstill of everything that was asked about a part: what changes the part and all its cases must not write over what a
 * reader said meanwhile, and nothing of it may leave on the strength of a look that was taken before.
 */
import { printHex } from '../../protocol/bytes.ts'
import type { Request } from '../../protocol/access/request.ts'
import type { Case } from './cases.ts'
import { requestOf, type Gate } from './gate.ts'

/**
 * Works on the cases whose requests these are while nobody else works on one of them, and none comes to be. They are those
 * that the disk holds at that moment.
 */
export async function atStandstill<T>(
  gate: Gate,
  isAbout: (request: Request) => boolean,
  work: (cases: readonly Case[]) => Promise<T>,
): Promise<T> {
  // A case can be busy for minutes, while a copy is made for its reader: the others of this owner do not wait for that.
  for (const { id } of await casesOf(gate, isAbout))
    await gate.turns.take(printHex(id), () => Promise.resolve())
  return gate.newcomers.alone(async () => {
    const ids = (await casesOf(gate, isAbout)).map(({ id }) => id)
    const inner = async () => work(await casesOf(gate, isAbout))
    return ids.reduceRight<() => Promise<T>>((next, id) => () => gate.turns.take(printHex(id), next), inner)()
  })
}

async function casesOf({ parts }: Gate, isAbout: (request: Request) => boolean): Promise<readonly Case[]> {
  const found: Case[] = []
  for await (const one of parts.cases.all()) if (isAbout(requestOf(one).statement)) found.push(one)
  return found
}

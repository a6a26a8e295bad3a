/** What several nodes hold of one another. */
import type { Client } from '../../node/api/client.ts'
import { until } from './until.ts'

/**
 * Whether all of these nodes hold this many logs, none of them empty, and the same head of each. A node always knows the
 * newest head of its own log, so where all of them own one of the logs nothing is on its way any more.
 */
export async function holdAlike(clients: readonly Client[], logs: number): Promise<boolean> {
  const [first, ...others] = await Promise.all(clients.map((client) => headsAt(client, logs)))
  return first !== undefined && others.every((heads) => heads === first)
}

/** Waits until a node holds the logs of these as far as they go now. */
export async function catchesUp(client: Client, members: readonly Client[]): Promise<void> {
  for (const member of members) {
    const { origin, size, domain } = (await member.status()).log
    await until(`the log of ${domain} is held up to ${size}`, async () =>
      (await client.logs()).some((log) => log.origin === origin && log.size >= size),
    )
  }
}

async function headsAt(client: Client, count: number): Promise<string | undefined> {
  const logs = await client.logs()
  if (logs.length !== count || logs.some(({ size }) => size === 0)) return undefined
  return logs.map(({ origin, size, root }) => `${origin} ${size} ${root}`).join('\n')
}

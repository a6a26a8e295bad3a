/** Which statements a bundle is asked to show: of some records, of a member's logs, or all since a head. */
import { NodeError, type Client } from '../node/api/client.ts'
import { BUNDLE_ITEMS_MAX } from '../protocol/limits.ts'
import { parseOrigin, type SignedCheckpoint } from '../protocol/log/checkpoint.ts'

/** Indices by the origin of their log. */
export type Places = ReadonlyMap<string, ReadonlySet<number>>

/** All versions of each record and all that was stated about it, each in the log of its author. */
export async function placesOfRecords(
  client: Client,
  ids: readonly string[],
  author: string | undefined,
): Promise<Places> {
  const places = new Map<string, Set<number>>()
  for (const id of ids) {
    const { versions, attestations } = await client.record(id, author)
    for (const { origin, index } of [...versions, ...attestations]) {
      places.set(origin, (places.get(origin) ?? new Set()).add(index))
    }
  }
  return places
}

/** Every entry of every log of a member. */
export async function placesOfMember(client: Client, domain: string): Promise<Places> {
  const held = (await client.logs()).filter(({ origin, size }) => size > 0 && domainOf(origin) === domain)
  if (held.length === 0)
    throw new NodeError('NOT_FOUND', 'this node holds no log of this member', { fix: 'candor log list' })
  return spans(held.map(({ origin, size }) => ({ origin, from: 0, size })))
}

/** Every entry above the head in its log. */
export async function placesSince(client: Client, { checkpoint }: SignedCheckpoint): Promise<Places> {
  const { origin, size: from } = checkpoint
  const log = (await client.logs()).find((one) => one.origin === origin)
  if (log === undefined || log.size < from)
    throw new NodeError('NOT_FOUND', 'this node does not hold the log of this head up to its size', {
      fix: 'candor log list',
    })
  if (log.size === from) throw new NodeError('NOT_FOUND', 'nothing was logged since this head')
  return spans([{ origin, from, size: log.size }])
}

type Span = { readonly origin: string; readonly from: number; readonly size: number }

function spans(logs: readonly Span[]): Places {
  const count = logs.reduce((sum, { from, size }) => sum + size - from, 0)
  if (count > BUNDLE_ITEMS_MAX)
    throw new NodeError(
      'TOO_LARGE',
      `${count} entries are more than one bundle holds (${BUNDLE_ITEMS_MAX})`,
      {
        fix: 'candor mirror',
      },
    )
  const indices = ({ from, size }: Span) => Array.from({ length: size - from }, (_, at) => from + at)
  return new Map(logs.map((span) => [span.origin, new Set(indices(span))]))
}

function domainOf(origin: string): string | undefined {
  const read = parseOrigin(origin)
  return read.ok ? read.value.domain : undefined
}

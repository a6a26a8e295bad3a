/** `candor list` and `candor search`: records by filter and words. */
import type { Command } from 'commander'
import type { RecordQuery } from '../../node/api/client.ts'
import { labelOf, type Vocabulary } from '../../protocol/record/vocabulary.ts'
import { INCIDENT_KINDS, STATUSES } from '../../protocol/record/vocabulary/axes.ts'
import { HARM_TYPES } from '../../protocol/record/vocabulary/harm.ts'
import { SECTORS } from '../../protocol/record/vocabulary/sector.ts'
import { usage, type Context } from '../context.ts'
import { counted, faint } from '../look.ts'
import type { Commands } from '../program.ts'
import { renderHeads, renderRows } from '../render/records.ts'
import { safe } from '../safe.ts'

export type Filters = Omit<RecordQuery, 'limit' | 'cursor' | 'text'>

type Options = Filters & { readonly limit: string; readonly cursor?: string }

export function addList({ group, context }: Commands): void {
  paged(withFilters(group('list').description('records, newest first, by filter'))).action(
    (options: Options, command) => list(context(command), options, undefined),
  )
  paged(withFilters(group('search').description('records in which all these words occur')))
    .argument('<word...>')
    .action((words: readonly string[], options: Options, command) =>
      list(context(command), options, words.join(' ')),
    )
}

/** The filter language, the same wherever records are chosen. */
export function withFilters(command: Command): Command {
  return command
    .option('--kind <kind>', 'harm_event, near_miss, hazard, vulnerability or exercise')
    .option('--sector <sector>', 'such as finance or health')
    .option('--harm <type>', 'such as economic or physical_health')
    .option('--from <date>', 'occurred on or after: YYYY, YYYY-MM or YYYY-MM-DD')
    .option('--to <date>', 'occurred on or before')
    .option('--author <domain>', 'the member that published it')
    .option('--status <status>', 'such as open or closed')
}

export function filtersOf(filters: Filters): Filters {
  const { sector, harm, from, to, author, status } = filters
  const kind = filters.kind?.replaceAll('-', '_')
  for (const [of, term] of [
    [INCIDENT_KINDS, kind],
    [SECTORS, sector],
    [HARM_TYPES, harm],
    [STATUSES, status],
  ] as const) {
    known(of, term)
  }
  const all = { kind, sector, harm, from, to, author, status }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

/** A filter that can match nothing is a slip of the pen. */
function known(of: Vocabulary, term: string | undefined): void {
  if (term === undefined || labelOf(of, term) !== undefined) return
  throw usage(`“${safe(term)}” is no term of ${of.id}: ${of.terms.map(({ id }) => id).join(', ')}`)
}

function paged(command: Command): Command {
  return command
    .option('--limit <count>', 'records on a page', '20')
    .option('--cursor <cursor>', 'go on behind an earlier page')
}

async function list(at: Context, options: Options, text: string | undefined): Promise<void> {
  if (!/^[1-9]\d{0,3}$/.test(options.limit)) throw usage('--limit takes a whole number from 1 to 1000')
  const { cursor } = options
  const page = await at.client.records({
    ...filtersOf(options),
    limit: Number(options.limit),
    ...(text === undefined ? {} : { text }),
    ...(cursor === undefined ? {} : { cursor }),
  })
  await at.answer('record-list', page, () => {
    if (page.items.length === 0) return ['No record matches.', ...renderHeads(at.look, page.heads)]
    const shown = `${counted(page.total, 'record')}, ${page.items.length} shown`
    const more = page.next === undefined ? '' : `; more with --cursor ${page.next}`
    return [
      ...renderRows(at.look, page.items),
      faint(at.look, shown + more),
      ...renderHeads(at.look, page.heads),
    ]
  })
}

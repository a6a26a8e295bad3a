/** Records in lists: one line each. */
import type { HeadView, RecordRow } from '../../node/api/client.ts'
import { columns, faint, MARK, type Look } from '../look.ts'
import { safe } from '../safe.ts'

/** Letters of a record id that are shown: enough to be unique among millions. */
export const SHORT_ID = 10

export function renderRows(look: Look, rows: readonly RecordRow[]): readonly string[] {
  return columns(
    look,
    ['ID', 'OCCURRED', 'KIND', 'SECTOR', 'AUTHOR', 'TITLE'],
    rows.map(({ record, occurred, kind, sectors, author, title, disputes, retracted, marks }) => [
      record.slice(0, SHORT_ID),
      occurred ?? '–',
      words(kind),
      sectors.join(', ') || '–',
      author,
      [...standing(disputes, retracted, marks), title].join(' '),
    ]),
  )
}

/** What an answer rests on: anybody can ask another member for every entry up to these. */
export function renderHeads(look: Look, heads: readonly HeadView[]): readonly string[] {
  const each = heads.map(
    ({ origin, size, root }) => `${safe(origin.split('/')[0] ?? '')} ${size} ${safe(root.slice(0, 8))}`,
  )
  return each.length === 0 ? [] : [faint(look, `as of ${each.join(' · ')}`)]
}

/** `near_miss` reads "near miss". */
export function words(term: string | undefined): string {
  return (term ?? '–').replaceAll('_', ' ')
}

function standing(disputes: number, retracted: boolean, marks: readonly string[]): readonly string[] {
  return [
    ...(retracted ? [`${MARK.fail} retracted:`] : []),
    ...(disputes > 0 ? [`${MARK.warn} ${disputes === 1 ? 'disputed' : `disputed ${disputes}×`}:`] : []),
    ...marks.map((mark) => `${MARK.warn} ${mark}:`),
  ]
}

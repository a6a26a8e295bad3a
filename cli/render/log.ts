/** Entries of a log, and two views of one log, as text. */
import type { LogDifference } from '../log-views.ts'
import type { EntryLine } from '../commands/log-show.ts'
import { columns, counted, faint, marked, MARK, type Look } from '../look.ts'
import { safe } from '../safe.ts'

export function renderEntries(
  look: Look,
  origin: string,
  size: number,
  lines: readonly EntryLine[],
): readonly string[] {
  const rows = lines.map(({ index, kind, record, version, issuedAt, title, marks }) => [
    String(index),
    new Date(issuedAt * 1_000).toISOString().slice(0, 13).replace('T', ' '),
    kind,
    `${record.slice(0, 10)}${version > 1 ? ` v${version}` : ''}`,
    [title, ...marks.map((mark) => `${MARK.warn} ${mark}`)].filter((text) => text !== '').join('  '),
  ])
  return [
    ...columns(look, ['ENTRY', 'SAID AT', 'KIND', 'RECORD', 'TITLE'], rows),
    faint(look, `${safe(origin)}, ${counted(size, 'entry').replace('entrys', 'entries')}`),
    faint(look, 'Signatures and the tree are not checked here: candor verify --all'),
  ]
}

export function renderDifference(look: Look, difference: LogDifference): readonly string[] {
  const { a, b, origin } = difference
  const sizes = [
    `  A  ${String(a.size).padStart(9)}  ${safe(a.name)}`,
    `  B  ${String(b.size).padStart(9)}  ${safe(b.name)}`,
  ]
  return [
    verdictLine(look, difference),
    faint(look, `  ${safe(origin)}`),
    ...sizes,
    ...signedLines(look, difference),
  ]
}

function verdictLine(look: Look, { relation, a, b, splitAt, between }: LogDifference): string {
  switch (relation) {
    case 'same':
      return marked(look, 'ok', `the same log: ${counted(a.size, 'entry').replace('entrys', 'entries')}`)
    case 'a-before-b':
      return marked(look, 'ok', `A is a prefix of B: ${b.size - a.size} more in B`)
    case 'b-before-a':
      return marked(look, 'ok', `B is a prefix of A: ${a.size - b.size} more in A`)
    case 'split':
      return marked(
        look,
        'fail',
        splitAt === undefined
          ? `SPLIT: two histories; they part below entry ${between}`
          : `SPLIT: two histories; entry ${splitAt} is the first that differs`,
      )
    case 'unknown':
      return marked(
        look,
        'warn',
        'cannot be told: neither side has the entries or tiles that lead from one to the other',
      )
  }
}

function signedLines(look: Look, { signed, relation }: LogDifference): readonly string[] {
  if (signed === 'both') return [marked(look, 'ok', 'both heads are signed by the log’s own key')]
  const note =
    'the signatures were not checked: neither side has the first entry, or the charter is not at hand'
  return [
    marked(
      look,
      relation === 'split' ? 'warn' : 'ok',
      signed === 'unchecked' ? note : `not signed by the log’s own key: ${signed}`,
    ),
  ]
}

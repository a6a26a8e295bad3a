/** One record as text: what is disputed first, then what it says, then what others say, then where it stands. */
import type { RecordDetail, StatementView } from '../../node/api/client.ts'
import { faint, heading, marked, type Look } from '../look.ts'
import { safe } from '../safe.ts'
import { renderDocument, textAt } from './document.ts'
import { renderHeads, SHORT_ID, words } from './records.ts'
import { shortTime } from './status.ts'

const DISSENT: ReadonlySet<string> = new Set(['retract', 'dispute', 'supersede', 'correction'])

/** Fields that the heading of a record shows already. */
const IN_HEADING: ReadonlySet<string> = new Set(['kind', 'title', 'verification', 'status'])

export function renderRecord(
  look: Look,
  { record, author, versions, attestations, tiers, heads }: RecordDetail,
  typed: (command: string) => string,
): readonly string[] {
  const newest = versions.at(-1)
  const dissent = attestations.filter(({ kind }) => DISSENT.has(kind))
  const others = attestations.filter(({ kind }) => !DISSENT.has(kind))
  return [
    ...(newest === undefined ? [] : renderHeading(look, newest)),
    faint(
      look,
      `${record} · ${safe(author)} · version ${newest?.version ?? 0} · ${shortTime(newest?.issuedAt ?? '')} (as its author says)`,
    ),
    ...section(look, 'Disputed, corrected or taken back', dissent),
    '',
    ...(newest === undefined ? [] : renderBody(look, newest)),
    ...section(look, 'What members stated', others),
    ...renderVersions(look, versions),
    '',
    ...tiers.map(({ tier, state }) => `  ${tier.padEnd(9)} ${TIER_STATES[state]}`),
    ...renderHeads(look, heads),
    faint(look, `check it yourself: ${typed(`candor verify ${record.slice(0, SHORT_ID)}`)}`),
  ]
}

/** One statement about a record: who, what, when, then its words. */
export function renderStatement(look: Look, statement: StatementView): readonly string[] {
  const { author, kind, issuedAt, document, marks } = statement
  const line = `${heading(look, safe(author))}: ${statementLine(kind, document)}  ${faint(look, shortTime(issuedAt))}`
  const shown = new Set(['value', 'rel', 'class'])
  return [line, ...renderMarks(look, marks), ...renderDocument(document, shown).map((text) => `  ${text}`)]
}

const TIER_STATES = {
  public: 'for everybody, shown above',
  erased: 'erased by its author; the entry and its commitment stay',
  held: 'held by this node; others see only that something may be here',
  absent: 'empty; others cannot tell',
  committed: 'committed to; what it holds, if anything, is with its author',
} as const

function renderHeading(look: Look, { document, kind }: StatementView): readonly string[] {
  const title = textAt(document, 'title') ?? `a statement of kind ${safe(kind)}`
  const axes = ['kind', 'verification', 'status'].flatMap((key) => textAt(document, key) ?? [])
  return [heading(look, title), axes.map(words).join(' · ')]
}

function renderBody(look: Look, { document, marks }: StatementView): readonly string[] {
  if (document === null && marks.length > 0) return renderMarks(look, marks)
  if (document === null) return [marked(look, 'warn', 'the public part is no document')]
  return [...renderMarks(look, marks), ...renderDocument(document, IN_HEADING)]
}

function section(look: Look, title: string, statements: readonly StatementView[]): readonly string[] {
  if (statements.length === 0) return []
  return [
    '',
    heading(look, title),
    ...statements.flatMap((one) => renderStatement(look, one).map((line) => `  ${line}`)),
  ]
}

function renderVersions(look: Look, versions: readonly StatementView[]): readonly string[] {
  if (versions.length < 2) return []
  const lines = versions.map(({ version, index, issuedAt, statementId }) =>
    faint(
      look,
      `  version ${version}  entry ${index}  ${shortTime(issuedAt)}  ${safe(statementId.slice(0, 16))}`,
    ),
  )
  return ['', heading(look, 'Versions'), ...lines]
}

function renderMarks(look: Look, marks: readonly string[]): readonly string[] {
  return marks.map((mark) => `  ${marked(look, 'warn', safe(mark))}`)
}

function statementLine(kind: string, document: unknown): string {
  const value = textAt(document, 'value') ?? textAt(document, 'rel') ?? textAt(document, 'class')
  return value === undefined ? words(safe(kind)) : `${words(safe(kind))} ${words(value)}`
}

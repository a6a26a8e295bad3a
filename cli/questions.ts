/** A report by questions: the few that make it useful; everything else can be added later. */
import { isDate } from '../protocol/record/date.ts'
import { SUMMARY_LENGTH_MAX, TITLE_LENGTH_MAX } from '../protocol/record/incident-public.ts'
import type { Vocabulary } from '../protocol/record/vocabulary.ts'
import { INCIDENT_KINDS } from '../protocol/record/vocabulary/axes.ts'
import { AUTHOR_ROLES } from '../protocol/record/vocabulary/authorship.ts'
import { HARM_TYPES } from '../protocol/record/vocabulary/harm.ts'
import { SECTORS } from '../protocol/record/vocabulary/sector.ts'
import type { Choice, Prompter } from './prompt.ts'
import type { ReportOptions } from './report-content.ts'

/** Asks for what the flags do not say. */
export async function ask(prompter: Prompter, given: ReportOptions): Promise<ReportOptions> {
  const kind = kindOf(given) ?? (await prompter.choose('What was it?', choices(INCIDENT_KINDS)))
  const title = given.title ?? (await prompter.line('What happened, in one line?', within(TITLE_LENGTH_MAX)))
  const summary =
    given.summary ??
    (await prompter.line('In two or three sentences, readable by everybody:', within(SUMMARY_LENGTH_MAX)))
  const occurred =
    given.occurred ??
    (await prompter.optional('When? 2026, 2026-04, 2026-04-09 or 2026-04-09T13Z', dated)) ??
    'unknown'
  const sector = given.sector ?? [await prompter.choose('In which sector?', choices(SECTORS))]
  const question = kind === 'harm_event' ? 'What was harmed?' : 'What could have been harmed?'
  const harm = given.harm ?? [await prompter.choose(question, choices(HARM_TYPES))]
  const role = given.role ?? (await prompter.choose('Who are you in this?', choices(AUTHOR_ROLES)))
  const barrier =
    given.barrier ??
    (kind === 'near_miss'
      ? await prompter.optional('What stopped it from reaching anybody? For partners only, not public')
      : undefined)
  const narrative =
    given.narrative ?? (await prompter.optional('Technical account, for partners only, not public'))
  return {
    ...given,
    kind,
    title,
    summary,
    occurred,
    sector,
    harm,
    role,
    ...(barrier === undefined ? {} : { barrier }),
    ...(narrative === undefined ? {} : { narrative }),
  }
}

function kindOf({ kind, nearMiss }: ReportOptions): string | undefined {
  return nearMiss === true ? 'near_miss' : kind?.replaceAll('-', '_')
}

function choices(of: Vocabulary): readonly Choice[] {
  return of.terms.map(({ id, label }) => ({ value: id, label }))
}

function within(max: number): (text: string) => string | undefined {
  return (text) => {
    if (text === '') return 'an answer is needed'
    const letters = [...text].length
    return letters > max ? `${letters} letters; at most ${max}` : undefined
  }
}

function dated(text: string): string | undefined {
  return isDate(text) ? undefined : 'not a date that exists, written like that'
}

/** The labelled sentences of the linter, and how well it finds what is marked in them. */
import { readFileSync } from 'node:fs'
import { lintText } from '../../protocol/redaction/lint/lint.ts'

/** What the rules are called in the labelled set. */
const KINDS: Readonly<Record<string, string>> = {
  email: 'email',
  'email-spelled': 'email',
  phone: 'phone',
  iban: 'iban',
  card: 'card',
  'national-id': 'national-id',
  ipv4: 'network',
  ipv6: 'network',
  mac: 'network',
  coordinates: 'place',
  'street-address': 'place',
  'private-key': 'secret',
  token: 'secret',
  password: 'secret',
  'random-string': 'secret',
  'internal-host': 'host',
  'bare-host': 'host',
  'person-name': 'person',
}

type Mark = { readonly kind: string; readonly start: number; readonly end: number }
export type Labelled = {
  readonly language: string
  readonly sentence: string
  readonly marks: readonly Mark[]
}

/** Marks that were found, marks that were missed, findings where nothing is marked. */
export type Score = { found: number; missed: number; wrong: number }

export function labelledSentences(file = 'test/labelled/redaction.tsv'): readonly Labelled[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.filter((line) => line !== '' && !line.startsWith('#')).map(labelled)
}

function labelled(line: string): Labelled {
  const [language = '', marked = ''] = line.split('\t')
  const marks: Mark[] = []
  let sentence = ''
  for (const piece of marked.split(/(⟦[a-z-]+:[^⟧]+⟧)/)) {
    const [, kind, words] = /^⟦([a-z-]+):(.+)⟧$/.exec(piece) ?? []
    const start = sentence.length
    sentence += words ?? piece
    if (kind !== undefined) marks.push({ kind, start, end: sentence.length })
  }
  return { language, sentence, marks }
}

/** By `all`, language and kind. A mark is found when a finding of its kind touches it. */
export function measure(sentences: readonly Labelled[]): ReadonlyMap<string, Score> {
  const scores = new Map<string, Score>()
  for (const { language, sentence, marks } of sentences) {
    const findings = lintText(sentence).map(({ rule, column, length }) => {
      return { kind: KINDS[rule] ?? rule, start: column - 1, end: column - 1 + length }
    })
    for (const mark of marks) count(language, mark.kind, findings.some((one) => touches(one, mark)) ? 'found' : 'missed') // prettier-ignore
    for (const one of findings)
      if (!marks.some((mark) => touches(one, mark))) count(language, one.kind, 'wrong')
  }
  return scores

  function count(language: string, kind: string, what: keyof Score): void {
    for (const name of ['all', language, kind]) {
      const score = scores.get(name) ?? { found: 0, missed: 0, wrong: 0 }
      score[what] += 1
      scores.set(name, score)
    }
  }
}

export function precision({ found, wrong }: Score): number {
  return found + wrong === 0 ? 1 : found / (found + wrong)
}

export function recall({ found, missed }: Score): number {
  return found + missed === 0 ? 1 : found / (found + missed)
}

function touches(one: Mark, other: Mark): boolean {
  return one.kind === other.kind && one.start < other.end && other.start < one.end
}

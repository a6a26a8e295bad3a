/** The labelled sentences, and how well the linter's findings cover them. */
import { readFileSync } from 'node:fs'
import { lintText } from '../../protocol/redaction/lint/lint.ts'

export type Labelled = {
  readonly language: string
  readonly text: string
  readonly spans: readonly { readonly rule: string; readonly start: number; readonly end: number }[]
}

const FILE = 'test/labelled/redaction.txt'

export function readLabelled(): readonly Labelled[] {
  return readFileSync(FILE, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [language = '', marked = ''] = line.split('\t')
      return { language, ...unmarked(marked) }
    })
}

function unmarked(marked: string): Pick<Labelled, 'text' | 'spans'> {
  const spans: { rule: string; start: number; end: number }[] = []
  let text = ''
  let at = 0
  for (const found of marked.matchAll(/\{([a-z-]+):([^{}]*)\}/gu)) {
    const [whole, rule = '', words = ''] = found
    text += marked.slice(at, found.index)
    spans.push({ rule, start: text.length, end: text.length + words.length })
    text += words
    at = found.index + whole.length
  }
  return { text: text + marked.slice(at), spans }
}

export type Score = { found: number; missed: number; wrong: number }

/** A label counts as found when a finding of its rule touches it; a finding that touches no label of its rule is wrong. */
export function measure(
  sentences: readonly Labelled[],
  nameOf: (sentence: Labelled, rule: string) => string,
): ReadonlyMap<string, Score> {
  const scores = new Map<string, Score>()
  const of = (name: string) => {
    const known = scores.get(name) ?? { found: 0, missed: 0, wrong: 0 }
    scores.set(name, known)
    return known
  }
  for (const sentence of sentences) {
    const findings = lintText(sentence.text, { blocklist: [] })
    const touches = (rule: string, start: number, end: number) => (one: (typeof findings)[number]) =>
      one.rule === rule && one.column - 1 < end && start < one.column - 1 + one.length
    for (const { rule, start, end } of sentence.spans) {
      if (findings.some(touches(rule, start, end))) of(nameOf(sentence, rule)).found += 1
      else of(nameOf(sentence, rule)).missed += 1
    }
    for (const one of findings) {
      const isLabelled = sentence.spans.some(({ rule, start, end }) => touches(rule, start, end)(one))
      if (!isLabelled) of(nameOf(sentence, one.rule)).wrong += 1
    }
  }
  return scores
}

export const precision = ({ found, wrong }: Score) => (found + wrong === 0 ? 1 : found / (found + wrong))
export const recall = ({ found, missed }: Score) => (found + missed === 0 ? 1 : found / (found + missed))

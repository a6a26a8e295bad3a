/** Precision and recall of the redaction linter on the labelled sentences, by rule, by language and in all. */
import { measure, precision, readLabelled, recall, type Score } from '../test/support/labelled.ts'
import { lintText } from '../protocol/redaction/lint/lint.ts'

const sentences = readLabelled()

function print(title: string, scores: ReadonlyMap<string, Score>): void {
  process.stdout.write(`${title.padEnd(16)} precision  recall   found missed wrong\n`)
  for (const [name, score] of [...scores].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const rates = [precision(score), recall(score)].map((rate) => rate.toFixed(3).padStart(7))
    const counts = [score.found, score.missed, score.wrong].map((count) => String(count).padStart(6))
    process.stdout.write(`${name.padEnd(16)}   ${rates.join('  ')}  ${counts.join(' ')}\n`)
  }
  process.stdout.write('\n')
}

const withNothing = sentences.filter(({ spans }) => spans.length === 0)
const flagged = withNothing.filter(({ text }) => lintText(text, { blocklist: [] }).length > 0)
process.stdout.write(`${sentences.length} sentences, ${withNothing.length} of them with nothing to find\n\n`)
print(
  'rule',
  measure(sentences, (_, rule) => rule),
)
print(
  'language',
  measure(sentences, ({ language }) => language),
)
print(
  'all',
  measure(sentences, () => 'all'),
)
process.stdout.write(
  `${flagged.length} of ${withNothing.length} sentences with nothing to find are flagged\n`,
)
for (const sentence of process.argv.includes('--misses') ? sentences : []) {
  const score = measure([sentence], () => 'one').get('one')
  if (score === undefined || score.missed + score.wrong === 0) continue
  process.stdout.write(
    `  ${sentence.language} missed ${score.missed} wrong ${score.wrong}: ${sentence.text}\n`,
  )
}

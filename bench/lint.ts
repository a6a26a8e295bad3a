/** How much of the labelled sentences the redaction linter finds: precision and recall in all, by language and by kind. */
import { labelledSentences, measure, precision, recall } from '../test/support/labelled.ts'

const sentences = labelledSentences()
const plain = sentences.filter(({ marks }) => marks.length === 0).length
process.stdout.write(`${sentences.length} sentences, ${plain} of them with nothing to find\n\n`)
process.stdout.write(`${'of'.padEnd(12)} precision  recall  found  missed  wrong\n`)
for (const [name, score] of measure(sentences)) {
  const shares = `${precision(score).toFixed(2).padStart(9)}  ${recall(score).toFixed(2).padStart(6)}`
  const counts = `${String(score.found).padStart(5)}  ${String(score.missed).padStart(6)}  ${String(score.wrong).padStart(5)}`
  process.stdout.write(`${name.padEnd(12)} ${shares}  ${counts}\n`)
}
if (process.argv.includes('--each'))
  for (const one of sentences)
    for (const [name, score] of measure([one]))
      if (name === 'all' && score.missed + score.wrong > 0)
        process.stdout.write(`${score.missed} missed, ${score.wrong} wrong: ${one.sentence}\n`)

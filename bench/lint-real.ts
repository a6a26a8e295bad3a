/**
 * What the redaction linter finds in public catalogues: texts that their authors meant to publish, so most of what it
 * finds there is a false alarm. `--show` prints each finding with its words, which are public. Skips without the data.
 */
import { flatten } from '../protocol/codec/items.ts'
import type { RecordContent } from '../protocol/record/content.ts'
import { lintDocument } from '../protocol/redaction/lint/lint.ts'
import { readAiid } from '../node/interop/aiid.ts'
import { readAtlas } from '../node/interop/atlas.ts'
import { readAvid } from '../node/interop/avid.ts'
import { sharedPath } from '../test/support/shared.ts'
import { collect, onDisk, type Importer } from '../test/support/uploads.ts'

const SETS: readonly (readonly [string, Importer, string])[] = [
  ['AIID', readAiid, 'aiid/incidents.csv'],
  ['ATLAS', readAtlas, 'atlas'],
  ['AVID', readAvid, 'avid'],
]

for (const [name, importer, path] of SETS) {
  const place = sharedPath('data', path)
  if (place === undefined) process.stdout.write(`${name}: skipped, its data is absent\n`)
  else await measure(name, (await collect(importer, onDisk(place))).records)
}

async function measure(name: string, records: readonly { readonly content: RecordContent }[]): Promise<void> {
  const counts = new Map<string, number>()
  const totals = { texts: 0, words: 0, blocked: 0, asked: 0 }
  for (const { content } of records) {
    const severities = new Set<string>()
    for (const document of [content.public, content.partner, content.research]) {
      if (document === undefined) continue
      const texts = new Map(flatten(document).map(({ path, value }) => [path.join('.'), value]))
      for (const text of texts.values()) {
        if (typeof text !== 'string') continue
        totals.texts += 1
        totals.words += text.split(/\s+/u).length
      }
      for (const { rule, severity, path, line, column, length } of lintDocument(document, {
        blocklist: [],
      })) {
        counts.set(rule, (counts.get(rule) ?? 0) + 1)
        severities.add(severity)
        const text = String(texts.get(path.join('.'))).split('\n')[line - 1] ?? ''
        if (process.argv.includes('--show'))
          process.stdout.write(
            `${name} ${rule} ${path.join('.')}: ${JSON.stringify(text.slice(column - 1, column - 1 + length))} in ${JSON.stringify(text.slice(Math.max(0, column - 31), column + length + 29))}\n`,
          )
      }
    }
    if (severities.has('block')) totals.blocked += 1
    if (severities.has('ask')) totals.asked += 1
  }
  const { texts, words, blocked, asked } = totals
  process.stdout.write(
    `${name}: ${records.length} records, ${texts} texts, ${words} words; ${blocked} records blocked, ${asked} asked about\n`,
  )
  for (const [rule, count] of [...counts].toSorted(([, a], [, b]) => b - a))
    process.stdout.write(`  ${rule.padEnd(16)} ${String(count).padStart(5)}\n`)
}

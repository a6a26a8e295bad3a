/** Sections of the specification, as findings name them. */
import { readdirSync, readFileSync } from 'node:fs'

const FOLDER = 'docs/spec'

/** The heading of a section such as `spec 03 §14`; undefined where the specification has none of that number. */
export function sectionOf(rule: string): string | undefined {
  const [, page, section] = /^spec (\d\d) §([\d.]+)$/.exec(rule) ?? []
  const file = readdirSync(FOLDER).find((name) => name.startsWith(`${page}-`) && name.endsWith('.md'))
  if (page === undefined || section === undefined || file === undefined) return undefined
  const headings = readFileSync(`${FOLDER}/${file}`, 'utf8').split('\n')
  return headings.find((line) => /^##+ /.test(line) && line.split(' ')[1]?.replace(/\.$/, '') === section)
}

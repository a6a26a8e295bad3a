import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { EXIT, EXIT_MEANINGS } from '../../cli/exit-codes.ts'
import { ERRORS } from '../../node/errors.ts'

describe('the page of exit codes', () => {
  it('has a row for each, which says what the program says', () => {
    const page = readFileSync('docs/reference/exit-codes.md', 'utf8')
    const [, table = ''] = /\| --- \| --- \|\n((?:\|.*\n)+)/.exec(page) ?? []
    const rows = table.trimEnd().split('\n')
    const names = Object.keys(EXIT_MEANINGS) as (keyof typeof EXIT)[]
    assert.deepEqual(
      rows,
      names.map((name) => `| ${EXIT[name]} | ${EXIT_MEANINGS[name]} |`),
    )
  })

  it('knows the exit code of every error', () => {
    const known = new Set<number>(Object.values(EXIT))
    for (const [code, { exit }] of Object.entries(ERRORS)) assert.ok(known.has(exit), code)
  })
})

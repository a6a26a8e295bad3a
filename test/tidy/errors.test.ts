import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { ERRORS, NodeError, type ErrorCode } from '../../node/errors.ts'

/** Exit codes of DESIGN §10. */
const EXITS = new Set([1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 20, 75, 78, 130])
const reference = readFileSync('docs/reference/errors.md', 'utf8')
const sections = new Map(
  reference
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')).trim(), section.slice(section.indexOf('\n'))]),
)

describe('the error reference', () => {
  const codes = Object.keys(ERRORS) as ErrorCode[]
  for (const code of codes) {
    it(`describes ${code} with its exit code and status`, () => {
      const { exit, status } = ERRORS[code]
      const section = sections.get(code)
      assert.ok(section !== undefined, `docs/reference/errors.md has no section ${code}`)
      assert.ok(section.includes(`Exit ${exit} · HTTP ${status}`), section)
      assert.ok(section.trim().length > 120, 'the section says what happened and what to do')
      assert.ok(EXITS.has(exit) && status >= 400 && status < 600)
    })
  }

  it('describes nothing that does not exist, in the order of the alphabet', () => {
    assert.deepEqual([...sections.keys()], [...codes].toSorted())
    assert.ok(codes.every((code) => /^[A-Z]+(_[A-Z]+)+$|^[A-Z]+$/.test(code)))
  })
})

describe('a node error', () => {
  it('carries its code, its cause and the next command', () => {
    const cause = new Error('below')
    const error = new NodeError('STORE_FULL', 'the disk is full', { cause, fix: 'free some space' })
    assert.deepEqual([error.code, error.cause, error.fix], ['STORE_FULL', cause, 'free some space'])
    assert.equal(new NodeError('USAGE', 'no').fix, undefined)
  })
})

import assert from 'node:assert/strict'
import {
  LINT_RULE_IDS,
  LINT_RULES,
  lintDocument,
  lintText,
} from '../../../../protocol/redaction/lint/lint.ts'
import { blocklistOf, listed } from '../../../../protocol/redaction/lint/blocklist.ts'
import { FOUND, NOTHING } from './tables.ts'

const ZERO_WIDTH = '\u200b'

const NOTHING_LISTED = { blocklist: [] }

describe('the rules of the redaction linter', () => {
  for (const [rule, texts] of Object.entries(FOUND))
    for (const text of texts)
      it(`finds ${rule}: ${text.slice(0, 60)}`, () => {
        assert.deepEqual([...new Set(lintText(text, NOTHING_LISTED).map((one) => one.rule))], [rule])
      })

  for (const text of NOTHING)
    it(`finds nothing in: ${text.slice(0, 70)}`, () => {
      assert.deepEqual(lintText(text, NOTHING_LISTED), [])
    })

  it('has a table of what each rule finds', () => {
    const rules = LINT_RULE_IDS.filter((id) => id !== 'blocklist')
    assert.deepEqual(Object.keys(FOUND).toSorted(), rules.toSorted())
  })

  it('is not led astray by characters that show nothing or are wide', () => {
    assert.equal(lintText(`ada${ZERO_WIDTH}@cli${ZERO_WIDTH}nic.org`, NOTHING_LISTED)[0]?.length, 16)
    assert.equal(lintText('ada＠clinic．org', NOTHING_LISTED)[0]?.rule, 'email')
    assert.equal(lintText('call +４９ ３０ １２３４５６７', NOTHING_LISTED)[0]?.rule, 'phone')
    assert.equal(lintText('call +49\u00a030\u20111234567', NOTHING_LISTED)[0]?.rule, 'phone')
  })

  describe('with a blocklist', () => {
    const blocklist = ['Northgrid', ' ', 'Projekt Straße', 'Élodie Łuczak']
    const rules = (text: string) => lintText(text, { blocklist }).map(({ rule }) => rule)

    it('finds its words whatever their case, accents, spaces and look-alikes', () => {
      for (const text of [
        'NORTHGRID fell over',
        'at Νоrthgrіd',
        `North${ZERO_WIDTH}grid`,
        'Ｎｏｒｔｈｇｒｉｄ',
        'projekt  STRASSE',
        'seen by elodie luczak',
        'E\u0301lodie-Łuczak',
      ])
        assert.deepEqual(rules(text), ['blocklist'], text)
    })

    it('finds whole words only, and nothing in its remarks', () => {
      for (const text of ['the Northgrids', 'Projekt', 'customers of ours', ''])
        assert.deepEqual(rules(text), [], text)
    })

    it('leaves none of its words out, however many', () => {
      const many = Array.from({ length: 20_000 }, (_, place) => `word ${place}`)
      assert.equal(lintText('see Word 19999 there', { blocklist: many })[0]?.rule, 'blocklist')
    })

    it('says how long a word is as it was written', () => {
      const [finding] = lintText(`x E\u0301lodie ${ZERO_WIDTH}Łuczak.`, { blocklist })
      assert.deepEqual([finding?.column, finding?.length], [3, 15])
    })
  })

  it('ends: of one rule it reports twenty findings in a text', () => {
    assert.equal(lintText('ada@clinic.org '.repeat(1_000), NOTHING_LISTED).length, 20)
  })

  it('hides nothing that blocks behind what only asks, or behind what was let pass', () => {
    const asking = Array.from({ length: 400 }, () => 'Dr Weiss. ada@clinic.org')
    const found = lintDocument({ account: asking, later: 'see db.prod.internal' }, NOTHING_LISTED)
    assert.ok(found.some(({ rule, path }) => rule === 'internal-host' && path.join('.') === 'later'))
    const text = `${'ada@clinic.org '.repeat(400)} see db.prod.internal`
    assert.ok(lintText(text, NOTHING_LISTED).some(({ rule }) => rule === 'internal-host'))
  })

  describe('in time that grows with the text', () => {
    const words = ['aaaa aaaa aaab', 'a b c']
    const blocklist = blocklistOf(words)
    const pieces = [
      'a', '1', '.', '-', ' ', '@', ':', '::', '1.', '1-', '1 ', 'a.', 'a-', 'a@', '@a', '@a.', 'a at ', ' dot ', '(at)a(dot)',
      '+1', '+1 ', '0 1', 'tel 1', 'A', 'Aa', 'Aa ', 'Dr ', 'Dr Aa ', 'rue ', '1 Aa ', 'DE00', 'DE00 ', 'fe:', 'ff-', '1.1.1.',
      'eyJ', 'eyJaaaaaaaa.', 'AKIA', 'sk-', '://a:', 'password=', 'token: a', '-----BEGIN ', 'host-', 'host-a-', '.local', 'a.local', '1.1111,', '1°', '1° 1′',
      '12345678901', '1 23 ', 'é', '\u200b', '😀', 'ﷺ', 'aaaa ', 'a b ', '\n', 'Straße ', 'calle Aa ', 'Aa Aa-', "O'Aa ", '4111 ', '4111', '12:', '\u0301',
    ] // prettier-ignore
    for (const piece of pieces)
      it(`reads 100 kB of ${JSON.stringify(piece)}`, () => {
        const text = piece.repeat(Math.ceil(100_000 / Buffer.byteLength(piece)))
        for (const { id, find } of LINT_RULES) assertFast(id, () => [...find(text)].length)
        assertFast('blocklist', () => [...listed(text, blocklist)].length)
        assertFast('all', () => lintText(text, { blocklist: words }).length)
      })
  })
})

/** Of the processor, not of the clock: other tests use the machine too. A guard against squares, which take minutes; no measurement. */
const TIME_MAX_MS = 2_000

function assertFast(name: string, run: () => number): void {
  let best = Infinity
  for (let turn = 0; turn < 3 && best > TIME_MAX_MS; turn += 1) {
    const before = process.cpuUsage()
    run()
    const { user, system } = process.cpuUsage(before)
    best = Math.min(best, (user + system) / 1_000)
  }
  assert.ok(best <= TIME_MAX_MS, `${name} took ${Math.round(best)} ms`)
}

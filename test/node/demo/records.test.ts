/** The demo's records and what is stated about them fit the schemas and are what the demo promises. */
import assert from 'node:assert/strict'
import { demoAttestations } from '../../../node/demo/attestations.ts'
import { DEMO_MEMBERS } from '../../../node/demo/demo.ts'
import { demoRecords } from '../../../node/demo/records.ts'
import { parseContent } from '../../../protocol/record/content.ts'
import { contradictionsOf } from '../../../protocol/record/contradiction.ts'
import type { IncidentPublic } from '../../../protocol/record/incident-public.ts'
import type { IncidentPartner } from '../../../protocol/record/incident-restricted.ts'

const records = demoRecords.map(({ member, content }) => ({
  member,
  content,
  open: content.public as IncidentPublic,
  partner: content.partner as IncidentPartner | undefined,
}))
const domains: readonly string[] = DEMO_MEMBERS.map(({ domain }) => domain)
const count = (fits: (one: (typeof records)[number]) => boolean) => records.filter(fits).length

/** Stands in for the target of a link, whose id is known only once it is published. */
const SOME_TARGET = { origin: `northgrid.example/candor/${'a'.repeat(52)}/1`, record: 'a'.repeat(26) }

describe('demo records', () => {
  it('are at least 126, of at least 20 in each of five sectors, by every member', () => {
    assert.ok(records.length >= 126)
    for (const sector of ['technology', 'finance', 'health', 'transport', 'public-sector']) {
      assert.ok(count(({ open }) => open.sectors?.[0] === sector && open.sectors.length === 1) >= 20, sector)
    }
    for (const domain of domains) assert.ok(count(({ member }) => member === domain) >= 20, domain)
    assert.ok(records.every(({ member }) => domains.includes(member)))
  })

  it('hold at least 35 near misses, and hazards, vulnerabilities, exercises, partner and research parts', () => {
    assert.ok(count(({ open }) => open.kind === 'near_miss') >= 35)
    for (const kind of ['hazard', 'vulnerability', 'exercise'])
      assert.ok(count(({ open }) => open.kind === kind) >= 10, kind)
    assert.ok(count(({ partner }) => partner !== undefined) >= 40)
    assert.ok(count(({ partner }) => partner?.timeline !== undefined) >= 10)
    assert.ok(count(({ content }) => content.research !== undefined) >= 15)
  })

  it('have titles and summaries of their own', () => {
    assert.equal(new Set(records.map(({ open }) => open.title.toLowerCase())).size, records.length)
    assert.equal(new Set(records.map(({ open }) => open.summary)).size, records.length)
    const openings = records.map(({ open }) => open.summary.split(' ').slice(0, 4).join(' '))
    assert.equal(new Set(openings).size, records.length)
  })

  for (const { content, open, partner } of records)
    it(open.title, () => {
      const read = parseContent(content.kind, content)
      assert.ok(read.ok, read.ok ? '' : JSON.stringify(read.problems))
      assert.deepEqual(contradictionsOf(read.value), [])
      assert.ok(open.title.length <= 120, `title of ${open.title.length}`)
      assert.ok(open.summary.length >= 120 && open.summary.length <= 380, `summary of ${open.summary.length}`)
      assert.match(open.occurred.start ?? '', /^202[56]/)
      assert.equal(partner?.near_miss_barrier !== undefined, open.kind === 'near_miss')
      assert.equal(
        open.harms?.some(({ realised }) => realised === 'actual') ?? false,
        open.kind === 'harm_event',
      )
    })
})

describe('demo attestations', () => {
  it('are of every kind that the demo shows, by every member', () => {
    const kinds = new Set(demoAttestations.map(({ kind }) => kind))
    for (const kind of ['sighting', 'opinion', 'dispute', 'correction', 'retract', 'link'])
      assert.ok(kinds.has(kind))
    assert.deepEqual(new Set(demoAttestations.map(({ member }) => member)), new Set(domains))
  })

  for (const [i, { member, title, kind, document, to }] of demoAttestations.entries())
    it(`${kind} ${i}: ${title}`, () => {
      assert.equal(to !== undefined, kind === 'link')
      const read = parseContent(kind, {
        public: { ...document, ...(to === undefined ? {} : { target: SOME_TARGET }) },
      })
      assert.ok(read.ok, read.ok ? '' : JSON.stringify(read.problems))
      const found = records.filter(({ open }) => open.title === title)
      assert.equal(found.length, 1)
      assert.equal(
        count(({ open }) => open.title === to),
        to === undefined ? 0 : 1,
      )
      // Only the author can correct or retract; a link may start at one's own record.
      if (kind !== 'link')
        assert.equal(found[0]?.member === member, kind === 'correction' || kind === 'retract')
    })
})

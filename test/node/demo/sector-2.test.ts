/** The demo's records of health and the public sector, and what is stated about them, fit the schemas. */
import assert from 'node:assert/strict'
import { demoAttestations } from '../../../node/demo/attestations.ts'
import { healthRecords } from '../../../node/demo/health.ts'
import { mixedRecords } from '../../../node/demo/mixed.ts'
import { publicSectorRecords } from '../../../node/demo/public-sector.ts'
import { parseContent } from '../../../protocol/record/content.ts'
import type { IncidentPublic } from '../../../protocol/record/incident-public.ts'
import type { IncidentPartner } from '../../../protocol/record/incident-restricted.ts'

const records = [...healthRecords, ...publicSectorRecords, ...mixedRecords].map(({ member, content }) => ({
  member,
  content,
  open: content.public as IncidentPublic,
  partner: content.partner as IncidentPartner | undefined,
}))

describe('demo records of health, the public sector and several sectors', () => {
  it('counts 22, 22 and 20', () =>
    assert.deepEqual([healthRecords.length, publicSectorRecords.length, mixedRecords.length], [22, 22, 20]))

  for (const { content, open, partner } of records)
    it(open.title, () => {
      const read = parseContent(content.kind, content)
      assert.ok(read.ok, read.ok ? '' : JSON.stringify(read.problems))
      assert.ok(open.title.length <= 120, `title of ${open.title.length}`)
      assert.ok(open.summary.length >= 120 && open.summary.length <= 380, `summary of ${open.summary.length}`)
      assert.equal(partner?.near_miss_barrier !== undefined, open.kind === 'near_miss')
      assert.equal(
        open.harms?.some(({ realised }) => realised === 'actual') ?? false,
        open.kind === 'harm_event',
      )
    })

  for (const [i, { member, title, kind, document }] of demoAttestations.entries())
    it(`${kind} ${i}: ${title}`, () => {
      const read = parseContent(kind, { public: document })
      assert.ok(read.ok, read.ok ? '' : JSON.stringify(read.problems))
      const found = records.filter(({ open }) => open.title === title)
      assert.equal(found.length, 1)
      assert.equal(found[0]?.member === member, kind === 'correction' || kind === 'retract')
    })
})

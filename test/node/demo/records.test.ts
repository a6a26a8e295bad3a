import assert from 'node:assert/strict'
import { contradictionsOf } from '../../../protocol/record/contradiction.ts'
import { parseContent } from '../../../protocol/record/content.ts'
import { demoAttestations } from '../../../node/demo/attestations.ts'
import { demoRecords } from '../../../node/demo/records.ts'
import type { NewContent } from '../../../node/api/service.ts'

type Open = { readonly title: string; readonly kind: string; readonly sectors: readonly string[] }

const openOf = ({ content }: { content: NewContent }) => content.public as Open

describe('the demo records', () => {
  for (const record of demoRecords) {
    it(`fit their schema and contradict nothing: ${openOf(record).title}`, () => {
      const { kind, ...tiers } = record.content
      const parsed = parseContent(kind, tiers)
      assert.ok(parsed.ok, JSON.stringify(parsed))
      assert.deepEqual(contradictionsOf(parsed.value), [])
    })
  }

  it('are at least 120, each with a title of its own', () => {
    assert.ok(demoRecords.length >= 120, `${demoRecords.length}`)
    assert.equal(new Set(demoRecords.map((one) => openOf(one).title)).size, demoRecords.length)
  })

  it('hold at least fifteen of each of the five sectors, and thirty-five near misses', () => {
    for (const sector of ['technology', 'finance', 'health', 'transport', 'public-sector']) {
      const count = demoRecords.filter((one) => openOf(one).sectors.includes(sector)).length
      assert.ok(count >= 15, `${sector}: ${count}`)
    }
    assert.ok(demoRecords.filter((one) => openOf(one).kind === 'near_miss').length >= 35)
  })

  it('are what the attestations are about', () => {
    const titles = demoRecords.map((one) => openOf(one).title)
    for (const { title } of demoAttestations)
      assert.equal(titles.filter((one) => one === title).length, 1, title)
  })
})

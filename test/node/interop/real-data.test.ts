import assert from 'node:assert/strict'
import { encode } from '../../../protocol/codec/cbor.ts'
import { PUBLIC_PART_BYTES_MAX } from '../../../protocol/limits.ts'
import { parseContent, readAs } from '../../../protocol/record/content.ts'
import { contradictionsOf } from '../../../protocol/record/contradiction.ts'
import type { IncidentPublic } from '../../../protocol/record/incident-public.ts'
import { readAiid } from '../../../node/interop/aiid.ts'
import { readAtlas } from '../../../node/interop/atlas.ts'
import { readAvid } from '../../../node/interop/avid.ts'
import { sharedOrSkip } from '../../support/shared.ts'
import { collect, onDisk, type Importer, type Outcome } from '../../support/uploads.ts'

/** Counts of the data as they are. Nothing in them is damaged, so nothing is skipped; other files are named. */
function itReads(
  name: string,
  importer: Importer,
  path: readonly string[],
  check: (outcome: Outcome) => void,
): void {
  it(name, async function () {
    const root = sharedOrSkip(this, ...path)
    const outcome = await collect(importer, onDisk(root))
    check(outcome)
    for (const { content, digest, publishable } of outcome.records) {
      assert.ok(parseContent(content.kind, content).ok)
      assert.deepEqual(contradictionsOf(content), [])
      assert.ok(encode(content.public).length <= PUBLIC_PART_BYTES_MAX)
      assert.ok(digest.length === 32 && publishable)
    }
  })
}

function publicOf(outcome: Outcome, id: string): IncidentPublic {
  const record = outcome.records.find((one) => one.externalId === id)
  assert.ok(record, id)
  const read = readAs('incident', record.content.public)
  assert.ok(read.state === 'known')
  return read.value
}

function digests(outcome: Outcome): ReadonlyMap<string, string> {
  return new Map(outcome.records.map((one) => [one.externalId, Buffer.from(one.digest).toString('hex')]))
}

function tally(values: readonly unknown[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const value of values) counts[String(value)] = (counts[String(value)] ?? 0) + 1
  return counts
}

describe('real data', () => {
  itReads('reads all 1,377 reports and 40 vulnerabilities of AVID', readAvid, ['data', 'avid'], (outcome) => {
    assert.equal(outcome.records.length, 1_417)
    assert.deepEqual(outcome.skipped, [])
    assert.deepEqual(outcome.ignored, [{ kind: 'ignored', name: 'LICENSE', reason: 'is not a .json file' }])
    assert.deepEqual(tally(outcome.records.map((one) => one.content.public['kind'])), {
      exercise: 460,
      harm_event: 21,
      hazard: 14,
      vulnerability: 922,
    })
    assert.equal(outcome.records.filter((one) => one.content.public['summary_partial'] === true).length, 919)
    assert.equal(outcome.records.filter((one) => one.content.public['scores'] !== undefined).length, 727)
    const gradio = publicOf(outcome, 'avid:AVID-2026-R1397')
    assert.deepEqual(gradio.scores, [
      {
        system: 'cvss',
        version: '3.0',
        vector: 'CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:L/A:L',
        value: '8.6',
        label: 'HIGH',
      },
    ])
    assert.deepEqual(gradio.source?.external_ids, [
      { scheme: 'avid', id: 'AVID-2026-R1397' },
      { scheme: 'cve', id: 'CVE-2024-1540' },
    ])
    assert.deepEqual(gradio.lifecycle, ['L06'])
    assert.deepEqual(gradio.occurred, { start: '2024-03-27', precision: 'day', basis: 'reported' })
    assert.equal(outcome.records[0]?.licence, 'MIT')
  })

  itReads(
    'reads all 45 case studies of ATLAS from the root of its repository',
    readAtlas,
    ['data', 'atlas'],
    (outcome) => {
      assert.equal(outcome.records.length, 45)
      assert.deepEqual(outcome.skipped, [])
      assert.deepEqual(
        outcome.ignored.map((one) => one.name),
        [
          'LICENSE',
          'README.md',
          'data/README.md',
          'data/data.yaml',
          'data/matrix.yaml',
          'data/mitigations.yaml',
          'data/tactics.yaml',
          'data/techniques.yaml',
          'dist/ATLAS.yaml',
          'dist/schemas/atlas_contribution_schema.json',
          'dist/schemas/atlas_output_schema.json',
          'dist/schemas/atlas_website_case_study_schema.json',
        ],
      )
      assert.deepEqual(tally(outcome.records.map((one) => one.content.public['kind'])), {
        exercise: 32,
        harm_event: 13,
      })
      const virusTotal = publicOf(outcome, 'mitre-atlas:AML.CS0002')
      assert.deepEqual(virusTotal.occurred, { start: '2020', precision: 'year', basis: 'occurred' })
      const partner = outcome.records.find((one) => one.externalId === 'mitre-atlas:AML.CS0002')?.content
        .partner
      assert.ok(Array.isArray(partner?.['timeline']))
      assert.deepEqual(
        partner['timeline'].map((step: Record<string, unknown>) => [step['tactic'], step['technique']]),
        [
          ['AML.TA0003', 'AML.T0016.000'],
          ['AML.TA0001', 'AML.T0043'],
          ['AML.TA0004', 'AML.T0010.002'],
          ['AML.TA0006', 'AML.T0020'],
        ],
      )
      assert.equal(outcome.records.flatMap((one) => one.content.partner?.['timeline'] ?? []).length, 368)
    },
  )

  it('finds the same ATLAS records in a release as in its sources', async function () {
    const sources = await collect(
      readAtlas,
      onDisk(sharedOrSkip(this, 'data', 'atlas', 'data', 'case-studies')),
    )
    const release = await collect(
      readAtlas,
      onDisk(sharedOrSkip(this, 'data', 'atlas', 'dist', 'ATLAS.yaml')),
    )
    assert.equal(release.records.length, 45)
    assert.deepEqual(digests(release), digests(sources))
  })

  itReads('finds all 1,294 incidents in the directory of AIID', readAiid, ['data', 'aiid'], (outcome) => {
    assert.equal(outcome.records.length, 1_294)
    assert.deepEqual(outcome.skipped, [])
    assert.equal(outcome.ignored.length, 10)
    assert.equal(outcome.records.filter((one) => one.content.public['summary_partial'] === true).length, 523)
    const shuttle = publicOf(outcome, 'aiid:23')
    assert.equal(shuttle.title, 'Las Vegas Self-Driving Bus Involved in Accident')
    assert.deepEqual(shuttle.occurred, { start: '2017-11-08', precision: 'day', basis: 'occurred' })
    assert.deepEqual(shuttle.parties?.[0], { role: 'deployer', name: 'navya', alleged: true })
    assert.equal(outcome.records[0]?.licence, 'CC-BY-SA-4.0')
    for (const { content } of outcome.records) {
      const { summary, description } = content.public
      if (content.public['summary_partial'] === true)
        assert.ok(
          typeof description === 'string' &&
            typeof summary === 'string' &&
            description.startsWith(summary.replace(/…$/u, '')),
        )
    }
  })
})

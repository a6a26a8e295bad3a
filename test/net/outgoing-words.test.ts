import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import type { Client, ImportProgress } from '../../node/api/client.ts'
import { code, withRules } from '../support/ruled.ts'
import { until } from '../support/until.ts'
import { inMemory } from '../support/uploads.ts'

const CARD = 'It printed 4111 1111 1111 1111 and went on.'
const NAMED = 'Dr. Nora Petersen reported it.'

const report = (id: string, description: string, title = `Title of ${id}`) =>
  JSON.stringify({
    data_type: 'AVID',
    metadata: { report_id: id },
    problemtype: { classof: 'LLM Evaluation', type: 'Measurement', description: { value: title } },
    description: { value: description },
  })

type Imported = Extract<ImportProgress, { event: 'imported' }>

/** What became of each record of a public catalogue that was imported to be published, and the counts. */
async function importing(client: Client, files: Readonly<Record<string, string>>, dryRun = false) {
  const each = new Map<string, Imported>()
  let done: ImportProgress | undefined
  const options = { format: 'avid', publish: true, dryRun }
  for await (const event of client.importFiles(inMemory(files), options)) {
    if (event.event === 'imported') each.set(event.externalId, event)
    done = event
  }
  assert.ok(done?.event === 'done')
  return { of: (id: string) => each.get(`avid:${id}`), done }
}

const size = async (client: Client) => (await client.status()).log.size

describe('records of public catalogues', function () {
  this.timeout(180_000)
  const { as, home, name } = withRules({ roles: { lead: 'public' } })

  it('stay as drafts when a card, a key or a word of ours stands in them; the others are published', async () => {
    const client = as(undefined)
    writeFileSync(home().blocklist, 'Albatross\n')
    const { of, done } = await importing(client, {
      'a.json': report('A-1', 'Nothing to see.'),
      'b.json': report('A-2', CARD),
      'c.json': report('A-3', 'The key was ghp_abcdefghijklmnopqrstuvwxyz0123456789.'),
      'd.json': report('A-4', 'Nothing to see.', 'Project Albatross'),
    })
    assert.deepEqual([done.imported, done.kept, done.asked], [4, 3, 0])
    assert.ok(of('A-1')?.index !== undefined && of('A-1')?.kept === undefined)
    for (const [id, place] of [
      ['A-2', /^card at public\.\S+ 1:12$/],
      ['A-3', /^secret at public\./],
      ['A-4', /^blocklist at public\.title/],
    ] as const) {
      const one = of(id)
      assert.ok(one !== undefined && one.index === undefined)
      assert.match(one.kept?.[0] ?? '', place)
      assert.ok(!JSON.stringify(one).includes('4111') && !JSON.stringify(one).includes('lbatross'))
      assert.equal((await client.checkDraft(one.record)).passes, false)
      await assert.rejects(client.publishDraft(one.record, 0), code('LINT_REFUSED'))
    }
  })

  it('are published where the linter only asks, which is shown, and noted with the record', async () => {
    const client = as(undefined)
    const { of, done } = await importing(client, { 'a.json': report('B-1', NAMED) })
    assert.deepEqual([done.kept, done.asked], [0, 1])
    const one = of('B-1')
    assert.ok(one?.index !== undefined)
    assert.match(one.asked?.join() ?? '', /^person at public\.\S+ 1:1/)
    const { suppressed } = await client.publicationTrail(one.record)
    assert.deepEqual(
      suppressed.map(({ rule, by, reason }) => [rule, by, reason]),
      [['person', 'whoever imported', 'in a public catalogue, shown when it was imported']],
    )
  })

  it('are looked through in a dry run, too, and nothing is stored', async () => {
    const client = as(undefined)
    const before = [await size(client), (await client.drafts()).length]
    const { done } = await importing(
      client,
      { 'a.json': report('C-1', CARD), 'b.json': report('C-2', NAMED) },
      true,
    )
    assert.deepEqual([done.kept, done.asked], [1, 1])
    assert.deepEqual([await size(client), (await client.drafts()).length], before)
  })

  it('go out once somebody let pass what kept them', async () => {
    const client = as(undefined)
    const { of } = await importing(client, { 'a.json': report('D-1', CARD) })
    const id = of('D-1')?.record ?? ''
    const { findings } = await client.checkDraft(id)
    for (const { path } of findings)
      await client.suppress(id, {
        rule: 'card',
        tier: 'public',
        path,
        reason: 'a card for tests',
        by: 'editor',
      })
    assert.equal((await client.publishDraft(id, 0)).state, 'logged')
  })

  it('name who imported them, where the node names who may', async () => {
    const lead = as(name('lea', 'lead'))
    const { of } = await importing(lead, { 'a.json': report('E-1', NAMED) })
    const { suppressed, approvals } = await lead.publicationTrail(of('E-1')?.record ?? '')
    assert.deepEqual([suppressed[0]?.by, approvals[0]?.by], ['lea', 'lea'])
  })
})

describe('a draft', function () {
  this.timeout(180_000)
  const { as } = withRules()

  it('is of no kind that is about another statement: an erasure without deletion would be a lie', async () => {
    for (const content of [
      { kind: 'erase', public: { tiers: ['partner'], basis: 'safety' } },
      { kind: 'sighting', public: { value: 'seen' } },
    ])
      await assert.rejects(as(undefined).addDraft(content), code('BAD_INPUT'))
  })
})

const SCOPE = { tiers: ['research'], purposes: ['research'], days: 30 }

describe('what is stated about researchers', function () {
  this.timeout(180_000)
  const { as } = withRules()

  it('is kept as a draft while the organisation that answers looks like a person', async () => {
    const client = as(undefined)
    const application = await client.application('Dr. Nora Petersen')
    await assert.rejects(client.accredit(application, SCOPE), (error) => {
      assert.ok(code('CONFIRMATION_NEEDED')(error) && error instanceof Error)
      assert.match(error.message, /person at public\.body 1:1/)
      assert.ok(!error.message.includes('Nora'))
      return true
    })
    const [kept] = await client.drafts()
    assert.equal(kept?.kind, 'accreditation')
    assert.deepEqual(await client.accreditations(), [])
    const confirmed = [{ rule: 'person', tier: 'public', path: 'body' } as const]
    await client.publishDraft(kept?.id ?? '', 0, { confirmed, by: 'editor' })
    await until('it is registered', async () => (await client.accreditations()).length === 1)
  })

  it('is refused with an address of mail or a secret in it', async () => {
    const client = as(undefined)
    const before = (await client.status()).log.size
    for (const [body, place] of [
      ['nora@university.org', /email at public\.body/],
      ['ghp_abcdefghijklmnopqrstuvwxyz0123456789', /secret at public\.body/],
    ] as const)
      await assert.rejects(client.accredit(await client.application(body), SCOPE), (error) => {
        assert.ok(code('LINT_REFUSED')(error) && error instanceof Error)
        assert.match(error.message, place)
        return true
      })
    const sectors = ['nora@university.org']
    const application = await client.application('University of C')
    await assert.rejects(client.accredit(application, { ...SCOPE, sectors }), code('LINT_REFUSED'))
    assert.equal((await client.status()).log.size, before)
  })

  it('is stated at once where nothing speaks against it, and leaves no draft', async () => {
    const client = as(undefined)
    const drafts = (await client.drafts()).length
    const { id, body } = await client.accredit(await client.application('University of C'), SCOPE)
    assert.equal(body, 'University of C')
    assert.equal((await client.suspendAccreditation(id, 'under_review', 3)).id, id)
    assert.equal((await client.revokeAccreditation(id, 'leak')).id, id)
    assert.equal((await client.drafts()).length, drafts)
  })
})

describe('a node whose operators accredit in twos', function () {
  this.timeout(180_000)
  const { as, name } = withRules({ twoPersons: true, roles: { lead: 'public' } })

  it('states nothing about researchers until a second one approved it', async () => {
    const [anna, ben] = [as(name('anna', 'lead')), as(name('ben', 'lead'))]
    const application = await anna.application('University of C')
    await assert.rejects(as(undefined).accredit(application, SCOPE), code('NOT_ALLOWED'))
    assert.deepEqual(await anna.drafts(), [])
    await assert.rejects(anna.accredit(application, SCOPE), code('CONFIRMATION_NEEDED'))
    const id = (await anna.drafts())[0]?.id ?? ''
    await ben.approve(id, [])
    assert.equal((await anna.publishDraft(id, 0)).state, 'logged')
    const [one] = await anna.accreditations()
    assert.equal(one?.body, 'University of C')
    await assert.rejects(as(undefined).revokeAccreditation(one?.id ?? '', 'leak'), code('NOT_ALLOWED'))
    await assert.rejects(as(undefined).suspendAccreditation(one?.id ?? '', 'leak', 1), code('NOT_ALLOWED'))
    await assert.rejects(as(undefined).endorse(one?.id ?? ''), code('NOT_ALLOWED'))
  })
})

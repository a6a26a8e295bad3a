import assert from 'node:assert/strict'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import type { Client } from '../../node/api/client.ts'
import { removeOperator } from '../../node/outgoing/operators.ts'
import { code, DEEP, newDraft, PARTNER, PUBLIC, SHALLOW, withRules } from '../support/ruled.ts'
import { until } from '../support/until.ts'

describe('how deep a node may publish', function () {
  this.timeout(180_000)
  const { as } = withRules({ maxTier: 'partner' })

  it('keeps what is deeper, whoever asks', async () => {
    const client = as(undefined)
    await assert.rejects(client.publishDraft(await newDraft(client, DEEP), 0), code('NOT_ALLOWED'))
    assert.equal((await client.publishDraft(await newDraft(client, PARTNER), 0)).state, 'logged')
  })

  it('says that nobody will read what is deeper, whatever the policy of disclosure allows', async () => {
    const client = as(undefined)
    await client.putDisclosurePolicy(`v: 1
rules:
  - { name: all, audience: [member], outcome: allow }
rate: { requests: 1, seconds: 60 }
longest: { partner: 1, research: 1 }
retention: 1
`)
    const { audience } = await client.checkDraft(await newDraft(client, DEEP))
    assert.deepEqual(
      audience.map(({ tier, readers }) => [tier, readers.join().startsWith('nobody')]),
      [
        ['public', false],
        ['partner', false],
        ['research', true],
      ],
    )
  })

  it('says that an empty audience is nobody', async () => {
    const client = as(undefined)
    await client.putDisclosurePolicy(`v: 1
rules:
  - { name: none, tiers: [partner], audience: [], outcome: allow }
rate: { requests: 1, seconds: 60 }
longest: { partner: 1, research: 1 }
retention: 1
`)
    const { audience } = await client.checkDraft(await newDraft(client, PARTNER))
    assert.match(audience[1]?.readers.join() ?? '', /^nobody/)
  })
})

describe('a node that publishes nothing', function () {
  this.timeout(180_000)
  const { as } = withRules({ maxTier: 'none' })

  it('keeps drafts, statements and imports', async () => {
    const client = as(undefined)
    await assert.rejects(client.publishDraft(await newDraft(client, SHALLOW), 0), code('NOT_ALLOWED'))
    await assert.rejects(imported(client), code('NOT_ALLOWED'))
  })
})

describe('a node that names who may publish', function () {
  this.timeout(180_000)
  const { as, name, home } = withRules({ roles: { writer: 'none', editor: 'partner', lead: 'research' } })

  it('lets everybody publish while it names nobody', async () => {
    assert.ok(!existsSync(home().operators))
    const client = as(undefined)
    assert.equal((await client.publishDraft(await newDraft(client, DEEP), 0)).state, 'logged')
  })

  it('lets each publish as deep as their role goes', async () => {
    const tokens = { writer: name('wren', 'writer'), editor: name('ed', 'editor'), lead: name('lou', 'lead') }
    const stranger = name('sam', 'no-such-role')
    const id = await newDraft(as(undefined), SHALLOW)
    for (const token of [undefined, stranger, tokens.writer])
      await assert.rejects(as(token).publishDraft(id, 0), code('NOT_ALLOWED'))
    const deep = await newDraft(as(undefined), DEEP)
    await assert.rejects(as(tokens.editor).publishDraft(deep, 0), code('NOT_ALLOWED'))
    assert.equal((await as(tokens.editor).publishDraft(id, 0)).state, 'logged')
    assert.equal((await as(tokens.lead).publishDraft(deep, 0)).state, 'logged')
    const { approvals } = await as(undefined).publicationTrail(deep)
    assert.deepEqual(
      approvals.map(({ act, by }) => [act, by]),
      [['publish', 'lou']],
    )
  })

  it('holds statements and imports to the same', async () => {
    const token = name('lea', 'lead')
    const about = await newDraft(as(undefined), SHALLOW)
    await as(token).publishDraft(about, 0)
    const sighting = { kind: 'sighting', public: { value: 'seen' } }
    await assert.rejects(as(undefined).attest(about, undefined, sighting), code('NOT_ALLOWED'))
    assert.equal((await as(token).attest(about, undefined, sighting)).state, 'logged')
    await assert.rejects(imported(as(undefined)), code('NOT_ALLOWED'))
    assert.equal(await imported(as(token)), 'done')
  })

  it('knows nobody by a token that ended, was taken back or was never given', async () => {
    const ended = name('eve', 'lead', 0)
    const gone = name('gus', 'lead')
    removeOperator(home().operators, 'gus')
    const id = await newDraft(as(undefined), SHALLOW)
    for (const token of [ended, gone, 'candor_op_guessed'])
      await assert.rejects(as(token).publishDraft(id, 0), code('NOT_ALLOWED'))
    await assert.rejects(as('no token').publishDraft(id, 0), code('USAGE'))
  })

  it('keeps who let something pass by name, and lets nobody name themselves', async () => {
    const token = name('ida', 'lead')
    const content = { kind: 'incident', public: { ...PUBLIC, summary: 'It wrote to anna@clinic.org.' } }
    const id = await newDraft(as(undefined), content)
    const one = {
      rule: 'email',
      tier: 'public',
      path: 'summary',
      reason: 'It is public.',
      by: 'somebody',
    } as const
    await assert.rejects(as(undefined).suppress(id, one), code('NOT_ALLOWED'))
    const { findings } = await as(token).suppress(id, one)
    assert.equal(findings[0]?.suppressed?.by, 'ida')
  })

  it('keeps tokens as digests, in a file that nobody else reads', async () => {
    const token = name('tom', 'lead')
    assert.ok(!readFileSync(home().operators, 'utf8').includes(token.slice(10)))
    assert.equal(statSync(home().operators).mode & 0o777, 0o600)
    assert.throws(() => name('tom', 'lead'), code('CONFLICT'))
    assert.throws(() => removeOperator(home().operators, 'nobody'), code('NOT_FOUND'))
  })

  it('lets nobody publish while the file of operators cannot be read', async () => {
    const before = readFileSync(home().operators)
    const id = await newDraft(as(undefined), SHALLOW)
    for (const broken of ['', '{"v":1}', '{"v":1,"operators":[{"name":"x"}]}']) {
      writeFileSync(home().operators, broken)
      await assert.rejects(as(undefined).publishDraft(id, 0), code('CONFIGURATION'))
    }
    writeFileSync(home().operators, before)
  })
})

describe('a node whose operators publish in twos', function () {
  this.timeout(180_000)
  const { as, name, home } = withRules({ twoPersons: true, roles: { lead: 'research', editor: 'public' } })

  it('lets nobody publish while it names nobody', async () => {
    await assert.rejects(
      as(undefined).publishDraft(await newDraft(as(undefined), SHALLOW), 0),
      code('NOT_ALLOWED'),
    )
  })

  it('waits for a second person whose role goes as deep', async () => {
    const [anna, ben, ed] = [name('anna', 'lead'), name('ben', 'lead'), name('ed', 'editor')]
    const id = await newDraft(as(undefined), DEEP)
    const publish = () => as(anna).publishDraft(id, 0)
    await assert.rejects(publish(), code('CONFIRMATION_NEEDED'))
    await as(anna).approve(id, [])
    await as(ed).approve(id, [])
    await assert.rejects(publish(), code('CONFIRMATION_NEEDED'))
    await assert.rejects(as(undefined).approve(id, []), code('NOT_ALLOWED'))
    const { approvals } = await as(ben).approve(id, [])
    assert.deepEqual(
      approvals.map(({ by }) => by),
      ['anna', 'ed', 'ben'],
    )
    assert.equal((await publish()).state, 'logged')
    const trail = await as(undefined).publicationTrail(id)
    assert.deepEqual(trail.approvals.at(-1)?.act, 'publish')
  })

  it('counts no approval of a draft in which more was let pass since', async () => {
    const [cleo, dora] = [name('cleo', 'lead'), name('dora', 'lead')]
    const content = { kind: 'incident', public: { ...PUBLIC, summary: 'It wrote to anna@clinic.org.' } }
    const id = await newDraft(as(undefined), content)
    await as(dora).approve(id, [])
    const one = { rule: 'email', tier: 'public', path: 'summary', reason: 'It is public.', by: '' } as const
    assert.deepEqual((await as(cleo).suppress(id, one)).approvals, [])
    await assert.rejects(as(cleo).publishDraft(id, 0), code('CONFIRMATION_NEEDED'))
    await as(dora).approve(id, [])
    assert.equal((await as(cleo).publishDraft(id, 0)).state, 'logged')
  })

  it('keeps in the outbox’s end what lost its second person meanwhile', async () => {
    const [flo, gia] = [name('flo', 'lead'), name('gia', 'lead')]
    const id = await newDraft(as(undefined), SHALLOW)
    await as(gia).approve(id, [])
    assert.equal((await as(flo).publishDraft(id, 2)).state, 'held')
    removeOperator(home().operators, 'gia')
    await until('it is a draft again', async () => (await as(undefined).draft(id)).heldUntil === undefined)
    await assert.rejects(as(undefined).record(id, undefined), code('NOT_FOUND'))
  })

  it('imports drafts only, and keeps what is stated as a draft to approve', async () => {
    const [hal, ivy] = [name('hal', 'lead'), name('ivy', 'lead')]
    await assert.rejects(imported(as(hal)), code('NOT_ALLOWED'))
    const about = await newDraft(as(undefined), SHALLOW)
    await as(ivy).approve(about, [])
    await as(hal).publishDraft(about, 0)
    const sighting = { kind: 'sighting', public: { value: 'seen' } }
    await assert.rejects(as(hal).attest(about, undefined, sighting), code('CONFIRMATION_NEEDED'))
    const kept = (await as(undefined).drafts()).find(({ kind }) => kind === 'sighting')
    assert.ok(kept)
    await as(ivy).approve(kept.id, [])
    assert.equal((await as(hal).publishDraft(kept.id, 0)).state, 'logged')
    assert.equal((await as(undefined).record(about, undefined)).attestations.length, 1)
  })
})

/** Imports nothing, for publication; the last thing that was said. */
async function imported(client: Client): Promise<string | undefined> {
  let last: string | undefined
  const options = { format: 'avid', publish: true, dryRun: false }
  for await (const { event } of client.importFiles(nothing(), options)) last = event
  return last
}

async function* nothing(): AsyncGenerator<never> {
  yield* []
}

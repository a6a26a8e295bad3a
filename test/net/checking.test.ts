import assert from 'node:assert/strict'
import { appendFileSync, writeFileSync } from 'node:fs'
import { clientOf, NodeError, type Client } from '../../node/api/client.ts'
import { runNode, type RunningNode } from '../../node/run.ts'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { until } from '../support/until.ts'

const draftOf = (summary: string, narrative = 'Nothing more.') => ({
  kind: 'incident',
  public: {
    kind: 'hazard',
    verification: 'confirmed',
    status: 'closed',
    title: 'An answer with an address in it',
    summary,
    occurred: { start: '2026-10', precision: 'month', basis: 'occurred' },
    policy: { tlp: 'CLEAR' },
    made_by: { role: 'deployer' },
  },
  partner: { narrative },
  research: { narrative },
})

const code = (wanted: string) => (error: unknown) => error instanceof NodeError && error.code === wanted

describe('the check before publishing', function () {
  this.timeout(180_000)
  let coalition: Coalition
  let running: RunningNode
  let client: Client

  before(async () => {
    coalition = await makeCoalition(1)
    const [member] = coalition.members
    assert.ok(member)
    const { home } = member
    writeFileSync(home.blocklist, '# people of ours\nAlbatross\n')
    running = await runNode({ home, passphrase: undefined, charterFile: coalition.charterFile, tickMs: 200 })
    client = clientOf({ socket: home.socket, timeoutMs: 20_000, startCommand: 'candor up' })
    await until('it may sign', async () => (await client.status()).state === 'ok')
  })

  after(async () => {
    await running.stop()
    coalition.remove()
  })

  it('refuses what blocks, names the place and never the words', async () => {
    const { id } = await client.addDraft(draftOf('It wrote to anna@clinic.org twice.'))
    await assert.rejects(client.publishDraft(id, 0), (error) => {
      assert.ok(error instanceof NodeError && error.code === 'LINT_REFUSED')
      assert.match(error.message, /email at public\.summary 1:13/)
      assert.ok(!error.message.includes('anna'))
      return true
    })
    await assert.rejects(client.publishDraft(id, 60), code('LINT_REFUSED'))
    const { passes, findings } = await client.checkDraft(id)
    assert.equal(passes, false)
    assert.deepEqual(
      findings.map(({ rule, tier, path }) => [rule, tier, path]),
      [['email', 'public', 'summary']],
    )
  })

  it('looks at every tier, and at the words of the organisation', async () => {
    const { id } = await client.addDraft(draftOf('Fine.', 'Project albatross called +49 30 901820.'))
    const { findings } = await client.checkDraft(id)
    assert.deepEqual(
      findings.map(({ rule, tier }) => `${tier} ${rule}`),
      ['partner blocklist', 'partner phone', 'research blocklist', 'research phone'],
    )
  })

  it('lets pass what a person lets pass for a reason, and keeps who and why with the record', async () => {
    const { id } = await client.addDraft(draftOf('It wrote to anna@clinic.org twice.'))
    const where = { rule: 'email', tier: 'public', path: 'summary', by: 'the editor' } as const
    await assert.rejects(client.suppress(id, { ...where, reason: ' ' }), code('USAGE'))
    await assert.rejects(client.suppress(id, { ...where, rule: 'no-rule', reason: 'x' }), code('USAGE'))
    await assert.rejects(client.suppress(id, { ...where, path: 'title', reason: 'x' }), code('NOT_FOUND'))
    const { passes } = await client.suppress(id, { ...where, reason: 'It is the public address.' })
    assert.equal(passes, true)
    const published = await client.publishDraft(id, 0)
    assert.equal(published.state, 'logged')
    const { suppressed } = await client.publicationTrail(id)
    assert.deepEqual(
      suppressed.map(({ rule, by, reason }) => [rule, by, reason]),
      [['email', 'the editor', 'It is the public address.']],
    )
  })

  it('asks about names until somebody says yes to each, and keeps who did', async () => {
    const { id } = await client.addDraft(draftOf('Mr Ansel Tarrow saw it.'))
    const { passes, asks } = await client.checkDraft(id)
    assert.deepEqual([passes, asks], [true, 1])
    await assert.rejects(client.publishDraft(id, 0), code('CONFIRMATION_NEEDED'))
    const elsewhere = [{ rule: 'person', tier: 'public', path: 'title' }] as const
    await assert.rejects(client.publishDraft(id, 0, { confirmed: elsewhere }), code('CONFIRMATION_NEEDED'))
    const confirmed = [{ rule: 'person', tier: 'public', path: 'summary' }] as const
    assert.equal((await client.publishDraft(id, 0, { confirmed, by: 'the editor' })).state, 'logged')
    const { suppressed } = await client.publicationTrail(id)
    assert.deepEqual(
      suppressed.map(({ rule, by }) => [rule, by]),
      [['person', 'the editor']],
    )
  })

  it('takes no yes for what blocks', async () => {
    const { id } = await client.addDraft(draftOf('It wrote to anna@clinic.org twice.'))
    const confirmed = [{ rule: 'email', tier: 'public', path: 'summary' }] as const
    await assert.rejects(client.publishDraft(id, 0, { confirmed }), code('LINT_REFUSED'))
  })

  it('publishes the tier that was meant, and no other', async () => {
    const { id } = await client.addDraft(draftOf('Fine.'))
    for (const tier of ['public', 'partner'] as const)
      await assert.rejects(client.publishDraft(id, 0, { tier }), code('NOT_ALLOWED'))
    assert.equal((await client.publishDraft(id, 0, { tier: 'research' })).state, 'logged')
  })

  it('looks again when the time in the outbox ends: what has to stay is a draft again', async () => {
    const { id } = await client.addDraft(draftOf('The project is called Kittiwake.'))
    assert.equal((await client.publishDraft(id, 2)).state, 'held')
    appendFileSync(coalition.members[0]?.home.blocklist ?? '', 'kittiwake\n')
    const back = await until('it is no longer in the outbox', async () => {
      const draft = await client.draft(id)
      return draft.heldUntil === undefined && draft
    })
    assert.equal(back.id, id)
    await assert.rejects(client.record(id, undefined), code('NOT_FOUND'))
  })

  it('lets other words at the same place not pass', async () => {
    const { id } = await client.addDraft(draftOf('Fine.', 'Ask at +49 30 901820.'))
    for (const tier of ['partner', 'research'] as const)
      await client.suppress(id, {
        rule: 'phone',
        tier,
        path: 'narrative',
        reason: 'The public desk.',
        by: 'x',
      })
    assert.equal((await client.checkDraft(id)).passes, true)
    const rule = { rule: 'desk', path: 'narrative', transform: 'paraphrase', reason: 'personal_data' }
    await client.writePartner(id, [{ ...rule, with: 'Ask at +49 30 901821.' }])
    const { findings } = await client.checkDraft(id)
    assert.deepEqual(
      findings.map(({ tier, suppressed }) => [tier, suppressed?.by]),
      [
        ['partner', undefined],
        ['research', 'x'],
      ],
    )
    await assert.rejects(client.publishDraft(id, 0), code('LINT_REFUSED'))
  })

  it('looks through what is stated about records, too, and keeps it as a draft to be mended', async () => {
    const { id } = await client.addDraft(draftOf('Attested with an address.'))
    await client.publishDraft(id, 0)
    const before = (await client.drafts()).length
    const dispute = { kind: 'dispute', public: { reason: 'Ask anna@clinic.org about it.' } }
    await assert.rejects(client.attest(id, undefined, dispute), code('LINT_REFUSED'))
    const drafts = await client.drafts()
    const kept = drafts.find(({ kind }) => kind === 'dispute')
    assert.equal(drafts.length, before + 1)
    assert.ok(kept)
    const letPass = {
      rule: 'email',
      tier: 'public',
      path: 'reason',
      reason: 'It is public.',
      by: 'x',
    } as const
    await client.suppress(kept.id, letPass)
    await client.publishDraft(kept.id, 0)
    const { attestations } = await client.record(id, undefined)
    assert.deepEqual(
      attestations.map(({ kind }) => kind),
      ['dispute'],
    )
  })

  it('says who could come to read what: nobody, where no rule lets anybody in', async () => {
    const { id } = await client.addDraft(draftOf('Fine.'))
    const before = (await client.checkDraft(id)).audience
    assert.deepEqual(before[0]?.readers, ['everybody, for good'])
    assert.match(before[1]?.readers.join() ?? '', /nobody/)
    await client.putDisclosurePolicy(`v: 1
rules:
  - { name: partners, tiers: [partner], audience: [member], outcome: ask }
rate: { requests: 1, seconds: 60 }
longest: { partner: 1, research: 1 }
retention: 1
`)
    const { audience } = await client.checkDraft(id)
    assert.deepEqual(audience[1]?.readers, ['members, when a person agrees (rule partners)'])
    assert.match(audience[2]?.readers.join() ?? '', /nobody/)
  })
})

import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { auditTrails, trailLines } from '../../cli/trails.ts'
import { clientOf, NodeError, type Client, type RequestOptions } from '../../node/api/client.ts'
import { homeAt, initHome } from '../../node/home.ts'
import { runNode, type RunningNode } from '../../node/run.ts'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { answered } from '../support/answered.ts'
import { catchesUp } from '../support/held.ts'
import { until } from '../support/until.ts'

const RECORD = {
  kind: 'incident',
  public: {
    kind: 'harm_event',
    verification: 'confirmed',
    status: 'closed',
    title: 'A dose that was ten times too high',
    summary: 'Noticed by a nurse.',
    occurred: { start: '2026-10', precision: 'month', basis: 'occurred' },
    sectors: ['health'],
    policy: { tlp: 'CLEAR' },
    made_by: { role: 'deployer' },
  },
  research: {
    samples: [{ prompt: 'dose for a child', output: '12 mg' }],
    data_use_terms: 'No models are trained on it.',
  },
}

const POLICY = `v: 1
rules:
  - { name: researchers, tiers: [research], audience: [researcher], purposes: [research], outcome: allow }
  - { name: audits, tiers: [research], audience: [researcher], purposes: [audit], outcome: ask }
rate: { requests: 50, seconds: 86400 }
longest: { partner: 365, research: 90 }
retention: 1826
`

const SCOPE = { tiers: ['research'], purposes: ['research', 'audit'], sectors: ['health'], days: 30 }

const code = (wanted: string) => (error: unknown) => error instanceof NodeError && error.code === wanted

function filesBelow(directory: string): readonly { readonly path: string }[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter((one) => one.isFile())
    .map((one) => ({ path: join(one.parentPath, one.name) }))
}

describe('a researcher without a log', function () {
  this.timeout(240_000)
  let coalition: Coalition
  const running: RunningNode[] = []
  let a: Client
  let b: Client
  let researcher: Client
  let record = ''

  const start = async (home: ReturnType<typeof homeAt>): Promise<Client> => {
    const { charterFile } = coalition
    running.push(await runNode({ home, passphrase: undefined, charterFile, tickMs: 200, accountMs: 100 }))
    return clientOf({ socket: home.socket, timeoutMs: 20_000, startCommand: 'candor up' })
  }

  before(async () => {
    coalition = await makeCoalition(2)
    const [first, second] = coalition.members
    assert.ok(first && second)
    const home = homeAt(join(coalition.directory, 'researcher'))
    const who = { domain: 'lab.university.example', name: 'University of C', sector: 'research' }
    initHome({
      home,
      ...who,
      listen: [],
      announce: [],
      observer: true,
      passphrase: undefined,
      now: Date.now(),
    })
    a = await start(first.home)
    b = await start(second.home)
    researcher = await start(home)
    await until('both may sign', async () =>
      (await Promise.all([a, b].map((one) => one.status()))).every(({ state }) => state === 'ok'),
    )
    await a.putDisclosurePolicy(POLICY)
    const draft = await a.addDraft(RECORD)
    record = (await a.publishDraft(draft.id, 0)).record
    await until('it is seen everywhere', async () =>
      (await Promise.all([b, researcher].map((one) => one.records({ limit: 5 })))).every(
        ({ items }) => items.length === 1,
      ),
    )
    await until('a is fresh', () => running[0]?.node().disclosure.freshness.isFresh())
  })

  after(async () => {
    await Promise.all(running.map(({ stop }) => stop()))
    coalition.remove()
  })

  const requested = (options: RequestOptions) => answered(researcher, options)
  const ask = (terms?: string) =>
    requested({
      record,
      tier: 'research',
      purpose: 'research',
      justification: 'A study of doses.',
      recipients: ['University of C'],
      days: 20,
      ...(terms === undefined ? {} : { terms }),
    })

  it('reads every log and can publish nothing', async () => {
    const status = await researcher.status()
    assert.equal(status.state, 'read-only')
    assert.match(status.readOnly?.why ?? '', /only members of the coalition have a log/)
    const draft = await researcher.addDraft(RECORD)
    await assert.rejects(researcher.publishDraft(draft.id, 0), code('NOT_ALLOWED'))
    const why = { by: 'x', reason: 'y' }
    await assert.rejects(researcher.addEscrow(record, {}), code('NOT_ALLOWED'))
    await assert.rejects(researcher.recoverEscrow('00'.repeat(32), why), code('NOT_ALLOWED'))
    assert.deepEqual(await researcher.escrows(), { deposits: [] })
  })

  it('is given nothing without an accreditation, and leaves no trace', async () => {
    const asked = await ask()
    assert.equal(asked.state, 'refused')
    assert.equal(asked.why, 'no-standing')
    assert.deepEqual(await a.cases(undefined), [])
  })

  it('is accredited by as many members as the charter asks for', async () => {
    const application = await researcher.application('University of C')
    const made = await a.accredit(application, SCOPE)
    assert.equal(made.state, 'incomplete')
    await assert.rejects(a.accredit({ ...application, network: 'b'.repeat(52) }, SCOPE), code('BAD_INPUT'))
    await assert.rejects(
      a.accredit({ ...application, boxKey: application.statementKey }, SCOPE),
      code('BAD_INPUT'),
    )
    await assert.rejects(researcher.endorse(made.id), code('NOT_ALLOWED'))
    await until('b holds it', async () => (await b.accreditations()).length === 1)
    assert.equal((await b.endorse(made.id)).state, 'in-force')
    await until('the researcher holds it', async () =>
      (await researcher.accreditations()).some(({ own, state }) => own && state === 'in-force'),
    )
    await until('a holds it', async () => (await a.accreditations())[0]?.state === 'in-force')
  })

  it('accepts the terms that hold, and is given the part', async () => {
    const guess = await ask()
    assert.equal(guess.state, 'denied')
    assert.equal(guess.why, 'terms_not_accepted')
    assert.equal(guess.terms?.text, 'No models are trained on it.')
    const asked = await ask(guess.terms?.digest)
    const { document } = await until('it is here', () =>
      researcher.fetchDetail(asked.id).catch(() => undefined),
    )
    assert.deepEqual(document, RECORD.research)
    await until('its statements are logged by the member', async () => {
      const { entries } = await a.trail(0, 100)
      return entries.some(({ step }) => step === 'confirmed')
    })
  })

  it('is given the files that a part names, and nobody else is', async () => {
    const bytes = randomBytes(3_500_000)
    const draft = await a.addDraft({ ...RECORD, public: { ...RECORD.public, title: 'With a file' } })
    const chunks = [bytes.subarray(0, 1_234_567), bytes.subarray(1_234_567)]
    const added = await a.addFile(
      draft.id,
      { path: 'logs/doses.csv', bytes: bytes.length },
      Readable.from(chunks),
    )
    assert.equal(added.digest, `sha256:${createHash('sha256').update(bytes).digest('hex')}`)
    const { record: of } = await a.publishDraft(draft.id, 0)
    await until('it is seen', async () => (await researcher.records({ limit: 5 })).items.length === 2)
    const terms = (await researcher.requests()).find((one) => one.terms !== undefined)?.terms?.digest
    const request = {
      record: of,
      tier: 'research',
      purpose: 'research',
      justification: 'The doses.',
    } as const
    const asked = await requested({
      ...request,
      recipients: ['University of C'],
      days: 20,
      ...(terms === undefined ? {} : { terms }),
    })
    await until('it is opened', async () => (await researcher.request(asked.id)).state === 'opened')
    await assert.rejects(researcher.exportFile(asked.id, 'logs/doses.csv'), code('NOT_FOUND'))
    assert.deepEqual(
      (await researcher.fetchFiles(asked.id)).map(({ path, state }) => [path, state]),
      [['logs/doses.csv', 'whole']],
    )
    assert.ok((await buffer(await researcher.exportFile(asked.id, 'logs/doses.csv'))).equals(bytes))
    const { entries } = await a.trail(0, 1_000)
    const sent = entries.filter(({ request: id, step }) => id === asked.id && step === 'sent')
    assert.ok(sent.length === 1 && sent.every(({ unconfirmed }) => unconfirmed === undefined))
    assert.deepEqual((await a.case(asked.id)).files, { sent: 1, unconfirmed: 0 })
    assert.ok((await researcher.trail(0, 1_000)).entries.some(({ step }) => step === 'fetched'))
    // In no directory of either home is there a piece of it in the clear.
    const piece = bytes.subarray(1_000_000, 1_000_064)
    for (const { path } of filesBelow(coalition.directory))
      assert.ok(!readFileSync(path).includes(piece), path)
    await a.erase(of, { tiers: ['research'], basis: 'data_subject' })
    await until('the researcher deleted it', async () => (await researcher.files()).length === 0)
    assert.deepEqual(await a.files(), [])
  })

  it('is given a copy of its own where a person wants a leak to be told', async () => {
    const rows = Array.from({ length: 400 }, (_, i) => `${i},ward ${i % 7},${(i * 37) % 100} mg`)
    const clear = Buffer.from(['id,ward,dose', ...rows, ''].join('\n'))
    const draft = await a.addDraft({ ...RECORD, public: { ...RECORD.public, title: 'With a table' } })
    await a.addFile(draft.id, { path: 'doses.csv', bytes: clear.length }, Readable.from([clear]))
    const { record: of } = await a.publishDraft(draft.id, 0)
    await until('it is seen', async () => (await researcher.records({ limit: 5 })).items.length === 3)
    const terms = (await researcher.requests()).find((one) => one.terms !== undefined)?.terms?.digest ?? ''
    const asked = await requested({
      record: of,
      tier: 'research',
      purpose: 'audit',
      justification: 'The doses.',
      recipients: ['University of C'],
      days: 20,
      terms,
    })
    await a.rule(asked.id, { outcome: 'allow', by: 'the duty officer', mark: true })
    await until('it is opened', async () => (await researcher.request(asked.id)).state === 'opened')
    const [file] = await researcher.fetchFiles(asked.id)
    assert.deepEqual([file?.state, file?.marked], ['whole', true])
    const leaked = (await buffer(await researcher.exportFile(asked.id, 'doses.csv'))).toString('utf8')
    assert.ok(leaked.length > clear.length && rows.every((row) => leaked.includes(row)))
    const traces = await a.traceFile(Readable.from([Buffer.from(leaked)]))
    assert.deepEqual(
      traces.map(({ request, found, rows: all }) => [request, found === all]),
      [[asked.id, true]],
    )
    assert.deepEqual(await a.traceFile(Readable.from([clear])), [])
  })

  it('reads the trail of a member through a grant, as its mandated auditor, and holds it against its own', async () => {
    const draft = await a.addDraft({ ...RECORD, public: { ...RECORD.public, title: 'What we disclosed' } })
    const before = await a.trail(0, 1_000)
    const added = await a.addTrail(draft.id)
    const since = await a.trail(0, 1_000)
    assert.equal(added.path, 'audit.trail')
    const { record: of } = await a.publishDraft(draft.id, 0)
    await until('it is seen', async () =>
      (await researcher.records({ limit: 9 })).items.some(({ record }) => record === of),
    )
    const request = {
      record: of,
      tier: 'research',
      justification: 'The yearly audit.',
      recipients: ['University of C'],
      days: 20,
    } as const
    // The terms are those of a part marked RED, and no rule lets one out.
    const { terms } = await requested({ ...request, purpose: 'research' })
    const accepted = { ...request, terms: terms?.digest ?? '' }
    const wanted = await requested({ ...accepted, purpose: 'research' })
    assert.equal(wanted.state, 'pending', wanted.why)
    await a.rule(wanted.id, { outcome: 'deny', by: 'the duty officer', reason: 'no_rule' })
    const asked = await requested({ ...accepted, purpose: 'audit' })
    await a.rule(asked.id, { outcome: 'allow', by: 'the duty officer' })
    await until('it is opened', async () => (await researcher.request(asked.id)).state === 'opened')
    assert.deepEqual(
      (await researcher.fetchFiles(asked.id)).map(({ path, state }) => [path, state]),
      [['audit.trail', 'whole']],
    )
    const [theirs, ours] = ['granted.trail', 'own.trail'].map((name) => join(coalition.directory, name))
    assert.ok(theirs !== undefined && ours !== undefined)
    writeFileSync(theirs, await buffer(await researcher.exportFile(asked.id, 'audit.trail')))
    await catchesUp(researcher, [a])
    const report = await auditTrails(researcher, [theirs])
    assert.deepEqual(report.findings, [])
    const entries = report.trails[0]?.entries ?? 0
    assert.ok(entries >= before.entries.length && entries <= since.entries.length, `${entries} entries`)
    // Its own trail knows of requests that came after, its grant among them: they are counted, and accuse nobody.
    writeFileSync(ours, await researcher.trailFile())
    const both = await auditTrails(researcher, [theirs, ours])
    assert.deepEqual(both.findings, [])
    assert.deepEqual(
      both.pairs.map(({ newer }) => newer),
      [3],
    )
    assert.deepEqual(
      both.trails.map(({ leaves }) => leaves.isCompared),
      [true, false],
    )
    for (const { signatures } of both.trails) {
      assert.ok(signatures.verified > 0)
      assert.deepEqual(signatures.unchecked, [])
    }
    const lines = trailLines(both)
    assert.ok(
      lines.some((line) => /lab\.university\.example: not shown: whether anything was cut out/.test(line)),
    )
    assert.ok(lines.some((line) => /not compared: 3 requests newer/.test(line)))
  })

  it('is denied once the accreditation is suspended by one, and for good when it is revoked', async () => {
    const [one] = await b.accreditations()
    assert.ok(one)
    await b.suspendAccreditation(one.id, 'under_review', 7)
    await until('a knows', async () => (await a.accreditations())[0]?.state === 'suspended')
    const asked = await ask()
    assert.equal(asked.why, 'accreditation_suspended')
    await b.revokeAccreditation(one.id, 'terms_broken')
    await until('a knows', async () => (await a.accreditations())[0]?.state === 'revoked')
    assert.equal((await ask()).why, 'accreditation_revoked')
  })
})

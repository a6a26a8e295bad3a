import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RequestOptions } from '../../node/api/client.ts'
import { clientOf, NodeError, type Client } from '../../node/api/client.ts'
import { auditTrails } from '../../cli/trails.ts'
import { parseTrailFile, printTrailFile } from '../../protocol/audit/trail-file.ts'
import { printHex } from '../../protocol/bytes.ts'
import { cutTrail } from '../support/cut-trail.ts'
import { parseEntry } from '../../protocol/codec/statement.ts'
import { runNode, type RunningNode } from '../../node/run.ts'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { answered } from '../support/answered.ts'
import { catchesUp } from '../support/held.ts'
import { until } from '../support/until.ts'

const MARKER = 'zanzibar-quokka-4711'
const DEEPER = 'xylophone-walrus-0815'

const RECORD = {
  kind: 'incident',
  public: {
    kind: 'near_miss',
    verification: 'confirmed',
    status: 'closed',
    title: 'The alarm that was ignored',
    summary: 'The alarm rang before anybody was hurt.',
    occurred: { start: '2026-10', precision: 'month', basis: 'occurred' },
    sectors: ['health'],
    policy: { tlp: 'CLEAR' },
    made_by: { role: 'deployer' },
  },
  partner: {
    narrative: `The device of ${MARKER} was misread.`,
    near_miss_barrier: 'An alarm that is tested weekly.',
    policy: { tlp: 'AMBER' },
  },
  research: {
    narrative: `The device of ${MARKER} was misread.`,
    near_miss_barrier: 'An alarm that is tested weekly.',
    samples: [{ prompt: `dose for ${DEEPER}`, output: '12 mg' }],
  },
}

const POLICY = `v: 1
rules:
  - { name: partners, tiers: [partner], audience: [member], purposes: [own_remediation], outcome: allow }
  - { name: by-hand, tiers: [partner], audience: [member], purposes: [research], outcome: ask }
rate: { requests: 50, seconds: 86400 }
longest: { partner: 365, research: 90 }
retention: 1826
`

const ASK = {
  tier: 'partner',
  purpose: 'own_remediation',
  justification: 'We run the same device.',
  recipients: ['Hospital B'],
  days: 30,
} as const satisfies Partial<RequestOptions>

const code = (wanted: string) => (error: unknown) => error instanceof NodeError && error.code === wanted

describe('disclosure between members', function () {
  this.timeout(240_000)
  let coalition: Coalition
  let running: RunningNode[] = []
  let clients: Client[] = []
  let record = ''

  const start = async (at: number): Promise<RunningNode> => {
    const { charterFile, members } = coalition
    const home = members[at]?.home
    assert.ok(home)
    return runNode({ home, passphrase: undefined, charterFile, tickMs: 200, accountMs: 100 })
  }
  const client = (at: number): Client => {
    const found = clients[at]
    assert.ok(found)
    return found
  }

  before(async () => {
    coalition = await makeCoalition(3)
    running = await Promise.all([0, 1, 2].map(start))
    clients = coalition.members.map(({ home }) =>
      clientOf({ socket: home.socket, timeoutMs: 20_000, startCommand: 'candor up' }),
    )
    await until('all may sign', async () => {
      const states = await Promise.all(clients.map((one) => one.status()))
      return states.every(({ state }) => state === 'ok')
    })
    await client(0).putDisclosurePolicy(POLICY)
    const draft = await client(0).addDraft(RECORD)
    const published = await client(0).publishDraft(draft.id, 0)
    record = published.record
    await until('b and c hold it', async () => {
      const lists = await Promise.all([1, 2].map((at) => client(at).records({ limit: 10 })))
      return lists.every(({ items }) => items.some((one) => one.record === record))
    })
    await until('a is fresh', () => running[0]?.node().disclosure.freshness.isFresh())
  })

  after(async () => {
    await Promise.all(running.map(({ stop }) => stop()))
    coalition.remove()
  })

  const accessLeaves = async (at: number) => {
    const { entries, parts } = await client(at).entries(undefined, 0, 256)
    return entries.flatMap((bytes, index) => {
      const entry = parseEntry(bytes)
      const isAccess = entry.ok && entry.value.statement.kind === 'access'
      return isAccess ? [{ statement: entry.value.statement, part: parts[index] }] : []
    })
  }

  const requested = (at: number, options: RequestOptions) => answered(client(at), options)

  const opened = async (at: number, id: string) =>
    until('it is opened', async () => {
      const one = await client(at).request(id)
      return one.state === 'opened' ? one : undefined
    })

  it('gives a member what a rule allows, whole and verified, and to nobody else', async () => {
    const asked = await requested(1, { record, ...ASK })
    await opened(1, asked.id)
    const { document, kind, verdict } = await client(1).fetchDetail(asked.id)
    assert.equal(kind, 'whole')
    assert.match(verdict, /nothing was withheld/)
    assert.deepEqual(document, RECORD.partner)
    const [found] = await client(0).cases(undefined)
    assert.equal(found?.requester.name, 'b.example')
    await until('it is confirmed', async () => (await client(0).cases('confirmed')).length === 1)
  })

  it('asks a person where a rule says so, and gives what the person lets through', async () => {
    const asked = await requested(1, { record, ...ASK, purpose: 'research' })
    assert.equal(asked.state, 'pending')
    const [found] = await client(0).cases('asked')
    assert.ok(found)
    const rules = [{ rule: 'no-names', path: 'narrative', transform: 'suppress', reason: 'personal_data' }]
    await client(0).rule(found.id, { outcome: 'allow', by: 'the duty officer', rules })
    await opened(1, asked.id)
    const { verdict, items } = await client(1).fetchDetail(asked.id)
    assert.match(verdict, /a faithful redaction of .*: 2 of 3 items, 1 withheld \(1 personal_data\)/)
    assert.ok(!JSON.stringify(items).includes(MARKER))
  })

  it('lets no address out in what is said to one party, and says none of its words', async () => {
    const words = 'Write to nora@university.org.'
    const isRefused = (error: unknown) =>
      code('LINT_REFUSED')(error) && error instanceof Error && !error.message.includes('nora')
    const before = (await client(2).requests()).length
    for (const change of [{ justification: words }, { recipients: [words] }])
      await assert.rejects(client(2).requestDetail({ record, ...ASK, ...change }), isRefused)
    assert.equal((await client(2).requests()).length, before)
    const asked = await requested(2, { record, ...ASK, purpose: 'research' })
    const [found] = await client(0).cases('asked')
    assert.ok(found)
    const rules = [
      { rule: 'r', path: 'narrative', transform: 'paraphrase', with: words, reason: 'personal_data' },
    ]
    for (const ruling of [
      { outcome: 'allow', by: 'x', rules },
      { outcome: 'deny', by: 'x', reason: 'declined', note: words },
    ] as const)
      await assert.rejects(client(0).rule(found.id, ruling), isRefused)
    await client(0).rule(found.id, {
      outcome: 'deny',
      by: 'x',
      reason: 'declined',
      note: 'Ask us next year.',
    })
    await until('it is denied', async () => (await client(2).request(asked.id)).state === 'denied')
    await assert.rejects(client(2).appeal(asked.id, words), isRefused)
    const [granted] = await client(0).cases('confirmed')
    await assert.rejects(client(0).revoke(granted?.id ?? '', 'leak', words), isRefused)
  })

  it('gives single items that were asked for', async () => {
    const asked = await requested(2, { record, ...ASK, items: [['near_miss_barrier']] })
    await opened(2, asked.id)
    const { items } = await client(2).fetchDetail(asked.id)
    assert.deepEqual(items?.map(({ path }) => path[0]).toSorted(), ['near_miss_barrier'])
  })

  it('denies with a reason what no rule allows, and takes an appeal', async () => {
    const asked = await requested(1, { record, ...ASK, tier: 'research' })
    assert.equal(asked.state, 'denied')
    assert.equal(asked.why, 'accreditation_needed')
    await client(1).appeal(asked.id, 'We are the hospital that it happened in.')
    const found = await until('the appeal is there', async () =>
      (await client(0).cases('denied')).find(({ appeal }) => appeal !== undefined),
    )
    assert.equal(found.appeal, 'We are the hospital that it happened in.')
    await assert.rejects(
      client(1).fetchDetail(asked.id),
      (error) => error instanceof NodeError && error.code === 'NOT_FOUND',
    )
  })

  it('counts who acknowledged a correction', async () => {
    await client(0).attest(record, undefined, {
      kind: 'retract',
      public: { class: 'factual_error', reason: 'It was another device.', made_by: { role: 'deployer' } },
    })
    const reach = await until('all acknowledged', async () => {
      const found = await client(0).reach(record)
      return found.changes.length === 1 && found.acknowledged === found.holders ? found : undefined
    })
    assert.equal(reach.holders, 3)
    const [one] = await client(1).requests()
    assert.match(one?.changes.join() ?? '', /retract/)
  })

  it('erases a part here and at everybody who holds it, and counts who did', async () => {
    const { versions } = await client(0).erase(record, { tiers: ['partner'], basis: 'data_subject' })
    assert.equal(versions, 1)
    const reach = await until('all erased it', async () => {
      const found = await client(0).reach(record)
      const erased = found.changes.find(({ kind }) => kind === 'erase')
      return erased?.acknowledged === found.holders ? found : undefined
    })
    assert.equal(reach.holders, 3)
    for (const { id, state } of await client(1).requests()) {
      if (state !== 'erased') continue
      await assert.rejects(client(1).fetchDetail(id), code('NOT_FOUND'))
    }
    const asked = await requested(1, { record, ...ASK })
    assert.equal(asked.why, 'part_erased')
    await assert.rejects(
      client(1).erase(record, { tiers: ['partner'], basis: 'data_subject' }),
      code('NOT_FOUND'),
    )
    await assert.rejects(
      client(0).attest(record, undefined, { kind: 'erase', public: { tiers: ['partner'], basis: 'safety' } }),
      code('USAGE'),
    )
    // The next start takes the key away under which old copies of the files would open.
    for (const { home } of coalition.members.slice(0, 2))
      assert.ok(existsSync(join(home.keys, 'vault.prepared')))
    const { entries } = await client(0).trail(0, 100)
    assert.equal(entries.filter(({ step }) => step === 'erased').length, reach.holders)
  })

  it('accounts for every step in the logs without a word', async () => {
    // Three grants, a denial and the head of the trail.
    await until('the leaves are logged', async () => (await accessLeaves(0)).length >= 5)
    for (const { statement, part } of await accessLeaves(0)) {
      assert.equal(statement.on, null)
      assert.deepEqual([part?.[1], part?.[2].length], ['', 0])
    }
    const { entries } = await client(0).trail(0, 100)
    assert.ok(entries.some(({ step }) => step === 'offered'))
  })

  it('hands trails to an auditor that agree, and shows what was left out of one', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'candor-trails-'))
    const files = await Promise.all(
      [0, 1].map(async (at) => {
        const path = join(directory, `${at}.trail`)
        writeFileSync(path, await client(at).trailFile())
        return path
      }),
    )
    await catchesUp(client(2), [client(0), client(1)])
    const agreed = await auditTrails(client(2), files)
    assert.deepEqual(agreed.findings, [])
    assert.deepEqual(
      agreed.trails.map(({ logged }) => logged > 0),
      [true, true],
    )
    for (const { leaves, signatures } of agreed.trails) {
      assert.ok(leaves.isCompared && leaves.statements > 0, JSON.stringify(leaves))
      assert.ok(signatures.verified > 0)
      assert.deepEqual(signatures.unchecked, [])
    }
    // The owner leaves out that it offered anything: the heads that were logged show it, and so does the reader.
    const [first = '', second = ''] = files
    const text = readFileSync(first, 'utf8')
    const whole = parseTrailFile(text)
    assert.ok(whole.ok)
    const codesOf = async (...paths: readonly string[]) =>
      (await auditTrails(client(2), paths)).findings.map(({ code }) => code)
    const kept = whole.value.lines.filter((line) => line.kind === 'entry' && line.entry.step !== 'offered')
    // Made later than it was, so that clocks excuse nothing.
    const later = { ...whole.value, at: whole.value.at + 600 }
    writeFileSync(first, printTrailFile({ ...later, lines: kept, size: kept.length }))
    const codes = await codesOf(first, second)
    for (const code of ['trail-head', 'trail-rewritten', 'trail-order', 'trail-grant-hidden'] as const)
      assert.ok(codes.includes(code), code)
    // It cuts one whole disclosure out, names no head that was logged, and states the root of what is left.
    const [gone] = whole.value.lines.flatMap((line) =>
      line.kind === 'entry' && line.entry.step === 'offered' ? [line.entry.request] : [],
    )
    const cut = cutTrail(whole.value, (request) => request !== printHex(gone ?? new Uint8Array(0)))
    writeFileSync(first, printTrailFile(cut))
    assert.deepEqual([...new Set(await codesOf(first))], ['trail-leaf-withheld'])
    // Naming an older head of its log, or none, hides nothing.
    const old = { ...cut, at: cut.at + 10_000, logs: [], leaves: [] }
    writeFileSync(first, printTrailFile(old))
    assert.ok((await codesOf(first)).includes('trail-leaf-withheld'))
    writeFileSync(first, text)
    assert.deepEqual(await codesOf(first, second), [])
    rmSync(directory, { recursive: true })
  })

  it('leaves no restricted word on any disk, not even its own', async () => {
    await Promise.all(running.map(({ stop }) => stop()))
    for (const { home } of coalition.members) {
      const names = readdirSync(home.directory, { recursive: true, encoding: 'utf8', withFileTypes: true })
      for (const one of names) {
        if (!one.isFile()) continue
        const bytes = readFileSync(join(one.parentPath, one.name))
        for (const word of [MARKER, DEEPER]) assert.ok(!bytes.includes(word), `${word} in ${one.name}`)
      }
    }
    running = []
  })
})

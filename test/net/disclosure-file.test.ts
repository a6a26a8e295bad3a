/** What an operator can show of disclosures, and try before one: the export, redaction by rules, and who decided. */
import assert from 'node:assert/strict'
import { clientOf, NodeError, type Client, type DisclosureSelection } from '../../node/api/client.ts'
import { isSigned, parseAccess } from '../../protocol/access/signed.ts'
import { parseTrailEntry } from '../../protocol/access/trail.ts'
import { parseBase64 } from '../../protocol/bytes.ts'
import { runNode, type RunningNode } from '../../node/run.ts'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { until } from '../support/until.ts'

const SECRET = 'zanzibar-quokka-4711'

const RECORD = {
  kind: 'incident',
  public: {
    kind: 'near_miss',
    verification: 'confirmed',
    status: 'closed',
    title: 'A dose that was ten times too high',
    summary: 'A nurse noticed.',
    occurred: { start: '2026-10', precision: 'month', basis: 'occurred' },
    sectors: ['health'],
    policy: { tlp: 'CLEAR' },
    made_by: { role: 'deployer' },
  },
  research: {
    narrative: `The pump of ${SECRET} was misread.`,
    near_miss_barrier: 'A second pair of eyes.',
    samples: [{ prompt: 'dose for 12 kg', output: '120 mg' }],
  },
}
const RULES = [
  {
    rule: 'no-names',
    path: 'narrative',
    transform: 'paraphrase',
    reason: 'personal_data',
    with: 'The pump was misread.',
  },
  { rule: 'no-samples', path: 'samples.**', transform: 'suppress', reason: 'trade_secret' },
]
const POLICY = `v: 1
rules:
  - { name: by-hand, tiers: [partner], audience: [member], outcome: ask }
rate: { requests: 50, seconds: 86400 }
longest: { partner: 365, research: 90 }
retention: 1826
`

const code = (wanted: string) => (error: unknown) => error instanceof NodeError && error.code === wanted
const bytesOf = (text: string) => {
  const read = parseBase64(text)
  assert.ok(read.ok)
  return read.value
}

describe('what an operator shows of disclosures', function () {
  this.timeout(240_000)
  let coalition: Coalition
  let running: RunningNode[] = []
  let [owner, reader]: (Client | undefined)[] = []
  let record = ''
  const ids: string[] = []

  const at = (client: Client | undefined): Client => {
    assert.ok(client)
    return client
  }
  const exported = async (selection: DisclosureSelection) => {
    const text = await at(owner).disclosureFile(selection)
    const [head, ...lines] = text.trimEnd().split('\n')
    return { text, head: JSON.parse(head ?? ''), lines: lines.map((line) => JSON.parse(line)) }
  }
  const ask = async (purpose: string, justification: string, recipient: string) => {
    const options = {
      record,
      tier: 'partner',
      purpose,
      justification,
      recipients: [recipient],
      days: 30,
    } as const
    const { id } = await at(reader).requestDetail(options)
    ids.push(id)
    await until('it came', async () => (await at(owner).cases('asked')).some((one) => one.id === id))
    return id
  }

  before(async () => {
    coalition = await makeCoalition(2)
    const { charterFile, members } = coalition
    running = await Promise.all(
      members.map(({ home }) =>
        runNode({ home, passphrase: undefined, charterFile, tickMs: 200, accountMs: 100 }),
      ),
    )
    ;[owner, reader] = members.map(({ home }) =>
      clientOf({ socket: home.socket, timeoutMs: 20_000, startCommand: 'candor up' }),
    )
    await until('all may sign', async () => {
      const states = await Promise.all([at(owner), at(reader)].map((one) => one.status()))
      return states.every(({ state }) => state === 'ok')
    })
  })

  after(async () => {
    await Promise.all(running.map(({ stop }) => stop()))
    coalition.remove()
  })

  it('checks a policy and leaves the one in force alone', async () => {
    const { rules } = await at(owner).checkDisclosurePolicy(POLICY)
    assert.equal(rules, 1)
    assert.equal((await at(owner).disclosurePolicy()).rules, 0)
    await assert.rejects(at(owner).checkDisclosurePolicy('v: 2\n'), code('BAD_INPUT'))
    await assert.rejects(at(owner).checkDisclosurePolicy('{'), code('BAD_INPUT'))
    await at(owner).putDisclosurePolicy(POLICY)
  })

  it('derives the partner part of a draft by rules, first to be looked at', async () => {
    const { id } = await at(owner).addDraft(RECORD)
    const view = await at(owner).previewRedaction(id, { rules: RULES })
    const outcomes = view.items.map(({ path, outcome }) => [path.join('.'), outcome])
    assert.deepEqual(Object.fromEntries(outcomes), {
      narrative: 'changed',
      near_miss_barrier: 'shown',
      'samples.0.prompt': 'withheld',
      'samples.0.output': 'withheld',
    })
    assert.deepEqual([view.of, view.tier, view.replaces], ['draft', 'research', false])
    assert.equal((await at(owner).draft(id)).partner, undefined)
    const written = await at(owner).writePartner(id, RULES)
    assert.ok(!JSON.stringify(written.partner).includes(SECRET))
    assert.equal((await at(owner).previewRedaction(id, { rules: RULES })).replaces, true)
    ;({ record } = await at(owner).publishDraft(id, 0))
    await until('the reader holds it', async () => (await at(reader).records({ limit: 5 })).total === 1)
    await until('the owner is fresh', () => running[0]?.node().disclosure.freshness.isFresh())
  })

  const REFUSED: readonly (readonly [string, unknown, RegExp])[] = [
    [
      'rules that leave nothing',
      ['narrative', 'near_miss_barrier', 'samples.**'].map((path) => ({
        rule: 'r',
        path,
        transform: 'suppress',
        reason: 'privilege',
      })),
      /nothing would be left/,
    ],
    ['rules that are none', [{ rule: 'x' }], /the rules of redaction: /],
    ['what only the research part may have, without a rule', [], /samples\.0\.\w+: a partner part cannot/],
    [
      'a rule that cannot be applied',
      [{ rule: 'r', path: 'samples.**', transform: 'generalise', reason: 'privilege', to: 'year' }],
      /its rule cannot be applied/,
    ],
  ]
  for (const [name, rules, wanted] of REFUSED) {
    it(`refuses ${name}, and leaves the draft as it was`, async () => {
      const { id } = await at(owner).addDraft(RECORD)
      await assert.rejects(at(owner).previewRedaction(id, { rules }), wanted)
      await assert.rejects(at(owner).writePartner(id, rules), wanted)
      assert.equal((await at(owner).draft(id)).partner, undefined)
      await at(owner).dropDraft(id)
    })
  }

  it('refuses to derive from nothing, to choose a part of a draft, and to change what is in the outbox', async () => {
    const { research: _none, ...open } = RECORD
    const bare = await at(owner).addDraft(open)
    await assert.rejects(at(owner).previewRedaction(bare.id, { rules: RULES }), code('BAD_INPUT'))
    await assert.rejects(
      at(owner).previewRedaction(bare.id, { rules: RULES, tier: 'partner' }),
      code('USAGE'),
    )
    await at(owner).dropDraft(bare.id)
    const held = await at(owner).addDraft(RECORD)
    await at(owner).publishDraft(held.id, 3_600)
    await assert.rejects(at(owner).writePartner(held.id, RULES), code('CONFLICT'))
    await at(owner).cancel(held.id)
    await at(owner).dropDraft(held.id)
  })

  it('shows of a record what a grant by these rules would give', async () => {
    const rules = [{ rule: 'b', path: 'near_miss_barrier', transform: 'suppress', reason: 'trade_secret' }]
    const view = await at(owner).previewRedaction(record, { rules })
    assert.deepEqual([view.of, view.tier], ['record', 'partner'])
    const withheld = view.items.filter(({ outcome }) => outcome === 'withheld')
    assert.deepEqual(
      withheld.map(({ path, before }) => [path, before]),
      [[['near_miss_barrier'], 'A second pair of eyes.']],
    )
    const deeper = await at(owner).previewRedaction(record, { rules, tier: 'research' })
    assert.ok(deeper.items.some(({ before }) => String(before).includes(SECRET)))
    const id = await ask('own_remediation', 'We run the same pump in ward 7.', 'Hospital B')
    await at(owner).rule(id, { outcome: 'allow', by: 'the officer', rules })
    await until('it is opened', async () => (await at(reader).request(id)).state === 'opened')
    const { items = [] } = await at(reader).fetchDetail(id)
    const names = (of: readonly { readonly path: readonly unknown[] }[]) =>
      of.map(({ path }) => path.join('.'))
    assert.deepEqual(
      names(items).toSorted(),
      names(view.items.filter((one) => one.outcome === 'shown')).toSorted(),
    )
  })

  it('shows nobody a part of what is not its own', async () => {
    await assert.rejects(at(reader).previewRedaction(record, { rules: [] }), code('NOT_FOUND'))
  })

  it('sends the sentence of a person along with the denial and the revocation, and keeps who it was', async () => {
    const id = await ask('regulatory', 'An inquiry.', 'Agency')
    await at(owner).rule(id, { outcome: 'deny', by: 'counsel', reason: 'legal', note: 'Ask the court.' })
    const denied = await until('it is denied', async () => {
      const one = await at(reader).request(id)
      return one.state === 'denied' ? one : undefined
    })
    assert.deepEqual([denied.why, denied.note], ['legal', 'Ask the court.'])
    const [first = ''] = ids
    await at(owner).revoke(first, 'leak', 'It was on a forum.', 'counsel')
    // Who fetches it hears of it then, and is shown nothing any more.
    await assert.rejects(at(reader).fetchDetail(first), code('NOT_FOUND'))
    const revoked = await at(reader).request(first)
    assert.equal(revoked.state, 'revoked')
    assert.deepEqual([revoked.why, revoked.note], ['leak', 'It was on a forum.'])
    const { entries } = await at(owner).trail(0, 1_000)
    const ending = entries.find(({ step }) => step === 'revoked')
    assert.deepEqual(ending?.facts, { by: 'counsel', reason: 'leak' })
  })

  it('exports each disclosure with the bytes that were signed and every entry of the trail', async () => {
    const [first] = ids
    const { head, lines, text } = await exported({ party: 'hospital b' })
    assert.deepEqual([head.schema, head.side, head.disclosures], ['candor.disclosures@1', 'owner', 1])
    const [one] = lines
    assert.equal(one.id, first)
    for (const kind of ['request', 'grant', 'receipt', 'revocation'] as const) {
      const signed = parseAccess(bytesOf(one.signed[kind]))
      assert.ok(signed.ok && isSigned(signed.value, kind), kind)
    }
    const steps = one.trail.map(({ entry }: { entry: string }) => {
      const read = parseTrailEntry(bytesOf(entry))
      return read.ok ? read.value.step : 'unreadable'
    })
    for (const step of ['decided', 'ruled', 'offered', 'receipted', 'revoked'])
      assert.ok(steps.includes(step), step)
    assert.ok(!text.includes(SECRET) && !text.includes('second pair of eyes'))
  })

  it('selects by record, party, purpose and text, and all that is given must fit', async () => {
    const [first, second] = ids
    const cases: readonly (readonly [DisclosureSelection, readonly (string | undefined)[]])[] = [
      [{ record }, [first, second]],
      [{ record: record.slice(0, 8) }, [first, second]],
      [{ party: 'b.example' }, [first, second]],
      [{ party: 'Agency' }, [second]],
      [{ party: 'b.exam' }, []],
      [{ purpose: 'regulatory' }, [second]],
      [{ matching: 'WARD 7' }, [first]],
      [{ matching: 'ten times' }, [first, second]],
      [{ matching: 'ten times', purpose: 'regulatory' }, [second]],
      [{ matching: 'ward 7', purpose: 'regulatory' }, []],
    ]
    for (const [selection, wanted] of cases) {
      const { head, lines } = await exported(selection)
      assert.deepEqual(
        lines.map(({ id }) => id),
        wanted,
        JSON.stringify(selection),
      )
      assert.equal(head.disclosures, wanted.length)
    }
  })

  it('exports neither everything nor what it cannot name', async () => {
    await assert.rejects(exported({}), code('USAGE'))
    await assert.rejects(exported({ purpose: 'curiosity' }), code('USAGE'))
    await assert.rejects(exported({ record: 'zzzzzz' }), code('NOT_FOUND'))
  })
})

import assert from 'node:assert/strict'
import { decide } from '../../../protocol/access/decide.ts'
import { TIERS, type Tier } from '../../../protocol/codec/part.ts'
import { DENIAL_REASONS } from '../../../protocol/record/vocabulary/access.ts'
import { CIRCUMSTANCES, POLICIES, WHO, wordOf } from '../../support/access-facts.ts'
import { everyRow, type Cell, type Row } from '../../support/access-matrix.ts'
import { readVectors } from '../../support/vectors.ts'

/**
 * What each requester may expect of each restricted tier, written down by hand from spec 06 §5: `rules` where the
 * owner's policy decides, else the answer.
 */
const STANDING: Readonly<Record<string, readonly [partner: string, research: string]>> = {
  public: ['deny no_standing', 'deny no_standing'],
  'unknown key': ['refuse key-unknown', 'refuse key-unknown'],
  member: ['rules', 'deny accreditation_needed'],
  'member from a wrong peer': ['refuse other-peer', 'refuse other-peer'],
  'member from a node that is not its own': ['refuse other-peer', 'refuse other-peer'],
  'member with a box key that is not its own': ['refuse box-unknown', 'refuse box-unknown'],
  affiliate: ['rules', 'deny accreditation_needed'],
  'suspended member': ['deny member_suspended', 'deny member_suspended'],
  'suspended member, accredited': ['deny member_suspended', 'deny member_suspended'],
  'member, accredited': ['rules', 'rules'],
  'member, accreditation revoked': ['rules', 'deny accreditation_revoked'],
  'researcher in force': ['rules', 'rules'],
  'researcher from a wrong peer': ['refuse other-peer', 'refuse other-peer'],
  'researcher not yet': ['deny accreditation_not_yet', 'deny accreditation_not_yet'],
  'researcher expired': ['deny accreditation_expired', 'deny accreditation_expired'],
  'researcher revoked': ['deny accreditation_revoked', 'deny accreditation_revoked'],
  'researcher suspended': ['deny accreditation_suspended', 'deny accreditation_suspended'],
  'researcher with too few accreditors': ['deny accreditation_incomplete', 'deny accreditation_incomplete'],
  'researcher for partner parts': ['rules', 'deny scope_tier'],
  'researcher for research parts': ['deny scope_tier', 'rules'],
  'researcher for another purpose': ['deny scope_purpose', 'deny scope_purpose'],
  'researcher for another sector': ['deny scope_sector', 'deny scope_sector'],
}

/** What a circumstance comes to, and before which question it is asked. */
type Stage = 'address' | 'time' | 'freshness' | 'request' | 'part' | 'granting'
const CAUSES: Readonly<Record<string, readonly [Stage, string]>> = {
  'another network': ['address', 'refuse other-network'],
  'another owner': ['address', 'refuse other-owner'],
  'a record of another': ['address', 'refuse other-owner'],
  'of the future': ['time', 'refuse not-yet'],
  'at the instant it ends': ['time', 'refuse expired'],
  'answered before': ['time', 'refuse answered'],
  'one too many': ['time', 'refuse too-many'],
  'not fresh': ['freshness', 'wait'],
  'no recipients': ['request', 'deny no_recipients'],
  'wanted until now': ['request', 'deny until_past'],
  'other terms': ['request', 'deny terms_not_accepted'],
  'no marking': ['request', 'deny marking_recipients'],
  'strict amber for two': ['request', 'deny marking_recipients'],
  'marked for later': ['request', 'deny marking_not_yet'],
  'marked until yesterday': ['request', 'deny marking_ended'],
  'no such part': ['part', 'deny part_absent'],
  'an erased part': ['part', 'deny part_erased'],
  'items that are not there': ['part', 'deny items_unknown'],
  'red for one': ['granting', 'ask marking'],
}
const HARMLESS = ['none', 'in the last second of skew', 'a second before it ends', 'the last of the rate']

const RULES: Readonly<Record<string, string>> = {
  allow: 'allow',
  ask: 'ask rule',
  deny: 'deny investigation',
  'no rule': 'deny no_rule',
  'nobody allowed': 'deny no_rule',
}

/** The oracle: the first answer, in the order in which the specification asks. It shares no code with `decide`. */
function expected({ who, tier, circumstance, policy }: Cell): string {
  const [stage, word] = CAUSES[circumstance] ?? [undefined, '']
  const standing = tier === 'public' ? '' : (STANDING[who]?.[tier === 'partner' ? 0 : 1] ?? 'missing')
  const rules = RULES[policy] ?? 'missing'
  const questions: readonly (string | undefined | false)[] = [
    stage === 'address' && word,
    tier === 'public' && 'public',
    standing.startsWith('refuse ') && standing,
    (stage === 'time' || stage === 'freshness') && word,
    standing.startsWith('deny ') && standing,
    stage === 'request' && word,
    rules.startsWith('deny ') && rules,
    stage === 'part' && word,
    rules.startsWith('ask ') && rules,
    stage === 'granting' && word,
  ]
  return questions.find((answer): answer is string => typeof answer === 'string') ?? rules
}

const rows = everyRow()
const file = readVectors<{ policies: readonly string[]; rows: readonly Row[] }>('access/matrix.json')

describe('the matrix of decisions', () => {
  it('has a row for every requester, tier and circumstance, and each is accounted for by hand', () => {
    assert.deepEqual(Object.keys(STANDING), Object.keys(WHO))
    assert.deepEqual([...HARMLESS, ...Object.keys(CAUSES)].toSorted(), Object.keys(CIRCUMSTANCES).toSorted())
    assert.deepEqual(Object.keys(RULES), Object.keys(POLICIES))
    assert.equal(file.rows.length, 22 * 3 * 23)
  })

  for (const who of Object.keys(WHO))
    for (const tier of TIERS)
      it(`answers ${who} about a ${tier} part as the oracle and the file say`, () => check(who, tier))

  it('never allows what the file does not list as allowed, to anybody', () => {
    const allowed = new Set(
      file.rows.filter((row) => row.slice(3).includes('allow')).map(([who, tier]) => `${who}/${tier}`),
    )
    assert.deepEqual([...allowed].toSorted(), [
      'affiliate/partner',
      'member, accreditation revoked/partner',
      'member, accredited/partner',
      'member, accredited/research',
      'member/partner',
      'researcher for partner parts/partner',
      'researcher for research parts/research',
      'researcher in force/partner',
      'researcher in force/research',
    ])
  })

  it('provokes every reason that is found by deciding, and every refusal', () => {
    const words = new Set(file.rows.flatMap((row) => row.slice(3)))
    const byPerson = ['policy', 'conflict_of_interest', 'legal', 'insufficient_justification', 'declined']
    const reasons = DENIAL_REASONS.terms.map(({ id }) => id).filter((id) => !byPerson.includes(id))
    assert.deepEqual(
      reasons.filter((reason) => !words.has(`deny ${reason}`)),
      [],
    )
    const refusals = ['other-network', 'other-owner', 'other-peer', 'key-unknown', 'box-unknown']
    for (const reason of [...refusals, 'not-yet', 'expired', 'answered', 'too-many'])
      assert.ok(words.has(`refuse ${reason}`), reason)
  })
})

function check(who: string, tier: Tier): void {
  for (const cells of rows) {
    if (cells[0]?.who !== who || cells[0].tier !== tier) continue
    const { circumstance } = cells[0]
    const found = cells.map(({ facts }) => wordOf(decide(facts)))
    assert.deepEqual(found, cells.map(expected), circumstance)
    const written = file.rows.find((row) => row[0] === who && row[1] === tier && row[2] === circumstance)
    assert.deepEqual(written?.slice(3), found, circumstance)
  }
}

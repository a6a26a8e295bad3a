/** Everybody of the pure matrix of decisions, as raw peers that ask a real node. */
import assert from 'node:assert/strict'
import type { Accreditation } from '../../protocol/access/accreditation.ts'
import type { Target } from '../../protocol/codec/statement.ts'
import type { AskingWorld } from './asking-world.ts'
import type { RawRequester } from './raw-requester.ts'
import { until } from './until.ts'

/** Who asks, and through which peer; `name` is that of the pure matrix. */
export type Who = {
  readonly name: string
  readonly signer: RawRequester
  readonly peer: RawRequester
  readonly accreditation: Target | null
  readonly from: string | null
}

export async function introduce(world: AskingWorld): Promise<readonly Who[]> {
  const now = Math.floor(Date.now() / 1_000)
  const [member, suspended, affiliate] = await Promise.all([world.party(3), world.party(4), world.party(5)])
  const nobody = { accreditation: null, from: null }
  const [stranger, unknown, wrong] = await Promise.all(
    ['public', 'unknown', 'wrong'].map((name) => world.stranger(name)),
  )
  assert.ok(stranger && unknown && wrong)
  const from = world.originOf(3)
  const who: Who[] = [
    { name: 'public', signer: stranger, peer: stranger, ...nobody },
    { name: 'unknown key', signer: unknown, peer: unknown, accreditation: null, from },
    { name: 'member', signer: member, peer: member, accreditation: null, from },
    { name: 'member from a wrong peer', signer: member, peer: wrong, accreditation: null, from },
    { name: 'affiliate', signer: affiliate, peer: affiliate, accreditation: null, from: world.originOf(5) },
    {
      name: 'suspended member',
      signer: suspended,
      peer: suspended,
      accreditation: null,
      from: world.originOf(4),
    },
  ]
  const accredited: Readonly<Record<string, Partial<Accreditation>>> = {
    'researcher in force': {},
    'researcher expired': { notAfter: now },
    'researcher not yet': { notBefore: now + 86_400 },
    'researcher revoked': {},
    'researcher suspended': {},
    'researcher with too few accreditors': {},
    'researcher for partner parts': { tiers: ['partner'] },
    'researcher for research parts': { tiers: ['research'] },
    'researcher for another purpose': { purposes: ['audit'] },
    'researcher for another sector': { sectors: ['finance'] },
  }
  for (const [name, changes] of Object.entries(accredited)) {
    const signer = await world.stranger(name.replaceAll(' ', '-'))
    const isEndorsed = name !== 'researcher with too few accreditors'
    const { id, target } = await world.accredit(signer, changes, isEndorsed)
    if (name === 'researcher revoked') await world.client(2).revokeAccreditation(id, 'terms_broken')
    if (name === 'researcher suspended') await world.client(2).suspendAccreditation(id, 'under_review', 7)
    who.push({ name, signer, peer: signer, accreditation: target, from: null })
    if (name === 'researcher in force')
      who.push({
        name: 'researcher from a wrong peer',
        signer,
        peer: wrong,
        accreditation: target,
        from: null,
      })
  }
  // Parties with a log that were accredited besides.
  for (const [name, signer, at] of [
    ['member, accredited', member, 3],
    ['suspended member, accredited', suspended, 4],
    ['member, accreditation revoked', member, 3],
  ] as const) {
    const { id, target } = await world.accredit(signer, {}, true)
    if (name === 'member, accreditation revoked')
      await world.client(2).revokeAccreditation(id, 'terms_broken')
    who.push({ name, signer, peer: signer, accreditation: target, from: world.originOf(at) })
  }
  await until('the owner holds what was stated last', async () => {
    const states = (await world.client(0).accreditations()).map(({ state }) => state)
    const c = (await world.client(2).accreditations()).map(({ state }) => state)
    return (
      states.length === Object.keys(accredited).length + 3 && states.toSorted().join() === c.toSorted().join()
    )
  })
  return who
}

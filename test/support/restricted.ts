/** A record with words that nobody may find where they do not belong, and what asking for it takes. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client, RequestOptions } from '../../node/api/client.ts'
import { auditTrails } from '../../cli/trails.ts'
import type { Home } from '../../node/home.ts'
import { SECRETS } from './parties.ts'

const NARRATIVE = {
  narrative: `The device of ${SECRETS[0]} was misread.`,
  near_miss_barrier: 'An alarm that is tested weekly.',
}

export const DRAFT = {
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
  partner: { ...NARRATIVE, policy: { tlp: 'AMBER' } },
  research: { ...NARRATIVE, samples: [{ prompt: `dose for ${SECRETS[1]}`, output: '12 mg' }] },
}

/** What a reader of each tier is given. The research part holds every field of the partner part. */
export const PARTS = {
  partner: DRAFT.partner,
  research: { ...DRAFT.partner, ...DRAFT.research },
} as const

export const ASK = {
  tier: 'partner',
  purpose: 'own_remediation',
  justification: 'We run the same device.',
  recipients: ['Hospital B'],
  days: 30,
} as const satisfies Partial<RequestOptions>

/** Publishes the record; its id. */
export async function publishDraft(owner: Client): Promise<string> {
  const draft = await owner.addDraft(DRAFT)
  return (await owner.publishDraft(draft.id, 0)).record
}

/** Reads every byte of a home. */
export function assertNoSecrets({ directory }: Home): void {
  for (const one of readdirSync(directory, { recursive: true, encoding: 'utf8', withFileTypes: true })) {
    if (!one.isFile()) continue
    const bytes = readFileSync(join(one.parentPath, one.name))
    for (const word of SECRETS) assert.ok(!bytes.includes(word), `${word} in ${one.name}`)
  }
}

/**
 * How many entries the trails of these members have, once the check that a mandated auditor makes found nothing wrong:
 * each by itself, and every two against each other.
 */
export async function agreedTrails(auditor: Client, members: readonly Client[]): Promise<readonly number[]> {
  const directory = mkdtempSync(join(tmpdir(), 'candor-trails-'))
  try {
    const paths: string[] = []
    for (const [at, member] of members.entries()) {
      const path = join(directory, `trail-${at}`)
      writeFileSync(path, await member.trailFile())
      paths.push(path)
    }
    const { trails, findings } = await auditTrails(auditor, paths)
    assert.deepEqual(findings, [])
    return trails.map(({ entries }) => entries)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

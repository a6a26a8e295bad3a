/** A record with words that nobody may find where they do not belong, and what asking for it takes. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client, RequestOptions } from '../../node/api/client.ts'
import { auditTrails } from '../../cli/trails.ts'
import type { Home } from '../../node/home.ts'
import { openDatabase } from '../../node/store/database.ts'
import { catchesUp } from './held.ts'
import { SECRETS } from './parties.ts'

const NARRATIVE = {
  narrative: `The device of ${SECRETS[0]} was misread.`,
  near_miss_barrier: 'An alarm that is tested weekly.',
}

/** A word of the public part, that everybody may find: what finds it would find the others. */
export const PUBLIC_WORD = 'The alarm that was ignored'

export const DRAFT = {
  kind: 'incident',
  public: {
    kind: 'near_miss',
    verification: 'confirmed',
    status: 'closed',
    title: PUBLIC_WORD,
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

/** How a word may stand somewhere: as text in three encodings, in hexadecimal, and in base64 wherever it begins. */
export function writtenForms(word: string): readonly Buffer[] {
  const bytes = Buffer.from(word, 'utf8')
  const hex = bytes.toString('hex')
  // With so many bytes before it; what depends on its neighbours is left away at both ends.
  const shifted = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    const [first, last] = [before === 0 ? 0 : before + 1, (before + bytes.length) % 3 === 0 ? 0 : 1]
    return text.slice(first, text.length - last)
  })
  const url = shifted.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))
  const texts = new Set([word, hex, hex.toUpperCase(), ...shifted, ...url])
  return [...[...texts].map((text) => Buffer.from(text, 'utf8')), Buffer.from(word, 'utf16le')]
}

export function holdsWord(bytes: Uint8Array, word: string): boolean {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return writtenForms(word).some((form) => all.includes(form))
}

/** Where in a home these words stand: every byte of every file, and every row of the database of a node that has ended. */
export async function placesOf(
  { directory, database }: Pick<Home, 'directory' | 'database'>,
  words: readonly string[],
): Promise<readonly string[]> {
  const places: string[] = []
  const look = (bytes: Uint8Array, where: string) => {
    for (const word of words) if (holdsWord(bytes, word)) places.push(`${word} in ${where}`)
  }
  for (const one of readdirSync(directory, { recursive: true, encoding: 'utf8', withFileTypes: true }))
    if (one.isFile()) look(readFileSync(join(one.parentPath, one.name)), one.name)
  // Tables on the disk are compressed: a word in one of their rows need not stand in the file.
  const rows = await openDatabase(database)
  try {
    for await (const [key, value] of rows.iterate({ gte: Uint8Array.of(0), lt: Uint8Array.of(0xff, 0xff) })) {
      look(key, `the key ${Buffer.from(key).toString('hex')}`)
      look(value, `the row ${Buffer.from(key).toString('hex')}`)
    }
  } finally {
    await rows.close()
  }
  return places
}

/** No restricted word stands anywhere in this home, and the public one is found in a row: the search would have found them. */
export async function assertNoSecrets(home: Home): Promise<void> {
  const places = await placesOf(home, [...SECRETS, PUBLIC_WORD])
  assert.deepEqual(
    places.filter((place) => !place.startsWith(PUBLIC_WORD)),
    [],
  )
  assert.ok(places.some((place) => place.startsWith(`${PUBLIC_WORD} in the row`)))
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
    // A trail names places in the log of its member, where the auditor looks.
    await catchesUp(auditor, members)
    const { trails, findings } = await auditTrails(auditor, paths)
    assert.deepEqual(findings, [])
    return trails.map(({ entries }) => entries)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

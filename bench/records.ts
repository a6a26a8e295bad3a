/** Records for the benches: a public part of about 1 KB, and one with all three tiers. */
import { encode } from '../protocol/codec/cbor.ts'
import type { Content } from '../node/log/composer.ts'

const WORDS = 'model output review customer threshold alert operator rollback drift label queue region'.split(
  ' ',
)

/** A public document of about 1,024 bytes; the other tiers absent. */
export function publicOnly(number: number): Content {
  return {
    kind: 'incident',
    public: {
      kind: 'near_miss',
      verification: 'confirmed',
      status: 'closed',
      title: `Bench record ${number}`,
      summary: words(number, 300),
      description: words(number + 7, 440),
      occurred: { start: '2026-03', precision: 'month', basis: 'occurred' },
      sectors: ['technology'],
      harms: [{ type: 'economic', realised: 'potential' }],
      policy: { tlp: 'CLEAR' },
      made_by: { role: 'deployer' },
    },
  }
}

export function allTiers(number: number): Content {
  const timeline = Array.from({ length: 6 }, (_, i) => ({ text: words(number + i, 80) }))
  return {
    ...publicOnly(number),
    partner: { narrative: words(number, 600), timeline, near_miss_barrier: words(number, 80) },
    research: { reproduction: [words(number, 200), words(number + 1, 200)] },
  }
}

export function bytesOf(content: Content): number {
  return content.public === undefined ? 0 : encode(content.public).length
}

function words(from: number, length: number): string {
  let text = ''
  for (let i = from; text.length < length; i++) text += `${WORDS[i % WORDS.length]} `
  return text.slice(0, length).trim()
}

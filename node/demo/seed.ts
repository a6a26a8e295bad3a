/** Fills the demo coalition: each member publishes its records, then they state things about one another's. */
import type { Client } from '../api/client.ts'
import { demoAttestations } from './attestations.ts'
import { demoRecords } from './records.ts'

type Seeded = { readonly domain: string; readonly client: Client }

/** How long members may take to hold one another's records. */
const SETTLE_MS = 30_000

export async function seed(members: readonly Seeded[]): Promise<{ records: number; example: string }> {
  const ids = new Map<string, string>()
  const targets = new Map<string, object>()
  await Promise.all(members.map(({ client }) => writable(client)))
  await Promise.all(
    members.map(async ({ domain, client }) => {
      const { origin } = (await client.status()).log
      for (const { member, content } of demoRecords) {
        if (member !== domain) continue
        const draft = await client.addDraft(content)
        await client.publishDraft(draft.id, 0)
        ids.set(draft.title, draft.id)
        targets.set(draft.title, { origin, record: draft.id })
      }
    }),
  )
  await Promise.all(members.map(({ client }) => holdsAll(client, demoRecords.length)))
  for (const { member, title, kind, document, to } of demoAttestations) {
    const id = ids.get(title)
    const by = members.find(({ domain }) => domain === member)
    if (id === undefined || by === undefined) continue
    const target = to === undefined ? {} : { target: targets.get(to) }
    await by.client.attest(id, undefined, { kind, public: { ...document, ...target } })
  }
  const [first] = demoAttestations
  return {
    records: demoRecords.length,
    example: (first && ids.get(first.title)) ?? [...ids.values()][0] ?? '',
  }
}

async function writable(client: Client): Promise<void> {
  await waitUntil(async () => (await client.status()).state === 'ok')
}

async function holdsAll(client: Client, count: number): Promise<void> {
  await waitUntil(async () => (await client.records({ limit: 1 })).total >= count)
}

async function waitUntil(isSo: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + SETTLE_MS
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error('the demo coalition did not come together')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** The disclosure of a node in memory: fixed answers. */
import type { AccessService, CaseView } from '../../node/api/client.ts'

/** Disclosure, of which tests of other routes want to know only that it was asked. */
export function fakeAccess(noted: <T>(call: string, answer: T) => Promise<T>): AccessService {
  const policy = { text: '', digest: '00', rules: 0 }
  const asked = {
    id: 'ab'.repeat(32),
    state: 'open',
    owner: 'a.example',
    record: 'abcdefghijklmnopqrstuvwxya',
    version: 1,
    tier: 'partner',
    purpose: 'research',
    at: '2026-01-01T00:00:00.000Z',
    changes: [],
    owed: 0,
  }
  const found: CaseView = {
    ...asked,
    requester: { name: 'b.example', kind: 'member', keyId: 'cd'.repeat(32) },
    items: null,
    justification: 'because',
    recipients: ['B'],
    until: '2026-02-01T00:00:00.000Z',
    acks: 0,
  }
  return {
    requestDetail: ({ record, tier }) => noted(`request ${record} ${tier}`, asked),
    requests: () => noted('requests', [asked]),
    request: (id) => noted(`request ${id}`, asked),
    fetchDetail: (id) =>
      noted(`fetch ${id}`, { request: asked, kind: 'whole', document: {}, verdict: 'all' }),
    appeal: (id, reason) => noted(`appeal ${id} ${reason}`, asked),
    cases: (state) => noted(`cases ${state ?? 'all'}`, [found]),
    case: (id) => noted(`case ${id}`, found),
    rule: (id, { outcome }) => noted(`rule ${id} ${outcome}`, found),
    revoke: (id, reason) => noted(`revoke ${id} ${reason}`, found),
    trail: (from, count) => noted(`trail ${from} ${count}`, { size: 0, root: '', entries: [] }),
    reach: (record) =>
      noted(`reach ${record}`, { record, holders: 0, acknowledged: 0, changes: [], missing: [] }),
    disclosurePolicy: () => noted('disclosure policy', policy),
    putDisclosurePolicy: (text) => noted(`put policy ${text.length}`, policy),
  }
}

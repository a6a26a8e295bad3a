/** The disclosure of a node in memory: fixed answers. */
import { Readable } from 'node:stream'
import type {
  AccessService,
  AccreditationService,
  AccreditationView,
  CaseView,
  CheckService,
  DataSetService,
  DraftView,
  RedactionView,
} from '../../node/api/client.ts'

const REDACTED: RedactionView = {
  of: 'record',
  id: 'abcdefghijklmnopqrstuvwxya',
  version: 1,
  tier: 'partner',
  items: [
    { path: ['narrative'], outcome: 'shown', before: 'It was read.' },
    {
      path: ['near_miss_barrier'],
      outcome: 'withheld',
      before: 'A pair of eyes.',
      by: { rule: 'no-barrier', transform: 'suppress', reason: 'trade_secret' },
    },
  ],
  replaces: false,
}

const DRAFT_MADE: DraftView = {
  id: 'abcdefghijklmnopqrstuvwxya',
  kind: 'incident',
  version: 1,
  title: 'A dose',
  createdAt: '2026-01-01T00:00:00.000Z',
  public: {},
}

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
    items: null,
    purpose: 'research',
    justification: 'because',
    recipients: ['B'],
    days: 30,
    at: '2026-01-01T00:00:00.000Z',
    changes: [],
    owed: 0,
    over: false,
  }
  const found: CaseView = {
    ...asked,
    requester: { name: 'b.example', kind: 'member', keyId: 'cd'.repeat(32) },
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
    revoke: (id, reason, note, by) =>
      noted(['revoke', id, reason, note, by].filter((word) => word !== undefined).join(' '), found),
    trail: (from, count) => noted(`trail ${from} ${count}`, { size: 0, root: '', entries: [] }),
    erase: (record, { tiers }) => noted(`erase ${record} ${tiers.join()}`, { record, versions: 1, tiers }),
    trailFile: () => noted('trail file', ''),
    disclosureFile: (selection) =>
      noted(
        `disclosures ${JSON.stringify(selection)}`,
        '{"schema":"candor.disclosures@1","disclosures":2}\n',
      ),
    previewRedaction: (id, { tier }) => noted(`redact ${id} ${tier ?? ''}`.trim(), REDACTED),
    writePartner: (draft) => noted(`write partner ${draft}`, DRAFT_MADE),
    reach: (record) =>
      noted(`reach ${record}`, { record, holders: 0, acknowledged: 0, changes: [], missing: [] }),
    disclosurePolicy: () => noted('disclosure policy', policy),
    checkDisclosurePolicy: (text) => noted(`check policy ${text.length}`, policy),
    putDisclosurePolicy: (text) => noted(`put policy ${text.length}`, policy),
  }
}

export function fakeAccreditations(noted: <T>(call: string, answer: T) => Promise<T>): AccreditationService {
  const view: AccreditationView = {
    id: 'ef'.repeat(32),
    state: 'in-force',
    body: 'University of C',
    author: 'a.example',
    endorsedBy: [],
    needed: 1,
    tiers: ['research'],
    purposes: ['research'],
    sectors: null,
    notBefore: '2026-01-01T00:00:00.000Z',
    notAfter: '2026-03-01T00:00:00.000Z',
    statementKey: Buffer.alloc(32, 1).toString('base64'),
    own: false,
  }
  const application = {
    v: 1,
    network: 'a'.repeat(52),
    body: 'University of C',
    statementKey: '',
    boxKey: '',
    possession: '',
  } as const
  return {
    application: (body) => noted(`application ${body}`, application),
    accreditations: () => noted('accreditations', [view]),
    accredit: ({ body }, { days }) => noted(`accredit ${body} ${days}`, view),
    endorse: (id) => noted(`endorse ${id}`, view),
    revokeAccreditation: (id, reason) => noted(`revoke accreditation ${id} ${reason}`, view),
    suspendAccreditation: (id, reason, days) => noted(`suspend ${id} ${reason} ${days}`, view),
  }
}

export function fakeChecks(noted: <T>(call: string, answer: T) => Promise<T>): CheckService {
  const finding = {
    rule: 'email',
    severity: 'block',
    tier: 'public',
    path: 'summary',
    line: 1,
    column: 4,
    length: 15,
  } as const
  const asking = { ...finding, rule: 'person', severity: 'ask', path: 'title' } as const
  const view = {
    id: RECORD_ID,
    passes: false,
    asks: 1,
    problems: ['public.harms a near miss has no actual harm'],
    findings: [finding, asking],
    audience: [
      { tier: 'public', words: 12, readers: ['everybody, for good'] },
      { tier: 'partner', words: 7, readers: ['members, when a person agrees (rule ours)'] },
    ],
    approvals: [{ act: 'approve', by: HOSTILE_NAME, at: '2026-10-01T00:00:00.000Z' }],
  } as const
  return {
    checkDraft: (id) => noted(`check ${id}`, { ...view, id }),
    suppress: (id, { rule, path, reason, by }, token) =>
      noted(`suppress ${id} ${rule} ${path} ${reason} ${by} ${token}`, {
        ...view,
        id,
        passes: true,
        asks: 0,
        problems: [],
        findings: [{ ...finding, suppressed: { reason, by } }],
      }),
    approve: (id, confirmed, token) =>
      noted(`approve ${id} ${JSON.stringify(confirmed)} ${token}`, { ...view, id, passes: true, asks: 0 }),
    publicationTrail: (id) =>
      noted(`publication ${id}`, {
        id,
        version: 1,
        suppressed: [
          {
            rule: 'email',
            tier: 'public',
            path: 'summary',
            reason: `because ${HOSTILE_NAME}`,
            by: 'anna',
            at: '2026-10-01T00:00:00.000Z',
          },
        ],
        approvals: view.approvals,
      }),
  }
}

export function fakeDataSets(noted: <T>(call: string, answer: T) => Promise<T>): DataSetService {
  const file = { path: 'doses.csv', bytes: 3, kind: 'own', state: 'whole' } as const
  return {
    addFile: async (draft, { path, bytes }, body) => {
      for await (const _ of body) continue
      return noted(`add file ${draft} ${path} ${bytes}`, file)
    },
    addTrail: (draft) => noted(`add trail ${draft}`, { ...file, path: 'audit.trail' }),
    files: () => noted('files', [file]),
    fetchFiles: (request) =>
      noted(`fetch files ${request}`, [{ path: 'doses.csv', bytes: 3, state: 'whole' }]),
    traceFile: async (body) => {
      for await (const _ of body) continue
      return noted('trace', [{ request: 'ab'.repeat(32), path: 'doses.csv', found: 12, rows: 16 }])
    },
    exportFile: (request, path) => noted(`export ${request} ${path}`, Readable.from([Buffer.from('a,b')])),
  }
}

const RECORD_ID = 'abcdefghijklmnopqrstuvwxya'
const HOSTILE_NAME = 'ben\u001b[31m\u202e'

/** A node in memory for the tests of the API and of the commands: fixed answers, hostile ones included. */
import { NodeError } from '../../node/errors.ts'
import { fakeEscrow } from './fake-escrow.ts'
import { fakeAccess, fakeAccreditations, fakeChecks, fakeDataSets } from './fake-access.ts'
import type {
  ClosingView,
  DraftView,
  HeadView,
  ImportProgress,
  KeysView,
  ProofView,
  RecordDetail,
  RecordRow,
  Service,
  StatementView,
} from '../../node/api/client.ts'

export const ORIGIN = `a.example/candor/${'a'.repeat(52)}/1`
export const HEAD: HeadView = { origin: ORIGIN, size: 3, root: Buffer.alloc(32, 7).toString('base64') }
export const RECORD = 'abcdefghijklmnopqrstuvwxya'
/** What a peer could send to disturb a terminal: colour, a bell, a carriage return, an override of direction. */
export const HOSTILE = 'Loans\u001b[31m on\u0007 stale\r data\u202egnp\u200b'

export const NEXT_ORIGIN = `a.example/candor/${'a'.repeat(52)}/2`

export const KEYS: KeysView = {
  domain: 'a.example',
  origin: ORIGIN,
  size: 3,
  rootKeyId: '88'.repeat(32),
  keys: [
    {
      keyId: '44'.repeat(32),
      purpose: 'statement',
      publicKey: Buffer.alloc(32, 4).toString('base64'),
      addedAt: 0,
      revokedSince: 1,
      inForce: false,
      held: true,
    },
    {
      keyId: '55'.repeat(32),
      purpose: 'statement',
      publicKey: Buffer.alloc(32, 5).toString('base64'),
      addedAt: 2,
      inForce: true,
      held: true,
    },
  ],
  epochs: [{ origin: ORIGIN, size: 3, state: 'open' }],
}

export const CLOSING: ClosingView = {
  origin: NEXT_ORIGIN,
  previous: HEAD,
  confirmed: true,
  leftOut: 0,
  without: ['44'.repeat(32)],
  proof: null,
}

export const ROW: RecordRow = {
  record: RECORD,
  author: 'a.example',
  origin: ORIGIN,
  index: 1,
  version: 1,
  kind: 'near_miss',
  title: HOSTILE,
  summary: 'A person noticed.',
  occurred: '2026-04',
  sectors: ['finance'],
  harms: ['economic'],
  disputes: 1,
  retracted: false,
  marks: [],
}

export const INCIDENT = {
  kind: 'near_miss',
  verification: 'reported',
  status: 'open',
  title: HOSTILE,
  summary: 'A person noticed.',
  occurred: { start: '2026-04', precision: 'month', basis: 'occurred' },
  sectors: ['finance'],
  harms: [{ type: 'economic', realised: 'potential' }],
  policy: { tlp: 'CLEAR' },
  made_by: { role: 'deployer' },
}

export const STATEMENT: StatementView = {
  author: 'a.example',
  origin: ORIGIN,
  index: 1,
  kind: 'incident',
  record: RECORD,
  version: 1,
  issuedAt: '2026-11-23T09:00:00.000Z',
  statementId: '11'.repeat(32),
  leaf: '22'.repeat(32),
  keyId: '33'.repeat(32),
  document: INCIDENT,
  marks: [],
}

export const DISPUTE: StatementView = {
  ...STATEMENT,
  author: 'b.example',
  kind: 'dispute',
  document: { reason: 'We saw it differently.' },
}

export const DETAIL: RecordDetail = {
  record: RECORD,
  author: 'a.example',
  versions: [STATEMENT],
  attestations: [DISPUTE],
  tiers: [
    { tier: 'public', state: 'public' },
    { tier: 'partner', state: 'held' },
    { tier: 'research', state: 'committed' },
  ],
  heads: [HEAD],
}

export const DRAFT: DraftView = {
  id: RECORD,
  kind: 'incident',
  version: 1,
  title: 'Loans on stale data',
  createdAt: '2026-11-23T09:00:00.000Z',
  public: INCIDENT,
  partner: { narrative: 'The bureau feed stopped on a Friday.' },
}

export const PROOF: ProofView = {
  id: '55'.repeat(32),
  kind: 'tree',
  convicts: 'log',
  domain: 'a.example',
  subject: `${ORIGIN}+00000000+AQ==`,
  origin: ORIGIN,
  heads: [HEAD, { ...HEAD, size: 5, root: Buffer.alloc(32, 8).toString('base64') }],
  commonSizeMax: 2,
  since: '2026-11-23T09:00:00.000Z',
  source: 'gossip',
}

const LOG = {
  ...HEAD,
  domain: 'a.example',
  held: 3,
  own: true,
  state: 'ok',
  why: 'a quorum confirmed its newest head',
  since: '2026-11-23T09:00:00.000Z',
  confirmed: {
    others: 2,
    needed: 2,
    mirrors: 2,
    witnesses: 1,
    quorum: { size: 3, at: '2026-11-23T09:00:00Z' },
  },
} as const

export type Fake = Service & { readonly calls: string[] }

/** The service, with what a test wants otherwise, and the list of what was asked. */
export function fakeService(other: Partial<Service> = {}): Fake {
  const calls: string[] = []
  const noted = <T>(call: string, answer: T): Promise<T> => {
    calls.push(call)
    return Promise.resolve(answer)
  }
  const part = [Buffer.alloc(32, 1), 'text/plain', Buffer.from('x')] as const
  const entry = {
    entry: Buffer.from('entry'),
    part,
    note: Buffer.from('note\n'),
    proof: [Buffer.alloc(32, 2)],
  }
  const evidence = { ...entry, origin: ORIGIN, index: 1 }
  return {
    ...fakeAccess(noted),
    ...fakeAccreditations(noted),
    ...fakeChecks(noted),
    ...fakeDataSets(noted),
    ...fakeEscrow(noted),
    calls,
    status: () => noted('status', statusView()),
    peers: () => noted('peers', []),
    whoami: () => noted('whoami', whoAmIView()),
    charter: () => noted('charter', Buffer.from('charter')),
    descriptor: () => noted('descriptor', Buffer.from('descriptor')),
    records: (query) => noted(`records ${JSON.stringify(query)}`, { heads: [HEAD], total: 1, items: [ROW] }),
    record: (id, author) => (id === RECORD ? noted(`record ${author}`, DETAIL) : missing(id)),
    evidence: () => noted('evidence', [evidence]),
    addDraft: (content) => noted(`addDraft ${JSON.stringify(content)}`, DRAFT),
    drafts: () => noted('drafts', [DRAFT]),
    draft: (id) => (id.startsWith('abcdef') ? noted('draft', DRAFT) : missing(id)),
    dropDraft: (id) => noted(`dropDraft ${id}`, undefined),
    publishDraft: (id, hold, options, token) =>
      noted(
        `publishDraft ${id} ${hold}${JSON.stringify(options) === '{}' ? '' : ` ${JSON.stringify(options)}`}${token ?? ''}`,
        published(hold),
      ),
    cancel: (id) => noted(`cancel ${id}`, DRAFT),
    attest: (id, author, content) => noted(`attest ${id} ${author} ${JSON.stringify(content)}`, published(0)),
    importFiles: (uploads) => countFiles(uploads),
    logs: () => noted('logs', [LOG]),
    policy: (origin) => noted(`policy ${origin}`, Buffer.from('quorum none\n')),
    head: (origin) => noted(`head ${origin}`, Buffer.from('note\n')),
    quorumHead: (origin) => noted(`quorumHead ${origin}`, Buffer.from('note\n')),
    quorumHeads: (origin) => noted(`quorumHeads ${origin}`, ['note\n']),
    entries: (origin, from, count) => {
      const parts = [part, null] as const
      return noted(`entries ${origin} ${from} ${count}`, { from, entries: [entry.entry, entry.entry], parts })
    },
    inclusion: (origin, index, size) => noted(`inclusion ${origin} ${index} ${size}`, evidence),
    consistency: (origin, from, to) => noted(`consistency ${origin} ${from} ${to}`, entry.proof),
    exportRecords: async function* exportRecords() {
      yield { item: 'heads', networkId: 'a'.repeat(52), heads: [HEAD] }
      yield { item: 'record', statement: STATEMENT }
    },
    keys: (domain) => noted(`keys ${domain}`, KEYS),
    addKeyEvents: (proposals) => noted(`addKeyEvents ${proposals}`, { index: 3, head: HEAD }),
    beginClosing: (options) => noted(`beginClosing ${JSON.stringify(options)}`, CLOSING),
    prepareVaultKey: () => noted('prepareVaultKey', { made: true }),
    callOffClosing: () => noted('callOffClosing', undefined),
    openEpoch: (proposals) => noted(`openEpoch ${proposals}`, { origin: NEXT_ORIGIN }),
    checkStore: async function* checkStore() {
      calls.push('checkStore')
      yield { event: 'checked', logs: 1, entries: 3, damaged: 0 }
    },
    repairStore: async function* repairStore() {
      calls.push('repairStore')
      yield { event: 'done', repaired: 0, unrepaired: 0 }
    },
    evidenceList: () => noted('evidenceList', [PROOF]),
    evidenceFile: (id) => noted(`evidenceFile ${id}`, Buffer.from('candor/equivocation@v1\n')),
    addEvidence: (bytes, options) =>
      noted(`addEvidence ${bytes.length} ${options?.checkOnly}`, { state: 'new', proof: PROOF }),
    addBundle: (bytes) =>
      noted(`addBundle ${bytes.length}`, { proofs: [], heads: { agree: 2, wait: 1, passedOver: 0 } }),
    stop: () => void calls.push('stop'),
    ...other,
  }
}

function published(hold: number | undefined) {
  return hold === 0
    ? ({ state: 'logged', record: RECORD, origin: ORIGIN, index: 2, head: HEAD } as const)
    : ({ state: 'held', record: RECORD, until: '2026-11-23T09:10:00.000Z' } as const)
}

function missing(id: string): Promise<never> {
  return Promise.reject(new NodeError('NOT_FOUND', `there is no record ${id}`, { fix: 'candor list' }))
}

function statusView() {
  return {
    member: { domain: 'a.example', name: 'A', sector: 'finance' },
    network: { id: 'a'.repeat(52), name: 'Test', members: 3 },
    state: 'ok',
    log: LOG,
    logs: [LOG],
    peers: { connected: 1, members: 2 },
    drafts: 1,
    outbox: 0,
    problems: [],
    version: '0.1.0',
    pid: process.pid,
    startedAt: '2026-11-23T09:00:00.000Z',
  } as const
}

function whoAmIView() {
  return {
    domain: 'a.example',
    name: 'A',
    sector: 'finance',
    peerId: '12D3KooW',
    networkId: 'a'.repeat(52),
    origin: ORIGIN,
    addresses: ['/ip4/127.0.0.1/tcp/4901'],
    keys: [{ purpose: 'log', keyId: '44'.repeat(32) }],
  }
}

/** Imports every file: its path and how many bytes came. */
async function* countFiles(uploads: Parameters<Service['importFiles']>[0]): AsyncGenerator<ImportProgress> {
  let imported = 0
  for await (const { path, body } of uploads) {
    let bytes = 0
    for await (const chunk of body) bytes += chunk.length
    imported += 1
    yield { event: 'imported', externalId: `${path}:${bytes}`, record: RECORD, version: 1 }
  }
  yield { event: 'done', imported, present: 0, skipped: 0, ignored: 0, kept: 0, asked: 0 }
}

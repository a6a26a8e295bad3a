/** What `candor audit` answers a script: its exit code and its findings, for each thing that can be wrong with a coalition. */
import assert from 'node:assert/strict'
import { native } from '../../node/keys/native.ts'
import { NodeError, type Service } from '../../node/api/client.ts'
import type { DamageView } from '../../node/api/store-service.ts'
import { printEquivocation } from '../../protocol/log/equivocation-file.ts'
import { proveSameSize } from '../../protocol/log/equivocation-maker.ts'
import { parseNote, printNote, SIGNATURE_TYPE } from '../../protocol/log/note.ts'
import { STALE_AFTER_SECONDS } from '../../protocol/log/state.ts'
import { AuditedCoalition, type Shown } from '../support/audited-coalition.ts'
import { asked } from '../support/cli.ts'

const NOW = Math.floor(Date.now() / 1_000) - 60

/** Severity, code, member and entry. */
type Found = readonly [string, string, string, number | null]

type Case = {
  readonly shows: (made: AuditedCoalition, shown: Shown[]) => readonly (Shown | undefined)[]
  readonly other?: (made: AuditedCoalition) => Partial<Service>
  readonly exit: number
  readonly verdict: string
  readonly found: readonly Found[]
}

const CASES: Readonly<Record<string, Case>> = {
  'everything is as it should be': {
    shows: (_, shown) => shown,
    exit: 0,
    verdict: 'verified',
    found: [],
  },
  'one mirror too few confirmed a head': {
    shows: (made, shown) => changed(shown, 1, { note: made.cosigned(bare(made, 1), [0], NOW) }),
    exit: 0,
    verdict: 'verified',
    found: [['low', 'head-unconfirmed', 'b.example', null]],
  },
  'both others saw a head and neither stores what is below it': {
    shows: (made, shown) =>
      changed(shown, 1, { note: made.cosigned(bare(made, 1), [0, 2], NOW, ['witness']) }),
    exit: 0,
    verdict: 'verified',
    found: [['medium', 'head-unwitnessed', 'b.example', null]],
  },
  'no quorum confirmed a head for a day': {
    shows: (made, shown) =>
      changed(shown, 2, { note: made.cosigned(bare(made, 2), [0, 1], NOW - STALE_AFTER_SECONDS) }),
    exit: 0,
    verdict: 'verified',
    found: [['low', 'head-stale', 'c.example', null]],
  },
  'a member has no log': {
    shows: (_, shown) => shown.slice(0, 2),
    exit: 12,
    verdict: 'incomplete',
    // Its mirror confirms nobody: the keys of that stand in its log.
    found: [
      ['medium', 'log-missing', 'c.example', null],
      ['low', 'head-unconfirmed', 'a.example', null],
      ['low', 'head-unconfirmed', 'b.example', null],
    ],
  },
  'entries are missing': {
    shows: (_, shown) => changed(shown, 0, { leaves: shown[0]?.leaves.slice(0, 4) ?? [] }),
    exit: 12,
    verdict: 'incomplete',
    found: [['medium', 'audit-entries-missing', 'a.example', 4]],
  },
  'a signature is not valid': {
    shows: (_, shown) => changed(shown, 0, { leaves: flipped(shown[0]?.leaves ?? [], 3) }),
    exit: 10,
    verdict: 'invalid',
    found: [
      ['high', 'signature', 'a.example', 3],
      ['high', 'audit-root', 'a.example', null],
    ],
  },
  'a head was signed by somebody else': {
    shows: (made, shown) => changed(shown, 0, { note: signedByNobody(made) }),
    exit: 13,
    verdict: 'key',
    found: [['high', 'head-unsigned', 'a.example', null]],
  },
  'a log is proven to have signed two histories': {
    shows: (_, shown) => shown,
    other: (made) => ({
      evidenceList: () => Promise.resolve([{ id: '00', origin: made.logs[0]?.origin }] as never),
      evidenceFile: () => Promise.resolve(forkOf(made)),
    }),
    exit: 11,
    verdict: 'split-view',
    found: [['critical', 'audit-forked', 'a.example', null]],
  },
}

describe('candor audit', function () {
  this.timeout(30_000)
  let made: AuditedCoalition

  before(async () => {
    made = await AuditedCoalition.make(5)
  })

  after(() => made.remove())

  const audit = async (shown: readonly (Shown | undefined)[], other: Partial<Service> = {}) => {
    const { exit, out } = await asked(
      ['--json', 'audit', '--jobs', '0'],
      {},
      {
        ...made.service(shown),
        ...other,
      },
    )
    return { exit, report: JSON.parse(out).data }
  }
  const foundIn = (report: {
    findings: { severity: string; code: string; domain: string; index: number }[]
  }) => report.findings.map(({ severity, code, domain, index }): Found => [severity, code, domain, index])

  for (const [what, { shows, other, exit, verdict, found }] of Object.entries(CASES)) {
    it(`ends with ${exit} when ${what}`, async () => {
      const ran = await audit(shows(made, made.shown(NOW)), other?.(made))
      assert.deepEqual(foundIn(ran.report), found)
      assert.deepEqual([ran.exit, ran.report.verdict], [exit, verdict])
      for (const { rule, says } of ran.report.findings)
        assert.ok(/^spec \d\d §/.test(rule) && says.length > 10)
    })
  }

  it('says the same in words, and what it comes to', async () => {
    const shown = made.shown(NOW)
    const { exit, out } = await asked(['audit'], {}, made.service([shown[0], shown[1]]))
    assert.equal(exit, 12)
    assert.match(out, /▲ incomplete: not everything could be checked/)
    assert.match(out, /▲ medium {2}c\.example: there is no log of this member \(log-missing; spec 07 §2\)/)
    assert.match(out, /logs from a node, which read 3 stored entries again itself and names nothing damaged/)
  })

  const DAMAGES: readonly (readonly [DamageView['what'], number | undefined, number, string, string])[] = [
    ['log', undefined, 10, 'high', 'spec 08 §7'],
    ['entry', 3, 10, 'high', 'spec 03 §2'],
    ['tile', 0, 10, 'high', 'spec 03 §4'],
    ['part', 2, 10, 'high', 'spec 01 §5'],
    ['head', undefined, 10, 'high', 'spec 03 §5'],
    ['cosignature', undefined, 10, 'high', 'spec 03 §13'],
    ['row', 4, 12, 'medium', 'spec 08 §7'],
    ['cosigner', undefined, 12, 'medium', 'spec 03 §12'],
    ['sealed', undefined, 12, 'medium', 'spec 08 §7'],
  ]
  for (const [what, index, exit, severity, rule] of DAMAGES) {
    it(`takes from a node that its store has a damaged ${what}, and ends with ${exit}`, async () => {
      const origin = made.logs[1]?.origin ?? ''
      const place = index === undefined ? {} : { index }
      const why = 'it is \u001b[31manother'
      const ran = await audit(made.shown(NOW), {
        checkStore: async function* () {
          yield { event: 'damaged', origin, what, why, ...place }
          yield { event: 'checked', logs: 3, entries: 18, damaged: 1 }
        },
      })
      assert.equal(ran.exit, exit)
      assert.deepEqual(ran.report.store, { entries: 18, damaged: 1 })
      const [only, ...others] = ran.report.findings
      assert.deepEqual(others, [])
      assert.deepEqual(
        [only.code, only.severity, only.rule, only.origin, only.domain, only.index],
        [`store-${what}`, severity, rule, origin, 'b.example', index ?? null],
      )
      assert.match(only.says, /the host itself says: it is/)
    })
  }

  it('says that a store could not be read again while it is being mended', async () => {
    const { exit, report } = await audit(made.shown(NOW), {
      // eslint-disable-next-line require-yield
      checkStore: async function* () {
        throw new NodeError('CONFLICT', 'the store is being checked or repaired already')
      },
    })
    assert.deepEqual([exit, report.store], [0, null])
    assert.ok(report.notShown.some((line: string) => line.includes('it was being checked or mended')))
  })
})

function changed(shown: readonly Shown[], at: number, by: Partial<Shown>): readonly Shown[] {
  return shown.map((one, index) => (index === at ? { ...one, ...by } : one))
}

function bare({ logs }: AuditedCoalition, at: number): Uint8Array {
  const log = logs[at]
  if (log === undefined) throw new Error('bug: a log')
  return log.noteOf(log.leaves)
}

function flipped(leaves: Shown['leaves'], at: number): Shown['leaves'] {
  return leaves.map((leaf, index) => {
    const end = leaf.bytes.length - 40
    return index === at
      ? { ...leaf, bytes: leaf.bytes.map((byte, i) => (i === end ? byte ^ 1 : byte)) }
      : leaf
  })
}

/** The head of the first log with the lines of the others alone. */
function signedByNobody(made: AuditedCoalition): Uint8Array {
  const read = parseNote(made.cosigned(bare(made, 0), [1, 2], NOW))
  if (!read.ok) throw new Error('bug: a note')
  const { text, signatures } = read.value
  return printNote({ text, signatures: signatures.filter(({ name }) => name !== made.logs[0]?.origin) })
}

function forkOf({ logs: [log] }: AuditedCoalition): Uint8Array {
  if (log === undefined) throw new Error('bug: a log')
  const subject = { name: log.origin, type: SIGNATURE_TYPE.ed25519, key: log.logKey }
  const [a, b] = [log.leaves, log.leaves.toReversed()].map((leaves) => log.noteOf(leaves))
  const proven = proveSameSize(native, { subject, a: a ?? new Uint8Array(0), b: b ?? new Uint8Array(0) })
  if (!proven.ok) throw new Error('bug: two heads of one size')
  return printEquivocation(native, proven.value)
}

/**
 * Auditing a log from its bytes: every signature, key state and public opening (`audit.full`), and hashing alone
 * (`audit.consistency`), each in a process of its own, whose peak of memory is `audit.rss`. Paired, in the same run, with the bare
 * rate at which as many threads verify the same signatures.
 * One bundle, checked in a process that has just started: by a policy (`bundle.check`) and by the charter, whose every
 * member's keys are admitted for it (`bundle.check.charter`).
 * `--entries N` (100,000), `--runs N` (3), `--jobs N` (the processors), `--json`.
 */
import '../node/runtime.ts'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { auditLog, type Auditor } from '../cli/audit.ts'
import { verifyMany } from '../node/keys/native.ts'
import { parseEntry } from '../protocol/codec/statement.ts'
import { keysInForce, signerAt, type KeyState } from '../protocol/identity/keystate.ts'
import type { AuditedOnce } from './audit-once.ts'
import { bundleTimes } from './bundle.ts'
import { makeLongLog, type LongLog } from './long-log.ts'
import { median, option, print, printMachine } from './report.ts'

const entries = option('entries', 100_000)
const runs = option('runs', 3)
const jobs = option('jobs', availableParallelism())
/** Signatures of one baseline measurement, and those handed to the threads at once. */
const RAW_SIGNATURES = 100_000
const RAW_BATCH = 256
const ONCE = fileURLToPath(new URL('./audit-once.js', import.meta.url))
const MEBIBYTE = 2 ** 20
/** Bundles checked, one to a process. */
const BUNDLES = 9

printMachine()
const log = await makeLongLog(entries)
const home = mkdtempSync(join(tmpdir(), 'candor-bench-'))
try {
  const [raw, full, consistency, memory]: [number[], number[], number[], number[]] = [[], [], [], []]
  const keys = await keysOf(log)
  for (let run = 0; run < runs; run++) {
    raw.push(await rawRate(log, keys))
    const once = auditOnce('all')
    full.push(once.entriesPerSecond)
    memory.push(once.rssBytes / MEBIBYTE)
    consistency.push(auditOnce('none').entriesPerSecond)
  }
  const baseline = median(raw)
  print({ name: 'audit.raw-signatures', unit: 'signatures/s', n: RAW_SIGNATURES, values: raw })
  print({ name: 'audit.full', unit: 'entries/s', n: entries, values: full, baseline })
  print({ name: 'audit.consistency', unit: 'entries/s', n: entries, values: consistency })
  print({ name: 'audit.rss', unit: 'MiB', n: entries, values: memory })
  const { byPolicy, byCharter } = await bundleTimes(BUNDLES)
  print({ name: 'bundle.check', unit: 'ms', n: 1, values: byPolicy })
  print({ name: 'bundle.check.charter', unit: 'ms', n: 1, values: byCharter })
} finally {
  log.remove()
  rmSync(home, { recursive: true })
}
process.exit(0)

function auditOnce(scope: 'all' | 'none'): AuditedOnce {
  const { directory, origin, charterFile } = log
  const asked = [ONCE, directory, origin, charterFile, String(jobs), scope]
  return JSON.parse(execFileSync(process.execPath, asked, { encoding: 'utf8' }))
}

async function keysOf(of: LongLog): Promise<KeyState> {
  const auditor: Auditor = { charter: of.charter, home, onProgress: () => undefined, jobs: 0 }
  const source = await of.source()
  const { origin, head, parts } = source
  const entries = (from: number, count: number) => source.entries(from, from === 0 ? count : 0)
  const { keys } = await auditLog(auditor, { origin, head, entries, parts }, new Set<number>())
  if (keys === undefined || keysInForce(keys, 'statement', 1).length === 0) throw new Error('no keys')
  return keys
}

/** The signatures of the first entries, over and over, on the threads that verify for a node. */
async function rawRate(of: LongLog, keys: KeyState): Promise<number> {
  const bundle = await (await of.source()).entries(0, RAW_BATCH)
  const all = bundle.slice(1).flatMap((bytes, at) => {
    const entry = parseEntry(bytes)
    if (!entry.ok) return []
    const signer = signerAt(keys, entry.value.statement.kind, entry.value.header.keyId, at + 1)
    if (!signer.ok) return []
    return [{ key: signer.value, message: entry.value.toBeSigned, signature: entry.value.signature }]
  })
  const begun = performance.now()
  let done = 0
  const waiting: Promise<readonly boolean[]>[] = []
  while (done < RAW_SIGNATURES) {
    waiting.push(verifyMany(all))
    done += all.length
    if (waiting.length < 6) continue
    if (!(await waiting.shift())?.every(Boolean)) throw new Error('a signature is not good')
  }
  await Promise.all(waiting)
  return done / ((performance.now() - begun) / 1_000)
}

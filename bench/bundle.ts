/** What checking one bundle costs a program that has started: a record of a coalition of five, confirmed by its other members. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { native } from '../node/keys/native.ts'
import { printBundleFile } from '../protocol/audit/bundle.ts'
import { printPolicy } from '../protocol/log/policy.ts'
import { policyOfLab } from '../test/support/bundle-reader.ts'
import { BundleLab, TIME } from '../test/support/bundles.ts'

const MEMBERS = 5
/** Entries of the record's log. */
const ENTRIES = 200
const ONCE = fileURLToPath(new URL('./bundle-once.js', import.meta.url))

export type BundleTimes = { readonly byPolicy: readonly number[]; readonly byCharter: readonly number[] }

/** Milliseconds, each measured in a process of its own: nobody checks a bundle twice. */
export async function bundleTimes(runs: number): Promise<BundleTimes> {
  const lab = await BundleLab.open(MEMBERS)
  const directory = mkdtempSync(join(tmpdir(), 'candor-bench-'))
  try {
    const log = lab.log(0)
    for (let i = 1; i < ENTRIES; i++) log.say()
    const mirrors = Array.from({ length: MEMBERS - 1 }, (_, i) => [i + 1, TIME + i] as const)
    const inside = (name: string) => join(directory, name)
    const [file, charter, policy] = [inside('a.candor-bundle'), inside('charter.candor'), inside('a.policy')]
    writeFileSync(file, printBundleFile(lab.bundle(0, [ENTRIES / 2], log.head(ENTRIES, mirrors))))
    writeFileSync(charter, lab.charterBytes)
    const trust = policyOfLab(lab, log)
    if (trust.kind !== 'policy') throw new Error('no policy')
    writeFileSync(policy, printPolicy(native, trust.policy))
    const once = (by: string) =>
      Number(execFileSync(process.execPath, [ONCE, file, by], { encoding: 'utf8' }))
    const times = (by: string) => Array.from({ length: runs }, () => once(by))
    return { byPolicy: times(policy), byCharter: times(charter) }
  } finally {
    lab.remove()
    rmSync(directory, { recursive: true })
  }
}

/**
 * Makes `test/vectors/bundle.json`: bundles of a coalition of three, good ones and some wrong in one thing each. Its keys are
 * random and thrown away, so writing the file again changes every byte of it; the verdicts stay.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { native } from '../../node/keys/native.ts'
import type { BundleFault, Bundle } from '../../protocol/audit/bundle.ts'
import type { Trust } from '../../protocol/audit/bundle-keys.ts'
import { BUNDLE_FORMAT, printBundleFile } from '../../protocol/audit/bundle.ts'
import { encode, type Value } from '../../protocol/codec/cbor.ts'
import type { Verdict } from '../../protocol/audit/report.ts'
import { printEquivocation } from '../../protocol/log/equivocation-file.ts'
import { proveSameSize } from '../../protocol/log/equivocation-maker.ts'
import { printSignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { printNote, SIGNATURE_TYPE } from '../../protocol/log/note.ts'
import { printPolicy } from '../../protocol/log/policy.ts'
import { checked, policyOfLab } from './bundle-reader.ts'
import { BundleLab, TIME, type Cosigners, type LogInBytes } from './bundles.ts'

export type BundleVectors = {
  readonly description: string
  readonly charter: string
  readonly policy: string
  readonly cases: readonly BundleCase[]
  readonly refused: readonly { readonly name: string; readonly fault: BundleFault; readonly bundle: string }[]
}

type BundleCase = {
  readonly name: string
  readonly by: Trust['kind']
  readonly bundle: string
  readonly verdict: Verdict
  /** `code weight`, in the order of spec 08 §5.2. */
  readonly findings: readonly string[]
  readonly statements: ReturnType<typeof shown>
}

const MIRRORS: Cosigners = [
  [1, TIME + 10],
  [2, TIME + 20],
]

async function bundleVectors(): Promise<BundleVectors> {
  const lab = await BundleLab.open(3)
  try {
    const log = lab.log(0)
    for (let i = 0; i < 4; i++) log.say()
    const byPolicy = policyOfLab(lab, log)
    const byCharter: Trust = { kind: 'charter', charter: lab.charter }
    if (byPolicy.kind !== 'policy') throw new Error('no policy')
    const policy = printPolicy(native, byPolicy.policy)
    const cases = casesOf(lab, log, policy).map(([name, by, bundle]): BundleCase => {
      const found = checked(bundle, by === 'policy' ? byPolicy : byCharter)
      const { verdict, codes } = found
      return {
        name,
        by,
        bundle: hex(printBundleFile(bundle)),
        verdict,
        findings: codes,
        statements: shown(found),
      }
    })
    return {
      description:
        'Bundles (spec 08 §5) and what a reader finds who brings this charter file, or this policy (text). Bytes in hexadecimal. The log has five entries.',
      charter: hex(lab.charterBytes),
      policy: Buffer.from(policy).toString('utf8'),
      cases,
      refused: refused(),
    }
  } finally {
    lab.remove()
  }
}

/** What is said of each statement. */
export function shown({ checked: { proofs } }: Pick<ReturnType<typeof checked>, 'checked'>) {
  return proofs.map(({ origin, index, signature, inLog, keyState, quorum, time, parts, seenUpTo }) => ({
    origin,
    index,
    signature: signature.state,
    inLog: inLog.state,
    keyState: keyState.state,
    quorum: quorum.state,
    cosigned: quorum.cosigned.map(({ name }) => name),
    existedBy: time.existedBy?.time ?? null,
    notBefore: time.notBefore?.time ?? null,
    parts: parts.map(({ outcome }) => outcome.state),
    seenUpTo,
  }))
}

type Named = readonly [name: string, by: Trust['kind'], bundle: Bundle]

function casesOf(lab: BundleLab, log: LogInBytes, policy: Uint8Array): readonly Named[] {
  const head = log.head(5, MIRRORS)
  const whole = { ...lab.bundle(0, [2], head), policy }
  // A policy names the cosigners' keys itself, so their logs need not be in the bundle.
  const own = { ...whole, keys: log.keys(log.head(5)) }
  const [file] = own.proofs
  const [opening] = own.openings
  if (file === undefined || opening === undefined) throw new Error('bug: one proof')
  const under = (mirrors: Cosigners) => ({ ...lab.bundle(0, [2], log.head(5, mirrors)), keys: own.keys })
  const [small, middle] = [log.head(2, MIRRORS), log.head(3)]
  const link = log.consistency(small, head)
  const from = log.consistency(middle, head)
  return [
    ['good, by the charter', 'charter', whole],
    ['good, by the policy', 'policy', own],
    ['two heads, which bound the time', 'policy', { ...own, consistency: [link] }],
    ['one mirror too few', 'policy', under(MIRRORS.slice(1))],
    ['the author’s own mirror instead', 'policy', under([[0, TIME], ...MIRRORS.slice(1)])],
    ['no public part', 'policy', { ...own, openings: [] }],
    ['no keys', 'policy', { ...own, keys: [] }],
    [
      'another part',
      'policy',
      { ...own, openings: [{ ...opening, part: { ...opening.part, bytes: Uint8Array.of(0xa0) } }] },
    ],
    ['another index', 'policy', { ...own, proofs: [{ ...file, index: 3 }] }],
    [
      'a signature with one bit changed',
      'policy',
      { ...own, proofs: [{ ...file, entry: lastBitChanged(file.entry) }] },
    ],
    [
      'a link that leads nowhere',
      'policy',
      { ...own, consistency: [{ ...from, proof: from.proof.map(lastBitChanged) }] },
    ],
    ['a proof of two histories', 'policy', { ...own, equivocations: [forked(log)] }],
    ['a proof of two histories that is none', 'policy', { ...own, equivocations: [Uint8Array.of(1)] }],
  ]
}

function lastBitChanged(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte))
}

function forked(log: LogInBytes): Uint8Array {
  const { publicKey: key, sign } = log.keystore.logSigner(1)
  const other = { origin: log.origin, size: 5, root: new Uint8Array(32).fill(9) }
  const b = printSignedCheckpoint(native, other, key, sign)
  const subject = { name: log.origin, type: SIGNATURE_TYPE.ed25519, key }
  const proven = proveSameSize(native, { subject, a: printNote(log.head(5).note), b })
  if (!proven.ok) throw new Error(`bug: ${proven.fault}`)
  return printEquivocation(native, proven.value)
}

function refused(): BundleVectors['refused'] {
  const lists = { proofs: [], openings: [], consistency: [], equivocations: [Uint8Array.of(1)], keys: [] }
  const tiny: Readonly<Record<string, Value>> = { format: BUNDLE_FORMAT, policy: null, ...lists }
  const opening = [0, 'public', new Uint8Array(32), 'text/plain', Uint8Array.of(65)]
  const rows: readonly (readonly [string, BundleFault, Value])[] = [
    ['a list', 'bundle-shape', []],
    ['another format', 'bundle-format', { ...tiny, format: 'candor/bundle@v2' }],
    ['a field more', 'bundle-shape', { ...tiny, more: 1 }],
    ['a field less', 'bundle-shape', { format: BUNDLE_FORMAT, ...lists }],
    ['nothing to show', 'bundle-empty', { ...tiny, equivocations: [] }],
    ['a policy as text', 'bundle-shape', { ...tiny, policy: 'quorum none' }],
    ['an opening of no proof', 'bundle-opening', { ...tiny, openings: [opening] }],
    ['a proof that is no file', 'proof-file-shape', { ...tiny, proofs: [Uint8Array.of(1)] }],
  ]
  const cut = encode({ ...tiny })
  return [
    ...rows.map(([name, fault, value]) => ({ name, fault, bundle: hex(encode(value)) })),
    { name: 'cut short', fault: 'bundle-cbor', bundle: hex(cut.subarray(0, -1)) },
    { name: 'bytes behind it', fault: 'bundle-cbor', bundle: hex(Uint8Array.of(...cut, 0)) },
  ]
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

const isProgram = process.argv[1] === fileURLToPath(import.meta.url)
if (isProgram && process.argv[2] === '--write')
  writeFileSync('test/vectors/bundle.json', `${JSON.stringify(await bundleVectors(), undefined, 2)}\n`)

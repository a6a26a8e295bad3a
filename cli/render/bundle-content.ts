/** What a bundle holds, in its own words. Nothing in it is judged, so nothing here says that anything holds. */
import { leafHash } from '../../protocol/log/merkle.ts'
import { checkedPrimitives } from '../../node/api/client.ts'
import type { Bundle } from '../../protocol/audit/bundle.ts'
import type { Verdict } from '../../protocol/audit/report.ts'
import { printBase32, printBase64, printHex } from '../../protocol/bytes.ts'
import { parseEntry } from '../../protocol/codec/statement.ts'
import type { SignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import type { ProofFile } from '../../protocol/log/proof-file.ts'
import { quoted } from '../context.ts'
import { counted, faint, heading, marked, type Look } from '../look.ts'
import { safe } from '../safe.ts'
import { digestOf } from '../trust.ts'

type StatementSaid = {
  readonly origin: string
  readonly index: number
  readonly leaf: string
  /** Null where its bytes are no statement. */
  readonly statement: {
    readonly kind: string
    readonly record: string
    readonly version: number
    readonly keyId: string
  } | null
  readonly size: number
  readonly opened: readonly { readonly tier: string; readonly mediaType: string; readonly bytes: number }[]
}

type BundleContent = {
  readonly digest: string
  readonly bytes: number
  /** SHA-256 of the policy inside, for `--trust sha256:…`. */
  readonly policy: string | null
  readonly statements: readonly StatementSaid[]
  readonly keys: readonly { readonly origin: string; readonly index: number }[]
  readonly heads: readonly HeadSaid[]
  readonly consistency: readonly { readonly origin: string; readonly from: number; readonly to: number }[]
  readonly equivocations: readonly string[]
}

type HeadSaid = {
  readonly origin: string
  readonly size: number
  readonly root: string
  readonly lines: readonly string[]
}

export function contentOfBundle(bytes: Uint8Array, bundle: Bundle): BundleContent {
  const { policy, proofs, keys, consistency, equivocations } = bundle
  return {
    digest: digestOf(bytes),
    bytes: bytes.length,
    policy: policy === null ? null : digestOf(policy),
    statements: proofs.map((file, at) => statementSaid(bundle, file, at)),
    keys: keys.map(({ file }) => ({ origin: file.signed.checkpoint.origin, index: file.index })),
    heads: headsSaid([
      ...proofs.map(({ signed }) => signed),
      ...consistency.flatMap(({ from, to }) => [from, to]),
      ...keys.map(({ file }) => file.signed),
    ]),
    consistency: consistency.map(({ from, to }) => ({
      origin: from.checkpoint.origin,
      from: from.checkpoint.size,
      to: to.checkpoint.size,
    })),
    equivocations: equivocations.map(digestOf),
  }
}

export function renderContent(
  look: Look,
  content: BundleContent,
  typed: (command: string) => string,
): readonly string[] {
  const { digest, bytes, policy, statements, keys, heads, consistency, equivocations } = content
  return [
    marked(look, 'warn', heading(look, 'What the bundle says of itself; nothing here is verified')),
    `  SHA-256   ${digest}, ${counted(bytes, 'byte')}`,
    `  policy    ${policy === null ? 'none' : `sha256:${policy}`}`,
    heading(look, counted(statements.length, 'statement')),
    ...statements.flatMap(({ origin, index, statement, size, opened }) => [
      `  ${statement === null ? 'bytes that are no statement' : `${safe(statement.kind)}, version ${statement.version}, record ${statement.record}`}`,
      `    entry ${index} under size ${size} of ${safe(origin)}`,
      ...opened.map(
        ({ tier, mediaType, bytes: length }) =>
          `    ${tier} part: ${counted(length, 'byte')}, ${safe(mediaType)}`,
      ),
    ]),
    heading(look, counted(heads.length, 'head')),
    ...heads.map(
      ({ origin, size, lines }) =>
        `  size ${size} of ${safe(origin)}, ${counted(lines.length, 'signature line')}`,
    ),
    heading(look, 'Besides'),
    `  ${counted(keys.length, 'statement')} about keys, of ${counted(new Set(keys.map(({ origin }) => origin)).size, 'log')}`,
    `  ${counted(consistency.length, 'proof')} that one head continues another`,
    `  ${counted(equivocations.length, 'proof')} of two histories`,
    faint(look, `To verify it: ${typed('candor verify --bundle FILE --trust POLICY --offline')}`),
  ]
}

type Made = {
  readonly file: string
  readonly digest: string
  readonly statements: number
  readonly bytes: number
  readonly policy: string | null
  readonly verdict: Verdict
  readonly findings: readonly string[]
}

export function renderMade(look: Look, made: Made, typed: (command: string) => string): readonly string[] {
  const { file, digest, statements, bytes, policy, verdict, findings } = made
  const isGood = verdict === 'verified'
  return [
    marked(look, 'ok', `wrote ${counted(statements, 'statement')} to ${file}, ${counted(bytes, 'byte')}`),
    `  SHA-256   ${digest}`,
    `  policy    ${policy === null ? 'none: too few logs are held to name their mirrors' : `sha256:${policy}`}`,
    marked(
      look,
      isGood ? 'ok' : 'warn',
      isGood
        ? 'verifies by this node’s charter'
        : `by this node’s charter it is ${verdict}: ${findings.join(', ')}`,
    ),
    faint(
      look,
      `Its reader brings charter or policy: ${typed(`candor verify --bundle ${quoted(file)} --trust FILE --offline`)}`,
    ),
  ]
}

function statementSaid(
  { openings }: Bundle,
  { entry: bytes, index, signed }: ProofFile,
  at: number,
): StatementSaid {
  const entry = parseEntry(bytes)
  const { origin, size } = signed.checkpoint
  return {
    origin,
    index,
    leaf: printHex(leafHash(checkedPrimitives(), bytes)),
    statement: entry.ok
      ? {
          kind: entry.value.statement.kind,
          record: printBase32(entry.value.statement.record),
          version: entry.value.statement.version,
          keyId: printHex(entry.value.header.keyId),
        }
      : null,
    size,
    opened: openings
      .filter(({ proof }) => proof === at)
      .map(({ tier, part }) => ({ tier, mediaType: part.mediaType, bytes: part.bytes.length })),
  }
}

/** Each text once, with the most lines that stand under it anywhere. */
function headsSaid(all: readonly SignedCheckpoint[]): readonly HeadSaid[] {
  const heads = new Map<string, HeadSaid>()
  for (const { checkpoint, note } of all) {
    const { origin, size, root } = checkpoint
    const lines = note.signatures.map(({ name }) => name)
    const known = heads.get(note.text)
    if (known === undefined || known.lines.length < lines.length)
      heads.set(note.text, { origin, size, root: printBase64(root), lines })
  }
  return [...heads.values()]
}

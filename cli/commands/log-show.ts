/** `candor log show`: the entries of a log as lines, read from their bytes in this process. */
import type { Command } from 'commander'
import { checkedPrimitives, ENTRIES_PER_CALL } from '../../node/api/client.ts'
import { printBase32, printHex } from '../../protocol/bytes.ts'
import { checkPublicPart, type PublicPart } from '../../protocol/codec/part.ts'
import { parseEntry, statementId } from '../../protocol/codec/statement.ts'
import { isMap } from '../../protocol/codec/value.ts'
import { parseSignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { documentOf } from '../../protocol/log/entry.ts'
import { readContent } from '../../protocol/record/content.ts'
import type { Context } from '../context.ts'
import { nodeSource } from '../leaf-source.ts'
import { countOf } from '../options.ts'
import type { Commands } from '../program.ts'
import { renderEntries } from '../render/log.ts'

type Options = { readonly from?: number; readonly count: number }

export type EntryLine = {
  readonly index: number
  readonly kind: string
  readonly record: string
  readonly version: number
  /** Seconds since 1970, as the author says. */
  readonly issuedAt: number
  readonly title: string
  readonly statementId: string
  readonly marks: readonly string[]
}

/** Entries shown unless more are asked for. */
const COUNT = 20

export function addLogShow(log: Command, context: Commands['context']): void {
  log
    .command('show')
    .description("the entries of a log as lines; the member's own unless another is named")
    .argument('[domain]', 'the member whose log it is')
    .option('--from <index>', 'the first entry to show; the last ones otherwise', countOf)
    .option('--count <entries>', 'how many', countOf, COUNT)
    .action(async (domain: string | undefined, options: Options, command: Command) => {
      const at = context(command)
      const { origin, size, lines } = await readLines(at, domain, options)
      await at.answer('log-entries', { origin, size, entries: lines }, () =>
        renderEntries(at.look, origin, size, lines),
      )
    })
}

async function readLines({ client }: Context, domain: string | undefined, { from, count }: Options) {
  const head = parseSignedCheckpoint(await client.head(domain))
  const { origin, size } = head.ok ? head.value.checkpoint : { origin: '', size: 0 }
  const source = nodeSource(client, origin)
  const end = Math.min(size, (from ?? Math.max(0, size - count)) + count)
  const lines: EntryLine[] = []
  for (let index = from ?? Math.max(0, size - count); index < end;) {
    const wanted = Math.min(ENTRIES_PER_CALL, end - index)
    const entries = await source.entries(index, wanted)
    if (entries.length === 0) break
    const parts = await source.parts(index, entries.length)
    for (const [at, bytes] of entries.entries()) lines.push(lineOf(index + at, bytes, parts[at] ?? null))
    index += entries.length
  }
  return { origin, size, lines }
}

function lineOf(index: number, bytes: Uint8Array, part: PublicPart | null): EntryLine {
  const primitives = checkedPrimitives()
  const read = parseEntry(bytes)
  if (!read.ok) {
    const nothing = { kind: '?', record: '', version: 0, issuedAt: 0, title: '', statementId: '' }
    return { index, ...nothing, marks: [`it is no statement (${read.fault})`] }
  }
  const { header, statement } = read.value
  const isGood = part !== null && checkPublicPart(primitives, read.value, part).ok
  const value = isGood ? documentOf(part) : undefined
  const document = isMap(value) ? value : undefined
  const title = document?.['title']
  return {
    index,
    kind: statement.kind,
    record: printBase32(statement.record),
    version: statement.version,
    issuedAt: header.issuedAt,
    title: typeof title === 'string' ? title : '',
    statementId: printHex(statementId(primitives, read.value)),
    marks: marksOf(statement.kind, part, isGood, document),
  }
}

function marksOf(
  kind: string,
  part: PublicPart | null,
  isGood: boolean,
  document: Parameters<typeof readContent>[1] | undefined,
): readonly string[] {
  if (part === null) return ['its public part is not held']
  if (!isGood) return ['its public part is not what it committed to']
  if (kind === 'epoch' || kind === 'key') return []
  if (document === undefined) return ['its public part is not a document']
  const { state } = readContent(kind, document)
  if (state === 'known') return []
  return [
    state === 'unknown-kind' ? 'a kind that this version does not know' : 'its content does not fit its kind',
  ]
}

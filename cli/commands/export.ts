/** `candor export`: records as JSON lines or CSV, headed by the heads they rest on, so that they can be cited. */
import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { NodeError, type ExportItem } from '../../node/api/client.ts'
import { usage, type Context } from '../context.ts'
import { codeOf } from '../files.ts'
import { write } from '../io.ts'
import { counted, marked } from '../look.ts'
import type { Commands } from '../program.ts'
import { Progress } from '../progress.ts'
import { csvHead, csvHeads, csvRow } from '../render/csv.ts'
import { safeJson } from '../safe.ts'
import { filtersOf, withFilters, type Filters } from './list.ts'

type Options = Filters & { readonly jsonl?: true; readonly csv?: true; readonly output?: string }

export function addExport({ group, context }: Commands): void {
  withFilters(
    group('export').description('records as --jsonl (default) or --csv, with the heads they rest on'),
  )
    .option('--jsonl', 'one JSON object a line')
    .option('--csv', 'a table for spreadsheets')
    .option('-o, --output <file>', 'write to a new file')
    .action(async (options: Options, command) => {
      if (options.jsonl === true && options.csv === true) throw usage('choose one: --jsonl or --csv')
      const at = context(command)
      const count = await writeTo(at, options.output, linesOf(at, options))
      if (options.output === undefined) return
      await at.answer('exported', { file: options.output, records: count }, () => [
        marked(at.look, 'ok', `wrote ${counted(count, 'record')} to ${options.output}`),
      ])
    })
}

async function* linesOf(
  at: Context,
  options: Options,
): AsyncGenerator<{ lines: readonly string[]; isRecord: boolean }> {
  const print = options.csv === true ? csvLines : jsonLines
  for await (const item of at.client.exportRecords(filtersOf(options))) {
    yield { lines: print(item), isRecord: item.item === 'record' }
  }
}

function jsonLines(item: ExportItem): readonly string[] {
  if (item.item === 'record') return [safeJson({ schema: 'candor.export/record@1', data: item.statement })]
  const { networkId, heads } = item
  return [safeJson({ schema: 'candor.export/heads@1', data: { networkId, heads } })]
}

function csvLines(item: ExportItem): readonly string[] {
  return item.item === 'record'
    ? [csvRow(item.statement)]
    : [...csvHeads(item.networkId, item.heads), csvHead()]
}

async function writeTo(
  at: Context,
  output: string | undefined,
  items: AsyncIterable<{ lines: readonly string[]; isRecord: boolean }>,
): Promise<number> {
  const progress = new Progress(at)
  const target = output === undefined ? at.io.stdout : createWriteStream(output, { flags: 'wx' })
  let failed: unknown
  if (output !== undefined) target.on('error', (error: Error) => (failed = error))
  let count = 0
  try {
    for await (const { lines, isRecord } of items) {
      for (const line of lines) await write(target, `${line}\n`)
      at.io.gone.throwIfAborted()
      if (failed !== undefined) break
      if (isRecord) count += 1
      if (output !== undefined) progress.at(() => `${count} records …`)
    }
    if (output !== undefined && failed === undefined) {
      target.end()
      await once(target, 'close')
    }
  } catch (error) {
    failed ??= error
  } finally {
    progress.done()
  }
  if (failed === undefined) return count
  if (failed instanceof NodeError || at.io.gone.aborted) throw failed
  if (codeOf(failed) === 'EEXIST') throw new NodeError('CONFLICT', `${output} exists and is not overwritten`)
  throw new NodeError('IO_FAILED', `${output} cannot be written (${codeOf(failed)})`, { cause: failed })
}

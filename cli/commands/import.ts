/** `candor import`: takes in records of others, says what became of each, and names every one it leaves out. */
import type { ImportProgress } from '../../node/api/client.ts'
import { usage, type Context } from '../context.ts'
import { counted, marked } from '../look.ts'
import type { Commands } from '../program.ts'
import { Progress } from '../progress.ts'
import { safe } from '../safe.ts'
import { uploadsUnder } from '../walk.ts'

type Options = { readonly publish?: true; readonly dryRun?: true }
type Counts = { imported: number; present: number; skipped: number; ignored: number }

const FORMATS: ReadonlySet<string> = new Set(['avid', 'atlas', 'aiid'])

export function addImport({ group, context }: Commands): void {
  group('import')
    .description('take in records of other catalogues; without --publish they become drafts')
    .argument('<format>', 'avid, atlas or aiid')
    .argument('<path>', 'a file or a folder')
    .option('--publish', 'into the log at once, where the licence allows it')
    .option('--dry-run', 'only say what would happen')
    .action(async (format: string, path: string, options: Options, command) => {
      if (!FORMATS.has(format)) throw usage(`there is no importer for “${safe(format)}”: avid, atlas or aiid`)
      await importFrom(context(command), format, path, options)
    })
}

async function importFrom(at: Context, format: string, path: string, options: Options): Promise<void> {
  const started = Date.now()
  const progress = new Progress(at)
  const counts: Counts = { imported: 0, present: 0, skipped: 0, ignored: 0 }
  const left: Extract<ImportProgress, { event: 'skipped' | 'ignored' }>[] = []
  const dryRun = options.dryRun === true
  const events = at.client.importFiles(uploadsUnder(path), {
    format,
    publish: options.publish === true,
    dryRun,
  })
  try {
    for await (const event of events) {
      if (event.event === 'done') continue
      counts[event.event] += 1
      if (event.event === 'skipped' || event.event === 'ignored') left.push(event)
      progress.at(
        () => `${counts.imported} imported, ${counts.present} already there, ${counts.skipped} skipped …`,
      )
    }
  } finally {
    progress.done()
  }
  const ms = Date.now() - started
  const skipped = left
    .filter(({ event }) => event === 'skipped')
    .map(({ name, reason }) => ({ name, reason }))
  const ignored = left
    .filter(({ event }) => event === 'ignored')
    .map(({ name, reason }) => ({ name, reason }))
  await at.answer('imported', { ...counts, dryRun, ms, skippedOnes: skipped, ignoredOnes: ignored }, () => [
    ...left.map(({ event, name, reason }) =>
      marked(at.look, 'warn', `${event} ${safe(name)}: ${safe(reason)}`),
    ),
    marked(at.look, 'ok', summary(counts, dryRun, ms)),
    ...next(at, counts, options),
  ])
}

function summary({ imported, present, skipped, ignored }: Counts, dryRun: boolean, ms: number): string {
  const verb = dryRun ? 'would be imported' : 'imported'
  const files = ignored === 0 ? '' : `, ${counted(ignored, 'file')} without records`
  return `${counted(imported, 'record')} ${verb}, ${present} already there, ${skipped} skipped${files} (${(ms / 1_000).toFixed(1)} s)`
}

function next(at: Context, { imported }: Counts, { publish, dryRun }: Options): readonly string[] {
  if (imported === 0 || publish === true || dryRun === true) return []
  return [`  They are drafts, and nobody else sees them: ${at.typed('candor draft list')}`]
}

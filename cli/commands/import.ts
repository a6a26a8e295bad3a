/** `candor import`: takes in records of others, says what became of each, and names every one it leaves out. */
import type { ImportProgress } from '../../node/api/client.ts'
import { usage, type Context } from '../context.ts'
import { counted, marked } from '../look.ts'
import type { Commands } from '../program.ts'
import { Progress } from '../progress.ts'
import { SHORT_ID } from '../render/records.ts'
import { safe } from '../safe.ts'
import { uploadsUnder } from '../walk.ts'

type Options = { readonly publish?: true; readonly dryRun?: true }
type Counts = { imported: number; present: number; skipped: number; ignored: number }
type Imported = Extract<ImportProgress, { event: 'imported' }>

/** Records whose places are shown; `--json` has all. */
const SHOWN_MAX = 20

const FORMATS: ReadonlySet<string> = new Set(['avid', 'atlas', 'aiid'])

export function addImport({ group, context }: Commands): void {
  group('import')
    .description('take in records of other catalogues; without --publish they become drafts')
    .argument('<format>', 'avid, atlas or aiid')
    .argument('<path>', 'a file or a folder')
    .option('--publish', 'into the log at once, where the licence allows it and nothing in them blocks')
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
  const imported: Imported[] = []
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
      if (event.event === 'imported') imported.push(event)
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
  const kept = imported.flatMap(({ externalId, record, kept: why }) =>
    why === undefined ? [] : [{ externalId, record, places: why }],
  )
  const asked = imported.flatMap(({ externalId, record, asked: places }) =>
    places === undefined ? [] : [{ externalId, record, places }],
  )
  const ones = { skippedOnes: skipped, ignoredOnes: ignored, keptOnes: kept, askedOnes: asked }
  await at.answer('imported', { ...counts, dryRun, ms, ...ones }, () => [
    ...left.map(({ event, name, reason }) =>
      marked(at.look, 'warn', `${event} ${safe(name)}: ${safe(reason)}`),
    ),
    ...foundIn(at, kept, 'kept as a draft'),
    ...foundIn(at, asked, dryRun ? 'asked about' : 'published, and asked about'),
    marked(at.look, 'ok', summary(counts, dryRun, ms)),
    ...next(at, counts, options),
    ...(kept.length === 0 || dryRun
      ? []
      : [`  ${counted(kept.length, 'record')} waiting for somebody to look: ${at.typed('candor check ID')}`]),
  ])
}

function summary({ imported, present, skipped, ignored }: Counts, dryRun: boolean, ms: number): string {
  const verb = dryRun ? 'would be imported' : 'imported'
  const files = ignored === 0 ? '' : `, ${counted(ignored, 'file')} without records`
  return `${counted(imported, 'record')} ${verb}, ${present} already there, ${skipped} skipped${files} (${(ms / 1_000).toFixed(1)} s)`
}

type Found = { readonly externalId: string; readonly record: string; readonly places: readonly string[] }

/** What the gate says of records that were to be published, the first of them by name. */
function foundIn({ look }: Context, found: readonly Found[], what: string): readonly string[] {
  const lines = found
    .slice(0, SHOWN_MAX)
    .map(({ externalId, record, places }) =>
      marked(
        look,
        'warn',
        `${what}: ${safe(externalId)} (${record.slice(0, SHORT_ID)}): ${safe(places.join('; '))}`,
      ),
    )
  const rest = found.length - SHOWN_MAX
  return rest > 0 ? [...lines, marked(look, 'warn', `${what}: ${counted(rest, 'more record')}`)] : lines
}

function next(at: Context, { imported }: Counts, { publish, dryRun }: Options): readonly string[] {
  if (imported === 0 || publish === true || dryRun === true) return []
  return [`  They are drafts, and nobody else sees them: ${at.typed('candor draft list')}`]
}

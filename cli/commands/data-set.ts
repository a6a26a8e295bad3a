/** `candor data-set`: files of data sets, encrypted in the vault of the node; a draft names what may be asked for. */
import { createReadStream, statSync } from 'node:fs'
import { basename } from 'node:path'
import { NodeError } from '../../node/api/client.ts'
import { usage, type Context } from '../context.ts'
import { columns, faint, marked } from '../look.ts'
import type { Commands } from '../program.ts'
import { safe } from '../safe.ts'

type AddOptions = { readonly path?: string; readonly trail?: true }

export function addDataSet({ group, context }: Commands): void {
  const set = group('data-set').description('files of data sets: add to a draft, list, trace a leak')
  set
    .command('add')
    .description('read a file in, encrypted, and name it in the research part of a draft')
    .argument('<draft>', 'the id of a draft, or its first six letters or more')
    .argument('[file]', 'the file')
    .option('--path <path>', 'how it is called in the data set; its own name when nothing is said')
    .option('--trail', 'the audit trail of this node instead of a file, for a mandated auditor to ask for')
    .action(async (draft: string, file: string | undefined, options: AddOptions, command) =>
      add(context(command), draft, file, options),
    )
  set
    .command('trace')
    .description('whose copy a leaked file is of, by the rows that were made for single readers')
    .argument('<file>', 'the file that was found')
    .action(async (file: string, _options: object, command) => trace(context(command), file))
  set
    .command('list')
    .description('files of ours and files granted to us')
    .action(async (_options: object, command) => {
      const at = context(command)
      const files = await at.client.files()
      const rows = files.map(({ path, bytes, kind, state }) => [path, String(bytes), kind, state])
      await at.answer('files', files, () =>
        files.length === 0 ? ['No file.'] : columns(at.look, ['path', 'bytes', 'whose', 'state'], rows),
      )
    })
}

async function trace(at: Context, file: string): Promise<void> {
  sizeOf(file)
  const traces = await at.client.traceFile(createReadStream(file))
  await at.answer('traces', traces, () =>
    traces.length === 0
      ? ['No row of a copy that was made for one reader stands in it.']
      : traces.map(({ request, path, found, rows }) =>
          marked(
            at.look,
            'warn',
            `${found} of ${rows} rows made for request ${request.slice(0, 12)} (${safe(path)}): ${at.typed(`candor access show ${request.slice(0, 12)}`)}`,
          ),
        ),
  )
}

async function add(at: Context, draft: string, file: string | undefined, options: AddOptions): Promise<void> {
  if (
    (file === undefined) !== (options.trail === true) ||
    (options.trail === true && options.path !== undefined)
  )
    throw usage('either a file or --trail', 'candor data-set add DRAFT FILE')
  const added =
    file === undefined
      ? await at.client.addTrail(draft)
      : await at.client.addFile(
          draft,
          { path: options.path ?? basename(file), bytes: sizeOf(file) },
          createReadStream(file),
        )
  await at.answer('file', added, () => [
    marked(
      at.look,
      'ok',
      `${safe(added.path)}, ${added.bytes} bytes, is in the vault and named in the draft`,
    ),
    `  digest ${added.digest ?? ''}`,
    `  root   ${added.root ?? ''}`,
    faint(
      at.look,
      `  it leaves only under a grant, to one reader${file === undefined ? '' : '; the file you gave stays where it is'}`,
    ),
  ])
}

function sizeOf(file: string): number {
  try {
    const found = statSync(file)
    if (found.isFile()) return found.size
  } catch (error) {
    throw new NodeError('IO_FAILED', `${safe(file)} cannot be read`, { cause: error })
  }
  throw new NodeError('BAD_INPUT', `${safe(file)} is no file`)
}

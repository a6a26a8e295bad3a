/**
 * Handing data out: a data set from one process to another over `blob/1`, both ends encrypted on disk (`disclose.dataset`),
 * paired in the same run with a bare libp2p stream between two such processes; and redactions of parts of 10 to 1,000
 * items (`redaction.prove`, `redaction.verify`); and one part asked for and verified (`disclose.request`). `--bytes N` (1 GiB),
 * `--runs N` (3), `--requests N` (100), `--json`.
 */
import '../node/runtime.ts'
import { benchDataSet } from './data-set.ts'
import { benchRedaction } from './redaction.ts'
import { benchRequest } from './request.ts'
import { option, printMachine } from './report.ts'

const bytes = option('bytes', 2 ** 30)
const runs = option('runs', 3)
const requests = option('requests', 100)

if (process.argv[2] === 'holder') {
  const { holdDataSet } = await import('./data-set-holder.ts')
  await holdDataSet(JSON.parse(process.argv[3] ?? ''))
} else if (process.argv[2] === 'reader') {
  const { readDataSet } = await import('./data-set-reader.ts')
  await readDataSet(JSON.parse(process.argv[3] ?? ''))
} else {
  printMachine()
  benchRedaction()
  await benchRequest(requests)
  await benchDataSet(bytes, runs)
  process.exit(0)
}

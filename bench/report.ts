/** What every bench prints: medians and ratios of one run, as text and, with --json, as lines of JSON. */
import { arch, cpus, totalmem } from 'node:os'

export type Figure = {
  readonly name: string
  readonly unit: string
  /** What one measurement was of, such as records. */
  readonly n: number
  readonly values: readonly number[]
  /** Median of the baseline of the same run; the figure's ratio is to it. */
  readonly baseline?: number
}

const isJson = process.argv.includes('--json')

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN
}

export function print(figure: Figure): void {
  const { name, unit, n, values, baseline } = figure
  const middle = median(values)
  const p99 = quantile(values, 0.99)
  const ratio = baseline === undefined ? undefined : Number((middle / baseline).toFixed(2))
  const line = {
    name,
    unit,
    n,
    median: round(middle),
    p99: round(p99),
    ...(ratio === undefined ? {} : { ratio }),
  }
  if (isJson) {
    console.log(JSON.stringify(line))
    return
  }
  const range = `${round(Math.min(...values))} – ${round(Math.max(...values))}`
  const against = ratio === undefined ? '' : `   ${ratio} × the baseline of this run`
  console.log(
    `${name.padEnd(28)} ${String(round(middle)).padStart(10)} ${unit.padEnd(10)} (${range}, ${values.length} runs of ${n})${against}`,
  )
}

export function printMachine(): void {
  if (isJson) return
  const memory = Math.round(totalmem() / 2 ** 30)
  console.log(
    `Node ${process.version}, ${cpus().length} cores ${arch()}, ${memory} GiB; medians, in one run\n`,
  )
}

/** The value of `--name N`, or what stands for it. */
export function option(name: string, otherwise: number): number {
  const at = process.argv.indexOf(`--${name}`)
  const value = at === -1 ? otherwise : Number(process.argv[at + 1])
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name} takes a whole number`)
  return value
}

function round(value: number): number {
  return value >= 100 ? Math.round(value) : Number(value.toFixed(2))
}

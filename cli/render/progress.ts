/** How far something has come: a bar with its rate and the time left for a terminal, the same in words elsewhere. */
import { cellsIn, fit } from '../look.ts'
import { safe } from '../safe.ts'

export type Reached = {
  /** Of what the entries are, such as the member whose log it is. */
  readonly what: string
  readonly done: number
  readonly of: number
  /** Entries that were done in `elapsedMs`: what was done before does not count for the rate. */
  readonly lately: number
  readonly elapsedMs: number
}

/** Cells of a bar: narrow terminals have half of it, and none is wider than helps. */
const CELLS_MAX = 32
const CELLS_MIN = 8

/** Before this a rate says more about how things began than about how they go on. */
const RATE_FROM_MS = 500

/** One line of at most `columns` cells. Where it is narrow the bar shrinks first; then the rate goes, and the count before the time left. */
export function progressBar(reached: Reached, columns: number): string {
  const share = shareOf(reached)
  const [name, percent] = [safe(reached.what), `${Math.floor(share * 100)}`.padStart(3)]
  const [count, [rate, left]] = [countText(reached), pace(reached)]
  const most = Math.max(CELLS_MIN, Math.min(CELLS_MAX, Math.floor(columns / 4)))
  const line = (cells: number, words: readonly (string | undefined)[]) => {
    const filled = Math.floor(share * cells)
    const bar = `[${'█'.repeat(filled)}${'░'.repeat(cells - filled)}]`
    return [`${name} ${bar} ${percent} %`, ...words.filter((word) => word !== undefined)].join('  ')
  }
  for (const words of [[count, rate, left], [count, left], [left ?? count], []]) {
    const cells = Math.min(most, columns - cellsIn(line(0, words)))
    if (cells >= CELLS_MIN) return line(cells, words)
  }
  return fit({ colour: false, width: columns }, line(CELLS_MIN, []))
}

export function progressLine(reached: Reached): string {
  const { what } = reached
  const pacing = pace(reached)
  return `${safe(what)}: ${countText(reached)}${pacing.length === 0 ? '' : ` (${pacing.join(', ')})`}`
}

function countText({ done, of }: Reached): string {
  return `${done} of ${of} entries`
}

/** What a log has grown by meanwhile is never more than all of it. */
function shareOf({ done, of }: Reached): number {
  return of <= 0 ? 0 : Math.min(1, Math.max(0, done / of))
}

function pace({ done, of, lately, elapsedMs }: Reached): readonly string[] {
  if (lately <= 0 || elapsedMs < RATE_FROM_MS) return []
  const perMs = lately / elapsedMs
  const leftMs = Math.max(0, of - done) / perMs
  return [`${Math.round(perMs * 1_000)}/s`, `${durationText(leftMs)} left`]
}

function durationText(ms: number): string {
  const seconds = Math.ceil(ms / 1_000)
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60]
  const two = (value: number) => String(value).padStart(2, '0')
  const rest = `${two(minutes)}:${two(seconds % 60)}`
  return hours === 0 ? rest.replace(/^0/, '') : `${hours}:${rest}`
}

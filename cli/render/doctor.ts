/** A diagnosis as text, written for somebody who was woken by it. */
import type { Damaged, Diagnosis, Mended } from '../commands/doctor.ts'
import { counted, heading, marked, type Look } from '../look.ts'
import { safe } from '../safe.ts'

/** Damages shown of all; `--json` has them. */
const DAMAGES_SHOWN = 12

type Typed = (command: string) => string

export function renderDoctor(look: Look, diagnosis: Diagnosis, typed: Typed): readonly string[] {
  const { examined, store, damaged, mended } = diagnosis
  return [
    ...examined.flatMap(({ what, state, says, fix }) => [
      marked(look, state, `${what.padEnd(12)}${safe(says)}`),
      ...(fix === undefined || state === 'ok' ? [] : [`    Next: ${typed(safe(fix))}`]),
    ]),
    ...(store === undefined ? [] : [storeLine(look, store, damaged)]),
    ...damaged.slice(0, DAMAGES_SHOWN).map((one) => `    ${damageLine(one)}`),
    ...(damaged.length > DAMAGES_SHOWN
      ? [`    … and ${damaged.length - DAMAGES_SHOWN} more (--json shows them)`]
      : []),
    ...(mended === undefined
      ? whatNext(look, damaged, typed)
      : mended.flatMap((one) => mendedLines(look, one, typed))),
  ]
}

function storeLine(look: Look, store: NonNullable<Diagnosis['store']>, damaged: readonly Damaged[]): string {
  const read = `${counted(store.logs, 'log')}, ${counted(store.entries, 'entry').replace('entrys', 'entries')} read again`
  return damaged.length === 0
    ? marked(look, 'ok', `${'store'.padEnd(12)}${read}: entries, tiles, parts, heads and index are whole`)
    : marked(look, 'fail', `${'store'.padEnd(12)}${read}: ${counted(damaged.length, 'thing')} damaged`)
}

const THINGS: Readonly<Record<Damaged['what'], string>> = {
  log: 'the log',
  entry: 'entry',
  tile: 'the hash tile at entry',
  part: 'the public part of entry',
  head: 'the signed head',
  row: 'the index row of entry',
  sealed: 'sealed',
  cosignature: 'cosignatures',
  cosigner: 'cosigner',
}

function damageLine({ origin, what, index, why }: Damaged): string {
  const place = index === undefined ? '' : ` ${index}`
  return `${safe(origin.split('/')[0] ?? '')}: ${THINGS[what]}${place}: ${safe(why)}`
}

function whatNext(look: Look, damaged: readonly Damaged[], typed: Typed): readonly string[] {
  const isMendable = damaged.some(({ what }) => what !== 'sealed')
  if (!isMendable) return []
  return [
    heading(look, 'Nothing damaged is served or signed on. Other members may hold what is right:'),
    `    Next: ${typed('candor doctor --repair')}`,
  ]
}

function mendedLines(look: Look, one: Mended, typed: Typed): readonly string[] {
  if (one.event === 'given-up') {
    const says = `our ${one.role} key states nothing more: what it stated last is not known here`
    return [marked(look, 'warn', says), `    Next: ${typed(safe(one.fix))}`]
  }
  const name = safe(one.origin.split('/')[0] ?? '')
  if (one.event === 'repaired') {
    const from =
      one.fetched === 0 ? 'from what is stored here' : `${one.fetched} entries fetched from other members`
    return [
      marked(look, 'ok', `${name}: whole again, ${one.size} entries, proven under the signed head; ${from}`),
    ]
  }
  return [
    marked(look, 'fail', `${name}: still damaged: ${safe(one.why)}`),
    ...(one.fix === undefined ? [] : [`    Next: ${typed(safe(one.fix))}`]),
  ]
}

/** What the demo says when it is ready: who is there, and what to type next. */
import { relative } from 'node:path'
import { quoted } from '../context.ts'
import { faint, heading, type Look } from '../look.ts'
import { safe } from '../safe.ts'

export type DemoReady = {
  readonly members: readonly { readonly domain: string; readonly name: string; readonly home: string }[]
  readonly records: number
  /** A record of the first member. */
  readonly example?: string
  readonly ms: number
}

export function renderDemo(look: Look, invocation: string, ready: DemoReady): readonly string[] {
  const { members, records, example, ms } = ready
  const homes = members.map(({ home }) => quoted(shortest(home)))
  const [first = '', second = first, third = second] = homes
  const widest = Math.max(0, ...members.map(({ name }) => name.length))
  const typed = (home: string, words: string) => `  ${invocation} --home ${home} ${words}`
  const id = example === undefined ? [] : [typed(third, `show ${example.slice(0, 10)}`)]
  const verifyId = example === undefined ? [] : [typed(third, `verify ${example.slice(0, 10)}`)]
  return [
    heading(look, `Demo coalition (synthetic data) ready in ${(ms / 1_000).toFixed(1)} s`),
    ...members.map(({ name, domain }) => `  ${safe(name).padEnd(widest)}  ${faint(look, safe(domain))}`),
    `${records} records; every member holds all of them, checked.`,
    '',
    heading(look, 'Try in another terminal:'),
    typed(first, 'status'),
    typed(second, "search 'morphine dose'"),
    typed(second, 'list --kind near_miss --sector health'),
    ...id,
    ...verifyId,
    typed(third, 'verify --all'),
    typed(first, 'report --near-miss'),
    '',
    faint(look, 'Ctrl-C stops all three.'),
  ]
}

function shortest(path: string): string {
  const near = relative(process.cwd(), path)
  return near.length < path.length && !near.startsWith('..') ? near : path
}

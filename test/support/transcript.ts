/** The sessions in docs/cli: read from Markdown, run in one shell a file, compared with what the page shows. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'

export type Step = {
  readonly command: string
  readonly expected: readonly string[]
  readonly exit: number
  readonly line: number
}

/** A session that takes longer hangs. The longest has some fifty commands, each a process, on machines that do other work too. */
const SESSION_MS_MAX = 200_000

/** The commands of every ```console block, each with the output and the exit code that the page shows. */
export function readSteps(markdown: string): readonly Step[] {
  const steps: { command: string; expected: string[]; exit: number; line: number }[] = []
  let isConsole = false
  for (const [at, line] of markdown.split('\n').entries()) {
    const step = steps.at(-1)
    if (line.startsWith('```')) isConsole = !isConsole && line === '```console'
    else if (!isConsole) continue
    else if (line.startsWith('$ ')) {
      const [, command = '', exit = '0'] = /^\$ (.*?)(?:\s+# exit (\d+))?$/.exec(line) ?? []
      steps.push({ command, expected: [], exit: Number(exit), line: at + 1 })
    } else if (line.startsWith('> ') && step !== undefined && step.expected.length === 0)
      step.command += `\n${line.slice(2)}`
    else step?.expected.push(line)
  }
  return steps
}

/** `…` on a line of its own stands for any lines, none included; within a line for any text. Else all must be equal. */
export function matches(expected: readonly string[], actual: readonly string[]): boolean {
  const [first, ...rest] = expected
  if (first === undefined) return actual.length === 0
  if (first.trim() === '…')
    return Array.from({ length: actual.length + 1 }, (_, skipped) => skipped).some((skipped) =>
      matches(rest, actual.slice(skipped)),
    )
  const [line, ...others] = actual
  return line !== undefined && matchesLine(first, line) && matches(rest, others)
}

function matchesLine(expected: string, actual: string): boolean {
  const escaped = expected.split('…').map((text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
  return new RegExp(`^${escaped.join('.*')}$`, 'u').test(actual)
}

export type Outcome = { readonly output: readonly string[]; readonly exit: number }

/** Runs the steps in one shell, so that variables last, and answers with what each of them said. */
export async function runSteps(
  steps: readonly Step[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<readonly Outcome[]> {
  const mark = randomBytes(8).toString('hex')
  const script = steps.map(({ command }) => `${command}\nprintf '\\n${mark} %s\\n' "$?"`).join('\n')
  const child = spawn('bash', ['--noprofile', '--norc', '-c', `exec 2>&1\n${script}`], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: SESSION_MS_MAX,
  })
  let said = ''
  for await (const text of child.stdout.setEncoding('utf8')) said += String(text)
  return said
    .split(new RegExp(`\\n${mark} (\\d+)\\n`))
    .flatMap((text, at, all) =>
      at % 2 === 1 ? [{ exit: Number(text), output: linesOf(all[at - 1] ?? '') }] : [],
    )
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n')
}

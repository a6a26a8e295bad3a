#!/usr/bin/env node
/**
 * `candor`: arguments in, text and an exit code out. It asks the node over its socket, never opens the database
 * and never calls `process.exit`, which would cut what a pipe has not taken yet.
 */
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { endQuietlyOnClosedPipe, type Io } from './io.ts'
import { run } from './run.ts'

// Node takes even an empty FORCE_COLOR for a yes and warns about it; ours are read in `io.ts`.
const env = { ...process.env }
delete process.env['FORCE_COLOR']

const { stdin, stdout, stderr } = process
const gone = new AbortController()
const io: Io = { stdin, stdout, stderr, env, gone: gone.signal }
endQuietlyOnClosedPipe(io, () => gone.abort())

process.exitCode = await run(process.argv.slice(2), io, invocation())

/** How a person would start this file from where they are. */
function invocation(): string {
  const [, script = ''] = process.argv
  if (!script.endsWith('main.js')) return 'candor'
  return `node ${relative(process.cwd(), fileURLToPath(import.meta.url))}`
}

/** What a doctor sees of a home without opening it: files, permissions, disk and clock. */
import { existsSync, readdirSync, readFileSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf } from './files.ts'
import { readEvent } from './spawn-node.ts'

export type Examined = {
  readonly what: string
  readonly state: 'ok' | 'warn' | 'fail'
  readonly says: string
  /** What to type. */
  readonly fix?: string
}

/** Below this a node stops soon, and below the smaller it has no room for one log file of its database. */
const SPACE_WARN = 2 * 1024 ** 3
const SPACE_FAIL = 64 * 1024 ** 2

/** A clock that is behind what was written here lately goes wrong, or was set back. */
const CLOCK_SLACK_MS = 120_000

/** No node ran before this day. */
const EARLIEST_MS = Date.UTC(2026, 0, 1)

const FILES = ['member.candor', 'charter.candor', 'candor.json'] as const

export function examineHome(home: string, now: number): readonly Examined[] {
  if (!existsSync(home)) {
    return [{ what: 'home', state: 'fail', says: `there is none in ${home}`, fix: 'candor init' }]
  }
  return [examineFiles(home), ...examinePermissions(home), examineSpace(home), examineClock(home, now)]
}

function examineFiles(home: string): Examined {
  const missing = FILES.filter((name) => !existsSync(join(home, name)))
  const keys = existsSync(join(home, 'keys')) && readdirSync(join(home, 'keys')).length > 0
  if (missing.length === 0 && keys) return { what: 'home', state: 'ok', says: home }
  const lost = [...missing, ...(keys ? [] : ['keys/'])].join(', ')
  return {
    what: 'home',
    state: 'fail',
    says: `${home} lacks ${lost}`,
    fix: 'restore them from a backup (docs/operations/backup.md)',
  }
}

/** Nobody else may read the keys or speak to the node. */
function examinePermissions(home: string): readonly Examined[] {
  const open = ['.', 'keys', 'api.sock'].filter((name) => modeOf(join(home, name)) & 0o077)
  const keyFiles = namesIn(join(home, 'keys')).filter((name) => modeOf(join(home, 'keys', name)) & 0o077)
  const wrong = [...open, ...keyFiles.map((name) => `keys/${name}`)]
  if (wrong.length === 0)
    return [{ what: 'permissions', state: 'ok', says: 'only their owner may read the keys' }]
  const says = `others may read ${wrong.join(', ')}`
  const isKeys = wrong.some((name) => name.startsWith('keys'))
  return [{ what: 'permissions', state: isKeys ? 'fail' : 'warn', says, fix: `chmod -R go-rwx ${home}` }]
}

function examineSpace(home: string): Examined {
  const { bavail, bsize } = statfsSync(home)
  const free = bavail * bsize
  const says = `${(free / 1024 ** 3).toFixed(1)} GiB free`
  const state = free < SPACE_FAIL ? 'fail' : free < SPACE_WARN ? 'warn' : 'ok'
  return { what: 'disk', state, says, ...(state === 'ok' ? {} : { fix: 'free some space, then: candor up' }) }
}

function examineClock(home: string, now: number): Examined {
  const newest = Math.max(
    ...['db', '.', 'keys'].flatMap((name) =>
      [join(home, name)].filter(existsSync).map((path) => statSync(path).mtimeMs),
    ),
  )
  if (now >= EARLIEST_MS && newest <= now + CLOCK_SLACK_MS)
    return { what: 'clock', state: 'ok', says: new Date(now).toISOString() }
  const says = `${new Date(now).toISOString()} is before ${new Date(newest).toISOString()}, when this home was last written`
  return {
    what: 'clock',
    state: 'warn',
    says,
    fix: 'set the clock (timedatectl), then: candor down, candor up',
  }
}

/** Why the node ended last time, from the log that `up --detach` keeps. */
export function lastFailure(home: string): { readonly code: string; readonly message: string } | undefined {
  try {
    const lines = readFileSync(join(home, 'node.log'), 'utf8').trimEnd().split('\n')
    const last = lines
      .map(readEvent)
      .findLast((event) => event?.event === 'failed' || event?.event === 'ready')
    if (last?.event !== 'failed') return undefined
    return { code: String(last['code']), message: String(last['message']) }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

function modeOf(path: string): number {
  return existsSync(path) ? statSync(path).mode : 0
}

function namesIn(directory: string): readonly string[] {
  return existsSync(directory) ? readdirSync(directory) : []
}

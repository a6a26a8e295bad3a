/** What an operator says of the witness over HTTP: where it listens, and the logs that it knows. */
import { isIP } from 'node:net'
import { isAbsolute, join } from 'node:path'
import { POLICY_BYTES_MAX } from '../protocol/limits.ts'
import { parseKnownLogs, type KnownLogsFault } from '../protocol/log/foreign.ts'
import type { PolicyLog } from '../protocol/log/policy.ts'
import { NodeError } from './errors.ts'
import { readFileBounded } from './keys/files.ts'
import { native } from './keys/native.ts'

export type HttpListen = { readonly host: string; readonly port: number }

/** `127.0.0.1:8090` or `[::1]:8090`. */
export function parseHttpListen(text: string): HttpListen | undefined {
  const [, six, four, digits] = /^(?:\[([0-9a-f:]+)\]|([0-9.]+)):([1-9]\d{0,4})$/.exec(text) ?? []
  const host = six ?? four ?? ''
  const port = Number(digits)
  return isIP(host) !== 0 && port <= 65_535 ? { host, port } : undefined
}

/** Reads the file of known logs; a path that is not absolute begins at the home. */
export function readForeignLogs(directory: string, file: string, networkId: string): readonly PolicyLog[] {
  const path = isAbsolute(file) ? file : join(directory, file)
  const read = parseKnownLogs(native, readFileBounded(path, POLICY_BYTES_MAX), networkId)
  if (read.ok) return read.value
  const place = read.line === 0 ? '' : `, line ${read.line}`
  throw new NodeError('CONFIGURATION', `${path}${place}: ${sentenceOf(read.fault)} (${read.fault})`)
}

function sentenceOf(fault: KnownLogsFault): string {
  if (fault === 'known-logs-coalition')
    return 'it names a log of this coalition, which is witnessed without being named'
  return 'it takes lines of the form "log VKEY", as in a C2SP trust policy'
}

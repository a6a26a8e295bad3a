/** A bundle from a file, as far as its form goes: nothing in it is judged here. */
import { NodeError } from '../node/api/client.ts'
import { parseBundleFile, type Bundle } from '../protocol/audit/bundle.ts'
import { readInput } from './files.ts'

export function readBundle(path: string): { readonly bytes: Uint8Array; readonly bundle: Bundle } {
  const bytes = readInput(path)
  const read = parseBundleFile(bytes)
  if (read.ok) return { bytes, bundle: read.value }
  throw new NodeError('BUNDLE_INVALID', `${path} is no bundle, or was altered or cut short (${read.fault})`)
}

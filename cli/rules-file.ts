/** Rules of redaction in a file of YAML. Only read here; the node checks every rule. */
import { usage } from './context.ts'
import { readInput } from './files.ts'
import { safe } from './safe.ts'

export async function readRules(path: string): Promise<unknown> {
  // Only who redacts by rules waits for it.
  const { parse } = await import('yaml')
  const text = Buffer.from(readInput(path)).toString('utf8')
  try {
    // Aliases could make a small file huge.
    return parse(text, { maxAliasCount: 0 })
  } catch {
    throw usage(`${safe(path)} is not YAML`)
  }
}

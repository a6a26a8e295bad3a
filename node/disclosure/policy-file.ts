/**
 * The policy of disclosure of this node: a YAML file in its home that people read and write. It is read again when it
 * changes; while it is missing or cannot be read nothing is allowed. Spec 06 §5.
 */
import { existsSync, statSync } from 'node:fs'
import { parse } from 'yaml'
import { limitPolicy, parsePolicy, type DisclosurePolicy } from '../../protocol/access/policy.ts'
import type { TierLimit } from '../../protocol/redaction/publication.ts'
import { NodeError } from '../errors.ts'
import { readFileBounded, writeFileDurably } from '../keys/files.ts'

const POLICY_BYTES_MAX = 262_144

/** What holds without a file: no rule, so nothing is allowed. */
export const NOTHING_ALLOWED: DisclosurePolicy = {
  v: 1,
  rules: [],
  rate: { requests: 20, seconds: 86_400 },
  longest: { partner: 365, research: 90 },
  retention: 1_826,
}

export class PolicyFile {
  private readonly path: string
  /** How deep anything may leave this node, whatever the file says. */
  private readonly limit: TierLimit
  private read: { readonly stamp: string; readonly policy: DisclosurePolicy | NodeError } | undefined

  constructor(path: string, limit: TierLimit = 'research') {
    this.path = path
    this.limit = limit
  }

  /** The policy that holds. Fails closed. */
  policy(): DisclosurePolicy {
    const found = this.current()
    return found instanceof NodeError ? NOTHING_ALLOWED : limitPolicy(found, this.limit)
  }

  /** Why nothing is allowed, when the file is there and cannot be read. */
  fault(): NodeError | undefined {
    const found = this.current()
    return found instanceof NodeError ? found : undefined
  }

  isThere(): boolean {
    return existsSync(this.path)
  }

  text(): string {
    return this.isThere() ? Buffer.from(readFileBounded(this.path, POLICY_BYTES_MAX)).toString('utf8') : ''
  }

  /** Checks a policy and puts it in force. Throws BAD_INPUT with every problem. */
  put(text: string): DisclosurePolicy {
    const policy = readPolicy(text, 'the policy')
    writeFileDurably(this.path, Buffer.from(text, 'utf8'), 0o600)
    return policy
  }

  private current(): DisclosurePolicy | NodeError {
    if (!this.isThere()) return NOTHING_ALLOWED
    const { mtimeMs, size, ino } = statSync(this.path)
    const stamp = `${mtimeMs} ${size} ${ino}`
    if (this.read?.stamp !== stamp) this.read = { stamp, policy: this.load() }
    return this.read.policy
  }

  private load(): DisclosurePolicy | NodeError {
    try {
      return readPolicy(this.text(), this.path)
    } catch (error) {
      return error instanceof NodeError
        ? error
        : new NodeError('CONFIGURATION', `${this.path} cannot be read`, { cause: error })
    }
  }
}

export function readPolicy(text: string, where: string): DisclosurePolicy {
  const read = parsePolicy(plainOf(text, where))
  if (read.ok) return read.value
  const problems = read.problems
    .slice(0, 10)
    .map(({ path, message }) => `${path === '' ? 'the file' : path} ${message}`)
  throw new NodeError('BAD_INPUT', `${where}: ${problems.join('; ')}`)
}

function plainOf(text: string, where: string): unknown {
  if (text.length > POLICY_BYTES_MAX) throw new NodeError('TOO_LARGE', `${where} is too long`)
  try {
    // Aliases could make a small file huge.
    return parse(text, { maxAliasCount: 0 })
  } catch (error) {
    throw new NodeError('BAD_INPUT', `${where} is not YAML`, { cause: error })
  }
}

/**
 * Who may publish, by name: persons whom the node knows by a token that each keeps in a file of their own. The node
 * keeps only digests. Where the file names somebody, nobody else publishes. Spec 06 §14.
 *
 * It binds people who work through the node. Whoever holds the node's account can write this file, too.
 */
import { existsSync } from 'node:fs'
import * as v from 'valibot'
import { printHex } from '../../protocol/bytes.ts'
import { NodeError } from '../errors.ts'
import { readFileBounded, writeFileDurably } from '../keys/files.ts'
import { native } from '../keys/native.ts'
import type { Random } from '../ports.ts'

const OPERATORS_MAX = 256
const OPERATORS_BYTES_MAX = 65_536
const TOKEN_BYTES = 32
/** Says what it is wherever it turns up, so that linters find it. */
const TOKEN_PREFIX = 'candor_op_'
const DAY_SECONDS = 86_400

export const OPERATOR_NAME = /^[\p{L}\p{N}][\p{L}\p{N}.@ -]{0,63}$/u

const OperatorSchema = v.strictObject({
  name: v.pipe(v.string(), v.regex(OPERATOR_NAME)),
  role: v.pipe(v.string(), v.nonEmpty(), v.maxLength(64)),
  /** SHA-256 of the token, in hexadecimal. */
  token: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  /** Seconds since 1970 from which the token opens nothing. */
  until: v.pipe(v.number(), v.safeInteger()),
})

const OperatorsSchema = v.strictObject({
  v: v.literal(1),
  operators: v.pipe(
    v.array(OperatorSchema),
    v.maxLength(OPERATORS_MAX),
    v.check((all) => new Set(all.map(({ name }) => name)).size === all.length, 'each name stands once'),
  ),
})

export type Operator = v.InferOutput<typeof OperatorSchema>

export function readOperators(path: string): readonly Operator[] {
  if (!existsSync(path)) return []
  const text = Buffer.from(readFileBounded(path, OPERATORS_BYTES_MAX)).toString('utf8')
  const read = v.safeParse(OperatorsSchema, parseJson(text, path))
  if (read.success) return read.output.operators
  const [issue] = read.issues
  throw new NodeError('CONFIGURATION', `${path}: ${v.getDotPath(issue) ?? 'the file'} is not as it must be`)
}

/** Names a person and answers with their token, which is kept nowhere. */
export function addOperator(
  path: string,
  { name, role, days }: { readonly name: string; readonly role: string; readonly days: number },
  { random, now }: { readonly random: Random; readonly now: number },
): string {
  const known = readOperators(path)
  if (known.some((one) => one.name === name))
    throw new NodeError('CONFLICT', 'an operator of this name is there already', {
      fix: 'candor operator list',
    })
  if (known.length >= OPERATORS_MAX) throw new NodeError('USAGE', `a node names ${OPERATORS_MAX} operators`)
  const token = `${TOKEN_PREFIX}${Buffer.from(random.bytes(TOKEN_BYTES)).toString('base64url')}`
  const until = Math.floor(now / 1_000) + days * DAY_SECONDS
  write(path, [...known, { name, role, token: digestOf(token), until }])
  return token
}

export function removeOperator(path: string, name: string): void {
  const known = readOperators(path)
  const rest = known.filter((one) => one.name !== name)
  if (rest.length === known.length)
    throw new NodeError('NOT_FOUND', 'no operator has this name', { fix: 'candor operator list' })
  write(path, rest)
}

/** Whose token it is. Throws NOT_ALLOWED for one that is unknown or has ended. */
export function operatorOf(operators: readonly Operator[], token: string, now: number): Operator {
  const digest = digestOf(token)
  const found = operators.find((one) => one.token === digest)
  if (found === undefined) throw new NodeError('NOT_ALLOWED', 'this token is nobody’s here')
  if (found.until * 1_000 <= now)
    throw new NodeError('NOT_ALLOWED', 'this token has ended', {
      fix: 'candor operator add NAME --role ROLE',
    })
  return found
}

function write(path: string, operators: readonly Operator[]): void {
  writeFileDurably(path, Buffer.from(`${JSON.stringify({ v: 1, operators }, undefined, 2)}\n`), 0o600)
}

function digestOf(token: string): string {
  return printHex(native.sha256(Buffer.from(token, 'utf8')))
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new NodeError('CONFIGURATION', `${path} is not JSON`, { cause: error })
  }
}

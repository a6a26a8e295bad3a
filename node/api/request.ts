/** What requests may say, whole: an unknown or malformed parameter refuses the request and changes nothing. */
import type { Context } from 'hono'
import * as v from 'valibot'
import { TIERS } from '../../protocol/codec/part.ts'
import { NodeError } from '../errors.ts'

/** Bytes of a JSON body: three tiers of one draft and room for quoting. */
const JSON_BYTES_MAX = 4 * 1024 * 1024

/** Records in one page of a list. */
const PAGE_MAX = 1_000
const PAGE_DEFAULT = 50

/** Entries asked for at once. Fewer come when they are long. */
export const ENTRIES_MAX = 1_024

/** Seconds a publication may wait: a week. */
const HOLD_SECONDS_MAX = 604_800

/** Places at which somebody said yes to the linter, at once. */
const CONFIRMED_MAX = 10_000

/** Characters of an operator's token. */
const TOKEN_LENGTH_MAX = 256

const Text = v.pipe(v.string(), v.minLength(1), v.maxLength(400))
const Day = v.pipe(
  v.string(),
  v.regex(/^\d{4}(?:-\d{2}(?:-\d{2})?)?$/, 'must be YYYY, YYYY-MM or YYYY-MM-DD'),
)
const Count = v.pipe(
  v.string(),
  v.regex(/^(?:0|[1-9]\d{0,15})$/, 'must be a whole number'),
  v.transform(Number),
  v.safeInteger('must be a whole number up to 2^53 − 1'),
)
const Switch = v.pipe(
  v.picklist(['true', 'false'], 'must be true or false'),
  v.transform((text) => text === 'true'),
)

const FILTER = {
  kind: v.exactOptional(Text),
  sector: v.exactOptional(Text),
  harm: v.exactOptional(Text),
  from: v.exactOptional(Day),
  to: v.exactOptional(Day),
  text: v.exactOptional(Text),
  author: v.exactOptional(Text),
  status: v.exactOptional(Text),
}

export const Filter = v.strictObject(FILTER)
export const Listing = v.strictObject({
  ...FILTER,
  limit: v.optional(v.pipe(Count, v.minValue(1), v.maxValue(PAGE_MAX)), String(PAGE_DEFAULT)),
  cursor: v.exactOptional(Text),
})
export const None = v.strictObject({})
export const ByAuthor = v.strictObject({ author: v.exactOptional(Text) })
export const OfLog = v.strictObject({ origin: v.exactOptional(Text) })
export const Range = v.strictObject({
  origin: v.exactOptional(Text),
  from: Count,
  count: v.pipe(Count, v.minValue(1), v.maxValue(ENTRIES_MAX)),
})
export const Inclusion = v.strictObject({
  origin: v.exactOptional(Text),
  index: Count,
  size: v.exactOptional(Count),
})
export const Consistency = v.strictObject({ origin: v.exactOptional(Text), from: Count, to: Count })
export const Proof = v.strictObject({ checkOnly: v.optional(Switch, 'false') })
export const Import = v.strictObject({
  publish: v.optional(Switch, 'false'),
  dryRun: v.optional(Switch, 'false'),
})
export const ImportFormat = v.picklist(['avid', 'atlas', 'aiid'], 'must be avid, atlas or aiid')

const Document = v.record(v.string(), v.unknown())
export const Content = v.strictObject({
  kind: v.pipe(v.string(), v.regex(/^[a-z][a-z-]{0,31}$/, 'must be the kind of a statement')),
  public: Document,
  partner: v.exactOptional(Document),
  research: v.exactOptional(Document),
})
const Short = v.pipe(v.string(), v.maxLength(400))
export const Suppressing = v.strictObject({
  rule: Short,
  tier: v.picklist(TIERS, 'must be a tier'),
  path: Short,
  reason: v.pipe(v.string(), v.maxLength(2_000)),
  by: Short,
})
const TierName = v.picklist(TIERS, 'must be a tier')
const Confirmed = v.pipe(
  v.array(v.strictObject({ rule: Short, tier: TierName, path: Short })),
  v.maxLength(CONFIRMED_MAX),
)
export const Approving = v.strictObject({ confirmed: Confirmed })
export const Publication = v.strictObject({
  holdSeconds: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(HOLD_SECONDS_MAX))),
  tier: v.exactOptional(TierName),
  confirmed: v.exactOptional(Confirmed),
  by: v.exactOptional(Short),
})

/** The token of the operator who asks, where one came. */
export function tokenOf(c: Context): string | undefined {
  const given = c.req.header('authorization')
  if (given === undefined) return undefined
  const token = /^Bearer ([\w-]+)$/.exec(given)?.[1]
  if (token === undefined || token.length > TOKEN_LENGTH_MAX) throw new NodeError('USAGE', 'this is no token')
  return token
}

/** Checks a value whole, or says what is wrong where. */
export function checked<S extends v.GenericSchema>(schema: S, value: unknown): v.InferOutput<S> {
  const read = v.safeParse(schema, value)
  if (read.success) return read.output
  const lines = read.issues
    .slice(0, 10)
    .map((issue) => `${v.getDotPath(issue) ?? 'request'}: ${messageOf(issue)}`)
  throw new NodeError('USAGE', lines.join('; '))
}

/** The query, each parameter at most once. */
export function queryOf<S extends v.GenericSchema>(c: Context, schema: S): v.InferOutput<S> {
  const query = Object.entries(c.req.queries())
  const repeated = query.find(([, values]) => values.length > 1)
  if (repeated !== undefined)
    throw new NodeError('USAGE', `the parameter ${printable(repeated[0])} stands twice`)
  return checked(schema, Object.fromEntries(query.map(([name, [value]]) => [name, value])))
}

/** The JSON body, bounded before it is read. */
export async function bodyOf<S extends v.GenericSchema>(c: Context, schema: S): Promise<v.InferOutput<S>> {
  if (!/^application\/json(?:;|$)/.test(c.req.header('content-type') ?? '')) {
    throw new NodeError('USAGE', 'the request needs a body of type application/json')
  }
  const bytes = await bytesOf(c, JSON_BYTES_MAX)
  return checked(schema, parseJson(bytes))
}

/** The body as it is, bounded before it is in memory. */
export async function bytesOf(c: Context, bytesMax: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of chunksOf(c)) {
    bytes += chunk.length
    if (bytes > bytesMax) throw new NodeError('TOO_LARGE', `the request is longer than ${bytesMax} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

export async function* chunksOf(c: Context): AsyncGenerator<Uint8Array> {
  if (c.req.raw.body === null) return
  for await (const chunk of c.req.raw.body) yield chunk
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes), refuseInherited)
  } catch (error) {
    if (error instanceof NodeError) throw error
    throw new NodeError('USAGE', 'the body is not JSON in UTF-8', { cause: error })
  }
}

/** The schemas' library passes over these names without a word; a field is stored or refused, never dropped. */
function refuseInherited(name: string, value: unknown): unknown {
  if (name in {}) throw new NodeError('USAGE', `${name} is not a field of this request`)
  return value
}

/** The library's own messages quote what was read; ours say what was expected. */
function messageOf(issue: v.BaseIssue<unknown>): string {
  if (issue.expected === 'never') return 'is not a field of this request'
  if (issue.received === 'undefined') return 'is missing'
  return issue.message.startsWith('must') ? issue.message : `must be ${issue.expected ?? 'something else'}`
}

function printable(name: string): string {
  return /^[\w-]{1,40}$/.test(name) ? name : '?'
}

/** What a bundle holds that was stated about one of its statements later. Absence shows nothing: its maker chose. */
import { equal } from '../bytes.ts'
import type { Statement } from '../codec/statement.ts'
import { parseOrigin } from '../log/checkpoint.ts'
import { isKind, KINDS } from '../record/kinds.ts'

export type LaterStatement = {
  /** Which of the proofs it is; whether it holds is said there. */
  readonly proof: number
  readonly kind: string
  /** Whether it is for its author to say: a retraction by somebody else is an opinion. */
  readonly counts: boolean
}

/** A statement where its proof says that it stands; undefined where its bytes are none. */
export type Placed = {
  readonly origin: string
  readonly index: number
  readonly leaf: Uint8Array
  readonly statement: Statement | undefined
}

export function laterThan(placed: readonly Placed[], at: number): readonly LaterStatement[] {
  const about = placed[at]
  const own = about?.statement
  if (about === undefined || own === undefined) return []
  return placed.flatMap(({ origin, index, statement }, proof): readonly LaterStatement[] => {
    if (statement === undefined) return []
    const { on, kind } = statement
    const isOn = on?.origin === about.origin && on.index === about.index && equal(on.leaf, about.leaf)
    const isAuthors = domainOf(origin) === domainOf(about.origin)
    if (isOn) return [{ proof, kind, counts: isAuthors || !isForAuthor(kind) }]
    const isNext =
      isAuthors && isVersionOf(statement, own) && (origin !== about.origin || index > about.index)
    return isNext ? [{ proof, kind: `version ${statement.version}`, counts: true }] : []
  })
}

function isVersionOf(statement: Statement, older: Statement): boolean {
  return equal(statement.record, older.record) && statement.version > older.version && statement.on === null
}

function isForAuthor(kind: string): boolean {
  // Erasures are no content of their own and have no row; they are for the author as well (DESIGN §5).
  return kind === 'erase' || (isKind(kind) && KINDS[kind].countsFrom === 'target-author')
}

function domainOf(origin: string): string {
  const read = parseOrigin(origin)
  return read.ok ? read.value.domain : origin
}

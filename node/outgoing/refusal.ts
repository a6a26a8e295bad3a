/** What a refusal of the gate says: places and never words, and what to do about it. */
import { printBase32 } from '../../protocol/bytes.ts'
import type { PublicationRefusal } from '../../protocol/redaction/publication.ts'
import { NodeError } from '../errors.ts'
import type { Draft } from '../store/drafts.ts'
import { placeOf, type Review } from './review.ts'

/** Places that are named at once; `candor check` shows all. */
const NAMED_MAX = 5

export function refusalError(
  refusal: PublicationRefusal,
  about: { readonly draft: Draft; readonly review: Review } | undefined,
): NodeError {
  const id = about === undefined ? 'DRAFT' : printBase32(about.draft.record).slice(0, 10)
  const check = { fix: `candor check ${id}` }
  const named = (places: readonly string[] = []) => shortened(places).join('; ')
  const open = (severity: 'block' | 'ask') => named(about?.review.open(severity).map(placeOf))
  switch (refusal) {
    case 'problems':
      return new NodeError(
        'BAD_INPUT',
        `the draft does not fit any more: ${named(about?.review.problems)}`,
        check,
      )
    case 'blocking':
      return new NodeError('LINT_REFUSED', `the linter found what should not leave: ${open('block')}`, check)
    case 'asking':
      return new NodeError(
        'CONFIRMATION_NEEDED',
        `is this a person, or meant to leave? ${open('ask')}`,
        check,
      )
    case 'other-tier':
      return new NodeError(
        'NOT_ALLOWED',
        'the deepest part of the draft is of another tier than --tier names',
        check,
      )
    case 'node-limit':
      return new NodeError('NOT_ALLOWED', 'this node publishes nothing so deep: publishing.maxTier', check)
    case 'no-person':
      return new NodeError('NOT_ALLOWED', 'this node names who may publish: say who you are', {
        fix: 'the same with --operator FILE, the file with your token',
      })
    case 'role-limit':
      return new NodeError('NOT_ALLOWED', 'your role publishes nothing so deep: publishing.roles', check)
    case 'second-person':
      return new NodeError(
        'CONFIRMATION_NEEDED',
        'a second operator has to approve exactly this draft first',
        {
          fix: `candor approve ${id} --operator FILE`,
        },
      )
  }
}

/** The first of these, and how many more there are. */
export function shortened(places: readonly string[]): readonly string[] {
  const rest = places.length - NAMED_MAX
  return rest > 0 ? [...places.slice(0, NAMED_MAX), `${rest} more`] : places
}

/**
 * The gate before the log: every draft passes here, at once when it is published and again when its time in the outbox
 * ends, whatever asked. It gathers what `publicationRefusal` decides on. DESIGN §6, spec 06 §12 and §14.
 */
import { equal, printBase32 } from '../../protocol/bytes.ts'
import { encode } from '../../protocol/codec/cbor.ts'
import type { Tier } from '../../protocol/codec/part.ts'
import {
  publicationRefusal,
  stricter,
  type Person,
  type PublicationRefusal,
  type TierLimit,
} from '../../protocol/redaction/publication.ts'
import { NodeError } from '../errors.ts'
import type { Configuration, Home } from '../home.ts'
import { native } from '../keys/native.ts'
import type { Clock } from '../ports.ts'
import { contentOf, type Approval, type Draft } from '../store/drafts.ts'
import { operatorOf, readOperators, type Operator } from './operators.ts'
import { deepestOf, placeOf, reviewOf, type Review } from './review.ts'

/** Places that an error names; `candor check` shows all. */
const NAMED_MAX = 5

export type OutgoingParts = {
  readonly home: Home
  readonly configuration: Configuration
  readonly clock: Clock
}

export class Outgoing {
  private readonly parts: OutgoingParts

  constructor(parts: OutgoingParts) {
    this.parts = parts
  }

  review(draft: Draft): Review {
    return reviewOf(draft, this.parts.home.blocklist)
  }

  /** The operator behind a token. Where the node names operators, whoever has none is nobody. */
  personOf(token: string | undefined): Person | undefined {
    if (token === undefined) return undefined
    return this.withLimit(operatorOf(this.operators(), token, this.parts.clock.now()))
  }

  /** The name of whoever acts: the operator's, or, where the node names none, what they call themselves. */
  nameOf(token: string | undefined, claimed: string): string {
    const person = this.personOf(token)
    if (person !== undefined) return person.name
    if (this.onlyNamed()) throw refusalError('no-person', undefined)
    return claimed
  }

  /** What an operator stands behind: exactly this content, with exactly what was let pass in it. */
  approval(draft: Draft, act: Approval['act'], { name }: Person): Approval {
    return { act, by: name, of: digestOf(draft), at: this.parts.clock.now() }
  }

  /** The approvals that still count: nobody changed what they are of, and their operators are still named. */
  standing(draft: Draft): readonly Approval[] {
    const digest = digestOf(draft)
    const names = new Set(this.operators().map(({ name }) => name))
    return (draft.approvals ?? []).filter(({ of: digested, by }) => equal(digested, digest) && names.has(by))
  }

  /** Throws while the draft may not leave. Who publishes stands in the draft. */
  admit(draft: Draft, meant?: Tier): void {
    const review = this.review(draft)
    const { maxTier = 'research', twoPersons = false } = this.parts.configuration.publishing ?? {}
    const given = this.standing(draft)
    const publishing = given.findLast(({ act }) => act === 'publish')
    const operators = new Map(this.operators().map((one) => [one.name, this.withLimit(one)]))
    const refusal = publicationRefusal({
      deepest: deepestOf(draft),
      meant,
      problems: review.problems.length,
      blocking: review.open('block').length,
      asking: review.open('ask').length,
      nodeLimit: maxTier,
      onlyNamed: operators.size > 0,
      twoPersons,
      publisher: publishing && operators.get(publishing.by),
      approvers: given.flatMap(({ by }) => operators.get(by) ?? []),
    })
    if (refusal !== undefined) throw refusalError(refusal, { draft, review })
  }

  /**
   * How deep records of a public catalogue may go to the log without having been drafts. Their words are public
   * already, so the linter has nothing to keep; limits and persons are those of every publication. Throws when none may.
   */
  importLimit(token: string | undefined): TierLimit {
    const { maxTier = 'research', twoPersons = false } = this.parts.configuration.publishing ?? {}
    const publisher = this.personOf(token)
    const refusal = publicationRefusal({
      ...NOTHING_FOUND,
      deepest: 'public',
      meant: undefined,
      nodeLimit: maxTier,
      onlyNamed: this.onlyNamed(),
      twoPersons,
      publisher,
      approvers: [],
    })
    if (refusal === 'second-person')
      throw new NodeError(
        'NOT_ALLOWED',
        'two operators stand behind what this node publishes: import drafts',
        {
          fix: 'the same without --publish',
        },
      )
    if (refusal !== undefined) throw refusalError(refusal, undefined)
    return stricter(maxTier, publisher?.limit ?? maxTier)
  }

  /** Whether only operators whom the node names may publish. */
  onlyNamed(): boolean {
    return this.parts.configuration.publishing?.twoPersons === true || this.operators().length > 0
  }

  private operators(): readonly Operator[] {
    return readOperators(this.parts.home.operators)
  }

  private withLimit({ name, role }: Operator): Person {
    const roles = this.parts.configuration.publishing?.roles ?? {}
    return { name, limit: Object.hasOwn(roles, role) ? (roles[role] ?? 'none') : 'none' }
  }
}

const NOTHING_FOUND = { problems: 0, blocking: 0, asking: 0 }

function digestOf(draft: Draft): Uint8Array {
  return native.sha256(encode(contentOf(draft)))
}

function refusalError(
  refusal: PublicationRefusal,
  about: { readonly draft: Draft; readonly review: Review } | undefined,
): NodeError {
  const id = about === undefined ? 'DRAFT' : printBase32(about.draft.record).slice(0, 10)
  const check = { fix: `candor check ${id}` }
  const named = (places: readonly string[] = []) =>
    places.slice(0, NAMED_MAX).join('; ') +
    (places.length > NAMED_MAX ? ` and ${places.length - NAMED_MAX} more` : '')
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

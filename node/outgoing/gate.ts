/**
 * The gate before the log: every draft passes here, at once when it is published and again when its time in the outbox
 * ends, whatever asked. It gathers what `publicationRefusal` decides on. DESIGN §6, spec 06 §12 and §14.
 */
import { equal } from '../../protocol/bytes.ts'
import { encode, type Value } from '../../protocol/codec/cbor.ts'
import type { Tier } from '../../protocol/codec/part.ts'
import {
  publicationRefusal,
  type Person,
  type PublicationRefusal,
} from '../../protocol/redaction/publication.ts'
import { NodeError } from '../errors.ts'
import type { Configuration, Home } from '../home.ts'
import { native } from '../keys/native.ts'
import type { Clock } from '../ports.ts'
import { contentOf, type Approval, type Draft } from '../store/drafts.ts'
import { operatorOf, readOperators, type Operator } from './operators.ts'
import { refusalError, shortened } from './refusal.ts'
import {
  deepestOf,
  linterAt,
  placeOf,
  reviewerOf,
  withAnswers,
  type Review,
  type Reviewer,
} from './review.ts'

/** What stands with a finding that asked about a record of a public catalogue, which was shown when it came in. */
const IMPORTED = 'in a public catalogue, shown when it was imported'

export type OutgoingParts = {
  readonly home: Home
  readonly configuration: Configuration
  readonly charter: { readonly networkId: string }
  readonly clock: Clock
}

/** What becomes of a record of a public catalogue: it leaves, or it is kept as a draft, and why. */
export type Looked = {
  /** With what was let pass in it and by whom, when it leaves. */
  readonly draft: Draft
  readonly kept: readonly string[]
  /** Places at which the linter asked and that went out all the same. */
  readonly asked: readonly string[]
}

export class Outgoing {
  private readonly parts: OutgoingParts

  constructor(parts: OutgoingParts) {
    this.parts = parts
  }

  review(draft: Draft): Review {
    return this.reviewer()(draft)
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
    const asking = review.open('ask').length
    const refusal = this.refusalOf(draft, { review, asking, meant })
    if (refusal !== undefined) throw refusalError(refusal, { draft, review })
  }

  private refusalOf(
    draft: Draft,
    {
      review,
      asking,
      meant,
    }: { readonly review: Review; readonly asking: number; readonly meant?: Tier | undefined },
  ): PublicationRefusal | undefined {
    const { maxTier = 'research', twoPersons = false } = this.parts.configuration.publishing ?? {}
    const given = this.standing(draft)
    const publishing = given.findLast(({ act }) => act === 'publish')
    const operators = new Map(this.operators().map((one) => [one.name, this.withLimit(one)]))
    return publicationRefusal({
      deepest: deepestOf(draft),
      meant,
      problems: review.problems.length,
      blocking: review.open('block').length,
      asking,
      nodeLimit: maxTier,
      onlyNamed: operators.size > 0,
      twoPersons,
      publisher: publishing && operators.get(publishing.by),
      approvers: given.flatMap(({ by }) => operators.get(by) ?? []),
    })
  }

  /**
   * Looks through records of a public catalogue that are to go to the log without having been drafts. What the linter
   * asks about leaves, because it is public already; what it blocks does not, because catalogues have secrets in them
   * that nobody meant to publish. Limits and persons are those of every publication. Throws when nothing may leave.
   */
  importer(token: string | undefined): (draft: Draft) => Looked {
    const person = this.importing(token)
    const reviewer = this.reviewer()
    return (draft) => {
      const review = reviewer(draft)
      const asked = review.open('ask')
      const how = { reason: IMPORTED, by: person?.name ?? 'whoever imported', at: this.parts.clock.now() }
      const answered = withAnswers(draft, asked, how)
      const next =
        person === undefined
          ? answered
          : { ...answered, approvals: [this.approval(answered, 'publish', person)] }
      const refusal = this.refusalOf(next, { review, asking: 0 })
      if (refusal === undefined) return { draft: next, kept: [], asked: shortened(asked.map(placeOf)) }
      const places = refusal === 'problems' ? review.problems : review.open('block').map(placeOf)
      return { draft, kept: places.length > 0 ? shortened(places) : [KEPT_BY_LIMIT], asked: [] }
    }
  }

  private importing(token: string | undefined): Person | undefined {
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
    return publisher
  }

  /**
   * Looks through what is said to one party alone: why something is asked for, notes with a decision, texts put in the
   * place of others. Throws when something in it blocks. What only asks passes: whoever reads it is known, and nobody
   * else does.
   */
  checkWords(words: Value): void {
    const blocking = linterAt(this.parts.home.blocklist)(words).filter(({ severity }) => severity === 'block')
    if (blocking.length === 0) return
    const places = shortened(blocking.map((found) => placeOf(found)))
    throw new NodeError('LINT_REFUSED', `the linter found what should not leave: ${places.join('; ')}`)
  }

  /** Whether only operators whom the node names may publish. */
  onlyNamed(): boolean {
    return this.parts.configuration.publishing?.twoPersons === true || this.operators().length > 0
  }

  private reviewer(): Reviewer {
    return reviewerOf(this.parts.home.blocklist, this.parts.charter.networkId)
  }

  private operators(): readonly Operator[] {
    return readOperators(this.parts.home.operators)
  }

  private withLimit({ name, role }: Operator): Person {
    const roles = this.parts.configuration.publishing?.roles ?? {}
    return { name, limit: Object.hasOwn(roles, role) ? (roles[role] ?? 'none') : 'none' }
  }
}

const KEPT_BY_LIMIT = 'deeper than this node, or whoever imports, may publish'

const NOTHING_FOUND = { problems: 0, blocking: 0, asking: 0 }

function digestOf(draft: Draft): Uint8Array {
  return native.sha256(encode(contentOf(draft)))
}

/**
 * What is sealed for a reader, and the check with which the reader believes it: it is what the entry committed to,
 * what the grant names, and an answer to the question that was asked. Spec 06 §6.
 */
import { concat, equal } from '../bytes.ts'
import { encode, parse, type Value } from '../codec/cbor.ts'
import {
  isCommitted,
  parseDisclosure,
  printDisclosure,
  verifyDisclosure,
  type DisclosureCommitmentFault,
  type DisclosureShapeFault,
} from '../codec/disclosure.ts'
import { checkWholePart, flatten, itemHash, makeItemTree } from '../codec/items.ts'
import type { Disclosure, DisclosedItem, Path } from '../codec/items.ts'
import { OPENING_BYTES, TIERS, type Tier } from '../codec/part.ts'
import { printTarget, type Entry } from '../codec/statement.ts'
import { hasKeys, isBytes, isMap } from '../codec/value.ts'
import { ITEMS_MAX } from '../limits.ts'
import { leafHash } from '../log/merkle.ts'
import type { Primitives } from '../primitives.ts'
import { parseRedaction, printRedaction, verifyRedaction } from '../redaction/redaction.ts'
import type { Redaction, RedactionFault, RedactionReport } from '../redaction/redaction.ts'
import { isCountItem } from '../redaction/count.ts'
import { fault, ok, type Result } from '../result.ts'
import { accessId, type Signed } from './signed.ts'
import type { Grant, Leaves } from './grant.ts'
import type { Request } from './request.ts'
import { unreachable } from '../assert.ts'

export type Release =
  | {
      readonly kind: 'whole'
      readonly opening: Uint8Array
      /** The tier secret: with it nothing can be withheld. */
      readonly secret: Uint8Array
      readonly document: Value
    }
  | { readonly kind: 'items'; readonly opening: Uint8Array; readonly disclosure: Disclosure }
  | { readonly kind: 'redaction'; readonly opening: Uint8Array; readonly redaction: Redaction }

export type ReleaseFault =
  | DisclosureShapeFault
  | DisclosureCommitmentFault
  | RedactionFault
  | 'release-shape'
  /** The grant is about something else. */
  | 'release-grant'
  /** Other leaves than the grant names. */
  | 'release-leaves'
  /** Not what was asked for. */
  | 'release-answer'

export function printRelease(release: Release): Uint8Array {
  const { kind, opening } = release
  switch (release.kind) {
    case 'whole':
      return encode({ v: 1, kind, opening, secret: release.secret, document: encode(release.document) })
    case 'items':
      return encode({ v: 1, kind, opening, disclosure: printDisclosure(release.disclosure) })
    case 'redaction':
      return encode({ v: 1, kind, opening, redaction: printRedaction(release.redaction) })
    default:
      return unreachable(release)
  }
}

export function parseRelease(bytes: Uint8Array): Result<Release, ReleaseFault> {
  const read = parse(bytes)
  if (!read.ok || !isMap(read.value)) return fault('release-shape')
  const { v, kind, opening, secret, document, disclosure, redaction } = read.value
  if (v !== 1 || !isBytes(opening, OPENING_BYTES)) return fault('release-shape')
  if (kind === 'whole' && hasKeys(read.value, 'v', 'kind', 'opening', 'secret', 'document')) {
    const content = document instanceof Uint8Array ? parse(document) : undefined
    if (!isBytes(secret, 32) || content?.ok !== true) return fault('release-shape')
    return ok({ kind, opening, secret, document: content.value })
  }
  if (kind === 'items' && hasKeys(read.value, 'v', 'kind', 'opening', 'disclosure')) {
    if (!(disclosure instanceof Uint8Array)) return fault('release-shape')
    const shown = parseDisclosure(disclosure)
    return shown.ok ? ok({ kind, opening, disclosure: shown.value }) : shown
  }
  if (kind === 'redaction' && hasKeys(read.value, 'v', 'kind', 'opening', 'redaction')) {
    if (!(redaction instanceof Uint8Array)) return fault('release-shape')
    const shown = parseRedaction(redaction)
    return shown.ok ? ok({ kind, opening, redaction: shown.value }) : shown
  }
  return fault('release-shape')
}

/** What a grant names of a release: the leaves of its items in the order of their places. */
export function leavesOf(primitives: Primitives, release: Release): Leaves {
  const hashes = shownHashes(primitives, release)
  return { count: hashes.length, digest: primitives.sha256(concat(...hashes)) }
}

export type Asked = {
  /** The entry that the request names. */
  readonly entry: Entry
  readonly request: Signed<Request>
  /** Its signature is checked under the owner's key in force, like that of any statement. */
  readonly grant: Signed<Grant>
}

/** What a reader may believe of a release: the items, and how complete they are. */
export type Believed =
  | { readonly kind: 'whole'; readonly document: Value }
  | { readonly kind: 'items'; readonly items: readonly DisclosedItem[] }
  | {
      readonly kind: 'redaction'
      readonly items: readonly DisclosedItem[]
      readonly report: RedactionReport
    }

export function checkRelease(
  primitives: Primitives,
  asked: Asked,
  release: Release,
): Result<Believed, ReleaseFault> {
  if (!isGrantFor(primitives, asked)) return fault('release-grant')
  const believed = believe(primitives, asked, release)
  if (!believed.ok) return believed
  const { leaves } = asked.grant.statement
  const shown = leavesOf(primitives, release)
  if (shown.count !== leaves.count || !equal(shown.digest, leaves.digest)) return fault('release-leaves')
  return answers(asked.request.statement.items, believed.value) ? believed : fault('release-answer')
}

/** Whether this is the part that the entry committed to for this tier, with nothing withheld. */
export function believeWhole(
  primitives: Primitives,
  entry: Entry,
  tier: Tier,
  { opening, secret, document }: Extract<Release, { kind: 'whole' }>,
): Result<Extract<Believed, { kind: 'whole' }>, ReleaseFault> {
  const items = flatten(document)
  if (items.length > ITEMS_MAX) return fault('items-length')
  const { content } = makeItemTree(primitives, secret, items)
  if (!isCommitted(primitives, entry, tier, { opening, content })) return fault('part-commitment')
  const whole = checkWholePart(primitives, content, secret, items)
  return whole.ok ? ok({ kind: 'whole', document }) : whole
}

function isGrantFor(primitives: Primitives, { entry, request, grant }: Asked): boolean {
  const [wanted, given] = [request.statement, grant.statement]
  const commitment = entry.statement.parts[TIERS.indexOf(wanted.tier)]
  return (
    given.network === wanted.network &&
    given.owner === wanted.owner &&
    given.tier === wanted.tier &&
    equal(given.request, accessId(primitives, request)) &&
    equal(given.to, request.keyId) &&
    equal(given.terms, wanted.terms) &&
    equal(encode(printTarget(given.on)), encode(printTarget(wanted.on))) &&
    equal(leafHash(primitives, entry.bytes), wanted.on.leaf) &&
    entry.header.issuer === wanted.on.origin &&
    commitment !== undefined &&
    equal(given.commitment, commitment)
  )
}

function believe(
  primitives: Primitives,
  { entry, request }: Asked,
  release: Release,
): Result<Believed, ReleaseFault> {
  const { tier } = request.statement
  const { opening } = release
  switch (release.kind) {
    case 'whole':
      return believeWhole(primitives, entry, tier, release)
    case 'items': {
      const { disclosure } = release
      const verified = verifyDisclosure(primitives, entry, tier, { opening, disclosure })
      return verified.ok ? ok({ kind: 'items', items: disclosure.items }) : verified
    }
    case 'redaction': {
      const { redaction } = release
      const verified = verifyRedaction(primitives, entry, tier, { opening, redaction })
      return verified.ok
        ? ok({ kind: 'redaction', items: redaction.items, report: verified.value })
        : verified
    }
    default:
      return unreachable(release)
  }
}

/** Items below the beginnings asked for, and something below each; for the whole part, the whole or a redaction. */
function answers(wanted: readonly Path[] | null, believed: Believed): boolean {
  if (wanted === null) return believed.kind !== 'items'
  if (believed.kind !== 'items') return false
  const { items } = believed
  return (
    items.every((item) => isCountItem(item) || wanted.some((start) => isBelow(item.path, start))) &&
    wanted.every((start) => items.some(({ path }) => isBelow(path, start)))
  )
}

function isBelow(path: Path, start: Path): boolean {
  return path.length >= start.length && start.every((step, index) => step === path[index])
}

function shownHashes(primitives: Primitives, release: Release): readonly Uint8Array[] {
  switch (release.kind) {
    case 'whole': {
      const { leaves } = makeItemTree(primitives, release.secret, flatten(release.document))
      return leaves.filter(({ item }) => item !== undefined).map(({ hash }) => hash)
    }
    case 'items':
      return release.disclosure.items.map((item) => itemHash(primitives, item))
    case 'redaction':
      return release.redaction.items.map((item) => itemHash(primitives, item))
    default:
      return unreachable(release)
  }
}

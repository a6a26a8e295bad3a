/**
 * Drafts and the outbox: what is not yet in the log. Sealed like everything that is not public, because a draft
 * is at its most restrictive tier until it is published. A draft's id is the record id it will have.
 */
import { encode, parse, type Value } from '../../protocol/codec/cbor.ts'
import { isBytes, isCount, isList, isMap, type MapValue } from '../../protocol/codec/value.ts'
import type { Target } from '../../protocol/codec/statement.ts'
import { NodeError } from '../errors.ts'
import type { KeyValue, Operation, Sealer } from '../ports.ts'
import { erasingRow } from './forgetting.ts'
import { after, keyOf, numberAt } from './prefixes.ts'

export type Draft = {
  /** 16 bytes: the record id. */
  readonly record: Uint8Array
  readonly version: number
  readonly kind: string
  readonly public: MapValue
  readonly partner?: MapValue
  readonly research?: MapValue
  /** Milliseconds since 1970. */
  readonly createdAt: number
  /** What it is about, for the kinds that are about an entry. */
  readonly on?: Target
  /** Findings of the linter that a person let pass. */
  readonly suppressed?: readonly Suppression[]
  /** Operators who stand behind it. */
  readonly approvals?: readonly Approval[]
}

/** One finding let pass: the rule, at which path of which tier, why, by whom, when (milliseconds since 1970). */
export type Suppression = {
  readonly rule: string
  readonly tier: string
  readonly path: string
  /** SHA-256 of the text that stood there: other words are not let pass. */
  readonly of: Uint8Array
  readonly reason: string
  readonly by: string
  readonly at: number
}

/** Somebody who stands behind a draft as it was: the digest of its content, and when (milliseconds since 1970). */
export type Approval = {
  readonly act: 'publish' | 'approve'
  readonly by: string
  /** SHA-256 of the content with what was let pass in it. */
  readonly of: Uint8Array
  readonly at: number
}

/** How a record came to be published: what stays here, sealed, when the draft has gone. */
export type PublicationTrail = Required<Pick<Draft, 'suppressed' | 'approvals'>>

/** A draft on its way: it goes into the log when its hold ends, unless it is cancelled. */
export type Held = { readonly record: Uint8Array; readonly until: number }

export class Drafts {
  private readonly store: KeyValue
  private readonly sealer: Sealer
  // Drafts that somebody is changing or publishing. Written by `alone` only.
  private readonly busy = new Set<string>()

  constructor(store: KeyValue, sealer: Sealer) {
    this.store = store
    this.sealer = sealer
  }

  putOperation(draft: Draft): Operation {
    const key = keyOf('draft', draft.record)
    return { type: 'put', key, value: this.sealer.seal(key, encode(valueOf(draft))) }
  }

  holdOperation({ record, until }: Held): Operation {
    return { type: 'put', key: keyOf('outbox', record), value: encode(until) }
  }

  /**
   * Written with the entry that a draft becomes, so that it is never in both places or in neither. Its words, and those it had
   * before, stay in the files until those are freed.
   */
  removeOperations(record: Uint8Array): readonly Operation[] {
    return [
      { type: 'del', key: keyOf('draft', record) },
      { type: 'del', key: keyOf('outbox', record) },
      // No draft stands in a log, so this names a draft.
      erasingRow('draft', 0, numberAt(record, 0, 6)),
    ]
  }

  /** What was let pass, and who stood behind it, stays on record with the entry that a draft becomes. */
  trailOperations({ record, version, suppressed = [], approvals = [] }: Draft): readonly Operation[] {
    if (suppressed.length === 0 && approvals.length === 0) return []
    const key = keyOf('publication', record, { index: version })
    return [{ type: 'put', key, value: this.sealer.seal(key, encode(trailValue({ suppressed, approvals }))) }]
  }

  /** How a version of a record came to be published. */
  async trailOf(record: Uint8Array, version: number): Promise<PublicationTrail> {
    const key = keyOf('publication', record, { index: version })
    const sealed = await this.store.get(key)
    const read = sealed === undefined ? undefined : parse(this.sealer.open(key, sealed))
    return read?.ok === true && isMap(read.value) ? trailIn(read.value) : { suppressed: [], approvals: [] }
  }

  async put(draft: Draft, beside: readonly Operation[] = []): Promise<void> {
    await this.store.batch([this.putOperation(draft), ...beside], 'durable')
  }

  async hold(held: Held): Promise<void> {
    await this.store.batch([this.holdOperation(held)], 'durable')
  }

  /**
   * One act on a draft at a time, with the draft as it stands then: nobody changes what is being published, and what
   * was published or dropped meanwhile does not come back.
   */
  async alone<T>(record: Uint8Array, act: (draft: Draft) => Promise<T>): Promise<T> {
    const name = Buffer.from(record).toString('hex')
    if (this.busy.has(name))
      throw new NodeError('CONFLICT', 'this draft is being changed or published already')
    this.busy.add(name)
    try {
      const draft = await this.get(record)
      if (draft !== undefined) return await act(draft)
    } finally {
      this.busy.delete(name)
    }
    throw new NodeError('NOT_FOUND', 'the draft is gone: published or dropped meanwhile', {
      fix: 'candor list',
    })
  }

  /** Takes a draft out of the outbox; it stays a draft. False when it was not there. */
  async cancel(record: Uint8Array): Promise<boolean> {
    const key = keyOf('outbox', record)
    if ((await this.store.get(key)) === undefined) return false
    await this.store.batch([{ type: 'del', key }], 'durable')
    return true
  }

  async remove(record: Uint8Array, beside: readonly Operation[] = []): Promise<void> {
    await this.store.batch([...this.removeOperations(record), ...beside], 'durable')
  }

  async get(record: Uint8Array): Promise<Draft | undefined> {
    const key = keyOf('draft', record)
    const sealed = await this.store.get(key)
    return sealed === undefined ? undefined : draftOf(this.sealer.open(key, sealed))
  }

  async *all(prefix: Uint8Array = new Uint8Array(0)): AsyncGenerator<Draft> {
    const start = keyOf('draft', prefix)
    for await (const [key, sealed] of this.store.iterate({ gte: start, lt: after(start) })) {
      const draft = draftOf(this.sealer.open(key, sealed))
      if (draft !== undefined) yield draft
    }
  }

  async held(): Promise<readonly Held[]> {
    const start = keyOf('outbox')
    const held: Held[] = []
    for await (const [key, value] of this.store.iterate({ gte: start, lt: after(start) })) {
      const until = parse(value)
      if (until.ok && isCount(until.value)) held.push({ record: key.slice(1), until: until.value })
    }
    return held
  }
}

/** What an approval is of: the content as it will be signed, and what was let pass in it. */
export function contentOf(draft: Draft): Value {
  return valueOf({ ...draft, approvals: [] })
}

function valueOf({ on, suppressed = [], approvals = [], ...draft }: Draft): Value {
  return {
    ...draft,
    ...(on === undefined ? {} : { on: { ...on } }),
    ...trailValue({ suppressed, approvals }),
  }
}

function trailValue({ suppressed, approvals }: PublicationTrail): MapValue {
  return {
    ...(suppressed.length === 0 ? {} : { suppressed: suppressed.map((one) => ({ ...one })) }),
    ...(approvals.length === 0 ? {} : { approvals: approvals.map((one) => ({ ...one })) }),
  }
}

function draftOf(bytes: Uint8Array): Draft | undefined {
  const read = parse(bytes)
  if (!read.ok || !isMap(read.value)) return undefined
  const { record, version, kind, createdAt, partner, research } = read.value
  const open: Value | undefined = read.value['public']
  if (!isBytes(record, 16) || !isCount(version) || typeof kind !== 'string' || !isCount(createdAt))
    return undefined
  if (!isMap(open)) return undefined
  const on = targetOf(read.value['on'])
  const { suppressed, approvals } = trailIn(read.value)
  const draft: Draft = { record, version, kind, public: open, createdAt }
  return {
    ...draft,
    ...(isMap(partner) ? { partner } : {}),
    ...(isMap(research) ? { research } : {}),
    ...(on === undefined ? {} : { on }),
    ...(suppressed.length > 0 ? { suppressed } : {}),
    ...(approvals.length > 0 ? { approvals } : {}),
  }
}

function targetOf(value: Value | undefined): Target | undefined {
  if (!isMap(value)) return undefined
  const { origin, index, leaf } = value
  return typeof origin === 'string' && isCount(index) && isBytes(leaf, 32)
    ? { origin, index, leaf }
    : undefined
}

function trailIn({ suppressed, approvals }: MapValue): PublicationTrail {
  return { suppressed: listOf(suppressed, suppressionOf), approvals: listOf(approvals, approvalOf) }
}

function listOf<T>(value: Value | undefined, read: (one: MapValue) => T | undefined): readonly T[] {
  if (!isList(value)) return []
  return value.flatMap((one) => (isMap(one) ? (read(one) ?? []) : []))
}

function suppressionOf({ rule, tier, path, of: digest, reason, by, at }: MapValue): Suppression | undefined {
  if (typeof rule !== 'string' || typeof tier !== 'string' || typeof path !== 'string') return undefined
  if (typeof reason !== 'string' || typeof by !== 'string' || !isCount(at)) return undefined
  return isBytes(digest, 32) ? { rule, tier, path, of: digest, reason, by, at } : undefined
}

function approvalOf({ act, by, of: digest, at }: MapValue): Approval | undefined {
  if ((act !== 'publish' && act !== 'approve') || typeof by !== 'string') return undefined
  return isBytes(digest, 32) && isCount(at) ? { act, by, of: digest, at } : undefined
}
